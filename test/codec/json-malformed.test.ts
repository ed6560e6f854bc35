import { describe, expect, it } from "vitest";
import { compile, type Codec } from "../../src/codec/codec.js";
import type { CodecOptions } from "../../src/codec/options.js";
import { HEAP_BYTES, type Limits } from "../../src/protocol/limits.js";
import { parseSchema } from "../../src/schema/parse.js";
import { backends, forEachBackend, type BackendName } from "../support/backends.js";
import { failureFrom, outcomeOf } from "../support/outcome.js";
import { forEachSeed, Random, randomStruct } from "../support/random-value.js";

const IDL = `
  enum Color { RED = 1 }
  struct Point { 1: required i32 x, 2: optional i32 y }
  union Choice { 1: i32 number, 2: string text }
  struct Node { 1: optional Node next, 2: optional list<Node> children }
  struct S {
    1: bool b, 2: i8 i8, 3: i16 i16, 4: i32 i32, 5: i64 i64, 6: double d, 7: string s, 8: binary bin, 9: uuid u,
    10: Color color, 11: list<i32> list, 12: set<i32> set, 13: map<string,i32> map, 14: map<Point,i32> pairs,
    15: map<i32,i32> numbers, 16: map<bool,i32> flags, 17: map<double,i32> doubles, 18: map<Color,i32> colors,
    19: Point point, 20: Choice choice, 21: Node node, 22: list<double> ds, 23: list<string> strings, 24: map<i64,i64> longs
  }`;
const schema = parseSchema({ "s.thrift": IDL }, { entry: "s.thrift" });

function codecOf(backend: BackendName, options: CodecOptions = {}, struct = "S"): Codec {
  return compile(schema.struct(struct), { protocol: "json", backend, ...options });
}

type Row = [text: string, code: string, path: string, offset: number, options?: CodecOptions];

const D = "INVALID_DATA";
const T = "TRUNCATED";

