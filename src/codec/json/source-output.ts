/** What generated encoders of plain JSON call. Mute, as all generated code: see source/failure.ts. */

import {
  JSON_INTEGER_BYTES,
  writeJsonDouble,
  writeJsonI64,
  writeJsonInteger,
  writeJsonString,
  writePaddedBase64,
} from "../../protocol/json/printer.js";
import { isWellFormed } from "../../protocol/text.js";
import { formatUuid, parseUuid } from "../../protocol/uuid.js";
import type { EnumDescriptor } from "../../schema/descriptor.js";
import { toBytes, toEnumNumber, toI64 } from "../accept.js";
import type { ResolvedOptions } from "../options.js";
import { fail } from "../source/failure.js";
import { base64Writer, writeJsonText } from "../source/json-output.js";
import { grow, output } from "../source/output.js";
import { checkStruct, entriesOf, own, toList, toSet } from "../source/runtime.js";
import { toUtf8Text } from "./value.js";

const QUOTE = 0x22;

/** Calls for an encoder, by the names that generated source uses. */
export function encodeRuntime({ utf8, json }: ResolvedOptions): Record<string, unknown> {
  const { nonFinite } = json;
  return {
    output,
    grow,
    fail,
    own,
    checkStruct,
    toEnumNumber,
    toList,
    toSet,
    toEntries: entriesOf,
    writeInteger: writeJsonInteger,
    writeI64,
    writeI64Text: quoted(writeExactI64),
    writeDouble: doubleWriter(writeFinite, nonFinite),
    writeDoubleText: doubleWriter(quoted(writeFinite), nonFinite),
    writeDoubleName: doubleWriter(quoted(writeFinite), nonFinite === "null" ? "refuse" : nonFinite),
    writeEnumName,
    writeText: utf8 === "strict" ? writeStrictText : writeJsonText,
    writeBytes: json.noBase64Binary ? writeBytesAsText : base64Writer(writePaddedBase64),
    writeUuid,
  };
}

/** Writes a value at a position where there is room for it. @returns the position behind it. */
type Print = (value: unknown, bytes: Uint8Array, position: number) => number;

function quoted(print: Print): Print {
  return (value, bytes, position) => {
    bytes[position] = QUOTE;
    const end = print(value, bytes, position + 1);
    bytes[end] = QUOTE;
    return end + 1;
  };
}

/** A number where it is safe, else text: 22 bytes at most. */
function writeI64(value: unknown, bytes: Uint8Array, position: number): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return writeJsonInteger(value, bytes, position);
  const integer = toExactI64(value);
  const number = Number(integer);
  if (Number.isSafeInteger(number)) return writeJsonInteger(number, bytes, position);
  bytes[position] = QUOTE;
  const end = writeJsonI64(integer, bytes, position + 1);
  bytes[end] = QUOTE;
  return end + 1;
}

function writeExactI64(value: unknown, bytes: Uint8Array, position: number): number {
  return writeJsonI64(toExactI64(value), bytes, position);
}

function toExactI64(value: unknown): bigint {
  return typeof value === "bigint" && BigInt.asIntN(64, value) === value ? value : toI64(value);
}

const writeFinite: Print = (value, bytes, position) => writeJsonDouble(value as number, bytes, position);

function doubleWriter(print: Print, nonFinite: "refuse" | "string" | "null"): Print {
  return (value, bytes, position) => {
    if (typeof value !== "number") fail();
    if (Number.isFinite(value)) return print(value, bytes, position);
    if (nonFinite === "refuse") fail();
    if (nonFinite === "string") return writeJsonString(String(value), bytes, position);
    output.view.setInt32(position, 0x6e756c6c);
    return position + 4;
  };
}

// What follows writes an unknown amount: it leaves SLACK bytes free and may have moved the buffer.

function writeStrictText(text: unknown, position: number): number {
  if (typeof text === "string" && !isWellFormed(text)) fail();
  return writeJsonText(text, position);
}

function writeBytesAsText(value: unknown, position: number): number {
  return writeJsonText(toUtf8Text(toBytes(value)), position);
}

/** The name of a member, or the number that has none; in quotes where it is itself the name of a member of an object. */
function writeEnumName(value: unknown, descriptor: EnumDescriptor, position: number, isKey: boolean): number {
  const number = toEnumNumber(value, descriptor);
  const name = descriptor.nameOf.get(number);
  if (name !== undefined) return writeJsonText(name, position);
  if (isKey) return writeJsonText(String(number), position);
  if (position + JSON_INTEGER_BYTES > output.limit) grow(position + JSON_INTEGER_BYTES);
  return writeJsonInteger(number, output.bytes, position);
}

const uuidBytes = new Uint8Array(16);

/** 38 bytes. */
function writeUuid(text: unknown, bytes: Uint8Array, position: number): number {
  if (typeof text !== "string" || !parseUuid(text, uuidBytes, 0)) fail();
  return writeJsonString(formatUuid(uuidBytes, 0), bytes, position);
}
