/** What there is and of which types: messages cut short, unknown fields, wrong types of fields and elements. */

import { TType } from "../../../src/protocol/ttype.js";
import { hex } from "../../support/hex.js";
import { bool, field, i16, i32, i64, i8, list, map, set, struct, text } from "../../support/wire/node.js";
import { value, json, row, own, bad, good, refused, NO_LENGTH, NO_TYPES, type Row } from "./row.js";

const { BOOL, I8, I16, I32, STRING, MAP, SET, LIST } = TType;

export const TRUNCATED: readonly Row[] = [
  own("nothing at all", {
    binary: bad(hex``, "TRUNCATED", "S", 0),
    compact: bad(hex``, "TRUNCATED", "S", 0),
    tjson: bad(json(""), "TRUNCATED", "S", 0),
    json: bad(json(""), "TRUNCATED", "S", 0),
  }),
  own("truncated: before the end of the struct", {
    binary: bad(hex`08 0001 00000001`, "TRUNCATED", "S", 7),
    compact: bad(hex`15 02`, "TRUNCATED", "S", 2),
    tjson: bad(json('{"1":{"i32":1}'), "TRUNCATED", "S", 14),
    json: bad(json('{"n":1'), "TRUNCATED", "S", 6),
  }),
  own("truncated: inside a field header", {
    binary: bad(hex`08 00`, "TRUNCATED", "S", 1),
    compact: bad(hex`05 80`, "TRUNCATED", "S", 1),
    tjson: bad(json('{"1'), "TRUNCATED", "S", 3),
    json: bad(json('{"n'), "TRUNCATED", "S", 1),
  }),
  own("truncated: behind a field header", {
    binary: bad(hex`08 0001`, "TRUNCATED", "S.n", 3),
    compact: bad(hex`15`, "TRUNCATED", "S.n", 1),
    tjson: bad(json('{"1":{"i32":'), "TRUNCATED", "S.n", 12),
    json: bad(json('{"n":'), "TRUNCATED", "S.n", 5),
  }),
  own("truncated: inside a number", {
    binary: bad(hex`08 0001 000000`, "TRUNCATED", "S.n", 3),
    compact: bad(hex`15 80`, "TRUNCATED", "S.n", 1),
    tjson: bad(json('{"1":{"i32":-'), "TRUNCATED", "S.n", 12),
    json: bad(json('{"n":-'), "TRUNCATED", "S.n", 5),
  }),
  own("truncated: inside an i64", {
    binary: bad(hex`0a 0012 00000000`, "TRUNCATED", "S.long", 3),
    compact: bad(hex`06 24 ffffffffffffffffff`, "TRUNCATED", "S.long", 2),
    tjson: bad(json('{"18":{"i64":-'), "TRUNCATED", "S.long", 13),
    json: bad(json('{"long":-'), "TRUNCATED", "S.long", 8),
  }),
  own("truncated: inside a double", {
    binary: bad(hex`04 0013 00000000000000`, "TRUNCATED", "S.real", 3),
    compact: bad(hex`07 26 00000000000000`, "TRUNCATED", "S.real", 2),
    tjson: bad(json('{"19":{"dbl":1.'), "TRUNCATED", "S.real", 13),
    json: bad(json('{"real":1.'), "TRUNCATED", "S.real", 8),
  }),
  own("truncated: inside a length", {
    binary: bad(hex`0b 0002 0000`, "TRUNCATED", "S.t", 3),
    compact: bad(hex`28 8080`, "TRUNCATED", "S.t", 1),
    tjson: NO_LENGTH,
    json: NO_LENGTH,
  }),
  own("truncated: inside a string without a length", {
    binary: "the length comes first: it is over what is left",
    compact: "the length comes first: it is over what is left",
    tjson: bad(json('{"2":{"str":"abc'), "TRUNCATED", "S.t", 12),
    json: bad(json('{"t":"abc'), "TRUNCATED", "S.t", 5),
  }),
  own("truncated: inside an escape", {
    binary: "there are no escapes",
    compact: "there are no escapes",
    tjson: bad(json('{"2":{"str":"\\u00'), "TRUNCATED", "S.t", 12),
    json: bad(json('{"t":"\\u00'), "TRUNCATED", "S.t", 5),
  }),
  own("truncated: inside the header of a list", {
    binary: bad(hex`0f 0003 08 000000`, "TRUNCATED", "S.l", 4),
    compact: bad(hex`39 f5 80`, "TRUNCATED", "S.l", 2),
    tjson: bad(json('{"3":{"lst":["i32",'), "TRUNCATED", "S.l", 19),
    json: bad(json('{"l":['), "TRUNCATED", "S.l[0]", 6),
  }),
  own("truncated: inside the header of a map", {
    binary: bad(hex`0d 0005 0b`, "TRUNCATED", "S.m", 4),
    compact: bad(hex`5b 01`, "TRUNCATED", "S.m", 2),
    tjson: bad(json('{"5":{"map":["str","i32"'), "TRUNCATED", "S.m", 24),
    json: bad(json('{"m":{'), "TRUNCATED", "S.m{key 0}", 6),
  }),
  own("truncated: inside a uuid", {
    binary: bad(hex`10 000f 0011223344`, "TRUNCATED", "S.id", 3),
    compact: bad(hex`fd 0011223344`, "TRUNCATED", "S.id", 1),
    tjson: bad(json('{"15":{"uid":"0011223344'), "TRUNCATED", "S.id", 13),
    json: bad(json('{"id":"0011223344'), "TRUNCATED", "S.id", 6),
  }),
  own("truncated: inside a struct in a struct", {
    binary: bad(hex`0c 0006 08 0001 00000001`, "TRUNCATED", "S.u", 10),
    compact: bad(hex`6c 15 02`, "TRUNCATED", "S.u", 3),
    tjson: bad(json('{"6":{"rec":{"1":{"i32":1}'), "TRUNCATED", "S.u", 26),
    json: bad(json('{"u":{"n":1'), "TRUNCATED", "S.u", 11),
  }),
  own("truncated: an unknown field", {
    binary: bad(hex`0a 0063 00000000`, "TRUNCATED", "S", 3),
    compact: bad(hex`06 c601 80`, "TRUNCATED", "S", 3),
    tjson: bad(json('{"99":{"i64":'), "TRUNCATED", "S", 13),
    json: bad(json('{"x":'), "TRUNCATED", "S", 5),
  }),
];

