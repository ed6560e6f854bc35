/**
 * What generated decoders of plain JSON call. Mute, as all generated code: see source/failure.ts.
 *
 * A function that reads starts right at its token, gives the value and leaves `input.position` behind it. The usual
 * spelling of each token is read here; the rest (exponents, long numbers, text in strict mode that is not ASCII) goes to
 * the scanner that the closure back end reads with.
 *
 * Bytes beyond the end of the message may be read, as long as nothing made of them is given out: loops stop there, and
 * the codec compares the position with the end when all is read.
 */

import { GrowingGuard } from "../../protocol/hash-guard.js";
import { base64Length, decodeBase64 } from "../../protocol/json/base64.js";
import { EXACT_DIGITS, newToken, POWERS_OF_TEN, putLongI64, scanNumber } from "../../protocol/json/number.js";
import { JsonScanner } from "../../protocol/json/scanner.js";
import { releaseUnescaped, unescape, unescaped } from "../../protocol/json/unescape.js";
import { readLatin1, readLongUtf8, readUtf8 } from "../../protocol/text.js";
import { formatUuid, parseUuid } from "../../protocol/uuid.js";
import { HIGH_WORD, integer64, LOW_WORD, words64 } from "../../protocol/varint.js";
import type { EnumDescriptor } from "../../schema/descriptor.js";
import type { ResolvedOptions } from "../options.js";
import { fail } from "../source/failure.js";
import { input, readAscii } from "../source/input.js";
import { enumName, fillException } from "../source/runtime.js";
import { toTypedArray } from "../typed-list.js";
import { enumFromText } from "./value.js";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;

/** Calls for a decoder, by the names that generated source uses. */
export function decodeRuntime(options: ResolvedOptions): Record<string, unknown> {
  const scan = scanWith(options);
  const skipUnknown =
    options.unknownFields === "refuse" ? fail : scan((scanner) => scanner.skipValue(options.limits.maxSkipDepth));
  const readText = textReader(options, scan);
  return {
    input,
    fail,
    startMessage,
    blank,
    readNull,
    readBool,
    readInteger,
    readDouble,
    readDoubleText: doubleTextReader(options, scan),
    readI64,
    readI64Number,
    readI64String,
    readText,
    readUuid: (position: number) => canonicalUuid(readText(position)),
    readBytes: options.json.noBase64Binary ? scan((scanner) => scanner.readTextBytes()) : base64Reader(options, scan),
    readEnumText: (position: number, descriptor: EnumDescriptor, takesDigits: boolean) =>
      enumFromText(readText(position), descriptor, takesDigits) ?? fail(),
    readBoolText: (position: number) => boolOfText(readText(position)),
    behindQuote,
    enumName,
    findMember: memberFinder(scan((scanner) => scanner.readName())),
    skipUnknown,
    newGuard: () => new GrowingGuard(),
    fillException,
    toTypedArray,
  };
}

/** Makes readers that leave a token to the scanner. */
type ScanWith = <T>(read: (scanner: JsonScanner) => T) => (position: number) => T;

function scanWith({ limits, utf8 }: ResolvedOptions): ScanWith {
  const scanner = new JsonScanner({ maxStringBytes: limits.maxStringBytes, strictUtf8: utf8 === "strict" });
  return (read) => (position) => {
    scanner.reset(input.bytes, position, input.end, input.view);
    const value = read(scanner);
    input.position = scanner.position;
    scanner.release();
    return value;
  };
}

/** @returns the position of the first byte from `position` on that is no blank. */
function blank(position: number): number {
  const { bytes, end } = input;
  let p = position;
  while (p < end && (bytes[p] === 0x20 || bytes[p] === 0x0a || bytes[p] === 0x0d || bytes[p] === 0x09)) p++;
  return p;
}

/** @returns the position behind `null`. */
function readNull(position: number): number {
  if (input.view.getInt32(position) !== 0x6e756c6c) fail();
  return position + 4;
}

function readBool(position: number): boolean {
  const word = input.view.getInt32(position);
  const isTrue = word === 0x74727565;
  if (!isTrue && !(word === 0x66616c73 && input.bytes[position + 4] === 0x65)) fail();
  input.position = isTrue ? position + 4 : position + 5;
  return isTrue;
}

/**
 * An integer; a fraction or exponent is left standing, where nothing expects it. With more than 15 digits it may be
 * rounded: {@link digitsRead} tells.
 */
