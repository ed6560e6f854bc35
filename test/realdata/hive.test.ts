/** Every struct of Hive's TCLIService, seeded random values: scrimp and the code that hive-driver ships write the same bytes and read each other's. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import { resolveType, type Type } from "../../src/schema/descriptor.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachBackend } from "../support/backends.js";
import { toHex } from "../support/hex.js";
import { difference } from "../support/outcome.js";
import { forEachSeed, randomStruct } from "../support/random-value.js";
import { rebuild, type Change } from "../support/rebuild.js";
import { decodeByPeer, encodeByPeer, HIVE_IDL, type PeerProtocol } from "./hive.js";

const PROTOCOLS = ["binary", "compact"] as const satisfies readonly PeerProtocol[];
const SEEDS = 12;

const schema = parseSchema({ "TCLIService.thrift": readFileSync(HIVE_IDL, "utf8") });
const structs = schema.structs.map((struct) => [struct.name, struct] as const);

type Direction = "writes" | "reads";

/** What the peer gets wrong. Its i64s are Int64 objects, which hold all 64 bits: hive.ts turns them into bigints. */
interface Defect {
  reason: string;
  protocols: readonly PeerProtocol[];
  directions: readonly Direction[];
  /** A value that suffers from it. */
  struct: string;
  probe: object;
  /** Takes it out of a value, and of all within. */
  avoid: Change;
}

const DEFECTS: readonly Defect[] = [
  {
    reason: "maps are objects, which put keys of digits first",
    protocols: PROTOCOLS,
    directions: ["writes", "reads"],
    struct: "TStructTypeEntry",
    probe: { nameToTypePtr: new Map([["a", 1]]).set("7", 2) },
    avoid: (type, value) =>
      type.kind === "map" ? new Map(Array.from(value as Map<string, unknown>, notDigits)) : value,
  },
  {
    reason: "writeDouble takes the sign from v < 0, which -0 is not",
    protocols: PROTOCOLS,
    directions: ["writes"],
    struct: "TDoubleValue",
    probe: { value: -0 },
    avoid: (type, value) => (type.kind === "double" && value === 0 ? 0 : value),
  },
  {
    reason: "readBool of an element reads the property `value` of a number, and so is false always",
    protocols: ["compact"],
    directions: ["reads"],
    struct: "TBoolColumn",
    probe: { values: [true, false, true], nulls: Uint8Array.of(5) },
    avoid: (type, value) =>
      type.kind === "list" && resolveType(type.element).kind === "bool" ? (value as boolean[]).map(() => false) : value,
  },
];

function notDigits([key, item]: [string, unknown]): [string, unknown] {
  return [/^\d+$/.test(key) ? `${key} ` : key, item];
}

/** Rebuilds a value without the defects of one direction. */
function avoiding(direction: Direction, protocol: PeerProtocol, declared: Type, value: unknown): unknown {
  return DEFECTS.filter(
    (defect) => defect.directions.includes(direction) && defect.protocols.includes(protocol),
  ).reduce((left, { avoid }) => rebuild(declared, left, avoid), value);
}

describe.each(PROTOCOLS)("TCLIService over %s", (protocol) => {
  it("has every struct of the IDL", () => {
    expect(structs.length).toBe(87);
  });

  forEachBackend((backend) => {
    it.each(structs)("%s", (_, struct) => {
      const codec = compile(struct, { protocol, backend });
      forEachSeed(SEEDS, (random) => {
        const value = randomStruct(struct, random);
        const written = avoiding("writes", protocol, struct, value);
        const bytes = codec.encode(written);
        expect(toHex(encodeByPeer(struct, written, protocol))).toBe(toHex(bytes));
        expect(difference(codec.decode(bytes), written)).toBeUndefined();
        const read = avoiding("reads", protocol, struct, value);
        expect(difference(decodeByPeer(struct, codec.encode(read), protocol), read)).toBeUndefined();
      });
    });
  });

  describe("defects of the peer that are still there", () => {
    const probes = DEFECTS.filter(({ protocols }) => protocols.includes(protocol)).flatMap((defect) =>
      defect.directions.map((direction) => ({ ...defect, direction })),
    );
    it.each(probes)("$direction: $reason", ({ direction, struct: name, probe, avoid }) => {
      const struct = schema.struct(name);
      const codec = compile(struct, { protocol });
      const agree = (value: unknown): boolean =>
        direction === "writes"
          ? toHex(encodeByPeer(struct, value, protocol)) === toHex(codec.encode(value))
          : difference(decodeByPeer(struct, codec.encode(value), protocol), value) === undefined;
      expect(agree(probe), "take the defect off the list").toBe(false);
      expect(agree(rebuild(struct, probe, avoid))).toBe(true);
    });
  });
});
