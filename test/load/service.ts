/** The service of the load tests, and pings that can be checked. */

import { fileURLToPath } from "node:url";
import { loadSchema, type ServiceDescriptor } from "../../src/index.js";
import { crc32c } from "../../src/transport/checksum.js";

export interface Ping {
  readonly nonce: bigint;
  readonly checksum: number;
  readonly payload: Uint8Array;
}

export interface Ledger {
  readonly executed: bigint;
  readonly repeated: bigint;
  readonly rssBytes: bigint;
}

export async function loadService(): Promise<ServiceDescriptor> {
  const schema = await loadSchema(fileURLToPath(new URL("load.thrift", import.meta.url)));
  return schema.service("Load");
}

let nonces = 0n;

/** A ping with a nonce that no other has, and bytes that follow from it. */
export function newPing(bytes: number): Ping {
  const nonce = ++nonces;
  const payload = Buffer.alloc(bytes, nonce.toString());
  return { nonce, checksum: crc32c(payload) | 0, payload };
}

/** Whether an answer is the one to this ping, and whole. */
export function answers(pong: Ping, ping: Ping): boolean {
  return pong.nonce === ping.nonce && pong.checksum === ping.checksum && (crc32c(pong.payload) | 0) === ping.checksum;
}
