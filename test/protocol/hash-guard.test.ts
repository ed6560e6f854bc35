import { describe, expect, it } from "vitest";
import { CollisionGuard, guardFor } from "../../src/protocol/hash-guard.js";
import { Random } from "../support/random-value.js";

type Key = number | bigint;

const MASK_64 = 2n ** 64n - 1n;

/** The inverse of `h ^= h >>> shift` on 64 bits. */
function undoShift(hash: bigint, shift: bigint): bigint {
  let result = hash;
  for (let known = shift; known < 64n; known += shift) result = hash ^ (result >> shift);
  return result;
}

/** The inverse of an odd factor modulo 2^64, by Newton's method. */
function inverse(factor: bigint): bigint {
  let x = factor;
  for (let i = 0; i < 6; i++) x = (x * (2n - factor * x)) & MASK_64;
  return x;
}

/** The one 64-bit key that V8's ComputeLongHash maps to `hash`. */
function keyOfHash(hash: bigint): bigint {
  let h = undoShift(hash, 22n);
  h = undoShift((h * inverse(65n)) & MASK_64, 11n);
  h = undoShift((h * inverse(21n)) & MASK_64, 31n);
  return ((h + 1n) * inverse(2n ** 18n - 1n)) & MASK_64;
}

/** 64-bit patterns whose hashes agree in all the 30 bits that V8 keeps. */
function* collidingBits(): Generator<bigint> {
  for (let i = 1n; ; i++) yield keyOfHash((i * 0x9e3779b97f4a7c15n) & MASK_64 & ~0x3fffffffn);
}

function* collidingBigints(): Generator<bigint> {
  for (const bits of collidingBits()) if (bits < 2n ** 63n) yield bits;
}

function* collidingDoubles(): Generator<number> {
  const view = new DataView(new ArrayBuffer(8));
  for (const bits of collidingBits()) {
    view.setBigUint64(0, bits);
    const key = view.getFloat64(0);
    if (Number.isFinite(key) && !Number.isInteger(key)) yield key;
  }
}

/** V8's ComputeUnseededHash backwards: keys whose hashes agree in the lower 16 bits, which pick the bucket. */
function* collidingIntegers(): Generator<number> {
  const modulus = 2n ** 32n - 1n;
  const undo32 = (hash: bigint, shift: bigint): bigint => {
    let result = hash;
    for (let known = shift; known < 32n; known += shift) result = hash ^ (result >> shift);
    return result;
  };
  for (let i = 0n; ; i++) {
    let h = undo32((i << 16n) & modulus, 16n);
    h = undo32((h * inverse(2057n)) & modulus, 4n);
    h = undo32((h * inverse(5n)) & modulus, 12n);
    yield Number(BigInt.asIntN(32, ((h + 1n) * inverse(2n ** 15n - 1n)) & modulus));
  }
}

function take<T>(keys: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  for (const key of keys) {
    if (taken.length === count) break;
    taken.push(key);
  }
  return taken;
}

/** Index of the key at which the guard trips, or -1. */
function trips(keys: readonly Key[]): number {
  const guard = new CollisionGuard(keys.length);
  const set = new Set<Key>();
  return keys.findIndex((key) => {
    const isFlood = guard.add(key, set.size);
    set.add(key);
    return isFlood;
  });
}

function milliseconds(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

const FLOODS: [name: string, keys: () => Iterable<Key>][] = [
  ["i32", collidingIntegers],
  ["bigint", collidingBigints],
  ["negative bigint", () => take(collidingBigints(), 20_000).map((key) => -key)],
  ["double", collidingDoubles],
];

describe("colliding keys", () => {
  // The canary: should V8 change its hash, these keys are no longer slow, and the guard has to follow.
  it.each(FLOODS)("of type %s make an unguarded Map slow on this Node.js", (_name, flood) => {
    const keys = take(flood(), 6000);
    const honest = keys.map((key, i) =>
      typeof key === "bigint" ? BigInt(i) * 977n : Number.isInteger(key) ? i * 977 : i / 977,
    );
    const fill = (list: Key[]) => (): unknown => new Map(list.map((key) => [key, true]));
    fill(honest)();
    expect(milliseconds(fill(keys))).toBeGreaterThan(5 * milliseconds(fill(honest)));
  });

  it.each(FLOODS)("of type %s trip the guard at the 32nd", (_name, flood) => {
    expect(trips(take(flood(), 129))).toBe(31);
    expect(trips(take(flood(), 20_000))).toBe(31);
  });

  it("are refused in milliseconds, 65,536 of them", () => {
    const keys = take(collidingIntegers(), 65_536);
    expect(milliseconds(() => trips(keys))).toBeLessThan(50);
  });

  it("trip the guard also when honest keys come first", () => {
    const honest = Array.from({ length: 10_000 }, (_, i) => i);
    expect(trips([...honest, ...take(collidingIntegers(), 500)])).toBeGreaterThan(10_000);
  });

  it("do not trip it when they are the same key again and again", () => {
    expect(trips(new Array<number>(5000).fill(7))).toBe(-1);
    expect(trips(Array.from({ length: 5000 }, (_, i) => i % 3))).toBe(-1);
  });
});

const HONEST: [name: string, key: (i: number, random: Random) => Key][] = [
  ["sequential", (i) => i],
  ["small negative", (i) => -i],
  ["random i32", (_i, random) => random.uint32() | 0],
  ["random double", (_i, random) => random.uint32() / 997],
  ["random bigint", (_i, random) => (BigInt(random.uint32()) << 32n) | BigInt(random.uint32())],
  ["sequential bigint", (i) => BigInt(i)],
  ["timestamps in ms", (i) => 1_700_000_000_000 + i * 1000],
  ["timestamps in ns", (i) => 1_700_000_000_000_000_000n + BigInt(i) * 1_000_000n],
  ["cents", (i) => i / 100],
  ["decades", (i) => i * 10_000_000],
  ["snowflakes", (i) => (BigInt(1_700_000_000_000 + (i >> 4)) << 22n) | BigInt(i & 15)],
  ["halves swapped", (i) => (i << 16) | (i >>> 16)],
];

describe("honest keys", () => {
  const sizes = [129, 1025, 20_000, 200_000];

  it.each(HONEST)("%s never trip the guard", (_name, key) => {
    for (const size of sizes) {
      const random = new Random(size);
      expect(trips(Array.from({ length: size }, (_, i) => key(i, random)))).toBe(-1);
    }
  });

  it("strided by any power of two never trip the guard", () => {
    for (let shift = 0; shift < 44; shift++) {
      for (const size of [129, 1025, 8192]) {
        expect(trips(Array.from({ length: size }, (_, i) => BigInt.asIntN(64, BigInt(i) << BigInt(shift))))).toBe(-1);
        expect(trips(Array.from({ length: size }, (_, i) => i * 2 ** shift))).toBe(-1);
        expect(trips(Array.from({ length: size }, (_, i) => i / 2 ** shift))).toBe(-1);
      }
    }
  });
});

describe("guardFor", () => {
  it("leaves small collections alone", () => {
    expect(guardFor(0)).toBeUndefined();
    expect(guardFor(128)).toBeUndefined();
    expect(guardFor(129)).toBeInstanceOf(CollisionGuard);
  });
});
