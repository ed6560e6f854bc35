/** TBinaryProtocol in generated source. protocol/binary.ts draws the layouts. */

import { BinaryReader } from "../../protocol/binary.js";
import { skip } from "../../protocol/skip.js";
import { isValueTType, type ValueTType } from "../../protocol/ttype.js";
import { writeUtf8 } from "../../protocol/text.js";
import { HIGH_WORD, integer64, LOW_WORD, words64 } from "../../protocol/varint.js";
import { toBytes, toI64 } from "../accept.js";
import { readBinaryNumbers, writeBinaryNumbers } from "./binary-numbers.js";
import { js, NOTHING } from "./code.js";
import type { DecodeDialect, Dialect, EncodeDialect, FieldType, SkipLimits } from "./dialect.js";
import { fail } from "./failure.js";
import { input, viewOf } from "./input.js";
import { grow, output } from "./output.js";

const encode: EncodeDialect = {
  runtime: { writeI64 },
  writeText,
  writeBytes,
  writeNumbers: writeBinaryNumbers,
  writeUnknown({ id, type, bytes }, position) {
    output.view.setInt8(position, type);
    output.view.setInt16(position + 1, id);
    output.bytes.set(bytes, position + 3);
    return position + 3 + bytes.length;
  },
  previousId: js`0`,
  locals: NOTHING,
  // Written as four bytes, the last of which the value overwrites.
  headerBytes: 4,
  containerBytes: 6,
  mostBytes: { bool: 1, i8: 1, i16: 2, i32: 4, i64: 8, double: 8, enum: 4, uuid: 16 },
  header: (field) => js`  view.setInt32(p, ${(field.value.ttype << 24) | ((field.id & 0xffff) << 8)}); p += 3;\n`,
  fieldValue: () => undefined,
  scalars: {
    bool: (v) => js`  view.setInt8(p++, ${v} === true ? 1 : ${v} === false ? 0 : fail());\n`,
    i8: (v) => js`  view.setInt8(p++, ${v});\n`,
    i16: (v) => js`  view.setInt16(p, ${v}); p += 2;\n`,
    i32: (v) => js`  view.setInt32(p, ${v}); p += 4;\n`,
    double: (v) => js`  view.setFloat64(p, ${v}); p += 8;\n`,
  },
  i64: (v) => js`  writeI64(view, p, ${v}); p += 8;\n`,
  uuid: (v) => js`  writeUuid(${v}, output.bytes, p); p += 16;\n`,
  stop: js`  view.setInt8(p++, 0);\n`,
  listHeader: (element, count) => js`  view.setInt8(p, ${element.ttype}); view.setInt32(p + 1, ${count}); p += 5;\n`,
  // The count is written when the entries are: a Map may change under a getter of its own values.
  mapBegin: ({ spare }, key, value) =>
    js`  view.setInt8(p, ${key.ttype}); view.setInt8(p + 1, ${value.ttype}); var ${spare} = p + 2; p += 6;\n`,
  mapEnd: ({ spare, count }) => js`  view.setInt32(${spare}, ${count});\n`,
};

const decode: DecodeDialect = {
  runtime: { readSafeInteger },
  fieldSkipper,
  unknownField: (header, start, end) => ({
    id: (header << 16) >> 16,
    type: (header >> 16) as ValueTType,
    bytes: viewOf(start + 3, end),
  }),
  readNumbers: readBinaryNumbers,
  locals: js`, last = end - 4, h`,
  // The four bytes read are there, since a value follows the header, but for STOP at the very end of the message.
  readHeader: js`h = p <= last ? view.getInt32(p) >> 8 : view.getUint8(p) << 16;`,
  isStop: js`h >>> 16 === 0`,
  enterField: js`p += 3;`,
  structEnd: js`p + 1`,
  isHeader: (field) => js`h === ${(field.value.ttype << 16) | idBits(field)}`,
  idBits,
  fieldValue: () => undefined,
  scalars: {
    bool: (to) => js`      ${to} = view.getInt8(p++) === 1;\n`,
    i8: (to) => js`      ${to} = view.getInt8(p++);\n`,
    i16: (to) => js`      ${to} = view.getInt16(p); p += 2;\n`,
    i32: (to) => js`      ${to} = view.getInt32(p); p += 4;\n`,
    double: (to) => js`      ${to} = view.getFloat64(p); p += 8;\n`,
  },
  i64: (as, to) => js`      ${to} = ${READ_I64[as]}; p += 8;\n`,
  length: (count) => js`      var ${count} = view.getInt32(p); p += 4;`,
  listHeader: ({ count, type }, element) => ({
    read: js`      var ${type} = view.getUint8(p), ${count} = view.getInt32(p + 1); p += 5;\n`,
    isOther: js`${type} !== ${element.ttype}`,
  }),
  mapHeader: ({ count, type }, key, value) => ({
    read: js`      var ${type} = view.getUint16(p), ${count} = view.getInt32(p + 2); p += 6;\n`,
    isOther: js`${type} !== ${(key.ttype << 8) | value.ttype}`,
  }),
};

export const binaryDialect: Dialect = { encode, decode };

const READ_I64 = {
  bigint: js`view.getBigInt64(p)`,
  number: js`readSafeInteger(view, p)`,
  string: js`view.getBigInt64(p).toString()`,
} as const;

function idBits(field: FieldType): number {
  return field.id & 0xffff;
}

function writeI64(view: DataView, position: number, value: unknown): void {
  if (typeof value === "number" && Number.isSafeInteger(value)) {
    view.setInt32(position, Math.floor(value / 0x1_0000_0000));
    // setInt32 takes the value modulo 2^32: the lower half.
    view.setInt32(position + 4, value);
  } else if (typeof value === "bigint" && BigInt.asIntN(64, value) === value) {
    writeBigInt(view, position, value);
  } else {
    writeBigInt(view, position, toI64(value));
  }
}

/** As two words out of one memory: twice as fast as setBigInt64. */
function writeBigInt(view: DataView, position: number, value: bigint): void {
  integer64[0] = value;
  view.setInt32(position, words64[HIGH_WORD]);
  view.setInt32(position + 4, words64[LOW_WORD]);
}

function writeText(text: unknown, position: number): number {
  if (typeof text !== "string") fail();
  const room = position + 4 + 3 * text.length;
  if (room > output.limit) grow(room);
  const end = writeUtf8(text, output.bytes, output.view, position + 4);
  output.view.setInt32(position, end - position - 4);
  return end;
}

function writeBytes(value: unknown, position: number): number {
  const bytes = toBytes(value);
  const end = position + 4 + bytes.length;
  if (end > output.limit) grow(end);
  output.view.setInt32(position, bytes.length);
  output.bytes.set(bytes, position + 4);
  return end;
}

function readSafeInteger(view: DataView, position: number): number {
  const value = view.getInt32(position) * 0x1_0000_0000 + view.getUint32(position + 4);
  if (!Number.isSafeInteger(value)) fail();
  return value;
}

/** Steps over a field nobody knows, whose header stands at the position. */
function fieldSkipper({ maxSkipDepth, maxStringBytes }: SkipLimits): (position: number, header: number) => number {
  const reader = new BinaryReader({ maxStringBytes, strictUtf8: false });
  return (position, header) => {
    const type = (header >> 16) & 0xff;
    if (!isValueTType(type) || position + 3 > input.end) fail();
    reader.reset(input.bytes, input.view, input.end);
    reader.position = position + 3;
    skip(reader, type, maxSkipDepth);
    reader.release();
    return reader.position;
  };
}
