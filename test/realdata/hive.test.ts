/** Every struct of Hive's TCLIService, seeded random values: scrimp and the code that hive-driver ships write the same bytes and read each other's. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachBackend } from "../support/backends.js";
import { toHex } from "../support/hex.js";
import { difference } from "../support/outcome.js";
import { forEachSeed, randomStruct } from "../support/random-value.js";
import { rebuild } from "../support/rebuild.js";
import { avoiding, DEFECTS } from "./hive-defects.js";
import { decodeByPeer, encodeByPeer, HIVE_IDL, type PeerProtocol } from "./hive.js";

const PROTOCOLS = ["binary", "compact"] as const satisfies readonly PeerProtocol[];
const SEEDS = 12;

const schema = parseSchema({ "TCLIService.thrift": readFileSync(HIVE_IDL, "utf8") });
const structs = schema.structs.map((struct) => [struct.name, struct] as const);

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
