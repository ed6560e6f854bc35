/** What both back ends for plain JSON know of single values. */

import { ProtocolError } from "../../protocol/protocol.js";
import { isValidUtf8, readUtf8 } from "../../protocol/text.js";
import type { EnumDescriptor } from "../../schema/descriptor.js";
import type { ValuePlan } from "../plan.js";
import type { ResolvedJsonOptions } from "./options.js";

const NOT_NAMES: ReadonlySet<ValuePlan["kind"]> = new Set(["binary", "list", "set", "map", "struct"]);

/** True for types whose values have one obvious spelling as the name of a member: maps with such keys are objects. */
export function isScalar({ kind }: ValuePlan): boolean {
  return !NOT_NAMES.has(kind);
}

/** The text that bytes are in UTF-8. @throws ProtocolError INVALID_UTF8 without offset where they are none. */
export function toUtf8Text(bytes: Uint8Array): string {
  if (isValidUtf8(bytes, 0, bytes.length)) return readUtf8(bytes, 0, bytes.length);
  const message = "expected bytes that are UTF-8, as binary is to be text, found others";
  throw new ProtocolError("ERR_THRIFT_INVALID_UTF8", -1, message);
}

/** True where digits in quotes are read as the number that they spell. */
export function takesText({ asText }: ValuePlan, { string2Int64 }: ResolvedJsonOptions): boolean {
  return asText || string2Int64;
}

/** The number of a member by name, or, where digits are taken, of an i32 in decimal; undefined for other text. */
export function enumFromText(text: string, { numberOf }: EnumDescriptor, takesDigits: boolean): number | undefined {
  const number = numberOf.get(text);
  if (number !== undefined || !takesDigits || !/^(?:0|-?[1-9][0-9]{0,9})$/.test(text)) return number;
  return (Number(text) | 0) === Number(text) ? Number(text) : undefined;
}
