import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import type { CodecOptions } from "../../src/codec/options.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachCodec } from "../support/backends.js";
import { failureFrom } from "../support/outcome.js";

const schema = parseSchema(
  {
    "main.thrift": `
      enum Color { RED, GREEN }
      struct Lists {
        1: list<byte> i8
        2: list<i16> i16
        3: list<i32> i32
        4: list<i64> i64
        5: list<double> double
        6: list<list<i32>> nested
        7: list<Color> enums
        8: set<i32> set
        9: list<i64> preset = [1, -2147483649]
      }`,
  },
  { entry: "main.thrift" },
);

const values = {
  i8: Int8Array.of(0, 1, -1, 127, -128),
  i16: Int16Array.of(0, 64, -65, 32767, -32768),
  i32: Int32Array.of(0, 63, -64, 64, 8191, 2 ** 31 - 1, -(2 ** 31)),
  i64: BigInt64Array.of(0n, -1n, 2n ** 32n, -(2n ** 32n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)),
  double: Float64Array.of(0, -0, 1.5, NaN, -Infinity, 5e-324),
} as const;

const plain = Object.fromEntries(Object.entries(values).map(([name, list]) => [name, Array.from<unknown>(list)]));

forEachCodec((protocol, backend) => {
  const codec = (options: CodecOptions = {}) =>
    compile<Record<string, unknown>>(schema.struct("Lists"), { protocol, backend, lists: "typed", ...options });

  describe('lists: "typed"', () => {
    it.each(Object.entries(values))("gives list<%s> as the typed array that was encoded", (name, list) => {
      const decoded = codec().decode(codec().encode({ [name]: list }))[name];
      expect(decoded).toStrictEqual(list);
    });

    it("takes typed arrays, views into their middle, and arrays, all for the same bytes", () => {
      const bytes = codec().encode(plain);
      const shifted = Object.fromEntries(
        Object.entries(values).map(([name, list]) => {
          const longer = new (list.constructor as new (length: number) => typeof list)(list.length + 2);
          longer.set(list as never, 1);
          return [name, longer.subarray(1, -1)];
        }),
      );
      for (const given of [values, shifted]) {
        expect(codec().encode(given)).toEqual(bytes);
        expect(codec({ lists: "array" }).encode(given)).toEqual(bytes);
      }
    });

    it("takes typed arrays of other types element by element, within the range of the kind", () => {
      const i8 = codec().decode(codec().encode({ i8: Uint8Array.of(1, 127) }))["i8"];
      expect(i8).toStrictEqual(Int8Array.of(1, 127));
      expect(failureFrom(() => codec().encode({ i8: Uint8Array.of(1, 200) }))).toMatchObject({
        code: "ERR_THRIFT_OUT_OF_RANGE",
        path: "Lists.i8[1]",
      });
    });

    it("leaves other lists arrays, and the lists inside them typed; sets stay sets", () => {
      const value = { nested: [[1, 2], []], enums: [0, 1], set: new Set([1]) };
      expect(codec().decode(codec().encode(value))).toMatchObject({
        nested: [Int32Array.of(1, 2), new Int32Array(0)],
        enums: [0, 1],
        set: new Set([1]),
      });
    });

    it("gives a default as typed array, a fresh one each time", () => {
      const older = parseSchema({ "main.thrift": "struct Lists {}" }, { entry: "main.thrift" });
      const bytes = compile(older.struct("Lists"), { protocol, backend }).encode({});
      const [first, second] = [codec().decode(bytes)["preset"], codec().decode(bytes)["preset"]];
      expect(first).toStrictEqual(BigInt64Array.of(1n, -2147483649n));
      expect(second).not.toBe(first);
    });

    it.each(["number", "string"] as const)("gives list<i64> as array with int64: %s", (int64) => {
      const list = codec({ int64 }).decode(codec().encode({ i64: [1n, 2n] }))["i64"];
      expect(list).toStrictEqual(int64 === "number" ? [1, 2] : ["1", "2"]);
    });

    it("does not give out what stands behind a truncated list", () => {
      const bytes = codec().encode({ i32: Int32Array.of(70000, 70000, 70000) });
      const roomy = new Uint8Array(bytes.length + 64).fill(1);
      roomy.set(bytes);
      for (let length = 0; length < bytes.length; length++) {
        expect(failureFrom(() => codec().decode(roomy.subarray(0, length))).error).toBe("DecodeError");
      }
    });
  });
});
