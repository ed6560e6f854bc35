/**
 * UTF-8 in and out. Invalid bytes and lone surrogates become U+FFFD as the WHATWG Encoding Standard says, in every
 * path, so that a string does not depend on the route by which it was decoded.
 *
 * Text is where the time of a codec goes. A call into the engine's own decoder costs some 80 ns however short the
 * string, so short ones are handled here; for long ones it is as fast as memory allows, but for one case: on Node.js 20
 * its multi-byte decoder takes 2.0 times as long as {@link decodeUnits} (272 bytes of Chinese text).
 */

import { isLittleEndian } from "./byte-order.js";

/** Methods of Node.js' Buffer that take any Uint8Array as receiver; absent in browsers. */
interface BufferMethods {
  utf8Slice(this: Uint8Array, start: number, end: number): string;
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  ucs2Slice(this: Uint8Array, start: number, end: number): string;
  utf8Write(this: Uint8Array, text: string, offset: number, length: number): number;
}

const engine = (globalThis as { Buffer?: { prototype: BufferMethods } }).Buffer?.prototype;
const encoder = new TextEncoder();
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** UTF-16 units of the strings that {@link decodeUnits} takes: 32 KiB, enough for any text worth the trouble. */
const UNITS = new Uint16Array(16_384);
const UNIT_BYTES = new Uint8Array(UNITS.buffer);

/** Strings of fewer UTF-16 units are written by a loop: below this the call into the engine costs more than it saves. */
const SHORT_WRITE = 28;

/** Decodes bytes without a call into the engine being worth it for short ASCII, up to this length. */
export const SHORT_READ = 12;

/** Decodes `bytes[start, end)`; the range is within the array. */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= SHORT_READ && isAscii(bytes, start, end)) return readShortAscii(bytes, start, end - start);
  return readLongUtf8(bytes, start, end);
}

/** {@link readUtf8} for text that is long or is known not to be ASCII. */
export const readLongUtf8: (bytes: Uint8Array, start: number, end: number) => string =
  engine === undefined
    ? (bytes, start, end) => lossy.decode(bytes.subarray(start, end))
    : isLittleEndian && decodesMultiByteSlowly()
      ? readWithOwnDecoder
      : (bytes, start, end) => engine.utf8Slice.call(bytes, start, end);

/** Decodes Latin-1 (of which ASCII is the lower half); undefined where the engine has no fast way. */
export const readLatin1: ((bytes: Uint8Array, start: number, end: number) => string) | undefined =
  engine && ((bytes, start, end) => engine.latin1Slice.call(bytes, start, end));

/**
 * Writes the text at `position`, where the caller has made room for 3 bytes a UTF-16 unit; `view` is over the same memory
 * as `bytes`.
 * @returns the position behind it.
 */
export function writeUtf8(text: string, bytes: Uint8Array, view: DataView, position: number): number {
  const { length } = text;
  if (length >= SHORT_WRITE) return writeByEngine(text, bytes, position);
  // Four units to a store take three quarters of the time of one. The test stands at the end, for a branch at each unit
  // costs a fifth; what was cut off above is then written again.
  let seen = 0;
  let i = 0;
  for (; i < length - 3; i += 4) {
    const first = text.charCodeAt(i);
    const second = text.charCodeAt(i + 1);
    const third = text.charCodeAt(i + 2);
    const fourth = text.charCodeAt(i + 3);
    seen |= first | second | third | fourth;
    view.setInt32(position + i, (first << 24) | (second << 16) | (third << 8) | fourth);
  }
  for (; i < length; i++) {
    const unit = text.charCodeAt(i);
    seen |= unit;
    bytes[position + i] = unit;
  }
  return seen < 0x80 ? position + length : writeUnits(text, bytes, position);
}

/** {@link writeUtf8} for text that is long or is known not to be ASCII. */
export function writeLongUtf8(text: string, bytes: Uint8Array, position: number): number {
  return text.length < SHORT_WRITE ? writeUnits(text, bytes, position) : writeByEngine(text, bytes, position);
}

/** True when the bytes are well-formed UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
export function isValidUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  if (isAscii(bytes, start, end)) return true;
  try {
    strict.decode(bytes.subarray(start, end));
    return true;
  } catch {
    return false;
  }
}

/** True when the text has no lone surrogate. */
export function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}

export function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let seen = 0;
  for (let i = start; i < end; i++) seen |= bytes[i];
  return seen < 0x80;
}

/** Text of at most {@link SHORT_READ} bytes that are all ASCII. One call with literal arguments is 3 times as fast as a loop that concatenates. */
export function readShortAscii(b: Uint8Array, p: number, length: number): string {
  const f = String.fromCharCode;
  if (length < 5) {
    if (length < 2) return length === 0 ? "" : f(b[p]);
    if (length === 2) return f(b[p], b[p + 1]);
    if (length === 3) return f(b[p], b[p + 1], b[p + 2]);
    return f(b[p], b[p + 1], b[p + 2], b[p + 3]);
  }
  // prettier-ignore
  switch (length) {
    case 5: return f(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4]);
    case 6: return f(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5]);
    case 7: return f(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6]);
    case 8: return f(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7]);
    case 9: return f(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8]);
    case 10: return f(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9]);
    case 11: return f(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10]);
    default: return f(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11]);
  }
}

