/**
 * The table of malformed input: what a message says, and what becomes of it. A row is one meaning, which support/wire/
 * spells in every protocol. Where a protocol spells it in a way of its own, the row has the bytes; where a protocol cannot
 * say it at all, the row has the reason.
 */

import type { ErrorCode } from "../../src/errors.js";
import { TType } from "../../src/protocol/ttype.js";
import { parseSchema } from "../../src/schema/parse.js";
import type { ProtocolUnderTest } from "../support/backends.js";
import { hex } from "../support/hex.js";
import {
  binary,
  bool,
  field,
  i16,
  i32,
  i64,
  i8,
  list,
  map,
  set,
  struct,
  text,
  type Struct,
} from "../support/wire/node.js";

export const schema = parseSchema({
  "a.thrift": `enum E { A = 1 } struct Empty {} union U { 1: i32 n 2: string t }
    struct S { 1: i32 n 2: string t 3: list<i32> l 4: set<string> s 5: map<string, i32> m 6: U u 7: Empty e 8: E color
      9: list<Empty> empties 10: binary b 11: list<bool> flags 12: bool yes 13: map<Empty, Empty> pairs 14: list<list<i8>> grid 15: uuid id
      16: i16 short 17: i8 tiny 18: i64 long 19: double real }
    struct Required { 1: required i32 n 2: i32 o }
    struct Deep { 1: Deep d }`,
});

/** A failure: its code, where in the value, and where in the bytes, when that is not the mark of the message. */
export interface Refusal {
  code: ErrorCode;
  path: string;
  offset?: number;
}

export type Decision = Refusal | { value: unknown };

/** How one protocol spells a row, where that is not the usual way, or why it cannot. */
export type Special = string | { bytes: Uint8Array; decision: Decision };

export interface Row {
  meaning: string;
  struct: string;
  /** Absent for what every protocol says in its own way. */
  message?: Struct;
  decision?: Decision;
  specials: Partial<Record<ProtocolUnderTest, Special>>;
}

const { BOOL, I8, I16, I32, STRING, STRUCT, MAP, SET, LIST } = TType;

export const refused = (code: string, path: string, offset?: number): Refusal => ({
  code: `ERR_THRIFT_${code}` as ErrorCode,
  path,
  ...(offset === undefined ? {} : { offset }),
});

const EMPTY: Record<string, unknown> = Object.fromEntries(
  schema.struct("S").fields.map(({ name }) => [name, undefined]),
);
const value = (fields: Record<string, unknown> = {}): Decision => ({ value: { ...EMPTY, ...fields } });
const json = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A row about the struct S, or about another one. */
const row = (meaning: string, message: Struct, decision: Decision, specials: Row["specials"] = {}): Row => ({
  meaning,
  struct: "path" in decision ? decision.path.replace(/[.].*/s, "") : "S",
  message,
  decision,
  specials,
});

/** A row that every protocol spells in its own way. */
const own = (meaning: string, specials: Row["specials"]): Row => ({ meaning, struct: "S", specials });
const bad = (bytes: Uint8Array, ...refusal: [code: string, path: string, offset: number]): Special => ({
  bytes,
  decision: refused(...refusal),
});
const good = (bytes: Uint8Array, fields: Record<string, unknown> = {}): Special => ({ bytes, decision: value(fields) });

const NO_LENGTH = "strings end at a quote: no length to lie about";
const NO_ELEMENT_BYTES = "an element takes no fixed number of bytes, so the count is refused for another one";
const FIXED_WIDTH = "the width of the type says it all";

