/** When bytes can be compared, not only what they stand for. */

import type { ProtocolName } from "../../../src/protocol/protocols.js";
import type { ResolvedType, StructDescriptor } from "../../../src/schema/descriptor.js";
import type { PeerName } from "./peer.js";
import { visit } from "./value.js";

/**
 * True where only one row of bytes is right. Python's sets have an order of their own, as have the maps of npm's package,
 * which also writes fields as they are declared.
 */
export function hasOneSpelling(
  peer: PeerName,
  protocol: ProtocolName,
  root: StructDescriptor,
  value: unknown,
): boolean {
  let only = true;
  visit(root, value, (type, node) => {
    if (type.kind === "set") only &&= (node as Set<unknown>).size < 2;
    else if (type.kind === "map") only &&= peer === "python" || (node as Map<unknown, unknown>).size < 2;
    else if (type.kind === "struct") only &&= peer === "python" || isInOrder(type);
    else if (protocol === "tjson") only &&= hasOneText(peer, type, node);
  });
  return only;
}

/** In JSON there are many spellings of a double; base64 may be padded; control characters may be escaped. */
function hasOneText(peer: PeerName, { kind }: ResolvedType, value: unknown): boolean {
  if (kind === "binary") return (value as Uint8Array).length % 3 === 0;
  if (kind === "string") return !/[\0-\x1f]/.test(value as string);
  // npm's package writes -1 as -000000000001.
  if (kind === "i64") return peer === "python" || (value as bigint) >= 0n;
  return kind !== "double";
}

function isInOrder({ fields }: StructDescriptor): boolean {
  return fields.every(({ id }, i) => i === 0 || id > fields[i - 1].id);
}