const ROWS: readonly Row[] = [
  // The message as a whole.
  ["", T, "S", 0],
  ["  ", T, "S", 2],
  ["null", D, "S", 0],
  ["[]", D, "S", 0],
  ["{", T, "S", 1],
  ["{}x", D, "S", 2],
  ["{} {}", D, "S", 3],
  ["\ufeff{}", D, "S", 0],
  ["{,}", D, "S", 1],
  ['{"b":true,}', D, "S", 10],
  ['{"b":true "i8":1}', D, "S", 10],
  ['{"b" true}', D, "S", 5],
  ["{b:true}", D, "S", 1],
  ["{'b':true}", D, "S", 1],
  ["{/**/}", D, "S", 1],
  ['{"b":true]', D, "S", 9],
  ['{"b":}', D, "S.b", 5],
  ['{"b\u0000":true}', D, "S", 3],
  // Scalars.
  ['{"b":1}', D, "S.b", 5],
  ['{"b":"true"}', D, "S.b", 5],
  ['{"b":tru}', D, "S.b", 5],
  ['{"b":truE}', D, "S.b", 5],
  ['{"b":nul}', D, "S.b", 5],
  ['{"i8":128}', "OUT_OF_RANGE", "S.i8", 6],
  ['{"i8":-129}', "OUT_OF_RANGE", "S.i8", 6],
  ['{"i16":32768}', "OUT_OF_RANGE", "S.i16", 7],
  ['{"i32":2147483648}', "OUT_OF_RANGE", "S.i32", 7],
  ['{"i32":-2147483649}', "OUT_OF_RANGE", "S.i32", 7],
  ['{"i32":4294967297}', "OUT_OF_RANGE", "S.i32", 7],
  ['{"i32":18446744073709551617}', "OUT_OF_RANGE", "S.i32", 7],
  ['{"i32":1.5}', D, "S.i32", 7],
  ['{"i32":1.0}', D, "S.i32", 7],
  ['{"i32":1e2}', D, "S.i32", 7],
  ['{"i32":01}', D, "S.i32", 7],
  ['{"i32":+1}', D, "S.i32", 7],
  ['{"i32":-}', D, "S.i32", 7],
  ['{"i32":0x1}', D, "S", 8],
  ['{"i32":"1"}', D, "S.i32", 7],
  ['{"i32":true}', D, "S.i32", 7],
  ['{"i32":""}', D, "S.i32", 8, { json: { string2Int64: true } }],
  ['{"i32":" 1"}', D, "S.i32", 8, { json: { string2Int64: true } }],
  ['{"i32":"1 "}', D, "S.i32", 9, { json: { string2Int64: true } }],
  ['{"i32":"1.5"}', D, "S.i32", 8, { json: { string2Int64: true } }],
  ['{"i32":"2147483648"}', "OUT_OF_RANGE", "S.i32", 8, { json: { string2Int64: true } }],
  ['{"i32":"1', T, "S.i32", 9, { json: { string2Int64: true } }],
  ['{"d":""}', D, "S.d", 6, { json: { string2Int64: true } }],
  ['{"i8":256}', "OUT_OF_RANGE", "S.i8", 6, { json: { byteAsUint8: true } }],
  ['{"i64":9223372036854775808}', "OUT_OF_RANGE", "S.i64", 7],
  ['{"i64":-9223372036854775809}', "OUT_OF_RANGE", "S.i64", 7],
  ['{"i64":"9223372036854775808"}', "OUT_OF_RANGE", "S.i64", 8],
  ['{"i64":99999999999999999999999}', "OUT_OF_RANGE", "S.i64", 7],
  ['{"i64":1e3}', D, "S.i64", 7],
  ['{"i64":"1e3"}', D, "S.i64", 8],
  ['{"i64":""}', D, "S.i64", 8],
  ['{"i64":"0x1"}', D, "S.i64", 9],
  ['{"i64":9007199254740992}', "OUT_OF_RANGE", "S.i64", 7, { int64: "number" }],
  ['{"d":1e309}', "OUT_OF_RANGE", "S.d", 5],
  ['{"d":.5}', D, "S.d", 5],
  ['{"d":1.}', D, "S.d", 5],
  ['{"d":1e}', D, "S.d", 5],
  ['{"d":NaN}', D, "S.d", 5],
  ['{"d":"NaN"}', D, "S.d", 5],
  ['{"d":"1"}', D, "S.d", 5],
  ['{"d":"nan"}', D, "S.d", 5, { json: { nonFinite: "string" } }],
  ['{"d":"1"}', D, "S.d", 5, { json: { nonFinite: "string" } }],
  ['{"s":1}', D, "S.s", 5],
  ['{"s":"a', T, "S.s", 5],
  ['{"s":"a\\', T, "S.s", 5],
  ['{"s":"a\\u12', T, "S.s", 5],
  ['{"s":"a\nb"}', D, "S.s", 7],
  ['{"s":"\\x"}', D, "S.s", 6],
  ['{"s":"\\u00g0"}', D, "S.s", 6],
  ['{"s":"\\ud800"}', "INVALID_UTF8", "S.s", 5, { utf8: "strict" }],
  ['{"bin":"A"}', D, "S.bin", 7],
  ['{"bin":"AA="}', D, "S.bin", 7],
  ['{"bin":"A=A="}', D, "S.bin", 7],
  ['{"bin":"AA A"}', D, "S.bin", 7],
  ['{"bin":[0]}', D, "S.bin", 7],
  [`{"bin":"${"A".repeat(1000)}!AAA"}`, D, "S.bin", 7],
  ['{"bin":"AA', T, "S.bin", 7],
  ['{"u":"0011"}', D, "S.u", 5],
  ['{"color":"PINK"}', D, "S.color", 9],
  ['{"color":"1"}', D, "S.color", 9],
  ['{"color":2147483648}', "OUT_OF_RANGE", "S.color", 9],
  // Containers: null is no element, and is not dropped either.
  ['{"list":{}}', D, "S.list", 8],
  ['{"list":[1,null]}', D, "S.list[1]", 11],
  ['{"list":[1,]}', D, "S.list[1]", 11],
  ['{"list":[1 2]}', D, "S.list[0]", 11],
  ['{"list":[1}', D, "S.list[0]", 10],
  ['{"list":[1', T, "S.list[0]", 10],
  ['{"list":[', T, "S.list[0]", 9],
  ['{"ds":[null]}', D, "S.ds[0]", 7, { json: { nonFinite: "null" } }],
  ['{"set":[1,"2"]}', D, "S.set[1]", 10],
  ['{"map":[]}', D, "S.map", 7],
  ['{"map":{"a":null}}', D, "S.map{0}", 12],
  ['{"map":{"a":1,2:3}}', D, "S.map{key 1}", 14],
  ['{"map":{"a" 1}}', D, "S.map{key 0}", 12],
  ['{"map":{"a":1]}', D, "S.map{0}", 13],
  ['{"numbers":{"a":1}}', D, "S.numbers{key 0}", 13],
  ['{"numbers":{"1.5":1}}', D, "S.numbers{key 0}", 13],
  ['{"numbers":{" 1":1}}', D, "S.numbers{key 0}", 13],
  ['{"numbers":{"2147483648":1}}', "OUT_OF_RANGE", "S.numbers{key 0}", 13],
  ['{"numbers":{1:1}}', D, "S.numbers{key 0}", 12],
  ['{"longs":{"9223372036854775808":1}}', "OUT_OF_RANGE", "S.longs{key 0}", 11],
  ['{"flags":{"yes":1}}', D, "S.flags{key 0}", 10],
  ['{"doubles":{"NaN":1}}', D, "S.doubles{key 0}", 13],
  ['{"doubles":{"":1}}', D, "S.doubles{key 0}", 13],
  ['{"colors":{"PINK":1}}', D, "S.colors{key 0}", 11],
  ['{"pairs":{}}', D, "S.pairs", 9],
  ['{"pairs":[{}]}', D, "S.pairs{key 0}", 10],
  ['{"pairs":[[{"x":1}]]}', D, "S.pairs{0}", 18],
  ['{"pairs":[[{"x":1},2,3]]}', D, "S.pairs{0}", 20],
  ['{"pairs":[[null,2]]}', D, "S.pairs{key 0}", 11],
  // Structs and unions.
  ['{"point":{}}', "REQUIRED_MISSING", "S.point.x", 10],
  ['{"point":{"x":null}}', "REQUIRED_MISSING", "S.point.x", 18],
  ['{"point":[]}', D, "S.point", 9],
  ['{"choice":{"number":1,"text":"a"}}', D, "S.choice", 22],
  ['{"choice":{"text":"a","number":1,"text":"b"}}', D, "S.choice", 33],
  // Unknown members must be well formed, and are never nested without end.
  ['{"z":}', D, "S", 5],
  ['{"z":[1,]}', D, "S", 8],
  ['{"z":{"a":01}}', D, "S", 10],
  ['{"z":"\u0001"}', D, "S", 6],
  ['{"z":[[[]]]}', "DEPTH_LIMIT", "S", 7, { limits: { maxSkipDepth: 2 } }],
  ['{"z":"abcd"}', "SIZE_LIMIT", "S", 5, { limits: { maxStringBytes: 3 } }],
];