const TRUNCATED: Row[] = [
  own("nothing at all", {
    binary: bad(hex``, "TRUNCATED", "S", 0),
    compact: bad(hex``, "TRUNCATED", "S", 0),
    tjson: bad(json(""), "TRUNCATED", "S", 0),
  }),
  own("truncated: before the end of the struct", {
    binary: bad(hex`08 0001 00000001`, "TRUNCATED", "S", 7),
    compact: bad(hex`15 02`, "TRUNCATED", "S", 2),
    tjson: bad(json('{"1":{"i32":1}'), "TRUNCATED", "S", 14),
  }),
  own("truncated: inside a field header", {
    binary: bad(hex`08 00`, "TRUNCATED", "S", 1),
    compact: bad(hex`05 80`, "TRUNCATED", "S", 1),
    tjson: bad(json('{"1'), "TRUNCATED", "S", 3),
  }),
  own("truncated: behind a field header", {
    binary: bad(hex`08 0001`, "TRUNCATED", "S.n", 3),
    compact: bad(hex`15`, "TRUNCATED", "S.n", 1),
    tjson: bad(json('{"1":{"i32":'), "TRUNCATED", "S.n", 12),
  }),
  own("truncated: inside a number", {
    binary: bad(hex`08 0001 000000`, "TRUNCATED", "S.n", 3),
    compact: bad(hex`15 80`, "TRUNCATED", "S.n", 1),
    tjson: bad(json('{"1":{"i32":-'), "TRUNCATED", "S.n", 12),
  }),
  own("truncated: inside an i64", {
    binary: bad(hex`0a 0012 00000000`, "TRUNCATED", "S.long", 3),
    compact: bad(hex`06 24 ffffffffffffffffff`, "TRUNCATED", "S.long", 2),
    tjson: bad(json('{"18":{"i64":-'), "TRUNCATED", "S.long", 13),
  }),
  own("truncated: inside a double", {
    binary: bad(hex`04 0013 00000000000000`, "TRUNCATED", "S.real", 3),
    compact: bad(hex`07 26 00000000000000`, "TRUNCATED", "S.real", 2),
    tjson: bad(json('{"19":{"dbl":1.'), "TRUNCATED", "S.real", 13),
  }),
  own("truncated: inside a length", {
    binary: bad(hex`0b 0002 0000`, "TRUNCATED", "S.t", 3),
    compact: bad(hex`28 8080`, "TRUNCATED", "S.t", 1),
    tjson: NO_LENGTH,
  }),
  own("truncated: inside a string without a length", {
    binary: "the length comes first: it is over what is left",
    compact: "the length comes first: it is over what is left",
    tjson: bad(json('{"2":{"str":"abc'), "TRUNCATED", "S.t", 12),
  }),
  own("truncated: inside an escape", {
    binary: "there are no escapes",
    compact: "there are no escapes",
    tjson: bad(json('{"2":{"str":"\\u00'), "TRUNCATED", "S.t", 12),
  }),
  own("truncated: inside the header of a list", {
    binary: bad(hex`0f 0003 08 000000`, "TRUNCATED", "S.l", 4),
    compact: bad(hex`39 f5 80`, "TRUNCATED", "S.l", 2),
    tjson: bad(json('{"3":{"lst":["i32",'), "TRUNCATED", "S.l", 19),
  }),
  own("truncated: inside the header of a map", {
    binary: bad(hex`0d 0005 0b`, "TRUNCATED", "S.m", 4),
    compact: bad(hex`5b 01`, "TRUNCATED", "S.m", 2),
    tjson: bad(json('{"5":{"map":["str","i32"'), "TRUNCATED", "S.m", 24),
  }),
  own("truncated: inside a uuid", {
    binary: bad(hex`10 000f 0011223344`, "TRUNCATED", "S.id", 3),
    compact: bad(hex`fd 0011223344`, "TRUNCATED", "S.id", 1),
    tjson: bad(json('{"15":{"uid":"0011223344'), "TRUNCATED", "S.id", 13),
  }),
  own("truncated: inside a struct in a struct", {
    binary: bad(hex`0c 0006 08 0001 00000001`, "TRUNCATED", "S.u", 10),
    compact: bad(hex`6c 15 02`, "TRUNCATED", "S.u", 3),
    tjson: bad(json('{"6":{"rec":{"1":{"i32":1}'), "TRUNCATED", "S.u", 26),
  }),
  own("truncated: an unknown field", {
    binary: bad(hex`0a 0063 00000000`, "TRUNCATED", "S", 3),
    compact: bad(hex`06 c601 80`, "TRUNCATED", "S", 3),
    tjson: bad(json('{"99":{"i64":'), "TRUNCATED", "S", 13),
  }),
];

