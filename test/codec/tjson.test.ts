/** TJSON through codecs: what is spelled in another way than libraries spell it leaves the fast path of the source back end. */

import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachBackend } from "../support/backends.js";
import { failureFrom } from "../support/outcome.js";

const UUID = "00112233-4455-6677-8899-aabbccddeeff";

const schema = parseSchema({
  "a.thrift": `enum Color { RED = 1 }
    struct Key { 1: i32 x }
    struct S { 1: bool flag 2: byte tiny 3: i16 small 4: i32 medium 5: i64 large 6: double real 7: string text 8: binary data
      9: uuid id 10: Color color 11: list<i32> ints 12: set<string> names 13: map<i64, bool> longs 14: map<double, i32> reals
      15: map<Key, i32> keyed 16: list<list<string>> nested 17: map<bool, list<double>> flags 18: map<list<i32>, string> lists
      19: S inner 1000: i32 far i32 negative }
    struct Long { ${Array.from({ length: 40 }, (_, i) => `${i + 1}: optional i32 f${i + 1}`).join(" ")} }`,
});

/** Fields of S as text, and what they are read as. */
type Row = [name: string, text: string, value: Record<string, unknown>];

const ROWS: Row[] = [
  ["nothing", "", {}],
  ["an integer", '"4":{"i32":2147483647}', { medium: 2147483647 }],
  ["-0", '"4":{"i32":-0}', { medium: 0 }],
  ["zeros before the digits", '"4":{"i32":-0000000000000000000000012}', { medium: -12 }],
  ["a short i64", '"5":{"i64":-123456789012345}', { large: -123456789012345n }],
  ["16 digits", '"5":{"i64":1234567890123456}', { large: 1234567890123456n }],
  ["largest i64", '"5":{"i64":9223372036854775807}', { large: 2n ** 63n - 1n }],
  ["smallest i64", '"5":{"i64":-9223372036854775808}', { large: -(2n ** 63n) }],
  ["one above the smallest i64", '"5":{"i64":-9223372036854775807}', { large: 1n - 2n ** 63n }],
  ["2^32", '"5":{"i64":4294967296000000000}', { large: 4294967296000000000n }],
  ["-(2^32) * 10^9", '"5":{"i64":-4294967296000000000}', { large: -4294967296000000000n }],
  ["a long i64 with zeros", '"5":{"i64":0009007199254740993}', { large: 9007199254740993n }],
  ["a double", '"6":{"dbl":-0.1}', { real: -0.1 }],
  ["a negative zero", '"6":{"dbl":-0.0}', { real: -0 }],
  ["15 digits", '"6":{"dbl":1.00000000000001}', { real: 1.00000000000001 }],
  ["17 digits", '"6":{"dbl":3.1415926535897931}', { real: Math.PI }],
  ["an exponent", '"6":{"dbl":1.5E-10}', { real: 1.5e-10 }],
  ["a word", '"6":{"dbl":"-Infinity"}', { real: -Infinity }],
  ["another word", '"6":{"dbl":nan}', { real: NaN }],
  [
    "text",
    '"7":{"str":"some text that is longer than sixteen bytes"}',
    { text: "some text that is longer than sixteen bytes" },
  ],
  [
    "text of every length up to four",
    '"16":{"lst":["lst",1,["str",5,"","a","ab","abc","abcd"]]}',
    { nested: [["", "a", "ab", "abc", "abcd"]] },
  ],
  ["an escape at the end", '"7":{"str":"some text with \\""}', { text: 'some text with "' }],
  ["a backslash before the quote", '"7":{"str":"abc\\\\"}', { text: "abc\\" }],
  ["Chinese", '"7":{"str":"你好,世界"}', { text: "你好,世界" }],
  ["binary", '"8":{"str":"AP8="}', { data: Uint8Array.of(0, 255) }],
  ["a uuid", `"9":{"uid":"{${UUID}}"}`, { id: UUID }],
  ["an enum", '"10":{"i32":7}', { color: 7 }],
  ["a list", '"11":{"lst":["i32",3,1,-2,3]}', { ints: [1, -2, 3] }],
  ["an empty list of another type", '"11":{"lst":["map",0]}', { ints: [] }],
  ["a set", '"12":{"set":["str",3,"a","b","a"]}', { names: new Set(["a", "b"]) }],
  [
    "a map",
    '"13":{"map":["i64","tf",2,{"1":1,"-9223372036854775808":0}]}',
    {
      longs: new Map([
        [1n, true],
        [-(2n ** 63n), false],
      ]),
    },
  ],
  ["an empty map of other types", '"13":{"map":["str","rec",0,{}]}', { longs: new Map() }],
  [
    "doubles as keys",
    '"14":{"map":["dbl","i32",3,{"1.5":1,"NaN":2,"-inf":3}]}',
    {
      reals: new Map([
        [1.5, 1],
        [NaN, 2],
        [-Infinity, 3],
      ]),
    },
  ],
  [
    "structs as keys",
    '"15":{"map":["rec","i32",2,{{"1":{"i32":1}}:2,{}:3}]}',
    {
      keyed: new Map([
        [{ x: 1 }, 2],
        [{ x: undefined }, 3],
      ]),
    },
  ],
  [
    "bools as keys",
    '"17":{"map":["tf","lst",2,{"0":["dbl",1,1],"1":["dbl",0]}]}',
    {
      flags: new Map([
        [false, [1]],
        [true, []],
      ]),
    },
  ],
  ["lists as keys", '"18":{"map":["lst","str",1,{["i32",2,1,2]:"x"}]}', { lists: new Map([[[1, 2], "x"]]) }],
  ["a struct", '"19":{"rec":{"4":{"i32":1},"19":{"rec":{}}}}', { inner: { medium: 1, inner: {} } }],
  ["a negative id", '"-1":{"i32":1}', { negative: 1 }],
  ["an id of four digits", '"1000":{"i32":1}', { far: 1 }],
  ["an id with zeros", '"004":{"i32":1}', { medium: 1 }],
  ["the last of two", '"4":{"i32":1},"4":{"i32":2}', { medium: 2 }],
  [
    "fields in any order",
    '"1000":{"i32":3},"2":{"i8":1},"-1":{"i32":2},"1":{"tf":1}',
    { far: 3, tiny: 1, negative: 2, flag: true },
  ],
  [
    "unknown fields",
    `"77":{"rec":{"1":{"map":["str","lst",1,{"\\"}":["uid",1,"${UUID}"]}]}}},"4":{"i32":1},"78":{"dbl":"NaN"}`,
    { medium: 1 },
  ],
  ["a known field of another type", '"4":{"i64":99999999999},"3":{"i16":-1}', { small: -1 }],
];

