/** What conversions give: golden vectors through every pair, text and numbers at every edge, order, defaults, masks. */

import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import type { CodecProtocol } from "../../src/codec/options.js";
import { EncodeError } from "../../src/errors.js";
import { parseSchema } from "../../src/schema/parse.js";
import type { StructDescriptor } from "../../src/schema/descriptor.js";
import type { TranscoderOptions } from "../../src/transcode/options.js";
import { makeTranscoder } from "../../src/transcode/transcoder.js";
import { protocolsAndJson } from "../support/backends.js";
import { goldenSchema, goldenStruct, goldenVectors, type GoldenVector } from "../support/golden.js";
import { hex } from "../support/hex.js";
import { failureFrom, outcomeOf } from "../support/outcome.js";
import { forEachTranscoderBackend, pairsOf, programIn, referenceFor, transcoderIn } from "../support/transcoders.js";

const NON_FINITE = { json: { nonFinite: "string" } } as const;
const golden = goldenSchema();
const goldenTypes = golden.structs.filter(({ name }) => goldenVectors.some(({ struct }) => struct === name));

const schema = parseSchema({
  "s.thrift": `enum Color { RED = 1 BLUE = 5 }
    struct Point { 1: i32 x = 3 2: i32 y }
    struct All {
      1: bool b  2: i8 i8  3: i16 i16  4: i32 i32  5: i64 i64  6: double d  7: string s  8: binary bin  9: uuid id
      10: list<i32> list  11: set<string> set  12: map<string, i32> byName  13: map<i64, string> byNumber  14: Color color
      15: map<Point, i32> byPoint  16: list<list<bool>> grid  17: map<double, bool> byDouble  18: map<Color, bool> byColor }
    struct Ordered { 9: i32 nine  1: i32 one  5: string five  3: bool three = true  7: list<i32> seven }
    struct Names { 1: string __proto__  2: string constructor  3: i32 plain (api.key = "a\\"b")  4: i32 other (api.body = "你") }
    struct Tree { 1: string name  2: list<Tree> children  3: map<string, Point> points  4: required i32 must }
    struct Deep { 1: optional Deep d }`,
});
const all = schema.struct("All");

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
const pairs = pairsOf(protocolsAndJson);

/** A vector in a protocol; Apache's library has no plain JSON. */
function spelledIn(protocol: CodecProtocol, type: StructDescriptor, vector: GoldenVector): Uint8Array {
  if (protocol !== "json") return vector[protocol];
  return compile(type, { protocol, ...NON_FINITE }).encode(compile(type).decode(vector.binary));
}

/** A pair with the options that it takes. */
const withJson = ({ from, to }: TranscoderOptions, json: TranscoderOptions["json"] & {}): TranscoderOptions =>
  from === "json" || to === "json" ? { from, to, json } : { from, to };