const TYPES: Row[] = [
  row("trailing bytes", struct(), refused("INVALID_DATA", "S"), {
    binary: bad(hex`00 00`, "INVALID_DATA", "S", 1),
    compact: bad(hex`00 00`, "INVALID_DATA", "S", 1),
    tjson: bad(json("{} {}"), "INVALID_DATA", "S", 3),
  }),
  own("trailing blanks are part of the message", {
    binary: "there are no blanks",
    compact: "there are no blanks",
    tjson: good(json(" {\r\n} \t\n")),
  }),

  row("unknown field id", struct([field(99, i32(1)), field(1, i32(2))]), value({ n: 2 })),
  row("unknown negative field id", struct([field(-1, i32(1)), field(1, i32(2))]), value({ n: 2 })),
  row(
    "ids in no order",
    struct([field(17, i8(1)), field(1, i32(2)), field(16, i16(3))]),
    value({ n: 2, short: 3, tiny: 1 }),
  ),
  row("known id, other wire type", struct([field(1, text(""))]), value()),
  row("known id, i64 for i32", struct([field(1, i64(1n))]), value()),
  row("known id, set for list", struct([field(3, set(I32, [i32(1)]))]), value()),
  row("known id, bool for struct, and back", struct([field(6, bool(true)), field(12, struct())]), value()),
  row(
    "known id, other wire type, then the right one",
    struct([field(1, bool(false)), field(1, i32(1))]),
    value({ n: 1 }),
  ),

  own("unknown wire type", {
    binary: bad(hex`05 0001 00000000 00`, "INVALID_DATA", "S", 0),
    compact: bad(hex`1e 00 00`, "INVALID_DATA", "S", 0),
    tjson: bad(json('{"1":{"i33":0}}'), "INVALID_DATA", "S", 6),
  }),
  ...[1, 7, 9, 17, 18, 0x7f, 0x80, 0xff].map((type) =>
    own(`unknown wire type ${String(type)} of binary`, {
      binary: bad(hex`${type.toString(16).padStart(2, "0")} 0001 00000000 00`, "INVALID_DATA", "S", 0),
      compact: "types are the codes 1 to 15",
      tjson: "types have names",
    }),
  ),
  own("unknown wire type 15 of compact, in both forms of header", {
    binary: "see above",
    compact: bad(hex`0f 02 00`, "INVALID_DATA", "S", 0),
    tjson: "types have names",
  }),
  own("a name of no type that is longer than all that are", {
    binary: "types are numbers",
    compact: "types are numbers",
    tjson: bad(json('{"1":{"i32i32":0}}'), "INVALID_DATA", "S", 6),
  }),
  own("unknown wire type inside an unknown struct", {
    binary: bad(hex`0c 0063 07 0001 00 00`, "INVALID_DATA", "S", 3),
    compact: bad(hex`0c c601 1f 00 00`, "INVALID_DATA", "S", 3),
    tjson: bad(json('{"99":{"rec":{"1":{"":0}}}}'), "INVALID_DATA", "S", 19),
  }),
  own("unknown element type of an unknown list", {
    binary: bad(hex`0f 0063 05 00000001 00 00`, "INVALID_DATA", "S", 3),
    compact: bad(hex`09 c601 1f 00 00`, "INVALID_DATA", "S", 3),
    tjson: bad(json('{"99":{"lst":["x",1,0]}}'), "INVALID_DATA", "S", 14),
  }),
  own("STOP as element type of an unknown list, at no cost an element", {
    binary: bad(hex`0f 0063 00 7fffffff 00`, "INVALID_DATA", "S", 3),
    compact: bad(hex`09 c601 f0 ffffffff07 00`, "INVALID_DATA", "S", 3),
    tjson: "STOP has no name",
  }),
  own("unknown value type of an unknown map", {
    binary: bad(hex`0d 0063 08 01 00000001 00000000 00`, "INVALID_DATA", "S", 3),
    compact: bad(hex`0b c601 01 5e 00 00 00`, "INVALID_DATA", "S", 3),
    tjson: bad(json('{"99":{"map":["i32","x",1,{"0":0}]}}'), "INVALID_DATA", "S", 20),
  }),
];

