/**
 * Numbers of JSON (RFC 8259, 6) out of bytes, exactly: what a double or an i64 cannot hold is refused, never rounded to
 * a neighbour that it is not nearest to.
 *
 *     -? (0 | [1-9][0-9]*) (\. [0-9]+)? ([eE] [-+]? [0-9]+)?
 *      ╰── integer part ─╯ ╰─ fraction ╯ ╰─── exponent ────╯
 */

import { readUtf8 } from "../text.js";

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
  return Number(readUtf8(bytes, start, token.end));
}

/** The integer that a token is which starts at `start`; undefined beyond i64. */
export function i64Of(bytes: Uint8Array, start: number, token: NumberToken): bigint | undefined {
  const isNegative = bytes[start] === MINUS;
  if (token.digits <= EXACT_DIGITS) return BigInt(isNegative ? -token.mantissa : token.mantissa);
  // A longer one is out of range before it costs anything to convert.
  if (token.digits > 19) return undefined;
  const value = BigInt(readUtf8(bytes, start, token.end));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}
