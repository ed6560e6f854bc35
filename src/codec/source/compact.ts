/** TCompactProtocol in generated source. protocol/compact.ts draws the layouts. */

import { CompactReader, LONG_SIZE } from "../../protocol/compact.js";
import { skip } from "../../protocol/skip.js";
import { writeUtf8 } from "../../protocol/text.js";
import {
  COMPACT_CODES,
  COMPACT_FALSE,
  COMPACT_TRUE,
  COMPACT_TTYPES,
  isValueTType,
  TType,
  type ValueTType,
} from "../../protocol/ttype.js";
import {
  HIGH_WORD,
  integer64,
  LOW_WORD,
  MAX_VARINT32,
  MAX_VARINT64,
  readZigzag64,
  unzigzag32,
  varint32Length,
  words64,
  writeVarint32,
  writeZigzag64,
  zigzag32,
} from "../../protocol/varint.js";
import { toBytes, toI64 } from "../accept.js";
import type { UnknownField } from "../unknown.js";
import { readCompactNumbers, writeCompactNumbers } from "./compact-numbers.js";
import { js, NOTHING, type Code } from "./code.js";
import type { DecodeDialect, Dialect, EncodeDialect, FieldType, SkipLimits, ValueType } from "./dialect.js";
import { fail } from "./failure.js";
import { input, takeVarint32, viewOf } from "./input.js";
import { grow, output } from "./output.js";

const encode: EncodeDialect = {
  runtime: { putVarint32, writeI64 },
  writeText,
  writeBytes,
  writeNumbers: writeCompactNumbers,
  writeUnknown,
  previousId: js`l`,
  // z: an integer in zigzag; l: id of the last field.
  locals: js`, z, l = 0`,
  headerBytes: 4,
  containerBytes: 2 + MAX_VARINT32,
  mostBytes: {
    bool: 1,
    i8: 1,
    i16: 3,
    i32: MAX_VARINT32,
    i64: MAX_VARINT64,
    double: 8,
    enum: MAX_VARINT32,
    uuid: 16,
  },
  header: writeHeader,
  fieldValue: (field) => (field.value.kind === "bool" ? NOTHING : undefined),
  scalars: {
    bool: (v) => js`  view.setInt8(p++, ${boolCode(v)});\n`,
    i8: (v) => js`  view.setInt8(p++, ${v});\n`,
    i16: writeInteger,
    i32: writeInteger,
    double: (v) => js`  view.setFloat64(p, ${v}, true); p += 8;\n`,
  },
  i64: (v) => js`  p = writeI64(${v}, p);\n`,
  uuid: (v) => js`  writeUuid(${v}, output.bytes, p); p += 16;\n`,
  stop: js`  view.setInt8(p++, 0);\n`,
  listHeader: (element, count) => {
    const code = COMPACT_CODES[element.ttype];
    return js`  if (${count} < ${LONG_SIZE}) view.setInt8(p++, ${count} << 4 | ${code});
  else { view.setInt8(p, ${(LONG_SIZE << 4) | code}); p = putVarint32(p + 1, ${count}); }\n`;
  },
  mapBegin: ({ entries, spare }, key, value) => {
    const types = (COMPACT_CODES[key.ttype] << 4) | COMPACT_CODES[value.ttype];
    return js`  var ${spare} = sizeOf(${entries}); p = putVarint32(p, ${spare}); if (${spare} !== 0) view.setInt8(p++, ${types});\n`;
  },
  // A Map may change under a getter of its own values: then the size written is wrong.
  mapEnd: ({ spare, count }) => js`  if (${count} !== ${spare}) fail();\n`,
};

/** Ids stand in h with a bias, so that they are never negative and a delta that leads beyond 32767 shows. */
const ID_BIAS = 0x8000;

/**
 *      h  | type code 4 | 0 3 | too far 1 | id + 32768 16 |
 */
const TYPE_SHIFT = 20;

