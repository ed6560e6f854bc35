/**
 * Varints and zigzag, as TCompactProtocol has them: seven bits a byte, lowest first, a high bit for "more follows".
 *
 *     varint   | 1xxx xxxx | 1xxx xxxx | ... | 0xxx xxxx |
 *     zigzag   0, -1, 1, -2, 2 ... become 0, 1, 2, 3, 4 ...
 *
 * 64 bits are handled as two halves of 32: arithmetic on bigints allocates for each operation.
 */

import { isLittleEndian } from "./byte-order.js";

/** Most bytes of 32 bits, and of 64. */
export const MAX_VARINT32 = 5;
export const MAX_VARINT64 = 10;

/** What reading gives for a varint that the end of the input cuts short, and for one of more bits than it may have. */
export const CUT_SHORT = -1;
export const TOO_LONG = -2;

/** Where the halves of a 64-bit integer stand in memory, in 32-bit words. */
export const LOW_WORD = isLittleEndian ? 0 : 1;
export const HIGH_WORD = 1 - LOW_WORD;

/** A 64-bit integer as bigint and as two words: the same memory. It holds one for as long as nobody else uses it. */
export const integer64 = new BigInt64Array(1);
export const words64 = new Int32Array(integer64.buffer);

export function zigzag32(value: number): number {
  return (value << 1) ^ (value >> 31);
}

export function unzigzag32(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}

/** @returns the number of bytes that 32 bits take. */
export function varint32Length(value: number): number {
  // 1 byte for each 7 bits begun, and 1 for none: a division by 7 that holds for 0 to 32 bits.
  return ((38 - Math.clz32(value)) * 37) >> 8 || 1;
}

/** Writes 32 bits where the caller has made room for 5 bytes. @returns the position behind them. */
export function writeVarint32(bytes: Uint8Array, position: number, value: number): number {
  let p = position;
  let rest = value;
  while (rest >>> 0 > 0x7f) {
    bytes[p++] = rest | 0x80;
    rest >>>= 7;
  }
  bytes[p] = rest;
  return p + 1;
}

/** Writes a signed 64-bit integer in zigzag where the caller has made room for 10 bytes. @returns the position behind it. */
export function writeZigzag64(bytes: Uint8Array, position: number, low: number, high: number): number {
  const sign = high >> 31;
  return writeVarint64(bytes, position, (low << 1) ^ sign, ((high << 1) | (low >>> 31)) ^ sign);
}

function writeVarint64(bytes: Uint8Array, position: number, low: number, high: number): number {
  if (high === 0) return writeVarint32(bytes, position, low);
  // Four bytes are of the low half alone, the fifth is of both, the others are of the high half.
  bytes[position] = low | 0x80;
  bytes[position + 1] = (low >>> 7) | 0x80;
  bytes[position + 2] = (low >>> 14) | 0x80;
  bytes[position + 3] = (low >>> 21) | 0x80;
  const fifth = (low >>> 28) | ((high & 7) << 4);
  const rest = high >>> 3;
  if (rest === 0) {
    bytes[position + 4] = fifth;
    return position + 5;
  }
  bytes[position + 4] = fifth | 0x80;
  return writeVarint32(bytes, position + 5, rest);
}

/** Where varints are read from. */
interface Source {
  readonly view: DataView;
  /** Where the message ends. */
  readonly end: number;
}

/**
 * Reads a signed 64-bit integer in zigzag into `into[at]` and `into[at + 1]`, as words in the order of memory. Where ten bytes
 * are left it takes four of them at a time: faster by half than one by one.
 *
 * @returns the position behind it; {@link CUT_SHORT}, or {@link TOO_LONG} beyond 64 bits, with the words undefined.
 */
export function readZigzag64(source: Source, position: number, into: Int32Array, at: number): number {
  const { view, end } = source;
  if (end - position < MAX_VARINT64) return readCarefully(source, position, into, at);
  const first = view.getInt32(position, true);
  let last = ~first & MORE;
  if (last !== 0) {
    putZigzag(squeeze(upTo(last, first)), 0, into, at);
    return position + bytesUpTo(last);
  }
  const second = view.getInt32(position + 4, true);
  last = ~second & MORE;
  if (last === 0) return readLong(view, position, into, at);
  const middle = squeeze(upTo(last, second));
  putZigzag(squeeze(first) | (middle << 28), middle >>> 4, into, at);
  return position + 4 + bytesUpTo(last);
}

