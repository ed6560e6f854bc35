import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../src/protocol/protocol.js";
import { PROTOCOLS, type ProtocolName } from "../../src/protocol/protocols.js";
import { skip } from "../../src/protocol/skip.js";
import { TType, type ValueTType } from "../../src/protocol/ttype.js";
import { hex } from "../support/hex.js";

interface Skips {
  /** @returns the position behind the value. */
  skipped: (bytes: Uint8Array, type: ValueTType, maxDepth?: number) => number;
  failure: (bytes: Uint8Array, type: ValueTType, maxDepth?: number) => { code: string; offset: number };
}

function skipsOf(protocol: ProtocolName): Skips {
  const skipped: Skips["skipped"] = (bytes, type, maxDepth = 64) => {
    const reader = PROTOCOLS[protocol].createReader({ maxStringBytes: 1000, strictUtf8: true });
    reader.reset(bytes);
    skip(reader, type, maxDepth);
    return reader.position;
  };
  const failure: Skips["failure"] = (bytes, type, maxDepth) => {
    try {
      skipped(bytes, type, maxDepth);
    } catch (error) {
      if (error instanceof ProtocolError) return { code: error.code, offset: error.offset };
      throw error;
    }
    throw new Error("nothing was thrown");
  };
  return { skipped, failure };
}

/** A list in a list in a list: `levels` headers. */
function nestedLists(levels: number): Uint8Array {
  const inner = hex`0f 00000001`;
  const bytes = new Uint8Array(levels * 5);
  for (let i = 0; i < levels - 1; i++) bytes.set(inner, i * 5);
  bytes.set(hex`0f 00000000`, (levels - 1) * 5);
  return bytes;
}

type Value = [name: string, type: ValueTType, bytes: Uint8Array];

const BINARY: Value[] = [
  ["bool", TType.BOOL, hex`01`],
  ["i8", TType.I8, hex`01`],
  ["i16", TType.I16, hex`0001`],
  ["i32", TType.I32, hex`00000001`],
  ["i64", TType.I64, hex`0000000000000001`],
  ["double", TType.DOUBLE, hex`3ff0000000000000`],
  ["uuid", TType.UUID, hex`00112233445566778899aabbccddeeff`],
  ["string", TType.STRING, hex`00000002 c0af`], // not UTF-8, which nobody reads
  ["empty struct", TType.STRUCT, hex`00`],
  ["struct", TType.STRUCT, hex`08 0001 00000001  0c 0002 02 0001 01 00  00`],
  ["list of i64", TType.LIST, hex`0a 00000002 0000000000000001 0000000000000002`],
  ["list of strings", TType.LIST, hex`0b 00000002 00000001 41 00000000`],
  ["set of structs", TType.SET, hex`0c 00000003 00 00 00`],
  ["map of scalars", TType.MAP, hex`03 06 00000002 01 0001 02 0002`],
  ["map of strings to lists", TType.MAP, hex`0b 0f 00000001 00000001 41 02 00000001 01`],
  ["empty list of no type", TType.LIST, hex`00 00000000`],
  ["empty map of unknown types", TType.MAP, hex`63 07 00000000`],
];

const COMPACT: Value[] = [
  ["bool element", TType.BOOL, hex`02`],
  ["i8", TType.I8, hex`01`],
  ["i16", TType.I16, hex`feff03`],
  ["i32", TType.I32, hex`feffffff0f`],
  ["i64", TType.I64, hex`feffffffffffffffff01`],
  ["double", TType.DOUBLE, hex`000000000000f03f`],
  ["uuid", TType.UUID, hex`00112233445566778899aabbccddeeff`],
  ["string", TType.STRING, hex`02 c0af`], // not UTF-8, which nobody reads
  ["long string", TType.STRING, hex`e807 ${"41".repeat(1000)}`],
  ["empty struct", TType.STRUCT, hex`00`],
  ["struct", TType.STRUCT, hex`15 8001  1c 11 02 22 00  11 00`], // bool fields, which have no bytes but their headers
  ["list of i64", TType.LIST, hex`26 8001 01`],
  ["list of bools", TType.LIST, hex`21 01 02`],
  ["list of bools by the other code", TType.LIST, hex`22 01 00`],
  ["list of doubles", TType.LIST, hex`27 ${"00".repeat(16)}`],
  ["list of 15", TType.LIST, hex`f3 0f ${"07".repeat(15)}`],
  ["list of strings", TType.LIST, hex`28 01 41 00`],
  ["set of structs", TType.SET, hex`3c 00 11 00 00`],
  ["map of scalars", TType.MAP, hex`02 34 01 8001 02 02`],
  ["map of bytes to bools", TType.MAP, hex`02 31 01 01 02 02`],
  ["map of strings to lists", TType.MAP, hex`01 89 01 41 11 01`],
  ["empty list of no type", TType.LIST, hex`00`],
  ["empty list of an unknown type", TType.LIST, hex`0f`],
  ["empty map", TType.MAP, hex`00`],
];

describe.each([
  ["binary", BINARY],
  ["compact", COMPACT],
] as const)("skip in %s", (protocol, values) => {
  const { skipped, failure } = skipsOf(protocol);

  it.each(values)("steps over %s", (_name, type, bytes) => {
    expect(skipped(hex`${bytes} ffff`, type)).toBe(bytes.length);
  });

  it.each(values)("fails on every truncation of %s", (_name, type, bytes) => {
    for (let length = 0; length < bytes.length; length++) {
      const { code, offset } = failure(bytes.subarray(0, length), type);
      expect(code).toMatch(/TRUNCATED|SIZE_LIMIT/);
      expect(offset).toBeLessThanOrEqual(length);
    }
  });
});