const EMPTY_CONTAINERS: Row[] = [
  row("empty list of another element type", struct([field(3, list(MAP, []))]), value({ l: [] })),
  row("empty set of another element type", struct([field(4, set(BOOL, []))]), value({ s: new Set() })),
  row("empty map of other types", struct([field(5, map([I8, LIST], []))]), value({ m: new Map() })),
  // A peer may write any code there, but no name that Thrift does not have.
  own("empty list of an element type that is none", {
    binary: good(hex`0f 0003 ff 00000000 00`, { l: [] }),
    compact: good(hex`39 0e 00`, { l: [] }),
    tjson: bad(json('{"3":{"lst":["",0]}}'), "INVALID_DATA", "S.l", 13),
  }),
  own("empty set of STOP", {
    binary: good(hex`0e 0004 00 00000000 00`, { s: new Set() }),
    compact: good(hex`4a 00 00`, { s: new Set() }),
    tjson: "STOP has no name",
  }),
  own("empty map of types that are none", {
    binary: good(hex`0d 0005 00 ff 00000000 00`, { m: new Map() }),
    compact: "an empty map has no types",
    tjson: bad(json('{"5":{"map":["none","x",0,{}]}}'), "INVALID_DATA", "S.m", 13),
  }),
  own("empty unknown map of types that are none", {
    binary: good(hex`0d 0063 00 00 00000000 00`),
    compact: good(hex`0b c601 00 00`),
    tjson: bad(json('{"99":{"map":["none","x",0,{}]}}'), "INVALID_DATA", "S", 14),
  }),
];

const ELEMENT_TYPES: Row[] = [
  row(
    "other element type: list",
    struct([field(3, list(I16, [i16(1)], { here: "start" }))]),
    refused("INVALID_DATA", "S.l"),
  ),
  row(
    "other element type: set",
    struct([field(4, set(I32, [i32(1)], { here: "start" }))]),
    refused("INVALID_DATA", "S.s"),
  ),
  row(
    "other key type",
    struct([field(5, map([I32, I32], [[i32(1), i32(1)]], { here: "start" }))]),
    refused("INVALID_DATA", "S.m"),
  ),
  row(
    "other value type",
    struct([field(5, map([STRING, STRING], [[text(""), text("")]], { here: "start" }))]),
    refused("INVALID_DATA", "S.m"),
  ),
  row(
    "other element type inside a list",
    struct([field(14, list(LIST, [list(BOOL, [bool(true)], { here: "start" })]))]),
    refused("INVALID_DATA", "S.grid[0]"),
  ),
  row(
    "list where elements are sets",
    struct([field(14, list(SET, [set(I8, [])], { here: "start" }))]),
    refused("INVALID_DATA", "S.grid"),
  ),
];

/** A list, set, map or unknown list of so many elements, with one to show. */
const sized = (size: number): [kind: string, path: string, message: Struct][] => [
  ["list", "S.l", struct([field(3, list(I32, [i32(1)], { size, here: "size" }))])],
  ["set", "S.s", struct([field(4, set(STRING, [text("")], { size, here: "size" }))])],
  ["map", "S.m", struct([field(5, map([STRING, I32], [[text(""), i32(1)]], { size, here: "size" }))])],
  ["list of bools", "S.flags", struct([field(11, list(BOOL, [bool(true)], { size, here: "size" }))])],
  ["list of empty structs", "S.empties", struct([field(9, list(STRUCT, [struct()], { size, here: "size" }))])],
  ["unknown list", "S", struct([field(99, list(I32, [i32(1)], { size, here: "size" }))])],
  ["unknown set", "S", struct([field(99, set(STRUCT, [struct()], { size, here: "size" }))])],
  ["unknown map", "S", struct([field(99, map([I8, STRING], [[i8(1), text("")]], { size, here: "size" }))])],
];

