import { describe, expect, it } from "vitest";
import { compile, type Codec } from "../../src/codec/codec.js";
import type { CodecOptions, CodecProtocol } from "../../src/codec/options.js";
import { TType, type ValueTType } from "../../src/protocol/ttype.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachCodecAndJson } from "../support/backends.js";
import { hex, toHex } from "../support/hex.js";
import { failureFrom } from "../support/outcome.js";
import * as wire from "../support/wire/node.js";
import { field, list, map, set, struct, text, type Node, type Struct } from "../support/wire/node.js";
import { spell } from "../support/wire/spell.js";
import { concat } from "../fuzz/mutate.js";

const schema = parseSchema({
  "a.thrift": `enum E { A = 1 B = 2 } struct Empty {} struct Node { 1: Node next 2: list<Node> all 3: map<i32, Node> index }
    struct S { 1: list<Empty> empties 2: map<Empty, Empty> pairs 3: list<map<i8, i8>> maps 4: list<set<i8>> sets 5: list<list<i8>> lists
      6: map<i32, bool> ints 7: set<i32> members 8: list<binary> views 9: list<i64> longs 10: map<i64, bool> bigs 11: set<double> reals
      12: map<i16, bool> shorts 13: string text 14: list<map<map<i8, i8>, map<i8, i8>>> deep
      15: map<E, bool> enums 16: set<E> enumSet }`,
});

const MIB = 1024 * 1024;
const { BOOL, I32, I64, I8, LIST, MAP, SET, STRING, STRUCT } = TType;
const UNKNOWN = 99;

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

const inMap = (id: number, keys: readonly number[]): Struct =>
  struct([
    field(
      id,
      map(
        [I32, BOOL],
        keys.map((key) => [wire.i32(key), wire.bool(true)]),
      ),
    ),
  ]);
const inSet = (id: number, keys: readonly number[]): Struct =>
  struct([
    field(
      id,
      set(
        I32,
        keys.map((key) => wire.i32(key)),
      ),
    ),
  ]);

/** A message that says of a container that it has more elements than there are numbers for. */
const declaring =
  (id: number, node: Node): (() => Struct) =>
  () =>
    struct([field(id, { ...node, size: 2 ** 31 - 1 } as Node)]);

/** A list of very many copies of one element. */
const repeated =
  (id: number, elementType: ValueTType, element: Node, times: number): (() => Struct) =>
  () =>
    struct([field(id, list(elementType, [element], { times }))]);

const TIGHT: CodecOptions = { limits: { maxHeapBytes: 16 * MIB } };

interface Bomb {
  name: string;
  message: () => Struct;
  /** Empty for what looks like a bomb and is none. */
  code: string;
  path: string;
  options?: CodecOptions;
  /** Protocols that cannot say it. */
  not?: readonly CodecProtocol[];
}

/** Plain JSON declares no counts, and neither protocol of JSON lengths of text. */
const BOMBS: readonly Bomb[] = [
  ...(
    [
      ["empty structs", "S.empties", declaring(1, list(STRUCT, [struct()]))],
      ["i64", "S.longs", declaring(9, list(I64, [wire.i64(1n)]))],
      ["entries of a map", "S.ints", declaring(6, map([I32, BOOL], [[wire.i32(0), wire.bool(true)]]))],
      ["members of a set", "S.members", declaring(7, set(I32, [wire.i32(0)]))],
      ["unknown empty structs", "S", declaring(UNKNOWN, list(STRUCT, [struct()]))],
    ] as const
  ).map(([what, path, message]): Bomb => {
    return { name: `few bytes that declare 2^31 - 1 ${what}`, message, code: "SIZE_LIMIT", path, not: ["json"] };
  }),
  {
    name: "few bytes that declare text of 2^31 - 1",
    message: declaring(13, text("")),
    code: "SIZE_LIMIT",
    path: "S.text",
    not: ["tjson", "json"],
  },
  {
    name: "more empty structs than a list may have",
    message: repeated(1, STRUCT, struct(), 4_194_305),
    code: "SIZE_LIMIT",
    path: "S.empties",
    not: ["tjson", "json"],
  },
  {
    name: "empty structs beyond the heap budget",
    message: repeated(1, STRUCT, struct(), 400_000),
    code: "SIZE_LIMIT",
    path: "S.empties[",
    options: TIGHT,
  },
  {
    name: "empty maps beyond the heap budget",
    message: repeated(3, MAP, map([I8, I8], []), 200_000),
    code: "SIZE_LIMIT",
    path: "S.maps[",
    options: TIGHT,
  },
  {
    name: "empty sets beyond the heap budget",
    message: repeated(4, SET, set(I8, []), 200_000),
    code: "SIZE_LIMIT",
    path: "S.sets[",
    options: TIGHT,
  },
  {
    name: "empty lists beyond the heap budget",
    message: repeated(5, LIST, list(I8, []), 500_000),
    code: "SIZE_LIMIT",
    path: "S.lists[",
    options: TIGHT,
  },
  {
    name: "empty views beyond the heap budget",
    message: repeated(8, STRING, wire.binary(new Uint8Array(0)), 300_000),
    code: "SIZE_LIMIT",
    path: "S.views",
    options: TIGHT,
  },
  {
    name: "empty texts of unknown fields cost nothing",
    message: repeated(UNKNOWN, STRING, text(""), 1_000_000),
    code: "",
    path: "",
    options: TIGHT,
  },
  {
    name: "65,536 colliding i32 keys",
    message: () => inMap(6, collidingKeys(65_536)),
    code: "INVALID_DATA",
    path: "S.ints{",
  },
  {
    name: "65,536 colliding i32 members",
    message: () => inSet(7, collidingKeys(65_536)),
    code: "INVALID_DATA",
    path: "S.members[",
  },
  {
    name: "4,096 colliding i32 keys",
    message: () => inMap(6, collidingKeys(4096)),
    code: "INVALID_DATA",
    path: "S.ints{",
  },
  {
    name: "colliding keys as entries are harmless",
    message: () => inMap(6, collidingKeys(65_536)),
    code: "",
    path: "",
    options: { maps: "entries" },
  },
  {
    name: "colliding members as an array are harmless",
    message: () => inSet(7, collidingKeys(65_536)),
    code: "",
    path: "",
    options: { sets: "array" },
  },
];