function readShortInteger(position: number): number {
  const { bytes } = input;
  const isNegative = bytes[position] === MINUS;
  const start = isNegative ? position + 1 : position;
  let digit = bytes[start] ^ ZERO;
  if (!(digit <= 9)) fail();
  let p = start + 1;
  let value = digit;
  // What follows a leading zero is left standing too.
  if (digit !== 0) {
    while ((digit = bytes[p] ^ ZERO) <= 9) {
      value = value * 10 + digit;
      p++;
      if (p - start > MAX_I64_DIGITS) fail();
    }
  }
  digitsRead = p - start;
  input.position = p;
  // Not -value: there is no integer -0.
  return isNegative ? 0 - value : value;
}

const MAX_I64_DIGITS = 19;
let digitsRead = 0;

function readInteger(position: number, min: number, max: number): number {
  const value = readShortInteger(position);
  if (!(value >= min && value <= max)) fail();
  return value;
}

function readI64(position: number): bigint {
  const value = readShortInteger(position);
  if (digitsRead > EXACT_DIGITS) {
    const end = input.position;
    if (!putLongI64(input.bytes, end - digitsRead, end, value < 0)) fail();
    return integer64[0];
  }
  // Half the time of BigInt(value). A typed array takes values modulo 2^32.
  words64[LOW_WORD] = value;
  words64[HIGH_WORD] = Math.floor(value / 0x1_0000_0000);
  return integer64[0];
}

function readI64Number(position: number): number {
  const value = readShortInteger(position);
  // A rounded one is no safe integer either, since 2^53 is none.
  if (!Number.isSafeInteger(value)) fail();
  return value;
}

function readI64String(position: number): string {
  const value = readShortInteger(position);
  return digitsRead > EXACT_DIGITS ? readI64(position).toString() : String(value);
}

function readDouble(position: number): number {
  const { bytes } = input;
  const isNegative = bytes[position] === MINUS;
  const start = isNegative ? position + 1 : position;
  let p = start;
  let mantissa = 0;
  let digit: number;
  while ((digit = bytes[p] ^ ZERO) <= 9 && p - start < EXACT_DIGITS) {
    mantissa = mantissa * 10 + digit;
    p++;
  }
  if (p === start || (bytes[start] === ZERO && p > start + 1)) fail();
  let scale = 0;
  if (bytes[p] === DOT) {
    const fraction = ++p;
    while ((digit = bytes[p] ^ ZERO) <= 9 && p - start <= EXACT_DIGITS) {
      mantissa = mantissa * 10 + digit;
      p++;
    }
    scale = p - fraction;
    if (scale === 0 && digit > 9) fail();
  }
  // More digits, or an exponent.
  if (digit <= 9 || (bytes[p] | 0x20) === 0x65) return readLongDouble(position);
  input.position = p;
  // Both operands are exact, so the one rounding of the division is the right one.
  const magnitude = mantissa / POWERS_OF_TEN[scale];
  return isNegative ? -magnitude : magnitude;
}

const token = newToken();

function readLongDouble(position: number): number {
  scanNumber(input.bytes, position, input.end, token);
  if (token.end < 0) fail();
  const value = Number(readAscii(position, token.end - position));
  if (value === Infinity || value === -Infinity) fail();
  input.position = token.end;
  return value;
}

/** What stands in quotes for a double: NaN and infinities where they are read, digits where they are. */
function doubleTextReader(
  { json }: ResolvedOptions,
  scan: ScanWith,
): (position: number, takesDigits: boolean) => number {
  const readName = scan((scanner) => scanner.readName());
  return (position, takesDigits) => {
    if (json.nonFinite === "string") {
      for (const [text, value] of NON_FINITE) {
        if (isTextAt(text, position)) {
          input.position = position + text.length;
          return value;
        }
      }
    }
    if (!(takesDigits && spellsDigits(position))) {
      // Perhaps one of the words, with escapes: rare.
      return json.nonFinite === "string" ? wordOf(readName(position)) : fail();
    }
    const value = readDouble(position + 1);
    input.position = behindQuote(input.position);
    return value;
  };
}

const NON_FINITE: readonly (readonly [text: string, value: number])[] = [
  ['"NaN"', NaN],
  ['"Infinity"', Infinity],
  ['"-Infinity"', -Infinity],
];

/** True at the quote of text that is no word. */
function spellsDigits(position: number): boolean {
  const { bytes } = input;
  const digit = bytes[position + 1] === MINUS ? bytes[position + 2] : bytes[position + 1];
  return (digit ^ ZERO) <= 9;
}

function wordOf(name: string): number {
  return NON_FINITE.find(([text]) => text === `"${name}"`)?.[1] ?? fail();
}