export const TYPES: readonly Row[] = [
  row("trailing bytes", struct(), refused("INVALID_DATA", "S"), {
    binary: bad(hex`00 00`, "INVALID_DATA", "S", 1),
    compact: bad(hex`00 00`, "INVALID_DATA", "S", 1),
    tjson: bad(json("{} {}"), "INVALID_DATA", "S", 3),
    json: bad(json("{} {}"), "INVALID_DATA", "S", 3),
  }),
  own("trailing blanks are part of the message", {
    binary: "there are no blanks",
    compact: "there are no blanks",
    tjson: good(json(" {\r\n} \t\n")),
    json: good(json(" {\r\n} \t\n")),
  }),

  row("unknown field id", struct([field(99, i32(1)), field(1, i32(2))]), value({ n: 2 })),
  row("unknown negative field id", struct([field(-1, i32(1)), field(1, i32(2))]), value({ n: 2 })),
  row(
    "ids in no order",
    struct([field(17, i8(1)), field(1, i32(2)), field(16, i16(3))]),
    value({ n: 2, short: 3, tiny: 1 }),
  ),
  row("known id, other wire type", struct([field(1, text(""))]), value(), {
    json: bad(json('{"n":""}'), "INVALID_DATA", "S.n", 5),
  }),
  row("known id, i64 for i32", struct([field(1, i64(1n))]), value(), { json: good(json('{"n":1}'), { n: 1 }) }),
  row("known id, set for list", struct([field(3, set(I32, [i32(1)]))]), value(), {
    json: good(json('{"l":[1]}'), { l: [1] }),
  }),
  row("known id, bool for struct, and back", struct([field(6, bool(true)), field(12, struct())]), value(), {
    json: bad(json('{"u":true}'), "INVALID_DATA", "S.u", 5),
  }),
  row(
    "known id, other wire type, then the right one",
    struct([field(1, bool(false)), field(1, i32(1))]),
    value({ n: 1 }),
    { json: bad(json('{"n":false,"n":1}'), "INVALID_DATA", "S.n", 5) },
  ),

  own("unknown wire type", {
    binary: bad(hex`05 0001 00000000 00`, "INVALID_DATA", "S", 0),
    compact: bad(hex`1e 00 00`, "INVALID_DATA", "S", 0),
    tjson: bad(json('{"1":{"i33":0}}'), "INVALID_DATA", "S", 6),
    json: NO_TYPES,
  }),
  ...[1, 7, 9, 17, 18, 0x7f, 0x80, 0xff].map((type) =>
    own(`unknown wire type ${String(type)} of binary`, {
      binary: bad(hex`${type.toString(16).padStart(2, "0")} 0001 00000000 00`, "INVALID_DATA", "S", 0),
      compact: "types are the codes 1 to 15",
      tjson: "types have names",
      json: NO_TYPES,
    }),
  ),
  own("unknown wire type 15 of compact, in both forms of header", {
    binary: "see above",
    compact: bad(hex`0f 02 00`, "INVALID_DATA", "S", 0),
    tjson: "types have names",
    json: NO_TYPES,
  }),
  own("a name of no type that is longer than all that are", {
    binary: "types are numbers",
    compact: "types are numbers",
    tjson: bad(json('{"1":{"i32i32":0}}'), "INVALID_DATA", "S", 6),
    json: NO_TYPES,
  }),
  own("unknown wire type inside an unknown struct", {
    binary: bad(hex`0c 0063 07 0001 00 00`, "INVALID_DATA", "S", 3),
    compact: bad(hex`0c c601 1f 00 00`, "INVALID_DATA", "S", 3),
    tjson: bad(json('{"99":{"rec":{"1":{"":0}}}}'), "INVALID_DATA", "S", 19),
    json: NO_TYPES,
  }),
  own("unknown element type of an unknown list", {
    binary: bad(hex`0f 0063 05 00000001 00 00`, "INVALID_DATA", "S", 3),
    compact: bad(hex`09 c601 1f 00 00`, "INVALID_DATA", "S", 3),
    tjson: bad(json('{"99":{"lst":["x",1,0]}}'), "INVALID_DATA", "S", 14),
    json: NO_TYPES,
  }),
  own("STOP as element type of an unknown list, at no cost an element", {
    binary: bad(hex`0f 0063 00 7fffffff 00`, "INVALID_DATA", "S", 3),
    compact: bad(hex`09 c601 f0 ffffffff07 00`, "INVALID_DATA", "S", 3),
    tjson: "STOP has no name",
    json: NO_TYPES,
  }),
  own("unknown value type of an unknown map", {
    binary: bad(hex`0d 0063 08 01 00000001 00000000 00`, "INVALID_DATA", "S", 3),
    compact: bad(hex`0b c601 01 5e 00 00 00`, "INVALID_DATA", "S", 3),
    tjson: bad(json('{"99":{"map":["i32","x",1,{"0":0}]}}'), "INVALID_DATA", "S", 20),
    json: NO_TYPES,
  }),
];

