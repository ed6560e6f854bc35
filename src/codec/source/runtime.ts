/**
 * What generated functions may call. They are mute: a failure is one signal without a message, because the codec then
 * runs the closure back end over the same input to learn code, path and offset. So messages are written once and the
 * back ends cannot differ in them.
 */

import { BinaryReader } from "../../protocol/binary.js";
import { guardFor } from "../../protocol/hash-guard.js";
import { skip } from "../../protocol/skip.js";
import { isValidUtf8, isWellFormed, writeUtf8 } from "../../protocol/text.js";
import { isValueTType } from "../../protocol/ttype.js";
import { formatUuid, parseUuid } from "../../protocol/uuid.js";
import { toBytes, toElements, toEntries, toEnumNumber, toI64, toStruct } from "../accept.js";
import type { Limits } from "../../protocol/limits.js";
import type { ResolvedOptions } from "../options.js";
import type { ValuePlan } from "../plan.js";
import { input, readText } from "./input.js";
import { grow, output } from "./output.js";

/** What generated code throws, and nobody but the codec sees. */
export const FAILED = Object.freeze({ failed: true });

function fail(): never {
  // Made ahead of time: an Error would capture a stack that nobody reads.
  throw FAILED;
}

/** Calls for an encoder, by the names that generated source uses. */
export function encodeRuntime(options: ResolvedOptions): Record<string, unknown> {
  return {
    output,
    grow,
    fail,
    own,
    checkStruct,
    writeI64,
    writeText: options.utf8 === "strict" ? writeStrictText : writeText,
    writeBytes,
    writeUuid,
    toEnumNumber,
    toList,
    toSet,
    toEntries: entriesOf,
  };
}

/** Calls for a decoder, by the names that generated source uses. */
export function decodeRuntime({ limits }: ResolvedOptions): Record<string, unknown> {
  return {
    input,
    fail,
    readText,
    checkUtf8,
    viewBytes,
    copyBytes,
    readUuid: formatUuid,
    readSafeInteger,
    enumName,
    guardFor,
    fillException,
    skipField: fieldSkipper(limits),
  };
}

function own(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
}

function checkStruct(value: unknown): void {
  if (typeof value !== "object" || value === null) fail();
  // Nearly all values are plain objects; the full look at what else an object may be is some 20 ns.
  if (Object.getPrototypeOf(value) !== Object.prototype) toStruct(value);
}

function writeI64(view: DataView, position: number, value: unknown): void {
  if (typeof value === "number" && Number.isSafeInteger(value)) {
    view.setInt32(position, Math.floor(value / 0x1_0000_0000));
    // setInt32 takes the value modulo 2^32: the lower half.
    view.setInt32(position + 4, value);
  } else if (typeof value === "bigint" && BigInt.asIntN(64, value) === value) {
    view.setBigInt64(position, value);
  } else {
    view.setBigInt64(position, toI64(value));
  }
}

function writeText(text: unknown, position: number): number {
  if (typeof text !== "string") fail();
  const room = position + 4 + 3 * text.length;
  if (room > output.limit) grow(room);
  const end = writeUtf8(text, output.bytes, position + 4);
  output.view.setInt32(position, end - position - 4);
  return end;
}

function writeStrictText(text: unknown, position: number): number {
  if (typeof text === "string" && !isWellFormed(text)) fail();
  return writeText(text, position);
}

function writeBytes(value: unknown, position: number): number {
  const bytes = toBytes(value);
  const end = position + 4 + bytes.length;
  if (end > output.limit) grow(end);
  output.view.setInt32(position, bytes.length);
  output.bytes.set(bytes, position + 4);
  return end;
}

function writeUuid(text: unknown, bytes: Uint8Array, position: number): void {
  if (typeof text !== "string" || !parseUuid(text, bytes, position)) fail();
}

function toList(value: unknown): ArrayLike<unknown> {
  return Array.isArray(value) ? (value as unknown[]) : toElements(value, "list");
}

function toSet(value: unknown): ArrayLike<unknown> {
  return toElements(value, "set");
}

function entriesOf(value: unknown, key: ValuePlan): Iterable<readonly [unknown, unknown]> {
  return value instanceof Map
    ? value
    : (Array.prototype.values.call(toEntries(value, key)) as Iterable<readonly [unknown, unknown]>);
}

function checkUtf8(position: number, length: number): void {
  if (!isValidUtf8(input.bytes, position, position + length)) fail();
}

function viewBytes(position: number, length: number): Uint8Array {
  return new Uint8Array(input.bytes.buffer, position, length);
}

function copyBytes(position: number, length: number): Uint8Array {
  return viewBytes(position, length).slice();
}

function readSafeInteger(view: DataView, position: number): number {
  const value = view.getInt32(position) * 0x1_0000_0000 + view.getUint32(position + 4);
  if (!Number.isSafeInteger(value)) fail();
  return value;
}

function enumName(nameOf: ReadonlyMap<number, string>, value: number): string | number {
  return nameOf.get(value) ?? value;
}

function fillException(make: () => object, fields: object): object {
  return Object.assign(make(), fields);
}

/** Steps over a field nobody knows, whose header stands at the position. */
function fieldSkipper({ maxSkipDepth, maxStringBytes }: Limits): (position: number, header: number) => number {
  const reader = new BinaryReader({ maxStringBytes, strictUtf8: false });
  return (position, header) => {
    const type = (header >> 16) & 0xff;
    if (!isValueTType(type) || position + 3 > input.end) fail();
    reader.reset(input.bytes, input.view, input.end);
    reader.position = position + 3;
    skip(reader, type, maxSkipDepth);
    reader.release();
    return reader.position;
  };
}
