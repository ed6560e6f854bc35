/** What generated encoders of TJSONProtocol call. Each function writes at a position and returns the one behind. */

import { writeJsonDouble, writeJsonI64, writeJsonInteger, writeJsonString } from "../../protocol/json/printer.js";
import { TJSON_NAMES } from "../../protocol/ttype.js";
import { formatUuid, parseUuid } from "../../protocol/uuid.js";
import { toI64 } from "../accept.js";
import type { UnknownField } from "../unknown.js";
import type { EncodeDialect } from "./dialect.js";
import { fail } from "./failure.js";
import { output } from "./output.js";

const QUOTE = 0x22;
const COMMA = 0x2c;
const CLOSE_BRACE = 0x7d;

export function putInteger(value: number, position: number): number {
  return writeJsonInteger(value, output.bytes, position);
}

export function putI64(value: unknown, position: number): number {
  const { bytes } = output;
  if (typeof value === "number" && Number.isSafeInteger(value)) return writeJsonInteger(value, bytes, position);
  const isI64 = typeof value === "bigint" && BigInt.asIntN(64, value) === value;
  return writeJsonI64(isI64 ? value : toI64(value), bytes, position);
}

/** A double as value: in quotes only where JSON has no number for it. */
export function putDouble(value: number, position: number): number {
  return Number.isFinite(value) ? writeJsonDouble(value, output.bytes, position) : putDoubleKey(value, position);
}

export function putDoubleKey(value: number, position: number): number {
  const { bytes } = output;
  bytes[position] = QUOTE;
  const end = writeJsonDouble(value, bytes, position + 1);
  bytes[end] = QUOTE;
  return end + 1;
}

const uuidBytes = new Uint8Array(16);

export function putUuid(text: unknown, position: number): number {
  if (typeof text !== "string" || !parseUuid(text, uuidBytes, 0)) fail();
  return writeJsonString(formatUuid(uuidBytes, 0), output.bytes, position);
}

export function writeUnknown({ id, type, bytes }: UnknownField, position: number): number {
  const target = output.bytes;
  let p = putAscii(`,"${id}":{"${TJSON_NAMES[type]}":`, position);
  target.set(bytes, p);
  p += bytes.length;
  target[p] = CLOSE_BRACE;
  return p + 1;
}

function putAscii(text: string, position: number): number {
  for (let i = 0; i < text.length; i++) output.bytes[position + i] = text.charCodeAt(i);
  return position + text.length;
}

export const writeTJsonNumbers: EncodeDialect["writeNumbers"] = {
  i8: putIntegers,
  i16: putIntegers,
  i32: putIntegers,
  i64(list, position) {
    let p = position;
    for (let i = 0; i < list.length; i++) {
      output.bytes[p] = COMMA;
      p = writeJsonI64(list[i], output.bytes, p + 1);
    }
    return p;
  },
  double(list, position) {
    let p = position;
    for (let i = 0; i < list.length; i++) {
      output.bytes[p] = COMMA;
      p = putDouble(list[i], p + 1);
    }
    return p;
  },
};

function putIntegers(list: ArrayLike<number>, position: number): number {
  let p = position;
  for (let i = 0; i < list.length; i++) {
    output.bytes[p] = COMMA;
    p = writeJsonInteger(list[i], output.bytes, p + 1);
  }
  return p;
}
