import { describe, expect, it } from "vitest";
import { CompactReader, CompactWriter } from "../../src/protocol/compact.js";
import { ProtocolError } from "../../src/protocol/protocol.js";
import { skip } from "../../src/protocol/skip.js";
import {
  COMPACT_CODES,
  COMPACT_FIXED,
  COMPACT_MINIMUM,
  COMPACT_TTYPES,
  TType,
  ttypeName,
  type ValueTType,
} from "../../src/protocol/ttype.js";
import { hex, toHex } from "../support/hex.js";

function readerOf(bytes: Uint8Array, options: { maxStringBytes?: number; strictUtf8?: boolean } = {}): CompactReader {
  const reader = new CompactReader({ maxStringBytes: Infinity, strictUtf8: false, ...options });
  reader.reset(bytes);
  return reader;
}

function written(write: (writer: CompactWriter) => void, strictUtf8 = false): string {
  const writer = new CompactWriter({ strictUtf8 });
  write(writer);
  return toHex(writer.finish());
}

function failure(run: () => unknown): { code: string; offset: number } {
  const { code, offset } = thrownBy(run);
  return { code, offset };
}

function thrownBy(run: () => unknown): ProtocolError {
  try {
    run();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

type Primitive = [
  name: string,
  bytes: Uint8Array,
  read: (r: CompactReader) => unknown,
  write: (w: CompactWriter) => void,
  value: unknown,
];

const i16 = (value: number, bytes: Uint8Array): Primitive => [
  `i16 ${String(value)}`,
  bytes,
  (r) => r.readI16(),
  (w) => w.writeI16(value),
  value,
];
const i32 = (value: number, bytes: Uint8Array): Primitive => [
  `i32 ${String(value)}`,
  bytes,
  (r) => r.readI32(),
  (w) => w.writeI32(value),
  value,
];
const i64 = (value: bigint, bytes: Uint8Array): Primitive => [
  `i64 ${String(value)}`,
  bytes,
  (r) => r.readI64(),
  (w) => w.writeI64(value),
  value,
];
const double = (value: number, bytes: Uint8Array): Primitive => [
  `double ${Object.is(value, -0) ? "-0" : String(value)}`,
  bytes,
  (r) => r.readDouble(),
  (w) => w.writeDouble(value),
  value,
];
const string = (name: string, value: string, bytes: Uint8Array): Primitive => [
  name,
  bytes,
  (r) => r.readString(),
  (w) => w.writeString(value),
  value,
];

const UUID = "00112233-4455-6677-8899-aabbccddeeff";

const PRIMITIVES: Primitive[] = [
  ["true", hex`01`, (r) => r.readBool(), (w) => w.writeBool(true), true],
  ["false", hex`02`, (r) => r.readBool(), (w) => w.writeBool(false), false],
  ["i8 -128", hex`80`, (r) => r.readI8(), (w) => w.writeI8(-128), -128],
  ["i8 127", hex`7f`, (r) => r.readI8(), (w) => w.writeI8(127), 127],
  i16(0, hex`00`),
  i16(-1, hex`01`),
  i16(63, hex`7e`),
  i16(64, hex`8001`),
  i16(32767, hex`feff03`),
  i16(-32768, hex`ffff03`),
  i32(-65, hex`8101`),
  i32(8191, hex`fe7f`),
  i32(8192, hex`808001`),
  i32(2 ** 31 - 1, hex`feffffff0f`),
  i32(-(2 ** 31), hex`ffffffff0f`),
  i64(0n, hex`00`),
  i64(2n ** 31n, hex`8080808010`),
  i64(-(2n ** 53n) - 1n, hex`8180808080808020`),
  i64(2n ** 63n - 1n, hex`feffffffffffffffff01`),
  i64(-(2n ** 63n), hex`ffffffffffffffffff01`),
  double(-1.5, hex`000000000000f8bf`),
  double(-0, hex`0000000000000080`),
  double(5e-324, hex`0100000000000000`),
  double(-Infinity, hex`000000000000f0ff`),
  string("empty string", "", hex`00`),
  string("text", "Aä你", hex`06 41 c3a4 e4bda0`),
  string("byte order mark", "\ufeff", hex`03 efbbbf`),
  ["binary", hex`02 00ff`, (r) => r.readBinary(), (w) => w.writeBinary(hex`00ff`), hex`00ff`],
  ["uuid", hex`00112233445566778899aabbccddeeff`, (r) => r.readUuid(), (w) => w.writeUuid(UUID), UUID],
];

describe("primitives", () => {
  it.each(PRIMITIVES)("reads and writes %s", (_name, bytes, read, write, value) => {
    const reader = readerOf(hex`${bytes} ff`);
    expect(read(reader)).toEqual(value);
    expect(reader.position).toBe(bytes.length);
    expect(written(write)).toBe(toHex(bytes));
  });

  it.each(PRIMITIVES)("refuses %s when any byte is missing, at its offset", (_name, bytes, read) => {
    for (let length = 0; length < bytes.length; length++) {
      const reader = readerOf(hex`ff ff ${bytes.subarray(0, length)}`);
      reader.position = 2;
      const { code, offset } = failure(() => read(reader));
      expect(offset).toBe(2);
      expect(code).toMatch(/TRUNCATED|SIZE_LIMIT/);
    }
  });

  it("takes 1 for true and everything else for false, as elements", () => {
    for (let byte = 0; byte < 256; byte++) expect(readerOf(Uint8Array.of(byte)).readBool()).toBe(byte === 1);
  });

  it("reads from the middle of a buffer and not beyond its part", () => {
    const reader = readerOf(hex`ffff 8001 8001`.subarray(2, 5));
    expect(reader.readI32()).toBe(64);
    expect(failure(() => reader.readI32())).toEqual({ code: "ERR_THRIFT_TRUNCATED", offset: 2 });
    reader.reset(hex`80 80 80 80 00`, undefined, 4);
    expect(failure(() => reader.readI32())).toEqual({ code: "ERR_THRIFT_TRUNCATED", offset: 0 });
    reader.release();
    expect(failure(() => reader.readI8())).toEqual({ code: "ERR_THRIFT_TRUNCATED", offset: 0 });
  });
});

describe("varints beyond their range", () => {
  const i16s = (r: CompactReader): number => r.readI16();
  const i32s = (r: CompactReader): number => r.readI32();
  const i64s = (r: CompactReader): bigint => r.readI64();

  it.each([
    ["an i16 of 32768", hex`808004`, i16s],
    ["an i16 of -32769", hex`818004`, i16s],
    ["an i16 of 2^31 - 1", hex`feffffff0f`, i16s],
    ["an i32 of 33 bits", hex`ffffffff1f`, i32s],
    ["an i32 of 35 bits", hex`ffffffff7f`, i32s],
    ["an i32 of 6 bytes", hex`808080808000`, i32s],
    ["an i32 whose fifth and last byte announces a sixth", hex`8080808080`, i32s],
    ["an i64 of 65 bits", hex`ffffffffffffffffff02`, i64s],
    ["an i64 of 11 bytes", hex`8080808080808080808000`, i64s],
  ])("refuses %s", (_name, bytes, read) => {
    expect(failure(() => read(readerOf(bytes)))).toEqual({ code: "ERR_THRIFT_INVALID_DATA", offset: 0 });
  });

  it.each([
    ["i16", hex`feff838000`, i16s, 32767],
    ["i32", hex`8280808000`, i32s, 1],
    ["i64", hex`82808080808080808000`, i64s, 1n],
  ])("takes an %s that is longer than need be", (_name, bytes, read, value) => {
    const reader = readerOf(bytes);
    expect(read(reader)).toBe(value);
    expect(reader.position).toBe(bytes.length);
  });

  it.each([
    ["i16", TType.I16, hex`808004`],
    ["i32", TType.I32, hex`ffffffff1f`],
    ["i64", TType.I64, hex`ffffffffffffffffff02`],
  ])("refuses to skip an %s that it would not read", (_name, type, bytes) => {
    expect(failure(() => readerOf(bytes).skipScalar(type))).toEqual({ code: "ERR_THRIFT_INVALID_DATA", offset: 0 });
  });
});

describe("strings", () => {
  it.each([
    ["length of 2^31", hex`8080808008 41`, "ERR_THRIFT_NEGATIVE_SIZE"],
    ["length of 2^32 - 1", hex`ffffffff0f 41`, "ERR_THRIFT_NEGATIVE_SIZE"],
    ["length of 2^32", hex`8080808010 41`, "ERR_THRIFT_INVALID_DATA"],
    ["length of 2^31 - 1", hex`ffffffff07 41`, "ERR_THRIFT_SIZE_LIMIT"],
    ["length of one more byte than is left", hex`02 41`, "ERR_THRIFT_SIZE_LIMIT"],
    ["length over the limit", hex`05 4141414141`, "ERR_THRIFT_SIZE_LIMIT"],
  ])("refuses a %s", (_name, bytes, code) => {
    const options = { maxStringBytes: 4 };
    expect(failure(() => readerOf(bytes, options).readString())).toEqual({ code, offset: 0 });
    expect(failure(() => readerOf(bytes, options).readBinary())).toEqual({ code, offset: 0 });
    expect(failure(() => readerOf(bytes, options).skipScalar(TType.STRING))).toEqual({ code, offset: 0 });
  });

  it("takes a string of exactly the limit and exactly what is left", () => {
    expect(readerOf(hex`04 41414141`, { maxStringBytes: 4 }).readString()).toBe("AAAA");
  });

  it("replaces invalid UTF-8, or refuses it at the offset of the text", () => {
    const bytes = hex`03 41 c0 af`;
    expect(readerOf(bytes).readString()).toBe("A\ufffd\ufffd");
    expect(failure(() => readerOf(bytes, { strictUtf8: true }).readString())).toEqual({
      code: "ERR_THRIFT_INVALID_UTF8",
      offset: 1,
    });
  });

  it("replaces lone surrogates, or refuses them", () => {
    expect(written((w) => w.writeString("a\ud800"))).toBe("0461efbfbd");
    expect(failure(() => written((w) => w.writeString("a\ud800"), true)).code).toBe("ERR_THRIFT_WRONG_TYPE");
  });

  // The length of the length is guessed from the units; text of several bytes a unit makes it wrong.
  const UNITS = [0, 1, 31, 32, 42, 43, 63, 64, 127, 128, 5461, 5462, 8191, 8192, 16383, 16384, 100_000];
  it.each(["a", "ä", "你", "🙂"])("writes its length before any number of %s", (unit) => {
    for (const count of UNITS) {
      const text = unit.repeat(count);
      const utf8 = Buffer.from(text);
      const length: number[] = [];
      for (let rest = utf8.length; ; rest >>= 7) {
        length.push(rest > 127 ? (rest & 127) | 128 : rest);
        if (rest <= 127) break;
      }
      const writer = new CompactWriter({ strictUtf8: false });
      writer.writeI8(1);
      writer.writeString(text);
      writer.writeI8(2);
      const bytes = Buffer.from(writer.finish());
      expect(bytes.equals(Buffer.concat([Buffer.of(1, ...length), utf8, Buffer.of(2)])), String(count)).toBe(true);
    }
  });

  it("writes binary longer than any buffer so far", () => {
    const value = new Uint8Array(20_000).fill(7);
    const reader = readerOf(hex`${written((w) => w.writeBinary(value))}`);
    expect(reader.readBinary()).toEqual(value);
  });
});

/** Ids and types of the fields of a struct, and bools by value, reading what the header says. */
function fieldsOf(bytes: Uint8Array): [type: number, id: number, value?: boolean][] {
  const reader = readerOf(bytes);
  const fields: [number, number, boolean?][] = [];
  reader.readStructBegin();
  while (reader.readFieldBegin()) {
    const { fieldId, fieldType } = reader;
    if (fieldType === TType.BOOL) {
      fields.push([fieldType, fieldId, reader.readBool()]);
    } else {
      fields.push([fieldType, fieldId]);
      reader.advance(1);
    }
    reader.readFieldEnd();
  }
  reader.readStructEnd();
  expect(reader.position).toBe(bytes.length);
  return fields;
}

/** Fields of i8 with the ids, each of value 7. */
function structOf(ids: readonly number[]): string {
  return written((w) => {
    w.writeStructBegin();
    for (const id of ids) {
      w.writeFieldBegin(TType.I8, id);
      w.writeI8(7);
      w.writeFieldEnd();
    }
    w.writeFieldStop();
    w.writeStructEnd();
  });
}

describe("field headers", () => {
  const IDS: [name: string, ids: number[], bytes: Uint8Array][] = [
    ["delta of 1", [1, 2], hex`13 07 13 07 00`],
    ["delta of 15", [15, 30], hex`f3 07 f3 07 00`],
    ["delta of 16", [16], hex`03 20 07 00`],
    ["delta of 16 after a field", [1, 17], hex`13 07 03 22 07 00`],
    ["delta of 0", [0], hex`03 00 07 00`],
    ["same id again", [3, 3], hex`33 07 03 06 07 00`],
    ["lower id", [5, 4], hex`53 07 03 08 07 00`],
    ["negative ids", [-1, -32768], hex`03 01 07 03 ffff03 07 00`],
    ["delta of 15 from a negative id", [-14, 1], hex`03 1b 07 f3 07 00`],
    ["delta of 1 to the greatest id", [32766, 32767], hex`03 fcff03 07 13 07 00`],
    ["delta of 65535", [-32768, 32767], hex`03 ffff03 07 03 feff03 07 00`],
  ];

  it.each(IDS)("reads and writes a %s", (_name, ids, bytes) => {
    expect(structOf(ids)).toBe(toHex(bytes));
    expect(fieldsOf(bytes)).toEqual(ids.map((id) => [TType.I8, id]));
  });

  it("reads an id in the long form where the short one would do", () => {
    expect(fieldsOf(hex`03 02 07 03 04 07 00`)).toEqual([
      [TType.I8, 1],
      [TType.I8, 2],
    ]);
  });

  it.each([
    ["a delta beyond 32767", hex`03 feff03 07 13 07 00`, 5],
    ["a delta of 15 beyond 32767", hex`03 e2ff03 07 f3 07 00`, 5],
    ["an id of 32768", hex`03 808004 07 00`, 1],
    ["an id of -32769", hex`03 818004 07 00`, 1],
    ["an id of 33 bits", hex`03 ffffffff1f 07 00`, 1],
  ])("refuses %s", (_name, bytes, offset) => {
    expect(failure(() => fieldsOf(bytes))).toEqual({ code: "ERR_THRIFT_INVALID_DATA", offset });
  });

  it.each([
    ["nothing", hex``, 0],
    ["a type", hex`05`, 1],
    ["half an id", hex`05 80`, 1],
  ])("refuses to end after %s", (_name, bytes, offset) => {
    expect(failure(() => readerOf(bytes).readFieldBegin())).toEqual({ code: "ERR_THRIFT_TRUNCATED", offset });
  });

  it("knows the codes 1 to 13 and refuses 14 and 15 under their own numbers", () => {
    const types: ValueTType[] = [];
    for (let code = 1; code <= 13; code++) {
      const reader = readerOf(Uint8Array.of(0x10 | code));
      expect(reader.readFieldBegin()).toBe(true);
      types.push(reader.fieldType);
    }
    const { BOOL, I8, I16, I32, I64, DOUBLE, STRING, LIST, SET, MAP, STRUCT, UUID: uuid } = TType;
    expect(types).toEqual([BOOL, BOOL, I8, I16, I32, I64, DOUBLE, STRING, LIST, SET, MAP, STRUCT, uuid]);
    for (const code of [14, 15]) {
      for (const header of [code, 0x10 | code]) {
        const error = thrownBy(() => readerOf(Uint8Array.of(header, 2, 0)).readFieldBegin());
        expect(error).toMatchObject({ code: "ERR_THRIFT_INVALID_DATA", offset: 0 });
        expect(error.message).toContain(`type ${String(code)}`);
      }
    }
  });

  it("takes a type of 0 for STOP, with any delta, as peers do", () => {
    for (let delta = 0; delta < 16; delta++) expect(fieldsOf(Uint8Array.of(delta << 4))).toEqual([]);
  });

  it("counts ids anew in a struct and on in the one around it", () => {
    const bytes = hex`
      53 07       // 5: i8
      1c          // 6: struct
        23 07     //   2: i8
        1c 00     //   3: struct {}
        13 07     //   4: i8
        00
      13 07       // 7: i8
      00`;
    const write = (w: CompactWriter): void => {
      const i8 = (id: number): void => {
        w.writeFieldBegin(TType.I8, id);
        w.writeI8(7);
        w.writeFieldEnd();
      };
      const struct = (id: number, body: () => void): void => {
        w.writeFieldBegin(TType.STRUCT, id);
        w.writeStructBegin();
        body();
        w.writeFieldStop();
        w.writeStructEnd();
        w.writeFieldEnd();
      };
      w.writeStructBegin();
      i8(5);
      struct(6, () => {
        i8(2);
        struct(3, () => undefined);
        i8(4);
      });
      i8(7);
      w.writeFieldStop();
      w.writeStructEnd();
    };
    expect(written(write)).toBe(toHex(bytes));
    const reader = readerOf(bytes);
    const ids: number[] = [];
    const read = (): void => {
      reader.readStructBegin();
      while (reader.readFieldBegin()) {
        ids.push(reader.fieldId);
        if (reader.fieldType === TType.STRUCT) read();
        else reader.advance(1);
      }
      reader.readStructEnd();
    };
    read();
    expect(ids).toEqual([5, 6, 2, 3, 4, 7]);
    expect(reader.position).toBe(bytes.length);
  });

  it("counts on behind a struct that was skipped", () => {
    const reader = readerOf(hex`5c f3 07 1c 00 00  13 07 00`);
    reader.readStructBegin();
    reader.readFieldBegin();
    skip(reader, reader.fieldType, 64);
    reader.readFieldBegin();
    expect([reader.fieldType, reader.fieldId]).toEqual([TType.I8, 6]);
  });

  it("starts anew with each message, also after one that failed half-way", () => {
    const reader = readerOf(hex`51 5c 5c`);
    const message = hex`31 00`;
    for (let i = 0; i < 2; i++) {
      reader.readStructBegin();
      reader.readFieldBegin();
    }
    reader.reset(message);
    reader.readStructBegin();
    reader.readFieldBegin();
    expect([reader.fieldId, reader.readBool(), reader.readFieldBegin()]).toEqual([3, true, false]);

    const writer = new CompactWriter({ strictUtf8: false });
    writer.writeStructBegin();
    writer.writeFieldBegin(TType.I8, 7);
    writer.writeStructBegin();
    writer.writeFieldBegin(TType.BOOL, 9);
    writer.reset();
    writer.writeBool(true);
    writer.writeFieldBegin(TType.BOOL, 3);
    writer.writeBool(true);
    expect(toHex(writer.finish())).toBe("0131");
  });
});

describe("bool fields", () => {
  it("are all header", () => {
    const bytes = hex`11 12 f1 02 8002 00`;
    const values: [number, boolean][] = [
      [1, true],
      [2, false],
      [17, true],
      [128, false],
    ];
    const write = (w: CompactWriter): void => {
      for (const [id, value] of values) {
        w.writeFieldBegin(TType.BOOL, id);
        w.writeBool(value);
        w.writeFieldEnd();
      }
      w.writeFieldStop();
    };
    expect(written(write)).toBe(toHex(bytes));
    expect(fieldsOf(bytes)).toEqual(values.map(([id, value]) => [TType.BOOL, id, value]));
  });

  it("take no bytes when they are skipped, and leave nothing for the next bool", () => {
    const reader = readerOf(hex`11 19 21 02 01 00`);
    reader.readStructBegin();
    reader.readFieldBegin();
    skip(reader, reader.fieldType, 64);
    expect(reader.position).toBe(1);
    reader.readFieldBegin();
    reader.readListBegin();
    expect([reader.elementType, reader.size]).toEqual([TType.BOOL, 2]);
    expect([reader.readBool(), reader.readBool()]).toEqual([false, true]);
    expect(reader.readFieldBegin()).toBe(false);
  });
});

describe("container headers", () => {
  const LISTS: [size: number, bytes: Uint8Array][] = [
    [0, hex`05`],
    [1, hex`15`],
    [14, hex`e5`],
    [15, hex`f5 0f`],
    [16, hex`f5 10`],
    [127, hex`f5 7f`],
    [128, hex`f5 8001`],
    [2 ** 31 - 1, hex`f5 ffffffff07`],
  ];

  it.each(LISTS)("read and write a list and a set of %i", (size, bytes) => {
    for (const kind of ["List", "Set"] as const) {
      const reader = readerOf(hex`${bytes} ff`);
      reader[`read${kind}Begin`]();
      expect([reader.elementType, reader.size, reader.position]).toEqual([TType.I32, size, bytes.length]);
      expect(written((w) => w[`write${kind}Begin`](TType.I32, size))).toBe(toHex(bytes));
    }
  });

  const MAPS: [size: number, bytes: Uint8Array][] = [
    [1, hex`01 69`],
    [127, hex`7f 69`],
    [128, hex`8001 69`],
    [2 ** 31 - 1, hex`ffffffff07 69`],
  ];

  it.each(MAPS)("read and write a map of %i", (size, bytes) => {
    const reader = readerOf(hex`${bytes} ff`);
    reader.readMapBegin();
    const { keyType, elementType, position } = reader;
    expect([keyType, elementType, reader.size, position]).toEqual([TType.I64, TType.LIST, size, bytes.length]);
    expect(written((w) => w.writeMapBegin(TType.I64, TType.LIST, size))).toBe(toHex(bytes));
  });

  it("read and write an empty map as one byte, without types", () => {
    const reader = readerOf(hex`00 ff`);
    reader.keyType = reader.elementType = TType.I64;
    reader.readMapBegin();
    expect([reader.size, reader.keyType, reader.elementType, reader.position]).toEqual([0, 0, 0, 1]);
    expect(written((w) => w.writeMapBegin(TType.I64, TType.LIST, 0))).toBe("00");
  });

  it("read a size in the long form where the short one would do", () => {
    const reader = readerOf(hex`f5 8180808000`);
    reader.readListBegin();
    expect([reader.size, reader.position]).toEqual([1, 6]);
  });

  it("take both codes of bool for elements, keys and values, and write that of true", () => {
    for (const code of [1, 2]) {
      const reader = readerOf(Uint8Array.of(0x10 | code, 1, (code << 4) | code));
      reader.readListBegin();
      expect(reader.elementType).toBe(TType.BOOL);
      reader.readMapBegin();
      expect([reader.keyType, reader.elementType]).toEqual([TType.BOOL, TType.BOOL]);
    }
    expect(written((w) => w.writeListBegin(TType.BOOL, 2))).toBe("21");
    expect(written((w) => w.writeMapBegin(TType.BOOL, TType.BOOL, 1))).toBe("0111");
  });

  it.each([
    ["a list", (r: CompactReader) => r.readListBegin(), hex`f5`],
    ["a set", (r: CompactReader) => r.readSetBegin(), hex`f5`],
    ["a map", (r: CompactReader) => r.readMapBegin(), hex``],
  ])("refuse %s whose size is 2^31 or more", (_name, read, start) => {
    const expected = { code: "ERR_THRIFT_NEGATIVE_SIZE", offset: start.length };
    expect(failure(() => read(readerOf(hex`${start} 8080808008 55`)))).toEqual(expected);
    expect(failure(() => read(readerOf(hex`${start} ffffffff0f 55`)))).toEqual(expected);
    const invalid = { ...expected, code: "ERR_THRIFT_INVALID_DATA" };
    expect(failure(() => read(readerOf(hex`${start} 8080808010 55`)))).toEqual(invalid);
  });

  it.each([
    ["a list", (r: CompactReader) => r.readListBegin(), hex``, 0],
    ["the size of a list", (r: CompactReader) => r.readListBegin(), hex`f5`, 1],
    ["half the size of a list", (r: CompactReader) => r.readListBegin(), hex`f5 80`, 1],
    ["a set", (r: CompactReader) => r.readSetBegin(), hex``, 0],
    ["a map", (r: CompactReader) => r.readMapBegin(), hex``, 0],
    ["half the size of a map", (r: CompactReader) => r.readMapBegin(), hex`80`, 0],
    ["the types of a map", (r: CompactReader) => r.readMapBegin(), hex`01`, 1],
  ])("refuse to end where %s should be", (_name, read, bytes, offset) => {
    expect(failure(() => read(readerOf(bytes)))).toEqual({ code: "ERR_THRIFT_TRUNCATED", offset });
  });

  const SIZES: [name: string, bytes: Uint8Array, read: (r: CompactReader) => void, offset: number][] = [
    ["list in the short form", hex`24 0000`, (r) => r.readListBegin(), 0],
    ["list in the long form", hex`f4 02 0000`, (r) => r.readListBegin(), 1],
    ["map", hex`02 33 0000`, (r) => r.readMapBegin(), 0],
  ];

  it.each(SIZES)("check the size of a %s against what is left and the limit, at its offset", (_n, bytes, read, at) => {
    const reader = readerOf(bytes);
    read(reader);
    reader.checkSize(1, 2);
    expect(failure(() => reader.checkSize(2, 2))).toEqual({ code: "ERR_THRIFT_SIZE_LIMIT", offset: at });
    expect(failure(() => reader.checkSize(1, 1))).toEqual({ code: "ERR_THRIFT_SIZE_LIMIT", offset: at });
  });
});

describe("tables of types", () => {
  it("map every type to its code and back", () => {
    for (const [type, code] of Object.entries(COMPACT_CODES)) expect(COMPACT_TTYPES[code]).toBe(Number(type));
    expect(COMPACT_TTYPES).toHaveLength(16);
  });

  it("name codes that mean nothing by their own number, not by that of a type of another protocol", () => {
    expect([14, 15].map((code) => ttypeName(COMPACT_TTYPES[code]))).toEqual(["type 14", "type 15"]);
  });

  it("state the bytes that values of a type take at least, and exactly", () => {
    const empty: [ValueTType, (w: CompactWriter) => void][] = [
      [TType.BOOL, (w) => w.writeBool(false)],
      [TType.I8, (w) => w.writeI8(0)],
      [TType.I16, (w) => w.writeI16(0)],
      [TType.I32, (w) => w.writeI32(0)],
      [TType.I64, (w) => w.writeI64(0n)],
      [TType.DOUBLE, (w) => w.writeDouble(0)],
      [TType.STRING, (w) => w.writeString("")],
      [TType.STRUCT, (w) => w.writeFieldStop()],
      [TType.MAP, (w) => w.writeMapBegin(TType.I8, TType.I8, 0)],
      [TType.SET, (w) => w.writeSetBegin(TType.I8, 0)],
      [TType.LIST, (w) => w.writeListBegin(TType.I8, 0)],
      [TType.UUID, (w) => w.writeUuid(UUID)],
    ];
    expect(empty).toHaveLength(Object.keys(COMPACT_MINIMUM).length);
    for (const [type, write] of empty) {
      const length = written(write).length / 2;
      expect([ttypeName(type), COMPACT_MINIMUM[type]]).toEqual([ttypeName(type), length]);
      expect([0, length]).toContain(COMPACT_FIXED[type]);
    }
  });
});

describe("CompactWriter", () => {
  it("gives bytes of their own, a Buffer in Node.js", () => {
    const writer = new CompactWriter({ strictUtf8: false });
    writer.writeI32(1);
    const first = writer.finish();
    writer.reset();
    writer.writeI32(2);
    expect(Buffer.isBuffer(first)).toBe(true);
    expect([toHex(first), toHex(writer.finish())]).toEqual(["02", "04"]);
  });

  it("counts what was written and copies it anywhere", () => {
    const writer = new CompactWriter({ strictUtf8: false });
    writer.writeI64(-65n);
    writer.writeFieldStop();
    expect(writer.position).toBe(3);
    const target = new Uint8Array(5);
    writer.copyInto(target, 1);
    expect(toHex(target)).toBe("0081010000");
  });
});