forEachTranscoderBackend((backend) => {
  const convert = (type: string, options: TranscoderOptions, bytes: Uint8Array): Uint8Array =>
    transcoderIn(backend, schema.struct(type), options).convert(bytes);
  const fromJson = (type: string, input: string, options: Partial<TranscoderOptions> = {}): string =>
    text(convert(type, { from: "json", to: "json", ...options }, utf8(input)));

  describe.each(pairsOf(backend.protocols))("golden vectors from $from to $to", ({ from, to }) => {
    it.each(goldenTypes)("of $name become what codecs make of them, in the back end itself", (type) => {
      const options = withJson({ from, to }, NON_FINITE.json);
      const program = programIn(backend, type, options);
      const reference = referenceFor(type, options);
      for (const vector of goldenVectors.filter(({ struct }) => struct === type.name)) {
        const input = spelledIn(from, type, vector);
        const output = program.convert(input);
        expect(output).toEqual(reference(input));
        if (to === "json") expect(() => JSON.parse(text(output!)) as unknown).not.toThrow();
      }
    });

    it("fail at every cut as codecs do", () => {
      const type = goldenStruct(golden, "Tree");
      const options = withJson({ from, to }, NON_FINITE.json);
      const input = spelledIn(
        from,
        type,
        goldenVectors.find(({ struct }) => struct === "Tree")!,
      );
      const transcoder = transcoderIn(backend, type, options);
      const reference = referenceFor(type, options);
      for (let end = 0; end < input.length; end++) {
        const cut = input.subarray(0, end);
        expect(outcomeOf(() => transcoder.convert(cut))).toEqual(outcomeOf(() => reference(cut)));
      }
    });
  });

  describe("text", () => {
    const binary = (bytes: Uint8Array): Uint8Array =>
      Buffer.concat([hex`0b 0007`, Uint8Array.of(0, 0, bytes.length >> 8, bytes.length), bytes, hex`00`]);
    const TEXTS: readonly (readonly [what: string, bytes: Uint8Array, json: string])[] = [
      ["nothing", hex``, ""],
      [
        "every control character",
        Uint8Array.from({ length: 32 }, (_, i) => i),
        JSON.stringify(String.fromCharCode(...Array(32).keys())).slice(1, -1),
      ],
      ["quotes and backslashes", utf8('"\\"'), '\\"\\\\\\"'],
      ["separators of lines, a mark of byte order, DEL", utf8("\u2028\u2029\ufeff\u007f"), "\u2028\u2029\ufeff\u007f"],
      ["characters of two, three and four bytes", utf8("é你🙂"), "é你🙂"],
      ["an overlong form", hex`61 c0af 62`, "a\ufffd\ufffdb"],
      ["a surrogate", hex`61 eda080 62`, "a\ufffd\ufffd\ufffdb"],
      ["a character cut short", hex`61 e4bd`, "a\ufffd"],
      ["beyond U+10FFFF", hex`f4908080`, "\ufffd\ufffd\ufffd\ufffd"],
      [
        "long text with an escape at each place",
        utf8(`${"x".repeat(4095)}\n你${"y".repeat(4097)}"`),
        `${"x".repeat(4095)}\\n你${"y".repeat(4097)}\\"`,
      ],
      ["long text that is no UTF-8", new Uint8Array(5000).fill(0xbf), "\ufffd".repeat(5000)],
    ];

    it.each(TEXTS)("has %s in JSON as JSON.stringify does", (_, bytes, json) => {
      expect(text(convert("All", { from: "binary", to: "json" }, binary(bytes)))).toBe(`{"s":"${json}"}`);
    });

    it.each(TEXTS)("passes %s from binary to compact and back as it stands", (_, bytes) => {
      const compact = convert("All", { from: "binary", to: "compact" }, binary(bytes));
      expect(convert("All", { from: "compact", to: "binary" }, compact)).toEqual(binary(bytes));
    });

    it.each(TEXTS)("of %s is UTF-8 in binary when it comes as JSON", (_, bytes) => {
      const escaped = Array.from(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), (character) =>
        Array.from(
          { length: character.length },
          (__, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`,
        ).join(""),
      ).join("");
      const expected = binary(Buffer.from(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)));
      expect(convert("All", { from: "json", to: "binary" }, utf8(`{"s":"${escaped}"}`))).toEqual(expected);
    });

    it.each([
      ["a lone surrogate", '"\\ud800"', "INVALID_UTF8"],
      ["an escape that is none", '"\\x"', "INVALID_DATA"],
      ["a control character", '"\n"', "INVALID_DATA"],
      ["no end", '"x', "TRUNCATED"],
    ])("is refused with %s in strict mode", (_, literal, code) => {
      const strict = { utf8: "strict" } as const;
      expect(failureFrom(() => fromJson("All", `{"s":${literal}}`, strict)).code).toBe(`ERR_THRIFT_${code}`);
    });

    it("is refused where it is no UTF-8 in strict mode, between binary and compact too", () => {
      const options = { from: "binary", to: "compact", utf8: "strict" } as const;
      expect(failureFrom(() => convert("All", options, binary(hex`c0af`))).code).toBe("ERR_THRIFT_INVALID_UTF8");
    });
  });

  describe("numbers of plain JSON", () => {
    it.each([
      ['{"i8":127,"i16":-32768,"i32":2147483647,"i64":9007199254740991}', undefined],
      ['{"i64":"9007199254740992"}', '{"i64":9007199254740992}'],
      ['{"i64":"-9223372036854775808"}', '{"i64":-9223372036854775808}'],
      ['{"i64":7}', '{"i64":"7"}'],
      ['{"d":-0}', '{"d":-0.0}'],
      ['{"d":0.1}', '{"d":1e-1}'],
      ['{"d":1e+21}', '{"d":1000000000000000000000}'],
      ['{"d":5e-324}', '{"d":3e-324}'],
      ['{"d":1.7976931348623157e+308}', '{"d":1.7976931348623157e308}'],
      [`{"d":${String(Number("1".repeat(300)))}}`, `{"d":${"1".repeat(300)}}`],
      ['{"d":0.3333333333333333}', `{"d":0.${"3".repeat(10_000)}}`],
    ])("%s", (canonical, given) => {
      expect(fromJson("All", given ?? canonical)).toBe(canonical);
    });

    it.each([
      ['{"i8":128}', "OUT_OF_RANGE"],
      ['{"i32":2147483648}', "OUT_OF_RANGE"],
      ['{"i64":9223372036854775808}', "OUT_OF_RANGE"],
      [`{"i64":${"9".repeat(10_000)}}`, "OUT_OF_RANGE"],
      [`{"d":${"9".repeat(10_000)}}`, "OUT_OF_RANGE"],
      ['{"i32":1.0}', "INVALID_DATA"],
      ['{"i32":01}', "INVALID_DATA"],
      ['{"i32":"1"}', "INVALID_DATA"],
      ['{"d":NaN}', "INVALID_DATA"],
    ])("%s is refused", (given, code) => {
      expect(failureFrom(() => fromJson("All", given)).code).toBe(`ERR_THRIFT_${code}`);
    });

    it("are text where the options say so", () => {
      const options = { int64: "string", enums: "name", json: { string2Int64: true, byteAsUint8: true } } as const;
      const given = '{"i8":"200","i64":5,"color":"5","byColor":{"1":true}}';
      expect(fromJson("All", given, options)).toBe('{"i8":200,"i64":"5","color":"BLUE","byColor":{"RED":true}}');
    });
  });

  describe("order", () => {
    it.each(pairs)("of fields is that of $to, from $from in any other", ({ from, to }) => {
      const type = schema.struct("Ordered");
      const value = { nine: 9, one: 1, five: "5", three: false, seven: [7, 7] };
      const fields = ["nine", "one", "five", "three", "seven"];
      const expected = compile(type, { protocol: to }).encode(value);
      // A struct with the fields in another order has other ids in order: names are what counts in JSON, ids elsewhere.
      for (let turn = 0; turn < fields.length; turn++) {
        const order = [...fields.slice(turn), ...fields.slice(0, turn)].toReversed();
        const input =
          from === "json"
            ? utf8(`{${order.map((name) => JSON.stringify({ [name]: value[name as "one"] }).slice(1, -1)).join()}}`)
            : encodedInOrder(from, order, value);
        expect(convert("Ordered", { from, to }, input)).toEqual(expected);
      }
    });

    /** Fields one after the other, as a peer may write them that has no order: each cut out of a struct that has it alone. */
    function encodedInOrder(
      protocol: "binary" | "compact" | "tjson",
      names: readonly string[],
      value: Record<string, unknown>,
    ): Uint8Array {
      const type = schema.struct("Ordered");
      const parts = names.map((name) => {
        const fields = type.fields.filter((field) => field.name === name);
        const bytes = compile({ ...type, fields }, { protocol }).encode({ [name]: value[name] });
        if (protocol === "tjson") return bytes.slice(1, -1);
        if (protocol === "binary") return bytes.slice(0, -1);
        // The long form of a header does not depend on the field before: an id of up to 63 takes one byte.
        return Uint8Array.of(bytes[0] & 0x0f, fields[0].id * 2, ...bytes.slice(1, -1));
      });
      if (protocol === "tjson") return utf8(`{${parts.map(text).join()}}`);
      return Buffer.concat([...parts, Uint8Array.of(0)]);
    }

    it("keeps the last of a field that comes twice, and nothing of one that null takes back", () => {
      expect(fromJson("Ordered", '{"one":1,"nine":2,"one":3}')).toBe('{"nine":2,"one":3,"three":true}');
      expect(fromJson("Ordered", '{"one":1,"three":false,"one":null,"three":null}')).toBe('{"three":true}');
      expect(failureFrom(() => fromJson("Tree", '{"must":1,"must":null}')).code).toBe("ERR_THRIFT_REQUIRED_MISSING");
      const twice = hex`08 0001 00000001 08 0009 00000002 08 0001 00000003 00`;
      expect(text(convert("Ordered", { from: "binary", to: "json" }, twice))).toBe('{"nine":2,"one":3,"three":true}');
      const once = compile(schema.struct("Ordered"), { protocol: "compact" }).encode({ nine: 2, one: 3 });
      expect(convert("Ordered", { from: "binary", to: "compact" }, twice)).toEqual(once);
    });

    it("of entries and elements is kept, equal ones too", () => {
      expect(fromJson("All", '{"set":["b","a","b"],"byName":{"z":1,"a":2,"z":3}}')).toBe(
        '{"set":["b","a","b"],"byName":{"z":1,"a":2,"z":3}}',
      );
    });
  });

  describe("names", () => {
    it("that mean something to JavaScript, or need escapes, are names", () => {
      const options = { json: { names: "alias" } } as const;
      const given = '{"\\u005f_proto__":"p","constructor":"c","a\\"b":1,"\\u4f60":2,"toString":{"x":[null]}}';
      expect(fromJson("Names", given, options)).toBe('{"__proto__":"p","constructor":"c","a\\"b":1,"你":2}');
    });

    it("that no field has are refused on request", () => {
      expect(failureFrom(() => fromJson("Names", '{"x":1}', { unknownFields: "refuse" })).code).toBe(
        "ERR_THRIFT_UNKNOWN_NAME",
      );
    });
  });

  describe("nesting", () => {
    const nested = (levels: number): string => '{"d":'.repeat(levels) + "{}" + "}".repeat(levels);

    it.each(pairsOf(backend.protocols))("is counted from $from to $to", ({ from, to }) => {
      const type = schema.struct("Deep");
      const limits = { maxDepth: 10 };
      const input = (levels: number): Uint8Array =>
        convert("Deep", { from: "json", to: from, limits: { maxDepth: 100 } }, utf8(nested(levels)));
      const transcoder = transcoderIn(backend, type, { from, to, limits });
      expect(transcoder.convert(input(9))).toEqual(referenceFor(type, { from, to, limits })(input(9)));
      expect(failureFrom(() => transcoder.convert(input(10))).code).toBe("ERR_THRIFT_DEPTH_LIMIT");
    });

    it("without limit ends where the stack does", () => {
      const options = { from: "json", to: "binary", limits: { maxDepth: Infinity } } as const;
      const failure = failureFrom(() => convert("Deep", options, utf8(nested(200_000))));
      expect(failure.code).toBe("ERR_THRIFT_DEPTH_LIMIT");
    });
  });

  describe("field masks", () => {
    const tree = '{"name":"r","children":[{"name":"c","points":{"p":{"x":1,"y":2}},"must":1}],"points":{},"must":2}';
    it.each([
      [["name"], '{"name":"r"}'],
      [["must", "children.points.y"], '{"children":[{"points":{"p":{"y":2}}}],"must":2}'],
      [["points.x", "points"], '{"points":{}}'],
      [["children", "children.name"], '{"children":[{"name":"c","points":{"p":{"x":1,"y":2}},"must":1}]}'],
    ])("%j", (fields, expected) => {
      expect(fromJson("Tree", tree, { fields })).toBe(expected);
      const binary = convert("Tree", { from: "json", to: "binary" }, utf8(tree));
      expect(text(convert("Tree", { from: "binary", to: "json", fields }, binary))).toBe(expected);
    });

    it.each([[["nothing"]], [["name.x"]], [["children.nothing"]]])("%j leads nowhere", (fields) => {
      expect(() => transcoderIn(backend, schema.struct("Tree"), { from: "binary", to: "json", fields })).toThrow(
        RangeError,
      );
    });
  });

  describe("unknown fields", () => {
    it("are kept behind the known ones within a protocol", () => {
      const given = hex`0b 0063 00000001 61 08 0009 00000002 0c 0064 08 0001 00000001 00 08 0001 00000003 00`;
      const options = { from: "binary", to: "binary", unknownFields: "keep" } as const;
      const expected = hex`08 0001 00000003 02 0003 01 08 0009 00000002 0b 0063 00000001 61 0c 0064 08 0001 00000001 00 00`;
      expect(new Uint8Array(convert("Ordered", options, given))).toEqual(expected);
    });
  });

  it("writes into a target, or says that it is too small", () => {
    const transcoder = transcoderIn(backend, schema.struct("Point"), { from: "json", to: "binary" });
    const target = new Uint8Array(20);
    const expected = compile(schema.struct("Point")).encode({ x: 1, y: 2 });
    expect(transcoder.convertInto(utf8('{"x":1,"y":2}'), target, 5)).toBe(expected.length);
    expect(target.subarray(5)).toEqual(new Uint8Array(expected));
    expect(() => transcoder.convertInto(utf8('{"x":1,"y":2}'), target, 6)).toThrow(EncodeError);
    expect(() => transcoder.convertInto(utf8("{}"), target, 21)).toThrow(RangeError);
  });

  it("converts asynchronously to the same bytes and errors", async () => {
    const transcoder = transcoderIn(backend, schema.struct("Point"), { from: "json", to: "binary" });
    await expect(transcoder.convertAsync(utf8('{"x":1}'))).resolves.toEqual(transcoder.convert(utf8('{"x":1}')));
    await expect(transcoder.convertAsync(utf8('{"x":'))).rejects.toMatchObject({ code: "ERR_THRIFT_TRUNCATED" });
  });

  it("takes bytes of every kind of memory", () => {
    const transcoder = transcoderIn(backend, schema.struct("Point"), { from: "binary", to: "json" });
    const bytes = compile(schema.struct("Point")).encode({ x: 1, y: 2 });
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 3), 3);
    shared.set(bytes);
    const odd = new Uint8Array(bytes.length + 1).subarray(1);
    odd.set(bytes);
    for (const form of [bytes, shared, odd]) expect(text(transcoder.convert(form))).toBe('{"x":1,"y":2}');
  });

  it("is not held up by a field that comes a million times, known or unknown", () => {
    const field = (header: string): Uint8Array => new Uint8Array(Buffer.alloc(4_000_000, header, "hex"));
    const end = hex`00`;
    const known = Buffer.concat([field("03000205"), end]);
    const binary = { from: "binary", to: "binary" } as const;
    expect(new Uint8Array(convert("All", binary, known))).toEqual(hex`03 0002 05 00`);
    const json = `{${'"i8":1,'.repeat(500_000)}"i8":2}`;
    expect(fromJson("All", json)).toBe('{"i8":2}');
    const unknown = Buffer.concat([field("03006305").subarray(0, 400_000), end]);
    expect(convert("All", { ...binary, unknownFields: "keep" }, unknown).length).toBe(unknown.length);
  });

  it("keeps to a budget of memory, as decoding does", () => {
    const limits = { maxHeapBytes: 2000 };
    const options = { from: "json", to: "binary", limits } as const;
    const many = `{"grid":[${Array(100).fill("[]").join()}]}`;
    expect(failureFrom(() => convert("All", options, utf8(many)))).toEqual(
      failureFrom(() => referenceFor(all, options)(utf8(many))),
    );
  });
});

it.each([
  [{ from: "binary", to: "compact", unknownFields: "keep" }],
  [{ from: "binary", to: "compact", json: {} }],
  [{ from: "binary", to: "json", unknownFields: "refuse" }],
  [{ from: "binary", to: "json", int64: "number" }],
  [{ from: "binary", to: "json", maps: "object" }],
  [{ from: "binary", to: "xml" }],
  [{ to: "json" }],
  [{ from: "binary", to: "json", backend: "closure" }],
])("refuses %j, which means nothing", (options) => {
  expect(() => makeTranscoder(all, options as TranscoderOptions)).toThrow(RangeError);
});