const BROKEN: [name: string, text: string, code: string][] = [
  ["i8 of 128", '{"2":{"i8":128}}', "ERR_THRIFT_INVALID_DATA"],
  ["i16 of 32768", '{"3":{"i16":32768}}', "ERR_THRIFT_INVALID_DATA"],
  ["i32 of -2147483649", '{"4":{"i32":-2147483649}}', "ERR_THRIFT_INVALID_DATA"],
  ["i64 of 2^63", '{"5":{"i64":9223372036854775808}}', "ERR_THRIFT_INVALID_DATA"],
  ["i64 of -(2^63) - 1", '{"5":{"i64":-9223372036854775809}}', "ERR_THRIFT_INVALID_DATA"],
  ["i64 of 20 digits", '{"5":{"i64":99999999999999999999}}', "ERR_THRIFT_INVALID_DATA"],
  ["an i32 with a fraction", '{"4":{"i32":1.0}}', "ERR_THRIFT_INVALID_DATA"],
  ["an i64 with an exponent", '{"5":{"i64":1e3}}', "ERR_THRIFT_INVALID_DATA"],
  ["a double that ends in a point", '{"6":{"dbl":1.}}', "ERR_THRIFT_INVALID_DATA"],
  ["a minus alone", '{"4":{"i32":-}}', "ERR_THRIFT_INVALID_DATA"],
  ["a field that is not closed", '{"4":{"i32":1,"5":{"i64":1}}', "ERR_THRIFT_INVALID_DATA"],
  ["a struct that is not closed", '{"4":{"i32":1}', "ERR_THRIFT_TRUNCATED"],
  ["a key without quotes", '{"13":{"map":["i64","tf",1,{1:1}]}}', "ERR_THRIFT_INVALID_DATA"],
  ["a blank in the quotes of a key", '{"13":{"map":["i64","tf",1,{" 1":1}]}}', "ERR_THRIFT_INVALID_DATA"],
  ["a list of another type", '{"11":{"lst":["i64",1,1]}}', "ERR_THRIFT_INVALID_DATA"],
  ["a list that goes on", '{"11":{"lst":["i32",1,1,2]}}', "ERR_THRIFT_INVALID_DATA"],
  ["a size that cannot be", '{"11":{"lst":["i32",9999,1]}}', "ERR_THRIFT_SIZE_LIMIT"],
  ["another struct behind", "{}{}", "ERR_THRIFT_INVALID_DATA"],
  ["nothing at all", "", "ERR_THRIFT_TRUNCATED"],
  ["an unknown field that is broken", '{"77":{"str":"\\q"}}', "ERR_THRIFT_INVALID_DATA"],
];

/** Blanks between all tokens. The names of types are among them, and numbers in quotes, which stay whole. */
function spaced(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|[[\]{},:]/g, "\t$& \r\n");
}

function defined(value: unknown): unknown {
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, defined(item)]));
  if (
    typeof value !== "object" ||
    value === null ||
    ArrayBuffer.isView(value) ||
    Array.isArray(value) ||
    value instanceof Set
  )
    return value;
  const fields = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(fields.map(([name, item]) => [name, defined(item)]));
}