const utf8 = new TextEncoder();

forEachBackend((backend) => {
  describe("malformed input", () => {
    it.each<Row>(ROWS)("%j: %s at %s", (text, code, path, offset, options) => {
      const codec = codecOf(backend, options);
      // Behind other bytes of the same memory, so that offsets are seen to count from the start of the message.
      const padded = utf8.encode(`#"#${text}`);
      const failure = failureFrom(() => codec.decode(padded.subarray(3)));
      expect(failure).toMatchObject({ error: "DecodeError", code: `ERR_THRIFT_${code}`, path, offset });
    });

    it("invalid UTF-8 is replaced, or refused in strict mode", () => {
      const bytes = Uint8Array.from([...utf8.encode('{"s":"'), 0xc3, 0x28, ...utf8.encode('"}')]);
      expect(codecOf(backend).decode(bytes)).toMatchObject({ s: "\ufffd(" });
      const failure = failureFrom(() => codecOf(backend, { utf8: "strict" }).decode(bytes));
      expect(failure).toMatchObject({ code: "ERR_THRIFT_INVALID_UTF8", path: "S.s", offset: 5 });
    });

    it("bytes behind the value are ignored on request", () => {
      expect(codecOf(backend, { trailingBytes: "ignore" }).decode(utf8.encode('{"i32":1} x'))).toMatchObject({
        i32: 1,
      });
    });

    it("values of members that the prototype of objects has are own properties", () => {
      const idl =
        "struct S { 1: i32 __proto__, 2: i32 constructor, 3: i32 toString, 4: map<string,i32> hasOwnProperty }";
      const hostile = parseSchema({ "s.thrift": idl }, { entry: "s.thrift" }).struct("S");
      const codec = compile(hostile, { protocol: "json", backend });
      const text = '{"__proto__":1,"constructor":2,"hasOwnProperty":{"__proto__":3},"valueOf":4}';
      const value = codec.decode(utf8.encode(text)) as object;
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(Object.entries(value)).toEqual([
        ["__proto__", 1],
        ["constructor", 2],
        ["toString", undefined],
        ["hasOwnProperty", new Map([["__proto__", 3]])],
      ]);
      expect(Buffer.from(codec.encode(value)).toString()).toBe(text.replace(',"valueOf":4', ""));
      expect(Buffer.from(codec.encode({})).toString()).toBe("{}");
    });
  });

  describe("limits", () => {
    const LIMITED: readonly [limit: keyof Limits, most: number, fits: string, exceeds: string, path: string][] = [
      ["maxMessageBytes", 11, '{"i32":123}', '{"i32":1234}', "S"],
      ["maxStringBytes", 3, '{"s":"abc"}', '{"s":"abcd"}', "S.s"],
      ["maxStringBytes", 3, '{"s":"\\u4e2d"}', '{"s":"\\n\\n\\n\\n"}', "S.s"],
      ["maxStringBytes", 3, '{"bin":"AAAA"}', '{"bin":"AAAAAA=="}', "S.bin"],
      ["maxStringBytes", 3, '{"map":{"abc":1}}', '{"map":{"abcd":1}}', "S.map{key 0}"],
      ["maxContainerLength", 2, '{"list":[1,2]}', '{"list":[1,2,3]}', "S.list[2]"],
      ["maxSetLength", 2, '{"set":[1,2]}', '{"set":[1,2,3]}', "S.set[2]"],
      ["maxMapLength", 2, '{"map":{"a":1,"b":2}}', '{"map":{"a":1,"b":2,"c":3}}', "S.map{key 2}"],
      ["maxSkipDepth", 2, '{"z":[[1]]}', '{"z":[[[]]]}', "S"],
      ["maxDepth", 3, '{"node":{"next":{}}}', '{"node":{"next":{"next":{}}}}', "S.node.next.next"],
    ];

    it.each(LIMITED)("%s %i", (limit, most, fits, exceeds, path) => {
      codecOf(backend, { limits: { [limit]: most } }).decode(utf8.encode(fits));
      const codec = codecOf(backend, { limits: { [limit]: most } });
      const code = limit.endsWith("Depth") ? "ERR_THRIFT_DEPTH_LIMIT" : "ERR_THRIFT_SIZE_LIMIT";
      expect(failureFrom(() => codec.decode(utf8.encode(exceeds)))).toMatchObject({ code, path });
      codecOf(backend, { limits: { [limit]: most + 1 } }).decode(utf8.encode(exceeds));
    });

    it("maxHeapBytes is charged element by element", () => {
      const text = utf8.encode('{"node":{"children":[{},{},{}]}}');
      const struct = (fields: number): number => HEAP_BYTES.struct + HEAP_BYTES.slot * fields;
      const total = struct(24) + 4 * struct(2) + HEAP_BYTES.list + 3 * HEAP_BYTES.slot;
      codecOf(backend, { limits: { maxHeapBytes: total } }).decode(text);
      const failure = failureFrom(() => codecOf(backend, { limits: { maxHeapBytes: total - 1 } }).decode(text));
      expect(failure).toMatchObject({ code: "ERR_THRIFT_SIZE_LIMIT", path: "S.node.children[2]", offset: 27 });
    });

    it("names of members have no limit", () => {
      const codec = codecOf(backend, { limits: { maxStringBytes: 1 } });
      expect(codec.decode(utf8.encode('{"i32":1,"an unknown one":2}'))).toMatchObject({ i32: 1 });
    });

    it("deep nesting fails by the limit, whatever the depth", () => {
      const deep = utf8.encode(`{"node":${'{"next":'.repeat(100_000)}`);
      expect(failureFrom(() => codecOf(backend).decode(deep)).code).toBe("ERR_THRIFT_DEPTH_LIMIT");
      const unknown = utf8.encode(`{"z":${"[".repeat(100_000)}`);
      expect(failureFrom(() => codecOf(backend).decode(unknown)).code).toBe("ERR_THRIFT_DEPTH_LIMIT");
    });

    it("keys that were chosen to collide are refused", () => {
      const keys = collidingIntegers(400, 12);
      const codec = codecOf(backend);
      const failure = failureFrom(() => codec.decode(utf8.encode(`{"set":[${keys.join()}]}`)));
      expect(failure).toMatchObject({ code: "ERR_THRIFT_INVALID_DATA" });
      const map = `{"numbers":{${keys.map((key) => `"${String(key)}":0`).join()}}}`;
      expect(failureFrom(() => codec.decode(utf8.encode(map))).message).toMatch(/flood of keys/);
      const harmless = Array.from({ length: 5000 }, (_, i) => i * 7);
      codec.decode(utf8.encode(`{"set":[${harmless.join()}]}`));
    });
  });

  describe("values that do not fit", () => {
    it.each<[value: unknown, code: string, path: string, options?: CodecOptions]>([
      [{ d: NaN }, "OUT_OF_RANGE", "S.d"],
      [{ d: "1" }, "WRONG_TYPE", "S.d"],
      [{ doubles: new Map([[Infinity, 1]]) }, "OUT_OF_RANGE", "S.doubles{key 0}"],
      [{ doubles: new Map([[NaN, 1]]) }, "OUT_OF_RANGE", "S.doubles{key 0}", { json: { nonFinite: "null" } }],
      [{ i8: 128 }, "OUT_OF_RANGE", "S.i8"],
      [{ i32: 1.5 }, "WRONG_TYPE", "S.i32"],
      [{ i64: 2n ** 63n }, "OUT_OF_RANGE", "S.i64"],
      [{ i64: 2 ** 53 }, "OUT_OF_RANGE", "S.i64"],
      [{ list: [1, null] }, "WRONG_TYPE", "S.list[1]"],
      [{ map: new Map([["a", undefined]]) }, "WRONG_TYPE", "S.map{0}"],
      [{ map: { a: "x" } }, "WRONG_TYPE", "S.map{0}"],
      [{ numbers: new Map([["1", 1]]) }, "WRONG_TYPE", "S.numbers{key 0}"],
      [{ point: {} }, "REQUIRED_MISSING", "S.point.x"],
      [{ choice: {} }, "UNION_NOT_ONE", "S.choice"],
      [{ choice: { number: 1, text: "a" } }, "UNION_NOT_ONE", "S.choice"],
      [{ color: "PINK" }, "WRONG_TYPE", "S.color"],
      [{ bin: "AA==" }, "WRONG_TYPE", "S.bin"],
      [{ bin: Uint8Array.of(0xff) }, "INVALID_UTF8", "S.bin", { json: { noBase64Binary: true } }],
      [{ u: "0011" }, "WRONG_TYPE", "S.u"],
      [{ s: "\ud800" }, "WRONG_TYPE", "S.s", { utf8: "strict" }],
      [[], "WRONG_TYPE", "S"],
    ])("%o: %s at %s", (value, code, path, options) => {
      const failure = failureFrom(() => codecOf(backend, options).encode(value));
      expect(failure).toMatchObject({ error: "EncodeError", code: `ERR_THRIFT_${code}`, path });
    });

    it("a value that contains itself fails by the limit of depth", () => {
      const node: { next?: unknown } = {};
      node.next = node;
      expect(failureFrom(() => codecOf(backend).encode({ node })).code).toBe("ERR_THRIFT_DEPTH_LIMIT");
    });
  });
});

