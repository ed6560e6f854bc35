import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { compile, type Codec } from "../../src/codec/codec.js";
import type { CodecOptions } from "../../src/codec/options.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachBackend, type BackendName } from "../support/backends.js";
import { hex, toHex } from "../support/hex.js";
import { difference, failureFrom } from "../support/outcome.js";

/** A struct S with one field `1: <type> f`, and what types may refer to. */
function codecOf(type: string, backend: BackendName, options: CodecOptions = {}): Codec<any> {
  const schema = parseSchema({
    "a.thrift": `enum Color { RED = 1, GREEN = 2, VERT = 2, DARK = -7 } struct P { 1: i32 x } struct S { 1: ${type} f }`,
  });
  return compile(schema.struct("S"), { ...options, backend });
}

const text = (characters: string): Uint8Array => {
  const bytes = new TextEncoder().encode(characters);
  return hex`${bytes.length.toString(16).padStart(8, "0")} ${bytes}`;
};

const nullObject = (entries: Record<string, unknown>): object => Object.assign(Object.create(null) as object, entries);

type Row = [type: string, options: CodecOptions, wire: Uint8Array, value: unknown];

const MAX = hex`0a 0001 7fffffffffffffff 00`;
const SAFE = hex`0a 0001 001fffffffffffff 00`;
const stringMap = hex`0d 0001 0b 08 00000002 ${text("a")} 00000001 ${text("__proto__")} 00000002 00`;
const intMap = hex`0d 0001 08 02 00000001 00000005 01 00`;
const setOfTwo = hex`0e 0001 08 00000003 00000007 00000005 00000007 00`;
const green = hex`08 0001 00000002 00`;
const stranger = hex`08 0001 00000063 00`;

const DECODED: Row[] = [
  ["i64", {}, MAX, 2n ** 63n - 1n],
  ["i64", { int64: "string" }, MAX, "9223372036854775807"],
  ["i64", { int64: "string" }, hex`0a 0001 ffffffffffffffff 00`, "-1"],
  ["i64", { int64: "number" }, SAFE, 2 ** 53 - 1],
  ["i64", { int64: "number" }, hex`0a 0001 ffe0000000000001 00`, -(2 ** 53) + 1],
  ["i64", { int64: "number" }, hex`0a 0001 ffffffffffffffff 00`, -1],
  ["i64", { int64: "number" }, hex`0a 0001 0000000000000000 00`, 0],
  ["i64", { int64: "number" }, hex`0a 0001 00000000ffffffff 00`, 2 ** 32 - 1],
  ["list<i64>", { int64: "number" }, hex`0f 0001 0a 00000001 ffffffff00000000 00`, [-(2 ** 32)]],
  [
    "map<i64, i64>",
    { int64: "string" },
    hex`0d 0001 0a 0a 00000001 0000000000000001 0000000000000002 00`,
    new Map([["1", "2"]]),
  ],
  [
    "map<string, i32>",
    {},
    stringMap,
    new Map([
      ["a", 1],
      ["__proto__", 2],
    ]),
  ],
  ["map<string, i32>", { maps: "object" }, stringMap, nullObject({ a: 1, ["__proto__"]: 2 })],
  [
    "map<string, i32>",
    { maps: "entries" },
    stringMap,
    [
      ["a", 1],
      ["__proto__", 2],
    ],
  ],
  ["map<i32, bool>", { maps: "object" }, intMap, new Map([[5, true]])],
  ["map<i32, bool>", { maps: "entries" }, intMap, [[5, true]]],
  ["map<P, i32>", {}, hex`0d 0001 0c 08 00000001 08 0001 00000001 00 00000002 00`, new Map([[{ x: 1 }, 2]])],
  [
    "map<Color, i32>",
    { enums: "name", maps: "object" },
    hex`0d 0001 08 08 00000001 00000001 00000002 00`,
    new Map([["RED", 2]]),
  ],
  [
    "map<string, map<string, i8>>",
    { maps: "object" },
    hex`0d 0001 0b 0d 00000001 ${text("k")} 0b 03 00000000 00`,
    nullObject({ k: nullObject({}) }),
  ],
  ["set<i32>", {}, setOfTwo, new Set([7, 5])],
  ["set<i32>", { sets: "array" }, setOfTwo, [7, 5, 7]],
  ["Color", {}, green, 2],
  ["Color", { enums: "name" }, green, "GREEN"],
  ["Color", { enums: "name" }, stranger, 99],
  ["Color", {}, stranger, 99],
  ["list<Color>", { enums: "name" }, hex`0f 0001 08 00000002 00000001 fffffff9 00`, ["RED", "DARK"]],
  ["string", {}, hex`0b 0001 00000003 61ff62 00`, "a\ufffdb"],
  ["string", { utf8: "strict" }, hex`0b 0001 ${text("\ufeffa🙂")} 00`, "\ufeffa🙂"],
  ["string", {}, hex`0b 0001 ${text("\ufeffa")} 00`, "\ufeffa"],
  ["string", {}, hex`0b 0001 00000003 eda080 00`, "\ufffd\ufffd\ufffd"],
  ["uuid", {}, hex`10 0001 00112233445566778899aabbccddeeff 00`, "00112233-4455-6677-8899-aabbccddeeff"],
  ["double", {}, hex`04 0001 8000000000000000 00`, -0],
  ["double", {}, hex`04 0001 7ff8000000000000 00`, NaN],
  ["bool", {}, hex`02 0001 02 00`, false],
  ["i32", { trailingBytes: "ignore" }, hex`08 0001 00000001 00 ff`, 1],
];

