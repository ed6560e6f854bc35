/** Headers of messages that cannot be served, but may still be answered. */

import { MessageType, type MessageHeader } from "../../protocol/protocol.js";
import { PROTOCOLS, type ProtocolName } from "../../protocol/protocols.js";

/** Bytes of a name from the wire that are sent back. */
const MAX_ECHO_BYTES = 128;

/** What a reply to a call without a name is called: no message can go without. */
const NAMELESS = "?";

/**
 * Reads the header of a call whose name no method can have, since there is none or it is too long.
 *
 * @returns undefined when that is not what is wrong with it, or nobody waits for an answer.
 */
export function readNamelessCall(
  message: Uint8Array,
  protocol: ProtocolName,
  strictRead: boolean,
): Pick<MessageHeader, "name" | "seqid"> | undefined {
  const reader = PROTOCOLS[protocol].createReader({ maxStringBytes: Infinity, strictUtf8: false });
  reader.reset(message);
  try {
    const { name, type, seqid } = reader.readMessageBegin({ strictRead, maxNameBytes: Infinity });
    return type === MessageType.CALL ? { name: echo(name), seqid } : undefined;
  } catch {
    return undefined;
  }
}

/** What of a name from the wire is sent back. */
export function echo(name: string): string {
  if (name === "") return NAMELESS;
  if (name.length * 3 <= MAX_ECHO_BYTES) return name;
  return name.slice(0, MAX_ECHO_BYTES / 4);
}