describe("both back ends agree", () => {
  const options: CodecOptions = { json: { nonFinite: "string" } };
  const codecs = backends.map((backend) => codecOf(backend, options));
  const sample = (random: Random): Uint8Array => codecs[0].encode(randomStruct(schema.struct("S"), random));
  const agree = (bytes: Uint8Array): void => {
    const [one, ...others] = codecs.map((codec) => outcomeOf(() => codec.decode(bytes)));
    for (const other of others) expect(other).toEqual(one);
  };

  it("on messages cut at every byte", () => {
    const bytes = sample(new Random(7));
    for (let end = 0; end < bytes.length; end++) {
      const cut = bytes.subarray(0, end);
      agree(cut);
      // In memory of its own there is nothing behind the end.
      agree(cut.slice());
      expect(failureFrom(() => codecs[0].decode(cut)).code).toBe("ERR_THRIFT_TRUNCATED");
    }
  });

  it("on messages with a byte changed, left out or put in", () => {
    const letters = utf8.encode('{}[]",:\\ -.0123456789eEutfnlas\u0000\u007f');
    forEachSeed(400, (random) => {
      const bytes = [...sample(random)];
      for (let i = 0; i < 3; i++) {
        bytes.splice(
          random.below(bytes.length),
          random.below(2),
          ...(random.chance(0.7) ? [random.pick([...letters])] : []),
        );
      }
      agree(Uint8Array.from(bytes));
    });
  });
});

/** Integers whose hash in V8 has the same lower bits: the mix of hash-guard.ts, for numbers of 31 bits. */
function collidingIntegers(count: number, bits: number): number[] {
  const found: number[] = [];
  for (let key = 0; found.length < count; key++) if ((hash(key) & ((1 << bits) - 1)) === 0) found.push(key);
  return found;
}

function hash(key: number): number {
  let mixed = (~key + (key << 15)) | 0;
  mixed ^= mixed >>> 12;
  mixed = (mixed + (mixed << 2)) | 0;
  mixed ^= mixed >>> 4;
  mixed = Math.imul(mixed, 2057);
  return mixed ^ (mixed >>> 16);
}