describe("skip in binary", () => {
  const { skipped, failure } = skipsOf("binary");

  it.each([
    ["a list of STOP", TType.LIST, hex`00 00000001 00`, "ERR_THRIFT_INVALID_DATA", 0],
    ["a set of VOID", TType.SET, hex`01 00000001 00`, "ERR_THRIFT_INVALID_DATA", 0],
    ["a map of unknown keys", TType.MAP, hex`07 08 00000001 00`, "ERR_THRIFT_INVALID_DATA", 0],
    ["a map of unknown values", TType.MAP, hex`08 11 00000001 00`, "ERR_THRIFT_INVALID_DATA", 0],
    ["a negative count", TType.LIST, hex`08 ffffffff`, "ERR_THRIFT_NEGATIVE_SIZE", 1],
    ["a count over what is left", TType.LIST, hex`08 00000002 00000001 000000`, "ERR_THRIFT_SIZE_LIMIT", 1],
    ["2^31 - 1 structs", TType.LIST, hex`0c 7fffffff 00`, "ERR_THRIFT_SIZE_LIMIT", 1],
    ["2^31 - 1 entries", TType.MAP, hex`02 02 7fffffff 00`, "ERR_THRIFT_SIZE_LIMIT", 2],
    ["a field of an unknown type", TType.STRUCT, hex`09 0001 00`, "ERR_THRIFT_INVALID_DATA", 0],
    ["a string over the limit", TType.STRING, hex`000003e9 ${"00".repeat(1001)}`, "ERR_THRIFT_SIZE_LIMIT", 0],
  ] as const)("refuses %s", (_name, type, bytes, code, offset) => {
    expect(failure(bytes, type)).toEqual({ code, offset });
  });

  it("counts structs and containers, not scalars", () => {
    expect(skipped(hex`0a 00000001 0000000000000001`, TType.LIST, 1)).toBe(13);
    expect(skipped(hex`00000000`, TType.STRING, 0)).toBe(4);
    expect(skipped(nestedLists(64), TType.LIST)).toBe(320);
    expect(failure(nestedLists(65), TType.LIST)).toEqual({ code: "ERR_THRIFT_DEPTH_LIMIT", offset: 320 });
  });

  it("refuses 30,000 nested structs after the limit, not after the stack", () => {
    const bytes = new Uint8Array(30_000 * 3);
    for (let i = 0; i < bytes.length; i += 3) bytes.set([TType.STRUCT, 0, 1], i);
    expect(failure(bytes, TType.STRUCT)).toEqual({ code: "ERR_THRIFT_DEPTH_LIMIT", offset: 64 * 3 });
  });
});

describe("skip in compact", () => {
  const { skipped, failure } = skipsOf("compact");

  it.each([
    ["a list of STOP", TType.LIST, hex`10 00`, "ERR_THRIFT_INVALID_DATA", 0],
    ["a set of type 14", TType.SET, hex`1e 00`, "ERR_THRIFT_INVALID_DATA", 0],
    ["a list of type 15", TType.LIST, hex`1f 00`, "ERR_THRIFT_INVALID_DATA", 0],
    ["a map of STOP", TType.MAP, hex`01 05 00 00`, "ERR_THRIFT_INVALID_DATA", 0],
    ["a map of unknown keys", TType.MAP, hex`01 e5 00 00`, "ERR_THRIFT_INVALID_DATA", 0],
    ["a map of unknown values", TType.MAP, hex`01 5f 00 00`, "ERR_THRIFT_INVALID_DATA", 0],
    ["a count of 2^31", TType.LIST, hex`f5 8080808008`, "ERR_THRIFT_NEGATIVE_SIZE", 1],
    ["a count over what is left", TType.LIST, hex`33 0000`, "ERR_THRIFT_SIZE_LIMIT", 0],
    ["a count of wide elements over what is left", TType.LIST, hex`27 ${"00".repeat(15)}`, "ERR_THRIFT_SIZE_LIMIT", 0],
    ["2^31 - 1 structs", TType.LIST, hex`fc ffffffff07 00`, "ERR_THRIFT_SIZE_LIMIT", 1],
    ["2^31 - 1 entries", TType.MAP, hex`ffffffff07 11 00`, "ERR_THRIFT_SIZE_LIMIT", 0],
    ["a field of an unknown type", TType.STRUCT, hex`1e 00`, "ERR_THRIFT_INVALID_DATA", 0],
    ["a field id over 32767", TType.STRUCT, hex`03 feff03 00 11 00`, "ERR_THRIFT_INVALID_DATA", 5],
    ["a string over the limit", TType.STRING, hex`e907 ${"00".repeat(1001)}`, "ERR_THRIFT_SIZE_LIMIT", 0],
  ] as const)("refuses %s", (_name, type, bytes, code, offset) => {
    expect(failure(bytes, type)).toEqual({ code, offset });
  });

  it("counts structs and containers, not scalars", () => {
    expect(skipped(hex`16 02`, TType.LIST, 1)).toBe(2);
    expect(skipped(hex`00`, TType.STRING, 0)).toBe(1);
    const lists = (levels: number): Uint8Array => hex`${"19".repeat(levels - 1)} 09`;
    expect(skipped(lists(64), TType.LIST)).toBe(64);
    expect(failure(lists(65), TType.LIST)).toEqual({ code: "ERR_THRIFT_DEPTH_LIMIT", offset: 64 });
  });

  it("refuses 30,000 nested structs after the limit, not after the stack", () => {
    const bytes = new Uint8Array(30_000).fill(0x1c);
    expect(failure(bytes, TType.STRUCT)).toEqual({ code: "ERR_THRIFT_DEPTH_LIMIT", offset: 64 });
  });
});
