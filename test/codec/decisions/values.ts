/** Values that are wrong, come twice, are too many or missing, or nest too deep. */

import { TType } from "../../../src/protocol/ttype.js";
import { hex } from "../../support/hex.js";
import { bool, field, i16, i32, i64, list, map, set, struct, text, type Struct } from "../../support/wire/node.js";
import { value, json, row, own, bad, good, refused, FIXED_WIDTH, NO_TYPES, NO_IDS, type Row } from "./row.js";

const { I32, STRING, LIST } = TType;

export const INTEGERS: readonly Row[] = [
  own("a varint of 32 bits in 6 bytes", {
    binary: FIXED_WIDTH,
    compact: bad(hex`15 808080808000 00`, "INVALID_DATA", "S.n", 1),
    tjson: "there are no varints",
    json: "there are no varints",
  }),
  own("a varint of 32 bits with a bit too many", {
    binary: FIXED_WIDTH,
    compact: bad(hex`15 ffffffff1f 00`, "INVALID_DATA", "S.n", 1),
    tjson: "there are no varints",
    json: "there are no varints",
  }),
  own("a varint of 64 bits in 11 bytes", {
    binary: FIXED_WIDTH,
    compact: bad(hex`06 24 8080808080808080808000 00`, "INVALID_DATA", "S.long", 2),
    tjson: "there are no varints",
    json: "there are no varints",
  }),
  own("a varint of 64 bits with a bit too many", {
    binary: FIXED_WIDTH,
    compact: bad(hex`06 24 ffffffffffffffffff02 00`, "INVALID_DATA", "S.long", 2),
    tjson: "there are no varints",
    json: "there are no varints",
  }),
  own("varints that are longer than need be", {
    binary: FIXED_WIDTH,
    compact: good(hex`15 8280808000 06 a480808000 82808080808080808000 00`, { n: 1, long: 1n }),
    tjson: "there are no varints",
    json: "there are no varints",
  }),
  own("an unknown i64 of too many bits", {
    binary: FIXED_WIDTH,
    compact: bad(hex`06 c601 ffffffffffffffffff7f 00`, "INVALID_DATA", "S", 3),
    tjson: bad(json('{"99":{"i64":9223372036854775808}}'), "INVALID_DATA", "S", 13),
    json: good(json('{"x":99999999999999999999}')),
  }),
  ...[40_000, -40_000].map((number) =>
    row(`i16 of ${String(number)}`, struct([field(16, i16(number))]), refused("INVALID_DATA", "S.short"), {
      binary: FIXED_WIDTH,
      compact: bad(hex`04 20 ${number < 0 ? "fff004" : "80f104"} 00`, "INVALID_DATA", "S.short", 2),
      tjson: bad(json(`{"16":{"i16":${String(number)}}}`), "INVALID_DATA", "S.short", 13),
      json: bad(json(`{"short":${String(number)}}`), "OUT_OF_RANGE", "S.short", 9),
    }),
  ),
  own("i8 and i32 beyond their range", {
    binary: FIXED_WIDTH,
    compact: "an i8 is one byte, an i32 see above",
    tjson: bad(json('{"17":{"i8":128}}'), "INVALID_DATA", "S.tiny", 12),
    json: bad(json('{"tiny":128}'), "OUT_OF_RANGE", "S.tiny", 8),
  }),
  own("i32 beyond its range", {
    binary: FIXED_WIDTH,
    compact: "see the varints",
    tjson: bad(json('{"1":{"i32":-2147483649}}'), "INVALID_DATA", "S.n", 12),
    json: bad(json('{"n":-2147483649}'), "OUT_OF_RANGE", "S.n", 5),
  }),
  own("i64 beyond its range", {
    binary: FIXED_WIDTH,
    compact: "see the varints",
    tjson: bad(json('{"18":{"i64":-9223372036854775809}}'), "INVALID_DATA", "S.long", 13),
    json: bad(json('{"long":-9223372036854775809}'), "OUT_OF_RANGE", "S.long", 8),
  }),
  own("an integer with a fraction or exponent", {
    binary: FIXED_WIDTH,
    compact: FIXED_WIDTH,
    tjson: bad(json('{"1":{"i32":1e2}}'), "INVALID_DATA", "S.n", 12),
    json: bad(json('{"n":1e2}'), "INVALID_DATA", "S.n", 5),
  }),
  own("integers with leading zeros, as Node.js writes small negative ones", {
    binary: FIXED_WIDTH,
    compact: FIXED_WIDTH,
    tjson: good(json('{"1":{"i32":01},"18":{"i64":-00000001}}'), { n: 1, long: -1n }),
    json: bad(json('{"n":01}'), "INVALID_DATA", "S.n", 5),
  }),
  own("a number in quotes that is no key", {
    binary: FIXED_WIDTH,
    compact: FIXED_WIDTH,
    tjson: bad(json('{"1":{"i32":"1"}}'), "INVALID_DATA", "S.n", 12),
    json: bad(json('{"n":"1"}'), "INVALID_DATA", "S.n", 5),
  }),
  own("field id beyond i16, in the long form", {
    binary: FIXED_WIDTH,
    compact: bad(hex`05 808004 02 00`, "INVALID_DATA", "S", 1),
    tjson: bad(json('{"32768":{"i32":1}}'), "INVALID_DATA", "S", 2),
    json: NO_IDS,
  }),
  own("field id beyond i16, by a delta", {
    binary: "ids are absolute",
    compact: bad(hex`05 feff03 02 15 02 00`, "INVALID_DATA", "S", 5),
    tjson: "ids are absolute",
    json: NO_IDS,
  }),
  own("field id of 32767 and a delta after it, in an unknown struct", {
    binary: "ids are absolute",
    compact: bad(hex`0c c601 05 feff03 02 f5 02 00 00`, "INVALID_DATA", "S", 8),
    tjson: "ids are absolute",
    json: NO_IDS,
  }),
];

