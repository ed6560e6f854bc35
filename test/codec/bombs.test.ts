import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import type { CodecOptions } from "../../src/codec/options.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachBackend } from "../support/backends.js";
import { hex } from "../support/hex.js";
import { failureFrom } from "../support/outcome.js";

const schema = parseSchema({
  "a.thrift": `enum E { A = 1 B = 2 } struct Empty {} struct Node { 1: Node next 2: list<Node> all 3: map<i32, Node> index }
    struct S { 1: list<Empty> empties 2: map<Empty, Empty> pairs 3: list<map<i8, i8>> maps 4: list<set<i8>> sets 5: list<list<i8>> lists
      6: map<i32, bool> ints 7: set<i32> members 8: list<binary> views 9: list<i64> longs 10: map<i64, bool> bigs 11: set<double> reals
      12: map<i16, bool> shorts 13: string text 14: list<map<map<i8, i8>, map<i8, i8>>> deep
      15: map<E, bool> enums 16: set<E> enumSet }`,
});

const MIB = 1024 * 1024;

/** A field of the struct S whose container holds a count of one element, over and over. */
function repeated(head: Uint8Array, count: number, element: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + 4 + count * element.length + 1);
  bytes.set(head);
  new DataView(bytes.buffer).setInt32(head.length, count);
  for (let i = 0, p = head.length + 4; i < count; i++, p += element.length) bytes.set(element, p);
  return bytes;
}

/** i32 keys that V8's hash puts into one bucket out of 2^16: found by undoing its mix, which is a chain of bijections. */
function collidingKeys(count: number): number[] {
  const keys: number[] = [];
  for (let high = 0; keys.length < count; high++) keys.push(unhash((high << 16) | 0x1234));
  return keys;
}

/** The inverse of Thomas Wang's 32-bit mix as V8 has it. */
function unhash(hash: number): number {
  let key = hash ^ (hash >>> 16);
  key = Math.imul(key, inverse(2057));
  key = unshiftRight(key, 4);
  key = Math.imul(key, inverse(5));
  key = unshiftRight(key, 12);
  // key = ~key + (key << 15) is key * 32767 - 1.
  return Math.imul(key + 1, inverse(32_767));
}

/** Undoes x ^ (x >>> by). */
function unshiftRight(value: number, by: number): number {
  let result = value;
  for (let i = 0; i < 32 / by; i++) result = value ^ (result >>> by);
  return result;
}

/** The multiplicative inverse modulo 2^32 of an odd number, by Newton's steps. */
function inverse(odd: number): number {
  let result = odd;
  for (let i = 0; i < 5; i++) result = Math.imul(result, 2 - Math.imul(odd, result));
  return result;
}

/** A field of the struct S with these keys; `tail` stands behind each. */
function flood(head: Uint8Array, keys: readonly number[], tail: Uint8Array): Uint8Array {
  const bytes = repeated(head, keys.length, hex`00000000 ${tail}`);
  const view = new DataView(bytes.buffer);
  keys.forEach((key, i) => view.setInt32(head.length + 4 + i * (4 + tail.length), key));
  return bytes;
}

const TIGHT: CodecOptions = { limits: { maxHeapBytes: 16 * MIB } };

