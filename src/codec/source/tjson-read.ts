/**
 * What generated decoders of TJSONProtocol call. Each function reads at a position and sets `input.position` behind what
 * it read, but for those that return the position.
 *
 * They read what libraries write: no blanks, no needless zeros, no escapes. Whatever else may stand there goes to
 * TJsonReader, which the closure back end reads all with, so that both take the same.
 */

import { TJsonReader } from "../../protocol/tjson.js";
import { isValueTType, TJSON_NAMES, type ValueTType } from "../../protocol/ttype.js";
import type { Limits } from "../../protocol/limits.js";
import { skip } from "../../protocol/skip.js";
import type { ResolvedOptions } from "../options.js";
import type { DecodeDialect } from "./dialect.js";
import { fail } from "./failure.js";
import { input, readText } from "./input.js";

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const LETTER_E = 0x65;
const CLOSE_BRACE = 0x7d;

/** Reads what is not text, so no limit of text matters to it. */
const reader = new TJsonReader({ maxStringBytes: Infinity, strictUtf8: false });

/** Reads anything that may stand at a position. */
function slowly<T>(position: number, read: () => T): T {
  return readWith(reader, position, read);
}

function readWith<T>(slow: TJsonReader, position: number, read: () => T): T {
  slow.reset(input.bytes, input.view, input.end);
  slow.position = position;
  try {
    const value = read();
    input.position = slow.position;
    return value;
  } finally {
    slow.release();
  }
}

/** Steps over blanks and one character. @returns the position behind it. */
export function takeCharacter(position: number, character: number): number {
  const p = skipBlanks(position);
  if (p >= input.end || input.bytes[p] !== character) fail();
  return p + 1;
}

function skipBlanks(position: number): number {
  const { bytes, end } = input;
  let p = position;
  while (p < end && (bytes[p] === 0x20 || bytes[p] === 0x0a || bytes[p] === 0x0d || bytes[p] === 0x09)) p++;
  return p;
}

/**
 * The type names by a hash that has no collisions among them, as the four bytes that begin with them:
 *
 *     i 3 2 "    i 8 " :
 */
const NAME_WORDS = new Int32Array(16);
const NAME_TTYPES = new Uint8Array(16);
for (const [ttype, name] of Object.entries(TJSON_NAMES)) {
  const word = new DataView(new TextEncoder().encode(`${name}":`).buffer).getInt32(0);
  NAME_WORDS[hashOfName(word)] = word;
  NAME_TTYPES[hashOfName(word)] = Number(ttype);
}

function hashOfName(word: number): number {
  return Math.imul(word, 2731) >>> 28;
}

/** Most bytes of a header: `},"32767":{"i32":`. */
const HEADER_BYTES = 17;

/** `":{"` */
const BEFORE_NAME = 0x223a7b22;

/**
 * Reads the header of a field, from behind the value of the field before it.
 *
 *      },"12":{"i32":        {"12":{"i32":  for the first
 *
 * @param before the comma, or the brace for the first field.
 * @returns the type over 16 bits of id; 0 at the end of the struct, which is behind the position then.
 */
export function takeHeader(position: number, before: number): number {
  const { bytes, end } = input;
  let p = position;
  if (before === COMMA) {
    if (p + 1 >= end || bytes[p++] !== CLOSE_BRACE) return slowHeader(position, before);
    if (bytes[p] === CLOSE_BRACE) {
      input.position = skipBlanks(p + 1);
      return 0;
    }
  }
  if (position + HEADER_BYTES > end) return slowHeader(position, before);
  const header = bytes[p] === before && bytes[p + 1] === QUOTE ? takeIdAndType(p + 2) : 0;
  return header === 0 ? slowHeader(position, before) : header;
}

function slowHeader(position: number, before: number): number {
  return slowly(position, before === COMMA ? readNextHeader : readFirstHeader);
}

/** Reads `12":{"i32":`. @returns 0 for what is spelled in another way. */
function takeIdAndType(position: number): number {
  const { bytes, view } = input;
  let p = position;
  let id = 0;
  for (let digit = bytes[p] ^ ZERO; digit < 10 && id <= 0x7fff; digit = bytes[p] ^ ZERO) {
    id = id * 10 + digit;
    p++;
  }
  if (p === position || id > 0x7fff || view.getInt32(p) !== BEFORE_NAME) return 0;
  const word = view.getInt32(p + 4);
  const hash = hashOfName(word);
  if (NAME_WORDS[hash] !== word) return 0;
  const isShort = (word & 0xff) === COLON;
  if (!isShort && bytes[p + 8] !== COLON) return 0;
  input.position = p + (isShort ? 8 : 9);
  return (NAME_TTYPES[hash] << 16) | id;
}

function readFirstHeader(): number {
  reader.readStructBegin();
  return readHeader();
}

