import { describe, expect, it } from "vitest";
import { compile, type Codec } from "../../src/codec/codec.js";
import type { CodecOptions } from "../../src/codec/options.js";
import { DecodeError, type ErrorCode } from "../../src/errors.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachBackend, type BackendName } from "../support/backends.js";
import { hex } from "../support/hex.js";
import { forEachSeed, randomStruct } from "../support/random-value.js";

const schema = parseSchema({
  "main.thrift": `
    enum Color { RED = 1, GREEN = 5 }
    struct Scalars {
      1: bool yes  2: i8 tiny  3: i16 small  4: i32 medium  5: i64 large  6: double real
      7: string text  8: binary blob  9: uuid id  10: Color color
    }
    struct Containers {
      1: list<i32> ints  2: set<string> tags  3: map<string, i32> ages  4: map<i64, bool> flags  5: list<list<i8>> grid
      6: map<i32, bool> seen  7: set<i32> numbers  8: set<double> reals  9: map<Color, i8> palette  10: list<Node> nodes
      11: set<i64> longs
    }
    struct Node { 1: required string name  2: optional list<Node> children  3: optional map<string, Node> index }
    union Choice { 1: i32 number  2: string text  3: Node node }
    struct Declared { 9: i8 nine  1: i8 one }
    struct Defaults { 1: i32 a = 42  2: optional list<i8> b = [1]  3: optional string c  4: required i8 d }
    struct Odd { 1: string __proto__  2: string constructor  3: string then }
    exception Refused { 1: required string reason  2: string message  3: i32 code }
    struct All { 1: Scalars scalars  2: Containers containers  3: Choice choice  4: Defaults defaults  5: Declared declared }
  `,
});

function codecOf(name: string, backend: BackendName, options: CodecOptions = {}): Codec {
  return compile(schema.struct(name), { ...options, backend });
}

function decoded(name: string, backend: BackendName, bytes: Uint8Array, options: CodecOptions = {}): unknown {
  return codecOf(name, backend, options).decode(bytes);
}

