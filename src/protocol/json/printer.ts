/**
 * Prints pieces of JSON into memory, for every protocol whose wire format is JSON. Each function writes at a position
 * and returns the position behind what it wrote; the caller has made room for the most that the piece can take, which
 * the constants state.
 */

import { writeLongUtf8 } from "../text.js";
import { HIGH_WORD, integer64, LOW_WORD, words64 } from "../varint.js";

/** Bytes that {@link writeJsonString} takes at most for a UTF-16 unit (`\u0001`), without the two quotes. */
export const JSON_UNIT_BYTES = 6;

/** Bytes that {@link writeJsonInteger} and {@link writeJsonI64} take at most: `-9223372036854775808`. */
export const JSON_INTEGER_BYTES = 20;

/** Bytes that {@link writeJsonDouble} takes at most: `-0.0000012345678901234567`. */
export const JSON_DOUBLE_BYTES = 25;

/** @returns the most bytes that {@link writeBase64} and {@link writePaddedBase64} take for `length` bytes. */
export function base64Room(length: number): number {
  return 4 * Math.ceil(length / 3);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const LETTER_A = 0x61;
const LETTER_U = 0x75;
const PAD = 0x3d;

/**
 * Strings of fewer UTF-16 units are copied by a loop that looks at each. Longer ones are searched by a regular
 * expression and copied by the engine.
 */
const SHORT_STRING = 32;

/** For a byte of UTF-8 what stands behind the backslash in its escape: itself, a letter, `u`, or 0 where it stays as it is. */
export const ESCAPES = new Uint8Array(0x100);
ESCAPES.fill(LETTER_U, 0, 0x20);
for (const [character, letter] of ["\bb", "\ff", "\nn", "\rr", "\tt", '""', "\\\\"]) {
  ESCAPES[character.charCodeAt(0)] = letter.charCodeAt(0);
}

const ESCAPED = /["\\\u0000-\u001f]/;

/** Longer text is searched for escapes before room is made for it: most has none, and a third of the room suffices. */
const LONG_STRING = 16_384;

/** @returns the most bytes that {@link writeJsonString} takes for a text. */
export function jsonStringRoom(text: string): number {
  const { length } = text;
  return 2 + (length > LONG_STRING && !ESCAPED.test(text) ? 3 : JSON_UNIT_BYTES) * length;
}

/**
 * Writes text with its quotes: `"`, `\` and control characters are escaped as JSON.stringify does, the rest is UTF-8; a
 * lone surrogate becomes U+FFFD. Takes {@link jsonStringRoom} at most.
 */
export function writeJsonString(text: string, bytes: Uint8Array, position: number): number {
  const { length } = text;
  bytes[position] = QUOTE;
  if (length >= SHORT_STRING) return writeLongString(text, bytes, position + 1);
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80 || ESCAPES[unit] !== 0) return writeLongString(text, bytes, position + 1);
    bytes[position + 1 + i] = unit;
  }
  bytes[position + 1 + length] = QUOTE;
  return position + length + 2;
}

/** All but the quote in front. */
function writeLongString(text: string, bytes: Uint8Array, start: number): number {
  if (ESCAPED.test(text))
    return text.length < LONG_ESCAPED ? writeEscaped(text, bytes, start) : writeEscapedUtf8(text, bytes, start);
  const end = writeLongUtf8(text, bytes, start);
  bytes[end] = QUOTE;
  return end + 1;
}

/** From here on it takes half the time to let the engine make UTF-8 of the text and to escape bytes. */
const LONG_ESCAPED = 64;

/** Memory for the UTF-8 of a text before it is escaped; longer ones get some of their own. */
const unescapedBytes = new Uint8Array(16 * 1024);

function writeEscapedUtf8(text: string, bytes: Uint8Array, start: number): number {
  const room = 3 * text.length;
  const utf8 = room <= unescapedBytes.length ? unescapedBytes : new Uint8Array(room);
  const end = writeLongUtf8(text, utf8, 0);
  let p = start;
  for (let i = 0; i < end; i++) {
    const byte = utf8[i];
    if (ESCAPES[byte] === 0) bytes[p++] = byte;
    else p = writeEscape(byte, bytes, p);
  }
  bytes[p] = QUOTE;
  return p + 1;
}