/** Node.js 22 brought a vectorised decoder, with V8 12.4. */
function decodesMultiByteSlowly(): boolean {
  const { process } = globalThis as { process?: { versions?: { v8?: string } } };
  return parseFloat(process?.versions?.v8 ?? "99") < 12;
}

/**
 * A look at sixteen bytes spread over the text tells Chinese from English: what is ASCII there goes to the engine, which
 * is right whatever the rest holds.
 */
function readWithOwnDecoder(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > UNITS.length) return engine!.utf8Slice.call(bytes, start, end);
  const step = ((end - start) >> 4) + 1;
  for (let i = start; i < end; i += step) {
    if (bytes[i] < 0x80) continue;
    const length = decodeUnits(bytes, start, end);
    if (length >= 0) return textOfUnits(length);
    break;
  }
  return engine!.utf8Slice.call(bytes, start, end);
}

/** Makes a string of {@link UNITS}. A call into the engine costs more than up to four arguments. */
function textOfUnits(length: number): string {
  const u = UNITS;
  if (length > 4) return engine!.ucs2Slice.call(UNIT_BYTES, 0, length * 2);
  if (length === 4) return String.fromCharCode(u[0], u[1], u[2], u[3]);
  if (length === 3) return String.fromCharCode(u[0], u[1], u[2]);
  return length === 2 ? String.fromCharCode(u[0], u[1]) : String.fromCharCode(u[0]);
}

/**
 * Decodes well-formed UTF-8 of up to three bytes a character into {@link UNITS}; the range is not empty.
 *
 * The `| 0` tell V8 that positions are 32-bit integers: 1.3 times as fast.
 *
 * @returns the number of units; -1 where the text is malformed or leaves the basic plane, for the engine to decode.
 */
function decodeUnits(bytes: Uint8Array, start: number, end: number): number {
  const out = UNITS;
  const stop = end | 0;
  let p = start | 0;
  let n = 0;
  while (p < stop) {
    const lead = bytes[p] | 0;
    if (lead < 0x80) {
      out[n] = lead;
      p = (p + 1) | 0;
    } else if (lead < 0xe0) {
      const second = bytes[(p + 1) | 0] ^ 0x80;
      if (lead < 0xc2 || second > 0x3f) return -1;
      out[n] = ((lead & 0x1f) << 6) | second;
      p = (p + 2) | 0;
    } else {
      const second = bytes[(p + 1) | 0] ^ 0x80;
      const third = bytes[(p + 2) | 0] ^ 0x80;
      const unit = ((lead & 0x0f) << 12) | (second << 6) | third;
      // Below U+0800 the form is overlong; U+D800 to U+DFFF are surrogates.
      if (lead > 0xef || (second | third) > 0x3f || unit < 0x800 || (unit & 0xf800) === 0xd800) return -1;
      out[n] = unit;
      p = (p + 3) | 0;
    }
    n = (n + 1) | 0;
  }
  // A character that the end cuts in two would have been read from what stands behind the text.
  return p === stop ? n : -1;
}

const writeByEngine: (text: string, bytes: Uint8Array, position: number) => number =
  engine === undefined
    ? (text, bytes, position) => position + encoder.encodeInto(text, bytes.subarray(position)).written
    : (text, bytes, position) => position + engine.utf8Write.call(bytes, text, position, text.length * 3);

/** Writes text of any characters. @returns the position behind it. */
function writeUnits(text: string, bytes: Uint8Array, position: number): number {
  const { length } = text;
  let p = position;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      bytes[p++] = unit;
    } else if (unit < 0x800) {
      bytes[p] = 0xc0 | (unit >> 6);
      bytes[p + 1] = 0x80 | (unit & 0x3f);
      p += 2;
    } else if ((unit & 0xf800) === 0xd800) {
      const point = text.codePointAt(i)!;
      if (point > 0xffff) i++;
      p = writeSupplementary(point, bytes, p);
    } else {
      p = writeThreeBytes(unit, bytes, p);
    }
  }
  return p;
}

function writeThreeBytes(unit: number, bytes: Uint8Array, p: number): number {
  bytes[p] = 0xe0 | (unit >> 12);
  bytes[p + 1] = 0x80 | ((unit >> 6) & 0x3f);
  bytes[p + 2] = 0x80 | (unit & 0x3f);
  return p + 3;
}

/** A code point of two surrogates, or U+FFFD for a surrogate that stands alone. */
function writeSupplementary(point: number, bytes: Uint8Array, p: number): number {
  if (point <= 0xffff) return writeThreeBytes(0xfffd, bytes, p);
  bytes[p] = 0xf0 | (point >> 18);
  bytes[p + 1] = 0x80 | ((point >> 12) & 0x3f);
  bytes[p + 2] = 0x80 | ((point >> 6) & 0x3f);
  bytes[p + 3] = 0x80 | (point & 0x3f);
  return p + 4;
}
