/** How a server says that a connection is about to end: by a frame of its own while calls are multiplexed, else in its replies. */

import type { Peer } from "./peer.js";
import type { TTHeader } from "./ttheader.js";
import { StringKey } from "./ttheader-keys.js";
import { encodeTTHeader } from "./ttheader-write.js";

const YES = "1";

/** Kitex sends a message along, in binary: a REPLY of method "none" with seqid 0 and an empty struct. */
const NO_REPLY = Buffer.from("80010002000000046e6f6e650000000000", "hex");

/** Makes a whole control frame, which tells a multiplexing client to send no more calls on the connection. */
export function encodeControlFrame(peer: Peer): Uint8Array {
  const strings = new Map([[StringKey.CONNECTION_WILL_RESET, YES]]);
  const prefix = encodeTTHeader({ seqid: 0, strings }, { bytes: NO_REPLY.length, framed: false }, peer);
  return Buffer.concat([prefix, NO_REPLY]);
}

/** Whether a frame is no reply but a message about the connection. Clients of Kitex give no call the seqid 0. */
export function isControlFrame(header: TTHeader): boolean {
  return header.seqid === 0 && connectionWillReset(header);
}

/** Whether the server is about to close the connection: a reply that says so is good, but no call should follow it. */
export function connectionWillReset(header: TTHeader): boolean {
  return header.strings.get(StringKey.CONNECTION_WILL_RESET) === YES;
}
