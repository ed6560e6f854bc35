import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import type { ErrorCode } from "../../src/errors.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachBackend } from "../support/backends.js";
import { hex } from "../support/hex.js";
import { difference, failureFrom } from "../support/outcome.js";

const schema = parseSchema({
  "a.thrift": `enum E { A = 1 } struct Empty {} union U { 1: i32 n 2: string t }
    struct S { 1: i32 n 2: string t 3: list<i32> l 4: set<string> s 5: map<string, i32> m 6: U u 7: Empty e 8: E color
      9: list<Empty> empties 10: binary b 11: list<bool> flags 12: bool yes 13: map<Empty, Empty> pairs 14: list<list<i8>> grid 15: uuid id }
    struct Required { 1: required i32 n 2: i32 o }
    struct Deep { 1: Deep d }`,
});

const EMPTY: Record<string, unknown> = Object.fromEntries(
  schema.struct("S").fields.map(({ name }) => [name, undefined]),
);

interface Refusal {
  code: ErrorCode;
  path: string;
  offset: number;
}
const refused = (code: string, path: string, offset: number): Refusal => ({
  code: `ERR_THRIFT_${code}` as ErrorCode,
  path,
  offset,
});
const value = (fields: Record<string, unknown>): { value: unknown } => ({ value: { ...EMPTY, ...fields } });
const U = { n: undefined, t: undefined };

