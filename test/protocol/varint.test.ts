import { describe, expect, it } from "vitest";
import {
  CUT_SHORT,
  readVarint64,
  splitBigInt,
  toBigInt,
  TOO_LONG,
  unzigzag32,
  unzigzag64,
  varint32Length,
  writeVarint32,
  writeVarint64,
  zigzag32,
  zigzag64,
  type Halves,
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

function written(low: number, high: number): string {
  const bytes = new Uint8Array(12).fill(0xee);
  const end = writeVarint64(bytes, 1, low, high);
  expect(bytes[0]).toBe(0xee);
  return toHex(bytes.subarray(1, end));
}

/** Both ways through the halves, each step against the reference. */
function checkBothWays(value: bigint): void {
  const halves: Halves = { low: 0, high: 0 };
  splitBigInt(value, halves);
  zigzag64(halves);
  expect(BigInt.asUintN(64, toBigInt(halves.low, halves.high))).toBe(referenceZigzag(value));
  const bytes = written(halves.low, halves.high);
  expect(bytes).toBe(referenceVarint(referenceZigzag(value)));
  const read: Halves = { low: -1, high: -1 };
  expect(readVarint64(hex`ff ff ${bytes} ff`, 2, 2 + bytes.length / 2, read)).toBe(2 + bytes.length / 2);
  expect(read).toEqual(halves);
  unzigzag64(read);
  expect(toBigInt(read.low, read.high)).toBe(value);
}

/** Integers of 64 bits with a number of significant bits chosen evenly, so that each length of varint occurs. */
function randomI64(random: Random): bigint {
  const bits = (BigInt(random.uint32()) << 32n) | BigInt(random.uint32());
  return BigInt.asIntN(64, random.chance(0.5) ? bits >> BigInt(random.below(64)) : ~(bits >> BigInt(random.below(64))));
}

describe("64 bits in two halves", () => {
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
    expect(readVarint64(bytes, 0, bytes.length, { low: 0, high: 0 })).toBe(expected);
  });

  it("take every form that is longer than need be", () => {
    for (let length = 1; length <= 10; length++) {
      const bytes = new Uint8Array(length).fill(0x80);
      bytes[0] |= 5;
      bytes[length - 1] &= 0x7f;
      const halves: Halves = { low: 0, high: 0 };
      expect(readVarint64(bytes, 0, length, halves)).toBe(length);
      expect(halves).toEqual({ low: 5, high: 0 });
    }
  });

  it("do not look behind the end", () => {
    expect(readVarint64(hex`ff01`, 0, 1, { low: 0, high: 0 })).toBe(CUT_SHORT);
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
    expect(written(value, 0)).toBe(expected);
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
