/**
 * Varints and zigzag, as TCompactProtocol has them: seven bits a byte, lowest first, a high bit for "more follows".
 *
 *     varint   | 1xxx xxxx | 1xxx xxxx | ... | 0xxx xxxx |
 *     zigzag   0, -1, 1, -2, 2 ... become 0, 1, 2, 3, 4 ...
 *
 * 64 bits are handled as two halves of 32: arithmetic on bigints allocates for each operation.
 */

/** Most bytes of 32 bits, and of 64. */
export const MAX_VARINT32 = 5;
export const MAX_VARINT64 = 10;

/** What reading gives for a varint that the end of the input cuts short, and for one of more bits than it may have. */
export const CUT_SHORT = -1;
export const TOO_LONG = -2;

/** Two halves of 64 bits, each a signed 32-bit integer. */
export interface Halves {
  low: number;
  high: number;
}

/** Takes bigints apart and puts them together: the high half first. */
const scratch = new DataView(new ArrayBuffer(8));

/** @returns the signed 64-bit integer of two halves. */
export function toBigInt(low: number, high: number): bigint {
  scratch.setInt32(0, high);
  scratch.setInt32(4, low);
  return scratch.getBigInt64(0);
}

/** Takes a signed 64-bit integer apart. */
export function splitBigInt(value: bigint, into: Halves): void {
  scratch.setBigInt64(0, value);
  into.high = scratch.getInt32(0);
  into.low = scratch.getInt32(4);
}

export function zigzag32(value: number): number {
  return (value << 1) ^ (value >> 31);
}

export function unzigzag32(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}

export function zigzag64(value: Halves): void {
  const { low, high } = value;
  const sign = high >> 31;
  value.low = (low << 1) ^ sign;
  value.high = ((high << 1) | (low >>> 31)) ^ sign;
}

export function unzigzag64(value: Halves): void {
  const { low, high } = value;
  const sign = -(low & 1);
  value.low = ((low >>> 1) | (high << 31)) ^ sign;
  value.high = (high >>> 1) ^ sign;
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

/** Writes 64 bits where the caller has made room for 10 bytes. @returns the position behind them. */
export function writeVarint64(bytes: Uint8Array, position: number, low: number, high: number): number {
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

/**
 * Reads a varint of up to 64 bits from `bytes[position, end)` into two halves. Forms that are longer than need be are
 * accepted, as by all peers.
 *
 * @returns the position behind it; {@link CUT_SHORT}, or {@link TOO_LONG} beyond 64 bits, with the halves undefined.
 */
export function readVarint64(bytes: Uint8Array, position: number, end: number, into: Halves): number {
  let p = position;
  let low = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    if (p >= end) return CUT_SHORT;
    const byte = bytes[p++];
    low |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      into.low = low;
      into.high = 0;
      return p;
    }
  }
  if (p >= end) return CUT_SHORT;
  const fifth = bytes[p++];
  into.low = low | (fifth << 28);
  into.high = (fifth & 0x7f) >> 4;
  return fifth < 0x80 ? p : readHighHalf(bytes, p, end, into);
}

/** Reads the sixth byte and those behind it. */
function readHighHalf(bytes: Uint8Array, position: number, end: number, into: Halves): number {
  let p = position;
  let { high } = into;
  for (let shift = 3; shift < 31; shift += 7) {
    if (p >= end) return CUT_SHORT;
    const byte = bytes[p++];
    high |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      into.high = high;
      return p;
    }
  }
  if (p >= end) return CUT_SHORT;
  // The tenth byte holds the last bit.
  const tenth = bytes[p++];
  if (tenth > 1) return TOO_LONG;
  into.high = high | (tenth << 31);
  return p;
}