function readNextHeader(): number {
  reader.resume("field");
  reader.readFieldEnd();
  return readHeader();
}

function readHeader(): number {
  if (!reader.readFieldBegin()) {
    reader.readStructEnd();
    return 0;
  }
  return (reader.fieldType << 16) | (reader.fieldId & 0xffff);
}

export function takeI32(position: number): number {
  const { bytes, end } = input;
  let p = position;
  const isNegative = p < end && bytes[p] === MINUS;
  if (isNegative) p++;
  const start = p;
  let value = 0;
  for (; p < end; p++) {
    const digit = bytes[p] ^ ZERO;
    if (digit > 9) break;
    value = value * 10 + digit;
  }
  const signed = isNegative ? 0 - value : value;
  if (p === start || (signed | 0) !== signed || !endsInteger(p)) return slowly(position, readI32);
  input.position = p;
  return signed;
}

/** Digits stop here, where neither a fraction nor an exponent begins. */
function endsInteger(p: number): boolean {
  const { bytes, end } = input;
  return p >= end || (bytes[p] !== DOT && (bytes[p] | 0x20) !== LETTER_E);
}

const readI32 = (): number => reader.readI32();
const readI64 = (): bigint => reader.readI64();
const readDouble = (): number => reader.readDouble();
const readDoubleKey = (): number => {
  reader.resume("key");
  return reader.readDouble();
};

export function takeBool(position: number): boolean {
  return takeI32(position) !== 0;
}

/** Digits of an integer that a double holds exactly. */
const EXACT_DIGITS = 15;

/** Digits of the longest i64, and of the part of it that a second number holds. */
const MOST_DIGITS = 19;
const LOW_DIGITS = 9;
const BILLION = 1_000_000_000;

const wide = new DataView(new ArrayBuffer(8));

export function takeI64(position: number): bigint {
  const { bytes, end } = input;
  let p = position;
  const isNegative = p < end && bytes[p] === MINUS;
  if (isNegative) p++;
  const start = p;
  while (p < end && (bytes[p] ^ ZERO) < 10) p++;
  const digits = p - start;
  if (digits === 0 || digits > MOST_DIGITS || !endsInteger(p)) return slowly(position, readI64);
  input.position = p;
  if (digits <= EXACT_DIGITS) {
    const value = integerOf(start, p);
    return BigInt(isNegative ? -value : value);
  }
  const upper = integerOf(start, p - LOW_DIGITS);
  return wideInteger(upper, integerOf(p - LOW_DIGITS, p), isNegative);
}

/** The digits between two positions as a number. */
function integerOf(start: number, stop: number): number {
  const { bytes } = input;
  let value = 0;
  for (let p = start; p < stop; p++) value = value * 10 + (bytes[p] ^ ZERO);
  return value;
}

/** `upper * 10^9 + lower`, in two halves: arithmetic of bigints takes several times as long. */
function wideInteger(upper: number, lower: number, isNegative: boolean): bigint {
  let low = (Math.imul((upper % 0x1_0000_0000) | 0, BILLION) + lower) | 0;
  // What the sum is rounded by is far below 2^32, so the nearest integer is the right one.
  let high = Math.round((upper * BILLION + lower - (low >>> 0)) / 0x1_0000_0000);
  if (high > 0x7fff_ffff && !(isNegative && high === 0x8000_0000 && low === 0)) fail();
  if (isNegative) {
    low = -low | 0;
    high = low === 0 ? -high : ~high;
  }
  wide.setInt32(0, high);
  wide.setInt32(4, low);
  return wide.getBigInt64(0);
}

export function takeSafeInteger(position: number): number {
  const value = Number(takeI64(position));
  if (!Number.isSafeInteger(value)) fail();
  return value;
}

/** 10^0 to 10^22, the powers of ten that a double holds exactly. */
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, exponent) => Number(`1e${String(exponent)}`));

export function takeDouble(position: number): number {
  const { bytes, end } = input;
  let p = position;
  const isNegative = p < end && bytes[p] === MINUS;
  if (isNegative) p++;
  const start = p;
  let mantissa = 0;
  for (; p < end && (bytes[p] ^ ZERO) < 10; p++) mantissa = mantissa * 10 + (bytes[p] ^ ZERO);
  if (p === start) return slowly(position, readDouble);
  let scale = 0;
  if (p < end && bytes[p] === DOT) {
    const fraction = ++p;
    for (; p < end && (bytes[p] ^ ZERO) < 10; p++) mantissa = mantissa * 10 + (bytes[p] ^ ZERO);
    scale = p - fraction;
    if (scale === 0) return slowly(position, readDouble);
  }
  // Both operands are exact up to 15 digits, so the one rounding of the division is the right one.
  const digits = scale === 0 ? p - start : p - start - 1;
  if (digits > EXACT_DIGITS || !endsInteger(p)) return slowly(position, readDouble);
  const value = mantissa / POWERS_OF_TEN[scale];
  input.position = p;
  return isNegative ? -value : value;
}