const BOMBS: [name: string, wire: () => Uint8Array, code: string, path: string, options?: CodecOptions][] = [
  [
    "20 bytes that declare 2^31 - 1 empty structs",
    () => hex`0f0001 0c 7fffffff ${"00".repeat(12)}`,
    "SIZE_LIMIT",
    "S.empties",
  ],
  ["20 bytes that declare 2^31 - 1 i64", () => hex`0f0009 0a 7fffffff ${"00".repeat(12)}`, "SIZE_LIMIT", "S.longs"],
  [
    "20 bytes that declare a map of 2^31 - 1",
    () => hex`0d0006 0802 7fffffff ${"00".repeat(11)}`,
    "SIZE_LIMIT",
    "S.ints",
  ],
  [
    "20 bytes that declare a set of 2^31 - 1",
    () => hex`0e0007 08 7fffffff ${"00".repeat(12)}`,
    "SIZE_LIMIT",
    "S.members",
  ],
  ["20 bytes that declare text of 2^31 - 1", () => hex`0b000d 7fffffff ${"00".repeat(13)}`, "SIZE_LIMIT", "S.text"],
  [
    "20 unknown bytes that declare 2^31 - 1 elements of no type",
    () => hex`0f0063 00 7fffffff ${"00".repeat(12)}`,
    "INVALID_DATA",
    "S",
  ],
  [
    "20 unknown bytes that declare 2^31 - 1 empty structs",
    () => hex`0f0063 0c 7fffffff ${"00".repeat(12)}`,
    "SIZE_LIMIT",
    "S",
  ],
  [
    "more empty structs than a list may have",
    () => repeated(hex`0f0001 0c`, 4_194_305, hex`00`),
    "SIZE_LIMIT",
    "S.empties",
  ],
  [
    "empty structs beyond the heap budget",
    () => repeated(hex`0f0001 0c`, 4_194_304, hex`00`),
    "SIZE_LIMIT",
    "S.empties[",
  ],
  [
    "empty maps beyond the heap budget",
    () => repeated(hex`0f0003 0d`, 1_000_000, hex`0303 00000000`),
    "SIZE_LIMIT",
    "S.maps[",
    TIGHT,
  ],
  [
    "empty sets beyond the heap budget",
    () => repeated(hex`0f0004 0e`, 1_000_000, hex`03 00000000`),
    "SIZE_LIMIT",
    "S.sets[",
    TIGHT,
  ],
  [
    "empty lists beyond the heap budget",
    () => repeated(hex`0f0005 0f`, 1_000_000, hex`03 00000000`),
    "SIZE_LIMIT",
    "S.lists[",
    TIGHT,
  ],
  [
    "empty views beyond the heap budget",
    () => repeated(hex`0f0008 0b`, 2_000_000, hex`00000000`),
    "SIZE_LIMIT",
    "S.views",
  ],
  ["empty texts of unknown fields cost nothing", () => repeated(hex`0f0063 0b`, 4_000_000, hex`00000000`), "", ""],
  [
    "65,536 colliding i32 keys",
    () => flood(hex`0d0006 0802`, collidingKeys(65_536), hex`01`),
    "INVALID_DATA",
    "S.ints{",
  ],
  [
    "65,536 colliding i32 members",
    () => flood(hex`0e0007 08`, collidingKeys(65_536), hex``),
    "INVALID_DATA",
    "S.members[",
  ],
  ["4,096 colliding i32 keys", () => flood(hex`0d0006 0802`, collidingKeys(4096), hex`01`), "INVALID_DATA", "S.ints{"],
  [
    "colliding keys as entries are harmless",
    () => flood(hex`0d0006 0802`, collidingKeys(65_536), hex`01`),
    "",
    "",
    { maps: "entries" },
  ],
  [
    "colliding members as an array are harmless",
    () => flood(hex`0e0007 08`, collidingKeys(65_536), hex``),
    "",
    "",
    { sets: "array" },
  ],
];

