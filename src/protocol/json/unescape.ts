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
import { lowestByte, NOT_ASCII, specialBytes } from "./words.js";

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

/** A word is written at once, and a surrogate pair takes as much. */
const WORD_BYTES = 4;

/** Masks of the lowest bytes of a word, by how many. */
const LOWEST = [0, 0xff, 0xffff, 0xff_ffff];

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

/**
 * The content of the string that was unescaped last: `bytes[0, length)`, of which `view` is one. Valid until the next one is
 * unescaped; whoever has read it calls {@link releaseUnescaped}.
 */
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
  begin(view, start + 1, escape);
  let p = escape;
  for (;;) {
    p = takeWords(view, p, stop);
    if (p >= stop) return p;
    makeRoom();
    const byte = bytes[p];
    if (byte === BACKSLASH) {
      p = takeEscape(bytes, p, { start, stop });
    } else {
      if (byte === QUOTE || byte < lowest) return p;
      put(byte);
      p++;
    }
  }
}

/** Lets go of the memory of a long string, which would otherwise stay alive until the next one. */
export function releaseUnescaped(): void {
  if (unescaped.bytes !== scratch) use(scratch);
}

/** Starts with the text before the first escape. */
function begin(view: DataView, start: number, end: number): void {
  const length = end - start;
  use(length > scratch.length ? new Uint8Array(2 * length) : scratch);
  copyRange(view, start, end, { bytes: unescaped.bytes, view: unescaped.view, at: 0 });
  unescaped.length = length;
  unescaped.isAscii = isAscii(unescaped.bytes, 0, length);
  unescaped.hasLoneSurrogate = false;
}

function use(bytes: Uint8Array<ArrayBuffer>): void {
  unescaped.bytes = bytes;
  unescaped.view = bytes === scratch ? scratchView : new DataView(bytes.buffer);
}

function makeRoom(): void {
  const { bytes, length } = unescaped;
  if (length + WORD_BYTES <= bytes.length) return;
  const grown = new Uint8Array(2 * bytes.length + WORD_BYTES);
  grown.set(bytes.subarray(0, length));
  use(grown);
}

function put(byte: number): void {
  unescaped.bytes[unescaped.length++] = byte;
  if (byte >= 0x80) unescaped.isAscii = false;
}

/**
 * Takes what stands for itself and escapes of one letter, a word at a time: nearly all of most strings.
 *
 * @returns where something else stands, or where there is no word more, or no room for one.
 */
function takeWords(view: DataView, start: number, stop: number): number {
  const { bytes: out, view: outView } = unescaped;
  let at = unescaped.length;
  let p = start;
  let seen = 0;
  // What is written is never ahead of what is read, so one limit bounds both.
  const last = Math.min(stop, start + out.length - at) - WORD_BYTES;
  while (p <= last) {
    const word = view.getInt32(p, true);
    // All of it is copied. What does not stand for itself is written over.
    outView.setInt32(at, word, true);
    if ((word & 0xff) === BACKSLASH) {
      const first = ESCAPED[(word >> 8) & 0xff];
      if (first === 0) break;
      // Ends of lines are often two of them.
      const second = ((word >> 16) & 0xff) === BACKSLASH ? ESCAPED[word >>> 24] : 0;
      if (second === 0) {
        out[at++] = first;
        p += 2;
      } else {
        outView.setInt16(at, first | (second << 8), true);
        at += 2;
        p += 4;
      }
      continue;
    }
    const special = specialBytes(word);
    if (special === 0) {
      seen |= word;
      at += 4;
      p += 4;
      continue;
    }
    const plain = lowestByte(special);
    if (plain === 0) break;
    seen |= word & LOWEST[plain];
    at += plain;
    p += plain;
  }
  unescaped.length = at;
  if ((seen & NOT_ASCII) !== 0) unescaped.isAscii = false;
  return p;
}

/** Takes an escape of one letter, or all of hex digits that come one after the other. @returns the position behind. */
function takeEscape(bytes: Uint8Array, p: number, within: { start: number; stop: number }): number {
  const character = p + 1 < within.stop ? ESCAPED[bytes[p + 1]] : 0;
  if (character === 0) return takePoints(bytes, p, within);
  put(character);
  return p + 2;
}

function takePoints(bytes: Uint8Array, start: number, within: { start: number; stop: number }): number {
  const { bytes: out } = unescaped;
  let at = unescaped.length;
  let p = start;
  // The limit of takeWords: six bytes are read for three, twelve for four.
  const last = Math.min(within.stop, start + out.length - at) - WORD_BYTES;
  let highest = 0;
  do {
    const point = readPoint(bytes, p, within);
    if (point > highest) highest = point;
    at = putUtf8(wellFormed(point), out, at);
    p += point > 0xffff ? 12 : 6;
  } while (p <= last && bytes[p] === BACKSLASH && bytes[p + 1] === LETTER_U);
  unescaped.length = at;
  if (highest >= 0x80) unescaped.isAscii = false;
  return p;
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
function readUnit(bytes: Uint8Array, p: number, within: { start: number; stop: number }): number {
  if (p + 6 > within.stop || bytes[p + 1] !== LETTER_U) return failAtEscape(bytes, p, within);
  const high = (HEX_DIGITS[bytes[p + 2]] << 12) | (HEX_DIGITS[bytes[p + 3]] << 8);
  const unit = high | (HEX_DIGITS[bytes[p + 4]] << 4) | HEX_DIGITS[bytes[p + 5]];
  return unit < 0 ? failAtEscape(bytes, p, within) : unit;
}

/** Where the input ends in what may have become an escape, it is cut off. */
function failAtEscape(bytes: Uint8Array, p: number, { start, stop }: { start: number; stop: number }): never {
  releaseUnescaped();
  let isBegun = p + 1 >= stop || bytes[p + 1] === LETTER_U;
  for (let i = p + 2; i < p + 6 && i < stop; i++) isBegun &&= HEX_DIGITS[bytes[i]] >= 0;
  if (isBegun) throw new ProtocolError("ERR_THRIFT_TRUNCATED", start, "expected a string, found the end of the input");
  throw new ProtocolError("ERR_THRIFT_INVALID_DATA", p, "expected an escape of JSON, found another");
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
