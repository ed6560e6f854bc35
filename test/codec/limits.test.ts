import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import type { CodecOptions, CodecProtocol } from "../../src/codec/options.js";
import {
  HEAP_BYTES,
  INTERNAL_LIMITS,
  UNTRUSTED_LIMITS,
  type Limits,
  type LimitsOption,
} from "../../src/protocol/limits.js";
import { TType } from "../../src/protocol/ttype.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachBackend, forEachCodecAndJson } from "../support/backends.js";
import { failureFrom, outcomeOf } from "../support/outcome.js";
import * as wire from "../support/wire/node.js";
import { field, list, map, set, struct, text, type Node, type Struct } from "../support/wire/node.js";
import { spell } from "../support/wire/spell.js";

const schema = parseSchema({
  "a.thrift": `struct Empty {} struct P { 1: i32 x } struct Deep { 1: Deep d 2: list<Deep> l 3: map<string, Deep> m }
    struct S { 1: string t 2: binary b 3: list<bool> l 4: set<i8> s 5: map<i8, bool> m 6: list<P> ps 7: map<string, map<i8, i8>> mm 8: list<i64> longs
      9: set<i64> set 10: list<binary> views 11: list<string> texts 12: list<double> reals 13: list<Empty> empties }`,
});

const { BOOL, DOUBLE, I8, I64, STRING, STRUCT, MAP, SET, LIST } = TType;
const UNKNOWN = 99;

/** Presets of more elements would take long, and are numbers like the others. Bytes come at little cost. */
const MOST_ELEMENTS = 65_536;
const MOST_BYTES = 1024 * 1024;

/** `count` structs inside each other, each the value of a field of the one around it; the innermost has the mark. */
function nested(count: number, around: (inner: Struct) => wire.Field): Struct {
  let message = struct([], { here: "start" });
  for (let i = 1; i < count; i++) message = struct([around(message)]);
  return message;
}

/** An unknown field of `count` containers inside each other. */
function unknown(count: number, innermost: Node, around: (inner: Node) => Node): Struct {
  let inner = innermost;
  for (let i = 1; i < count; i++) inner = around(inner);
  return struct([field(UNKNOWN, inner)]);
}

const times = (n: number, make: (i: number) => Node): Node[] => Array.from({ length: n }, (_, i) => make(i));
const letters = (n: number): Uint8Array => new Uint8Array(n).fill(0x61);

/** What a limit bounds, and messages that take exactly n of it. Where it fails is the mark. */
interface Bound {
  limit: keyof Limits;
  what: string;
  struct: "S" | "Deep";
  make: (n: number, protocol: CodecProtocol) => Struct;
  /** Of the failure, behind the name of the struct. */
  path: (n: number, protocol: CodecProtocol) => string;
  /** Plain JSON has another form, of other depth. */
  notInJson?: true;
}

const bound = (limit: keyof Limits, what: string, path: string, make: Bound["make"]): Bound => ({
  limit,
  what,
  struct: limit === "maxDepth" ? "Deep" : "S",
  make,
  path: (n, protocol) => {
    if (limit === "maxDepth") return path.repeat(n);
    // JSON does not say how many elements will come: it is the one beyond the limit that fails.
    const isCount = protocol === "json" && limit.endsWith("Length");
    return !isCount ? path : limit === "maxMapLength" ? `${path}{key ${String(n)}}` : `${path}[${String(n)}]`;
  },
});

/** Strings, so long together that the message has n bytes, none of which is over its own limit. */
function messageOf(n: number, protocol: CodecProtocol): Struct {
  const others = n > 1000 ? times(15, () => text(letters(n >> 4))) : [];
  const make = (length: number): Struct => struct([field(11, list(STRING, [...others, text(letters(length))]))]);
  let length = n - spell(protocol, make(0), schema.struct("S")).bytes.length;
  // The length itself may take another byte.
  while (spell(protocol, make(length), schema.struct("S")).bytes.length > n) length--;
  return make(length);
}

