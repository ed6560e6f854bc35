/**
 * Base64 in: the standard alphabet and the one for URLs (RFC 4648, 4 and 5), mixed or not, with padding and without.
 * Apache's libraries leave the padding out, JavaScript and Go write it.
 *
 *     | 6 bits | 6 bits | 6 bits | 6 bits |      four characters
 *     |    8 bits   |   8 bits  |  8 bits |      three bytes; 2 and 3 characters at the end are 1 and 2 bytes
 */

const EQUALS_SIGN = 0x3d;

/** What a character adds to three bytes, by its place among four; negative for what is no digit. */
const [FIRST, SECOND, THIRD, FOURTH] = [18, 12, 6, 0].map(digitTable) as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

function digitTable(shift: number): Int32Array {
  const digits = new Int32Array(256).fill(-1);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (let i = 0; i < 64; i++) digits[alphabet.charCodeAt(i)] = i << shift;
  digits["-".charCodeAt(0)] = 62 << shift;
  digits["_".charCodeAt(0)] = 63 << shift;
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

/** @returns how many bytes the text from `start` to `end` stands for; -1 where its length or padding is that of no base64. */
export function base64Length(text: DataView, start: number, end: number): number {
  const digits = withoutPadding(text, start, end) - start;
  const isPadded = digits < end - start;
  if (digits % 4 === 1 || (isPadded && (end - start) % 4 !== 0)) return -1;
  return bytesOf(digits);
}

function bytesOf(digits: number): number {
  return Math.floor((digits * 3) / 4);
}

/**
 * Decodes the text from `start` to `end` into memory of its {@link base64Length}, which is not negative, or more.
 *
 * @returns false when a character is none of base64.
 */
export function decodeBase64(text: DataView, start: number, end: number, decoded: Uint8Array): boolean {
  const stop = withoutPadding(text, start, end);
  const length = bytesOf(stop - start);
  if (engine !== undefined && length >= LONG_BASE64) {
    const bytes = new Uint8Array(text.buffer, text.byteOffset, text.byteLength);
    // It leaves out what is no base64, and then writes less.
    return engine.base64Write.call(decoded, engine.latin1Slice.call(bytes, start, stop), 0, length) === length;
  }
  const p = decodeFours(text, start, stop, decoded);
  return p + 4 > stop && decodeRest(text, p, stop, { bytes: decoded, at: bytesOf(p - start) });
}

/** Decodes four characters at a time, as long as all are digits. @returns where it stops. */
export function decodeFours(text: DataView, start: number, stop: number, decoded: Uint8Array): number {
  let at = 0;
  let p = start;
  for (; p + 4 <= stop; p += 4) {
    const word = text.getInt32(p);
    const three = FIRST[word >>> 24] | SECOND[(word >> 16) & 0xff] | THIRD[(word >> 8) & 0xff] | FOURTH[word & 0xff];
    if (three < 0) break;
    decoded[at] = three >> 16;
    decoded[at + 1] = three >> 8;
    decoded[at + 2] = three;
    at += 3;
  }
  return p;
}

/** Decodes what is left behind fours: nothing, or two or three characters. @returns false when one is none of base64. */
export function decodeRest(
  text: DataView,
  start: number,
  stop: number,
  { bytes, at }: { readonly bytes: Uint8Array; readonly at: number },
): boolean {
  if (start === stop) return true;
  const third = start + 2 < stop ? THIRD[text.getUint8(start + 2)] : 0;
  const three = FIRST[text.getUint8(start)] | SECOND[text.getUint8(start + 1)] | third;
  bytes[at] = three >> 16;
  if (start + 2 < stop) bytes[at + 1] = three >> 8;
  return three >= 0;
}

function withoutPadding(text: DataView, start: number, end: number): number {
  let stop = end;
  while (stop > start && end - stop < 2 && text.getUint8(stop - 1) === EQUALS_SIGN) stop--;
  return stop;
}
