import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import {
  compileService,
  type Message,
  type ServiceCodec,
  type ServiceOptions,
} from "../../src/codec/message/service.js";
import { ApplicationError } from "../../src/errors.js";
import type { LimitsOption } from "../../src/protocol/limits.js";
import { parseSchema } from "../../src/schema/parse.js";
import { backends, forEachBackend, forEachCodec, protocols } from "../support/backends.js";
import { goldenSchema } from "../support/golden.js";
import { hex, toHex } from "../support/hex.js";
import { difference, failureFrom, outcomeOf } from "../support/outcome.js";

const schema = goldenSchema();
const NotFound = schema.exception("base.NotFound");
const Refused = schema.exception("Refused");
const Unrelated = parseSchema({ "a.thrift": "exception NotFound { 1: string message }" }).exception("NotFound");

const tree = (name: string): object => ({ name, children: undefined, index: undefined, choice: undefined });

/** One of each kind, as decoders give them. */
const MESSAGES: [what: string, message: Message][] = [
  ["a call", { type: "call", name: "grow", seqid: 1, args: { seed: tree("é"), times: 3 } }],
  ["a call without arguments", { type: "call", name: "ping", seqid: -1, args: {} }],
  ["a call of an inherited method", { type: "call", name: "favourite", seqid: 2 ** 31 - 1, args: { seen: -7 } }],
  ["a oneway message", { type: "oneway", name: "forget", seqid: -(2 ** 31), args: { name: "x".repeat(300) } }],
  ["a oneway method in an ordinary call", { type: "call", name: "forget", seqid: 300, args: { name: "" } }],
  ["a reply", { type: "reply", name: "grow", seqid: 1, success: tree("root") }],
  ["a reply of 0", { type: "reply", name: "sum", seqid: 0, success: 0n }],
  ["a reply of a void method", { type: "reply", name: "ping", seqid: 7, success: undefined }],
  ["a declared exception", { type: "reply", name: "grow", seqid: 1, exception: new NotFound({ message: "no seed" }) }],
  ["another", { type: "reply", name: "grow", seqid: 1, exception: new Refused({ reason: "\ud834\udd1e" }) }],
  ["an application error", { type: "exception", name: "grow", seqid: 4, error: new ApplicationError(6, "é") }],
  ["one for an unknown method", { type: "exception", name: "no:thing", seqid: 4, error: new ApplicationError(1, "") }],
];