const COUNTS: Row[] = [
  ...[-1, -(2 ** 31)].flatMap((size) =>
    sized(size).map(([kind, path, message]) =>
      row(`count of ${String(size)}: ${kind}`, message, refused("NEGATIVE_SIZE", path)),
    ),
  ),
  // 2^30 times 4 is 0 in 32 bits.
  ...[20, 2 ** 30, 2 ** 31 - 1].flatMap((size) =>
    sized(size).map(([kind, path, message]) =>
      row(`count of ${String(size)}, over what is left: ${kind}`, message, refused("SIZE_LIMIT", path)),
    ),
  ),
  own("count of 2^31, which no peer can mean", {
    binary: "32 signed bits hold no such count",
    compact: "32 signed bits hold no such count",
    tjson: bad(json('{"3":{"lst":["i32",2147483648,1]}}'), "SIZE_LIMIT", "S.l", 19),
  }),
  own("count beyond all integers", {
    binary: "32 bits hold no such count",
    compact: bad(hex`39 f5 ffffffff1f 00`, "INVALID_DATA", "S.l", 2),
    tjson: bad(json('{"3":{"lst":["i32",9999999999999999999,1]}}'), "INVALID_DATA", "S.l", 19),
  }),
  own("count over what is left, by the minimum of an element", {
    binary: bad(hex`0f 0003 08 00000002 00000001 000000`, "SIZE_LIMIT", "S.l", 4),
    compact: bad(hex`39 35 02 00`, "SIZE_LIMIT", "S.l", 1),
    tjson: bad(json('{"3":{"lst":["i32",3,1]}'), "SIZE_LIMIT", "S.l", 19),
  }),
  own("count over what is left, by both minima of a map", {
    binary: bad(hex`0d 0005 0b 08 00000002 00000000 00000000 00000000 00`, "SIZE_LIMIT", "S.m", 5),
    compact: bad(hex`5b 02 85 00 00 00`, "SIZE_LIMIT", "S.m", 1),
    tjson: bad(json('{"5":{"map":["str","i32",2,{"":1}]}'), "SIZE_LIMIT", "S.m", 25),
  }),
  row(
    "count that fits to the byte",
    struct([field(9, list(STRUCT, [struct(), struct()]))]),
    value({ empties: [{}, {}] }),
  ),
  own("count that fits, but the end of the struct is gone", {
    binary: bad(hex`0f 0009 0c 00000002 00 00`, "TRUNCATED", "S", 10),
    compact: bad(hex`99 2c 00 00`, "TRUNCATED", "S", 4),
    tjson: bad(json('{"9":{"lst":["rec",2,{},{}]}'), "TRUNCATED", "S", 28),
  }),
  own("count below the elements that come", {
    binary: "what comes behind the last element is the next field",
    compact: "what comes behind the last element is the next field",
    tjson: bad(json('{"3":{"lst":["i32",1,1,2]}}'), "INVALID_DATA", "S.l[1]", 22),
  }),
  own("count above the elements that come, of which there is room for more", {
    binary: NO_ELEMENT_BYTES,
    compact: NO_ELEMENT_BYTES,
    tjson: bad(json('{"3":{"lst":["i32",3,1,2]}}'), "INVALID_DATA", "S.l[2]", 24),
  }),
  row(
    "map of empty structs",
    struct([field(13, map([STRUCT, STRUCT], [[struct(), struct()]]))]),
    value({ pairs: new Map([[{}, {}]]) }),
  ),
];