forEachBackend((backend) => {
  describe("bombs fail before they go off", () => {
    it.each(BOMBS)("%s", (_name, wire, code, path, options = {}) => {
      const bytes = wire();
      const codec = compile(schema.struct("S"), { backend, ...options });
      const before = process.memoryUsage().rss;
      const started = performance.now();
      if (code === "") {
        codec.decode(bytes);
      } else {
        const failure = failureFrom(() => codec.decode(bytes));
        expect(failure.code).toBe(`ERR_THRIFT_${code}`);
        expect(failure.path?.startsWith(path)).toBe(true);
      }
      // Generous: machines that run tests are busy. An unguarded bomb takes minutes, or gigabytes.
      expect(performance.now() - started).toBeLessThan(10_000);
      expect(process.memoryUsage().rss - before).toBeLessThan(600 * MIB);
    });
  });

  it("honest keys of any kind pass the guard", () => {
    const codec = compile<any>(schema.struct("S"), { backend });
    const count = Array.from({ length: 20_000 }, (_, i) => i);
    const patterns: ((i: number) => number)[] = [
      (i) => i,
      (i) => -i,
      (i) => i * 65_536,
      (i) => i * 1000,
      (i) => Math.imul(i, 2_654_435_761),
    ];
    for (const pattern of patterns) {
      const ints = new Map(count.map((i) => [pattern(i) | 0, true]));
      expect(codec.decode(codec.encode({ ints })).ints.size).toBe(ints.size);
      const bigs = new Map(count.map((i) => [BigInt(pattern(i)), true]));
      expect(codec.decode(codec.encode({ bigs })).bigs.size).toBe(bigs.size);
      const reals = new Set(count.map((i) => pattern(i) / 7));
      expect(codec.decode(codec.encode({ reals })).reals.size).toBe(reals.size);
    }
    const shorts = new Map(count.map((i) => [i - 10_000, true]));
    expect(codec.decode(codec.encode({ shorts })).shorts.size).toBe(20_000);
  });

  it.each(["number", "name"] as const)("enums as %s: members many times, and numbers that no member has", (enums) => {
    const codec = compile<any>(schema.struct("S"), { backend, enums });
    const numbers = Array.from({ length: 2000 }, (_, i) => (i % 3 === 0 ? 1 + (i % 2) : i));
    const [A, B] = enums === "name" ? ["A", "B"] : [1, 2];
    const expected = new Set(numbers.map((number) => (number === 1 ? A : number === 2 ? B : number)));
    const { enumSet } = codec.decode(flood(hex`0e0010 08`, numbers, hex``));
    expect([...enumSet]).toEqual([...expected]);
    const { enums: map } = codec.decode(flood(hex`0d000f 0802`, numbers, hex`01`));
    expect([...map.keys()]).toEqual([...expected]);
    const colliding = collidingKeys(4096);
    expect(failureFrom(() => codec.decode(flood(hex`0e0010 08`, colliding, hex``))).code).toBe(
      "ERR_THRIFT_INVALID_DATA",
    );
    expect(failureFrom(() => codec.decode(flood(hex`0d000f 0802`, colliding, hex`01`))).code).toBe(
      "ERR_THRIFT_INVALID_DATA",
    );
  });

  it("30,000 nested structs, as fields, list elements and map values, and unknown", () => {
    const codec = compile<any>(schema.struct("Node"), { backend });
    for (const opener of ["0c0001", "0f00020c00000001", "0d0003080c0000000100000000"]) {
      const wire = hex`${opener.repeat(30_000)}`;
      expect(failureFrom(() => codec.decode(wire)).code).toBe("ERR_THRIFT_DEPTH_LIMIT");
      expect(failureFrom(() => compile(schema.struct("Empty"), { backend }).decode(wire)).code).toBe(
        "ERR_THRIFT_DEPTH_LIMIT",
      );
      expect(
        failureFrom(() => compile(schema.struct("Node"), { backend, limits: { maxDepth: Infinity } }).decode(wire))
          .code,
      ).toMatch(/^ERR_THRIFT_(DEPTH_LIMIT|SIZE_LIMIT|TRUNCATED)$/);
    }
    let deep: object = {};
    for (let i = 0; i < 30_000; i++) deep = { next: deep };
    expect(failureFrom(() => codec.encode(deep))).toMatchObject({
      error: "EncodeError",
      code: "ERR_THRIFT_DEPTH_LIMIT",
    });
    expect(
      failureFrom(() => compile(schema.struct("Node"), { backend, limits: { maxDepth: Infinity } }).encode(deep)).code,
    ).toBe("ERR_THRIFT_DEPTH_LIMIT");
    expect(Array.from(codec.encode({}))).toEqual([0]);
  });
});