export const VALUES: readonly Row[] = [
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
    { json: bad(json('{"u":{"n":1,"t":""}}'), "INVALID_DATA", "S.u", 12) },
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
    { json: bad(json('{"u":{"n":""}}'), "INVALID_DATA", "S.u.n", 10) },
  ),

  row("required missing", struct([field(2, i32(1))], { here: "end" }), refused("REQUIRED_MISSING", "Required.n")),
  row(
    "required there with another wire type is missing",
    struct([field(1, i64(1n))], { here: "end" }),
    refused("REQUIRED_MISSING", "Required.n"),
    { json: bad(json('{"n":"x"}'), "INVALID_DATA", "Required.n", 5) },
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
      json: bad(json(`{"yes":${String(code)}}`), "INVALID_DATA", "S.yes", 7),
    }),
  ),
  own("bools in a list", {
    binary: good(hex`0f 000b 02 00000004 01 00 02 ff 00`, { flags: [true, false, false, false] }),
    compact: good(hex`b9 41 01 02 00 ff 00`, { flags: [true, false, false, false] }),
    tjson: good(json('{"11":{"lst":["tf",4,1,0,2,-1]}}'), { flags: [true, false, true, true] }),
    json: good(json('{"flags":[true,false]}'), { flags: [true, false] }),
  }),
  own("bools in a list by the code of false", {
    binary: "bool has one code",
    compact: good(hex`b9 22 01 02 00`, { flags: [true, false] }),
    tjson: "bool has one name",
    json: NO_TYPES,
  }),
  own("text that is not UTF-8 becomes U+FFFD", {
    binary: good(hex`0b 0002 00000002 c328 00`, { t: "\ufffd(" }),
    compact: good(hex`28 02 c328 00`, { t: "\ufffd(" }),
    tjson: good(hex`${json('{"2":{"str":"')} c328 ${json('"}}')}`, { t: "\ufffd(" }),
    json: good(hex`${json('{"t":"')} c328 ${json('"}')}`, { t: "\ufffd(" }),
  }),
  own("escapes that are none", {
    binary: "there are no escapes",
    compact: "there are no escapes",
    tjson: bad(json('{"2":{"str":"a\\x41"}}'), "INVALID_DATA", "S.t", 14),
    json: bad(json('{"t":"a\\x41"}'), "INVALID_DATA", "S.t", 7),
  }),
  own("base64 that is none", {
    binary: "bytes stand as they are",
    compact: "bytes stand as they are",
    tjson: bad(json('{"10":{"str":"a*"}}'), "INVALID_DATA", "S.b", 13),
    json: bad(json('{"b":"a*"}'), "INVALID_DATA", "S.b", 5),
  }),
  own("a uuid of another form", {
    binary: FIXED_WIDTH,
    compact: FIXED_WIDTH,
    tjson: bad(json('{"15":{"uid":"00112233"}}'), "INVALID_DATA", "S.id", 13),
    json: bad(json('{"id":"00112233"}'), "INVALID_DATA", "S.id", 6),
  }),
  own("null", {
    binary: "what is unset is left out",
    compact: "what is unset is left out",
    tjson: bad(json('{"1":{"i32":null}}'), "INVALID_DATA", "S.n", 12),
    json: good(json('{"n":1,"l":null,"n":null}')),
  }),
  own("null as an element", {
    binary: "what is unset is left out",
    compact: "what is unset is left out",
    tjson: bad(json('{"3":{"lst":["i32",1,null]}}'), "INVALID_DATA", "S.l[0]", 21),
    json: bad(json('{"l":[null]}'), "INVALID_DATA", "S.l[0]", 6),
  }),
  own("a word that is no value", {
    binary: "there are no words",
    compact: "there are no words",
    tjson: bad(json('{"99":{"i32":tru}}'), "INVALID_DATA", "S", 13),
    json: bad(json('{"x":tru}'), "INVALID_DATA", "S", 5),
  }),
  own("a control character in text", {
    binary: good(hex`0b 0002 00000001 0a 00`, { t: "\n" }),
    compact: good(hex`28 01 0a 00`, { t: "\n" }),
    tjson: good(json('{"2":{"str":"\n"}}'), { t: "\n" }),
    json: bad(json('{"t":"\n"}'), "INVALID_DATA", "S.t", 6),
  }),
  own("NaN", {
    binary: good(hex`04 0013 7ff8000000000000 00`, { real: NaN }),
    compact: good(hex`07 26 000000000000f87f 00`, { real: NaN }),
    tjson: good(json('{"19":{"dbl":"NaN"}}'), { real: NaN }),
    json: bad(json('{"real":"NaN"}'), "INVALID_DATA", "S.real", 8),
  }),
  own("a number beyond all doubles", {
    binary: FIXED_WIDTH,
    compact: FIXED_WIDTH,
    tjson: bad(json('{"19":{"dbl":1e999}}'), "INVALID_DATA", "S.real", 13),
    json: bad(json('{"real":-1e999}'), "OUT_OF_RANGE", "S.real", 8),
  }),
  own("punctuation that is missing", {
    binary: "there is no punctuation",
    compact: "there is no punctuation",
    tjson: bad(json('{"1":{"i32":1} "2":{"str":""}}'), "INVALID_DATA", "S", 15),
    json: bad(json('{"n":1 "t":""}'), "INVALID_DATA", "S", 7),
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

export const DEPTHS: readonly Row[] = [
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