const noLength = { tjson: NO_LENGTH } as const;
const length = (size: number): [kind: string, path: string, message: Struct][] => [
  ["string", "S.t", struct([field(2, text("a", { size, here: "size" }))])],
  ["binary", "S.b", struct([field(10, binary(hex`61`, { size, here: "size" }))])],
  ["unknown", "S", struct([field(99, text("a", { size, here: "size" }))])],
  ["key of a map", "S.m{key 0}", struct([field(5, map([STRING, I32], [[text("", { size, here: "size" }), i32(0)]]))])],
  ["element of a set", "S.s[1]", struct([field(4, set(STRING, [text("a"), text("", { size, here: "size" })]))])],
];

const LENGTHS: Row[] = [
  ...[-1, -(2 ** 31)].flatMap((size) =>
    length(size).map(([kind, path, message]) =>
      row(`length of ${String(size)}: ${kind}`, message, refused("NEGATIVE_SIZE", path), noLength),
    ),
  ),
  ...[20, 2 ** 31 - 1].flatMap((size) =>
    length(size).map(([kind, path, message]) =>
      row(`length of ${String(size)}, over what is left: ${kind}`, message, refused("SIZE_LIMIT", path), noLength),
    ),
  ),
  own("length of all that is left", {
    binary: bad(hex`0b 0002 00000001 00`, "TRUNCATED", "S", 8),
    compact: bad(hex`28 01 00`, "TRUNCATED", "S", 3),
    tjson: NO_LENGTH,
  }),
];

const INTEGERS: Row[] = [
  own("a varint of 32 bits in 6 bytes", {
    binary: FIXED_WIDTH,
    compact: bad(hex`15 808080808000 00`, "INVALID_DATA", "S.n", 1),
    tjson: "there are no varints",
  }),
  own("a varint of 32 bits with a bit too many", {
    binary: FIXED_WIDTH,
    compact: bad(hex`15 ffffffff1f 00`, "INVALID_DATA", "S.n", 1),
    tjson: "there are no varints",
  }),
  own("a varint of 64 bits in 11 bytes", {
    binary: FIXED_WIDTH,
    compact: bad(hex`06 24 8080808080808080808000 00`, "INVALID_DATA", "S.long", 2),
    tjson: "there are no varints",
  }),
  own("a varint of 64 bits with a bit too many", {
    binary: FIXED_WIDTH,
    compact: bad(hex`06 24 ffffffffffffffffff02 00`, "INVALID_DATA", "S.long", 2),
    tjson: "there are no varints",
  }),
  own("varints that are longer than need be", {
    binary: FIXED_WIDTH,
    compact: good(hex`15 8280808000 06 a480808000 82808080808080808000 00`, { n: 1, long: 1n }),
    tjson: "there are no varints",
  }),
  own("an unknown i64 of too many bits", {
    binary: FIXED_WIDTH,
    compact: bad(hex`06 c601 ffffffffffffffffff7f 00`, "INVALID_DATA", "S", 3),
    tjson: bad(json('{"99":{"i64":9223372036854775808}}'), "INVALID_DATA", "S", 13),
  }),
  ...[40_000, -40_000].map((number) =>
    row(`i16 of ${String(number)}`, struct([field(16, i16(number))]), refused("INVALID_DATA", "S.short"), {
      binary: FIXED_WIDTH,
      compact: bad(hex`04 20 ${number < 0 ? "fff004" : "80f104"} 00`, "INVALID_DATA", "S.short", 2),
      tjson: bad(json(`{"16":{"i16":${String(number)}}}`), "INVALID_DATA", "S.short", 13),
    }),
  ),
  own("i8 and i32 beyond their range", {
    binary: FIXED_WIDTH,
    compact: "an i8 is one byte, an i32 see above",
    tjson: bad(json('{"17":{"i8":128}}'), "INVALID_DATA", "S.tiny", 12),
  }),
  own("i32 beyond its range", {
    binary: FIXED_WIDTH,
    compact: "see the varints",
    tjson: bad(json('{"1":{"i32":-2147483649}}'), "INVALID_DATA", "S.n", 12),
  }),
  own("i64 beyond its range", {
    binary: FIXED_WIDTH,
    compact: "see the varints",
    tjson: bad(json('{"18":{"i64":-9223372036854775809}}'), "INVALID_DATA", "S.long", 13),
  }),
  own("an integer with a fraction or exponent", {
    binary: FIXED_WIDTH,
    compact: FIXED_WIDTH,
    tjson: bad(json('{"1":{"i32":1e2}}'), "INVALID_DATA", "S.n", 12),
  }),
  own("integers with leading zeros, as Node.js writes small negative ones", {
    binary: FIXED_WIDTH,
    compact: FIXED_WIDTH,
    tjson: good(json('{"1":{"i32":01},"18":{"i64":-00000001}}'), { n: 1, long: -1n }),
  }),
  own("a number in quotes that is no key", {
    binary: FIXED_WIDTH,
    compact: FIXED_WIDTH,
    tjson: bad(json('{"1":{"i32":"1"}}'), "INVALID_DATA", "S.n", 12),
  }),
  own("field id beyond i16, in the long form", {
    binary: FIXED_WIDTH,
    compact: bad(hex`05 808004 02 00`, "INVALID_DATA", "S", 1),
    tjson: bad(json('{"32768":{"i32":1}}'), "INVALID_DATA", "S", 2),
  }),
  own("field id beyond i16, by a delta", {
    binary: "ids are absolute",
    compact: bad(hex`05 feff03 02 15 02 00`, "INVALID_DATA", "S", 5),
    tjson: "ids are absolute",
  }),
  own("field id of 32767 and a delta after it, in an unknown struct", {
    binary: "ids are absolute",
    compact: bad(hex`0c c601 05 feff03 02 f5 02 00 00`, "INVALID_DATA", "S", 8),
    tjson: "ids are absolute",
  }),
];

