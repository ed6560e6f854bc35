import { describe, expect, it } from "vitest";
import { compile, type Codec } from "../../src/codec/codec.js";
import type { CodecOptions } from "../../src/codec/options.js";
import type { JsonOptions } from "../../src/codec/json/options.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachBackend, type BackendName } from "../support/backends.js";
import { difference, failureFrom } from "../support/outcome.js";

const utf8 = new TextEncoder();

/** A struct `S` with one field `v` of the type, or with the fields given. */
function codecOf(fields: string, backend: BackendName, options: CodecOptions = {}): Codec {
  const body = fields.includes(":") ? fields : `1: optional ${fields} v`;
  const idl = `enum Color { RED = 1, GREEN = 2, ALSO_GREEN = 2 }
    struct Point { 1: required i32 x, 2: optional i32 y }
    union Choice { 1: i32 number, 2: string text }
    exception Failure { 1: string message, 2: i32 code }
    struct S { ${body} }`;
  const schema = parseSchema({ "s.thrift": idl }, { entry: "s.thrift" });
  return compile(schema.struct("S"), { protocol: "json", backend, ...options });
}

function encoded(codec: Codec, value: unknown): string {
  return Buffer.from(codec.encode(value)).toString();
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

type Row = [type: string, text: string, value: unknown, options?: CodecOptions];

/** Type, text, value: what encode writes and decode reads. */
const BOTH_WAYS: readonly Row[] = [
  ["bool", "true", true],
  ["bool", "false", false],
  ["i8", "-128", -128],
  ["i16", "32767", 32767],
  ["i32", "-2147483648", -2147483648],
  ["i32", "0", 0],
  ["i64", "5", 5n],
  ["i64", "9007199254740991", 9007199254740991n],
  ["i64", "-9007199254740991", -9007199254740991n],
  ["i64", '"9007199254740992"', 9007199254740992n],
  ["i64", '"-9007199254740992"', -9007199254740992n],
  ["i64", '"9223372036854775807"', 9223372036854775807n],
  ["i64", '"-9223372036854775808"', -9223372036854775808n],
  ["i64", '"5"', "5", { int64: "string" }],
  ["i64", '"-9223372036854775808"', "-9223372036854775808", { int64: "string" }],
  ["i64", "-5", -5, { int64: "number" }],
  ["double", "1.5", 1.5],
  ["double", "-0", -0],
  ["double", "5e-324", 5e-324],
  ["double", "1.7976931348623157e+308", Number.MAX_VALUE],
  ["double", "0.1", 0.1],
  ["double", '"NaN"', NaN, { json: { nonFinite: "string" } }],
  ["double", '"Infinity"', Infinity, { json: { nonFinite: "string" } }],
  ["double", '"-Infinity"', -Infinity, { json: { nonFinite: "string" } }],
  ["string", '""', ""],
  ["string", String.raw`"a\"\\/\b\f\n\r\t\u0000\u001f"`, 'a"\\/\b\f\n\r\t\u0000\u001f'],
  ["string", '"中文 é 😀 \u007f\u2028"', "中文 é 😀 \u007f\u2028"],
  ["string", `"${"long ".repeat(200)}"`, "long ".repeat(200)],
  ["string", `"${"長い ".repeat(200)}"`, "長い ".repeat(200)],
  ["uuid", '"00112233-4455-6677-8899-aabbccddeeff"', "00112233-4455-6677-8899-aabbccddeeff"],
  ["binary", '""', bytes()],
  ["binary", '"AA=="', bytes(0)],
  ["binary", '"AP8="', bytes(0, 255)],
  ["binary", '"+/+/"', bytes(0xfb, 0xff, 0xbf)],
  ["binary", '"é\\n"', bytes(0xc3, 0xa9, 0x0a), { json: { noBase64Binary: true } }],
  ["i8", "255", -1, { json: { byteAsUint8: true } }],
  ["i8", "127", 127, { json: { byteAsUint8: true } }],
  ["Color", "1", 1],
  ["Color", "77", 77],
  ["Color", '"RED"', "RED", { enums: "name" }],
  ["Color", '"GREEN"', "GREEN", { enums: "name" }],
  ["Color", "77", 77, { enums: "name" }],
  ["list<i32>", "[]", []],
  ["list<i32>", "[1,-2,3]", [1, -2, 3]],
  ["list<list<string>>", '[["a"],[],["b","c"]]', [["a"], [], ["b", "c"]]],
  ["list<i64>", '[1,"9007199254740993"]', [1n, 9007199254740993n]],
  ["list<i64>", "[1,-2]", BigInt64Array.of(1n, -2n), { lists: "typed" }],
  ["list<double>", "[1.5]", Float64Array.of(1.5), { lists: "typed" }],
  ["set<i32>", "[1,2]", new Set([1, 2])],
  ["set<string>", '["a"]', ["a"], { sets: "array" }],
  ["map<string,i32>", "{}", new Map()],
  [
    "map<string,i32>",
    '{"a":1,"__proto__":2,"":3}',
    new Map([
      ["a", 1],
      ["__proto__", 2],
      ["", 3],
    ]),
  ],
  ["map<string,i32>", '{"a":1}', [["a", 1]], { maps: "entries" }],
  [
    "map<i32,string>",
    '{"5":"a","-1":"b"}',
    new Map([
      [5, "a"],
      [-1, "b"],
    ]),
  ],
  ["map<i64,bool>", '{"9223372036854775807":true}', new Map([[9223372036854775807n, true]])],
  ["map<i8,i8>", '{"-128":127}', new Map([[-128, 127]])],
  [
    "map<bool,i32>",
    '{"true":1,"false":0}',
    new Map([
      [true, 1],
      [false, 0],
    ]),
  ],
  [
    "map<double,i32>",
    '{"1.5":1,"-2e-7":2}',
    new Map([
      [1.5, 1],
      [-2e-7, 2],
    ]),
  ],
  [
    "map<double,i32>",
    '{"NaN":1,"-Infinity":2}',
    new Map([
      [NaN, 1],
      [-Infinity, 2],
    ]),
    { json: { nonFinite: "string" } },
  ],
  [
    "map<Color,i32>",
    '{"1":1,"9":2}',
    new Map([
      [1, 1],
      [9, 2],
    ]),
  ],
  [
    "map<Color,i32>",
    '{"RED":1,"9":2}',
    new Map<unknown, number>([
      ["RED", 1],
      [9, 2],
    ]),
    { enums: "name" },
  ],
  [
    "map<uuid,i32>",
    '{"00112233-4455-6677-8899-aabbccddeeff":1}',
    new Map([["00112233-4455-6677-8899-aabbccddeeff", 1]]),
  ],
  ["map<binary,i32>", '[["AA==",1]]', new Map([[bytes(0), 1]])],
  ["map<Point,i32>", '[[{"x":1},2]]', new Map([[{ x: 1, y: undefined }, 2]])],
  [
    "map<list<i32>,i32>",
    "[[[1],2],[[],3]]",
    new Map([
      [[1], 2],
      [[], 3],
    ]),
  ],
  ["map<Point,i32>", "[]", new Map()],
  ["Point", '{"x":1,"y":2}', { x: 1, y: 2 }],
  ["Point", '{"x":1}', { x: 1, y: undefined }],
  ["Choice", '{"text":"a"}', { number: undefined, text: "a" }],
];

/** What decode reads beyond what encode writes. */
const READ_ONLY: readonly Row[] = [
  ["i32", "-0", 0],
  ["i64", '"7"', 7n],
  ["i64", "9223372036854775807", 9223372036854775807n],
  ["i64", "-9223372036854775808", -9223372036854775808n],
  ["i64", "-0", 0n],
  ["i64", "1000000000000000", 1000000000000000n],
  ["i64", "7", "7", { int64: "string" }],
  ["i64", "-0", "0", { int64: "string" }],
  ["i64", '"7"', 7, { int64: "number" }],
  ["i64", '"9007199254740991"', 9007199254740991, { int64: "number" }],
  ["double", "1E+2", 100],
  ["double", "12345678901234567890", 12345678901234567000],
  ["double", "1e-400", 0],
  ["i32", '"7"', 7, { json: { string2Int64: true } }],
  ["double", '"1e2"', 100, { json: { string2Int64: true } }],
  ["double", '"1.5"', 1.5, { json: { string2Int64: true, nonFinite: "string" } }],
  ["Color", '"7"', 7, { json: { string2Int64: true } }],
  ["Color", '"RED"', 1],
  ["Color", '"ALSO_GREEN"', "GREEN", { enums: "name" }],
  ["Color", "1", "RED", { enums: "name" }],
  [
    "map<Color,i32>",
    '{"RED":1,"2":3}',
    new Map([
      [1, 1],
      [2, 3],
    ]),
  ],
  ["map<string,i32>", '{"a":1,"a":2}', new Map([["a", 2]])],
  ["i8", "-1", -1, { json: { byteAsUint8: true } }],
  ["binary", '"AP8"', bytes(0, 255)],
  ["binary", '"-_-_"', bytes(0xfb, 0xff, 0xbf)],
  ["binary", String.raw`"+\/+\u002f"`, bytes(0xfb, 0xff, 0xbf)],
  ["string", String.raw`"\ud83d\ude00\u00e9\/"`, "😀é/"],
  ["string", String.raw`"\ud83d"`, "\ufffd"],
  ["uuid", '"{00112233445566778899AABBCCDDEEFF}"', "00112233-4455-6677-8899-aabbccddeeff"],
  ["Point", '{"y":2,"x":1}', { x: 1, y: 2 }],
  ["Point", '{"x":1,"x":3}', { x: 3, y: undefined }],
  ["Point", '{"x":1,"y":2,"y":null}', { x: 1, y: undefined }],
  ["Point", String.raw`{"\u0078":1}`, { x: 1, y: undefined }],
  ["Point", '{"z":[{"a":[1,"\\n"]}],"x":1,"xx":null}', { x: 1, y: undefined }],
  ["Choice", "{}", { number: undefined, text: undefined }],
  ["Choice", '{"number":null,"text":"a"}', { number: undefined, text: "a" }],
  ["Choice", '{"number":1,"text":"a","number":null}', { number: undefined, text: "a" }],
  ["list<i32>", " [ 1 ,\t2\r\n]", [1, 2]],
  [
    "map<string,i32>",
    ' { "a" : 1 , "b" : 2 } ',
    new Map([
      ["a", 1],
      ["b", 2],
    ]),
  ],
  ["map<Point,i32>", ' [ [ { "x" : 1 } , 2 ] ] ', new Map([[{ x: 1, y: undefined }, 2]])],
];

/** What encode writes of values that decode does not give. */
const WRITE_ONLY: readonly Row[] = [
  ["i64", "5", 5],
  ["i64", "0", -0],
  ["i64", '"9007199254740993"', "9007199254740993"],
  ["i64", '"5"', 5n, { int64: "string" }],
  ["i32", "0", -0],
  ["Color", "1", "RED"],
  ["double", "null", NaN, { json: { nonFinite: "null" } }],
  ["list<double>", "[null]", [Infinity], { json: { nonFinite: "null" } }],
  ["string", '"a\ufffd"', "a\ud800"],
  ["uuid", '"00112233-4455-6677-8899-aabbccddeeff"', "{00112233445566778899AABBCCDDEEFF}"],
  ["binary", '"/wA="', new Uint16Array([0xff])],
  ["list<i32>", "[1,2]", Int32Array.of(1, 2)],
  ["set<i32>", "[2,2]", [2, 2]],
  ["map<i32,i32>", '{"5":1}', { 5: 1 }],
  ["map<string,i32>", '{"a":1}', [["a", 1]]],
  ["Point", '{"x":1}', { x: 1, y: null, z: 3 }],
];

forEachBackend((backend) => {
  describe("one value", () => {
    it.each<Row>(BOTH_WAYS)("%s %s both ways", (type, text, value, options) => {
      const codec = codecOf(type, backend, options);
      expect(encoded(codec, { v: value })).toBe(`{"v":${text}}`);
      expect(difference(codec.decode(utf8.encode(`{"v":${text}}`)), { v: value })).toBeUndefined();
    });

    it.each<Row>(READ_ONLY)("%s is read from %s", (type, text, value, options) => {
      const codec = codecOf(type, backend, options);
      expect(difference(codec.decode(utf8.encode(` { "v" : ${text} } `)), { v: value })).toBeUndefined();
      expect(difference(codec.decode(utf8.encode(`{"v":${text}}`)), { v: value })).toBeUndefined();
    });

    it.each<Row>(WRITE_ONLY)("%s is written as %s", (type, text, value, options) => {
      expect(encoded(codecOf(type, backend, options), { v: value })).toBe(`{"v":${text}}`);
    });

    it("decodes maps with string keys to objects without prototype", () => {
      const codec = codecOf("map<string,i32>", backend, { maps: "object" });
      const { v } = codec.decode(utf8.encode('{"v":{"__proto__":1,"a":2}}')) as { v: Record<string, number> };
      expect(Object.getPrototypeOf(v)).toBeNull();
      expect(Object.entries(v)).toEqual([
        ["__proto__", 1],
        ["a", 2],
      ]);
    });

    it("gives binary memory of its own where it is asked for, and otherwise none that another message has", () => {
      const text = utf8.encode('{"v":"AAEC"}');
      const copy = codecOf("binary", backend, { binary: "copy" }).decode(text) as { v: Uint8Array };
      expect(copy.v.buffer.byteLength).toBe(3);
      const codec = codecOf("binary", backend);
      const [one, other] = [codec.decode(text), codec.decode(text)] as { v: Uint8Array }[];
      expect(one.v.buffer).not.toBe(other.v.buffer);
    });
  });

  describe("members", () => {
    const idl = "1: i32 a, 2: optional string b = 'x', 3: list<i32> c, 4: optional Point d, 5: i32 e = 5, 6: i64 f";

    it.each<[Required<JsonOptions>["unset"], string]>([
      ["omit", '{"e":5}'],
      ["null", '{"a":null,"b":null,"c":null,"d":null,"e":5,"f":null}'],
      ["default", '{"a":0,"b":"x","c":[],"d":null,"e":5,"f":0}'],
    ])("of unset fields: %s", (unset, text) => {
      expect(encoded(codecOf(idl, backend, { json: { unset } }), {})).toBe(text);
    });

    it.each<[string, string]>([
      ["bool", "false"],
      ["double", "0"],
      ["string", '""'],
      ["binary", '""'],
      ["uuid", '"00000000-0000-0000-0000-000000000000"'],
      ["Color", "0"],
      ["set<i32>", "[]"],
      ["map<i32,i32>", "{}"],
      ["map<Point,i32>", "[]"],
      ["Choice", "null"],
    ])("%s is empty or zero where defaults are asked for", (type, text) => {
      const codec = codecOf(type, backend, { json: { unset: "default" } });
      expect(encoded(codec, {})).toBe(`{"v":${text}}`);
      codec.decode(codec.encode({}));
    });

    it("decode to the defaults of the IDL where they are absent or null", () => {
      const expected = { a: undefined, b: "x", c: undefined, d: undefined, e: 5, f: undefined };
      for (const text of ["{}", '{"b":null,"e":null}']) {
        expect(codecOf(idl, backend).decode(utf8.encode(text))).toEqual(expected);
      }
    });

    it("of a union are never those that are unset", () => {
      const codec = codecOf("Choice", backend, { json: { unset: "null" } });
      expect(encoded(codec, { v: { number: 1 } })).toBe('{"v":{"number":1}}');
    });

    it("stand in declared order, not by id", () => {
      expect(encoded(codecOf("2: i32 b, 1: i32 a", backend), { a: 1, b: 2 })).toBe('{"b":2,"a":1}');
    });

    it("are written whole where names are long", () => {
      const name = "n".repeat(300);
      const codec = codecOf(`1: i32 ${name}, 2: i32 x`, backend);
      const text = `{"${name}":1,"x":2}`;
      expect(encoded(codec, { [name]: 1, x: 2 })).toBe(text);
      expect(codec.decode(utf8.encode(text))).toEqual({ [name]: 1, x: 2 });
    });

    it("of many fields are read in any order", () => {
      const names = Array.from({ length: 100 }, (_, i) => `field${String(i)}`);
      const codec = codecOf(names.map((name, i) => `${String(i + 1)}: i32 ${name}`).join(", "), backend);
      const expected = Object.fromEntries(names.map((name, i) => [name, i]));
      const text = JSON.stringify(Object.fromEntries(Object.entries(expected).toReversed()));
      expect(codec.decode(utf8.encode(text))).toEqual(expected);
      expect(encoded(codec, expected)).toBe(JSON.stringify(expected));
    });

    it("that are unknown can be refused", () => {
      const codec = codecOf("Point", backend, { unknownFields: "refuse" });
      const failure = failureFrom(() => codec.decode(utf8.encode('{"v":{"x":1,"z":2}}')));
      expect(failure).toMatchObject({ code: "ERR_THRIFT_UNKNOWN_NAME", path: "S.v", offset: 12 });
    });
  });

  describe("annotations", () => {
    const fields = `1: i32 a (api.body = "A"), 2: i32 b (go.tag = 'json:"B,omitempty" xml:"no"'),
      3: i32 c (api.key = "中 \\"c"), 4: i32 d (go.tag = 'json:"-"'), 5: i32 e (go.tag = 'xml:"x"'), 6: i32 f (api.body = "F", go.tag = 'json:"G"')`;

    it("name members where aliases are asked for", () => {
      const codec = codecOf(fields, backend, { json: { names: "alias" } });
      const value = { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 };
      const members = Object.keys(JSON.parse(encoded(codec, value)) as object);
      expect([members[0], members[1], ...members.slice(3)]).toEqual(["A", "B", "d", "e", "F"]);
      expect(codec.decode(codec.encode(value))).toEqual(value);
      expect(codec.decode(utf8.encode('{"a":1,"A":2}'))).toMatchObject({ a: 2 });
    });

    it("mean nothing otherwise", () => {
      expect(encoded(codecOf(fields, backend), { a: 1, f: 2 })).toBe('{"a":1,"f":2}');
    });

    it("that give two fields one name are refused", () => {
      const codec = codecOf('1: i32 a (api.body = "b"), 2: i32 b', backend, { json: { names: "alias" } });
      expect(() => codec.encode({})).toThrow(/the JSON name of S.b is that of another field/);
    });

    it("api.js_conv writes each number as one text and reads both forms", () => {
      const body = ["i8", "i16", "i32", "i64", "double", "list<i16>", "map<string,i32>", "string"]
        .map((type, i) => `${String(i + 1)}: ${type} f${String(i)} (api.js_conv = "")`)
        .join(", ");
      const codec = codecOf(body, backend, { json: { valueMapping: true } });
      const value = { f0: 1, f1: 2, f2: 3, f3: 4n, f4: 1.5, f5: [5], f6: new Map([["a", 6]]), f7: "x" };
      const text = '{"f0":"1","f1":"2","f2":"3","f3":"4","f4":"1.5","f5":["5"],"f6":{"a":"6"},"f7":"x"}';
      expect(encoded(codec, value)).toBe(text);
      expect(codec.decode(utf8.encode(text))).toEqual(value);
      expect(codec.decode(utf8.encode(text.replaceAll(/:"([0-9.]+)"/g, ":$1")))).toEqual(value);
      expect(encoded(codecOf(body, backend), { f1: 2 })).toBe('{"f1":2}');
    });
  });

  it("exceptions are objects of their declared fields, and decode to Errors", () => {
    const schema = parseSchema(
      { "s.thrift": "exception Failure { 1: string message, 2: i32 code }" },
      { entry: "s.thrift" },
    );
    const Failure = schema.exception("Failure");
    const codec = compile(Failure, { protocol: "json", backend });
    const text = encoded(codec, new Failure({ message: "no", code: 3 }));
    expect(text).toBe('{"message":"no","code":3}');
    const decoded = codec.decode(utf8.encode(text));
    expect(decoded).toBeInstanceOf(Failure);
    expect(decoded).toMatchObject({ message: "no", code: 3 });
  });

  it("encodeInto and encodedSize count the bytes of encode", () => {
    const codec = codecOf("string", backend);
    const target = new Uint8Array(20);
    expect(codec.encodedSize({ v: "é" })).toBe(10);
    expect(codec.encodeInto({ v: "é" }, target, 5)).toBe(10);
    expect(Buffer.from(target.subarray(5, 15)).toString()).toBe('{"v":"é"}');
    expect(failureFrom(() => codec.encodeInto({ v: "é" }, target, 11)).code).toBe("ERR_THRIFT_NO_SPACE");
  });

  it("says which back end works", () => {
    expect(codecOf("i32", backend).backend).toBe(backend);
  });
});

describe("options", () => {
  const compiling = (options: object) => () => codecOf("i32", "closure", options);

  it.each([
    [{ protocol: "binary", json: {} }, /json is for protocol "json" only/],
    [{ protocol: "binary", unknownFields: "refuse" }, /unknownFields "refuse" is for protocol "json" only/],
    [{ json: { name: "idl" } }, /unknown option json.name/],
    [{ json: { names: "go" } }, /json.names must be one of idl, alias/],
    [{ json: { unset: "undefined" } }, /json.unset must be one of omit, null, default/],
    [{ json: { string2Int64: 1 } }, /json.string2Int64 must be one of false, true/],
  ])("%j are refused", (options, message) => {
    expect(compiling(options)).toThrow(RangeError);
    expect(compiling(options)).toThrow(message);
  });
});
