/** The captured and the canonical bytes of Kitex. */

import { readFileSync } from "node:fs";
import { INTERNAL_TRANSPORT_LIMITS, resolveTransportLimits, type TransportLimits } from "../../src/transport/limits.js";
import type { Peer } from "../../src/transport/peer.js";

const FOLDER = new URL("../testdata/kitex/", import.meta.url);

/** Messages and frames by name. */
export const VECTORS = Object.fromEntries(
  Object.entries(JSON.parse(readFileSync(new URL("vectors.json", FOLDER), "utf8")) as Record<string, string>).map(
    ([name, digits]) => [name, plain(digits)],
  ),
);

/** What went over the sockets, each read by the name of its file and direction. */
export const CAPTURES = Object.fromEntries(
  ["framed", "buffered", "ttheader"].flatMap((file) =>
    readFileSync(new URL(`${file}.txt`, FOLDER), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(" "))
      .map(([direction, digits]) => [`${file} ${direction}`, plain(digits)]),
  ),
);

export const PEER: Peer = { address: "test:1", limits: INTERNAL_TRANSPORT_LIMITS };

export function peerWith(limits: Partial<TransportLimits>): Peer {
  return { address: "test:1", limits: resolveTransportLimits(limits) };
}

/** Not a Buffer, which would not equal the views that are handed out. */
function plain(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits, "hex"));
}
