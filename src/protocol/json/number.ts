/**
 * Numbers of JSON (RFC 8259, 6) out of bytes, exactly: what a double or an i64 cannot hold is refused, never rounded to
 * a neighbour that it is not nearest to.
 *
 *     -? (0 | [1-9][0-9]*) (\. [0-9]+)? ([eE] [-+]? [0-9]+)?
 *      ╰── integer part ─╯ ╰─ fraction ╯ ╰─── exponent ────╯
 */

import { readLatin1, readUtf8 } from "../text.js";
import { HIGH_WORD, LOW_WORD, words64 } from "../varint.js";

const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;

/** Integers of so many digits are exact in a double, sums of their digits too. */
export const EXACT_DIGITS = 15;

/** 10^0 to 10^22, the powers of ten that a double holds exactly. */
export const POWERS_OF_TEN = Array.from({ length: 23 }, (_, exponent) => Number(`1e${String(exponent)}`));

/** A number as it stands in the input. */
export interface NumberToken {
  /** Behind its last byte; where it breaks the grammar, the complement (`~`) of that place. */
  end: number;
  /** It has neither fraction nor exponent. */
  isInteger: boolean;
  /** A zero stands before other digits of the integer part, which RFC 8259 forbids: for the caller to refuse. */
  hasLeadingZero: boolean;
  /** Its digits without point and exponent as integer, exact while `digits` is at most 15. */
  mantissa: number;
  /** Digits of the mantissa, counted from the first one that is not 0. */
  digits: number;
  /** Digits of the fraction. */
  scale: number;
  hasExponent: boolean;
}

export function newToken(): NumberToken {
  return { end: 0, isInteger: false, mantissa: 0, digits: 0, scale: 0, hasExponent: false, hasLeadingZero: false };
}

/** Reads the token that starts at `start` into `token`. */
export function scanNumber(bytes: Uint8Array, start: number, stop: number, token: NumberToken): void {
  let p = start;
  token.mantissa = 0;
  token.digits = 0;
  token.scale = 0;
  token.hasExponent = false;
  if (p < stop && bytes[p] === MINUS) p++;
  const integer = p;
  p = scanDigits(bytes, p, stop, token);
  if (p === integer) return breakAt(token, p);
  token.hasLeadingZero = bytes[integer] === ZERO && p > integer + 1;
  token.isInteger = true;
  if (p < stop && bytes[p] === DOT) {
    const fraction = p + 1;
    p = scanDigits(bytes, fraction, stop, token);
    if (p === fraction) return breakAt(token, p);
    token.isInteger = false;
    token.scale = p - fraction;
  }
  if (p < stop && (bytes[p] | 0x20) === 0x65) {
    p = scanExponent(bytes, p + 1, stop);
    if (p < 0) return breakAt(token, ~p);
    token.isInteger = false;
    token.hasExponent = true;
  }
  token.end = p;
}

function breakAt(token: NumberToken, place: number): void {
  token.end = ~place;
}

/** Reads digits and appends them to the mantissa. @returns where they end. */
function scanDigits(bytes: Uint8Array, start: number, stop: number, token: NumberToken): number {
  let { mantissa, digits } = token;
  let p = start;
  for (; p < stop; p++) {
    const digit = bytes[p] ^ ZERO;
    if (digit > 9) break;
    mantissa = mantissa * 10 + digit;
    if (mantissa !== 0) digits++;
  }
  token.mantissa = mantissa;
  token.digits = digits;
  return p;
}

/** @returns where it ends, the complement of where a digit is missing. */
function scanExponent(bytes: Uint8Array, start: number, stop: number): number {
  let p = start;
  if (p < stop && (bytes[p] === PLUS || bytes[p] === MINUS)) p++;
  const digits = p;
  while (p < stop && (bytes[p] ^ ZERO) <= 9) p++;
  return p === digits ? ~p : p;
}

/** The double nearest to a token that starts at `start`; an infinity where it is beyond all doubles. */
export function doubleOf(bytes: Uint8Array, start: number, token: NumberToken): number {
  const { digits, scale, mantissa } = token;
  if (digits <= EXACT_DIGITS && scale < POWERS_OF_TEN.length && !token.hasExponent) {
    // Both operands are exact, so the one rounding of the division is the right one.
    const magnitude = mantissa / POWERS_OF_TEN[scale];
    return bytes[start] === MINUS ? -magnitude : magnitude;
  }
  return Number((readLatin1 ?? readUtf8)(bytes, start, token.end));
}

/** Puts the integer that a token is which starts at `start` into {@link words64}. @returns false when it is no i64. */
export function putI64(bytes: Uint8Array, start: number, token: NumberToken): boolean {
  const isNegative = bytes[start] === MINUS;
  if (token.digits > EXACT_DIGITS) return putLongI64(bytes, token.end - token.digits, token.end, isNegative);
  const value = isNegative ? -token.mantissa : token.mantissa;
  // A typed array takes values modulo 2^32.
  words64[LOW_WORD] = value;
  words64[HIGH_WORD] = Math.floor(value / 0x1_0000_0000);
  return true;
}

/**
 * Puts an i64 of 10 digits or more, which stand in `bytes[start, end)` without leading zeros, into {@link words64}: as upper
 * digits and the lower nine, in pieces of which none leaves 53 bits. A bigint made of text takes 3 times as long.
 *
 * @returns false when it is out of range.
 */
export function putLongI64(bytes: Uint8Array, start: number, end: number, isNegative: boolean): boolean {
  // A longer one is out of range before it costs anything to convert.
  if (end - start > 19) return false;
  const upper = integerOf(bytes, start, end - 9);
  // upper * 10^9 = over * 2^16 + under
  const over = Math.floor(upper / 0x1_0000) * 1e9;
  const under = (upper % 0x1_0000) * 1e9 + integerOf(bytes, end - 9, end);
  const rest = (over % 0x1_0000) * 0x1_0000 + under;
  const high = Math.floor(over / 0x1_0000) + Math.floor(rest / 0x1_0000_0000);
  const low = rest % 0x1_0000_0000;
  if (high > 0x7fff_ffff && !(isNegative && high === 0x8000_0000 && low === 0)) return false;
  // Modulo 2^32 again: the two's complement of a negative one.
  words64[HIGH_WORD] = isNegative ? (low === 0 ? -high : ~high) : high;
  words64[LOW_WORD] = isNegative ? -low : low;
  return true;
}

function integerOf(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let p = start; p < end; p++) value = value * 10 + (bytes[p] ^ ZERO);
  return value;
}
