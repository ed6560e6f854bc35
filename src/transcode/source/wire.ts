/**
 * What conversions between binary and compact spell otherwise than codecs, which make values: 64-bit integers stay two
 * words, text and bytes stay where they are until they are copied.
 */

import { js, type Code } from "../../codec/source/code.js";
import { binaryDialect } from "../../codec/source/binary.js";
import { compactDialect } from "../../codec/source/compact.js";
import type { DecodeDialect, EncodeDialect } from "../../codec/source/dialect.js";
import { fail } from "../../codec/source/failure.js";
import { input } from "../../codec/source/input.js";
import { grow, output } from "../../codec/source/output.js";
import { copyRange } from "../../protocol/buffer.js";
import { isValidUtf8 } from "../../protocol/text.js";
import {
  HIGH_WORD,
  LOW_WORD,
  MAX_VARINT32,
  readZigzag64,
  words64,
  writeVarint32,
  writeZigzag64,
} from "../../protocol/varint.js";
import { ProtocolCode } from "../program.js";

/** How a protocol is read: statements as those of dialects. An i64 goes into the variables `hi` and `lo`. */
export interface ReadSpelling {
  readonly dialect: DecodeDialect;
  readonly i64: Code;
}

/** How it is written. */
export interface WriteSpelling {
  readonly dialect: EncodeDialect;
  readonly i64: Code;
  /** Writes so many bytes of the input from a place on, with their length. @returns the position behind them. */
  readonly putText: (start: number, length: number, position: number) => number;
}

const readBinary: ReadSpelling = {
  dialect: binaryDialect.decode,
  i64: js`      hi = view.getInt32(p); lo = view.getInt32(p + 4); p += 8;\n`,
};

const readCompact: ReadSpelling = {
  dialect: compactDialect.decode,
  i64: js`      p = takeWords(p); hi = words64[${HIGH_WORD}]; lo = words64[${LOW_WORD}];\n`,
};

const writeBinary: WriteSpelling = {
  dialect: binaryDialect.encode,
  i64: js`  view.setInt32(p, hi); view.setInt32(p + 4, lo); p += 8;\n`,
  putText(start, length, position) {
    makeRoom(position + 4 + length);
    output.view.setInt32(position, length);
    return putRange(start, length, position + 4);
  },
};

const writeCompact: WriteSpelling = {
  dialect: compactDialect.encode,
  i64: js`  p = putWords(p, lo, hi);\n`,
  putText(start, length, position) {
    makeRoom(position + MAX_VARINT32 + length);
    return putRange(start, length, writeVarint32(output.bytes, position, length));
  },
};

/** By {@link ProtocolCode}. */
export const READERS: ReadonlyMap<number, ReadSpelling> = new Map([
  [ProtocolCode.binary, readBinary],
  [ProtocolCode.compact, readCompact],
]);

/** By {@link ProtocolCode}. */
export const WRITERS: ReadonlyMap<number, WriteSpelling> = new Map([
  [ProtocolCode.binary, writeBinary],
  [ProtocolCode.compact, writeCompact],
]);

/** What generated conversions call, by the names that they use. */
export const RUNTIME: Readonly<Record<string, unknown>> = {
  input,
  output,
  grow,
  fail,
  words64,
  takeWords,
  putWords,
  putBytes,
  checkUtf8,
  sizeOf,
};

function makeRoom(position: number): void {
  if (position > output.limit) grow(position);
}

/** Copies bytes of the input to where there is room for them. @returns the position behind them. */
function putRange(start: number, length: number, position: number): number {
  const { bytes, view } = output;
  copyRange(input.view, start, start + length, { bytes, view, at: position });
  return position + length;
}

/** Copies bytes of the input. @returns the position behind them. */
function putBytes(start: number, length: number, position: number): number {
  makeRoom(position + length);
  return putRange(start, length, position);
}

/** Makes what copies bytes of a program and returns the position behind them. */
export function defaultWriter(blob: DataView): (start: number, length: number, position: number) => number {
  return (start, length, position) => {
    makeRoom(position + length);
    const { bytes, view } = output;
    copyRange(blob, start, start + length, { bytes, view, at: position });
    return position + length;
  };
}

function takeWords(position: number): number {
  const behind = readZigzag64(input, position, words64, 0);
  return behind < 0 ? fail() : behind;
}

function putWords(position: number, low: number, high: number): number {
  return writeZigzag64(output.bytes, position, low, high);
}

function checkUtf8(start: number, length: number): void {
  if (!isValidUtf8(input.bytes, start, start + length)) fail();
}

/** Maps are known here by their size. */
function sizeOf(size: number): number {
  return size;
}
