/** Lists of numbers of TBinaryProtocol from and to typed arrays: copied as they stand, then turned to the other byte order. */

import { isLittleEndian, reverseNumbers } from "../../protocol/byte-order.js";
import { newTypedArray, type TypedArray, type TypedArrayOf, type TypedKind } from "../typed-list.js";
import type { DecodeDialect, EncodeDialect } from "./dialect.js";
import { input } from "./input.js";
import { output } from "./output.js";

export const writeBinaryNumbers: EncodeDialect["writeNumbers"] = {
  i8: write,
  i16: write,
  i32: write,
  i64: write,
  double: write,
};

export const readBinaryNumbers: DecodeDialect["readNumbers"] = {
  i8: (position, count) => read("i8", position, count),
  i16: (position, count) => read("i16", position, count),
  i32: (position, count) => read("i32", position, count),
  i64: (position, count) => read("i64", position, count),
  double: (position, count) => read("double", position, count),
};

function write(list: TypedArray, position: number): number {
  const end = position + list.byteLength;
  output.bytes.set(new Uint8Array(list.buffer, list.byteOffset, list.byteLength), position);
  if (isLittleEndian) reverseNumbers(output.bytes.subarray(position, end), list.BYTES_PER_ELEMENT);
  return end;
}

function read<K extends TypedKind>(kind: K, position: number, count: number): TypedArrayOf[K] {
  const list = newTypedArray(kind, count);
  const bytes = new Uint8Array(list.buffer);
  const end = position + bytes.length;
  bytes.set(input.bytes.subarray(position, end));
  if (isLittleEndian) reverseNumbers(bytes, list.BYTES_PER_ELEMENT);
  input.position = end;
  return list;
}
