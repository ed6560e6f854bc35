import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import {
  HEAP_BYTES,
  INTERNAL_LIMITS,
  UNTRUSTED_LIMITS,
  type Limits,
  type LimitsOption,
} from "../../src/protocol/limits.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachBackend } from "../support/backends.js";
import { hex } from "../support/hex.js";
import { failureFrom, outcomeOf } from "../support/outcome.js";

const schema = parseSchema({
  "a.thrift": `struct Empty {} struct P { 1: i32 x } struct Deep { 1: Deep d 2: list<Deep> l }
    struct S { 1: string t 2: binary b 3: list<bool> l 4: set<i8> s 5: map<i8, bool> m 6: list<P> ps 7: map<string, map<i8, i8>> mm 8: list<i64> longs
      9: set<i64> set 10: list<binary> views 11: list<string> texts 12: list<double> reals 13: list<Empty> empties }`,
});

const size = (n: number): string => n.toString(16).padStart(8, "0");
const nested = (levels: number): Uint8Array => hex`${"0c0001".repeat(levels - 1)}${"00".repeat(levels)}`;
const listed = (levels: number): Uint8Array => hex`${"0f00020c00000001".repeat(levels - 1)}${"00".repeat(levels)}`;

type Make = (n: number) => Uint8Array;

/** For each limit, messages that take exactly n of what it bounds, and where one of n + 1 fails. */
const BOUNDS: [
  limit: keyof Limits,
  what: string,
  struct: string,
  make: Make,
  path: string,
  offset: (n: number) => number,
][] = [
  ["maxDepth", "structs in structs", "Deep", nested, ".d", (n) => 3 * n],
  ["maxDepth", "structs in lists", "Deep", listed, ".l[0]", (n) => 8 * n],
  [
    "maxSkipDepth",
    "unknown structs",
    "S",
    (n) => hex`${"0c0063".repeat(n)}${"00".repeat(n + 1)}`,
    "",
    (n) => 3 * n + 3,
  ],
  [
    "maxSkipDepth",
    "unknown lists",
    "S",
    (n) => hex`0f0063 ${"0f00000001".repeat(n - 1)} 0800000000 00`,
    "",
    (n) => 3 + 5 * n,
  ],
  [
    "maxSkipDepth",
    "unknown sets in maps",
    "S",
    (n) => hex`0d0063 ${"080d0000000100000000".repeat(n - 1)} 0808 00000000 00`,
    "",
    (n) => 3 + 10 * n,
  ],
  ["maxMessageBytes", "bytes", "S", (n) => hex`0b0001 ${size(n - 8)} ${"61".repeat(n - 8)} 00`, "", () => 0],
  ["maxStringBytes", "a string", "S", (n) => hex`0b0001 ${size(n)} ${"61".repeat(n)} 00`, ".t", () => 3],
  ["maxStringBytes", "a binary", "S", (n) => hex`0b0002 ${size(n)} ${"61".repeat(n)} 00`, ".b", () => 3],
  ["maxStringBytes", "an unknown string", "S", (n) => hex`0b0063 ${size(n)} ${"61".repeat(n)} 00`, "", () => 3],
  ["maxContainerLength", "a list", "S", (n) => hex`0f0003 02 ${size(n)} ${"01".repeat(n)} 00`, ".l", () => 4],
  ["maxSetLength", "a set", "S", (n) => hex`0e0004 03 ${size(n)} ${"01".repeat(n)} 00`, ".s", () => 4],
  ["maxMapLength", "a map", "S", (n) => hex`0d0005 0302 ${size(n)} ${"0101".repeat(n)} 00`, ".m", () => 5],
];

const CODE_OF: Record<keyof Limits, string> = {
  maxDepth: "ERR_THRIFT_DEPTH_LIMIT",
  maxSkipDepth: "ERR_THRIFT_DEPTH_LIMIT",
  maxMessageBytes: "ERR_THRIFT_SIZE_LIMIT",
  maxStringBytes: "ERR_THRIFT_SIZE_LIMIT",
  maxContainerLength: "ERR_THRIFT_SIZE_LIMIT",
  maxSetLength: "ERR_THRIFT_SIZE_LIMIT",
  maxMapLength: "ERR_THRIFT_SIZE_LIMIT",
  maxHeapBytes: "ERR_THRIFT_SIZE_LIMIT",
};

const { slot, struct: own, list, set, map, view, bigint, string, number } = HEAP_BYTES;
const ROOT = own + 13 * slot;

/** Heap bytes that a message is charged, spelled out once more. */
const HEAP: [what: string, wire: Uint8Array, bytes: number][] = [
  ["an empty message", hex`00`, ROOT],
  ["structs in a list", hex`0f0006 0c 00000002 00 00 00`, ROOT + list + 2 * slot + 2 * (own + slot)],
  [
    "empty structs in a list, which V8 gives room for four properties",
    hex`0f000d 0c 00000002 00 00 00`,
    ROOT + list + 2 * slot + 2 * (own + 4 * slot),
  ],
  ["maps in a map", hex`0d0007 0b0d 00000001 00000000 0303 00000000 00`, ROOT + map + (2 * slot + string) + map],
  ["a map", hex`0d0005 0302 00000002 0101 0200 00`, ROOT + map + 2 * (2 * slot + 2 * number)],
  ["bigints in a list", hex`0f0008 0a 00000001 0000000000000001 00`, ROOT + list + slot + bigint],
  ["bigints in a set", hex`0e0009 0a 00000001 0000000000000001 00`, ROOT + set + slot + bigint],
  ["views in a list", hex`0f000a 0b 00000002 00000000 00000000 00`, ROOT + list + 2 * (slot + view)],
  ["texts in a list", hex`0f000b 0b 00000001 00000000 00`, ROOT + list + slot + string],
  ["doubles in a list", hex`0f000c 04 00000001 0000000000000000 00`, ROOT + list + slot + number],
  ["a field that comes twice is paid twice", hex`0f0003 02 00000000 0f0003 02 00000000 00`, ROOT + 2 * list],
  ["unknown fields are free", hex`0f0063 02 00000003 010101 00`, ROOT],
];