const decode: DecodeDialect = {
  runtime: { takeVarint32, takeLongHeader, takeI64, takeSafeInteger },
  fieldSkipper,
  unknownField(header, start, end) {
    const code = header >>> TYPE_SHIFT;
    const type = COMPACT_TTYPES[code] as ValueTType;
    const bytes = type === TType.BOOL ? Uint8Array.of(code) : viewOf(start, end);
    return { id: (header & 0xffff) - ID_BIAS, type, bytes };
  },
  readNumbers: readCompactNumbers,
  locals: js`, b, h = ${ID_BIAS}`,
  readHeader: js`if (p >= end) fail(); b = view.getUint8(p++);
      if (b > 15) h = (h & 65535) + (b >> 4) | (b & 15) << ${TYPE_SHIFT};
      else if (b === 0) h = 0;
      else { h = takeLongHeader(p, b); p = input.position; }`,
  isStop: js`h >>> ${TYPE_SHIFT} === 0`,
  enterField: NOTHING,
  structEnd: js`p`,
  isHeader: (field) => {
    const isHeader = (code: number): Code => js`h === ${(code << TYPE_SHIFT) | idBits(field)}`;
    if (field.value.kind === "bool") return js`${isHeader(COMPACT_TRUE)} || ${isHeader(COMPACT_FALSE)}`;
    return isHeader(COMPACT_CODES[field.value.ttype]);
  },
  idBits,
  fieldValue: (field, to) =>
    field.value.kind === "bool" ? js`      ${to} = h >>> ${TYPE_SHIFT} === ${COMPACT_TRUE};\n` : undefined,
  scalars: {
    bool: (to) => js`      ${to} = view.getInt8(p++) === ${COMPACT_TRUE};\n`,
    i8: (to) => js`      ${to} = view.getInt8(p++);\n`,
    i16: (to) => js`${readInteger(to)}      if (${to} << 16 >> 16 !== ${to}) fail();\n`,
    i32: readInteger,
    double: (to) => js`      ${to} = view.getFloat64(p, true); p += 8;\n`,
  },
  i64: (as, to) => js`      ${to} = ${TAKE_I64[as]}; p = input.position;\n`,
  length: (count) => js`      var ${count} = view.getUint8(p++);${readRest(count)}`,
  listHeader: ({ count, type }, element) => ({
    read: js`      var ${type} = view.getUint8(p++), ${count} = ${type} >> 4;
      if (${count} === ${LONG_SIZE}) { ${count} = takeVarint32(p); p = input.position; }\n`,
    isOther: isOtherCode(js`(${type} & 15)`, element),
  }),
  mapHeader: ({ count, type }, key, value) => ({
    read: js`      var ${count} = view.getUint8(p++), ${type} = 0;${readRest(count)}
      if (${count} !== 0) ${type} = view.getUint8(p++);\n`,
    isOther: js`${isOtherCode(js`(${type} >> 4)`, key)} || ${isOtherCode(js`(${type} & 15)`, value)}`,
  }),
};

export const compactDialect: Dialect = { encode, decode };

function writeHeader(field: FieldType, previous: number | undefined, value: Code): Code {
  const { id } = field;
  const code = field.value.kind === "bool" ? js`(${boolCode(value)})` : js`${COMPACT_CODES[field.value.ttype]}`;
  const long = js`  view.setInt8(p, ${code}); p = putVarint32(p + 1, ${zigzag32(id)}); l = ${id};\n`;
  if (previous === undefined) {
    // Ids ascend, so behind the start, where l is 0, only ids of 0 and less have no delta.
    const isShort = id <= 0 ? js`z > 0 && z < 16` : js`z < 16`;
    return js`  z = ${id} - l; if (${isShort}) { view.setInt8(p++, z << 4 | ${code}); l = ${id}; } else {\n${long}  }\n`;
  }
  const delta = id - previous;
  return delta > 0 && delta < 16 ? js`  view.setInt8(p++, ${delta << 4} | ${code}); l = ${id};\n` : long;
}

function writeUnknown({ id, type, bytes }: UnknownField, position: number, previousId: number): number {
  const isBool = type === TType.BOOL;
  const code = isBool ? bytes[0] : COMPACT_CODES[type];
  const delta = id - previousId;
  let p = position;
  if (delta > 0 && delta < 16) {
    output.bytes[p++] = (delta << 4) | code;
  } else {
    output.bytes[p] = code;
    p = putVarint32(p + 1, zigzag32(id));
  }
  if (isBool) return p;
  output.bytes.set(bytes, p);
  return p + bytes.length;
}

function boolCode(v: Code): Code {
  return js`${v} === true ? ${COMPACT_TRUE} : ${v} === false ? ${COMPACT_FALSE} : fail()`;
}

