/** How a request came: its reply goes back the same way. */

import type { WireProtocol } from "../../transport/detect.js";
import { openPayload } from "../../transport/payload.js";
import type { Peer } from "../../transport/peer.js";
import type { TTHeader } from "../../transport/ttheader.js";
import type { TTHeaderFrame } from "../../transport/ttheader-read.js";
import type { TransportName } from "../transport-name.js";

/** The way of one request. */
export interface Way {
  readonly transport: TransportName;
  readonly protocol: WireProtocol;
  /** What stood in front of the message; undefined where nothing did. */
  readonly header: TTHeader | undefined;
}

/** The ways that have nothing but a name, which most requests share. */
export const PLAIN_WAYS: Readonly<Record<"framed" | "buffered", Readonly<Record<WireProtocol, Way>>>> = {
  framed: plainWays("framed"),
  buffered: plainWays("buffered"),
};

function plainWays(transport: "framed" | "buffered"): Readonly<Record<WireProtocol, Way>> {
  return {
    binary: { transport, protocol: "binary", header: undefined },
    compact: { transport, protocol: "compact", header: undefined },
    tjson: { transport, protocol: "tjson", header: undefined },
  };
}

/**
 * The way of a request behind a TTHeader, and the request.
 *
 * @throws TransportError when there is no message behind the header.
 */
export function openRequest({ header, payload }: TTHeaderFrame, peer: Peer): { way: Way; message: Uint8Array } {
  const { framed, protocol, message } = openPayload(payload, peer);
  return { way: { transport: framed ? "ttheader-framed" : "ttheader", protocol, header }, message };
}