forEachBackend((backend) => {
  const decode = (struct: string, wire: Uint8Array, limits: LimitsOption): unknown =>
    compile(schema.struct(struct), { backend, limits }).decode(wire);

  describe.each(BOUNDS)("%s: %s", (limit, _what, struct, make, path, offset) => {
    const n = 20;

    it("n - 1 and n are taken, n + 1 is refused", () => {
      for (const amount of [n - 1, n])
        expect(outcomeOf(() => decode(struct, make(amount), { [limit]: n }))).toHaveProperty("value");
      expect(failureFrom(() => decode(struct, make(n + 1), { [limit]: n }))).toMatchObject({
        error: "DecodeError",
        code: CODE_OF[limit],
        path: struct + (limit === "maxDepth" ? path.repeat(n) : path),
        offset: offset(n),
      });
    });

    it("Infinity turns it off", () => {
      expect(outcomeOf(() => decode(struct, make(200), { [limit]: Infinity }))).toHaveProperty("value");
    });
  });

  describe("maxHeapBytes", () => {
    it.each(HEAP)("%s", (_what, wire, bytes) => {
      for (const limit of [bytes, bytes + 1])
        expect(outcomeOf(() => decode("S", wire, { maxHeapBytes: limit }))).toHaveProperty("value");
      expect(failureFrom(() => decode("S", wire, { maxHeapBytes: bytes - 1 }))).toMatchObject({
        code: "ERR_THRIFT_SIZE_LIMIT",
      });
    });
  });

  describe("the presets hold at their own figures", () => {
    const presets: [LimitsOption & string, Readonly<Limits>][] = [
      ["internal", INTERNAL_LIMITS],
      ["untrusted", UNTRUSTED_LIMITS],
    ];
    const rows = presets.flatMap(([preset, limits]) =>
      BOUNDS.filter(([limit]) => limits[limit] <= 16_384).map((bound) => [preset, limits, bound] as const),
    );

    it.each(rows.map(([preset, limits, bound]) => [preset, bound[0], bound[1], limits, bound] as const))(
      "%s %s: %s",
      (preset, limit, _what, limits, [, , struct, make]) => {
        const n = limits[limit];
        expect(outcomeOf(() => decode(struct, make(n), preset))).toHaveProperty("value");
        expect(failureFrom(() => decode(struct, make(n + 1), preset)).code).toBe(CODE_OF[limit]);
      },
    );

    it.each([
      ["maxMessageBytes", new Uint8Array(1024 * 1024 + 1)],
      ["maxStringBytes", hex`0b0001 00040001 ${new Uint8Array(0x40001)} 00`],
      ["maxContainerLength", hex`0f0003 02 00010001 ${new Uint8Array(0x10001)} 00`],
    ] as const)("untrusted %s", (limit, wire) => {
      expect(failureFrom(() => decode("S", wire, "untrusted")).code).toBe(CODE_OF[limit]);
      if (limit !== "maxMessageBytes") expect(outcomeOf(() => decode("S", wire, "internal"))).toHaveProperty("value");
    });
  });

  it("maxDepth holds on encode too", () => {
    const codec = compile<any>(schema.struct("Deep"), { backend, limits: { maxDepth: 3 } });
    expect(codec.encode({ d: { l: [{}] } }).length).toBeGreaterThan(0);
    expect(failureFrom(() => codec.encode({ d: { l: [{ d: {} }] } }))).toMatchObject({
      code: "ERR_THRIFT_DEPTH_LIMIT",
      path: "Deep.d.l[0].d",
    });
  });

  it("the other limits do not: what is encoded may be larger than what is taken", () => {
    const codec = compile<any>(schema.struct("S"), {
      backend,
      limits: { maxStringBytes: 1, maxContainerLength: 1, maxSetLength: 1, maxMapLength: 1, maxHeapBytes: 1 },
    });
    expect(
      codec.encode({
        t: "long",
        l: [true, true],
        s: [1, 2],
        m: [
          [1, true],
          [2, true],
        ],
      }).length,
    ).toBe(45);
  });
});

describe("limits that are none", () => {
  it.each<object>([
    { maxDepth: 0 },
    { maxDepth: -1 },
    { maxDepth: 1.5 },
    { maxDepth: NaN },
    { maxDepth: "1" },
    { maxdepth: 1 },
    { toString: 1 },
  ])("%o", (limits: object) => {
    expect(() => compile(schema.struct("S"), { limits: limits as never })).toThrow(RangeError);
  });
});
