import { describe, expect, it } from "vitest";
import { BinaryReader, BinaryWriter } from "../../src/protocol/binary.js";
import { ProtocolError } from "../../src/protocol/protocol.js";
import { TType } from "../../src/protocol/ttype.js";
import { hex, toHex } from "../support/hex.js";

function readerOf(bytes: Uint8Array, options: { maxStringBytes?: number; strictUtf8?: boolean } = {}): BinaryReader {
  const reader = new BinaryReader({ maxStringBytes: Infinity, strictUtf8: false, ...options });
  reader.reset(bytes);
  return reader;
}

function written(write: (writer: BinaryWriter) => void, strictUtf8 = false): string {
  const writer = new BinaryWriter({ strictUtf8 });
  write(writer);
  return toHex(writer.finish());
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

type Primitive = [
  name: string,
  bytes: Uint8Array,
  read: (r: BinaryReader) => unknown,
  write: (w: BinaryWriter) => void,
  value: unknown,
];

const UUID = "00112233-4455-6677-8899-aabbccddeeff";

const PRIMITIVES: Primitive[] = [
  ["true", hex`01`, (r) => r.readBool(), (w) => w.writeBool(true), true],
  ["false", hex`00`, (r) => r.readBool(), (w) => w.writeBool(false), false],
  ["i8", hex`80`, (r) => r.readI8(), (w) => w.writeI8(-128), -128],
  ["i16", hex`8000`, (r) => r.readI16(), (w) => w.writeI16(-32768), -32768],
  ["i32", hex`fffffffe`, (r) => r.readI32(), (w) => w.writeI32(-2), -2],
  ["i64", hex`6124fee993bc007b`, (r) => r.readI64(), (w) => w.writeI64(0x6124fee993bc007bn), 0x6124fee993bc007bn],
  ["smallest i64", hex`8000000000000000`, (r) => r.readI64(), (w) => w.writeI64(-(2n ** 63n)), -(2n ** 63n)],
  ["double", hex`bff8000000000000`, (r) => r.readDouble(), (w) => w.writeDouble(-1.5), -1.5],
  ["-0", hex`8000000000000000`, (r) => r.readDouble(), (w) => w.writeDouble(-0), -0],
  ["smallest double", hex`0000000000000001`, (r) => r.readDouble(), (w) => w.writeDouble(5e-324), 5e-324],
  ["empty string", hex`00000000`, (r) => r.readString(), (w) => w.writeString(""), ""],
  ["text", hex`00000006 41 c3a4 e4bda0`, (r) => r.readString(), (w) => w.writeString("Aä你"), "Aä你"],
  ["byte order mark", hex`00000003 efbbbf`, (r) => r.readString(), (w) => w.writeString("\ufeff"), "\ufeff"],
  ["binary", hex`00000002 00ff`, (r) => r.readBinary(), (w) => w.writeBinary(hex`00ff`), hex`00ff`],
  ["uuid", hex`00112233445566778899aabbccddeeff`, (r) => r.readUuid(), (w) => w.writeUuid(UUID), UUID],
];

describe("primitives", () => {
  it.each(PRIMITIVES)("reads and writes %s", (_name, bytes, read, write, value) => {
    const reader = readerOf(bytes);
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

  it("takes 1 for true and everything else for false", () => {
    for (let byte = 0; byte < 256; byte++) expect(readerOf(Uint8Array.of(byte)).readBool()).toBe(byte === 1);
  });

  it("gives binary as a plain view of the input, whatever the input is", () => {
    const input = Buffer.from(hex`00000001 aa`);
    const value = readerOf(input).readBinary();
    expect(Object.getPrototypeOf(value)).toBe(Uint8Array.prototype);
    input[4] = 0xbb;
    expect(value[0]).toBe(0xbb);
  });

  it("reads from the middle of a buffer and not beyond its part", () => {
    const reader = readerOf(hex`ffff 00000007 ffff`.subarray(2, 6));
    expect(reader.readI32()).toBe(7);
    expect(failure(() => reader.readI8())).toEqual({ code: "ERR_THRIFT_TRUNCATED", offset: 4 });
  });
});

describe("strings", () => {
  it.each([
    ["negative length", hex`ffffffff 41`, "ERR_THRIFT_NEGATIVE_SIZE"],
    ["one more byte than is left", hex`00000002 41`, "ERR_THRIFT_SIZE_LIMIT"],
    ["2^31 - 1 bytes", hex`7fffffff 41`, "ERR_THRIFT_SIZE_LIMIT"],
    ["more bytes than the limit", hex`00000005 4141414141`, "ERR_THRIFT_SIZE_LIMIT"],
  ])("refuses a %s", (_name, bytes, code) => {
    const options = { maxStringBytes: 4 };
    expect(failure(() => readerOf(bytes, options).readString())).toEqual({ code, offset: 0 });
    expect(failure(() => readerOf(bytes, options).readBinary())).toEqual({ code, offset: 0 });
    expect(failure(() => readerOf(bytes, options).skipScalar(TType.STRING))).toEqual({ code, offset: 0 });
  });

  it("takes a string of exactly the limit and exactly what is left", () => {
    expect(readerOf(hex`00000004 41414141`, { maxStringBytes: 4 }).readString()).toBe("AAAA");
  });

  it("replaces invalid UTF-8, or refuses it at the offset of the text", () => {
    const bytes = hex`00000003 41 c0 af`;
    expect(readerOf(bytes).readString()).toBe("A\ufffd\ufffd");
    expect(failure(() => readerOf(bytes, { strictUtf8: true }).readString())).toEqual({
      code: "ERR_THRIFT_INVALID_UTF8",
      offset: 4,
    });
  });

  it("replaces lone surrogates, or refuses them", () => {
    expect(written((w) => w.writeString("a\ud800"))).toBe("0000000461efbfbd");
    expect(failure(() => written((w) => w.writeString("a\ud800"), true)).code).toBe("ERR_THRIFT_WRONG_TYPE");
  });

  it("writes text longer than any buffer so far", () => {
    const text = "你".repeat(100_000);
    const writer = new BinaryWriter({ strictUtf8: false });
    writer.writeString(text);
    writer.writeString("end");
    const reader = readerOf(writer.finish());
    expect(reader.readString()).toBe(text);
    expect(reader.readString()).toBe("end");
  });
});

describe("field headers", () => {
  it("reads type and id, and STOP", () => {
    const reader = readerOf(hex`08 ffff 00`);
    expect(reader.readFieldBegin()).toBe(true);
    expect(reader.fieldType).toBe(TType.I32);
    expect(reader.fieldId).toBe(-1);
    expect(reader.readFieldBegin()).toBe(false);
  });

  it("refuses every type that Thrift does not have, at once", () => {
    const known = new Set<number>(Object.values(TType));
    for (let type = 1; type < 256; type++) {
      const read = (): unknown => readerOf(Uint8Array.of(type, 0, 1)).readFieldBegin();
      if (known.has(type) && type !== TType.VOID) expect(read()).toBe(true);
      else expect(failure(read)).toEqual({ code: "ERR_THRIFT_INVALID_DATA", offset: 0 });
    }
  });

  it.each([
    ["nothing", hex``, 0],
    ["a type", hex`08`, 1],
    ["half an id", hex`08 00`, 1],
  ])("refuses to end after %s", (_name, bytes, offset) => {
    expect(failure(() => readerOf(bytes).readFieldBegin())).toEqual({ code: "ERR_THRIFT_TRUNCATED", offset });
  });
});

describe("container headers", () => {
  it("reads list, set and map", () => {
    const reader = readerOf(hex`08 00000002  0b 00000000  0a 0f 00000003`);
    reader.readListBegin();
    expect([reader.elementType, reader.size]).toEqual([TType.I32, 2]);
    reader.readSetBegin();
    expect([reader.elementType, reader.size]).toEqual([TType.STRING, 0]);
    reader.readMapBegin();
    expect([reader.keyType, reader.elementType, reader.size]).toEqual([TType.I64, TType.LIST, 3]);
  });

  it("refuses a negative size at the offset of the size", () => {
    const expected = { code: "ERR_THRIFT_NEGATIVE_SIZE", offset: 1 };
    expect(failure(() => readerOf(hex`08 ffffffff`).readListBegin())).toEqual(expected);
    expect(failure(() => readerOf(hex`08 80000000`).readSetBegin())).toEqual(expected);
    expect(failure(() => readerOf(hex`08 08 ffffffff`).readMapBegin())).toEqual({ ...expected, offset: 2 });
  });

  it("checks a size by division against what is left and against the limit", () => {
    const reader = readerOf(hex`08 00000002 00000001 00000002`);
    reader.readListBegin();
    reader.checkSize(4, 2);
    expect(failure(() => reader.checkSize(5, 2))).toEqual({ code: "ERR_THRIFT_SIZE_LIMIT", offset: 1 });
    expect(failure(() => reader.checkSize(4, 1))).toEqual({ code: "ERR_THRIFT_SIZE_LIMIT", offset: 1 });
  });

  it("writes list, set and map", () => {
    expect(written((w) => w.writeListBegin(TType.I32, 2))).toBe("0800000002");
    expect(written((w) => w.writeSetBegin(TType.STRING, 1))).toBe("0b00000001");
    expect(written((w) => w.writeMapBegin(TType.I64, TType.LIST, 3))).toBe("0a0f00000003");
  });
});

describe("BinaryWriter", () => {
  it("gives bytes of their own, a Buffer in Node.js", () => {
    const writer = new BinaryWriter({ strictUtf8: false });
    writer.writeI32(1);
    const first = writer.finish();
    writer.reset();
    writer.writeI32(2);
    expect(Buffer.isBuffer(first)).toBe(true);
    expect(toHex(first)).toBe("00000001");
    expect(toHex(writer.finish())).toBe("00000002");
  });

  it("counts what was written and copies it anywhere", () => {
    const writer = new BinaryWriter({ strictUtf8: false });
    writer.writeFieldBegin(TType.BOOL, -2);
    writer.writeFieldStop();
    expect(writer.position).toBe(4);
    const target = new Uint8Array(6);
    writer.copyInto(target, 1);
    expect(toHex(target)).toBe("0002fffe0000");
  });
});