const VALUES: Row[] = [
  row(
    "duplicate field: the last counts",
    struct([field(1, i32(1)), field(2, text("")), field(1, i32(2))]),
    value({ n: 2, t: "" }),
  ),
  row(
    "duplicate container: the last counts, they do not join",
    struct([field(3, list(I32, [i32(1)])), field(3, list(I32, [i32(2)]))]),
    value({ l: [2] }),
  ),
  row(
    "duplicate key: the last counts",
    struct([
      field(
        5,
        map(
          [STRING, I32],
          [
            [text("a"), i32(1)],
            [text("a"), i32(2)],
          ],
        ),
      ),
    ]),
    value({ m: new Map([["a", 2]]) }),
  ),
  row(
    "duplicate member counts once",
    struct([field(4, set(STRING, [text("a"), text("a")]))]),
    value({ s: new Set(["a"]) }),
  ),

  row(
    "union: two known fields",
    struct([field(6, struct([field(1, i32(1)), field(2, text(""), { here: "start" })]))]),
    refused("INVALID_DATA", "S.u.t"),
  ),
  row(
    "union: the same field twice is one field",
    struct([field(6, struct([field(1, i32(1)), field(1, i32(2))]))]),
    value({ u: { n: 2, t: undefined } }),
  ),
  row(
    "union: a known field and an unknown one",
    struct([field(6, struct([field(1, i32(1)), field(99, i32(2))]))]),
    value({ u: { n: 1, t: undefined } }),
  ),
  row("union: none", struct([field(6, struct())]), value({ u: { n: undefined, t: undefined } })),
  row(
    "union: unknown only",
    struct([field(6, struct([field(99, i32(1))]))]),
    value({ u: { n: undefined, t: undefined } }),
  ),
  row(
    "union: a known id of another type only",
    struct([field(6, struct([field(1, text(""))]))]),
    value({ u: { n: undefined, t: undefined } }),
  ),

  row("required missing", struct([field(2, i32(1))], { here: "end" }), refused("REQUIRED_MISSING", "Required.n")),
  row(
    "required there with another wire type is missing",
    struct([field(1, i64(1n))], { here: "end" }),
    refused("REQUIRED_MISSING", "Required.n"),
  ),
  { ...row("required there", struct([field(1, i32(1))]), { value: { n: 1, o: undefined } }), struct: "Required" },

  row("enum value unknown: the integer", struct([field(8, i32(99))]), value({ color: 99 })),
  row("bool", struct([field(12, bool(true))]), value({ yes: true })),
  row("bool of false", struct([field(12, bool(false))]), value({ yes: false })),
  ...[0, 2, 3, 0x7f, 0xff].map((code) =>
    own(`bool of ${String(code)}: what is not true is false`, {
      binary: good(hex`02 000c ${code.toString(16).padStart(2, "0")} 00`, { yes: false }),
      compact: "the header of the field says it",
      tjson: good(json(`{"12":{"tf":${String(code)}}}`), { yes: code !== 0 }),
    }),
  ),
  own("bools in a list", {
    binary: good(hex`0f 000b 02 00000004 01 00 02 ff 00`, { flags: [true, false, false, false] }),
    compact: good(hex`b9 41 01 02 00 ff 00`, { flags: [true, false, false, false] }),
    tjson: good(json('{"11":{"lst":["tf",4,1,0,2,-1]}}'), { flags: [true, false, true, true] }),
  }),
  own("bools in a list by the code of false", {
    binary: "bool has one code",
    compact: good(hex`b9 22 01 02 00`, { flags: [true, false] }),
    tjson: "bool has one name",
  }),
  own("text that is not UTF-8 becomes U+FFFD", {
    binary: good(hex`0b 0002 00000002 c328 00`, { t: "\ufffd(" }),
    compact: good(hex`28 02 c328 00`, { t: "\ufffd(" }),
    tjson: good(hex`${json('{"2":{"str":"')} c328 ${json('"}}')}`, { t: "\ufffd(" }),
  }),
  own("escapes that are none", {
    binary: "there are no escapes",
    compact: "there are no escapes",
    tjson: bad(json('{"2":{"str":"a\\x41"}}'), "INVALID_DATA", "S.t", 14),
  }),
  own("base64 that is none", {
    binary: "bytes stand as they are",
    compact: "bytes stand as they are",
    tjson: bad(json('{"10":{"str":"a*"}}'), "INVALID_DATA", "S.b", 13),
  }),
  own("a uuid of another form", {
    binary: FIXED_WIDTH,
    compact: FIXED_WIDTH,
    tjson: bad(json('{"15":{"uid":"00112233"}}'), "INVALID_DATA", "S.id", 13),
  }),
  own("punctuation that is missing", {
    binary: "there is no punctuation",
    compact: "there is no punctuation",
    tjson: bad(json('{"1":{"i32":1} "2":{"str":""}}'), "INVALID_DATA", "S", 15),
  }),
];