/** Runs what must end in an ApplicationError. */
function refusedBy(run: () => unknown): ApplicationError {
  try {
    run();
  } catch (error) {
    if (error instanceof ApplicationError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** All that one can see of a message; errors are compared by what they carry. */
function seen(message: Message): unknown {
  if (message.type === "exception") {
    return { ...message, error: [message.error.constructor, message.error.typeId, message.error.message] };
  }
  const { exception } = message as { exception?: Error };
  return exception === undefined
    ? message
    : { ...message, exception: [exception.constructor, Object.entries(exception)] };
}

/** Messages to get wrong. */
const aCall = (args: unknown): object => ({ type: "call", name: "grow", seqid: 1, args });
const aReply = (name: string, success: unknown): object => ({ type: "reply", name, seqid: 1, success });
const aThrow = (name: string, exception: unknown): object => ({ type: "reply", name, seqid: 1, exception });
const anError = (name: string, typeId: unknown, message: unknown): object => ({
  type: "exception",
  name,
  seqid: 1,
  error: { typeId, message },
});

/** A message of a service that is none of ours. */
function foreign(idl: string, options: ServiceOptions, message: Message): Uint8Array {
  return compileService(parseSchema({ "a.thrift": idl }).service("T"), options).encodeMessage(message);
}

forEachCodec((protocol, backend) => {
  const options = { protocol, backend } as const;
  const everything = (more: ServiceOptions = {}): ServiceCodec =>
    compileService(schema.service("Everything"), { ...options, ...more });

  describe("messages", () => {
    const messages = everything();

    it.each(MESSAGES)("%s is what was encoded", (_what, message) => {
      const bytes = messages.encodeMessage(message);
      expect(difference(seen(messages.decodeMessage(bytes)), seen(message))).toBeUndefined();
    });

    it.each(MESSAGES)("%s stands in one piece of memory, which may hold more", (_what, message) => {
      const bytes = messages.encodeMessage(message);
      const memory = new Uint8Array(bytes.length + 32).fill(0x5b);
      memory.set(bytes, 11);
      const view = memory.subarray(11, 11 + bytes.length);
      expect(difference(seen(messages.decodeMessage(view)), seen(message))).toBeUndefined();
      const header = messages.readHeader(view);
      expect(header).toEqual({
        type: message.type,
        name: message.name,
        seqid: message.seqid,
        bodyOffset: header.bodyOffset,
      });
      expect(messages.skipBody(view, header)).toBe(bytes.length);
    });

    it.each(MESSAGES)("%s cut short is refused, at a byte of it", (_what, message) => {
      const bytes = messages.encodeMessage(message);
      for (let end = 0; end < bytes.length; end++) {
        const { error, offset } = failureFrom(() => messages.decodeMessage(bytes.slice(0, end)));
        expect(error).toBe("DecodeError");
        expect(offset).toBeLessThanOrEqual(end);
      }
    });

    it.each(MESSAGES)("%s with a byte behind it is refused, unless that is asked for", (_what, message) => {
      const bytes = messages.encodeMessage(message);
      const longer = new Uint8Array([...bytes, 0x31]);
      expect(failureFrom(() => messages.decodeMessage(longer))).toMatchObject({
        error: "DecodeError",
        code: "ERR_THRIFT_INVALID_DATA",
        offset: bytes.length,
      });
      const lenient = everything({ trailingBytes: "ignore" });
      expect(difference(seen(lenient.decodeMessage(longer)), seen(message))).toBeUndefined();
    });

    it.each(MESSAGES)("%s is bounded as a whole by maxMessageBytes", (_what, message) => {
      const bytes = messages.encodeMessage(message);
      const decode = (maxMessageBytes: number): unknown =>
        everything({ limits: { maxMessageBytes } }).decodeMessage(bytes);
      for (const limit of [bytes.length, bytes.length + 1])
        expect(outcomeOf(() => decode(limit))).toHaveProperty("value");
      expect(failureFrom(() => decode(bytes.length - 1))).toMatchObject({ code: "ERR_THRIFT_SIZE_LIMIT", offset: 0 });
    });

    it("is written by each method alone, and read", () => {
      const grow = messages.methods.get("grow")!;
      const call = grow.encodeCall({ seed: tree("a"), times: 1 }, 9);
      expect(grow.decodeArgs(call, messages.readHeader(call))).toEqual({ seed: tree("a"), times: 1 });
      const reply = grow.encodeReply(tree("b"), 9);
      expect(grow.decodeReply(reply, messages.readHeader(reply))).toEqual({ success: tree("b") });
      const forget = messages.methods.get("forget")!.encodeCall({ name: "x" }, 9);
      expect(messages.readHeader(forget).type).toBe("oneway");
    });

    it("finds the exception of a class that is derived from the declared one", () => {
      class Lost extends NotFound {
        readonly place = "here";
      }
      const grow = messages.methods.get("grow")!;
      const reply = grow.encodeException(new Lost({ message: "x", code: 5 }), 1);
      const { exception } = grow.decodeReply(reply, messages.readHeader(reply));
      expect(exception).toBeInstanceOf(NotFound);
      expect(exception).toMatchObject({ message: "x", code: 5 });
      expect([new Lost(), new Refused(), new Unrelated(), new Error(), undefined].map((e) => grow.declares(e))).toEqual(
        [true, true, false, false, false],
      );
    });

    it("keeps the exception where a reply has a result too", () => {
      const both = parseSchema({
        "a.thrift": `exception E { 1: i32 code } service S { i32 f() throws (1: E e) }
                     struct Both { 0: i32 success, 1: E e }  service T { void f(0: i32 success, 1: E e) }`,
      });
      const forged = compileService(both.service("T"), options).encodeMessage({
        type: "call",
        name: "f",
        seqid: 1,
        args: { success: 1, e: { code: 2 } },
      });
      const honest = compileService(both.service("S"), options);
      const reply = honest.methods.get("f")!.decodeReply(forged, honest.readHeader(forged));
      expect(reply.exception).toBeInstanceOf(both.exception("E"));
      expect(reply).toMatchObject({ exception: { code: 2 } });
    });

    it("reads all of a deep reply within maxDepth, and nothing deeper", () => {
      const nested = (depth: number): object =>
        depth === 1 ? tree("x") : { ...tree("x"), children: [nested(depth - 1)] };
      const codec = everything({ limits: { maxDepth: 5 } });
      const decode = (depth: number): unknown =>
        codec.decodeMessage(messages.encodeMessage({ type: "reply", name: "grow", seqid: 1, success: nested(depth) }));
      // The struct of the reply counts too.
      expect(outcomeOf(() => decode(4))).toHaveProperty("value");
      expect(failureFrom(() => decode(5))).toMatchObject({
        code: "ERR_THRIFT_DEPTH_LIMIT",
        path: `Everything.grow result.success${".children[0]".repeat(4)}`,
      });
    });

    it("is not disturbed by a getter that encodes another message meanwhile", () => {
      const ping: Message = { type: "call", name: "ping", seqid: 2, args: {} };
      let inner: Uint8Array | undefined;
      const seed = {
        get name() {
          inner = messages.encodeMessage(ping);
          return "root";
        },
      };
      const outer = messages.encodeMessage({ type: "call", name: "grow", seqid: 1, args: { seed, times: 1 } });
      const plain = messages.encodeMessage({
        type: "call",
        name: "grow",
        seqid: 1,
        args: { seed: tree("root"), times: 1 },
      });
      expect(toHex(outer)).toBe(toHex(plain));
      expect(toHex(inner!)).toBe(toHex(messages.encodeMessage(ping)));
    });

    it("carries methods whose names mean something to JavaScript", () => {
      const odd = compileService(
        parseSchema({
          "a.thrift":
            "service S { i32 __proto__(1: i32 __proto__) i32 constructor() i32 then() i32 toString(1: i32 x) }",
        }).service("S"),
        options,
      );
      expect([...odd.methods.keys()]).toEqual(["__proto__", "constructor", "then", "toString"]);
      for (const name of odd.methods.keys()) {
        const reply: Message = { type: "reply", name, seqid: 1, success: 5 };
        expect(odd.decodeMessage(odd.encodeMessage(reply))).toEqual(reply);
      }
      const args = JSON.parse('{ "__proto__": 3 }') as Record<string, unknown>;
      const call = odd.decodeMessage(odd.encodeMessage({ type: "call", name: "__proto__", seqid: 1, args }));
      expect(Object.entries((call as { args: object }).args)).toEqual([["__proto__", 3]]);
      expect(odd.methods.get("valueOf")).toBeUndefined();
    });

    it("holds names to maxNameBytes", () => {
      const read = (length: number, limits: LimitsOption): unknown => {
        const error = {
          type: "exception",
          name: "x".repeat(length),
          seqid: 1,
          error: new ApplicationError(1, ""),
        } as const;
        return everything({ limits }).readHeader(messages.encodeMessage(error)).name;
      };
      for (const [length, limits] of [
        [512, "internal"],
        [128, "untrusted"],
        [5, { maxNameBytes: 5 }],
      ] as const) {
        expect(read(length, limits)).toBe("x".repeat(length));
      }
      for (const [length, limits] of [
        [129, "untrusted"],
        [6, { maxNameBytes: 5 }],
      ] as const) {
        expect(failureFrom(() => read(length, limits))).toMatchObject({
          code: "ERR_THRIFT_INVALID_DATA",
          path: "Everything header",
        });
      }
    });

    it("gives the strings of an exception their limit", () => {
      const codec = everything({ limits: { maxStringBytes: 4 } });
      const of = (text: string): Uint8Array =>
        messages.encodeMessage({
          type: "exception",
          name: "favourite",
          seqid: 1,
          error: new ApplicationError(1, text),
        });
      expect(codec.decodeMessage(of("1234"))).toMatchObject({ error: { message: "1234" } });
      expect(failureFrom(() => codec.decodeMessage(of("12345")))).toMatchObject({
        code: "ERR_THRIFT_SIZE_LIMIT",
        path: "Everything exception",
      });
    });

    it.each<[what: string, message: unknown, code: string, path: string]>([
      ["an argument of another type", aCall({ seed: { name: 7 } }), "WRONG_TYPE", "Everything.grow args.seed.name"],
      ["no required field of an argument", aCall({ seed: {} }), "REQUIRED_MISSING", "Everything.grow args.seed.name"],
      ["no arguments at all", aCall(undefined), "WRONG_TYPE", "Everything.grow args"],
      ["a seqid of 33 bits", { ...aCall({}), seqid: 2 ** 31 }, "OUT_OF_RANGE", "Everything.grow seqid"],
      ["no seqid", { ...aCall({}), seqid: undefined }, "WRONG_TYPE", "Everything.grow seqid"],
      ["an unknown method", { ...aCall({}), name: "shrink" }, "UNKNOWN_NAME", "Everything"],
      ["an inherited property as method", { ...aCall({}), name: "toString" }, "UNKNOWN_NAME", "Everything"],
      ["oneway of a method that answers", { ...aCall({}), type: "oneway" }, "WRONG_TYPE", "Everything.grow"],
      ["another type", { ...aCall({}), type: "Call" }, "WRONG_TYPE", "Everything.grow"],
      ["no result", aReply("grow", undefined), "REQUIRED_MISSING", "Everything.grow result.success"],
      ["null as result", aReply("grow", null), "REQUIRED_MISSING", "Everything.grow result.success"],
      ["a result of another type", aReply("sum", {}), "WRONG_TYPE", "Everything.sum result.success"],
      ["a result of a void method", aReply("ping", 1), "WRONG_TYPE", "Everything.ping result.success"],
      ["a reply of a oneway method", aReply("forget", undefined), "WRONG_TYPE", "Everything.forget"],
      ["an undeclared exception", aThrow("sum", new NotFound()), "WRONG_TYPE", "Everything.sum result"],
      ["an error that is no exception", aThrow("grow", new Error("x")), "WRONG_TYPE", "Everything.grow result"],
      ["an exception of another schema", aThrow("grow", new Unrelated()), "WRONG_TYPE", "Everything.grow result"],
      ["a plain object as exception", aThrow("grow", { message: "x" }), "WRONG_TYPE", "Everything.grow result"],
      ["an exception of a oneway method", aThrow("forget", new NotFound()), "WRONG_TYPE", "Everything.forget result"],
      [
        "a declared one that is broken",
        aThrow("grow", new Refused()),
        "REQUIRED_MISSING",
        "Everything.grow result.refused.reason",
      ],
      ["an error without a name", anError("", 1, "x"), "OUT_OF_RANGE", "Everything exception"],
      ["an error with a long name", anError("x".repeat(513), 1, "x"), "OUT_OF_RANGE", "Everything exception"],
      ["an error of a type that is none", anError("grow", 0.5, "x"), "WRONG_TYPE", "Everything exception"],
      ["an error whose message is no text", anError("grow", 1, 5), "WRONG_TYPE", "Everything exception"],
    ])("is not encoded with %s", (_what, message, code, path) => {
      expect(failureFrom(() => messages.encodeMessage(message as Message))).toMatchObject({
        error: "EncodeError",
        code: `ERR_THRIFT_${code}`,
        path,
      });
      // No trace of it is left in the buffer.
      const [, sound] = MESSAGES[0];
      expect(difference(seen(messages.decodeMessage(messages.encodeMessage(sound))), seen(sound))).toBeUndefined();
    });

    it("of an unknown method is an ApplicationError of type 1, which can be sent back", () => {
      const strange = foreign("service T { void shrink() }", options, {
        type: "call",
        name: "shrink",
        seqid: 5,
        args: {},
      });
      const error = refusedBy(() => messages.decodeMessage(strange));
      expect([error.typeId, error.message]).toEqual([1, "service Everything has no method of that name"]);
      const answer = messages.encodeError(messages.readHeader(strange), error);
      expect(messages.decodeMessage(answer)).toMatchObject({ type: "exception", name: "shrink", seqid: 5, error });
    });

    it("of a reply with neither result nor exception is an ApplicationError of type 5", () => {
      const empty = foreign("service T { void grow() }", options, {
        type: "reply",
        name: "grow",
        seqid: 5,
        success: undefined,
      });
      const error = refusedBy(() => messages.decodeMessage(empty));
      expect([error.typeId, error.message]).toEqual([
        5,
        "Everything.grow: the reply holds neither a result nor an exception",
      ]);
    });

    it("of a reply to a oneway method is refused", () => {
      const bytes = foreign("service T { void forget() }", options, {
        type: "reply",
        name: "forget",
        seqid: 5,
        success: undefined,
      });
      expect(failureFrom(() => messages.decodeMessage(bytes))).toMatchObject({
        error: "DecodeError",
        code: "ERR_THRIFT_INVALID_DATA",
        path: "Everything.forget",
      });
    });
  });
});

forEachBackend((backend) => {
  const everything = (options: ServiceOptions = {}): ServiceCodec =>
    compileService(schema.service("Everything"), { backend, ...options });

  describe("messages of Kitex", () => {
    const service = parseSchema({
      "echo.thrift": `struct Req { 1: string message } struct Resp { 1: string message }
                      exception NotFound { 1: i32 code }
                      service Echo { Resp echo(1: Req req) throws (1: NotFound e), void ping(), oneway void fire() }`,
    }).service("Echo");
    const echo = (options: ServiceOptions = {}): ServiceCodec => compileService(service, { backend, ...options });

    it.each([
      [
        "a call",
        hex`80010001000000046563686f000000010c00010b00010000000268690000`,
        { args: { req: { message: "hi" } } },
      ],
      ["a reply", hex`80010002000000046563686f000000010c00000b00010000000268690000`, { success: { message: "hi" } }],
      [
        "a declared exception",
        hex`80010002000000046563686f000000010c0001080001000001940000`,
        { exception: { code: 404 } },
      ],
      ["a void reply", hex`80010002000000047069 6e670000000300`, { success: undefined }],
      ["a oneway message", hex`8001000400000004666972650000000900`, { type: "oneway", name: "fire", seqid: 9 }],
      [
        "an unknown method",
        hex`8001000300000003666f6f000000070b000100000021756e6b6e6f776e206d6574686f6420666f6f2028736572766963
            65204563686f290800020000000100`,
        { name: "foo", error: { typeId: 1, message: "unknown method foo (service Echo)" } },
      ],
    ])("read and written to the byte: %s", (_what, bytes, expected) => {
      const message = echo().decodeMessage(bytes);
      expect(message).toMatchObject(expected);
      expect(toHex(echo().encodeMessage(message))).toBe(toHex(bytes));
    });

    it("read: the void reply of its generic servers, a field of a type that Thrift has not", () => {
      const quirk = hex`80010002000000047069 6e67000000030100000000`;
      expect(echo().decodeMessage(quirk)).toEqual({ type: "reply", name: "ping", seqid: 3, success: undefined });
      expect(failureFrom(() => echo().decodeMessage(hex`${quirk} 00`)).code).toBe("ERR_THRIFT_INVALID_DATA");
    });

    it("read: the header without version, when asked to", () => {
      const old = hex`000000046563686f010000000100`;
      expect(failureFrom(() => echo().decodeMessage(old))).toMatchObject({
        code: "ERR_THRIFT_BAD_VERSION",
        path: "Echo header",
        offset: 0,
      });
      const call = { type: "call", name: "echo", seqid: 1, args: { req: undefined } };
      expect(echo({ strictRead: false }).decodeMessage(old)).toEqual(call);
    });

    it("captured on the wire", () => {
      const captured = compileService(
        parseSchema({
          "echo.thrift": `struct In { 1: required i32 id, 2: optional string name }
            struct All { 1: bool b, 5: i64 l, 7: string str, 9: list<i32> li, 11: map<string, In> m }
            service Echo { All echo(1: All a) }`,
        }).service("Echo"),
        { backend },
      );
      const call = hex`80010001000000046563686f000000010c00010a000540000000000000000b00070000000568656c6c6f0f000908
        0000000200000001fffffffe0d000b0b0c00000001000000016b0800010000000700020001000000`;
      const reply = hex`80010002000000046563686f000000010c00000d000b0b0c00000000020001000a000540000000000000000b0007
        0000000a66726f6d2d6b697465780f0009080000000200000001000000020000`;
      const all = { b: false, l: 4611686018427387904n };
      const m = new Map([["k", { id: 7, name: undefined }]]);
      expect(captured.decodeMessage(call)).toEqual({
        type: "call",
        name: "echo",
        seqid: 1,
        args: { a: { ...all, str: "hello", li: [1, -2], m } },
      });
      expect(captured.decodeMessage(reply)).toEqual({
        type: "reply",
        name: "echo",
        seqid: 1,
        success: { ...all, str: "from-kitex", li: [1, 2], m: new Map() },
      });
    });
  });

  describe("broken bodies", () => {
    const head = hex`80010001 00000004 67726f77 00000001`;

    it.each<[what: string, body: Uint8Array, code: string, offset: number, path: string]>([
      ["an unknown wire type", hex`07 0001 00`, "INVALID_DATA", 16, " args"],
      ["a string over what is left", hex`0c 0001 0b 0001 7fffffff 00 00`, "SIZE_LIMIT", 22, " args.seed.name"],
      ["a required field missing", hex`0c 0001 00 00`, "REQUIRED_MISSING", 19, " args.seed"],
      ["an unknown field that is broken", hex`0b 0063 ffffffff 00`, "NEGATIVE_SIZE", 19, " args"],
    ])("with %s say where, from the start of the message", (_what, body, code, offset, path) => {
      const failure = failureFrom(() => everything().decodeMessage(hex`${head} ${body}`));
      expect(failure).toMatchObject({ error: "DecodeError", code: `ERR_THRIFT_${code}`, offset });
      expect(failure.path).toContain(`Everything.grow${path}`);
    });

    it("of a header alone do not matter: a server may refuse the call before", () => {
      const messages = everything();
      expect(messages.readHeader(hex`${head} ffff`)).toEqual({ type: "call", name: "grow", seqid: 1, bodyOffset: 16 });
      expect(failureFrom(() => messages.skipBody(hex`${head} ffff`, { bodyOffset: 16 }))).toMatchObject({
        code: "ERR_THRIFT_INVALID_DATA",
        path: "Everything body",
        offset: 16,
      });
    });

    it.each([-1, 0.5, NaN])("are never read from an offset of %d", (bodyOffset) => {
      const messages = everything();
      const grow = messages.methods.get("grow")!;
      expect(() => grow.decodeArgs(head, { bodyOffset })).toThrow(RangeError);
      expect(() => messages.decodeError(head, { bodyOffset })).toThrow(RangeError);
      expect(() => messages.skipBody(head, { bodyOffset })).toThrow(RangeError);
    });

    it("are never read beyond their end", () => {
      const messages = everything();
      const memory = hex`${head} 00 00 00 00`;
      for (const bodyOffset of [16, 17, 100]) {
        expect(
          failureFrom(() => messages.methods.get("grow")!.decodeArgs(memory.subarray(0, 16), { bodyOffset })),
        ).toMatchObject({ code: "ERR_THRIFT_TRUNCATED" });
      }
    });

    it("of TApplicationException are read as far as they are known", () => {
      const answer = hex`80010003 00000004 67726f77 00000001  0c 0007 00  08 0002 00000006  0a 0001 0000000000000001 00`;
      expect(everything().decodeMessage(answer)).toMatchObject({ error: { typeId: 6, message: "" } });
    });
  });

  it("options are those of compile", () => {
    const messages = everything({ int64: "number", enums: "name" });
    const sum: Message = { type: "reply", name: "sum", seqid: 1, success: 5 };
    expect(messages.decodeMessage(messages.encodeMessage(sum))).toEqual(sum);
    const favourite: Message = { type: "call", name: "favourite", seqid: 1, args: { seen: "BLUE" } };
    expect(messages.decodeMessage(messages.encodeMessage(favourite))).toEqual(favourite);
    expect([messages.protocol, messages.backend, messages.descriptor.name]).toEqual(["binary", backend, "Everything"]);
    expect(() => everything({ int64: "float" as "number" })).toThrow(RangeError);
    expect(() => everything({ strictRead: "no" as unknown as boolean })).toThrow("option strictRead");
    expect(() => everything({ strict: true } as ServiceOptions)).toThrow("unknown option strict");
    expect(() => everything({ protocol: "json" })).toThrow(/"tjson"/);
  });

  it("warm compiles all, and changes nothing", () => {
    const messages = everything();
    expect(messages.warm()).toBe(messages);
    const [, message] = MESSAGES[0];
    expect(messages.decodeMessage(messages.encodeMessage(message))).toEqual(message);
  });

  it("bytes may come from another realm, and must be bytes", () => {
    const messages = everything();
    const bytes = messages.encodeMessage(MESSAGES[0][1]);
    const foreign = runInNewContext("Uint8Array.from(bytes)", { bytes: [...bytes] }) as Uint8Array;
    expect(messages.decodeMessage(foreign)).toEqual(MESSAGES[0][1]);
    expect(() => messages.decodeMessage("x" as unknown as Uint8Array)).toThrow(TypeError);
  });
});

it.each(protocols)("all back ends write the same bytes in %s", (protocol) => {
  const codecs = backends.map((backend) => compileService(schema.service("Everything"), { protocol, backend }));
  for (const [what, message] of MESSAGES) {
    const spellings = new Set(codecs.map((codec) => toHex(codec.encodeMessage(message))));
    expect([...spellings], what).toHaveLength(1);
  }
});

describe.each(protocols)("damaged messages in %s", (protocol) => {
  const codecs = backends.map((backend) =>
    compileService(schema.service("Everything"), { protocol, backend, limits: "untrusted" }),
  );

  it.each(MESSAGES)("%s: each byte, in all back ends alike, with errors of the library", (_what, message) => {
    const bytes = codecs[0].encodeMessage(message);
    for (let at = 0; at < bytes.length; at++) {
      for (const damage of [0x01, 0x10, 0x80, 0xff]) {
        const damaged = Uint8Array.from(bytes);
        damaged[at] ^= damage;
        const [first, ...others] = codecs.map((codec) => outcomeOf(() => codec.decodeMessage(damaged)));
        const where = `byte ${String(at)} ^ ${String(damage)} of ${toHex(bytes)}`;
        for (const other of others) expect(difference(other, first), where).toBeUndefined();
        if ("code" in first) expect(first.code, where).toMatch(/^ERR_THRIFT_/);
      }
    }
  });
});