/** For short text. Copying the stretches between escapes through the engine would take 3 to 15 times as long. */
function writeEscaped(text: string, bytes: Uint8Array, start: number): number {
  const { length } = text;
  let p = start;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      if (ESCAPES[unit] === 0) bytes[p++] = unit;
      else p = writeEscape(unit, bytes, p);
    } else if (unit < 0x800) {
      bytes[p] = 0xc0 | (unit >> 6);
      bytes[p + 1] = 0x80 | (unit & 0x3f);
      p += 2;
    } else if ((unit & 0xf800) === 0xd800) {
      const character = String.fromCodePoint(text.codePointAt(i)!);
      p = writeLongUtf8(character, bytes, p);
      i += character.length - 1;
    } else {
      bytes[p] = 0xe0 | (unit >> 12);
      bytes[p + 1] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[p + 2] = 0x80 | (unit & 0x3f);
      p += 3;
    }
  }
  bytes[p] = QUOTE;
  return p + 1;
}

/** Writes the escape of a character that has one in {@link ESCAPES}. Takes {@link JSON_UNIT_BYTES} at most. */
export function writeEscape(unit: number, bytes: Uint8Array, p: number): number {
  bytes[p] = BACKSLASH;
  bytes[p + 1] = ESCAPES[unit];
  if (ESCAPES[unit] !== LETTER_U) return p + 2;
  bytes[p + 2] = ZERO;
  bytes[p + 3] = ZERO;
  bytes[p + 4] = ZERO + (unit >> 4);
  const low = unit & 15;
  bytes[p + 5] = low < 10 ? ZERO + low : LETTER_A + low - 10;
  return p + 6;
}

/** The digits of 00 to 99, so that a division yields two. */
const PAIRS = new Uint8Array(200);
for (let i = 0; i < 100; i++) {
  PAIRS[2 * i] = ZERO + Math.floor(i / 10);
  PAIRS[2 * i + 1] = ZERO + (i % 10);
}

const BILLION = 1_000_000_000;

/** Writes a safe integer; -0 as 0. Takes {@link JSON_INTEGER_BYTES} at most. */
export function writeJsonInteger(value: number, bytes: Uint8Array, position: number): number {
  if (value >= 0) return writeMagnitude(value, bytes, position);
  bytes[position] = MINUS;
  return writeMagnitude(-value, bytes, position + 1);
}

/** Writes an i64 exactly. Takes {@link JSON_INTEGER_BYTES} at most. */
export function writeJsonI64(value: bigint, bytes: Uint8Array, position: number): number {
  integer64[0] = value;
  return writeJsonWords(bytes, position);
}

/** Writes the i64 in {@link words64}, as {@link writeJsonI64}. */
export function writeJsonWords(bytes: Uint8Array, position: number): number {
  let high = words64[HIGH_WORD];
  let low = words64[LOW_WORD];
  let p = position;
  if (high < 0) {
    bytes[p++] = MINUS;
    low = -low | 0;
    high = low === 0 ? -high | 0 : ~high;
  }
  return writeHalves(high >>> 0, low, bytes, p);
}

/** Writes `high * 2^32 + low`, where low is taken as unsigned. Arithmetic of bigints would take 4 times as long. */
function writeHalves(high: number, low: number, bytes: Uint8Array, position: number): number {
  const rounded = high * 0x1_0000_0000 + (low >>> 0);
  if (high < 0x20_0000) return writeMagnitude(rounded, bytes, position);
  // The quotient may be off by one where the sum was rounded. The remainder then tells: it is less than 2^31 away from 0,
  // so its lower 32 bits, which are exact, are all of it.
  let quotient = Math.floor(rounded / BILLION);
  let remainder = (low - Math.imul((quotient % 0x1_0000_0000) | 0, BILLION)) | 0;
  if (remainder < 0) {
    quotient--;
    remainder += BILLION;
  } else if (remainder >= BILLION) {
    quotient++;
    remainder -= BILLION;
  }
  return writeNineDigits(remainder, bytes, writeMagnitude(quotient, bytes, position));
}

/** An integer from 0 to 2^53. */
function writeMagnitude(value: number, bytes: Uint8Array, position: number): number {
  if (value < 0x8000_0000) return writeDigits(value | 0, bytes, position);
  const quotient = Math.floor(value / BILLION);
  return writeNineDigits((value - quotient * BILLION) | 0, bytes, writeMagnitude(quotient, bytes, position));
}

