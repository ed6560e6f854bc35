/** What stands behind a TTHeader: a message, or a frame with one, which Kitex calls TTHeaderFramed. */

import { detect, type WireProtocol } from "./detect.js";
import { LENGTH_BYTES, readUint32 } from "./framed.js";
import { badInput, type Peer } from "./peer.js";
import { viewOf } from "./view.js";

/** The message in the payload of a TTHeader frame. */
export interface Payload {
  /** Whether a length stood in front of it. A reply goes back the same way. */
  readonly framed: boolean;
  /** By its first bytes; the protocol id of the header says nothing in practice. */
  readonly protocol: WireProtocol;
  /** A view of the payload. */
  readonly message: Uint8Array;
}

/**
 * Finds the message in a payload.
 *
 * @throws TransportError NOT_THRIFT on a payload that is no message, BAD_FRAME when the inner length is not what is left.
 */
export function openPayload(payload: Uint8Array, peer: Peer): Payload {
  const detected = detect(payload, 0, payload.length, peer.limits.maxFrameBytes);
  const { transport, protocol } = detected ?? {};
  if (protocol === undefined) {
    const found = detected === undefined ? "less than any message takes" : detected.wording;
    throw badInput(peer, "ERR_THRIFT_NOT_THRIFT", `expected a message behind the TTHeader, found ${found}`);
  }
  if (transport === "buffered") return { framed: false, protocol, message: payload };
  if (readUint32(payload, 0) !== payload.length - LENGTH_BYTES) {
    throw badInput(
      peer,
      "ERR_THRIFT_BAD_FRAME",
      "expected a frame that fills the payload of the TTHeader, found another length",
    );
  }
  return { framed: true, protocol, message: viewOf(payload, LENGTH_BYTES, payload.length) };
}