function failure(run: () => unknown): DecodeError {
  try {
    run();
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const INVALID: ErrorCode = "ERR_THRIFT_INVALID_DATA";
const SIZE: ErrorCode = "ERR_THRIFT_SIZE_LIMIT";
const CUT: ErrorCode = "ERR_THRIFT_TRUNCATED";
const LEFT = "expected no more elements than the rest of the input can hold, found a greater count";

type Wrong = [path: string, bytes: Uint8Array, offset: number, code: ErrorCode, message: string];

const REFUSED: Wrong[] = [
  ["Scalars", hex``, 0, CUT, "expected a field header, found the end of the input"],
  ["Scalars", hex`08`, 1, CUT, "expected a field id, found the end of the input"],
  ["Scalars.medium", hex`08 0004 000000`, 3, CUT, "expected i32, found the end of the input"],
  ["Scalars.text", hex`0b 0007 000000`, 3, CUT, "expected string, found the end of the input"],
  ["Scalars.text", hex`0b 0007 00000002 41`, 3, SIZE, "expected string, found a length over what is left of the input"],
  ["Scalars.text", hex`0b 0007 ffffffff 00`, 3, "ERR_THRIFT_NEGATIVE_SIZE", "expected string, found a negative length"],
  ["Scalars.blob", hex`0b 0008 7fffffff 00`, 3, SIZE, "expected string, found a length over what is left of the input"],
  ["Scalars.id", hex`10 0009 00112233 00`, 3, CUT, "expected uuid, found the end of the input"],
  ["Scalars", hex`02 0001 01`, 4, CUT, "expected a field header, found the end of the input"],
  ["Scalars", hex`00 00`, 1, INVALID, "expected the end of the input, found more bytes"],
  ["Scalars", hex`07 0001 00`, 0, INVALID, "expected a field of a known type, found type 7"],
  ["Scalars", hex`01 0001 00`, 0, INVALID, "expected a field of a known type, found type 1"],
  ["Scalars", hex`0f 0063 08 00000002 00 00`, 4, SIZE, LEFT],
  ["Containers.ints", hex`0f 0001 0b 00000001 00000000 00`, 3, INVALID, "expected list<i32>, found list<string>"],
  ["Containers.ints", hex`0f 0001 07 00000001 00000000 00`, 3, INVALID, "expected list<i32>, found list<type 7>"],
  [
    "Containers.ints",
    hex`0f 0001 08 ffffffff 00`,
    4,
    "ERR_THRIFT_NEGATIVE_SIZE",
    "expected a list, found a negative size",
  ],
  [
    "Containers.ints",
    hex`0f 0001 08 7fffffff 00`,
    4,
    SIZE,
    "expected no more elements than the limit allows, found a greater count",
  ],
  ["Containers.ints", hex`0f 0001 08 00000002 00000001 000000`, 4, SIZE, LEFT],
  ["Containers.ints", hex`0f 0001 08 0000`, 4, CUT, "expected a list, found the end of the input"],
  ["Containers.tags", hex`0e 0002 08 00000001 00000000 00`, 3, INVALID, "expected set<string>, found set<i32>"],
  [
    "Containers.tags[1]",
    hex`0e 0002 0b 00000002 00000001 41 00000002 00`,
    13,
    SIZE,
    "expected string, found a length over what is left of the input",
  ],
  [
    "Containers.ages",
    hex`0d 0003 0b 0a 00000001 00000000 0000000000000001 00`,
    3,
    INVALID,
    "expected map<string,i32>, found map<string,i64>",
  ],
  [
    "Containers.ages",
    hex`0d 0003 08 08 00000001 00000000 00000001 00`,
    3,
    INVALID,
    "expected map<string,i32>, found map<i32,i32>",
  ],
  ["Containers.ages", hex`0d 0003 0b 08 00000002 00000000 00000001 00`, 5, SIZE, LEFT],
  [
    "Containers.ages{key 1}",
    hex`0d 0003 0b 08 00000002 00000000 00000001 00000006 00000001 00`,
    17,
    SIZE,
    "expected string, found a length over what is left of the input",
  ],
  [
    "Containers.ages{0}",
    hex`0d 0003 0b 08 00000001 00000003 414141 0000`,
    16,
    CUT,
    "expected i32, found the end of the input",
  ],
  ["Containers.grid[1]", hex`0f 0005 0f 00000002 03 00000000 03 00000009 00`, 14, SIZE, LEFT],
  ["Node.name", hex`00`, 0, "ERR_THRIFT_REQUIRED_MISSING", "expected a required field, found the end of the struct"],
  [
    "Node.name",
    hex`08 0001 00000001 00`,
    7,
    "ERR_THRIFT_REQUIRED_MISSING",
    "expected a required field, found the end of the struct",
  ],
  [
    "Node.children[0].name",
    hex`0b 0001 00000000  0f 0002 0c 00000001 00 00`,
    15,
    "ERR_THRIFT_REQUIRED_MISSING",
    "expected a required field, found the end of the struct",
  ],
  [
    "Choice.text",
    hex`08 0001 00000001  0b 0002 00000000 00`,
    7,
    INVALID,
    "expected one field of a union, found a second",
  ],
];

forEachBackend((backend) => {
  describe("refuses", () => {
    it.each(REFUSED)("%s in %o", (path, bytes, offset, code, message) => {
      const name = path.replace(/\W.*/, "");
      const error = failure(() => decoded(name, backend, bytes));
      const text = `cannot decode ${path}: ${message} (byte ${String(offset)})`;
      expect([error.code, error.path, error.offset, error.message]).toEqual([code, path, offset, text]);
    });

    it("an i64 that int64: number cannot hold", () => {
      const bytes = hex`0a 0005 0020000000000000 00`; // 2^53
      const error = failure(() => decoded("Scalars", backend, bytes, { int64: "number" }));
      expect([error.code, error.path, error.offset]).toEqual(["ERR_THRIFT_OUT_OF_RANGE", "Scalars.large", 3]);
    });

    it("invalid UTF-8 when strict", () => {
      const error = failure(() => decoded("Scalars", backend, hex`0b 0007 00000002 c0af 00`, { utf8: "strict" }));
      expect([error.code, error.path, error.offset]).toEqual(["ERR_THRIFT_INVALID_UTF8", "Scalars.text", 7]);
    });
  });

  describe("limits", () => {
    const text = (length: number): Uint8Array =>
      hex`0b 0007 ${(length >>> 0).toString(16).padStart(8, "0")} ${"41".repeat(length)} 00`;
    const nested = (levels: number): Uint8Array => {
      const open = "0b 0001 00000000  0f 0002 0c 00000001";
      return hex`${open.repeat(levels - 1)} 0b 0001 00000000 ${"00".repeat(levels)}`;
    };

    it("bytes of a message", () => {
      const codec = codecOf("Scalars", backend, { limits: { maxMessageBytes: 20 } });
      codec.decode(text(12));
      const error = failure(() => codec.decode(text(13)));
      expect([error.code, error.path, error.offset]).toEqual([SIZE, "Scalars", 0]);
    });

    it("bytes of a string", () => {
      const codec = codecOf("Scalars", backend, { limits: { maxStringBytes: 12 } });
      codec.decode(text(12));
      expect(failure(() => codec.decode(text(13))).code).toBe(SIZE);
    });

    it("elements of lists, sets and maps", () => {
      const codec = codecOf("Containers", backend, {
        limits: { maxContainerLength: 2, maxSetLength: 1, maxMapLength: 1 },
      });
      codec.decode(hex`0f 0001 08 00000002 00000001 00000002 00`);
      codec.decode(hex`0e 0002 0b 00000001 00000000 00`);
      codec.decode(hex`0d 0003 0b 08 00000001 00000000 00000001 00`);
      expect(failure(() => codec.decode(hex`0f 0001 08 00000003 00000001 00000002 00000003 00`)).offset).toBe(4);
      expect(failure(() => codec.decode(hex`0e 0002 0b 00000002 00000000 00000001 41 00`)).offset).toBe(4);
      expect(
        failure(() => codec.decode(hex`0d 0003 0b 08 00000002 00000000 00000001 00000000 00000001 00`)).offset,
      ).toBe(5);
    });

    it("structs inside each other", () => {
      const codec = codecOf("Node", backend);
      codec.decode(nested(64));
      const error = failure(() => codec.decode(nested(65)));
      expect(error.code).toBe("ERR_THRIFT_DEPTH_LIMIT");
      expect(error.path).toBe(`Node${".children[0]".repeat(64)}`);
      expect(error.offset).toBe(64 * 15);
      codec.decode(nested(64));
    });

    it("30,000 nested structs, known and unknown, in milliseconds", () => {
      for (const bytes of [nested(30_000), hex`${"0c0009".repeat(30_000)}`]) {
        const start = performance.now();
        expect(failure(() => decoded("Node", backend, bytes)).code).toBe("ERR_THRIFT_DEPTH_LIMIT");
        expect(performance.now() - start).toBeLessThan(250);
      }
    });

    it("30,000 nested structs where the limit is off: the stack is the limit", () => {
      const codec = codecOf("Node", backend, { limits: { maxDepth: Infinity, maxSkipDepth: Infinity } });
      expect(failure(() => codec.decode(nested(30_000))).code).toBe("ERR_THRIFT_DEPTH_LIMIT");
    });

    it("memory: a megabyte of empty maps is refused before it is made", () => {
      const count = 200_000;
      const bytes = hex`0f 0001 0d ${count.toString(16).padStart(8, "0")} ${"0b0800000000".repeat(count)} 00`;
      const maps = compile(parseSchema({ "m.thrift": "struct M { 1: list<map<string, i32>> maps }" }).struct("M"), {
        backend,
        limits: "untrusted",
      });
      expect(failure(() => maps.decode(bytes)).code).toBe(SIZE);
    });

    it("memory: structs charge when they begin, containers at their header", () => {
      // Node: 24 + 3 * 8; its list 36 + 8 each.
      const bytes = hex`0b 0001 00000000  0f 0002 0c 00000001  0b 0001 00000000 00  00`;
      const cost = 48 + 36 + 8 + 48;
      decoded("Node", backend, bytes, { limits: { maxHeapBytes: cost } });
      const error = failure(() => decoded("Node", backend, bytes, { limits: { maxHeapBytes: cost - 1 } }));
      expect([error.code, error.path, error.offset]).toEqual([SIZE, "Node.children[0]", 15]);
    });
  });

  describe("a flood of colliding keys", () => {
    // V8's hash of a 32-bit integer; these share its lower 16 bits, which pick the bucket.
    const hash = (key: number): number => {
      let h = (~key + (key << 15)) | 0;
      h ^= h >>> 12;
      h = (h + (h << 2)) | 0;
      h ^= h >>> 4;
      h = Math.imul(h, 2057);
      return (h ^ (h >>> 16)) & 0xffff;
    };
    const keys: number[] = [];
    for (let key = 0; keys.length < 300; key++) if (hash(key) === 0) keys.push(key);
    const i32 = (key: number): string => key.toString(16).padStart(8, "0");

    it("is refused in a map and in a set", () => {
      const map = hex`0d 0006 08 02 ${i32(300)} ${keys.map((key) => `${i32(key)}01`).join("")} 00`;
      const set = hex`0e 0007 08 ${i32(300)} ${keys.map(i32).join("")} 00`;
      const inMap = failure(() => decoded("Containers", backend, map));
      expect([inMap.code, inMap.path]).toEqual([INVALID, "Containers.seen{31}"]);
      const inSet = failure(() => decoded("Containers", backend, set));
      expect([inSet.code, inSet.path, inSet.offset]).toEqual([INVALID, "Containers.numbers[31]", 3 + 5 + 31 * 4]);
      expect(decoded("Containers", backend, set, { sets: "array" })).toMatchObject({ numbers: keys });
    });

    it("is not seen in one key sent again and again", () => {
      const set = hex`0e 0007 08 ${i32(500)} ${i32(7).repeat(500)} 00`;
      expect(decoded("Containers", backend, set)).toMatchObject({ numbers: new Set([7]) });
      const map = hex`0d 0006 08 02 ${i32(500)} ${`${i32(7)}01`.repeat(500)} 00`;
      expect(decoded("Containers", backend, map)).toMatchObject({ seen: new Map([[7, true]]) });
    });
  });

  describe("takes", () => {
    it("unknown fields, and known ids of another wire type, by skipping them", () => {
      const bytes = hex`0b 0063 00000001 41  0b 0004 00000001 41  08 0004 00000007  0d ffff 00 00 00000000  00`;
      expect(decoded("Scalars", backend, bytes)).toMatchObject({ medium: 7, text: undefined });
    });

    it("empty containers of any element types", () => {
      const bytes = hex`0f 0001 00 00000000  0e 0002 63 00000000  0d 0003 00 07 00000000  00`;
      expect(decoded("Containers", backend, bytes)).toMatchObject({ ints: [], tags: new Set(), ages: new Map() });
    });

    it("fields in any order, and the last of a field that comes twice", () => {
      const bytes = hex`0b 0007 00000001 41  08 0004 00000001  08 0004 00000002  02 0001 01  00`;
      expect(decoded("Scalars", backend, bytes)).toMatchObject({ yes: true, medium: 2, text: "A" });
      expect(decoded("Choice", backend, hex`08 0001 00000001 08 0001 00000002 00`)).toMatchObject({ number: 2 });
    });

    it("a union without a known field", () => {
      expect(decoded("Choice", backend, hex`08 0009 00000001 00`)).toEqual({
        number: undefined,
        text: undefined,
        node: undefined,
      });
    });

    it("enum numbers that the enum lacks", () => {
      expect(decoded("Scalars", backend, hex`08 000a 00000007 00`)).toMatchObject({ color: 7 });
      expect(decoded("Scalars", backend, hex`08 000a 00000007 00`, { enums: "name" })).toMatchObject({ color: 7 });
      expect(decoded("Scalars", backend, hex`08 000a 00000005 00`, { enums: "name" })).toMatchObject({
        color: "GREEN",
      });
    });

    it("trailing bytes when told to", () => {
      expect(decoded("Declared", backend, hex`00 ff`, { trailingBytes: "ignore" })).toEqual({
        nine: undefined,
        one: undefined,
      });
    });
  });

  describe("gives", () => {
    it("every declared field in declared order", () => {
      expect(Object.entries(decoded("Declared", backend, hex`03 0001 05 00`) as object)).toEqual([
        ["nine", undefined],
        ["one", 5],
      ]);
    });

    it("defaults for what is absent, fresh each time", () => {
      const codec = codecOf("Defaults", backend);
      const value = codec.decode(hex`03 0004 01 00`) as { b: number[] };
      expect(value).toEqual({ a: 42, b: [1], c: undefined, d: 1 });
      value.b.push(2);
      expect(codec.decode(hex`03 0004 01 00`)).toEqual({ a: 42, b: [1], c: undefined, d: 1 });
    });

    it("own properties for fields called like inherited ones", () => {
      const bytes = hex`0b 0001 00000001 70  0b 0002 00000001 63  0b 0003 00000001 74  00`;
      const value = decoded("Odd", backend, bytes) as object;
      expect(Object.entries(value)).toEqual([["__proto__", "p"], ["constructor", "c"], ["then", "t"]]); // prettier-ignore
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(Object.keys(decoded("Odd", backend, hex`00`) as object)).toEqual(["__proto__", "constructor", "then"]);
    });

    it("exceptions as instances of their class", () => {
      const value = decoded("Refused", backend, hex`0b 0001 00000001 41  08 0003 00000007  00`);
      expect(value).toBeInstanceOf(schema.exception("Refused"));
      expect(value).toBeInstanceOf(Error);
      expect(Object.entries(value as object)).toEqual([["reason", "A"], ["message", undefined], ["code", 7]]); // prettier-ignore
    });

    const bytes = hex`
      0d 0003 0b 08 00000002  00000009 5f5f70726f746f5f5f 00000001  00000001 61 00000002 // {"__proto__": 1, "a": 2}
      0d 0004 0a 02 00000001  ffffffffffffffff 01                                         // {-1: true}
      0e 0007 08 00000002 00000001 00000001                                               // {1, 1}
      00`;

    it("maps and sets as Map and Set", () => {
      expect(decoded("Containers", backend, bytes)).toMatchObject({
        ages: new Map([["__proto__", 1], ["a", 2]]), // prettier-ignore
        flags: new Map([[-1n, true]]),
        numbers: new Set([1]),
      });
    });

    it("maps as objects without prototype where keys are strings", () => {
      const value = decoded("Containers", backend, bytes, { maps: "object", sets: "array" }) as Record<string, object>;
      expect(Object.getPrototypeOf(value["ages"])).toBe(null);
      expect(Object.entries(value["ages"])).toEqual([["__proto__", 1], ["a", 2]]); // prettier-ignore
      expect(value["flags"]).toEqual(new Map([[-1n, true]]));
      expect(value["numbers"]).toEqual([1, 1]);
    });

    it("maps as entries, i64 as text and as number", () => {
      expect(decoded("Containers", backend, bytes, { maps: "entries", int64: "string" })).toMatchObject({
        ages: [["__proto__", 1], ["a", 2]], // prettier-ignore
        flags: [["-1", true]],
      });
      expect(decoded("Containers", backend, bytes, { int64: "number" })).toMatchObject({
        flags: new Map([[-1, true]]),
      });
    });

    it("binary as a view of the input, or as a copy", () => {
      const input = hex`0b 0008 00000001 aa 00`;
      const view = (decoded("Scalars", backend, input) as { blob: Uint8Array }).blob;
      const copy = (decoded("Scalars", backend, input, { binary: "copy" }) as { blob: Uint8Array }).blob;
      input[7] = 0xbb;
      expect([view[0], copy[0]]).toEqual([0xbb, 0xaa]);
      expect(copy.buffer.byteLength).toBe(1);
      for (const bytes of [view, copy]) expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    });
  });

  it("gives back what was encoded", () => {
    const codec = codecOf("All", backend);
    forEachSeed(150, (random) => {
      const value = randomStruct(schema.struct("All"), random);
      const bytes = codec.encode(value);
      const again = codec.decode(bytes);
      // What is unset where a default is written comes back as the default; the bytes are the judge.
      expect(codec.encode(again)).toEqual(bytes);
    });
  });
});
