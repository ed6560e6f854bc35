/**
 * Base64 in: the standard alphabet and the one for URLs (RFC 4648, 4 and 5), mixed or not, with padding and without.
 * Apache's libraries leave the padding out, JavaScript and Go write it.
 *
 *     | 6 bits | 6 bits | 6 bits | 6 bits |      four characters
 *     |    8 bits   |   8 bits  |  8 bits |      three bytes; 2 and 3 characters at the end are 1 and 2 bytes
 */

const NO_DIGIT = 0x40;
const EQUALS_SIGN = 0x3d;

const DIGITS = digitTable();

function digitTable(): Uint8Array {
  const digits = new Uint8Array(256).fill(NO_DIGIT);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (let i = 0; i < 64; i++) digits[alphabet.charCodeAt(i)] = i;
  digits["-".charCodeAt(0)] = 62;
  digits["_".charCodeAt(0)] = 63;
  return digits;
}

/** Methods of Node.js' Buffer that take any Uint8Array as receiver; absent in browsers. */
interface BufferMethods {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  base64Write(this: Uint8Array, text: string, offset: number, length: number): number;
}

const engine = (globalThis as { Buffer?: { prototype: BufferMethods } }).Buffer?.prototype;

/** From this many bytes on two calls into the engine are faster than the loop. */
const LONG_BASE64 = 400;

/** @returns how many bytes the text in `bytes[start, end)` stands for; -1 where its length or padding is that of no base64. */
export function base64Length(bytes: Uint8Array, start: number, end: number): number {
  const digits = withoutPadding(bytes, start, end) - start;
  const isPadded = digits < end - start;
  if (digits % 4 === 1 || (isPadded && (end - start) % 4 !== 0)) return -1;
  return Math.floor((digits * 3) / 4);
}

/**
 * Decodes `bytes[start, end)` into memory of its {@link base64Length}, which is not negative, or more.
 *
 * @returns false when a character is none of base64.
 */
export function decodeBase64(bytes: Uint8Array, start: number, end: number, decoded: Uint8Array): boolean {
  const stop = withoutPadding(bytes, start, end);
  const length = Math.floor(((stop - start) * 3) / 4);
  if (engine !== undefined && length >= LONG_BASE64) {
    const text = engine.latin1Slice.call(bytes, start, stop);
    // It leaves out what is no base64, and then writes less.
    return engine.base64Write.call(decoded, text, 0, length) === length;
  }
  let seen = 0;
  let at = 0;
  let p = start;
  for (; p + 4 <= stop; p += 4) {
    const a = DIGITS[bytes[p]];
    const b = DIGITS[bytes[p + 1]];
    const c = DIGITS[bytes[p + 2]];
    const d = DIGITS[bytes[p + 3]];
    seen |= a | b | c | d;
    decoded[at] = (a << 2) | (b >> 4);
    decoded[at + 1] = (b << 4) | (c >> 2);
    decoded[at + 2] = (c << 6) | d;
    at += 3;
  }
  if (p < stop) {
    const a = DIGITS[bytes[p]];
    const b = DIGITS[bytes[p + 1]];
    const c = p + 2 < stop ? DIGITS[bytes[p + 2]] : 0;
    seen |= a | b | c;
    decoded[at] = (a << 2) | (b >> 4);
    if (p + 2 < stop) decoded[at + 1] = (b << 4) | (c >> 2);
  }
  return (seen & NO_DIGIT) === 0;
}

function withoutPadding(bytes: Uint8Array, start: number, end: number): number {
  let stop = end;
  while (stop > start && end - stop < 2 && bytes[stop - 1] === EQUALS_SIGN) stop--;
  return stop;
}
