/**
 * What generated functions may call. They are mute: a failure is one signal without a message, because the codec then
 * runs the closure back end over the same input to learn code, path and offset. So messages are written once and the
 * back ends cannot differ in them.
 */

import { guardFor } from "../../protocol/hash-guard.js";
import { isValidUtf8, isWellFormed } from "../../protocol/text.js";
import { formatUuid, parseUuid } from "../../protocol/uuid.js";
import { toElements, toEntries, toEnumNumber, toStruct } from "../accept.js";
import type { Plan, ValuePlan } from "../plan.js";
import type { DecodeDialect, EncodeDialect, WriteBlock } from "./dialect.js";
import { fail } from "./failure.js";
import { input, readText } from "./input.js";
import { grow, output } from "./output.js";
import { decodeUnknown, encodeUnknown } from "./unknown.js";

/** Calls for an encoder, by the names that generated source uses. */
export function encodeRuntime(dialect: EncodeDialect, { options, keeps }: Plan): Record<string, unknown> {
  const { writeText, writeBytes } = dialect;
  return {
    ...dialect.runtime,
    output,
    grow,
    fail,
    own,
    checkStruct,
    writeText: options.utf8 === "strict" ? strictly(writeText) : writeText,
    writeBytes,
    writeUuid,
    toEnumNumber,
    toList,
    toSet,
    toEntries: entriesOf,
    sizeOf,
    ...(keeps && encodeUnknown(dialect, keeps)),
  };
}

/** Calls for a decoder, by the names that generated source uses. */
export function decodeRuntime(dialect: DecodeDialect, { options, keeps }: Plan): Record<string, unknown> {
  return {
    ...dialect.runtime,
    ...dialect.text?.runtime(options),
    input,
    fail,
    readText,
    checkUtf8,
    viewBytes,
    copyBytes,
    readUuid: formatUuid,
    enumName,
    guardFor,
    fillException,
    skipField: dialect.fieldSkipper(options.limits),
    ...(keeps && decodeUnknown(dialect, keeps, options)),
  };
}

export function own(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
}

export function checkStruct(value: unknown): void {
  if (typeof value !== "object" || value === null) fail();
  // Nearly all values are plain objects; the full look at what else an object may be is some 20 ns.
  if (Object.getPrototypeOf(value) !== Object.prototype) toStruct(value);
}

function strictly(write: WriteBlock): WriteBlock {
  return (text, position) => {
    if (typeof text === "string" && !isWellFormed(text)) fail();
    return write(text, position);
  };
}

function writeUuid(text: unknown, bytes: Uint8Array, position: number): void {
  if (typeof text !== "string" || !parseUuid(text, bytes, position)) fail();
}

export function toList(value: unknown): ArrayLike<unknown> {
  return Array.isArray(value) ? (value as unknown[]) : toElements(value, "list");
}

export function toSet(value: unknown): ArrayLike<unknown> {
  return toElements(value, "set");
}

export function entriesOf(value: unknown, key: ValuePlan): Iterable<readonly [unknown, unknown]> {
  return value instanceof Map ? value : toEntries(value, key);
}

/** How many entries there are, for protocols that write it before them. */
function sizeOf(entries: ReadonlyMap<unknown, unknown> | readonly unknown[]): number {
  return entries instanceof Map ? entries.size : (entries as readonly unknown[]).length;
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

export function enumName(nameOf: ReadonlyMap<number, string>, value: number): string | number {
  return nameOf.get(value) ?? value;
}

export function fillException(make: () => object, fields: object): object {
  return Object.assign(make(), fields);
}
