/** Who is at the other end, as far as frames need to know, and what is said when a frame of theirs or for them cannot be. */

import { type ErrorCode, TransportError } from "../errors.js";
import type { TransportLimits } from "./limits.js";

/** The other end of a connection. */
export interface Peer {
  /** `host:port` or the path of a socket, for messages. */
  readonly address: string;
  readonly limits: Readonly<TransportLimits>;
}

/** Bytes that came from a peer and cannot be. A call that waits on the connection may have been run. */
export function badInput(peer: Peer, code: ErrorCode, message: string, options?: ErrorOptions): TransportError {
  return new TransportError({ address: peer.address, executed: "maybe", code }, message, options);
}

/** A frame that cannot be written. Nothing of it has left, so the call was not run. */
export function badOutput(peer: Peer, code: ErrorCode, message: string): TransportError {
  return new TransportError({ address: peer.address, executed: "no", code }, message);
}
