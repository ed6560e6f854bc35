/** Outputs in TJSONProtocol. */

import type { TextSource } from "../../protocol/json/byte-writer.js";
import { writeJsonInteger } from "../../protocol/json/printer.js";
import { TJsonWriter } from "../../protocol/tjson-writer.js";
import type { ValueTType } from "../../protocol/ttype.js";
import { formatUuid } from "../../protocol/uuid.js";
import { integer64 } from "../../protocol/varint.js";
import { Field, type Program, TypeWord } from "../program.js";
import { UNKNOWN_SIZE, type Output, type Segments } from "./output.js";

const COMMA = 0x2c;

/** Stands for the place of a size that was written at once. */
const KNOWN = -1;

/** Digits of the greatest size. */
const SIZE_DIGITS = 10;

export class TJsonOutput extends TJsonWriter implements Output {
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
    this.writeStructEnd();
  }

  beginField(field: number): number {
    const start = this.written;
    this.writeFieldBegin(this.#words[field + Field.TTYPE] as ValueTType, this.#words[field + Field.ID]);
    return this.bytes[start] === COMMA ? start + 1 : start;
  }

  endField(): void {
    this.writeFieldEnd();
  }

  writeAbsent(field: number): number {
    const words = this.#words;
    const start = this.beginField(field);
    const value = words[field + Field.DEFAULT];
    const bytes = this.#program.blob.subarray(value, value + words[field + Field.DEFAULT + 1]);
    this.writeRaw(words[field + Field.TTYPE] as ValueTType, bytes);
    this.endField();
    return start;
  }

  writeUnknown(ttype: ValueTType, id: number, bytes: Uint8Array): void {
    this.writeFieldBegin(ttype, id);
    this.writeRaw(ttype, bytes);
    this.writeFieldEnd();
  }

  arrange(start: number, segments: Segments): void {
    const fields = this.takeBack(start);
    for (let i = 0; i < segments.length; i += 3) {
      if (i > 0) this.put(COMMA);
      this.writeRange(fields, segments[i + 1] - start, segments[i + 2] - start);
    }
  }

  beginElements(type: number, size: number): number {
    const element = this.#words[type + TypeWord.REF];
    this.writeListBegin(this.#words[element + TypeWord.TTYPE] as ValueTType, Math.max(size, 0));
    // The size is the last that was written.
    return size === UNKNOWN_SIZE ? this.written - 1 : KNOWN;
  }

  nextElement(): void {
    // The writer knows what stands between values.
  }

  endElements(sizeAt: number, count: number): void {
    this.writeListEnd();
    this.#putSize(sizeAt, count);
  }

  beginEntries(type: number, size: number): number {
    const words = this.#words;
    const key = words[type + TypeWord.REF];
    const value = words[type + TypeWord.VALUE];
    const keyType = words[key + TypeWord.TTYPE] as ValueTType;
    this.writeMapBegin(keyType, words[value + TypeWord.TTYPE] as ValueTType, Math.max(size, 0));
    // Behind the size stand `,{`.
    return size === UNKNOWN_SIZE ? this.written - 3 : KNOWN;
  }

  beginKey(): void {
    // See nextElement.
  }

  beginValue(): void {
    // See nextElement.
  }

  endEntry(): void {
    // See nextElement.
  }

  endEntries(_type: number, sizeAt: number, count: number): void {
    this.writeMapEnd();
    this.#putSize(sizeAt, count);
  }

  /** Writes a size over the one digit that keeps its place. */
  #putSize(at: number, size: number): void {
    if (at === KNOWN) return;
    this.reserve(SIZE_DIGITS);
    const stop = this.written - SIZE_DIGITS;
    const length = String(size).length;
    if (length > 1) this.bytes.copyWithin(at + length, at + 1, stop);
    writeJsonInteger(size, this.bytes, at);
    this.written = stop + length - 1;
  }

  writeI64Words(): void {
    this.writeI64(integer64[0]);
  }

  writeText(source: TextSource): void {
    this.separate();
    this.putText(source);
  }

  writeBytes(source: TextSource): void {
    this.writeBinary(source.text.subarray(source.textStart, source.textEnd));
  }

  writeUuidBytes(source: TextSource): void {
    this.writeString(formatUuid(source.text, source.textStart));
  }

  writeEnum(value: number): void {
    this.writeI32(value);
  }
}