function isTextAt(text: string, position: number): boolean {
  for (let i = 0; i < text.length; i++) if (input.bytes[position + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** @returns the position behind a quote. */
function behindQuote(position: number): number {
  if (input.bytes[position] !== QUOTE) fail();
  return position + 1;
}

/** For each byte whether it stands for itself in a string; bytes of UTF-8 do, and are told apart by their upper bit. */
const IS_PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte !== 0x22 && byte !== 0x5c ? 1 : 0,
);

function textReader({ limits, utf8 }: ResolvedOptions, scan: ScanWith): (position: number) => string {
  const { maxStringBytes } = limits;
  const isStrict = utf8 === "strict";
  const readStrict = scan((scanner) => scanner.readString());
  return function readText(position) {
    const { bytes, end } = input;
    if (bytes[position] !== QUOTE) fail();
    const start = position + 1;
    let p = start;
    let seen = 0;
    let byte = 0;
    while (p < end && IS_PLAIN[(byte = bytes[p])] === 1) {
      seen |= byte;
      p++;
    }
    if (p >= end) fail();
    if (byte === BACKSLASH) return isStrict ? readStrict(position) : readEscaped(position, p, maxStringBytes);
    if (byte !== QUOTE) fail();
    if (isStrict && seen >= 0x80) return readStrict(position);
    const length = p - start;
    if (length > maxStringBytes) fail();
    input.position = p + 1;
    return seen < 0x80 ? readAscii(start, length) : readLongUtf8(bytes, start, p);
  };
}

function readEscaped(start: number, escape: number, maxStringBytes: number): string {
  const { bytes, end } = input;
  const stop = unescape(input, { start, escape, stop: end, lowest: 0x20 });
  const { bytes: text, length, isAscii } = unescaped;
  releaseUnescaped();
  if (stop >= end || bytes[stop] !== QUOTE || length > maxStringBytes) fail();
  input.position = stop + 1;
  return isAscii && readLatin1 !== undefined ? readLatin1(text, 0, length) : readUtf8(text, 0, length);
}

function base64Reader({ limits, binary }: ResolvedOptions, scan: ScanWith): (position: number) => Uint8Array {
  const { maxStringBytes } = limits;
  const readAny = scan((scanner) => scanner.readBase64());
  return function readBytes(position) {
    const { bytes, view, end } = input;
    if (bytes[position] !== QUOTE) fail();
    const start = position + 1;
    let stop = start;
    while (stop < end && bytes[stop] !== QUOTE) stop++;
    const length = base64Length(view, start, stop);
    // Something else than base64, which escapes may stand for: rare.
    if (length < 0 || length > maxStringBytes) return readAny(position);
    const decoded = binary === "copy" ? new Uint8Array(length) : allocate(length);
    if (!decodeBase64(view, start, stop, decoded)) return readAny(position);
    input.position = stop + 1;
    return decoded;
  };
}

/**
 * Memory of the message for what it has as base64, since memory of its own costs 10 times a view: as a view of the
 * input would, each keeps some more alive, but of this message alone.
 */
let slab = new ArrayBuffer(0);
let slabUsed = 0;
const SLAB_BYTES = 8192;
const LONGEST_IN_SLAB = 1024;

function startMessage(): void {
  slabUsed = slab.byteLength;
}

/** Memory for bytes that stand in the message as base64, at `input.position` at the earliest. */
function allocate(length: number): Uint8Array {
  if (length > LONGEST_IN_SLAB) return new Uint8Array(length);
  if (length > slab.byteLength - slabUsed) {
    const most = Math.ceil(((input.end - input.position) * 3) / 4);
    slab = new ArrayBuffer(Math.max(length, Math.min(SLAB_BYTES, most)));
    slabUsed = 0;
  }
  slabUsed += length;
  return new Uint8Array(slab, slabUsed - length, length);
}

const uuidBytes = new Uint8Array(16);

function canonicalUuid(text: string): string {
  if (!parseUuid(text, uuidBytes, 0)) fail();
  return formatUuid(uuidBytes, 0);
}

function boolOfText(text: string): boolean {
  if (text !== "true" && text !== "false") fail();
  return text === "true";
}

/**
 * Reads the name of a member and the colon behind it.
 *
 * @returns a function that gives the index of the member by the table, -1 for one that is not in it.
 */
function memberFinder(
  readName: (position: number) => string,
): (position: number, indexOf: ReadonlyMap<string, number>) => number {
  return (position, indexOf) => {
    const index = indexOf.get(readName(position)) ?? -1;
    const colon = blank(input.position);
    if (input.bytes[colon] !== COLON) fail();
    input.position = colon + 1;
    return index;
  };
}
