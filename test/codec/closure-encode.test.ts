import { describe, expect, it } from "vitest";
import { compile, type Codec } from "../../src/codec/codec.js";
import type { CodecOptions } from "../../src/codec/options.js";
import { EncodeError, type ErrorCode } from "../../src/errors.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachBackend, type BackendName } from "../support/backends.js";
import { hex, toHex } from "../support/hex.js";

const schema = parseSchema({
  "main.thrift": `
    enum Color { RED = 1, GREEN = 5 }
    struct Scalars {
      1: bool yes  2: i8 tiny  3: i16 small  4: i32 medium  5: i64 large  6: double real
      7: string text  8: binary blob  9: uuid id  10: Color color
    }
    struct Containers {
      1: list<i32> ints  2: set<string> tags  3: map<string, i32> ages  4: map<i64, bool> flags  5: list<list<i8>> grid
      6: map<Color, i32> palette  7: map<bool, i8> votes  8: map<double, i8> reals  9: map<Node, i8> odd  10: set<i64> longs
      11: map<binary, i8> blobs
    }
    struct Node { 1: required string name  2: optional list<Node> children  3: optional map<string, Node> index }
    union Choice { 1: i32 number  2: string text  3: Node node }
    struct Unordered { 7: i8 last  1: i8 first  -1: i8 before }
    struct Defaults { 1: i32 a = 42  2: optional i32 b = 7  3: list<i8> c = [1]  4: optional string d }
    struct Odd { 1: string __proto__  2: string constructor  3: string toString  4: string then }
    exception Refused { 1: required string reason  2: string message }
  `,
});

function codecOf(name: string, backend: BackendName, options: CodecOptions = {}): Codec {
  return compile(schema.struct(name), { ...options, backend });
}

function encoded(name: string, backend: BackendName, value: unknown, options: CodecOptions = {}): string {
  return toHex(codecOf(name, backend, options).encode(value));
}

