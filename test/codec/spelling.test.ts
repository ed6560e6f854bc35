import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import type { CodecOptions, CodecProtocol } from "../../src/codec/options.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachCodecAndJson, protocolsAndJson } from "../support/backends.js";
import { goldenSchema, goldenStruct, goldenVectors, spelledOut } from "../support/golden.js";
import { toHex } from "../support/hex.js";
import { difference } from "../support/outcome.js";
import { forEachSeed, randomStruct } from "../support/random-value.js";
import { nodeOf, type Struct } from "../support/wire/node.js";
import { spell } from "../support/wire/spell.js";

const schema = goldenSchema();

describe("the spellers, with which tests write what the library never would", () => {
  it.each(["binary", "compact"] as const)("write the golden vectors of Apache's library in %s", (protocol) => {
    for (const vector of goldenVectors) {
      const type = goldenStruct(schema, vector.struct);
      const message = nodeOf(type, spelledOut(type, vector.value)) as Struct;
      expect(toHex(spell(protocol, message, type).bytes)).toBe(toHex(vector[protocol]));
    }
  });

  it("say where every size stands", () => {
    const vector = goldenVectors.find(({ struct }) => struct === "Containers")!;
    const type = goldenStruct(schema, vector.struct);
    const message = nodeOf(type, spelledOut(type, vector.value)) as Struct;
    for (const protocol of protocolsAndJson) {
      const { sizes, bytes } = spell(protocol, message, type);
      expect(sizes.length > 0).toBe(protocol !== "json");
      for (const { start, end, size, spell: respell } of sizes) {
        expect(toHex(respell(size))).toBe(toHex(bytes.subarray(start, end)));
      }
    }
  });
});

/** Plain JSON has no infinities but by option. */
const NON_FINITE: Partial<Record<CodecProtocol, CodecOptions>> = { json: { json: { nonFinite: "string" } } };

/** Ids at every kind of distance: compact has a short form for some. */
const IDS = [-32768, -16, -1, 0, 1, 15, 31, 32767];
const ids = parseSchema(
  {
    "ids.thrift": `struct S { ${IDS.map((id, i) => `${String(id)}: optional ${i % 2 ? "bool" : "i32"} f${String(i)}`).join(" ")} }`,
  },
  { keepNegativeIds: true },
);

forEachCodecAndJson((protocol, backend) => {
  it("fields of any ids, of which any are set", () => {
    const type = ids.struct("S");
    const codec = compile(type, { protocol, backend });
    for (let set = 0; set < 1 << IDS.length; set++) {
      const value = Object.fromEntries(
        IDS.map((_, i) => [`f${String(i)}`, (set >> i) & 1 ? (i % 2 ? true : i) : undefined]),
      );
      const { bytes } = spell(protocol, nodeOf(type, value) as Struct, type);
      expect(toHex(codec.encode(value))).toBe(toHex(bytes));
      expect(difference(codec.decode(bytes), value)).toBeUndefined();
    }
  });

  it("the usual form is what encoders write, and every other form decodes to the same value", () => {
    forEachSeed(100, (random) => {
      const type = random.pick(schema.structs);
      const value = randomStruct(type, random, { maxDepth: 3, maxLength: 4 });
      const message = nodeOf(type, value) as Struct;
      const codec = compile(type, { protocol, backend, ...NON_FINITE[protocol] });
      expect(toHex(codec.encode(value))).toBe(toHex(spell(protocol, message, type).bytes));
      const odd = codec.decode(spell(protocol, message, type, random).bytes);
      expect(difference(odd, codec.decode(codec.encode(value)))).toBeUndefined();
    });
  });
});