/** Nine or ten bytes; the tenth holds the last bit. */
function readLong(view: DataView, position: number, into: Int32Array, at: number): number {
  const middle = squeeze(view.getInt32(position + 4, true));
  const ninth = view.getUint8(position + 8);
  const tenth = ninth < 0x80 ? 0 : view.getUint8(position + 9);
  if (tenth > 1) return TOO_LONG;
  const high = (middle >>> 4) | ((ninth & 0x7f) << 24) | (tenth << 31);
  putZigzag(squeeze(view.getInt32(position, true)) | (middle << 28), high, into, at);
  return position + (ninth < 0x80 ? 9 : 10);
}

/** The bits "more follows" of four bytes. */
const MORE = 0x80808080;

/** The bytes up to the first whose bit is set in `last`. */
function upTo(last: number, bytes: number): number {
  return bytes & (last ^ (last - 1));
}

/** How many bytes {@link upTo} leaves. */
function bytesUpTo(last: number): number {
  return (32 - Math.clz32(last & -last)) >>> 3;
}

/** 28 bits out of four bytes: 7, a gap of 1, 7, a gap of 1 and so on. */
function squeeze(bytes: number): number {
  return (bytes & 0x7f) | ((bytes >>> 1) & 0x3f80) | ((bytes >>> 2) & 0x1fc000) | ((bytes >>> 3) & 0xfe00000);
}

function putZigzag(low: number, high: number, into: Int32Array, at: number): void {
  const sign = -(low & 1);
  into[at + LOW_WORD] = ((low >>> 1) | (high << 31)) ^ sign;
  into[at + HIGH_WORD] = (high >>> 1) ^ sign;
}

/** Turns {@link words64} from zigzag. */
export function unzigzag64(): void {
  putZigzag(words64[LOW_WORD], words64[HIGH_WORD], words64, 0);
}

/** Fewer bytes are left than a varint may take. */
function readCarefully(source: Source, position: number, into: Int32Array, at: number): number {
  const behind = readVarint64(source.view, position, source.end);
  putZigzag(words64[LOW_WORD], words64[HIGH_WORD], into, at);
  return behind;
}

/**
 * Reads a varint of up to 64 bits that ends before `end` into {@link words64}. Forms that are longer than need be are
 * accepted, as by all peers.
 *
 * @returns the position behind it; {@link CUT_SHORT}, or {@link TOO_LONG} beyond 64 bits, with the words undefined.
 */
export function readVarint64(view: DataView, position: number, end: number): number {
  let p = position;
  let low = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    if (p >= end) return CUT_SHORT;
    const byte = view.getUint8(p++);
    low |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      words64[LOW_WORD] = low;
      words64[HIGH_WORD] = 0;
      return p;
    }
  }
  if (p >= end) return CUT_SHORT;
  const fifth = view.getUint8(p++);
  words64[LOW_WORD] = low | (fifth << 28);
  words64[HIGH_WORD] = (fifth & 0x7f) >> 4;
  return fifth < 0x80 ? p : readHighHalf(view, p, end);
}

/** Reads the sixth byte and those behind it. */
function readHighHalf(view: DataView, position: number, end: number): number {
  let p = position;
  let high = words64[HIGH_WORD];
  for (let shift = 3; shift < 31; shift += 7) {
    if (p >= end) return CUT_SHORT;
    const byte = view.getUint8(p++);
    high |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      words64[HIGH_WORD] = high;
      return p;
    }
  }
  if (p >= end) return CUT_SHORT;
  // The tenth byte holds the last bit.
  const tenth = view.getUint8(p++);
  if (tenth > 1) return TOO_LONG;
  words64[HIGH_WORD] = high | (tenth << 31);
  return p;
}