const BOUNDS: readonly Bound[] = [
  bound("maxDepth", "structs in structs", ".d", (n) => nested(n, (inner) => field(1, inner))),
  bound("maxDepth", "structs in lists", ".l[0]", (n) => nested(n, (inner) => field(2, list(STRUCT, [inner])))),
  bound("maxDepth", "structs in maps", ".m{0}", (n) =>
    nested(n, (inner) => field(3, map([STRING, STRUCT], [[text(""), inner]]))),
  ),
  bound("maxSkipDepth", "unknown structs", "", (n) =>
    unknown(n, struct([], { here: "start" }), (inner) => struct([field(UNKNOWN, inner)])),
  ),
  bound("maxSkipDepth", "unknown lists", "", (n) =>
    unknown(n, list(I8, [], { here: "start" }), (inner) => list(LIST, [inner])),
  ),
  bound("maxSkipDepth", "unknown sets", "", (n) =>
    unknown(n, set(I8, [], { here: "start" }), (inner) => set(SET, [inner])),
  ),
  bound("maxSkipDepth", "unknown maps as values", "", (n) =>
    unknown(n, map([I8, I8], [], { here: "start" }), (inner) => map([I8, MAP], [[wire.i8(0), inner]])),
  ),
  {
    ...bound("maxSkipDepth", "unknown maps as keys", "", (n) =>
      unknown(n, map([I8, I8], [], { here: "start" }), (inner) => map([MAP, I8], [[inner, wire.i8(0)]])),
    ),
    notInJson: true,
  },
  bound("maxMessageBytes", "bytes", "", messageOf),
  bound("maxStringBytes", "a string", ".t", (n) => struct([field(1, text(letters(n), { here: "size" }))])),
  bound("maxStringBytes", "a binary", ".b", (n) => struct([field(2, wire.binary(letters(n), { here: "size" }))])),
  bound("maxStringBytes", "a string in a list", ".texts[1]", (n) =>
    struct([field(11, list(STRING, [text(""), text(letters(n), { here: "size" })]))]),
  ),
  bound("maxStringBytes", "a key", ".mm{key 0}", (n) =>
    struct([field(7, map([STRING, MAP], [[text(letters(n), { here: "size" }), map([I8, I8], [])]]))]),
  ),
  bound("maxStringBytes", "an unknown string", "", (n) => struct([field(UNKNOWN, text(letters(n), { here: "size" }))])),
  bound("maxContainerLength", "a list", ".l", (n) =>
    struct([field(3, list(BOOL, [wire.bool(true)], { times: n, here: "size" }))]),
  ),
  bound("maxContainerLength", "a list of structs", ".ps", (n) =>
    struct([field(6, list(STRUCT, [struct()], { times: n, here: "size" }))]),
  ),
  bound("maxSetLength", "a set", ".s", (n) => struct([field(4, set(I8, [wire.i8(1)], { times: n, here: "size" }))])),
  bound("maxMapLength", "a map", ".m", (n) => {
    const entries = times(n, () => wire.i8(1)).map((key): [Node, Node] => [key, wire.bool(true)]);
    return struct([field(5, map([I8, BOOL], entries, { here: "size" }))]);
  }),
];

function codeOf(limit: keyof Limits): string {
  return limit.endsWith("Depth") ? "ERR_THRIFT_DEPTH_LIMIT" : "ERR_THRIFT_SIZE_LIMIT";
}

/** Unknown containers are held to maxSkipDepth and to what is left of the message, not to the limits of what is kept. */
const SKIPPED: readonly [what: string, message: Struct][] = [
  ["list", struct([field(UNKNOWN, list(BOOL, [wire.bool(true)], { times: 200 }))])],
  ["list of structs", struct([field(UNKNOWN, list(STRUCT, [struct()], { times: 200 }))])],
  ["set", struct([field(UNKNOWN, set(I8, [wire.i8(1)], { times: 200 }))])],
  [
    "map",
    struct([
      field(
        UNKNOWN,
        map(
          [I8, BOOL],
          times(200, wire.i8).map((key) => [key, wire.bool(true)]),
        ),
      ),
    ]),
  ],
];

const { slot, struct: own, list: array, set: aSet, map: aMap, view, bigint, string, number } = HEAP_BYTES;
const ROOT = own + 13 * slot;