/** The rows of the table of malformed input that concern structs: each with the decision of the table. */
const ROWS: [row: string, struct: string, wire: Uint8Array, decision: Refusal | { value: unknown }][] = [
  ["nothing at all", "S", hex``, refused("TRUNCATED", "S", 0)],
  ["truncated: no STOP", "S", hex`08 0001 00000001`, refused("TRUNCATED", "S", 7)],
  ["truncated: inside a field header", "S", hex`08 00`, refused("TRUNCATED", "S", 1)],
  ["truncated: inside a number", "S", hex`08 0001 000000`, refused("TRUNCATED", "S.n", 3)],
  ["truncated: inside a length", "S", hex`0b 0002 0000`, refused("TRUNCATED", "S.t", 3)],
  ["truncated: inside the header of a list", "S", hex`0f 0003 08 000000`, refused("TRUNCATED", "S.l", 4)],
  ["truncated: inside the header of a map", "S", hex`0d 0005 0b`, refused("TRUNCATED", "S.m", 4)],
  ["truncated: inside a uuid", "S", hex`10 000f 0011223344`, refused("TRUNCATED", "S.id", 3)],
  ["truncated: inside a struct in a struct", "S", hex`0c 0006 08 0001 00000001`, refused("TRUNCATED", "S.u", 10)],
  ["truncated: an unknown field", "S", hex`0a 0063 00000000`, refused("TRUNCATED", "S", 3)],
  ["trailing bytes", "S", hex`00 00`, refused("INVALID_DATA", "S", 1)],

  ["unknown field id", "S", hex`08 0063 00000001 08 0001 00000002 00`, value({ n: 2 })],
  ["known id, other wire type", "S", hex`0b 0001 00000000 00`, value({})],
  ["known id, i64 for i32", "S", hex`0a 0001 0000000000000001 00`, value({})],
  ["known id, set for list", "S", hex`0e 0003 08 00000001 00000001 00`, value({})],

  ...[1, 5, 7, 9, 17, 18, 0x7f, 0x80, 0xff].map((type): (typeof ROWS)[number] => [
    `unknown wire type ${String(type)}`,
    "S",
    hex`${type.toString(16).padStart(2, "0")} 0001 00000000 00`,
    refused("INVALID_DATA", "S", 0),
  ]),
  ["unknown wire type inside an unknown struct", "S", hex`0c 0063 07 0001 00 00`, refused("INVALID_DATA", "S", 3)],
  ["unknown element type of an unknown list", "S", hex`0f 0063 00 00000001 00 00`, refused("INVALID_DATA", "S", 3)],
  [
    "STOP as element type of an unknown list, at no cost a element",
    "S",
    hex`0f 0063 00 7fffffff 00`,
    refused("INVALID_DATA", "S", 3),
  ],
  [
    "unknown value type of an unknown map",
    "S",
    hex`0d 0063 08 01 00000001 00000000 00`,
    refused("INVALID_DATA", "S", 3),
  ],

  ["empty list of any element type", "S", hex`0f 0003 00 00000000 00`, value({ l: [] })],
  ["empty list of an element type that is none", "S", hex`0f 0003 ff 00000000 00`, value({ l: [] })],
  ["empty set of another element type", "S", hex`0e 0004 02 00000000 00`, value({ s: new Set() })],
  ["empty map of any types", "S", hex`0d 0005 00 ff 00000000 00`, value({ m: new Map() })],
  ["empty unknown map of no types", "S", hex`0d 0063 00 00 00000000 00`, value({})],

  ["other element type: list", "S", hex`0f 0003 06 00000001 0001 00`, refused("INVALID_DATA", "S.l", 3)],
  ["other element type: set", "S", hex`0e 0004 08 00000001 00000001 00`, refused("INVALID_DATA", "S.s", 3)],
  ["other key type", "S", hex`0d 0005 08 08 00000001 00000001 00000001 00`, refused("INVALID_DATA", "S.m", 3)],
  ["other value type", "S", hex`0d 0005 0b 0b 00000001 00000000 00000000 00`, refused("INVALID_DATA", "S.m", 3)],
  [
    "other element type inside a list",
    "S",
    hex`0f 000e 0f 00000001 02 00000001 00 00`,
    refused("INVALID_DATA", "S.grid[0]", 8),
  ],
  ["list where elements are sets", "S", hex`0f 000e 0e 00000001 03 00000000 00`, refused("INVALID_DATA", "S.grid", 3)],

  ["negative count: list", "S", hex`0f 0003 08 ffffffff 00`, refused("NEGATIVE_SIZE", "S.l", 4)],
  ["negative count: set", "S", hex`0e 0004 0b 80000000 00`, refused("NEGATIVE_SIZE", "S.s", 4)],
  ["negative count: map", "S", hex`0d 0005 0b 08 ffffffff 00`, refused("NEGATIVE_SIZE", "S.m", 5)],
  ["negative count: unknown list", "S", hex`0f 0063 08 ffffffff 00`, refused("NEGATIVE_SIZE", "S", 4)],
  ["negative count of a type that is none", "S", hex`0f 0003 00 ffffffff 00`, refused("NEGATIVE_SIZE", "S.l", 4)],
  ["count over what is left: list", "S", hex`0f 0003 08 00000002 00000001 000000`, refused("SIZE_LIMIT", "S.l", 4)],
  ["count over what is left: list of bools", "S", hex`0f 000b 02 00000003 01 00`, refused("SIZE_LIMIT", "S.flags", 4)],
  [
    "count over what is left: list of empty structs",
    "S",
    hex`0f 0009 0c 00000003 00 00`,
    refused("SIZE_LIMIT", "S.empties", 4),
  ],
  ["count over what is left: set", "S", hex`0e 0004 0b 00000002 00000000 00`, refused("SIZE_LIMIT", "S.s", 4)],
  [
    "count over what is left: map, by both minima",
    "S",
    hex`0d 0005 0b 08 00000002 00000000 00000000 00000000 00`,
    refused("SIZE_LIMIT", "S.m", 5),
  ],
  ["count 2^31 - 1 of every minimum", "S", hex`0f 0003 08 7fffffff 00`, refused("SIZE_LIMIT", "S.l", 4)],
  ["count 2^31 - 1: unknown", "S", hex`0f 0063 08 7fffffff 00`, refused("SIZE_LIMIT", "S", 4)],
  ["count 2^30, which times 4 is 0 in 32 bits", "S", hex`0f 0003 08 40000000 00`, refused("SIZE_LIMIT", "S.l", 4)],
  ["count that fits to the byte", "S", hex`0f 0009 0c 00000002 00 00 00`, value({ empties: [{}, {}] })],
  [
    "count that fits, but the STOP of the struct is gone",
    "S",
    hex`0f 0009 0c 00000002 00 00`,
    refused("TRUNCATED", "S", 10),
  ],
  ["map of empty structs", "S", hex`0d 000d 0c 0c 00000001 00 00 00`, value({ pairs: new Map([[{}, {}]]) })],

  ["negative length: string", "S", hex`0b 0002 ffffffff 00`, refused("NEGATIVE_SIZE", "S.t", 3)],
  ["negative length: binary", "S", hex`0b 000a 80000000 00`, refused("NEGATIVE_SIZE", "S.b", 3)],
  ["negative length: unknown", "S", hex`0b 0063 ffffffff 00`, refused("NEGATIVE_SIZE", "S", 3)],
  ["length over what is left: string", "S", hex`0b 0002 00000003 61 00`, refused("SIZE_LIMIT", "S.t", 3)],
  ["length over what is left: binary", "S", hex`0b 000a 7fffffff 00`, refused("SIZE_LIMIT", "S.b", 3)],
  ["length over what is left: unknown", "S", hex`0b 0063 00000002 00`, refused("SIZE_LIMIT", "S", 3)],
  [
    "length over what is left: key of a map",
    "S",
    hex`0d 0005 0b 08 00000001 00000009 00000000 00`,
    refused("SIZE_LIMIT", "S.m{key 0}", 9),
  ],
  ["length of all that is left", "S", hex`0b 0002 00000001 00`, refused("TRUNCATED", "S", 8)],

  [
    "duplicate field: the last counts",
    "S",
    hex`08 0001 00000001 0b 0002 00000000 08 0001 00000002 00`,
    value({ n: 2, t: "" }),
  ],
  [
    "duplicate container: the last counts, they do not join",
    "S",
    hex`0f 0003 08 00000001 00000001 0f 0003 08 00000001 00000002 00`,
    value({ l: [2] }),
  ],
  [
    "duplicate key: the last counts",
    "S",
    hex`0d 0005 0b 08 00000002 00000001 61 00000001 00000001 61 00000002 00`,
    value({ m: new Map([["a", 2]]) }),
  ],

  [
    "union: two known fields",
    "S",
    hex`0c 0006 08 0001 00000001 0b 0002 00000000 00 00`,
    refused("INVALID_DATA", "S.u.t", 10),
  ],
  ["union: none", "S", hex`0c 0006 00 00`, value({ u: U })],
  ["union: unknown only", "S", hex`0c 0006 08 0063 00000001 00 00`, value({ u: U })],
  ["union: a known id of another type only", "S", hex`0c 0006 0b 0001 00000000 00 00`, value({ u: U })],

  ["required missing", "Required", hex`08 0002 00000001 00`, refused("REQUIRED_MISSING", "Required.n", 7)],
  ["required there", "Required", hex`08 0001 00000001 00`, { value: { n: 1, o: undefined } }],

  ["enum value unknown: the integer", "S", hex`08 0008 00000063 00`, value({ color: 99 })],
  ["bool of 0", "S", hex`02 000c 00 00`, value({ yes: false })],
  ["bool of 1", "S", hex`02 000c 01 00`, value({ yes: true })],
  ["bool of 2", "S", hex`02 000c 02 00`, value({ yes: false })],
  ["bool of ff", "S", hex`02 000c ff 00`, value({ yes: false })],
  ["bools in a list", "S", hex`0f 000b 02 00000004 01 00 02 ff 00`, value({ flags: [true, false, false, false] })],

  [
    "depth over the limit",
    "Deep",
    hex`${"0c0001".repeat(64)} 00 ${"00".repeat(64)}`,
    refused("DEPTH_LIMIT", `Deep${".d".repeat(64)}`, 192),
  ],
  [
    "depth over the limit: unknown structs",
    "S",
    hex`${"0c0063".repeat(65)} 00 ${"00".repeat(65)}`,
    refused("DEPTH_LIMIT", "S", 195),
  ],
  [
    "depth over the limit: unknown lists",
    "S",
    hex`0f 0063 ${"0f00000001".repeat(64)} 08 00000000 00`,
    refused("DEPTH_LIMIT", "S", 323),
  ],
  ["depth at the limit: unknown lists", "S", hex`0f 0063 ${"0f00000001".repeat(63)} 08 00000000 00`, value({})],
];

forEachBackend((backend) => {
  describe("malformed input is decided as the table says", () => {
    it.each(ROWS)("%s", (_row, struct, wire, decision) => {
      const codec = compile(schema.struct(struct), { backend });
      if ("value" in decision) {
        expect(difference(codec.decode(wire), decision.value)).toBeUndefined();
      } else {
        expect(failureFrom(() => codec.decode(wire))).toMatchObject({ error: "DecodeError", ...decision });
      }
    });
  });

  it("messages quote no value, and say what to expect, what was found and where", () => {
    const codec = compile(schema.struct("S"), { backend });
    for (const [, struct, wire, decision] of ROWS) {
      if ("value" in decision || struct !== "S") continue;
      const { message } = failureFrom(() => codec.decode(wire));
      expect(message).toMatch(
        /^cannot decode S[^:]*: (?:expected .+, found .+|an unknown field is nested deeper than maxSkipDepth) \(byte \d+\)$/,
      );
    }
  });
});