forEachBackend((backend) => {
  describe("decoded form", () => {
    it.each(DECODED)("%s with %o", (type, options, wire, value) => {
      const codec = codecOf(type, backend, options);
      const { f } = codec.decode(wire);
      expect(difference(f, value)).toBeUndefined();
    });

    it.each(
      DECODED.filter(
        ([type, , wire]) => !(wire === setOfTwo || type === "string" || type === "bool" || wire.at(-1) === 0xff),
      ),
    )("%s with %o encodes again to the same bytes", (type, options, wire) => {
      const codec = codecOf(type, backend, options);
      expect(toHex(codec.encode(codec.decode(wire)))).toBe(toHex(wire));
    });
  });

  describe("defaults of the IDL take the decoded form", () => {
    const schema = parseSchema({
      "a.thrift": `enum E { A = 1 } struct S { 1: i64 big = 5 2: E e = E.A 3: set<i64> s = [1, 2] 4: map<string, i64> m = {"__proto__": 3}
        5: list<E> l = [E.A] 6: binary b = "ab" }
        struct Huge { 1: i64 id = 9007199254740993 }`,
    });
    const rows: [CodecOptions, Record<string, unknown>][] = [
      [{}, { big: 5n, e: 1, s: new Set([1n, 2n]), m: new Map([["__proto__", 3n]]), l: [1] }],
      [
        { int64: "number", enums: "name", sets: "array" },
        { big: 5, e: "A", s: [1, 2], m: new Map([["__proto__", 3]]), l: ["A"] },
      ],
      [
        { int64: "string", maps: "object" },
        { big: "5", e: 1, s: new Set(["1", "2"]), m: nullObject({ ["__proto__"]: "3" }), l: [1] },
      ],
      [{ maps: "entries" }, { big: 5n, e: 1, s: new Set([1n, 2n]), m: [["__proto__", 3n]], l: [1] }],
    ];
    it.each(rows)("with %o", (options, expected) => {
      const codec = compile<any>(schema.struct("S"), { ...options, backend });
      const value = codec.decode(hex`00`);
      expect(difference(value, { ...expected, b: Uint8Array.of(97, 98) })).toBeUndefined();
      expect(toHex(codec.encode({}))).toBe(toHex(codec.encode(value)));
    });

    it("and an i64 that a number cannot hold fails instead of being rounded, but is written exactly", () => {
      const codec = compile<any>(schema.struct("Huge"), { int64: "number", backend });
      expect(failureFrom(() => codec.decode(hex`00`))).toMatchObject({
        code: "ERR_THRIFT_OUT_OF_RANGE",
        path: "Huge.id",
        offset: 0,
      });
      expect(toHex(codec.encode({}))).toBe("0a0001" + "0020000000000001" + "00");
    });
  });

  describe("refused under an option", () => {
    const rows: [string, CodecOptions, Uint8Array, string, number][] = [
      ["i64", { int64: "number" }, hex`0a 0001 0020000000000000 00`, "ERR_THRIFT_OUT_OF_RANGE", 3],
      ["i64", { int64: "number" }, hex`0a 0001 ffe0000000000000 00`, "ERR_THRIFT_OUT_OF_RANGE", 3],
      ["i64", { int64: "number" }, MAX, "ERR_THRIFT_OUT_OF_RANGE", 3],
      ["string", { utf8: "strict" }, hex`0b 0001 00000002 c0af 00`, "ERR_THRIFT_INVALID_UTF8", 7],
      ["string", { utf8: "strict" }, hex`0b 0001 00000003 eda080 00`, "ERR_THRIFT_INVALID_UTF8", 7],
      ["string", { utf8: "strict" }, hex`0b 0001 00000004 f4908080 00`, "ERR_THRIFT_INVALID_UTF8", 7],
      ["string", { utf8: "strict" }, hex`0b 0001 00000002 e4bd 00`, "ERR_THRIFT_INVALID_UTF8", 7],
      ["i32", {}, hex`08 0001 00000001 00 00`, "ERR_THRIFT_INVALID_DATA", 8],
    ];
    it.each(rows)("%s with %o", (type, options, wire, code, offset) => {
      const failure = failureFrom(() => codecOf(type, backend, options).decode(wire));
      expect(failure).toMatchObject({ error: "DecodeError", code, offset });
    });

    it.each(["a\ud800", "\udc00", "\ud800\ud800x", "long enough for the other path \udfff ..............."])(
      "lone surrogates on encode: %j",
      (value) => {
        expect(failureFrom(() => codecOf("string", backend, { utf8: "strict" }).encode({ f: value }))).toMatchObject({
          code: "ERR_THRIFT_WRONG_TYPE",
          path: "S.f",
        });
        const lossy = codecOf("string", backend);
        expect(lossy.decode(lossy.encode({ f: value })).f).toBe(Buffer.from(value).toString());
      },
    );
  });

  describe("binary", () => {
    const input = hex`ff 0b 0001 00000003 010203 00`;
    const message = input.subarray(1);

    it("is a view of the input", () => {
      const { f } = codecOf("binary", backend).decode(message);
      expect(Object.getPrototypeOf(f)).toBe(Uint8Array.prototype);
      expect([f.buffer === input.buffer, f.byteOffset, ...f]).toEqual([true, 8, 1, 2, 3]);
    });

    it("is memory of its own with binary: copy, also when the input is a Buffer", () => {
      const { f } = codecOf("binary", backend, { binary: "copy" }).decode(Buffer.from(message));
      expect(Object.getPrototypeOf(f)).toBe(Uint8Array.prototype);
      expect([f.buffer.byteLength, ...f]).toEqual([3, 1, 2, 3]);
    });
  });

  describe("input memory", () => {
    const wire = hex`0b 0001 ${text("一些文字, some text of a fair length")} 00`;
    const inputs: [string, () => Uint8Array][] = [
      ["Buffer", () => Buffer.from(wire)],
      [
        "a view at an odd offset",
        () => {
          const bytes = new Uint8Array(wire.length + 8).fill(0xff);
          bytes.set(wire, 3);
          return bytes.subarray(3, 3 + wire.length);
        },
      ],
      [
        "shared memory",
        () => {
          const bytes = new Uint8Array(new SharedArrayBuffer(wire.length));
          bytes.set(wire);
          return bytes;
        },
      ],
      ["another realm", () => runInNewContext("Uint8Array.from(wire)", { wire }) as Uint8Array],
      ["a subclass", () => new (class Mine extends Uint8Array {})(wire)],
    ];
    it.each(inputs)("%s", (_name, make) => {
      for (const utf8 of ["lossy", "strict"] as const) {
        expect(codecOf("string", backend, { utf8 }).decode(make()).f).toBe("一些文字, some text of a fair length");
      }
    });

    it("is nothing but a Uint8Array", () => {
      for (const wrong of ["00", [0], new ArrayBuffer(1), new DataView(new ArrayBuffer(1)), null, undefined]) {
        expect(() => codecOf("i32", backend).decode(wrong as never)).toThrow(TypeError);
      }
    });
  });
});
