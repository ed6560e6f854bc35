import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import { fromJson, toJson } from "../../src/cli/json.js";
import { parseJson } from "../../src/cli/json-text.js";
import { parseSchema } from "../../src/schema/parse.js";
import { goldenSchema, goldenStruct, goldenVectors } from "../support/golden.js";
import { toHex } from "../support/hex.js";

const IDL = `
enum Color { RED = 1, BLUE = 4 }
struct Point { 1: i32 x, 2: i32 y }
struct All {
  1: bool flag, 2: i64 long, 3: double real, 4: string text, 5: binary blob, 6: Color color, 7: uuid id
  8: list<i8> list, 9: set<string> set, 10: map<i32, string> byInt, 11: map<Color, bool> byColor
  12: map<Point, i64> byPoint, 13: map<bool, i8> byBool, 14: map<double, i8> byReal, 15: map<i64, i8> byLong
  16: map<string, map<string, binary>> nested, 17: All inner, 18: i16 __proto__
}`;
const all = parseSchema({ "a.thrift": IDL }).struct("All");
const codec = compile(all);

/** JSON text → value → bytes → value → JSON text. */
function roundTrip(text: string): string {
  return toJson(codec.decode(codec.encode(fromJson(parseJson(text, "json"), all))), all, 0);
}

describe("the JSON mapping", () => {
  it.each([
    '{"flag":true}',
    '{"long":9007199254740991}',
    '{"long":"9007199254740993"}',
    '{"long":"-9223372036854775808"}',
    '{"real":-0}',
    '{"real":"NaN"}',
    '{"real":"-Infinity"}',
    '{"real":1e+300}',
    '{"text":"\\u0000\\u009b\\u202e 你好 \\"quoted\\""}',
    '{"blob":"AP8="}',
    '{"color":"BLUE"}',
    '{"color":3}',
    '{"id":"00112233-4455-6677-8899-aabbccddeeff"}',
    '{"list":[1,-2]}',
    '{"set":["a","b"]}',
    '{"byInt":{"9":"nine","-1":"minus one","0":""}}',
    '{"byColor":{"BLUE":true,"9":false}}',
    '{"byPoint":[[{"x":1,"y":2},"9223372036854775807"]]}',
    '{"byBool":{"true":1,"false":0}}',
    '{"byReal":{"1.5":1,"NaN":2,"Infinity":3,"1e+21":4}}',
    '{"byLong":{"9223372036854775807":1}}',
    '{"nested":{"__proto__":{"toString":"AA=="}}}',
    '{"inner":{"inner":{"flag":false}}}',
    '{"__proto__":7}',
    "{}",
  ])("keeps %s", (text) => {
    expect(roundTrip(text)).toBe(text);
  });

  it.each([
    ['{"color":1}', '{"color":"RED"}'],
    ['{"long":"5"}', '{"long":5}'],
    ['{"long":9007199254740993}', '{"long":"9007199254740993"}'],
    ['{"blob":"_-8"}', '{"blob":"/+8="}'],
    ['{"byInt":[[1,"one"]]}', '{"byInt":{"1":"one"}}'],
    ['{"text":null}', "{}"],
  ])("takes %s for %s", (given, written) => {
    expect(roundTrip(given)).toBe(written);
  });

  it.each([
    ['{"txt":"a"}', "ERR_THRIFT_UNKNOWN_NAME", 'cannot encode All: All has no field "txt"; did you mean "text"?'],
    ['{"blob":"*"}', "ERR_THRIFT_WRONG_TYPE", "cannot encode All.blob: expected base64, found other text"],
    ['{"flag":{}}', "ERR_THRIFT_WRONG_TYPE", "cannot encode All.flag: expected bool, found object"],
    ['{"list":{"0":1}}', "ERR_THRIFT_WRONG_TYPE", "cannot encode All.list: expected an array, found object"],
    ['{"list":[1,300]}', "ERR_THRIFT_OUT_OF_RANGE", "cannot encode All.list[1]: expected i8"],
    ['{"inner":[]}', "ERR_THRIFT_WRONG_TYPE", "cannot encode All.inner: expected an object, found array"],
    ['{"byInt":{"x":"y"}}', "ERR_THRIFT_WRONG_TYPE", "cannot encode All.byInt"],
    ['{"color":"PINK"}', "ERR_THRIFT_WRONG_TYPE", "cannot encode All.color"],
    ['{"long":9223372036854775808}', "ERR_THRIFT_OUT_OF_RANGE", "cannot encode All.long"],
    ['{"inner":'.repeat(70) + "{}" + "}".repeat(70), "ERR_THRIFT_DEPTH_LIMIT", "structs are nested deeper"],
  ])("refuses %s with %s", (text, code, message) => {
    expect(() => roundTrip(text)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });

  it("indents as JSON.stringify does", () => {
    const value = { list: [1, 2], nested: new Map([["a", new Map()]]), set: new Set() };
    const text = toJson(codec.decode(codec.encode(value)), all, 2);
    expect(text).toBe(JSON.stringify(JSON.parse(text), null, 2));
  });

  it("keeps every golden vector, byte for byte", () => {
    const schema = goldenSchema();
    for (const { line, struct, binary } of goldenVectors) {
      const type = goldenStruct(schema, struct);
      const golden = compile(type);
      const value = golden.decode(binary);
      const text = toJson(value, type, line % 3);
      const again = golden.encode(fromJson(parseJson(text, "json"), type));
      expect(toHex(again), `line ${line}`).toBe(toHex(golden.encode(value)));
    }
  });
});

describe("parseJson", () => {
  it("reads what JSON.parse reads", () => {
    const plain = (json: unknown): unknown =>
      json instanceof Map
        ? Object.fromEntries(Array.from(json, ([name, item]) => [name, plain(item)]))
        : Array.isArray(json)
          ? json.map(plain)
          : typeof json === "bigint"
            ? Number(json)
            : json;
    fc.assert(
      fc.property(fc.json(), fc.nat(2), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), null, indent);
        expect(plain(parseJson(spaced, "json"))).toEqual(JSON.parse(text));
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ["", "1:1: expected a value, found the end of the text"],
    ['{"a": tru}', "1:7: expected a value, found something else"],
    ['{"a" 1}', '1:6: expected ":", found something else'],
    ["{a: 1}", "1:2: expected a property name in double quotes"],
    ["[1,]", "1:4: expected a value"],
    ["[1\n2]", '2:1: expected "," or "]"'],
    ["[01]", '1:3: expected "," or "]"'],
    ['"a', "1:1: expected a string that ends"],
    ['"a\\"', "1:1: expected a string that ends"],
    ['"\\x"', "1:1: expected a string without control characters and unknown escapes"],
    ["{} {}", "1:4: expected the end of the text"],
    ["[".repeat(5000), "1:1002: expected fewer levels of nesting"],
  ])("says of %s: %s", (text, message) => {
    expect(() => parseJson(text, "in.json")).toThrow(`in.json:${message}`);
  });

  it("reads long strings and many backslashes in linear time", () => {
    const long = JSON.stringify(`${"\\".repeat(1_000_000)}"${"x".repeat(10_000_000)}`);
    expect(parseJson(long, "json")).toBe(JSON.parse(long));
  });
});
