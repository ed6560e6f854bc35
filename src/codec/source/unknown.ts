/** Unknown fields that are kept: what generated functions call for them. */

import {
  keptFields,
  keptUnionField,
  UNKNOWN_FIELD_COST,
  unknownFields,
  UnknownFields,
  type UnknownField,
} from "../unknown.js";
import type { ProtocolName } from "../../protocol/protocols.js";
import type { ResolvedOptions } from "../options.js";
import type { DecodeDialect, EncodeDialect } from "./dialect.js";
import { fail } from "./failure.js";
import { input } from "./input.js";
import { grow, output } from "./output.js";

/** Most bytes of what stands around the value of an unknown field. */
const AROUND_BYTES = 32;

/** Calls for an encoder, by the names that generated source uses. */
export function encodeUnknown(dialect: EncodeDialect, protocol: ProtocolName): Record<string, unknown> {
  const put = (fields: readonly UnknownField[], position: number, previousId: number): number => {
    let p = position;
    let previous = previousId;
    for (const field of fields) {
      const room = p + AROUND_BYTES + field.bytes.length;
      if (room > output.limit) grow(room);
      p = dialect.writeUnknown(field, p, previous);
      previous = field.id;
    }
    return p;
  };
  return {
    unknownFields,
    putUnknown: (kept: unknown, position: number, previousId: number) =>
      put(keptFields(kept, protocol), position, previousId),
    putUnionUnknown: (kept: unknown, position: number) => put(keptUnionField(kept, protocol), position, 0),
  };
}

/** Calls for a decoder, by the names that generated source uses. */
export function decodeUnknown(
  dialect: DecodeDialect,
  protocol: ProtocolName,
  { binary }: ResolvedOptions,
): Record<string, unknown> {
  return {
    /** @returns the fields kept so far and the one that has been skipped from `start` to `end`. */
    keepField(kept: UnknownField[] | undefined, header: number, start: number, end: number): UnknownField[] {
      if ((input.heap -= UNKNOWN_FIELD_COST.own) < 0) fail();
      const field = dialect.unknownField(header, start, end);
      const fields = kept ?? [];
      fields.push(binary === "copy" ? { ...field, bytes: field.bytes.slice() } : field);
      return fields;
    },
    withUnknown(value: object, kept: UnknownField[] | undefined): object {
      if (kept !== undefined) (value as Record<symbol, unknown>)[unknownFields] = new UnknownFields(protocol, kept);
      return value;
    },
  };
}
