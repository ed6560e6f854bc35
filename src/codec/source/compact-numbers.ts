/** Lists of numbers of TCompactProtocol from and to typed arrays, which no element is made an object for. */

import { isLittleEndian } from "../../protocol/buffer.js";
import {
  readVarint64,
  unzigzag32,
  unzigzag64,
  writeVarint32,
  writeVarint64,
  zigzag32,
  zigzag64,
  type Halves,
} from "../../protocol/varint.js";
import type { DecodeDialect, EncodeDialect } from "./dialect.js";
import { fail } from "./failure.js";
import { input, takeVarint32 } from "./input.js";
import { output } from "./output.js";

/** Where the halves of a 64-bit integer stand in memory, in 32-bit words. */
const LOW = isLittleEndian ? 0 : 1;
const HIGH = 1 - LOW;

const halves: Halves = { low: 0, high: 0 };

export const writeCompactNumbers: EncodeDialect["writeNumbers"] = {
  i8(list, position) {
    output.bytes.set(new Uint8Array(list.buffer, list.byteOffset, list.length), position);
    return position + list.length;
  },
  i16: writeIntegers,
  i32: writeIntegers,
  i64(list, position) {
    const { bytes } = output;
    const words = new Int32Array(list.buffer, list.byteOffset, 2 * list.length);
    let p = position;
    for (let i = 0; i < words.length; i += 2) {
      halves.low = words[i + LOW];
      halves.high = words[i + HIGH];
      zigzag64(halves);
      p = writeVarint64(bytes, p, halves.low, halves.high);
    }
    return p;
  },
  double(list, position) {
    const { view } = output;
    for (let i = 0; i < list.length; i++) view.setFloat64(position + 8 * i, list[i], true);
    return position + 8 * list.length;
  },
};

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
  i8(position, count) {
    input.position = position + count;
    return new Int8Array(input.bytes.buffer, position, count).slice();
  },
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
    const { bytes, end } = input;
    const list = new BigInt64Array(count);
    const words = new Int32Array(list.buffer);
    let p = position;
    for (let i = 0; i < words.length; i += 2) {
      p = readVarint64(bytes, p, end, halves);
      if (p < 0) fail();
      unzigzag64(halves);
      words[i + LOW] = halves.low;
      words[i + HIGH] = halves.high;
    }
    return listUpTo(p, list);
  },
  double(position, count) {
    const { view } = input;
    const list = new Float64Array(count);
    for (let i = 0; i < count; i++) list[i] = view.getFloat64(position + 8 * i, true);
    return listUpTo(position + 8 * count, list);
  },
};

/** The elements of a truncated list may have been read from the memory behind the message. */
function listUpTo<T>(position: number, list: T): T {
  if (position > input.end) fail();
  input.position = position;
  return list;
}
