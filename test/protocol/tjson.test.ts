import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../src/protocol/protocol.js";
import { skip } from "../../src/protocol/skip.js";
import { TJsonWriter } from "../../src/protocol/tjson-writer.js";
import { TJsonReader } from "../../src/protocol/tjson.js";
import { TJSON_MINIMUM, TJSON_NAMES, TType, type ValueTType } from "../../src/protocol/ttype.js";

const utf8 = new TextEncoder();

function readerOf(
  text: string | Uint8Array,
  options: { maxStringBytes?: number; strictUtf8?: boolean } = {},
): TJsonReader {
  const reader = new TJsonReader({ maxStringBytes: Infinity, strictUtf8: false, ...options });
  reader.reset(typeof text === "string" ? utf8.encode(text) : text);
  return reader;
}

function written(write: (writer: TJsonWriter) => void, strictUtf8 = false): string {
  const writer = new TJsonWriter({ strictUtf8 });
  write(writer);
  return new TextDecoder().decode(writer.finish());
}

function failure(run: () => unknown): { code: string; offset: number } {
  try {
    run();
  } catch (error) {
    if (error instanceof ProtocolError) return { code: error.code, offset: error.offset };
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** Reads a value that stands in a list, so that its end is seen. */
function element<T>(text: string, read: (reader: TJsonReader) => T, options?: Parameters<typeof readerOf>[1]): T {
  const reader = readerOf(`["i32",1,${text}]`, options);
  reader.readListBegin();
  const value = read(reader);
  reader.readListEnd();
  return value;
}

/** Reads the key of a map. */
function key<T>(text: string, read: (reader: TJsonReader) => T): T {
  const reader = readerOf(`["i32","tf",1,{${text}:1}]`);
  reader.readMapBegin();
  const value = read(reader);
  expect(reader.readBool()).toBe(true);
  reader.readMapEnd();
  return value;
}

const UUID = "00112233-4455-6677-8899-aabbccddeeff";
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

type Primitive = [
  name: string,
  text: string,
  read: (r: TJsonReader) => unknown,
  write: (w: TJsonWriter) => void,
  value: unknown,
];

const PRIMITIVES: Primitive[] = [
  ["true", "1", (r) => r.readBool(), (w) => w.writeBool(true), true],
  ["false", "0", (r) => r.readBool(), (w) => w.writeBool(false), false],
  ["i8", "-128", (r) => r.readI8(), (w) => w.writeI8(-128), -128],
  ["i16", "-32768", (r) => r.readI16(), (w) => w.writeI16(-32768), -32768],
  ["i32", "2147483647", (r) => r.readI32(), (w) => w.writeI32(0x7fffffff), 0x7fffffff],
  ["0", "0", (r) => r.readI32(), (w) => w.writeI32(0), 0],
  ["largest i64", "9223372036854775807", (r) => r.readI64(), (w) => w.writeI64(2n ** 63n - 1n), 2n ** 63n - 1n],
  ["smallest i64", "-9223372036854775808", (r) => r.readI64(), (w) => w.writeI64(-(2n ** 63n)), -(2n ** 63n)],
  ["i64 beyond 2^53", "9007199254740993", (r) => r.readI64(), (w) => w.writeI64(2n ** 53n + 1n), 2n ** 53n + 1n],
  ["double", "-1.5", (r) => r.readDouble(), (w) => w.writeDouble(-1.5), -1.5],
  ["whole double", "3", (r) => r.readDouble(), (w) => w.writeDouble(3), 3],
  ["-0", "-0", (r) => r.readDouble(), (w) => w.writeDouble(-0), -0],
  ["smallest double", "5e-324", (r) => r.readDouble(), (w) => w.writeDouble(5e-324), 5e-324],
  ["NaN", '"NaN"', (r) => r.readDouble(), (w) => w.writeDouble(NaN), NaN],
  ["Infinity", '"Infinity"', (r) => r.readDouble(), (w) => w.writeDouble(Infinity), Infinity],
  ["-Infinity", '"-Infinity"', (r) => r.readDouble(), (w) => w.writeDouble(-Infinity), -Infinity],
  ["empty string", '""', (r) => r.readString(), (w) => w.writeString(""), ""],
  ["text", '"Aä你😀"', (r) => r.readString(), (w) => w.writeString("Aä你😀"), "Aä你😀"],
  [
    "escapes",
    '"\\"\\\\\\b\\f\\n\\r\\t\\u0000/"',
    (r) => r.readString(),
    (w) => w.writeString('"\\\b\f\n\r\t\0/'),
    '"\\\b\f\n\r\t\0/',
  ],
  ["no bytes", '""', (r) => r.readBinary(), (w) => w.writeBinary(bytes()), bytes()],
  ["one byte", '"/w"', (r) => r.readBinary(), (w) => w.writeBinary(bytes(255)), bytes(255)],
  ["two bytes", '"AP8"', (r) => r.readBinary(), (w) => w.writeBinary(bytes(0, 255)), bytes(0, 255)],
  ["three bytes", '"AAEC"', (r) => r.readBinary(), (w) => w.writeBinary(bytes(0, 1, 2)), bytes(0, 1, 2)],
  ["uuid", `"${UUID}"`, (r) => r.readUuid(), (w) => w.writeUuid(UUID), UUID],
];

describe("primitives", () => {
  it.each(PRIMITIVES)("reads and writes %s", (_name, text, read, write, value) => {
    const reader = readerOf(text);
    expect(read(reader)).toEqual(value);
    expect(reader.position).toBe(utf8.encode(text).length);
    expect(written(write)).toBe(text);
  });

  it.each(PRIMITIVES)("puts %s in quotes as a key, where it is a number", (_name, text, read, write, value) => {
    const quoted = text.startsWith('"') ? text : `"${text}"`;
    expect(key(quoted, read)).toEqual(value);
    const map = written((w) => {
      w.writeMapBegin(TType.I32, TType.BOOL, 1);
      write(w);
      w.writeBool(true);
      w.writeMapEnd();
    });
    expect(map).toBe(`["i32","tf",1,{${quoted}:1}]`);
  });

  it.each(PRIMITIVES)("refuses %s where the input ends before it does", (_name, text, read) => {
    const whole = utf8.encode(`["i32",1, ${text}]`);
    for (let length = 8; length < whole.length; length++) {
      const run = (): void => {
        const reader = readerOf(whole.subarray(0, length));
        reader.readListBegin();
        read(reader);
        reader.readListEnd();
      };
      expect(failure(run).code).toMatch(/TRUNCATED|INVALID_DATA/);
    }
  });
});

describe("what Apache's libraries write", () => {
  it.each<[name: string, text: string, read: (r: TJsonReader) => unknown, value: unknown]>([
    ["a double of Python", "4.9406564584124654e-324", (r) => r.readDouble(), 5e-324],
    ["a double of Java", "1.0E10", (r) => r.readDouble(), 1e10],
    ["a double with a signed exponent", "1e+21", (r) => r.readDouble(), 1e21],
    ["a double of 17 digits", "3.1415926535897931", (r) => r.readDouble(), Math.PI],
    ["inf of Python", "inf", (r) => r.readDouble(), Infinity],
    ["-inf of Python", "-inf", (r) => r.readDouble(), -Infinity],
    ["nan of Python", "nan", (r) => r.readDouble(), NaN],
    ["Infinity of Node.js", "Infinity", (r) => r.readDouble(), Infinity],
    ["NaN of Node.js", "NaN", (r) => r.readDouble(), NaN],
    ["an i64 of Node.js", "-000000000001", (r) => r.readI64(), -1n],
    ["padded base64 of one byte", '"/w=="', (r) => r.readBinary(), bytes(255)],
    ["padded base64 of two bytes", '"AP8="', (r) => r.readBinary(), bytes(0, 255)],
    ["control characters as they are", '"\0\b\n\x1f"', (r) => r.readString(), "\0\b\n\x1f"],
    ["escaped slash", '"\\/"', (r) => r.readString(), "/"],
    ["escaped surrogates", '"\\ud83d\\ude00\\u00e4"', (r) => r.readString(), "😀ä"],
    ["upper case escape", '"\\u00E4"', (r) => r.readString(), "ä"],
    ["a uuid in upper case with braces", `"{${UUID.toUpperCase()}}"`, (r) => r.readUuid(), UUID],
    ["another true", "2", (r) => r.readBool(), true],
  ])("reads %s", (_name, text, read, value) => {
    expect(element(text, read)).toEqual(value);
    expect(element(` \t\r\n${text} \n`, read)).toEqual(value);
  });

  it("takes the base64 of a view as memory of its own", () => {
    const text = utf8.encode('"AAEC"');
    const value = readerOf(text).readBinary();
    text.fill(0x41);
    expect(value).toEqual(bytes(0, 1, 2));
    expect(Object.getPrototypeOf(value)).toBe(Uint8Array.prototype);
  });
});

describe("what is refused", () => {
  it.each<[name: string, text: string, read: (r: TJsonReader) => unknown, offset?: number]>([
    ["i8 of 128", "128", (r) => r.readI8()],
    ["i16 of -32769", "-32769", (r) => r.readI16()],
    ["i32 of 2^31", "2147483648", (r) => r.readI32()],
    ["i64 of 2^63", "9223372036854775808", (r) => r.readI64()],
    ["i64 of many digits", "9".repeat(1000), (r) => r.readI64()],
    ["a fraction for an integer", "1.0", (r) => r.readI32()],
    ["an exponent for an integer", "1e2", (r) => r.readI64()],
    ["a string for an integer", '"1"', (r) => r.readI32()],
    ["true", "true", (r) => r.readBool()],
    ["null", "null", (r) => r.readString()],
    ["a double beyond all doubles", "1e999", (r) => r.readDouble()],
    ["a number in quotes as value", '"1.5"', (r) => r.readDouble(), 10],
    ["another word for a double", '"infinite"', (r) => r.readDouble(), 13],
    ["a number with a plus sign", "+1", (r) => r.readI32()],
    ["a number for a string", "1", (r) => r.readString()],
    ["an escape that JSON has not", '"\\x41"', (r) => r.readString(), 10],
    ["base64 of one character", '"A"', (r) => r.readBinary()],
    ["other characters in base64", '"A*=="', (r) => r.readBinary()],
    ["a uuid of 35 characters", `"${UUID.slice(1)}"`, (r) => r.readUuid()],
    ["other text for a uuid that is skipped", '"x"', (r) => skip(r, TType.UUID, 1)],
  ])("%s is invalid data", (_name, text, read, offset = 9) => {
    expect(failure(() => element(text, read))).toEqual({ code: "ERR_THRIFT_INVALID_DATA", offset });
  });

  it.each<[name: string, text: string, read: (r: TJsonReader) => unknown]>([
    ["a number without quotes", "1", (r) => r.readI32()],
    ["a double without quotes", "1.5", (r) => r.readDouble()],
    ["a blank in the quotes", '" 1"', (r) => r.readI32()],
    ["a blank behind the number", '"1 "', (r) => r.readI64()],
    ["a fraction", '"1.5"', (r) => r.readI32()],
    ["nothing", '""', (r) => r.readI32()],
  ])("%s is no key", (_name, text, read) => {
    expect(failure(() => key(text, read)).code).toBe("ERR_THRIFT_INVALID_DATA");
  });

  it.each([
    ["no comma", '["i32",2,1 2]'],
    ["two commas", '["i32",2,1,,2]'],
    ["a comma at the end", '["i32",2,1,2,]'],
    ["more elements than the size says", '["i32",2,1,2,3]'],
    ["the wrong bracket", '["i32",2,1,2}'],
    ["no size", '["i32"]'],
    ["a size in quotes", '["i32","2",1,2]'],
    ["a colon", '["i32",2:1,2]'],
  ])("a list with %s", (_name, text) => {
    const run = (): void => skip(readerOf(text), TType.LIST, 4);
    expect(failure(run).code).toBe("ERR_THRIFT_INVALID_DATA");
  });

  it.each([
    ["no colon", '["i32","i32",1,{"1" 2}]'],
    ["a comma for the colon", '["i32","i32",1,{"1",2}]'],
    ["no comma", '["i32","i32",2,{"1":2"3":4}]'],
    ["a comma at the end", '["i32","i32",1,{"1":2,}]'],
    ["no object", '["i32","i32",0]'],
    ["an array for the object", '["i32","i32",0,[]]'],
    ["more entries than the size says", '["i32","i32",0,{"1":2}]'],
    ["something behind the object", '["i32","i32",0,{},0]'],
  ])("a map with %s", (_name, text) => {
    expect(failure(() => skip(readerOf(text), TType.MAP, 4)).code).toBe("ERR_THRIFT_INVALID_DATA");
  });

  it.each([
    ["no colon", '{"1"{"i32":5}}'],
    ["no braces", '{"1":5}'],
    ["an empty field", '{"1":{}}'],
    ["two values in a field", '{"1":{"i32":5,"i64":6}}'],
    ["no comma", '{"1":{"i32":5}"2":{"i32":5}}'],
    ["a comma for the brace of a field", '{"1":{"i32":5,"2":{"i32":5}}'],
    ["a comma at the end", '{"1":{"i32":5},}'],
    ["a comma at the start", '{,"1":{"i32":5}}'],
    ["a name for an id", '{"id":{"i32":5}}'],
    ["a bare id", '{1:{"i32":5}}'],
    ["an id over 32767", '{"32768":{"i32":5}}'],
    ["an id of a fraction", '{"1.5":{"i32":5}}'],
    ["a type that Thrift has not", '{"1":{"i128":5}}'],
    ["the type in another case", '{"1":{"I32":5}}'],
    ["an array for the struct", "[]"],
  ])("a struct with %s", (_name, text) => {
    expect(failure(() => skip(readerOf(text), TType.STRUCT, 4)).code).toBe("ERR_THRIFT_INVALID_DATA");
  });
});

describe("strings", () => {
  it("are held to maxStringBytes by their text, without escapes", () => {
    const options = { maxStringBytes: 4 };
    expect(element('"\\u0041\\n你"', (r) => r.readString(), { maxStringBytes: 5 })).toBe("A\n你");
    for (const text of ['"abcde"', '"a你b"', '"\\n\\n\\n\\n\\n"']) {
      expect(failure(() => element(text, (r) => r.readString(), options)).code).toBe("ERR_THRIFT_SIZE_LIMIT");
      expect(failure(() => element(text, (r) => r.skipScalar(TType.STRING), options)).code).toBe(
        "ERR_THRIFT_SIZE_LIMIT",
      );
    }
    expect(element('"AAECAw"', (r) => r.readBinary(), options)).toEqual(bytes(0, 1, 2, 3));
    expect(failure(() => element('"AAECAwQ"', (r) => r.readBinary(), options)).code).toBe("ERR_THRIFT_SIZE_LIMIT");
  });

  it("are held to no limit in the names of types", () => {
    expect(element("1", (r) => r.readI32(), { maxStringBytes: 1 })).toBe(1);
  });

  it.each([
    ["bytes that are not UTF-8", Uint8Array.of(0x22, 0x41, 0xc0, 0xaf, 0x22), "A\ufffd\ufffd"],
    ["a lone surrogate", utf8.encode('"A\\ud800"'), "A\ufffd"],
  ])("replace %s, or refuse it", (_name, text, value) => {
    expect(readerOf(text).readString()).toBe(value);
    expect(failure(() => readerOf(text, { strictUtf8: true }).readString()).code).toBe("ERR_THRIFT_INVALID_UTF8");
  });

  it("are written with U+FFFD for lone surrogates, or refused", () => {
    expect(written((w) => w.writeString("a\ud800"))).toBe('"a\ufffd"');
    expect(failure(() => written((w) => w.writeString("a\ud800"), true)).code).toBe("ERR_THRIFT_WRONG_TYPE");
  });
});

describe("structs", () => {
  const TEXT = '{"1":{"i32":5},"-2":{"str":"x"},"32767":{"rec":{}},"4":{"lst":["i8",0]}}';

  it("are written with ids and types", () => {
    const text = written((w) => {
      w.writeStructBegin();
      w.writeFieldBegin(TType.I32, 1);
      w.writeI32(5);
      w.writeFieldEnd();
      w.writeFieldBegin(TType.STRING, -2);
      w.writeString("x");
      w.writeFieldEnd();
      w.writeFieldBegin(TType.STRUCT, 32767);
      w.writeStructBegin();
      w.writeFieldStop();
      w.writeStructEnd();
      w.writeFieldEnd();
      w.writeFieldBegin(TType.LIST, 4);
      w.writeListBegin(TType.I8, 0);
      w.writeListEnd();
      w.writeFieldEnd();
      w.writeFieldStop();
      w.writeStructEnd();
    });
    expect(text).toBe(TEXT);
  });

  it.each([
    ["as they are written", TEXT],
    ["with blanks between all tokens", ` ${TEXT.replace(/"[^"]*"|[[\]{},:]/g, "$& \n")}`],
  ])("are read field by field %s", (_name, text) => {
    const reader = readerOf(text);
    const seen: [id: number, type: ValueTType][] = [];
    reader.readStructBegin();
    while (reader.readFieldBegin()) {
      seen.push([reader.fieldId, reader.fieldType]);
      skip(reader, reader.fieldType, 4);
      reader.readFieldEnd();
    }
    reader.readStructEnd();
    expect(seen).toEqual([
      [1, TType.I32],
      [-2, TType.STRING],
      [32767, TType.STRUCT],
      [4, TType.LIST],
    ]);
    expect(reader.position).toBe(text.length);
  });

  it("know every type by the name that Apache gives it", () => {
    for (const [ttype, name] of Object.entries(TJSON_NAMES)) {
      const reader = readerOf(`{"1":{"${name}":`);
      reader.readStructBegin();
      expect(reader.readFieldBegin()).toBe(true);
      expect(reader.fieldType).toBe(Number(ttype));
    }
  });

  it("as keys stand in the object of the map as they are, and so do lists", () => {
    const text = '["rec","lst",2,{{"1":{"i32":1}}:["i32",1,2],{}:["i32",0]}]';
    const result = written((w) => {
      w.writeMapBegin(TType.STRUCT, TType.LIST, 2);
      w.writeStructBegin();
      w.writeFieldBegin(TType.I32, 1);
      w.writeI32(1);
      w.writeFieldEnd();
      w.writeStructEnd();
      w.writeListBegin(TType.I32, 1);
      w.writeI32(2);
      w.writeListEnd();
      w.writeStructBegin();
      w.writeStructEnd();
      w.writeListBegin(TType.I32, 0);
      w.writeListEnd();
      w.writeMapEnd();
    });
    expect(result).toBe(text);
    const reader = readerOf(text);
    skip(reader, TType.MAP, 2);
    expect(reader.position).toBe(text.length);
  });
});

describe("sizes", () => {
  it("are given as they stand in the header", () => {
    const reader = readerOf('["i64","map",12,{');
    reader.readMapBegin();
    expect([reader.keyType, reader.elementType, reader.size]).toEqual([TType.I64, TType.MAP, 12]);
  });

  it.each([
    ["a negative size", '["i32",-1]', "ERR_THRIFT_NEGATIVE_SIZE"],
    ["a size of many digits", `["i32",${"9".repeat(30)}]`, "ERR_THRIFT_INVALID_DATA"],
    ["a size of a fraction", '["i32",1.5,1]', "ERR_THRIFT_INVALID_DATA"],
    ["more than the input can hold", '["i32",99999999999,1]', "ERR_THRIFT_SIZE_LIMIT"],
  ])("refuses %s", (_name, text, code) => {
    expect(failure(() => skip(readerOf(text), TType.LIST, 4))).toEqual({ code, offset: 7 });
  });

  const SMALLEST: Readonly<Record<ValueTType, string>> = {
    [TType.BOOL]: "0",
    [TType.I8]: "0",
    [TType.DOUBLE]: "0",
    [TType.I16]: "0",
    [TType.I32]: "0",
    [TType.I64]: "0",
    [TType.STRING]: '""',
    [TType.STRUCT]: "{}",
    [TType.MAP]: '["tf","tf",0,{}]',
    [TType.SET]: '["tf",0]',
    [TType.LIST]: '["tf",0]',
    [TType.UUID]: `"${UUID.replaceAll("-", "")}"`,
  };

  const quoted = (text: string): string => (text === "0" ? '"0"' : text);

  it.each(Object.entries(SMALLEST))(
    "never expects more bytes than the smallest value of type %s takes",
    (ttype, text) => {
      const type = Number(ttype) as ValueTType;
      expect(TJSON_MINIMUM[type]).toBe(text.length + 1);
      const name = TJSON_NAMES[type];
      skip(readerOf(`["${name}",3,${text},${text},${text}]`), TType.LIST, 4);
      skip(readerOf(`["${name}","tf",2,{${quoted(text)}:0,${quoted(text)}:0}]`), TType.MAP, 4);
      skip(readerOf(`["${name}","${name}",1,{${quoted(text)}:${text}}]`), TType.MAP, 4);
    },
  );

  it("does not expect the bytes of one element that is not there", () => {
    expect(failure(() => skip(readerOf('["i32",3,1,2]'), TType.LIST, 4)).code).toBe("ERR_THRIFT_SIZE_LIMIT");
  });
});

describe("skip", () => {
  const nested = (levels: number): string => '["lst",1,'.repeat(levels - 1) + '["lst",0]' + "]".repeat(levels - 1);

  it("counts structs and containers, not scalars", () => {
    skip(readerOf('["i64",2,1,-9223372036854775808]'), TType.LIST, 1);
    skip(readerOf('{"1":{"rec":{"1":{"dbl":"NaN"},"2":{"str":"x"}}}}'), TType.STRUCT, 2);
    skip(readerOf(nested(64)), TType.LIST, 64);
    expect(failure(() => skip(readerOf(nested(65)), TType.LIST, 64)).code).toBe("ERR_THRIFT_DEPTH_LIMIT");
    expect(failure(() => skip(readerOf(nested(100_000)), TType.LIST, 64)).code).toBe("ERR_THRIFT_DEPTH_LIMIT");
  });

  it("leaves one reader fit for the next message, whatever became of the last", () => {
    const reader = readerOf(nested(65));
    expect(() => skip(reader, TType.LIST, 64)).toThrow(ProtocolError);
    reader.reset(utf8.encode('{"1":{"i32":5}} '));
    skip(reader, TType.STRUCT, 1);
    expect(reader.position).toBe(16);
  });
});