/** Messages by protocol and name: the back ends share them. */
const spelled = new Map<string, Uint8Array>();

function spellOnce(key: string, make: () => Uint8Array): Uint8Array {
  const bytes = spelled.get(key) ?? make();
  spelled.set(key, bytes);
  return bytes;
}

/** What opens a struct inside of another: as field, as element, as value. */
const OPENERS: Readonly<Record<CodecProtocol, readonly Uint8Array[]>> = {
  binary: [hex`0c0001`, hex`0f00020c00000001`, hex`0d0003080c0000000100000000`],
  compact: [hex`1c`, hex`291c`, hex`3b015c00`],
  tjson: ['{"1":{"rec":', '{"2":{"lst":["rec",1,', '{"3":{"map":["i32","rec",1,{"0":'].map((open) => Buffer.from(open)),
  json: ['{"next":', '{"all":[', '{"index":{"0":'].map((open) => Buffer.from(open)),
};

forEachCodecAndJson((protocol, backend) => {
  const S = schema.struct("S");

  describe("bombs fail before they go off", () => {
    const bombs = BOMBS.filter(({ not = [] }) => !not.includes(protocol));

    it.each(bombs.map((bomb) => [bomb.name, bomb] as const))("%s", (name, { message, code, path, options = {} }) => {
      const bytes = spellOnce(`${protocol} ${name}`, () => spell(protocol, message(), S).bytes);
      const codec = compile(S, { protocol, backend, ...options });
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
    const codec = compile<any>(S, { protocol, backend });
    const count = Array.from({ length: 8000 }, (_, i) => i);
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
    const shorts = new Map(count.map((i) => [i - 4000, true]));
    expect(codec.decode(codec.encode({ shorts })).shorts.size).toBe(8000);
  });

  it.each(["number", "name"] as const)("enums as %s: members many times, and numbers that no member has", (enums) => {
    const codec = compile<any>(S, { protocol, backend, enums });
    const numbers = Array.from({ length: 2000 }, (_, i) => (i % 3 === 0 ? 1 + (i % 2) : i));
    const [A, B] = enums === "name" ? ["A", "B"] : [1, 2];
    const expected = new Set(numbers.map((number) => (number === 1 ? A : number === 2 ? B : number)));
    const decode = (message: Struct): any => codec.decode(spell(protocol, message, S).bytes);
    expect([...decode(inSet(16, numbers)).enumSet]).toEqual([...expected]);
    expect([...decode(inMap(15, numbers)).enums.keys()]).toEqual([...expected]);
    const colliding = collidingKeys(4096);
    for (const message of [inSet(16, colliding), inMap(15, colliding)]) {
      expect(failureFrom(() => decode(message)).code).toBe("ERR_THRIFT_INVALID_DATA");
    }
  });

  it("30,000 nested structs, as fields, list elements and map values, and unknown", () => {
    const compiled = (name: string, limits: CodecOptions["limits"] = {}): Codec<any> =>
      compile<any>(schema.struct(name), { protocol, backend, limits });
    const codec = compiled("Node");
    for (const opener of OPENERS[protocol]) {
      const bytes = concat(...Array.from({ length: 30_000 }, () => opener));
      expect(failureFrom(() => codec.decode(bytes)).code).toBe("ERR_THRIFT_DEPTH_LIMIT");
      expect(failureFrom(() => compiled("Empty").decode(bytes)).code).toBe("ERR_THRIFT_DEPTH_LIMIT");
      const unlimited = compiled("Node", { maxDepth: Infinity });
      expect(failureFrom(() => unlimited.decode(bytes)).code).toMatch(
        /^ERR_THRIFT_(DEPTH_LIMIT|SIZE_LIMIT|TRUNCATED)$/,
      );
    }
    let deep: object = {};
    for (let i = 0; i < 30_000; i++) deep = { next: deep };
    expect(failureFrom(() => codec.encode(deep))).toMatchObject({
      error: "EncodeError",
      code: "ERR_THRIFT_DEPTH_LIMIT",
    });
    const unlimited = compiled("Node", { maxDepth: Infinity });
    expect(failureFrom(() => unlimited.encode(deep)).code).toBe("ERR_THRIFT_DEPTH_LIMIT");
    expect(toHex(codec.encode({}))).toBe(toHex(spell(protocol, struct(), S).bytes));
  });
});
