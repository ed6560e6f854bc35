/** The wire-format expectations of Apache's ThriftTest, as Apache's Python library reads and writes them. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import type { StructDescriptor } from "../../src/schema/descriptor.js";
import { forEachCodec } from "../support/backends.js";
import { toHex } from "../support/hex.js";
import { difference } from "../support/outcome.js";
import { describeWithPeer } from "../support/peers.js";
import { evolutionRows, thriftTestIdl, thriftTestRows, thriftTestSchema } from "../support/thrift-test.js";
import type { Peer } from "./cross/peer.js";
import { pythonPeer } from "./cross/python.js";
import { hasOneSpelling } from "./cross/spelling.js";
import { ordered } from "./cross/value.js";

/** The name is that of the IDL's namespace for Python, which names what is generated. */
const shared = { name: "ThriftTest", idl: thriftTestIdl, schema: thriftTestSchema };

const rows = thriftTestRows.filter(({ notInPython }) => notInPython === undefined);

interface Reread {
  value: unknown;
  bytes: Uint8Array;
}

describeWithPeer("thrift 0.17", () => {
  describeWithPeer("python3-thrift", () => {
    let peer: Peer;

    beforeAll(() => {
      peer = pythonPeer();
      peer.add(shared);
    });

    afterAll(() => peer.close());

    const ask = async (type: StructDescriptor, dialect: string, bytes: Uint8Array): Promise<Reread> => {
      const [answer] = await peer.ask([{ from: shared, type, dialect, bytes }]);
      if ("error" in answer) throw new Error(answer.error);
      return { value: ordered(type, answer.value), bytes: answer.bytes };
    };

    forEachCodec((protocol, backend) => {
      it.each(rows.map((row) => [row.title, row] as const))("%s", async (_title, { type, value }) => {
        const codec = compile(type, { protocol, backend });
        const bytes = codec.encode(value);
        for (const dialect of peer.dialects[protocol]) {
          const reread = await ask(type, dialect, bytes);
          expect(difference(reread.value, ordered(type, value))).toBeUndefined();
          if (hasOneSpelling(peer.name, protocol, type, value)) expect(toHex(bytes)).toBe(toHex(reread.bytes));
          expect(difference(ordered(type, codec.decode(reread.bytes)), ordered(type, value))).toBeUndefined();
        }
      });

      it.each(evolutionRows.map((row) => [row.title, row] as const))("%s", async (_title, row) => {
        const bytes = compile(row.written, { protocol, backend }).encode(row.value);
        for (const dialect of peer.dialects[protocol]) {
          const { value } = await ask(row.read, dialect, bytes);
          expect(difference(value, ordered(row.read, row.expected))).toBeUndefined();
        }
      });
    });
  });
});
