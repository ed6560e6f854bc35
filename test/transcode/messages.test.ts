/** Messages from protocol to protocol, against the codec of the service; structs of messages from and to plain JSON. */

import { describe, expect, it } from "vitest";
import { compileService, type Message } from "../../src/codec/message/service.js";
import { ApplicationError } from "../../src/errors.js";
import { parseSchema } from "../../src/schema/parse.js";
import { makeMessageTranscoder, type MessageTranscoderOptions } from "../../src/transcode/messages.js";
import { protocols } from "../support/backends.js";
import { hex } from "../support/hex.js";
import { failureFrom } from "../support/outcome.js";
import { forEachTranscoderBackend, pairsOf } from "../support/transcoders.js";

const schema = parseSchema({
  "s.thrift": `exception Lost { 1: string where }
    service Base { void rest() }
    service S extends Base { i32 add(1: i32 a, 2: i32 b = 7) throws (1: Lost lost); oneway void log(1: string line) }`,
});
const service = schema.service("S");
const Lost = schema.exception("Lost");

const MESSAGES: readonly Message[] = [
  { type: "call", name: "add", seqid: 1, args: { a: 5, b: 6 } },
  { type: "oneway", name: "log", seqid: -1, args: { line: 'x "y" 你' } },
  { type: "reply", name: "add", seqid: 2, success: 11 },
  { type: "reply", name: "add", seqid: 3, exception: new Lost({ where: "here" }) },
  { type: "reply", name: "rest", seqid: 4, success: undefined },
  { type: "exception", name: "none", seqid: 5, error: new ApplicationError(1, "no such method") },
];

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

forEachTranscoderBackend((backend) => {
  const make = (options: MessageTranscoderOptions) =>
    makeMessageTranscoder(service, { ...options, ...backend.forced }, backend.factory);

  describe.each(pairsOf(protocols))("$from to $to", ({ from, to }) => {
    const [source, target] = [from, to].map((protocol) => compileService(service, { protocol }));
    const transcoder = make({ from, to });

    it.each(MESSAGES)("converts a $type of $name", (message) => {
      expect(transcoder.convert(source.encodeMessage(message))).toEqual(target.encodeMessage(message));
    });

    it("fails at every cut as the codec of the service does", () => {
      for (const message of MESSAGES) {
        const bytes = source.encodeMessage(message);
        for (let end = 0; end < bytes.length; end++) {
          const cut = bytes.subarray(0, end);
          expect(failureFrom(() => transcoder.convert(cut))).toEqual(failureFrom(() => source.decodeMessage(cut)));
        }
      }
    });

    it("refuses bytes behind a message, and methods that the service does not have", () => {
      const bytes = source.encodeMessage(MESSAGES[0]);
      const longer = Buffer.concat([bytes, Buffer.from("x")]);
      expect(failureFrom(() => transcoder.convert(longer))).toEqual(failureFrom(() => source.decodeMessage(longer)));
      const unknown = compileService(parseSchema({ "o.thrift": "service O { void other() }" }).service("O"), {
        protocol: from,
      });
      const call = unknown.encodeMessage({ type: "call", name: "other", seqid: 1, args: {} });
      expect(() => transcoder.convert(call)).toThrow(ApplicationError);
    });
  });

  describe.each(protocols)("%s and plain JSON", (protocol) => {
    const codec = compileService(service, { protocol });
    const toJson = make({ from: protocol, to: "json" });
    const fromJson = make({ from: "json", to: protocol });

    it("has arguments, results and exceptions as objects", () => {
      const objects = MESSAGES.map(
        (message) => JSON.parse(text(toJson.convert(codec.encodeMessage(message)))) as unknown,
      );
      expect(objects).toEqual([
        { a: 5, b: 6 },
        { line: 'x "y" 你' },
        { success: 11 },
        { lost: { where: "here" } },
        {},
        { message: "no such method", type: 1 },
      ]);
    });

    it("makes messages of objects and an identity, with defaults", () => {
      const message = fromJson.convert(json({ a: 5 }), { type: "call", name: "add", seqid: 9 });
      expect(codec.decodeMessage(message)).toEqual({ type: "call", name: "add", seqid: 9, args: { a: 5, b: 7 } });
    });

    it("refuses a message without identity, a seqid of more than 32 bits, and a reply of a oneway method", () => {
      expect(() => fromJson.convert(json({}))).toThrow(TypeError);
      const seqid = 2 ** 31;
      expect(failureFrom(() => fromJson.convert(json({}), { type: "call", name: "rest", seqid })).code).toBe(
        "ERR_THRIFT_OUT_OF_RANGE",
      );
      expect(failureFrom(() => fromJson.convert(json({}), { type: "reply", name: "log", seqid: 1 })).code).toBe(
        "ERR_THRIFT_INVALID_DATA",
      );
    });
  });

  it("takes the reply of a void method as Kitex's generic servers write it", () => {
    const reply = hex`80010002 00000004 72657374 00000007 01 00000000`;
    const expected = compileService(service, { protocol: "compact" }).encodeMessage({
      type: "reply",
      name: "rest",
      seqid: 7,
      success: undefined,
    });
    expect(make({ from: "binary", to: "compact" }).convert(reply)).toEqual(expected);
    expect(text(make({ from: "binary", to: "json" }).convert(reply))).toBe("{}");
  });

  it("has no conversion from plain JSON to itself", () => {
    expect(() => make({ from: "json", to: "json" })).toThrow(RangeError);
  });
});
