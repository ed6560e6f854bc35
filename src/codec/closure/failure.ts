/** What both kinds of closures, for the protocols of Apache Thrift and for plain JSON, say of the same mistakes. */

import { ProtocolError } from "../../protocol/protocol.js";

/** Puts a part of the path before those of a failure that passes; what the caller's own code threw stays as it is. */
export function locate(error: unknown, context: { readonly path: string[] }, part: string): unknown {
  if (error instanceof ProtocolError) context.path.push(part);
  return error;
}

export function overBudget(offset: number): ProtocolError {
  return new ProtocolError(
    "ERR_THRIFT_SIZE_LIMIT",
    offset,
    "expected a message that takes no more than maxHeapBytes in memory, found a bigger one",
  );
}

export function flood(offset: number): ProtocolError {
  return new ProtocolError(
    "ERR_THRIFT_INVALID_DATA",
    offset,
    "expected keys of various hashes, found a flood of keys that collide",
  );
}

export function secondOfUnion(offset: number): ProtocolError {
  return new ProtocolError("ERR_THRIFT_INVALID_DATA", offset, "expected one field of a union, found a second");
}

export function unionNotOne(found: string): ProtocolError {
  return new ProtocolError("ERR_THRIFT_UNION_NOT_ONE", -1, `expected exactly one field to be set, ${found}`);
}
