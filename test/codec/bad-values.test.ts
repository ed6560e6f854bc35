import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import { EncodeError, type ErrorCode } from "../../src/errors.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachBackend } from "../support/backends.js";
import { toHex } from "../support/hex.js";
import { failureFrom } from "../support/outcome.js";

const schema = parseSchema({
  "a.thrift": `enum Color { RED = 1 }
    struct Simple { 1: i8 ByteField 2: i16 I16Field 3: i32 I32Field 4: i64 I64Field 5: double DoubleField 6: string StringField 7: bool BoolField
      8: binary BinaryField 9: uuid UuidField 10: Color EnumField }
    union Choice { 1: i32 a 2: string b }
    struct Needy { 1: required i32 r }
    struct Nesting { 1: list<Simple> ListSimple 2: map<string, Simple> Map 3: set<i32> Set 4: Choice Choice 5: Needy Needy 6: Nesting Self
      7: list<list<i32>> Grid 8: map<Needy, i32> Keys 9: map<i64, i8> Longs 10: map<Color, i8> Colors 11: list<Choice> Choices 12: Simple Simple }`,
});

const WRONG: ErrorCode = "ERR_THRIFT_WRONG_TYPE";
const RANGE: ErrorCode = "ERR_THRIFT_OUT_OF_RANGE";

const strangers = [
  Symbol("s"),
  () => 1,
  {},
  [],
  new Map(),
  new Date(0),
  Object.create(null),
  { valueOf: () => 5 },
  { toString: () => "5" },
];

/** For each field of Simple: what is of a wrong type, and what is out of range. */
const SCALARS: [field: string, wrong: unknown[], outOfRange: unknown[]][] = [
  ["ByteField", ["1", true, 1n, 1.5, NaN, ...strangers], [128, -129, 2 ** 40, Infinity]],
  ["I16Field", ["1", true, 1n, 0.1, NaN, ...strangers], [32_768, -32_769, -Infinity]],
  ["I32Field", ["1", true, 1n, 1.5, NaN, ...strangers], [2 ** 31, -(2 ** 31) - 1, 2 ** 32, 2 ** 53, Infinity]],
  [
    "I64Field",
    ["", "x", "1.5", "+1", "01", "-0", " 1", "0x1", true, 1.5, NaN, Infinity, ...strangers],
    [2n ** 63n, -(2n ** 63n) - 1n, 2 ** 53, "9223372036854775808", "9".repeat(10_000)],
  ],
  ["DoubleField", ["1", true, 1n, ...strangers], []],
  ["StringField", [1, true, 1n, Buffer.from("x"), new String("x"), ...strangers], []],
  ["BoolField", [0, 1, "true", 1n, ...strangers], []],
  ["BinaryField", ["text", 1, true, [1, 2], ...strangers], []],
  [
    "UuidField",
    [
      "",
      "00112233-4455-6677-8899-aabbccddeef",
      "00112233-4455-6677-8899-aabbccddeefg",
      "{00112233-4455-6677-8899-aabbccddeeff",
      1,
      ...strangers,
    ],
    [],
  ],
  ["EnumField", ["GREEN", "red", "1", "toString", true, 1n, 1.5, NaN, ...strangers], [2 ** 31, -Infinity]],
];

const CASES: [path: string, code: ErrorCode, value: unknown][] = SCALARS.flatMap(([field, wrong, outOfRange]) => [
  ...wrong.map((value): (typeof CASES)[number] => [`Nesting.Simple.${field}`, WRONG, { Simple: { [field]: value } }]),
  ...outOfRange.map((value): (typeof CASES)[number] => [
    `Nesting.Simple.${field}`,
    RANGE,
    { Simple: { [field]: value } },
  ]),
]);

const circle: Record<string, unknown> = {};
circle["Self"] = { Self: circle };

