/** What stands before the value of a field in the output. */

import type { FieldPlan } from "../codec/plan.js";
import { jsonStringRoom, writeJsonString } from "../protocol/json/printer.js";
import { COMPACT_CODES, TJSON_NAMES, type ValueTType } from "../protocol/ttype.js";
import { writeVarint32, zigzag32 } from "../protocol/varint.js";
import type { Output } from "./program.js";

const NO_BYTES = new Uint8Array(0);
const COLON = 0x3a;
const encoder = new TextEncoder();

/** What stands before the value of a field; see the layout of `field` in program.ts. */
export function fieldHead(output: Output, { id, member, value: { ttype } }: FieldPlan): Uint8Array {
  switch (output) {
    case "binary":
      return Uint8Array.of(ttype, id >> 8, id);
    case "compact":
      return compactHead(ttype, id);
    case "tjson":
      return encoder.encode(`"${String(id)}":{"${TJSON_NAMES[ttype]}":`);
    case "json":
      return Uint8Array.of(...jsonText(member), COLON);
    case "none":
      return NO_BYTES;
  }
}

/** Text as JSON, with its quotes. */
export function jsonText(text: string): Uint8Array {
  const bytes = new Uint8Array(jsonStringRoom(text));
  return bytes.slice(0, writeJsonString(text, bytes, 0));
}

function compactHead(ttype: ValueTType, id: number): Uint8Array {
  const bytes = new Uint8Array(6);
  bytes[0] = COMPACT_CODES[ttype];
  return bytes.slice(0, writeVarint32(bytes, 1, zigzag32(id)));
}
