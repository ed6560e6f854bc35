/**
 * What generated decoders of plain JSON call. Mute, as all generated code: see source/failure.ts.
 *
 * A function that reads starts right at its token, gives the value and leaves `input.position` behind it. The usual
 * spelling of each token is read here; the rest (escapes, exponents, long numbers, text in strict mode that is not
 * ASCII) goes to the scanner that the closure back end reads with.
 *
 * Bytes beyond the end of the message may be read, as long as nothing made of them is given out: loops stop there, and
 * the codec compares the position with the end when all is read.
 */

import { EXACT_DIGITS, POWERS_OF_TEN } from "../../protocol/json/number.js";
import { JsonScanner } from "../../protocol/json/scanner.js";
import { readLongUtf8 } from "../../protocol/text.js";
import { formatUuid, parseUuid } from "../../protocol/uuid.js";
import type { EnumDescriptor } from "../../schema/descriptor.js";
import type { ResolvedOptions } from "../options.js";
import { fail } from "../source/failure.js";
import { input, readAscii } from "../source/input.js";
import { enumName, fillException } from "../source/runtime.js";
import { enumFromText, GrowingGuard, toTypedArray } from "./value.js";

const QUOTE = 0x22;
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
    blank,
    readNull,
    readBool,
    readInteger,
    readDouble: doubleReader(scan),
    readDoubleText: doubleTextReader(options, scan),
    ...i64Readers(scan),
    readText,
    readUuid: (position: number) => canonicalUuid(readText(position)),
    readBytes: scan((scanner) => (options.json.noBase64Binary ? scanner.readTextBytes() : scanner.readBase64())),
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
    scanner.reset(input.bytes, position, input.end);
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

/** An integer of up to 15 digits; a fraction or exponent is left standing, where nothing expects it. */
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
      if (p - start > EXACT_DIGITS) return NaN;
    }
  }
  input.position = p;
  // Not -value: there is no integer -0.
  return isNegative ? 0 - value : value;
}

function readInteger(position: number, min: number, max: number): number {
  const value = readShortInteger(position);
  if (!(value >= min && value <= max)) fail();
  return value;
}

const scratch = new DataView(new ArrayBuffer(8));

function i64Readers(scan: ScanWith): Record<string, unknown> {
  const readLong = scan((scanner) => scanner.readI64());
  return {
    readI64(position: number): bigint {
      const value = readShortInteger(position);
      if (Number.isNaN(value)) return readLong(position);
      // Half the time of BigInt(value).
      scratch.setInt32(0, Math.floor(value / 0x1_0000_0000));
      scratch.setInt32(4, value);
      return scratch.getBigInt64(0);
    },
    readI64Number(position: number): number {
      const value = readShortInteger(position);
      if (!Number.isNaN(value)) return value;
      const number = Number(readLong(position));
      if (!Number.isSafeInteger(number)) fail();
      return number;
    },
    readI64String(position: number): string {
      const value = readShortInteger(position);
      return Number.isNaN(value) ? readLong(position).toString() : String(value);
    },
  };
}

function doubleReader(scan: ScanWith): (position: number) => number {
  const readLong = scan((scanner) => scanner.readDouble());
  return (position) => {
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
      if (scale === 0) fail();
    }
    // More digits, or an exponent.
    if (digit <= 9 || (bytes[p] | 0x20) === 0x65) return readLong(position);
    input.position = p;
    // Both operands are exact, so the one rounding of the division is the right one.
    const magnitude = mantissa / POWERS_OF_TEN[scale];
    return isNegative ? -magnitude : magnitude;
  };
}

/** What stands in quotes for a double: NaN and infinities where they are read, digits where they are. */
function doubleTextReader(
  { json }: ResolvedOptions,
  scan: ScanWith,
): (position: number, takesDigits: boolean) => number {
  const readQuoted = scan((scanner) => {
    scanner.position++;
    return scanner.readDouble();
  });
  return (position, takesDigits) => {
    if (json.nonFinite === "string") {
      for (const [text, value] of NON_FINITE) {
        if (isTextAt(text, position)) {
          input.position = position + text.length;
          return value;
        }
      }
    }
    if (!takesDigits) fail();
    const value = readQuoted(position);
    input.position = behindQuote(input.position);
    return value;
  };
}

const NON_FINITE: readonly (readonly [text: string, value: number])[] = [
  ['"NaN"', NaN],
  ['"Infinity"', Infinity],
  ['"-Infinity"', -Infinity],
];

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
  const readAny = scan((scanner) => scanner.readString());
  return (position) => {
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
    if (p >= end || byte !== QUOTE || (isStrict && seen >= 0x80)) return readAny(position);
    const length = p - start;
    if (length > maxStringBytes) fail();
    input.position = p + 1;
    return seen < 0x80 ? readAscii(start, length) : readLongUtf8(bytes, start, p);
  };
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