/** An integer from 0 to 2^31 - 1. */
function writeDigits(value: number, bytes: Uint8Array, position: number): number {
  const end = position + countDigits(value);
  let rest = value;
  let p = end;
  while (rest >= 100) {
    const quotient = (rest / 100) | 0;
    const pair = (rest - quotient * 100) << 1;
    p -= 2;
    bytes[p] = PAIRS[pair];
    bytes[p + 1] = PAIRS[pair + 1];
    rest = quotient;
  }
  if (rest >= 10) {
    bytes[p - 2] = PAIRS[rest << 1];
    bytes[p - 1] = PAIRS[(rest << 1) + 1];
  } else {
    bytes[p - 1] = ZERO + rest;
  }
  return end;
}

function countDigits(value: number): number {
  if (value < 100_000) {
    if (value < 100) return value < 10 ? 1 : 2;
    if (value < 1000) return 3;
    return value < 10_000 ? 4 : 5;
  }
  if (value < 10_000_000) return value < 1_000_000 ? 6 : 7;
  if (value < 100_000_000) return 8;
  return value < BILLION ? 9 : 10;
}

/** An integer below a billion, with zeros in front. */
function writeNineDigits(value: number, bytes: Uint8Array, position: number): number {
  let rest = value;
  for (let p = position + 7; p > position; p -= 2) {
    const quotient = (rest / 100) | 0;
    const pair = (rest - quotient * 100) << 1;
    bytes[p] = PAIRS[pair];
    bytes[p + 1] = PAIRS[pair + 1];
    rest = quotient;
  }
  bytes[position] = ZERO + rest;
  return position + 9;
}

/**
 * Writes a finite double with the fewest digits that give it back, as JavaScript prints it, and -0 as `-0`. Takes
 * {@link JSON_DOUBLE_BYTES} at most.
 */
export function writeJsonDouble(value: number, bytes: Uint8Array, position: number): number {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return writeJsonInteger(value, bytes, position);
  return writeAscii(value === 0 ? "-0" : String(value), bytes, position);
}

/** Writes text of ASCII characters that need no escape. */
function writeAscii(text: string, bytes: Uint8Array, position: number): number {
  const { length } = text;
  for (let i = 0; i < length; i++) bytes[position + i] = text.charCodeAt(i);
  return position + length;
}

/** Below this many bytes the loop is faster than two calls into the engine. */
const SHORT_BASE64 = 192;

const DIGITS = new TextEncoder().encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

/** Methods of Node.js' Buffer that take any Uint8Array as receiver; absent in browsers. */
interface BufferMethods {
  base64Slice(this: Uint8Array, start: number, end: number): string;
  latin1Write(this: Uint8Array, text: string, offset: number, length: number): number;
}

const engine = (globalThis as { Buffer?: { prototype: BufferMethods } }).Buffer?.prototype;

/** Writes base64 without padding and without quotes. Takes {@link base64Room} at most. */
export function writeBase64(source: Uint8Array, bytes: Uint8Array, position: number): number {
  const end = position + Math.ceil((source.length * 4) / 3);
  if (engine !== undefined && source.length >= SHORT_BASE64) {
    const text = engine.base64Slice.call(source, 0, source.length);
    engine.latin1Write.call(bytes, text, position, end - position);
  } else {
    writeShortBase64(source, bytes, position);
  }
  return end;
}

/** Writes base64 with padding and without quotes. Takes {@link base64Room}. */
export function writePaddedBase64(source: Uint8Array, bytes: Uint8Array, position: number): number {
  const end = position + base64Room(source.length);
  for (let p = writeBase64(source, bytes, position); p < end; p++) bytes[p] = PAD;
  return end;
}

function writeShortBase64(source: Uint8Array, bytes: Uint8Array, position: number): void {
  const whole = source.length - (source.length % 3);
  let p = position;
  for (let i = 0; i < whole; i += 3) {
    const bits = (source[i] << 16) | (source[i + 1] << 8) | source[i + 2];
    bytes[p] = DIGITS[bits >> 18];
    bytes[p + 1] = DIGITS[(bits >> 12) & 63];
    bytes[p + 2] = DIGITS[(bits >> 6) & 63];
    bytes[p + 3] = DIGITS[bits & 63];
    p += 4;
  }
  const left = source.length - whole;
  if (left === 0) return;
  const bits = (source[whole] << 16) | (left === 2 ? source[whole + 1] << 8 : 0);
  bytes[p] = DIGITS[bits >> 18];
  bytes[p + 1] = DIGITS[(bits >> 12) & 63];
  if (left === 2) bytes[p + 2] = DIGITS[(bits >> 6) & 63];
}
