/** Plain JSON against values from seeds: round trips, exact numbers, and JSON.parse as a judge of what the text means. */

import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import type { CodecOptions } from "../../src/codec/options.js";
import { parseSchema } from "../../src/schema/parse.js";
import { goldenSchema } from "../support/golden.js";
import { backends, forEachBackend } from "../support/backends.js";
import { difference, sameBytes } from "../support/outcome.js";
import type { Random } from "../support/random-value.js";
import { forEachSeed, randomStruct } from "../support/random-value.js";

const schema = goldenSchema();
const types = schema.structs.filter((struct) => struct.variant !== "exception");
const plain: CodecOptions = { protocol: "json", json: { nonFinite: "string" } };

forEachBackend((backend) => {
  describe("random values of the golden types", () => {
    it.each(types.map((type) => [type.name, type] as const))("%s round-trips", (_, type) => {
      const codec = compile(type, { ...plain, backend });
      forEachSeed(20, (random) => {
        const value = randomStruct(type, random);
        const bytes = codec.encode(value);
        expect(difference(codec.decode(bytes), value)).toBeUndefined();
        expect(codec.encodedSize(value)).toBe(bytes.length);
      });
    });

    it("round-trip with the other options", () => {
      const options: CodecOptions = {
        ...plain,
        backend,
        int64: "string",
        maps: "entries",
        sets: "array",
        enums: "name",
        json: { ...plain.json, string2Int64: true, byteAsUint8: true, unset: "null" },
      };
      for (const type of types) {
        const [codec, usual] = [compile(type, options), compile(type, { ...plain, backend })];
        forEachSeed(5, (random) => {
          const value = randomStruct(type, random);
          const there = codec.decode(codec.encode(value));
          expect(difference(codec.decode(codec.encode(there)), there)).toBeUndefined();
          expect(difference(usual.decode(usual.encode(there)), value)).toBeUndefined();
        });
      }
    });

    it("read the same with blanks between tokens, members in another order and unknown ones among them", () => {
      for (const type of types) {
        const codec = compile(type, { ...plain, backend, int64: "string" });
        forEachSeed(5, (random) => {
          const bytes = codec.encode(randomStruct(type, random));
          // JSON.parse keeps what the text says but for numbers, of which these texts have none that it rounds.
          const json = JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>;
          const turned = Object.fromEntries([["no field", [json]], ...Object.entries(json).toReversed()]);
          const again = codec.decode(Buffer.from(JSON.stringify(turned, null, 2)));
          expect(JSON.parse(Buffer.from(codec.encode(again)).toString())).toEqual(json);
        });
      }
    });
  });

  describe("numbers", () => {
    const idl = "struct S { 1: list<double> d, 2: list<i64> i, 3: list<i32> n, 4: map<double,i64> m }";
    const struct = parseSchema({ "s.thrift": idl }, { entry: "s.thrift" }).struct("S");
    const codec = compile<{ d: number[]; i: bigint[]; n: number[] }>(struct, { ...plain, backend });
    const bits = new DataView(new ArrayBuffer(8));
    const randomBits = (random: Random): DataView => {
      bits.setUint32(0, random.uint32());
      bits.setUint32(4, random.uint32());
      return bits;
    };
    /** Any bits, or few digits, or the neighbour of a power. */
    const randomDouble = (random: Random): number => {
      const power = 2 ** (random.below(1000) - 500);
      const value = random.pick([
        randomBits(random).getFloat64(0),
        (random.below(2e6) - 1e6) / 10 ** random.below(10),
        power * (1 + Number.EPSILON),
        power,
      ]);
      return Number.isFinite(value) ? value : 0.1;
    };

    it("of 20,000 doubles each comes back as it was, and JSON.parse reads the same", () => {
      forEachSeed(20, (random) => {
        const d = Array.from({ length: 1000 }, () => randomDouble(random));
        const bytes = codec.encode({ d, i: [], n: [] });
        expect(difference(codec.decode(bytes).d, d)).toBeUndefined();
        const parsed = JSON.parse(Buffer.from(bytes).toString()) as { d: number[] };
        expect(difference(parsed.d, d)).toBeUndefined();
      });
    });

    it("of 20,000 texts each is read as JSON.parse reads it", () => {
      forEachSeed(20, (random) => {
        const digits = (most: number): string =>
          Array.from({ length: 1 + random.below(most) }, () => String(random.below(10))).join("");
        const texts = Array.from({ length: 1000 }, () => {
          const integer = digits(20).replace(/^0+(?=.)/, "");
          const exponent = random.chance(0.3) ? `e${random.pick(["", "-", "+"])}${String(random.below(270))}` : "";
          return `${random.pick(["-", ""])}${integer}${random.chance(0.6) ? `.${digits(22)}` : ""}${exponent}`;
        });
        const text = `{"d":[${texts.join()}]}`;
        const expected = (JSON.parse(text) as { d: number[] }).d;
        expect(difference(codec.decode(Buffer.from(text)).d, expected)).toBeUndefined();
      });
    });

    it("of 20,000 i64 each comes back as it was, as number where that is exact", () => {
      forEachSeed(20, (random) => {
        const i = Array.from({ length: 1000 }, () =>
          BigInt.asIntN(1 + random.below(64), randomBits(random).getBigInt64(0)),
        );
        const bytes = codec.encode({ d: [], i, n: [] });
        expect(difference(codec.decode(bytes).i, i)).toBeUndefined();
        const parsed = JSON.parse(Buffer.from(bytes).toString()) as { i: (number | string)[] };
        parsed.i.forEach((found, at) => {
          const isSafe = Number.isSafeInteger(Number(i[at]));
          expect(found).toBe(isSafe ? Number(i[at]) : String(i[at]));
        });
        const unquoted = Buffer.from(`{"i":[${i.join()}]}`);
        expect(difference(codec.decode(unquoted).i, i)).toBeUndefined();
      });
    });
  });

  it("text is what JSON.stringify writes and what JSON.parse reads", () => {
    const struct = parseSchema({ "s.thrift": "struct S { 1: list<string> s }" }, { entry: "s.thrift" }).struct("S");
    const codec = compile<{ s: string[] }>(struct, { ...plain, backend });
    forEachSeed(100, (random) => {
      const s = Array.from({ length: 20 }, () => randomText(random));
      const text = JSON.stringify({ s });
      expect(Buffer.from(codec.encode({ s })).toString()).toBe(text);
      expect(codec.decode(Buffer.from(text))).toEqual({ s });
      const escaped = text.replaceAll(
        /[^\u0000-\u007f]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
      );
      expect(codec.decode(Buffer.from(escaped))).toEqual({ s });
    });
  });
});

/** Up to 200 characters of one or several kinds, so that short and long, escaped and plain paths are taken. */
function randomText(random: Random): string {
  const kinds = ["abc xyz", '"\\/\b\n\r\t\u0001\u001f', "äöüé", "你好世界", "🙂🚀", "\u2028\u007f\ufeff"];
  const alphabet = Array.from(random.chance(0.5) ? random.pick(kinds) : kinds.join(""));
  return Array.from({ length: random.below(random.pick([4, 40, 200])) }, () => random.pick(alphabet)).join("");
}

it("both back ends write the same bytes", () => {
  for (const type of types) {
    const codecs = backends.map((backend) => compile(type, { ...plain, backend }));
    forEachSeed(10, (random) => {
      const value = randomStruct(type, random);
      const [one, ...others] = codecs.map((codec) => codec.encode(value));
      for (const other of others) expect(sameBytes(one, other)).toBe(true);
    });
  }
});