/** Heap bytes that a message is charged, spelled out once more. */
const HEAP: readonly [what: string, field: wire.Field[], bytes: number, options?: CodecOptions][] = [
  ["an empty message", [], ROOT],
  ["structs in a list", [field(6, list(STRUCT, [struct()], { times: 2 }))], ROOT + array + 2 * slot + 2 * (own + slot)],
  [
    "empty structs in a list, which V8 gives room for four properties",
    [field(13, list(STRUCT, [struct()], { times: 2 }))],
    ROOT + array + 2 * slot + 2 * (own + 4 * slot),
  ],
  [
    "maps in a map",
    [field(7, map([STRING, MAP], [[text(""), map([I8, I8], [])]]))],
    ROOT + aMap + (2 * slot + string) + aMap,
  ],
  [
    "a map",
    [
      field(
        5,
        map(
          [I8, BOOL],
          [
            [wire.i8(1), wire.bool(true)],
            [wire.i8(2), wire.bool(false)],
          ],
        ),
      ),
    ],
    ROOT + aMap + 2 * (2 * slot + 2 * number),
  ],
  ["bigints in a list", [field(8, list(I64, [wire.i64(1n)]))], ROOT + array + slot + bigint],
  ["bigints in a typed list", [field(8, list(I64, [wire.i64(1n)]))], ROOT + view + 8, { lists: "typed" }],
  ["bigints in a set", [field(9, set(I64, [wire.i64(1n)]))], ROOT + aSet + slot + bigint],
  [
    "views in a list",
    [field(10, list(STRING, [wire.binary(letters(0))], { times: 2 }))],
    ROOT + array + 2 * (slot + view),
  ],
  ["texts in a list", [field(11, list(STRING, [text("")]))], ROOT + array + slot + string],
  ["doubles in a list", [field(12, list(DOUBLE, [wire.double(0)]))], ROOT + array + slot + number],
  [
    "doubles in a typed list",
    [field(12, list(DOUBLE, [wire.double(0)], { times: 3 }))],
    ROOT + view + 24,
    { lists: "typed" },
  ],
  ["a field that comes twice is paid twice", [field(3, list(BOOL, [])), field(3, list(BOOL, []))], ROOT + 2 * array],
  ["unknown fields are free", [field(UNKNOWN, list(BOOL, [wire.bool(true)], { times: 3 }))], ROOT],
];

