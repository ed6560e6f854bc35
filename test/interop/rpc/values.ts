/** Values that are echoed: every type of service.thrift at its edges. */

const LONGEST = "0123456789abcdef".repeat(5000);
const TEXT = 'é 漢字 𝄞 \u0000 "\\\u007f\n';

/** Every field but the optional ones, which peers write differently when unset. */
const ORDINARY = {
  flag: true,
  tiny: -128,
  small: 32767,
  medium: -2147483648,
  large: 9223372036854775807n,
  real: -1.5e300,
  text: TEXT,
  bytes: Uint8Array.of(0, 255, 128, 13, 10),
  color: -7,
  id: -9223372036854775808n,
  point: { x: 2147483647, y: -1 },
  shape: { path: [{ x: 1, y: 2 }] },
  numbers: [0n, -1n, 4611686018427387904n],
  words: new Set(["", "é", "b"]),
  places: new Map([
    ["", { x: 0, y: 0 }],
    ["é", { x: 1, y: 1 }],
  ]),
  nested: new Map([[-1, [new Map([["k", new Set([1, -1, 32767])]]), new Map([["m", new Set([5])]])]]]),
  flags: [true, true, true],
};

const EMPTY = {
  flag: false,
  tiny: 0,
  small: 0,
  medium: 0,
  large: 0n,
  real: 0,
  text: "",
  bytes: new Uint8Array(0),
  color: 1,
  id: 0n,
  point: { x: 0, y: 0 },
  shape: { name: "" },
  numbers: [],
  words: new Set(),
  places: new Map(),
  nested: new Map(),
  flags: [],
};

/** Method, what is echoed, and of what it is an example. */
export const ECHOES: readonly [what: string, method: string, value: unknown][] = [
  ["structs of ordinary values", "echo", ORDINARY],
  ["structs of empty values", "echo", EMPTY],
  ["structs in structs", "echo", { ...ORDINARY, child: { ...EMPTY, child: ORDINARY } }],
  ["maps with structs as keys", "echo", { ...EMPTY, names: new Map([[{ x: 1, y: 2 }, "a"]]) }],
  ["lists of bools", "echo", { ...EMPTY, flags: [true, false, true] }],
  ["true", "echoBool", true],
  ["false", "echoBool", false],
  ...[-128, 127].map((value): [string, string, unknown] => [`i8 ${value}`, "echoI8", value]),
  ...[-32768, 32767].map((value): [string, string, unknown] => [`i16 ${value}`, "echoI16", value]),
  ...[-2147483648, 2147483647, -1].map((value): [string, string, unknown] => [`i32 ${value}`, "echoI32", value]),
  ...[-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n, -1n].map((value): [string, string, unknown] => [
    `i64 ${value}`,
    "echoI64",
    value,
  ]),
  ...[0, -0, 0.1, -1e-300, Number.MAX_VALUE, Infinity, -Infinity, NaN].map((value): [string, string, unknown] => [
    `double ${Object.is(value, -0) ? "-0" : value}`,
    "echoDouble",
    value,
  ]),
  ["an empty string", "echoString", ""],
  ["a string of many scripts", "echoString", TEXT],
  ["a long string", "echoString", LONGEST],
  ["empty binary", "echoBinary", new Uint8Array(0)],
  ["binary of every byte", "echoBinary", Uint8Array.from({ length: 256 }, (_, i) => i)],
  ["an enum", "echoColor", 2147483647],
  ["a negative enum", "echoColor", -7],
  ["an enum value that the IDL does not name", "echoColor", 99],
  ["a union with a struct", "echoShape", { point: { x: 1, y: 2 } }],
  ["a union with a list", "echoShape", { path: [] }],
  ["a union with an i64", "echoShape", { id: -5n }],
  ["a list of structs", "echoList", Array.from({ length: 20 }, (_, i) => ({ x: i, y: ~i }))],
  ["an empty list", "echoList", []],
  ["a set", "echoSet", new Set([3, -3, 0])],
  [
    "a map of lists",
    "echoMap",
    new Map([
      ["a", [1n, 2n]],
      ["é", [-1n]],
    ]),
  ],
  ["an empty map", "echoMap", new Map()],
];
