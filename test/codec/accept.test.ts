import { describe, expect, it } from "vitest";
import { compile, type Codec } from "../../src/codec/codec.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachBackend, type BackendName } from "../support/backends.js";
import { toHex } from "../support/hex.js";

function codecOf(type: string, backend: BackendName): Codec<any> {
  const schema = parseSchema({
    "a.thrift": `enum Color { RED = 1, DARK = -7 } struct P { 1: i32 x } struct S { 1: ${type} f }`,
  });
  return compile(schema.struct("S"), { backend });
}

class Point {
  get x(): number {
    return 1;
  }
}

/** All forms of a row encode to the bytes of its first. */
const SAME: [type: string, ...forms: unknown[]][] = [
  ["i64", 5n, 5, "5"],
  ["i64", -1n, -1, "-1"],
  ["i64", 0n, 0, -0, "0"],
  ["i64", 2n ** 53n - 1n, 2 ** 53 - 1, "9007199254740991"],
  ["i64", -(2n ** 53n) + 1n, -(2 ** 53) + 1],
  ["i64", 2n ** 32n + 1n, 2 ** 32 + 1],
  ["i64", -(2n ** 63n), "-9223372036854775808"],
  ["i64", 2n ** 63n - 1n, "9223372036854775807"],
  ["Color", -7, "DARK"],
  ["Color", 99],
  ["i32", 0, -0],
  [
    "binary",
    Uint8Array.of(1, 2),
    Buffer.from([1, 2]),
    new DataView(Uint8Array.of(9, 1, 2).buffer, 1),
    new Int8Array([1, 2]),
    Uint8Array.of(1, 2).buffer,
  ],
  ["binary", Uint8Array.of(1, 0, 2, 0), new Uint16Array([1, 2])],
  ["list<i32>", [1, -2], new Int32Array([1, -2]), new Int8Array([1, -2]), new Float64Array([1, -2])],
  ["list<i64>", [1n, -2n], [1, "-2"], new BigInt64Array([1n, -2n]), new Int32Array([1, -2])],
  ["list<double>", [1.5, NaN], new Float64Array([1.5, NaN])],
  ["list<i8>", [1, 2], new Int8Array([1, 2]), Uint8Array.of(1, 2)],
  ["set<i32>", new Set([3, 1]), [3, 1], new Int32Array([3, 1])],
  ["set<set<string>>", new Set([new Set(["a"])]), [["a"]], [new Set(["a"])]],
  [
    "map<string, i32>",
    new Map([
      ["a", 1],
      ["b", 2],
    ]),
    { a: 1, b: 2 },
    [
      ["a", 1],
      ["b", 2],
    ],
    Object.assign(Object.create(null), { a: 1, b: 2 }),
  ],
  ["map<i32, bool>", new Map([[-5, true]]), { "-5": true }, [[-5, true]]],
  ["map<i64, bool>", new Map([[-5n, true]]), { "-5": true }, new Map([["-5", true]]), [[-5, true]]],
  [
    "map<bool, i8>",
    new Map([
      [true, 1],
      [false, 2],
    ]),
    { true: 1, false: 2 },
  ],
  ["map<double, i8>", new Map([[1.5, 1]]), { 1.5: 1 }],
  ["map<double, i8>", new Map([[-Infinity, 1]]), { "-Infinity": 1 }],
  [
    "map<Color, i8>",
    new Map([
      [1, 1],
      [-7, 2],
    ]),
    { RED: 1, DARK: 2 },
    { 1: 1, "-7": 2 },
    [
      ["RED", 1],
      [-7, 2],
    ],
  ],
  ["map<list<i8>, i8>", new Map([[[1], 1]]), [[[1], 1]]],
  ["map<P, i8>", new Map([[{ x: 1 }, 1]]), [[{ x: 1 }, 1]]],
  [
    "P",
    { x: 1 },
    new Point(),
    Object.create({ x: 1 }),
    Object.assign(Object.create(null), { x: 1 }),
    Object.assign(new Error("e"), { x: 1 }),
  ],
  ["P", {}, { x: undefined }, { x: null }],
  ["P", { x: 1 }, { x: 1, unknown: "left out" }],
  [
    "uuid",
    "00112233-4455-6677-8899-aabbccddeeff",
    "00112233-4455-6677-8899-AABBCCDDEEFF",
    "{00112233-4455-6677-8899-aabbccddeeff}",
    "00112233445566778899aabbccddeeff",
  ],
];

forEachBackend((backend) => {
  describe("forms of one value", () => {
    it.each(SAME.map(([type, ...forms]) => [type, forms] as const))("%s: %o", (type, forms) => {
      const codec = codecOf(type, backend);
      const [first, ...others] = forms.map((form) => toHex(codec.encode({ f: form })));
      expect(others).toEqual(others.map(() => first));
    });
  });

  it("a property is read once, whatever form the value has", () => {
    const codec = codecOf("map<string, i64>", backend);
    let reads = 0;
    const value = {
      get f(): unknown {
        reads++;
        return {
          get key(): unknown {
            reads++;
            return "12";
          },
        };
      },
    };
    codec.encode(value);
    expect(reads).toBe(2);
  });
});
