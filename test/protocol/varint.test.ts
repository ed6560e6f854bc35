import { describe, expect, it } from "vitest";
import {
  CUT_SHORT,
  HIGH_WORD,
  integer64,
  LOW_WORD,
  readVarint64,
  readZigzag64,
  TOO_LONG,
  unzigzag32,
  unzigzag64,
  varint32Length,
  words64,
  writeVarint32,
  writeZigzag64,
  zigzag32,
} from "../../src/protocol/varint.js";
import { hex, toHex } from "../support/hex.js";
import { forEachSeed, type Random } from "../support/random-value.js";

/** Varint by the book: what the halves must come to. */
function referenceVarint(value: bigint): string {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return toHex(Uint8Array.from(bytes));
}

const referenceZigzag = (value: bigint): bigint => BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));

function written(value: bigint): string {
  const bytes = new Uint8Array(12).fill(0xee);
  integer64[0] = value;
  const end = writeZigzag64(bytes, 1, words64[LOW_WORD], words64[HIGH_WORD]);
  expect(bytes[0]).toBe(0xee);
  return toHex(bytes.subarray(1, end));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Other bytes stand in front, and `behind` of them follow. @returns the integer. */
function readAmong(bytes: string, behind: number): bigint {
  const view = viewOf(hex`ff ff ${bytes} ${"ff".repeat(behind)}`);
  const list = new BigInt64Array(3).fill(-1n);
  const end = 2 + bytes.length / 2;
  expect(readZigzag64({ view, end: end + behind }, 2, new Int32Array(list.buffer), 2)).toBe(end);
  expect([list[0], list[2]]).toEqual([-1n, -1n]);
  return list[1];
}

/** Both ways, each step against the reference. Reading takes another path where 10 bytes are left. */
function checkBothWays(value: bigint): void {
  const bytes = referenceVarint(referenceZigzag(value));
  expect(written(value)).toBe(bytes);
  expect(readAmong(bytes, 0)).toBe(value);
  expect(readAmong(bytes, 9)).toBe(value);
  expect(readVarint64(viewOf(hex`${bytes}`), 0, bytes.length / 2)).toBe(bytes.length / 2);
  expect(BigInt.asUintN(64, integer64[0])).toBe(referenceZigzag(value));
  unzigzag64();
  expect(integer64[0]).toBe(value);
}

/** Integers of 64 bits with a number of significant bits chosen evenly, so that each length of varint occurs. */
function randomI64(random: Random): bigint {
  const bits = (BigInt(random.uint32()) << 32n) | BigInt(random.uint32());
  return BigInt.asIntN(64, random.chance(0.5) ? bits >> BigInt(random.below(64)) : ~(bits >> BigInt(random.below(64))));
}

describe("64 bits in two words", () => {
  it("agree with BigInt arithmetic next to every power of two", () => {
    for (let bit = 0n; bit < 64n; bit++) {
      for (const near of [-2n, -1n, 0n, 1n, 2n]) {
        checkBothWays(BigInt.asIntN(64, (1n << bit) + near));
        checkBothWays(BigInt.asIntN(64, -(1n << bit) + near));
      }
    }
  });

  it("agree with BigInt arithmetic on random integers", () => {
    forEachSeed(40, (random) => {
      for (let i = 0; i < 20; i++) checkBothWays(randomI64(random));
    });
  });

  it.each([
    ["nothing", hex``, CUT_SHORT],
    ["1 byte that announces another", hex`80`, CUT_SHORT],
    ["4 bytes", hex`80808080`, CUT_SHORT],
    ["5 bytes", hex`8080808080`, CUT_SHORT],
    ["9 bytes", hex`808080808080808080`, CUT_SHORT],
    ["10 bytes that announce an eleventh", hex`80808080808080808080 00`, TOO_LONG],
    ["65 bits", hex`808080808080808080 02`, TOO_LONG],
    ["70 bits", hex`ffffffffffffffffff 7f`, TOO_LONG],
  ])("refuse %s", (_name, bytes, expected) => {
    const view = viewOf(bytes);
    expect(readVarint64(view, 0, bytes.length)).toBe(expected);
    expect(readZigzag64({ view, end: bytes.length }, 0, words64, 0)).toBe(expected);
    const longer = viewOf(hex`${toHex(bytes)} ${"00".repeat(10)}`);
    if (expected === TOO_LONG) expect(readZigzag64({ view: longer, end: 20 }, 0, words64, 0)).toBe(expected);
  });

  it.each([0, 9])("take every form that is longer than need be, %i bytes before the end", (behind) => {
    for (let length = 1; length <= 10; length++) {
      const bytes = new Uint8Array(length).fill(0x80);
      bytes[0] |= 10;
      bytes[length - 1] &= 0x7f;
      expect(readAmong(toHex(bytes), behind)).toBe(5n);
    }
  });

  it("do not look behind the end", () => {
    const view = viewOf(hex`ff01ffffffffffffffff01`);
    expect(readVarint64(view, 0, 1)).toBe(CUT_SHORT);
    expect(readZigzag64({ view, end: 1 }, 0, words64, 0)).toBe(CUT_SHORT);
  });
});

describe("32 bits", () => {
  const LENGTHS: [value: number, bytes: string][] = [
    [0, "00"],
    [1, "01"],
    [0x7f, "7f"],
    [0x80, "8001"],
    [0x3fff, "ff7f"],
    [0x4000, "808001"],
    [0x1f_ffff, "ffff7f"],
    [0x20_0000, "80808001"],
    [0xfff_ffff, "ffffff7f"],
    [0x1000_0000, "8080808001"],
    [0x7fff_ffff, "ffffffff07"],
    [-0x8000_0000, "8080808008"],
    [-1, "ffffffff0f"],
  ];

  it.each(LENGTHS)("%i is written unsigned", (value, expected) => {
    const bytes = new Uint8Array(7).fill(0xee);
    const end = writeVarint32(bytes, 1, value);
    expect(toHex(bytes.subarray(0, end))).toBe(`ee${expected}`);
    expect(varint32Length(value)).toBe(expected.length / 2);
  });

  it.each([
    [0, 0],
    [-1, 1],
    [1, 2],
    [-2, 3],
    [0x7fff_ffff, -2],
    [-0x8000_0000, -1],
  ])("zigzag makes %i into %i, and back", (value, zigzagged) => {
    expect(zigzag32(value)).toBe(zigzagged);
    expect(unzigzag32(zigzagged)).toBe(value);
  });
});