forEachBackend((backend) => {
  const codec = compile<any>(schema.struct("S"), { protocol: "tjson", backend });
  const decoded = (text: string): unknown => defined(codec.decode(Buffer.from(text)));

  describe("fields", () => {
    it.each(ROWS)("reads %s", (_name, text, value) => {
      expect(decoded(`{${text}}`)).toEqual(value);
      expect(decoded(spaced(`{${text}}`))).toEqual(value);
      // Far from the end of the message, where no part of the fast path gives up for want of bytes.
      expect(decoded(`{${text}${text === "" ? "" : ","}"999":{"str":"${"x".repeat(40)}"}}`)).toEqual(value);
    });

    it.each(ROWS)("gives %s back when it has been written", (_name, text) => {
      const value = codec.decode(Buffer.from(`{${text}}`));
      expect(codec.decode(codec.encode(value))).toEqual(value);
      expect(codec.encodedSize(value)).toBe(codec.encode(value).length);
    });

    it.each(BROKEN)("refuses %s", (_name, text, code) => {
      expect(failureFrom(() => codec.decode(Buffer.from(text)))).toMatchObject({ error: "DecodeError", code });
    });

    it.each(ROWS)("refuses %s that is cut short, whatever stands behind it in memory", (_name, text) => {
      const whole = Buffer.from(`{${text}}`);
      for (let length = 0; length < whole.length; length++) {
        const part = whole.subarray(0, length);
        expect(failureFrom(() => codec.decode(part)).error, part.toString()).toBe("DecodeError");
        expect(failureFrom(() => codec.decode(new Uint8Array(part))).error, part.toString()).toBe("DecodeError");
      }
    });
  });

  it("reads and writes structs of more fields than a chain of comparisons serves", () => {
    const long = compile<any>(schema.struct("Long"), { protocol: "tjson", backend });
    const value = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i + 1}`, i]));
    const fields = Object.values(value).map((i) => `"${i + 1}":{"i32":${i}}`);
    expect(long.encode(value).toString()).toBe(`{${fields.join(",")}}`);
    for (const order of [fields, fields.toReversed()]) {
      expect(long.decode(new Uint8Array(Buffer.from(`{${order.join(",")}}`)))).toEqual(value);
    }
  });

  it("reads lists of numbers into typed arrays, and writes them", () => {
    const typed = compile<any>(
      parseSchema({
        "b.thrift": "struct T { 1: list<byte> a 2: list<i16> b 3: list<i32> c 4: list<i64> d 5: list<double> e }",
      }).struct("T"),
      { protocol: "tjson", backend, lists: "typed" },
    );
    const text =
      '{"1":{"lst":["i8",2,-128,127]},"2":{"lst":["i16",1,-32768]},"3":{"lst":["i32",2,5,-5]},"4":{"lst":["i64",1,-9223372036854775808]},"5":{"lst":["dbl",3,0.5,"NaN",-0]}}';
    const value = {
      a: Int8Array.of(-128, 127),
      b: Int16Array.of(-32768),
      c: Int32Array.of(5, -5),
      d: BigInt64Array.of(-(2n ** 63n)),
      e: Float64Array.of(0.5, NaN, -0),
    };
    expect(typed.decode(Buffer.from(spaced(text)))).toEqual(value);
    expect(typed.encode(value).toString()).toBe(text);
    expect(failureFrom(() => typed.decode(Buffer.from('{"1":{"lst":["i8",1,128]}}'))).code).toBe(
      "ERR_THRIFT_INVALID_DATA",
    );
  });

  it("keeps unknown fields as they were spelled", () => {
    const keeping = compile<any>(schema.struct("Key"), { protocol: "tjson", backend, unknownFields: "keep" });
    const value = keeping.decode(
      Buffer.from('{ "7" : { "lst" : [ "str", 1, "\\u0041" ] }, "1":{"i32":5},"-8":{"rec":{}}} '),
    );
    expect(keeping.encode(value).toString()).toBe(
      '{"1":{"i32":5},"7":{"lst": [ "str", 1, "\\u0041" ]},"-8":{"rec":{}}}',
    );
  });

  it("obeys strict UTF-8 in text that is read in one go, and in escapes", () => {
    const strict = compile<any>(schema.struct("S"), { protocol: "tjson", backend, utf8: "strict" });
    expect(strict.decode(Buffer.from('{"7":{"str":"ä\\u00e4"}}')).text).toBe("ää");
    const bad = [
      Buffer.from('{"7":{"str":"\\ud800"}}'),
      Buffer.concat([Buffer.from('{"7":{"str":"'), Uint8Array.of(0xc0), Buffer.from('"}}')]),
    ];
    for (const bytes of bad) expect(failureFrom(() => strict.decode(bytes)).code).toBe("ERR_THRIFT_INVALID_UTF8");
    expect(failureFrom(() => strict.encode({ text: "\ud800" })).code).toBe("ERR_THRIFT_WRONG_TYPE");
    expect(codec.encode({ text: "\ud800" }).toString()).toBe('{"7":{"str":"\ufffd"}}');
  });

  it.each([0, 1, 31, 32, 1000, 16_384, 16_385, 100_000])(
    "writes texts of %i characters that all need an escape, and none",
    (length) => {
      for (const unit of ["\u0001", "\n", "a", "你", "😀"]) {
        const text = unit.repeat(length);
        expect(codec.encode({ text }).toString()).toBe(`{"7":{"str":${JSON.stringify(text)}}}`);
      }
    },
  );
});
