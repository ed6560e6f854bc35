/** Sequence ids, which callers choose. */

import { EncodeError } from "../../errors.js";
import { ProtocolError } from "../../protocol/protocol.js";
import { toInteger } from "../accept.js";

/** Takes a signed 32-bit integer. @throws EncodeError with the path of what it belongs to. */
export function toSeqid(seqid: unknown, path: string): number {
  if (typeof seqid === "number" && (seqid | 0) === seqid) return seqid;
  try {
    return toInteger(seqid, "i32");
  } catch (error) {
    throw error instanceof ProtocolError ? new EncodeError(error.code, `${path} seqid`, error.message) : error;
  }
}
