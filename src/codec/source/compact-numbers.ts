/** Lists of numbers of TCompactProtocol from and to typed arrays, which no element is made an object for. */

import { isLittleEndian, reverseNumbers } from "../../protocol/byte-order.js";
import {
  HIGH_WORD,
  LOW_WORD,
  readZigzag64,
  unzigzag32,
  writeVarint32,
  writeZigzag64,
  zigzag32,
} from "../../protocol/varint.js";
import type { DecodeDialect, EncodeDialect } from "./dialect.js";
import { fail } from "./failure.js";
import { input, takeVarint32 } from "./input.js";
import { output } from "./output.js";

export const writeCompactNumbers: EncodeDialect["writeNumbers"] = {
  i8: writeFixed,
  i16: writeIntegers,
  i32: writeIntegers,
  i64(list, position) {
    const { bytes } = output;
    const words = new Int32Array(list.buffer, list.byteOffset, 2 * list.length);
    let p = position;
    for (let i = 0; i < words.length; i += 2) {
      p = writeZigzag64(bytes, p, words[i + LOW_WORD], words[i + HIGH_WORD]);
    }
    return p;
  },
  double: writeFixed,
};

/** Bytes have no order, and doubles are little-endian. */
function writeFixed(list: Int8Array | Float64Array, position: number): number {
  const end = position + list.byteLength;
  output.bytes.set(new Uint8Array(list.buffer, list.byteOffset, list.byteLength), position);
  if (!isLittleEndian) reverseNumbers(output.bytes.subarray(position, end), list.BYTES_PER_ELEMENT);
  return end;
}

function writeIntegers(list: Int16Array | Int32Array, position: number): number {
  const { bytes } = output;
  let p = position;
  for (let i = 0; i < list.length; i++) {
    const value = zigzag32(list[i]);
    if (value >>> 0 < 0x80) bytes[p++] = value;
    else p = writeVarint32(bytes, p, value);
  }
  return p;
}

export const readCompactNumbers: DecodeDialect["readNumbers"] = {
  i8: (position, count) => readFixed(new Int8Array(count), position),
  i16(position, count) {
    const list = new Int16Array(count);
    let p = position;
    for (let i = 0; i < count; i++) {
      const value = unzigzag32(takeVarint32(p));
      if ((value << 16) >> 16 !== value) fail();
      list[i] = value;
      p = input.position;
    }
    return listUpTo(p, list);
  },
  i32(position, count) {
    const { view } = input;
    const list = new Int32Array(count);
    let p = position;
    for (let i = 0; i < count; i++) {
      const byte = view.getUint8(p);
      if (byte < 0x80) {
        p++;
        list[i] = unzigzag32(byte);
      } else {
        list[i] = unzigzag32(takeVarint32(p));
        p = input.position;
      }
    }
    return listUpTo(p, list);
  },
  i64(position, count) {
    const list = new BigInt64Array(count);
    const words = new Int32Array(list.buffer);
    let p = position;
    for (let i = 0; i < words.length; i += 2) {
      p = readZigzag64(input, p, words, i);
      if (p < 0) fail();
    }
    return listUpTo(p, list);
  },
  double: (position, count) => readFixed(new Float64Array(count), position),
};

/** The elements of a truncated list may have been read from the memory behind the message. */
function listUpTo<T>(position: number, list: T): T {
  if (position > input.end) fail();
  input.position = position;
  return list;
}

function readFixed<T extends Int8Array | Float64Array>(list: T, position: number): T {
  const bytes = new Uint8Array(list.buffer);
  const end = position + bytes.length;
  bytes.set(input.bytes.subarray(position, end));
  if (!isLittleEndian) reverseNumbers(bytes, list.BYTES_PER_ELEMENT);
  return listUpTo(end, list);
}
