/** Counts and lengths that are wrong. */

import { TType } from "../../../src/protocol/ttype.js";
import { hex } from "../../support/hex.js";
import { binary, bool, field, i32, i8, list, map, set, struct, text, type Struct } from "../../support/wire/node.js";
import { value, json, row, own, bad, refused, NO_LENGTH, NO_ELEMENT_BYTES, NO_COUNTS, type Row } from "./row.js";

const { BOOL, I8, I32, STRING, STRUCT } = TType;

const noCounts = { json: NO_COUNTS } as const;

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

export const COUNTS: readonly Row[] = [
  ...[-1, -(2 ** 31)].flatMap((size) =>
    sized(size).map(([kind, path, message]) =>
      row(`count of ${String(size)}: ${kind}`, message, refused("NEGATIVE_SIZE", path), noCounts),
    ),
  ),
  // 2^30 times 4 is 0 in 32 bits.
  ...[20, 2 ** 30, 2 ** 31 - 1].flatMap((size) =>
    sized(size).map(([kind, path, message]) =>
      row(`count of ${String(size)}, over what is left: ${kind}`, message, refused("SIZE_LIMIT", path), noCounts),
    ),
  ),
  own("count of 2^31, which no peer can mean", {
    binary: "32 signed bits hold no such count",
    compact: "32 signed bits hold no such count",
    tjson: bad(json('{"3":{"lst":["i32",2147483648,1]}}'), "SIZE_LIMIT", "S.l", 19),
    json: NO_COUNTS,
  }),
  own("count beyond all integers", {
    binary: "32 bits hold no such count",
    compact: bad(hex`39 f5 ffffffff1f 00`, "INVALID_DATA", "S.l", 2),
    tjson: bad(json('{"3":{"lst":["i32",9999999999999999999,1]}}'), "INVALID_DATA", "S.l", 19),
    json: NO_COUNTS,
  }),
  own("count over what is left, by the minimum of an element", {
    binary: bad(hex`0f 0003 08 00000002 00000001 000000`, "SIZE_LIMIT", "S.l", 4),
    compact: bad(hex`39 35 02 00`, "SIZE_LIMIT", "S.l", 1),
    tjson: bad(json('{"3":{"lst":["i32",3,1]}'), "SIZE_LIMIT", "S.l", 19),
    json: NO_COUNTS,
  }),
  own("count over what is left, by both minima of a map", {
    binary: bad(hex`0d 0005 0b 08 00000002 00000000 00000000 00000000 00`, "SIZE_LIMIT", "S.m", 5),
    compact: bad(hex`5b 02 85 00 00 00`, "SIZE_LIMIT", "S.m", 1),
    tjson: bad(json('{"5":{"map":["str","i32",2,{"":1}]}'), "SIZE_LIMIT", "S.m", 25),
    json: NO_COUNTS,
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
    json: bad(json('{"empties":[{},{}]'), "TRUNCATED", "S", 18),
  }),
  own("count below the elements that come", {
    binary: "what comes behind the last element is the next field",
    compact: "what comes behind the last element is the next field",
    tjson: bad(json('{"3":{"lst":["i32",1,1,2]}}'), "INVALID_DATA", "S.l[1]", 22),
    json: NO_COUNTS,
  }),
  own("count above the elements that come, of which there is room for more", {
    binary: NO_ELEMENT_BYTES,
    compact: NO_ELEMENT_BYTES,
    tjson: bad(json('{"3":{"lst":["i32",3,1,2]}}'), "INVALID_DATA", "S.l[2]", 24),
    json: NO_COUNTS,
  }),
  row(
    "map of empty structs",
    struct([field(13, map([STRUCT, STRUCT], [[struct(), struct()]]))]),
    value({ pairs: new Map([[{}, {}]]) }),
  ),
];

const noLength = { tjson: NO_LENGTH, json: NO_LENGTH } as const;
const length = (size: number): [kind: string, path: string, message: Struct][] => [
  ["string", "S.t", struct([field(2, text("a", { size, here: "size" }))])],
  ["binary", "S.b", struct([field(10, binary(hex`61`, { size, here: "size" }))])],
  ["unknown", "S", struct([field(99, text("a", { size, here: "size" }))])],
  ["key of a map", "S.m{key 0}", struct([field(5, map([STRING, I32], [[text("", { size, here: "size" }), i32(0)]]))])],
  ["element of a set", "S.s[1]", struct([field(4, set(STRING, [text("a"), text("", { size, here: "size" })]))])],
];

export const LENGTHS: readonly Row[] = [
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
    json: NO_LENGTH,
  }),
];