/** A number as key, with its quotes. @returns the position of its first digit or sign. */
export function openKey(position: number): number {
  const { bytes, end } = input;
  const p = takeCharacter(position, QUOTE);
  // What reads the number skips blanks, which may not stand in quotes.
  if (p >= end || (bytes[p] !== MINUS && (bytes[p] ^ ZERO) > 9)) fail();
  return p;
}

/** @returns the position behind the colon. */
export function closeKey(position: number): number {
  if (position >= input.end || input.bytes[position] !== QUOTE) fail();
  return takeCharacter(position + 1, COLON);
}

export function takeDoubleKey(position: number): number {
  return slowly(position, readDoubleKey);
}

/** Reads the header of a list or set. @returns its size, never negative. */
export function takeListHeader(position: number, ttype: ValueTType): number {
  return slowly(position, () => {
    reader.readListBegin();
    if (reader.elementType !== ttype && reader.size !== 0) fail();
    return reader.size;
  });
}

/** Reads the header of a map, up to its first key. @returns its size, never negative. */
export function takeMapHeader(position: number, keyType: ValueTType, valueType: ValueTType): number {
  return slowly(position, () => {
    reader.readMapBegin();
    if ((reader.keyType !== keyType || reader.elementType !== valueType) && reader.size !== 0) fail();
    return reader.size;
  });
}

/** The functions that read text: they obey options. */
export function textReaders({ limits, utf8 }: ResolvedOptions): Record<string, (position: number) => unknown> {
  const { maxStringBytes } = limits;
  const strictUtf8 = utf8 === "strict";
  const textReader = new TJsonReader({ maxStringBytes, strictUtf8 });
  const readString = (): string => textReader.readString();
  const readBinary = (): Uint8Array => textReader.readBinary();
  const readUuid = (): string => textReader.readUuid();
  return {
    takeText: (position) => {
      const start = position + 1;
      const stop = position < input.end && input.bytes[position] === QUOTE ? endOfPlainText(start) : -1;
      if (stop < 0 || stop - start > maxStringBytes || strictUtf8) return readWith(textReader, position, readString);
      input.position = stop + 1;
      return readText(start, stop - start);
    },
    takeBinary: (position) => readWith(textReader, position, readBinary),
    takeUuid: (position) => readWith(textReader, position, readUuid),
  };
}

const BACKSLASH = 0x5c;

/** Where text without escapes ends: at its quote; -1 where there is an escape, or no end. */
function endOfPlainText(start: number): number {
  const { bytes, view, end } = input;
  let p = start;
  // Four bytes at a time, until one of them is a quote or backslash.
  for (; p + 4 <= end; p += 4) {
    const word = view.getInt32(p);
    const quotes = word ^ 0x22222222;
    const escapes = word ^ 0x5c5c5c5c;
    if (((((quotes - 0x01010101) & ~quotes) | ((escapes - 0x01010101) & ~escapes)) & 0x80808080) !== 0) break;
  }
  for (; p < end; p++) {
    if (bytes[p] === QUOTE) return p;
    if (bytes[p] === BACKSLASH) return -1;
  }
  return -1;
}

/** Steps over the value of a field nobody knows. */
export function fieldSkipper({ maxSkipDepth, maxStringBytes }: Limits): (position: number, header: number) => number {
  const skipper = new TJsonReader({ maxStringBytes, strictUtf8: false });
  return (position, header) => {
    const type = header >> 16;
    if (!isValueTType(type)) fail();
    skipper.reset(input.bytes, input.view, input.end);
    skipper.position = position;
    skipper.resume("field");
    skip(skipper, type, maxSkipDepth);
    skipper.release();
    return skipper.position;
  };
}

export const readTJsonNumbers: DecodeDialect["readNumbers"] = {
  i8: (position, count) => readIntegers(new Int8Array(count), position),
  i16: (position, count) => readIntegers(new Int16Array(count), position),
  i32: (position, count) => readIntegers(new Int32Array(count), position),
  i64(position, count) {
    const list = new BigInt64Array(count);
    input.position = position;
    for (let i = 0; i < count; i++) list[i] = takeI64(takeCharacter(input.position, COMMA));
    return list;
  },
  double(position, count) {
    const list = new Float64Array(count);
    input.position = position;
    for (let i = 0; i < count; i++) list[i] = takeDouble(takeCharacter(input.position, COMMA));
    return list;
  },
};

function readIntegers<T extends Int8Array | Int16Array | Int32Array>(list: T, position: number): T {
  input.position = position;
  for (let i = 0; i < list.length; i++) {
    const value = takeI32(takeCharacter(input.position, COMMA));
    list[i] = value;
    if (list[i] !== value) fail();
  }
  return list;
}