const PATHS: [path: string, code: ErrorCode, value: unknown][] = [
  ["Nesting", WRONG, undefined],
  ["Nesting", WRONG, null],
  ["Nesting", WRONG, "text"],
  ["Nesting", WRONG, []],
  ["Nesting", WRONG, new Map()],
  ["Nesting", WRONG, new Uint8Array(1)],
  ["Nesting.ListSimple", WRONG, { ListSimple: {} }],
  ["Nesting.ListSimple", WRONG, { ListSimple: new Set() }],
  ["Nesting.ListSimple", WRONG, { ListSimple: "abc" }],
  ["Nesting.ListSimple", WRONG, { ListSimple: { length: 1, 0: {} } }],
  ["Nesting.ListSimple[3].StringField", WRONG, { ListSimple: [{}, {}, {}, { StringField: 5 }] }],
  ["Nesting.ListSimple[1]", WRONG, { ListSimple: [{}, null] }],
  ["Nesting.ListSimple[0]", WRONG, { ListSimple: new Array(1) }],
  ["Nesting.Grid[1][2]", WRONG, { Grid: [[], [1, 2, "3"]] }],
  ["Nesting.Grid[1]", WRONG, { Grid: [[], 5] }],
  ["Nesting.Grid[0][1]", RANGE, { Grid: [new Float64Array([1, 2 ** 31])] }],
  ["Nesting.Grid[0][0]", WRONG, { Grid: [new BigInt64Array(1)] }],
  ["Nesting.Set[1]", RANGE, { Set: new Set([1, 2 ** 31]) }],
  ["Nesting.Set", WRONG, { Set: new Map() }],
  [
    "Nesting.Map{1}.I32Field",
    WRONG,
    {
      Map: new Map([
        ["a", {}],
        ["b", { I32Field: "x" }],
      ]),
    },
  ],
  ["Nesting.Map{1}.I32Field", WRONG, { Map: { a: {}, b: { I32Field: "x" } } }],
  [
    "Nesting.Map{key 1}",
    WRONG,
    {
      Map: [
        ["a", {}],
        [1, {}],
      ],
    },
  ],
  ["Nesting.Map{0}", WRONG, { Map: { a: undefined } }],
  ["Nesting.Map", WRONG, { Map: [["a", {}], ["b"]] }],
  ["Nesting.Map", WRONG, { Map: [["a", {}, 1]] }],
  ["Nesting.Map", WRONG, { Map: new Array(2) }],
  ["Nesting.Map", WRONG, { Map: new Set() }],
  ["Nesting.Map", WRONG, { Map: new (class Foo {})() }],
  ["Nesting.Keys{key 0}.r", "ERR_THRIFT_REQUIRED_MISSING", { Keys: new Map([[{}, 1]]) }],
  ["Nesting.Keys", WRONG, { Keys: { a: 1 } }],
  ["Nesting.Longs", WRONG, { Longs: { x: 1 } }],
  ["Nesting.Longs{key 0}", RANGE, { Longs: { "9223372036854775808": 1 } }],
  ["Nesting.Colors{key 0}", WRONG, { Colors: { GREEN: 1 } }],
  ["Nesting.Choice", "ERR_THRIFT_UNION_NOT_ONE", { Choice: { a: 1, b: "x" } }],
  ["Nesting.Choices[1]", "ERR_THRIFT_UNION_NOT_ONE", { Choices: [{ a: 1 }, {}] }],
  ["Nesting.Choice.a", WRONG, { Choice: { a: "1" } }],
  ["Nesting.Needy.r", "ERR_THRIFT_REQUIRED_MISSING", { Needy: {} }],
  ["Nesting.Needy.r", WRONG, { Needy: { r: "1" } }],
  [`Nesting${".Self".repeat(64)}`, "ERR_THRIFT_DEPTH_LIMIT", circle],
];

forEachBackend((backend) => {
  const codec = compile<any>(schema.struct("Nesting"), { backend });
  const good = { Simple: { I32Field: 1 }, Set: [1] };
  const wanted = toHex(codec.encode(good));

  const refuses = (value: unknown, code: ErrorCode, path: string): void => {
    for (const run of [
      () => codec.encode(value),
      () => codec.encodedSize(value),
      () => codec.encodeInto(value, new Uint8Array(4096)),
    ]) {
      const failure = failureFrom(run);
      expect(failure).toMatchObject({ error: "EncodeError", code, path, offset: undefined });
      expect(failure.message.startsWith(`cannot encode ${path}: `)).toBe(true);
    }
    // Nothing of the failed value is left behind.
    expect(toHex(codec.encode(good))).toBe(wanted);
  };

  describe("wrong values", () => {
    it.each(PATHS)("%s is %s in %o", (path, code, value) => refuses(value, code, path));

    it.each(SCALARS.map(([field]) => field))("of %s", (field) => {
      for (const [path, code, value] of CASES) if (path.endsWith(field)) refuses(value, code, path);
    });
  });

  it("the first failure in wire order is the one that is told", () => {
    expect(failureFrom(() => codec.encode({ Simple: { I32Field: "x", ByteField: 1000 }, Set: "no" })).path).toBe(
      "Nesting.Set",
    );
    expect(failureFrom(() => codec.encode({ Simple: { I32Field: "x", ByteField: 1000 } })).path).toBe(
      "Nesting.Simple.ByteField",
    );
  });

  it("messages name types and never values", () => {
    const secret = "s3cret";
    for (const value of [
      { Simple: { I32Field: secret } },
      { Simple: { UuidField: secret } },
      { Simple: { EnumField: secret } },
      { Longs: { [secret]: 1 } },
      { Colors: { [secret]: 1 } },
    ]) {
      expect(failureFrom(() => codec.encode(value)).message).not.toContain(secret);
    }
    expect(() => codec.encode({ Simple: { I32Field: "x" } })).toThrow(
      new EncodeError(WRONG, "Nesting.Simple.I32Field", "expected i32, found string"),
    );
  });
});
