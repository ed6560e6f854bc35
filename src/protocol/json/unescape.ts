/**
 * Escapes of JSON strings (RFC 8259, 7) to UTF-8, which is never longer than they are:
 *
 *     \" \\ \/ \b \f \n \r \t     one byte
 *     \u0000 to \uffff            one to three bytes
 *     \ud800\udc00 and so on      a pair of surrogates: four bytes; one that stands alone: those of U+FFFD
 */

import { copyRange } from "../buffer.js";
import { ProtocolError } from "../protocol.js";
import { isAscii } from "../text.js";
import { NOT_ASCII, plainBytes } from "./words.js";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/** Characters by the letter behind the backslash, 0 for letters that mean something else or nothing. */
const ESCAPED = new Uint8Array(256);
for (const [letter, character] of ['""', "\\\\", "//", "b\b", "f\f", "n\n", "r\r", "t\t"]) {
  ESCAPED[letter.charCodeAt(0)] = character.charCodeAt(0);
}

/** Values of hex digits, -1 for other bytes: whatever is shifted into it stays negative. */
const HEX_DIGITS = Int8Array.from({ length: 256 }, (_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? -1 : digit;
});

/** Memory that is used again; longer strings get some of their own. */
const scratch = new Uint8Array(16 * 1024);
const scratchView: DataView = new DataView(scratch.buffer);

/** Where a string stands in the input. */
export interface EscapedString {
  /** Its opening quote. */
  readonly start: number;
  /** Its first backslash. */
  readonly escape: number;
  /** The end of the input. */
  readonly stop: number;
  /** The lowest byte that may stand in it unescaped. */
  readonly lowest: number;
}

/** The content of the string that was unescaped last: `bytes[0, length)`, of which `view` is one, valid until the next one is. */
export const unescaped = { bytes: scratch, view: scratchView, length: 0, isAscii: true, hasLoneSurrogate: false };

/**
 * Unescapes a string into {@link unescaped}.
 *
 * @returns where it stops: at its closing quote, at a byte that may not stand in it, or at the end of the input.
 * @throws ProtocolError INVALID_DATA at an escape that is none, TRUNCATED where the input ends in one.
 */
export function unescape(
  { bytes, view }: { readonly bytes: Uint8Array; readonly view: DataView },
  { start, escape, stop, lowest }: EscapedString,
): number {
  let at = escape - start - 1;
  let out = at > scratch.length ? new Uint8Array(2 * at) : scratch;
  let outView = out === scratch ? scratchView : new DataView(out.buffer);
  copyRange(view, start + 1, escape, { bytes: out, view: outView, at: 0 });
  let seen = isAscii(out, 0, at) ? 0 : NOT_ASCII;
  // A surrogate pair takes four bytes.
  let limit = out.length - 4;
  let p = escape;
  unescaped.hasLoneSurrogate = false;
  while (p < stop) {
    const byte = bytes[p];
    if (at > limit) {
      out = grown(out, at);
      outView = new DataView(out.buffer);
      limit = out.length - 4;
    }
    if (byte === BACKSLASH) {
      const two = p + 4 <= stop ? shortEscapes(view.getInt32(p)) : 0;
      if (two !== 0) {
        outView.setInt16(at, two);
        at += 2;
        p += 4;
        continue;
      }
      const character = p + 1 < stop ? ESCAPED[bytes[p + 1]] : 0;
      if (character !== 0) {
        out[at++] = character;
        p += 2;
      } else {
        const point = readPoint(bytes, p, { start, stop });
        seen |= point < 0x80 ? 0 : 0x80;
        p += point > 0xffff ? 12 : 6;
        at = putUtf8(wellFormed(point), out, at);
      }
      continue;
    }
    if (p + 4 <= stop) {
      // Four bytes at a time as long as they stand for themselves. All are copied; those that do not are written over.
      const word = view.getInt32(p, true);
      const plain = plainBytes(word);
      outView.setInt32(at, word, true);
      if (plain > 0) {
        seen |= word & NOT_ASCII;
        at += plain;
        p += plain;
        continue;
      }
    }
    if (byte === QUOTE || byte < lowest) break;
    seen |= byte;
    out[at++] = byte;
    p++;
  }
  leave(out, outView, at, (seen & NOT_ASCII) === 0);
  return p;
}

function leave(bytes: Uint8Array<ArrayBuffer>, view: DataView, length: number, isAsciiText: boolean): void {
  unescaped.bytes = bytes;
  unescaped.view = view;
  unescaped.length = length;
  unescaped.isAscii = isAsciiText;
}

/** Two escapes of one letter each, as ends of lines often are: their characters, 0 for anything else. */
function shortEscapes(word: number): number {
  if (((word >> 8) & 0xff) !== BACKSLASH) return 0;
  const first = ESCAPED[(word >> 16) & 0xff];
  const second = ESCAPED[word & 0xff];
  return first !== 0 && second !== 0 ? (first << 8) | second : 0;
}

function grown(out: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 * out.length + 8);
  bytes.set(out.subarray(0, length));
  return bytes;
}

/** The code point of an escape of hex digits, together with that behind it where both are a pair of surrogates. */
function readPoint(bytes: Uint8Array, p: number, within: { start: number; stop: number }): number {
  const high = readUnit(bytes, p, within);
  const next = p + 6;
  const isHigh = (high & 0xfc00) === 0xd800;
  if (!isHigh || next + 1 >= within.stop || bytes[next] !== BACKSLASH || bytes[next + 1] !== LETTER_U) return high;
  const low = readUnit(bytes, next, within);
  return (low & 0xfc00) === 0xdc00 ? 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff) : high;
}

/** The UTF-16 unit of an escape of hex digits. */
function readUnit(bytes: Uint8Array, p: number, { start, stop }: { start: number; stop: number }): number {
  let unit = p + 1 >= stop || bytes[p + 1] === LETTER_U ? 0 : -1;
  for (let i = p + 2; i < p + 6 && i < stop; i++) unit = (unit << 4) | HEX_DIGITS[bytes[i]];
  if (unit < 0) {
    throw new ProtocolError("ERR_THRIFT_INVALID_DATA", p, "expected an escape of JSON, found another");
  }
  if (p + 6 > stop) {
    throw new ProtocolError("ERR_THRIFT_TRUNCATED", start, "expected a string, found the end of the input");
  }
  return unit;
}

/** A surrogate that stands alone has no UTF-8. */
function wellFormed(point: number): number {
  if (point < 0xd800 || point > 0xdfff) return point;
  unescaped.hasLoneSurrogate = true;
  return 0xfffd;
}

/** Writes a code point that is no surrogate. @returns the position behind it. */
function putUtf8(point: number, out: Uint8Array, at: number): number {
  if (point < 0x80) {
    out[at] = point;
    return at + 1;
  }
  if (point < 0x800) {
    out[at] = 0xc0 | (point >> 6);
    out[at + 1] = 0x80 | (point & 0x3f);
    return at + 2;
  }
  if (point < 0x10000) {
    out[at] = 0xe0 | (point >> 12);
    out[at + 1] = 0x80 | ((point >> 6) & 0x3f);
    out[at + 2] = 0x80 | (point & 0x3f);
    return at + 3;
  }
  out[at] = 0xf0 | (point >> 18);
  out[at + 1] = 0x80 | ((point >> 12) & 0x3f);
  out[at + 2] = 0x80 | ((point >> 6) & 0x3f);
  out[at + 3] = 0x80 | (point & 0x3f);
  return at + 4;
}