function failure(run: () => unknown): EncodeError {
  try {
    run();
  } catch (error) {
    if (error instanceof EncodeError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

type Wrong = [path: string, value: unknown, code: ErrorCode, message: string];

const WRONG: ErrorCode = "ERR_THRIFT_WRONG_TYPE";
const RANGE: ErrorCode = "ERR_THRIFT_OUT_OF_RANGE";
const I64_FORMS = "a bigint, safe integer or decimal string";
const cyclic: Record<string, unknown> = { name: "a" };
cyclic["children"] = [cyclic];

const REFUSED: Wrong[] = [
  ["Scalars", undefined, WRONG, "expected an object, found undefined"],
  ["Scalars", null, WRONG, "expected an object, found null"],
  ["Scalars", [], WRONG, "expected an object, found array"],
  ["Scalars", new Map(), WRONG, "expected an object, found Map"],
  ["Scalars", new Date(0), WRONG, "expected an object, found Date"],
  ["Scalars", new Uint8Array(1), WRONG, "expected an object, found Uint8Array"],
  ["Scalars", "x", WRONG, "expected an object, found string"],
  ["Scalars.yes", { yes: 1 }, WRONG, "expected bool, found number"],
  ["Scalars.tiny", { tiny: "1" }, WRONG, "expected i8, found string"],
  ["Scalars.tiny", { tiny: 128 }, RANGE, "expected i8, found a number out of its range"],
  ["Scalars.tiny", { tiny: -129 }, RANGE, "expected i8, found a number out of its range"],
  ["Scalars.small", { small: NaN }, WRONG, "expected i16, found NaN"],
  ["Scalars.small", { small: 32768 }, RANGE, "expected i16, found a number out of its range"],
  ["Scalars.medium", { medium: "7" }, WRONG, "expected i32, found string"],
  ["Scalars.medium", { medium: 2 ** 31 }, RANGE, "expected i32, found a number out of its range"],
  ["Scalars.medium", { medium: 1.5 }, WRONG, "expected i32, found fractional number"],
  ["Scalars.medium", { medium: Infinity }, RANGE, "expected i32, found a number out of its range"],
  ["Scalars.medium", { medium: 1n }, WRONG, "expected i32, found bigint"],
  ["Scalars.medium", { medium: Symbol("x") }, WRONG, "expected i32, found symbol"],
  ["Scalars.large", { large: true }, WRONG, `expected ${I64_FORMS}, found boolean`],
  ["Scalars.large", { large: 2n ** 63n }, RANGE, "expected i64, found a number out of its range"],
  ["Scalars.large", { large: -(2n ** 63n) - 1n }, RANGE, "expected i64, found a number out of its range"],
  ["Scalars.large", { large: 2 ** 53 }, RANGE, "expected a safe integer, found a number out of its range"],
  ["Scalars.large", { large: 0.5 }, WRONG, `expected ${I64_FORMS}, found fractional number`],
  ["Scalars.large", { large: "12x" }, WRONG, `expected ${I64_FORMS}, found string`],
  ["Scalars.large", { large: "" }, WRONG, `expected ${I64_FORMS}, found string`],
  ["Scalars.large", { large: "9223372036854775808" }, RANGE, "expected i64, found a number out of its range"],
  ["Scalars.large", { large: "1".repeat(100_000) }, RANGE, "expected i64, found a number out of its range"],
  ["Scalars.real", { real: "1" }, WRONG, "expected double, found string"],
  ["Scalars.real", { real: 1n }, WRONG, "expected double, found bigint"],
  ["Scalars.text", { text: new Uint8Array(1) }, WRONG, "expected string, found Uint8Array"],
  ["Scalars.text", { text: 1 }, WRONG, "expected string, found number"],
  ["Scalars.blob", { blob: "text" }, WRONG, "expected a Uint8Array or another ArrayBufferView, found string"],
  ["Scalars.blob", { blob: [1] }, WRONG, "expected a Uint8Array or another ArrayBufferView, found array"],
  ["Scalars.id", { id: "no uuid" }, WRONG, "expected uuid, found other text"],
  ["Scalars.id", { id: 7 }, WRONG, "expected uuid, found number"],
  ["Scalars.color", { color: "BLUE" }, WRONG, "expected a member of Color, found another name"],
  ["Scalars.color", { color: 2 ** 31 }, RANGE, "expected i32, found a number out of its range"],
  ["Scalars.color", { color: false }, WRONG, "expected an integer or member name of Color, found boolean"],
  ["Containers.ints", { ints: new Set([1]) }, WRONG, "expected an array, found Set"],
  ["Containers.ints", { ints: "12" }, WRONG, "expected an array, found string"],
  ["Containers.ints", { ints: { length: 1, 0: 1 } }, WRONG, "expected an array, found object"],
  ["Containers.ints", { ints: new DataView(new ArrayBuffer(1)) }, WRONG, "expected an array, found DataView"],
  ["Containers.ints[1]", { ints: [1, null] }, WRONG, "expected i32, found null"],
  ["Containers.ints[1]", { ints: new Array(2).fill(1, 0, 1) }, WRONG, "expected i32, found undefined"],
  ["Containers.tags", { tags: new Map() }, WRONG, "expected a Set or an array, found Map"],
  ["Containers.tags[1]", { tags: new Set(["a", 1]) }, WRONG, "expected string, found number"],
  ["Containers.ages", { ages: new Set() }, WRONG, "expected a Map, an object or an array of pairs, found Set"],
  ["Containers.ages", { ages: [["a"]] }, WRONG, "expected an array of [key, value] pairs, found array"],
  ["Containers.ages", { ages: [1] }, WRONG, "expected an array of [key, value] pairs, found number"],
  ["Containers.ages{1}", { ages: { a: 1, b: "x" } }, WRONG, "expected i32, found string"],
  ["Containers.ages{key 0}", { ages: new Map([[1, 1]]) }, WRONG, "expected string, found number"],
  ["Containers.flags", { flags: { x: true } }, WRONG, "expected property names that are i64 keys, found another"],
  ["Containers.votes", { votes: { yes: 1 } }, WRONG, "expected property names that are bool keys, found another"],
  ["Containers.reals", { reals: { "": 1 } }, WRONG, "expected property names that are double keys, found another"],
  ["Containers.palette{key 0}", { palette: { BLUE: 1 } }, WRONG, "expected a member of Color, found another name"],
  ["Containers.odd", { odd: {} }, WRONG, "expected a Map or an array of pairs, as keys are struct, found object"],
  ["Containers.blobs", { blobs: {} }, WRONG, "expected a Map or an array of pairs, as keys are binary, found object"],
  ["Containers.grid[1][2]", { grid: [[], [1, 2, 300]] }, RANGE, "expected i8, found a number out of its range"],
  ["Node.name", {}, "ERR_THRIFT_REQUIRED_MISSING", "expected a value for a required field, found none"],
  [
    "Node.children[1].name",
    { name: "a", children: [{ name: "b" }, { name: null }] },
    "ERR_THRIFT_REQUIRED_MISSING",
    "expected a value for a required field, found none",
  ],
  [
    "Node.index{0}.children[0].name",
    { name: "a", index: { x: { name: "b", children: [{ name: 1 }] } } },
    WRONG,
    "expected string, found number",
  ],
  ["Choice", {}, "ERR_THRIFT_UNION_NOT_ONE", "expected exactly one field to be set, found none"],
  [
    "Choice",
    { number: 1, text: "x" },
    "ERR_THRIFT_UNION_NOT_ONE",
    "expected exactly one field to be set, found both number and text",
  ],
  ["Choice.node.name", { node: { name: 1 } }, WRONG, "expected string, found number"],
  ["Refused.reason", {}, "ERR_THRIFT_REQUIRED_MISSING", "expected a value for a required field, found none"],
];

forEachBackend((backend) => {
  describe("refuses", () => {
    it.each(REFUSED)("%s in %o", (path, value, code, message) => {
      const name = path.replace(/\W.*/, "");
      const error = failure(() => codecOf(name, backend).encode(value));
      expect([error.code, error.path, error.message]).toEqual([code, path, `cannot encode ${path}: ${message}`]);
    });

    it("values that refer to themselves", () => {
      const error = failure(() => codecOf("Node", backend).encode(cyclic));
      expect(error.code).toBe("ERR_THRIFT_DEPTH_LIMIT");
      expect(error.path.startsWith("Node.children[0].children[0]")).toBe(true);
    });

    it("values deeper than maxDepth structs, and takes those as deep", () => {
      const nest = (levels: number): unknown =>
        levels === 1 ? { name: "" } : { name: "", children: [nest(levels - 1)] };
      const codec = codecOf("Node", backend, { limits: { maxDepth: 5 } });
      codec.encode(nest(5));
      expect(failure(() => codec.encode(nest(6))).code).toBe("ERR_THRIFT_DEPTH_LIMIT");
      codec.encode(nest(5));
    });

    it("an endless value with a DEPTH_LIMIT error also where the limit is off", () => {
      const codec = codecOf("Node", backend, { limits: { maxDepth: Infinity } });
      expect(failure(() => codec.encode(cyclic)).code).toBe("ERR_THRIFT_DEPTH_LIMIT");
    });

    it("lone surrogates when strict", () => {
      const error = failure(() => codecOf("Scalars", backend, { utf8: "strict" }).encode({ text: "\udc00" }));
      expect([error.code, error.path]).toEqual([WRONG, "Scalars.text"]);
      expect(encoded("Scalars", backend, { text: "\udc00" })).toBe("0b000700000003efbfbd00");
    });

    it("a target that is too small, and leaves it as it was", () => {
      const codec = codecOf("Scalars", backend);
      const target = new Uint8Array(7).fill(9);
      expect(failure(() => codec.encodeInto({ medium: 1 }, target)).code).toBe("ERR_THRIFT_NO_SPACE");
      expect(failure(() => codec.encodeInto({ medium: "x" }, target)).code).toBe(WRONG);
      expect(toHex(target)).toBe("09".repeat(7));
    });
  });

  describe("accepts", () => {
    const same: [name: string, type: string, ...values: unknown[]][] = [
      ["every form of i64", "Scalars", { large: 5n }, { large: 5 }, { large: "5" }],
      ["every form of an enum", "Scalars", { color: 5 }, { color: "GREEN" }],
      [
        "any view of memory",
        "Scalars",
        { blob: hex`0102` },
        { blob: Buffer.from([1, 2]) },
        { blob: hex`0102`.buffer },
        { blob: new DataView(hex`000102`.buffer, 1) },
        { blob: new Uint16Array(hex`0102`.buffer) },
      ],
      [
        "every form of a uuid",
        "Scalars",
        { id: "00112233-4455-6677-8899-aabbccddeeff" },
        { id: "{00112233-4455-6677-8899-AABBCCDDEEFF}" },
        { id: "00112233445566778899aabbccddeeff" },
      ],
      [
        "-0 for integers",
        "Scalars",
        { tiny: 0, small: 0, medium: 0, large: 0 },
        { tiny: -0, small: -0, medium: -0, large: -0 },
      ],
      [
        "arrays and typed arrays",
        "Containers",
        { ints: [1, -2] },
        { ints: Int32Array.of(1, -2) },
        { ints: Float64Array.of(1, -2) },
      ],
      [
        "typed arrays of bigints",
        "Containers",
        { longs: new Set([1n]) },
        { longs: [1] },
        { longs: BigInt64Array.of(1n) },
      ],
      ["sets and arrays", "Containers", { tags: new Set(["a", "b"]) }, { tags: ["a", "b"] }],
      [
        "maps, pairs and objects",
        "Containers",
        { ages: new Map([["a", 1]]) },
        { ages: [["a", 1]] },
        { ages: { a: 1 } },
        { ages: Object.assign(Object.create(null), { a: 1 }) },
      ],
      ["i64 keys as text", "Containers", { flags: new Map([[-9n, true]]) }, { flags: { "-9": true } }],
      ["bool keys as text", "Containers", { votes: new Map([[true, 1]]) }, { votes: { true: 1 } }],
      [
        "double keys as text",
        "Containers",
        {
          reals: new Map([
            [1.5e-7, 1],
            [-Infinity, 2],
          ]),
        },
        { reals: { "1.5e-7": 1, "-Infinity": 2 } },
      ],
      [
        "enum keys as text",
        "Containers",
        {
          palette: new Map([
            [1, 1],
            [5, 2],
          ]),
        },
        { palette: { 1: 1, GREEN: 2 } },
      ],
      ["null for unset", "Node", { name: "x" }, { name: "x", children: null, index: undefined }],
      ["null for unset in a union", "Choice", { number: 1 }, { number: 1, text: null }],
    ];

    it.each(same)("%s", (_name, type, first, ...others) => {
      const expected = encoded(type, backend, first);
      for (const other of others) expect(encoded(type, backend, other)).toBe(expected);
    });

    it("a map with a key __proto__", () => {
      expect(encoded("Containers", backend, { ages: JSON.parse('{"__proto__":1}') as unknown })).toBe(
        toHex(hex`0d 0003 0b 08 00000001  00000009 5f5f70726f746f5f5f 00000001  00`),
      );
    });
  });

  describe("writes", () => {
    it("fields by ascending id", () => {
      expect(encoded("Unordered", backend, { last: 1, first: 2, before: 3 })).toBe(
        toHex(hex`03 ffff 03  03 0001 02  03 0007 01  00`),
      );
    });

    it("defaults of fields with default requiredness only", () => {
      expect(encoded("Defaults", backend, {})).toBe(toHex(hex`08 0001 0000002a  0f 0003 03 00000001 01  00`));
    });

    it("own properties only where every object inherits the name", () => {
      expect(encoded("Odd", backend, {})).toBe("00");
      const value = JSON.parse('{"__proto__":"p","constructor":"c","toString":"t","then":"n"}') as unknown;
      expect(encoded("Odd", backend, value)).toBe(
        toHex(hex`0b 0001 00000001 70  0b 0002 00000001 63  0b 0003 00000001 74  0b 0004 00000001 6e  00`),
      );
    });

    it("what encodedSize says, into a target at an offset", () => {
      const codec = codecOf("Node", backend);
      const value = { name: "你好", children: [{ name: "x" }] };
      const bytes = codec.encode(value);
      expect(codec.encodedSize(value)).toBe(bytes.length);
      const target = new Uint8Array(bytes.length + 3);
      expect(codec.encodeInto(value, target, 2)).toBe(bytes.length);
      expect(toHex(target)).toBe(`0000${toHex(bytes)}00`);
    });
  });

  describe("the caller's own code", () => {
    it("may throw, and its error comes out as it is", () => {
      const mine = new RangeError("mine");
      const value = {
        get name(): string {
          throw mine;
        },
      };
      expect(() => codecOf("Node", backend).encode(value)).toThrow(mine);
    });

    it("may encode with the same codec", () => {
      const codec = codecOf("Node", backend);
      const inner = codec.encode({ name: "inner" });
      const value = {
        name: "outer",
        get children(): unknown {
          expect(toHex(codec.encode({ name: "inner" }))).toBe(toHex(inner));
          expect(() => codec.encode({})).toThrow(EncodeError);
          return [{ name: "child" }];
        },
      };
      expect(codec.decode(codec.encode(value))).toMatchObject({ name: "outer", children: [{ name: "child" }] });
    });

    it("is asked for each property once", () => {
      const reads: string[] = [];
      const spy = (target: object): object =>
        new Proxy(target, {
          get(object, key, receiver) {
            reads.push(String(key));
            return Reflect.get(object, key, receiver) as unknown;
          },
        });
      codecOf("Node", backend).encode(spy({ name: "x", children: [] }));
      codecOf("Choice", backend).encode(spy({ number: 1 }));
      expect(reads).toEqual(["name", "children", "index", "number", "text", "node"]);
    });
  });

  it("encodes a random mixture of failures and successes without mixing them up", () => {
    const codec = codecOf("Node", backend);
    for (let i = 0; i < 200; i++) {
      if (i % 3 === 0) expect(() => codec.encode({ name: "x".repeat(i), children: [{}] })).toThrow(EncodeError);
      expect(codec.decode(codec.encode({ name: String(i) }))).toMatchObject({ name: String(i) });
    }
  });
});
