import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import type { CodecOptions } from "../../src/codec/options.js";
import { unknownFields, type UnknownFields } from "../../src/codec/unknown.js";
import { parseSchema } from "../../src/schema/parse.js";
import { TType } from "../../src/protocol/ttype.js";
import { forEachCodec } from "../support/backends.js";
import { failureFrom } from "../support/outcome.js";

const newer = parseSchema(
  {
    "main.thrift": `
      struct Inner { 1: i32 a, 2: optional string b, 40: optional bool c, 41: optional bool d }
      union Choice { 1: i32 number, 2: string text, 3: list<i64> list }
      struct Message {
        1: i32 id
        2: optional Inner inner
        3: optional list<Inner> inners
        4: optional map<string, i64> counts
        5: optional double ratio
        6: optional string changed
        7: optional Choice choice
        -1: optional bool flag
        300: optional list<bool> bits
        301: optional set<i16> set
        302: optional binary blob
      }
      exception Failure { 1: string reason, 2: optional Inner inner }`,
  },
  { entry: "main.thrift" },
);

const older = parseSchema(
  {
    "main.thrift": `
      struct Inner { 1: i32 a }
      union Choice { 1: i32 number }
      struct Message { 1: i32 id, 2: optional Inner inner, 3: optional list<Inner> inners, 6: optional i32 changed, 7: optional Choice choice }
      exception Failure { 1: string reason }`,
  },
  { entry: "main.thrift" },
);

const inner = { a: 1, b: "你好", c: true, d: false };

const message = {
  id: 7,
  inner,
  inners: [inner, { a: 2, b: undefined, c: undefined, d: undefined }],
  counts: new Map([["x", 2n ** 60n]]),
  ratio: -0,
  changed: "text",
  choice: { number: undefined, text: undefined, list: [1n, -1n] },
  flag: true,
  bits: [true, false],
  set: new Set([1, -32768]),
  blob: Uint8Array.of(0, 255),
};

type Fields = Record<string, unknown> & { [unknownFields]?: UnknownFields };

forEachCodec((protocol, backend) => {
  const written = (name: string) => compile<Fields>(newer.struct(name), { protocol, backend });
  const keeping = (name: string, options: CodecOptions = {}) =>
    compile<Fields>(older.struct(name), { protocol, backend, unknownFields: "keep", ...options });

  describe('unknownFields: "keep"', () => {
    it("carries what it does not know, at every depth, to a peer who does", () => {
      const value = keeping("Message").decode(written("Message").encode(message));
      expect(written("Message").decode(keeping("Message").encode(value))).toEqual(message);
    });

    it("writes the same bytes again where the unknown fields came last", () => {
      const bytes = written("Inner").encode(inner);
      const codec = keeping("Inner");
      expect(codec.encode(codec.decode(bytes))).toEqual(bytes);
    });

    it("names them by id and wire type, a known id of another type among them", () => {
      const value = keeping("Message").decode(written("Message").encode(message));
      const { protocol: from, fields } = value[unknownFields]!;
      expect(from).toBe(protocol);
      expect(fields.map(({ id, type }) => [id, type])).toEqual([
        [-1, TType.BOOL],
        [4, TType.MAP],
        [5, TType.DOUBLE],
        [6, TType.STRING],
        [300, TType.LIST],
        [301, TType.SET],
        [302, TType.STRING],
      ]);
      expect(value["changed"]).toBeUndefined();
    });

    it("makes no such property where all is known, nor without the option", () => {
      const bytes = written("Message").encode(message);
      const known = keeping("Inner").decode(written("Inner").encode({ a: 1 }));
      expect(Object.getOwnPropertySymbols(known)).toEqual([]);
      const skipping = compile<Fields>(older.struct("Message"), { protocol, backend });
      expect(Object.getOwnPropertySymbols(skipping.decode(bytes))).toEqual([]);
    });

    it("survives a spread, and an exception carries them too", () => {
      const { id, ...others } = keeping("Message").decode(written("Message").encode(message));
      const renumbered = keeping("Message").encode({ ...others, id: (id as number) + 1 });
      expect(written("Message").decode(renumbered)).toEqual({ ...message, id: 8 });

      const bytes = written("Failure").encode({ reason: "full", inner });
      const failure = keeping("Failure").decode(bytes);
      expect(failure).toBeInstanceOf(Error);
      expect(keeping("Failure").encode(failure)).toEqual(bytes);
    });

    it("keeps the field of a union that has grown, until another one is set", () => {
      const codec = keeping("Choice");
      const value = codec.decode(written("Choice").encode({ text: "x" }));
      expect(value).toMatchObject({ number: undefined });
      expect(written("Choice").decode(codec.encode(value))).toMatchObject({ text: "x" });
      expect(written("Choice").decode(codec.encode({ ...value, number: 5 }))).toMatchObject({
        number: 5,
        text: undefined,
      });
      expect(failureFrom(() => codec.encode({})).code).toBe("ERR_THRIFT_UNION_NOT_ONE");
    });

    it("gives views of the input, or copies", () => {
      const bytes = written("Message").encode(message);
      const bytesOf = (codec: ReturnType<typeof keeping>) => codec.decode(bytes)[unknownFields]!.fields.at(-1)!.bytes;
      expect(bytesOf(keeping("Message")).buffer).toBe(bytes.buffer);
      expect(bytesOf(keeping("Message", { binary: "copy" })).buffer).not.toBe(bytes.buffer);
    });

    it("refuses to write what it has not read: of another protocol, or made up", () => {
      const other = protocol === "binary" ? "compact" : "binary";
      const source = compile<Fields>(newer.struct("Inner"), { protocol: other }).encode(inner);
      const foreign = compile<Fields>(older.struct("Inner"), { protocol: other, unknownFields: "keep" }).decode(source);
      const forged = {
        a: 1,
        [unknownFields]: { protocol, fields: [{ id: 2, type: TType.I32, bytes: new Uint8Array(1) }] },
      };
      for (const value of [foreign, forged as unknown as Fields]) {
        expect(failureFrom(() => keeping("Message").encode({ id: 1, inner: value }))).toMatchObject({
          code: "ERR_THRIFT_WRONG_TYPE",
          path: "Message.inner",
        });
      }
    });

    it("charges each to the heap budget", () => {
      const bytes = written("Message").encode(message);
      const limits = { maxHeapBytes: 1500 };
      expect(() => compile(older.struct("Message"), { protocol, backend, limits }).decode(bytes)).not.toThrow();
      expect(failureFrom(() => keeping("Message", { limits }).decode(bytes)).code).toBe("ERR_THRIFT_SIZE_LIMIT");
    });
  });
});

describe("option unknownFields", () => {
  it("has no keep for plain JSON and no refuse for the others", () => {
    const struct = older.struct("Inner");
    expect(() => compile(struct, { protocol: "json", unknownFields: "keep" })).toThrow(RangeError);
    expect(() => compile(struct, { protocol: "binary", unknownFields: "refuse" })).toThrow(RangeError);
  });
});