const nest = (levels: number, inner: Struct, id: number): Struct => {
  let message = inner;
  for (let i = 0; i < levels; i++) message = struct([field(id, message)]);
  return message;
};
const nestedLists = (levels: number): Struct => {
  let inner = list(I32, [], { here: "start" });
  for (let i = 1; i < levels; i++) inner = list(LIST, [inner]);
  return struct([field(99, inner)]);
};

const DEPTHS: Row[] = [
  row(
    "depth over the limit",
    nest(64, struct([], { here: "start" }), 1),
    refused("DEPTH_LIMIT", `Deep${".d".repeat(64)}`),
  ),
  row(
    "depth over the limit: unknown structs",
    nest(65, struct([], { here: "start" }), 99),
    refused("DEPTH_LIMIT", "S"),
  ),
  row("depth over the limit: unknown lists", nestedLists(65), refused("DEPTH_LIMIT", "S")),
  row("depth at the limit: unknown lists", nestedLists(64), value()),
];

export const ROWS: readonly Row[] = [
  ...TRUNCATED,
  ...TYPES,
  ...EMPTY_CONTAINERS,
  ...ELEMENT_TYPES,
  ...COUNTS,
  ...LENGTHS,
  ...INTEGERS,
  ...VALUES,
  ...DEPTHS,
];