forEachCodecAndJson((protocol, backend) => {
  const decode = (name: string, message: Struct, options: CodecOptions): unknown =>
    compile(schema.struct(name), { protocol, backend, ...options }).decode(
      spell(protocol, message, schema.struct(name)).bytes,
    );

  const bounds = BOUNDS.filter(({ notInJson = false }) => protocol !== "json" || !notInJson);

  describe.each(bounds.map((row) => [row.limit, row.what, row] as const))("%s: %s", (limit, _what, row) => {
    const n = 30;

    it("n - 1 and n are taken, n + 1 is refused", () => {
      for (const amount of [n - 1, n]) {
        expect(
          outcomeOf(() => decode(row.struct, row.make(amount, protocol), { limits: { [limit]: n } })),
        ).toHaveProperty("value");
      }
      const message = row.make(n + 1, protocol);
      expect(failureFrom(() => decode(row.struct, message, { limits: { [limit]: n } }))).toMatchObject({
        error: "DecodeError",
        code: codeOf(limit),
        path: row.struct + row.path(n, protocol),
        offset: limit === "maxMessageBytes" ? 0 : spell(protocol, message, schema.struct(row.struct)).here,
      });
    });

    it("Infinity turns it off", () => {
      const message = row.make(200, protocol);
      expect(outcomeOf(() => decode(row.struct, message, { limits: { [limit]: Infinity } }))).toHaveProperty("value");
    });
  });

  it.each(SKIPPED)("an unknown %s may be longer than one that is kept, at no cost in memory", (_what, message) => {
    const limits = { maxContainerLength: 3, maxSetLength: 3, maxMapLength: 3, maxHeapBytes: ROOT };
    expect(outcomeOf(() => decode("S", message, { limits }))).toHaveProperty("value");
  });

  describe("maxHeapBytes", () => {
    it.each(HEAP)("%s", (_what, fields, bytes, options) => {
      const run = (maxHeapBytes: number): unknown =>
        decode("S", struct(fields), { ...options, limits: { maxHeapBytes } });
      for (const limit of [bytes, bytes + 1]) expect(outcomeOf(() => run(limit))).toHaveProperty("value");
      expect(failureFrom(() => run(bytes - 1))).toMatchObject({ error: "DecodeError", code: codeOf("maxHeapBytes") });
    });
  });

  describe("the presets hold at their own figures", () => {
    const presets: [LimitsOption & string, Readonly<Limits>][] = [
      ["internal", INTERNAL_LIMITS],
      ["untrusted", UNTRUSTED_LIMITS],
    ];
    const rows = presets.flatMap(([preset, limits]) =>
      bounds
        .filter(({ limit }) => limits[limit] <= (limit.endsWith("Bytes") ? MOST_BYTES : MOST_ELEMENTS))
        .map((row) => [preset, row.limit, row.what, limits[row.limit], row] as const),
    );

    it.each(rows)("%s %s: %s", (preset, limit, _what, n, row) => {
      expect(outcomeOf(() => decode(row.struct, row.make(n, protocol), { limits: preset }))).toHaveProperty("value");
      const message = row.make(n + 1, protocol);
      expect(failureFrom(() => decode(row.struct, message, { limits: preset })).code).toBe(codeOf(limit));
      // What untrusted input may not have, internal input may.
      if (preset === "untrusted")
        expect(outcomeOf(() => decode(row.struct, message, { limits: "internal" }))).toHaveProperty("value");
    });
  });

  describe("on encode", () => {
    const value = (levels: number): unknown => {
      let inner = {};
      for (let i = 1; i < levels; i++) inner = i % 2 === 0 ? { d: inner } : { l: [inner] };
      return inner;
    };

    it("maxDepth holds: n - 1 and n are written, n + 1 is refused", () => {
      const codec = compile<any>(schema.struct("Deep"), { protocol, backend, limits: { maxDepth: 4 } });
      for (const levels of [3, 4]) expect(codec.encode(value(levels)).length).toBeGreaterThan(0);
      expect(failureFrom(() => codec.encode(value(5)))).toMatchObject({
        error: "EncodeError",
        code: codeOf("maxDepth"),
        path: "Deep.d.l[0].d.l[0]",
      });
      expect(codec.encode(value(4)).length).toBeGreaterThan(0);
    });

    it("the other limits do not: what is encoded may be larger than what is taken", () => {
      const limits = {
        maxMessageBytes: 1,
        maxSkipDepth: 1,
        maxStringBytes: 1,
        maxContainerLength: 1,
        maxSetLength: 1,
        maxMapLength: 1,
        maxHeapBytes: 1,
      };
      const value = {
        t: "long",
        b: letters(3),
        l: [true, true],
        s: new Set([1, 2]),
        m: new Map([
          [1, true],
          [2, true],
        ]),
      };
      const limited = compile<object>(schema.struct("S"), { protocol, backend, limits });
      const unlimited = compile<object>(schema.struct("S"), { protocol, backend });
      expect(limited.encode(value)).toEqual(unlimited.encode(value));
    });
  });
});

const words = parseSchema({ "a.thrift": "struct S { 1: list<double> reals 2: map<double, bool> keys }" });

forEachBackend((backend) => {
  describe.each([false, true])("plain JSON, where numbers may stand in quotes: %s", (string2Int64) => {
    const options = { json: { nonFinite: "string", string2Int64 }, limits: { maxStringBytes: 1 } } as const;
    const codec = compile<any>(words.struct("S"), { protocol: "json", backend, ...options });

    it.each(['"NaN"', '"Infinity"', '"-Infinity"', String.raw`"N\u0061N"`, String.raw`"\u002dInfinit\u0079"`])(
      "%s is a number, which maxStringBytes does not bound",
      (word) => {
        const { reals, keys } = codec.decode(new TextEncoder().encode(`{"reals":[0,${word}],"keys":{${word}:true}}`));
        expect(reals[1]).toBe(Number(JSON.parse(word)));
        expect([...keys.keys()]).toEqual([Number(JSON.parse(word))]);
      },
    );
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
