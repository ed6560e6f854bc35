import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import { ThriftError } from "../../src/errors.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachBackend } from "../support/backends.js";
import { hex, toHex } from "../support/hex.js";
import { difference, failureFrom, sameBytes } from "../support/outcome.js";

const schema = parseSchema({
  "a.thrift": `struct S { 1: i32 x 2: binary data 3: S inner 4: list<i32> ints 5: map<i32, i64> pairs 6: string text 7: map<uuid, double> ids
    8: list<bool> flags 9: list<list<i16>> grid 10: map<string, i32> named 11: map<i8, list<i64>> lists }
    struct T { 1: string name 2: T next }`,
});

/** Sizes around those at which buffers grow, are copied in another way, or are let go. */
const SIZES = [
  0, 1, 100, 127, 128, 129, 511, 512, 513, 4095, 4096, 4097, 65_535, 65_536, 65_537, 1_048_575, 1_048_576, 1_048_577,
  3_000_000,
];

forEachBackend((backend) => {
  const codec = compile<any>(schema.struct("S"), { backend });
  const other = compile<any>(schema.struct("T"), { backend });

  /** A value whose bytes are exactly as many. */
  const ofSize = (size: number, fill: number): object =>
    size < 9 ? {} : { data: new Uint8Array(size - 8).fill(fill) };

  describe("results own their memory", () => {
    it.each(SIZES)("%i bytes stay as they are when more is encoded", (size) => {
      const first = codec.encode(ofSize(size, 1));
      const copy = first.slice();
      for (const next of [size, size + 1, 5, 2 * size]) codec.encode(ofSize(next, 2));
      other.encode({ name: "y".repeat(size) });
      expect(first.length).toBe(Math.max(size < 9 ? 1 : size, 1));
      expect(sameBytes(first, copy)).toBe(true);
    });

    it("is a Buffer in Node.js", () => {
      expect(Buffer.isBuffer(codec.encode({}))).toBe(true);
      expect(Buffer.isBuffer(codec.encode(ofSize(2_000_000, 1)))).toBe(true);
    });

    it("what is written to a result does not reach the next one", () => {
      const first = codec.encode({ x: 1 });
      first.fill(0xff);
      expect(toHex(codec.encode({ x: 1 }))).toBe("0800010000000100");
    });
  });

  describe("encodeInto", () => {
    it.each(SIZES)("fits exactly, and fails whole where a byte is missing: %i bytes", (size) => {
      const value = ofSize(size, 7);
      const bytes = codec.encode(value);
      expect(codec.encodedSize(value)).toBe(bytes.length);
      const exact = new Uint8Array(bytes.length);
      expect(codec.encodeInto(value, exact)).toBe(bytes.length);
      expect(sameBytes(exact, bytes)).toBe(true);
      const short = new Uint8Array(bytes.length - 1).fill(0xaa);
      expect(failureFrom(() => codec.encodeInto(value, short))).toMatchObject({
        error: "EncodeError",
        code: "ERR_THRIFT_NO_SPACE",
        path: "S",
      });
      expect(sameBytes(short, new Uint8Array(bytes.length - 1).fill(0xaa))).toBe(true);
    });

    it("writes from the offset on and touches nothing around", () => {
      const target = new Uint8Array(12).fill(0xaa);
      expect(codec.encodeInto({ x: 1 }, target, 3)).toBe(8);
      expect(toHex(target)).toBe("aaaaaa" + "0800010000000100" + "aa");
      expect(codec.encodeInto({ x: 1 }, target, 4)).toBe(8);
      expect(failureFrom(() => codec.encodeInto({ x: 1 }, target, 5)).code).toBe("ERR_THRIFT_NO_SPACE");
    });

    it("takes views at odd offsets, Buffers and shared memory", () => {
      const shared = new Uint8Array(new SharedArrayBuffer(16), 5);
      expect(codec.encodeInto({ x: 1 }, shared, 1)).toBe(8);
      expect(toHex(shared)).toBe("00" + "0800010000000100" + "0000");
      const buffer = Buffer.alloc(20).subarray(3, 12);
      expect(codec.encodeInto({ x: 1 }, buffer)).toBe(8);
      expect(buffer.toString("hex")).toBe("080001000000010000");
    });

    it.each([-1, 1.5, NaN, 9, Infinity, "0"])("refuses the offset %s", (offset) => {
      expect(() => codec.encodeInto({}, new Uint8Array(8), offset as number)).toThrow(RangeError);
    });

    it("an error in the value leaves the target as it was", () => {
      const target = new Uint8Array(64).fill(0xaa);
      expect(failureFrom(() => codec.encodeInto({ x: 1, text: 5 }, target)).code).toBe("ERR_THRIFT_WRONG_TYPE");
      expect(target.every((byte) => byte === 0xaa)).toBe(true);
    });
  });

  describe("long containers, of every way in which room is made", () => {
    const n = 20_000;
    const count = Array.from({ length: n }, (_, i) => i);
    const uuid = (i: number): string => `00000000-0000-0000-0000-${i.toString(16).padStart(12, "0")}`;
    const values: [string, object][] = [
      ["list<i32>", { ints: count }],
      ["list<bool>", { flags: count.map((i) => i % 3 === 0) }],
      ["list<list<i16>>", { grid: count.map((i) => (i % 2 === 0 ? [] : [i, -i])) }],
      ["map<i32, i64>", { pairs: new Map(count.map((i) => [i, BigInt(i)])) }],
      ["map<uuid, double>", { ids: new Map(count.map((i) => [uuid(i), i / 3])) }],
      ["map<string, i32>", { named: new Map(count.map((i) => [`n${String(i)}`, i])) }],
      ["map<i8, list<i64>>", { lists: new Map(count.slice(0, 10).map((i) => [i, count.map(BigInt)])) }],
      ["string", { text: "é你🙂a".repeat(n) }],
      [
        "everything at once",
        { x: 1, data: new Uint8Array(n), ints: count, text: "a".repeat(n), inner: { x: 2, ints: count } },
      ],
    ];
    it.each(values)("%s", (_name, value) => {
      const bytes = codec.encode(value);
      const decoded = codec.decode(bytes);
      for (const [field, item] of Object.entries(value)) {
        if (field !== "inner") expect(difference(decoded[field], item)).toBeUndefined();
      }
      expect(sameBytes(codec.encode(decoded), bytes)).toBe(true);
      expect(codec.encodedSize(value)).toBe(bytes.length);
    });
  });

  describe("the caller's own code", () => {
    const plain = { x: 1, text: "outer", inner: { x: 2, text: "deep" } };
    const expected = (): string => toHex(codec.encode(plain));

    const acts: [string, () => void][] = [
      ["encodes with the same codec", () => void codec.encode({ x: 9, text: "z".repeat(100_000) })],
      ["encodes with another codec", () => void other.encode({ name: "n", next: { name: "m" } })],
      ["encodes what fails", () => void failureFrom(() => codec.encode({ x: "wrong" }))],
      ["encodes into a target", () => void codec.encodeInto({ x: 9 }, new Uint8Array(100))],
      ["asks for a size", () => void codec.encodedSize({ text: "é".repeat(1000) })],
      ["decodes", () => void other.decode(hex`0b 0001 00000001 61 00`)],
      ["decodes what fails", () => void failureFrom(() => other.decode(hex`0b 0001 00000009 61 00`))],
    ];
    it.each(acts)("a getter that %s", (_name, act) => {
      const wanted = expected();
      const value = {
        get x(): number {
          act();
          return 1;
        },
        get text(): string {
          act();
          return "outer";
        },
        get inner(): object {
          act();
          return {
            x: 2,
            get text(): string {
              act();
              return "deep";
            },
          };
        },
      };
      expect(toHex(codec.encode(value))).toBe(wanted);
      expect(expected()).toBe(wanted);
    });

    it("getters inside getters, each encoding a value of its own", () => {
      const nested = (levels: number): object => ({
        get x(): number {
          if (levels > 0) expect(toHex(codec.encode(nested(levels - 1)))).toBe("0800010000000100");
          return 1;
        },
      });
      expect(toHex(codec.encode(nested(20)))).toBe("0800010000000100");
    });

    it.each([
      new Error("mine"),
      new TypeError("mine"),
      new RangeError("mine"),
      "text",
      undefined,
      null,
      { code: "ERR_THRIFT_WRONG_TYPE" },
    ])("what a getter throws comes out as it is: %s", (thrown) => {
      const value = {
        text: "before",
        inner: {
          get x(): number {
            // eslint-disable-next-line @typescript-eslint/only-throw-error
            throw thrown;
          },
        },
      };
      for (const run of [
        () => codec.encode(value),
        () => codec.encodedSize(value),
        () => codec.encodeInto(value, new Uint8Array(100)),
      ]) {
        let caught: unknown = "nothing";
        try {
          run();
        } catch (error) {
          caught = error;
        }
        expect(caught).toBe(thrown);
      }
      expect(toHex(codec.encode({ x: 1 }))).toBe("0800010000000100");
    });

    it("a list that grows while it is written keeps the length it had, one that shrinks is refused", () => {
      const grid = compile<any>(
        parseSchema({ "a.thrift": "struct P { 1: i32 x } struct S { 1: list<P> l }" }).struct("S"),
        { backend },
      );
      const points: object[] = [
        {
          get x(): number {
            points.push({ x: 9 });
            return 1;
          },
        },
        { x: 2 },
      ];
      expect(grid.decode(grid.encode({ l: points })).l).toEqual([{ x: 1 }, { x: 2 }]);
      const shrinking: object[] = [
        {
          get x(): number {
            shrinking.length = 1;
            return 1;
          },
        },
        { x: 2 },
      ];
      expect(() => grid.encode({ l: shrinking })).toThrow(ThriftError);
    });
  });

  it("a failed encode leaves nothing behind", () => {
    const good = { x: 1, text: "t", ints: [1, 2] };
    const wanted = toHex(codec.encode(good));
    const bad = [
      { x: "1" },
      { x: 1, text: 5 },
      { ints: [1, "2"] },
      { text: "z".repeat(200_000), inner: { ints: 5 } },
      { inner: { inner: { pairs: 1 } } },
    ];
    for (const value of bad) {
      expect(failureFrom(() => codec.encode(value)).error).toBe("EncodeError");
      expect(toHex(codec.encode(good))).toBe(wanted);
    }
  });
});
