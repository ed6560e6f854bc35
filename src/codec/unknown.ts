/**
 * Fields that a message has and its IDL has not: those of newer peers. With `unknownFields: "keep"` a value carries them
 * under a symbol, and encoding writes them again, so that a proxy or a read-modify-write loses nothing.
 */

import { HEAP_BYTES } from "../protocol/limits.js";
import { ProtocolError } from "../protocol/protocol.js";
import type { ProtocolName } from "../protocol/protocols.js";
import type { ValueTType } from "../protocol/ttype.js";

/** Where a decoded struct, union or exception has its {@link UnknownFields}; no such property where it has none. Survives `{ ...value }`. */
export const unknownFields: unique symbol = Symbol.for("scrimp.unknownFields");

/** One field that the IDL does not have, or has with another type. */
export interface UnknownField {
  /** Its id, -32,768 to 32,767. */
  readonly id: number;
  /** Its wire type, by the code of TBinaryProtocol. */
  readonly type: ValueTType;
  /** Its value as it stands in the message, without the field header. Compact bools, which are all header: 1 for true, 2 for false. */
  readonly bytes: Uint8Array;
}

/** What one charges to the heap budget: an object with three properties, a view, a slot. */
export const UNKNOWN_FIELD_COST = { own: HEAP_BYTES.struct + 4 * HEAP_BYTES.slot + HEAP_BYTES.view, each: 0 } as const;

/** The unknown fields of one struct. Only codecs of the same protocol can write them. */
export class UnknownFields {
  /** The protocol that they were read in. */
  readonly protocol: ProtocolName;
  /** In the order in which they came. */
  readonly fields: readonly UnknownField[];

  constructor(protocol: ProtocolName, fields: readonly UnknownField[]) {
    this.protocol = protocol;
    this.fields = fields;
  }
}

/**
 * The fields that a value carries along.
 *
 * Throws a ProtocolError without offset, WRONG_TYPE, for what no decoder of the protocol has made.
 */
export function keptFields(kept: unknown, protocol: ProtocolName): readonly UnknownField[] {
  if (!(kept instanceof UnknownFields)) {
    throw new ProtocolError(
      "ERR_THRIFT_WRONG_TYPE",
      -1,
      "expected unknown fields as a decoder keeps them, found others",
    );
  }
  if (kept.protocol === protocol) return kept.fields;
  const found = `expected unknown fields kept from ${protocol}, found some from ${kept.protocol}`;
  throw new ProtocolError("ERR_THRIFT_WRONG_TYPE", -1, found);
}

/** That of a union of which no field is known: exactly one. Throws as {@link keptFields}, and UNION_NOT_ONE. */
export function keptUnionField(kept: unknown, protocol: ProtocolName): readonly UnknownField[] {
  const fields = kept === undefined ? [] : keptFields(kept, protocol);
  if (fields.length === 1) return fields;
  const found = fields.length === 0 ? "found none" : "found several unknown ones";
  throw new ProtocolError("ERR_THRIFT_UNION_NOT_ONE", -1, `expected exactly one field to be set, ${found}`);
}