function writeInteger(v: Code): Code {
  return js`  z = ${v} << 1 ^ ${v} >> 31; if (z >>> 0 < 128) view.setInt8(p++, z); else p = putVarint32(p, z);\n`;
}

function readInteger(to: Code): Code {
  return js`      b = view.getUint8(p++);${readRest(js`b`)} ${to} = b >>> 1 ^ -(b & 1);\n`;
}

/** Nearly all varints take one byte, which has been read into a variable; the others are read anew. */
function readRest(variable: Code): Code {
  return js` if (${variable} > 127) { ${variable} = takeVarint32(p - 1); p = input.position; }`;
}

const TAKE_I64 = {
  bigint: js`takeI64(p)`,
  number: js`takeSafeInteger(p)`,
  string: js`takeI64(p).toString()`,
} as const;

function isOtherCode(code: Code, { ttype }: ValueType): Code {
  if (ttype === TType.BOOL) return js`${code} !== ${COMPACT_TRUE} && ${code} !== ${COMPACT_FALSE}`;
  return js`${code} !== ${COMPACT_CODES[ttype]}`;
}

function idBits(field: FieldType): number {
  return field.id + ID_BIAS;
}

function putVarint32(position: number, value: number): number {
  return writeVarint32(output.bytes, position, value);
}

function writeI64(value: unknown, position: number): number {
  if (typeof value === "number" && (value | 0) === value) return putVarint32(position, zigzag32(value));
  if (typeof value === "number" && Number.isSafeInteger(value)) {
    return writeZigzag64(output.bytes, position, value | 0, Math.floor(value / 0x1_0000_0000));
  }
  const isI64 = typeof value === "bigint" && BigInt.asIntN(64, value) === value;
  integer64[0] = isI64 ? value : toI64(value);
  return writeZigzag64(output.bytes, position, words64[LOW_WORD], words64[HIGH_WORD]);
}

/**
 * The length precedes the text and takes 1 to 5 bytes. That of ASCII text is the guess; where the true one takes another
 * byte, the text moves.
 */
function writeText(text: unknown, position: number): number {
  if (typeof text !== "string") fail();
  const { length } = text;
  const room = position + MAX_VARINT32 + 3 * length;
  if (room > output.limit) grow(room);
  const { bytes, view } = output;
  const guess = position + varint32Length(length);
  const end = writeUtf8(text, bytes, view, guess);
  const size = end - guess;
  const body = position + varint32Length(size);
  if (body !== guess) bytes.copyWithin(body, guess, end);
  writeVarint32(bytes, position, size);
  return body + size;
}

function writeBytes(value: unknown, position: number): number {
  const source = toBytes(value);
  const room = position + MAX_VARINT32 + source.length;
  if (room > output.limit) grow(room);
  const body = putVarint32(position, source.length);
  output.bytes.set(source, body);
  return body + source.length;
}

function takeLongHeader(position: number, code: number): number {
  const id = unzigzag32(takeVarint32(position));
  if ((id << 16) >> 16 !== id) fail();
  return (code << TYPE_SHIFT) | (id + ID_BIAS);
}

function takeI64(position: number): bigint {
  takeWords(position);
  return integer64[0];
}

function takeSafeInteger(position: number): number {
  takeWords(position);
  const value = words64[HIGH_WORD] * 0x1_0000_0000 + (words64[LOW_WORD] >>> 0);
  if (!Number.isSafeInteger(value)) fail();
  return value;
}

function takeWords(position: number): void {
  const behind = readZigzag64(input, position, words64, 0);
  if (behind < 0) fail();
  input.position = behind;
}

/** Steps over the value of a field nobody knows. */
function fieldSkipper({ maxSkipDepth, maxStringBytes }: SkipLimits): (position: number, header: number) => number {
  const reader = new CompactReader({ maxStringBytes, strictUtf8: false });
  return (position, header) => {
    const type = COMPACT_TTYPES[header >>> TYPE_SHIFT];
    if (!isValueTType(type) || (header & 0x10000) !== 0) fail();
    // The header was all of it.
    if (type === TType.BOOL) return position;
    reader.reset(input.bytes, input.view, input.end);
    reader.position = position;
    skip(reader, type, maxSkipDepth);
    reader.release();
    return reader.position;
  };
}