export const EMPTY_CONTAINERS: readonly Row[] = [
  row("empty list of another element type", struct([field(3, list(MAP, []))]), value({ l: [] })),
  row("empty set of another element type", struct([field(4, set(BOOL, []))]), value({ s: new Set() })),
  row("empty map of other types", struct([field(5, map([I8, LIST], []))]), value({ m: new Map() })),
  // A peer may write any code there, but no name that Thrift does not have.
  own("empty list of an element type that is none", {
    binary: good(hex`0f 0003 ff 00000000 00`, { l: [] }),
    compact: good(hex`39 0e 00`, { l: [] }),
    tjson: bad(json('{"3":{"lst":["",0]}}'), "INVALID_DATA", "S.l", 13),
    json: NO_TYPES,
  }),
  own("empty set of STOP", {
    binary: good(hex`0e 0004 00 00000000 00`, { s: new Set() }),
    compact: good(hex`4a 00 00`, { s: new Set() }),
    tjson: "STOP has no name",
    json: NO_TYPES,
  }),
  own("empty map of types that are none", {
    binary: good(hex`0d 0005 00 ff 00000000 00`, { m: new Map() }),
    compact: "an empty map has no types",
    tjson: bad(json('{"5":{"map":["none","x",0,{}]}}'), "INVALID_DATA", "S.m", 13),
    json: NO_TYPES,
  }),
  own("empty unknown map of types that are none", {
    binary: good(hex`0d 0063 00 00 00000000 00`),
    compact: good(hex`0b c601 00 00`),
    tjson: bad(json('{"99":{"map":["none","x",0,{}]}}'), "INVALID_DATA", "S", 14),
    json: NO_TYPES,
  }),
];

export const ELEMENT_TYPES: readonly Row[] = [
  row(
    "other element type: list",
    struct([field(3, list(I16, [i16(1)], { here: "start" }))]),
    refused("INVALID_DATA", "S.l"),
    { json: good(json('{"l":[1]}'), { l: [1] }) },
  ),
  row(
    "other element type: set",
    struct([field(4, set(I32, [i32(1)], { here: "start" }))]),
    refused("INVALID_DATA", "S.s"),
    { json: bad(json('{"s":[1]}'), "INVALID_DATA", "S.s[0]", 6) },
  ),
  row(
    "other key type",
    struct([field(5, map([I32, I32], [[i32(1), i32(1)]], { here: "start" }))]),
    refused("INVALID_DATA", "S.m"),
    { json: good(json('{"m":{"1":1}}'), { m: new Map([["1", 1]]) }) },
  ),
  row(
    "other value type",
    struct([field(5, map([STRING, STRING], [[text(""), text("")]], { here: "start" }))]),
    refused("INVALID_DATA", "S.m"),
    { json: bad(json('{"m":{"":""}}'), "INVALID_DATA", "S.m{0}", 9) },
  ),
  row(
    "other element type inside a list",
    struct([field(14, list(LIST, [list(BOOL, [bool(true)], { here: "start" })]))]),
    refused("INVALID_DATA", "S.grid[0]"),
    { json: bad(json('{"grid":[[true]]}'), "INVALID_DATA", "S.grid[0][0]", 10) },
  ),
  row(
    "list where elements are sets",
    struct([field(14, list(SET, [set(I8, [])], { here: "start" }))]),
    refused("INVALID_DATA", "S.grid"),
    { json: good(json('{"grid":[[]]}'), { grid: [[]] }) },
  ),
];
