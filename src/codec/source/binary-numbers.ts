/** Lists of numbers of TBinaryProtocol from and to typed arrays, which no element is made an object for. */

import { isLittleEndian } from "../../protocol/buffer.js";
import type { DecodeDialect, EncodeDialect } from "./dialect.js";
import { input } from "./input.js";
import { output } from "./output.js";

/** Where the halves of a 64-bit integer stand in memory, in 32-bit words. */
const LOW = isLittleEndian ? 0 : 1;
const HIGH = 1 - LOW;

export const writeBinaryNumbers: EncodeDialect["writeNumbers"] = {
  i8(list, position) {
    output.bytes.set(new Uint8Array(list.buffer, list.byteOffset, list.length), position);
    return position + list.length;
  },
  i16(list, position) {
    const { view } = output;
    for (let i = 0; i < list.length; i++) view.setInt16(position + 2 * i, list[i]);
    return position + 2 * list.length;
  },
  i32(list, position) {
    const { view } = output;
    for (let i = 0; i < list.length; i++) view.setInt32(position + 4 * i, list[i]);
    return position + 4 * list.length;
  },
  i64(list, position) {
    const { view } = output;
    const words = new Int32Array(list.buffer, list.byteOffset, 2 * list.length);
    for (let i = 0; i < words.length; i += 2) {
      view.setInt32(position + 4 * i, words[i + HIGH]);
      view.setInt32(position + 4 * i + 4, words[i + LOW]);
    }
    return position + 8 * list.length;
  },
  double(list, position) {
    const { view } = output;
    for (let i = 0; i < list.length; i++) view.setFloat64(position + 8 * i, list[i]);
    return position + 8 * list.length;
  },
};

export const readBinaryNumbers: DecodeDialect["readNumbers"] = {
  i8(position, count) {
    input.position = position + count;
    return new Int8Array(input.bytes.buffer, position, count).slice();
  },
  i16(position, count) {
    const { view } = input;
    const list = new Int16Array(count);
    for (let i = 0; i < count; i++) list[i] = view.getInt16(position + 2 * i);
    input.position = position + 2 * count;
    return list;
  },
  i32(position, count) {
    const { view } = input;
    const list = new Int32Array(count);
    for (let i = 0; i < count; i++) list[i] = view.getInt32(position + 4 * i);
    input.position = position + 4 * count;
    return list;
  },
  i64(position, count) {
    const { view } = input;
    const list = new BigInt64Array(count);
    const words = new Int32Array(list.buffer);
    for (let i = 0; i < words.length; i += 2) {
      words[i + HIGH] = view.getInt32(position + 4 * i);
      words[i + LOW] = view.getInt32(position + 4 * i + 4);
    }
    input.position = position + 8 * count;
    return list;
  },
  double(position, count) {
    const { view } = input;
    const list = new Float64Array(count);
    for (let i = 0; i < count; i++) list[i] = view.getFloat64(position + 8 * i);
    input.position = position + 8 * count;
    return list;
  },
};
