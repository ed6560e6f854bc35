/** The npm package `thrift` as a peer, in this process. */

import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { codeFolder, generateCode } from "../../support/thrift-code.js";
import { IDL, type Found, type Peer } from "./peer.js";

const require = createRequire(import.meta.url);
// The package has no types of its own, and generated code has none either.
const thrift = require("thrift");

const PROTOCOLS = {
  binary: thrift.TBinaryProtocol,
  compact: thrift.TCompactProtocol,
  tjson: thrift.TJSONProtocol,
} as const;

export function npmPeer(): Peer {
  const folder = codeFolder("npm");
  generateCode("npm", folder, "shop", IDL);
  const Shop = require(join(folder, "Shop.js"));
  const types = require(join(folder, "shop_types.js"));

  const reader = (protocol: keyof typeof PROTOCOLS, bytes: Uint8Array): any =>
    new PROTOCOLS[protocol](new thrift.TFramedTransport(Buffer.from(bytes)));
  const writer = (protocol: keyof typeof PROTOCOLS, flushed: (bytes: Buffer) => void): any =>
    new PROTOCOLS[protocol](new thrift.TBufferedTransport(undefined, flushed));
  const client = (protocol: keyof typeof PROTOCOLS, flushed: (bytes: Buffer) => void): any => {
    const transport = new thrift.TBufferedTransport(undefined, flushed);
    return new Shop.Client(transport, PROTOCOLS[protocol]);
  };

  return {
    // It writes the type from a property that it never sets, so peers read no type.
    unknownMethod: 0,

    serve: (protocol, call) =>
      new Promise((resolve) => {
        const processor = new Shop.Processor({
          ping: () => undefined,
          // Generated code sees what a promise is rejected with, not what is thrown.
          find: async (name: string, count: number) => {
            if (name === "lost") throw new types.NotFound({ reason: "é" });
            if (name === "broken") throw new Error("broken");
            return new types.Item({ name, count });
          },
          forget: () => {
            resolve(undefined);
          },
        });
        processor.process(reader(protocol, call), writer(protocol, resolve));
      }),

    async find(protocol, [name, count], send) {
      let reply!: Uint8Array;
      const shop = client(protocol, (call) => (reply = send(call)));
      const found = shop.find(name, count).then(
        (item: { name: string; count: number }): Found => ({ item: { name: item.name, count: item.count } }),
        (error: { reason: string; type: number }): Found =>
          error instanceof types.NotFound ? { missing: error.reason } : { failed: error.type },
      );
      const input = reader(protocol, reply);
      const { fname, mtype, rseqid } = input.readMessageBegin();
      shop[`recv_${fname}`](input, mtype, rseqid);
      return found;
    },

    forget: (protocol, name) =>
      new Promise((resolve) => {
        client(protocol, resolve).forget(name);
      }),

    close() {
      rmSync(folder, { recursive: true });
      return Promise.resolve();
    },
  };
}
