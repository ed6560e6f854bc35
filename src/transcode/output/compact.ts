/** Outputs in TCompactProtocol. */

import type { TextSource } from "../../protocol/json/byte-writer.js";
import { CompactWriter, LONG_SIZE } from "../../protocol/compact.js";
import { COMPACT_TRUE, TType, type ValueTType } from "../../protocol/ttype.js";
import { MAX_VARINT32, varint32Length, writeVarint32 } from "../../protocol/varint.js";
import { Field, type Program, TypeWord } from "../program.js";
import { UNKNOWN_SIZE, type Output, type Segments } from "./output.js";

/** Stands for the place of a size that was written at once. */
const KNOWN = -1;

export class CompactOutput extends CompactWriter implements Output {
  readonly #program: Program;
  readonly #words: Int32Array;

  constructor(program: Program) {
    super({ strictUtf8: false });
    this.#program = program;
    this.#words = program.words;
  }

  beginStruct(): void {
    this.writeStructBegin();
  }

  endStruct(): void {
    this.writeFieldStop();
    this.writeStructEnd();
  }

  beginField(field: number): number {
    const start = this.written;
    this.writeFieldBegin(this.#words[field + Field.TTYPE] as ValueTType, this.#words[field + Field.ID]);
    return start;
  }

  endField(): void {
    // Nothing on the wire.
  }

  writeAbsent(field: number): number {
    const words = this.#words;
    const start = this.beginField(field);
    const value = words[field + Field.DEFAULT];
    const bytes = this.#program.blob.subarray(value, value + words[field + Field.DEFAULT + 1]);
    this.writeRaw(words[field + Field.TTYPE] as ValueTType, bytes);
    return start;
  }

  writeUnknown(ttype: ValueTType, id: number, bytes: Uint8Array): void {
    this.writeFieldBegin(ttype, id);
    this.writeRaw(ttype, bytes);
  }

  /** Field headers say how far an id is from the one before, so they are written anew too. */
  arrange(start: number, segments: Segments): void {
    const words = this.#words;
    const fields = this.takeBack(start);
    this.writeStructEnd();
    this.writeStructBegin();
    for (let i = 0; i < segments.length; i += 3) {
      const header = segments[i + 1] - start;
      const ttype = words[segments[i] + Field.TTYPE] as ValueTType;
      this.writeFieldBegin(ttype, words[segments[i] + Field.ID]);
      if (ttype === TType.BOOL) this.writeBool((fields.getUint8(header) & 0x0f) === COMPACT_TRUE);
      else this.writeRange(fields, behindHeader(fields, header), segments[i + 2] - start);
    }
  }

  beginElements(type: number, size: number): number {
    const start = this.written;
    const element = this.#words[type + TypeWord.REF];
    this.writeListBegin(this.#words[element + TypeWord.TTYPE] as ValueTType, Math.max(size, 0));
    return size === UNKNOWN_SIZE ? start : KNOWN;
  }

  nextElement(): void {
    // Nothing on the wire.
  }

  endElements(start: number, count: number): void {
    if (start === KNOWN) return;
    const type = this.bytes[start] & 0x0f;
    if (count < LONG_SIZE) {
      this.bytes[start] = (count << 4) | type;
    } else {
      this.bytes[start] = (LONG_SIZE << 4) | type;
      this.#insertSize(start + 1, start + 1, count);
    }
  }

  beginEntries(type: number, size: number): number {
    const words = this.#words;
    const start = this.written;
    const key = words[type + TypeWord.REF];
    const value = words[type + TypeWord.VALUE];
    const isUnknown = size === UNKNOWN_SIZE;
    // The types follow a size that is not 0.
    const keyType = words[key + TypeWord.TTYPE] as ValueTType;
    this.writeMapBegin(keyType, words[value + TypeWord.TTYPE] as ValueTType, isUnknown ? 1 : size);
    return isUnknown ? start : KNOWN;
  }

  beginKey(): void {
    // Nothing on the wire.
  }

  beginValue(): void {
    // Nothing on the wire.
  }

  endEntry(): void {
    // Nothing on the wire.
  }

  endEntries(_type: number, start: number, count: number): void {
    if (start === KNOWN) return;
    if (count > 0) return this.#insertSize(start, start + 1, count);
    this.bytes[start] = 0;
    this.written = start + 1;
  }

  /** Puts a size at `start` in the place of what stands up to `end`. */
  #insertSize(start: number, end: number, size: number): void {
    const length = varint32Length(size);
    this.reserve(MAX_VARINT32);
    const { written } = this;
    const stop = written - MAX_VARINT32;
    if (start + length !== end) this.bytes.copyWithin(start + length, end, stop);
    writeVarint32(this.bytes, start, size);
    this.written = stop + start + length - end;
  }

  writeText(source: TextSource): void {
    const at = this.reserve(MAX_VARINT32);
    const { textView, textStart, textEnd } = source;
    this.written = writeVarint32(this.bytes, at, textEnd - textStart);
    this.writeRange(textView, textStart, textEnd);
  }

  writeBytes(source: TextSource): void {
    this.writeText(source);
  }

  writeUuidBytes(source: TextSource): void {
    this.writeRange(source.textView, source.textStart, source.textStart + 16);
  }

  writeEnum(value: number): void {
    this.writeI32(value);
  }
}

/** @returns where the value of a field starts whose header stands at a place. */
function behindHeader(fields: DataView, header: number): number {
  if (fields.getUint8(header) >> 4 !== 0) return header + 1;
  let p = header + 1;
  while (fields.getUint8(p) >= 0x80) p++;
  return p + 1;
}
