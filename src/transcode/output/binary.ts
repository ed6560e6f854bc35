/** Outputs in TBinaryProtocol. */

import type { TextSource } from "../../protocol/json/byte-writer.js";
import { BinaryWriter } from "../../protocol/binary.js";
import type { ValueTType } from "../../protocol/ttype.js";
import { HIGH_WORD, LOW_WORD, words64 } from "../../protocol/varint.js";
import { Field, type Program, TypeWord } from "../program.js";
import { UNKNOWN_SIZE, type Output, type Segments } from "./output.js";

export class BinaryOutput extends BinaryWriter implements Output {
  readonly #program: Program;
  readonly #words: Int32Array;

  constructor(program: Program) {
    super({ strictUtf8: false });
    this.#program = program;
    this.#words = program.words;
  }

  beginStruct(): void {
    // Nothing on the wire.
  }

  endStruct(): void {
    this.writeFieldStop();
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
    this.writeRange(this.#program.blobView, value, value + words[field + Field.DEFAULT + 1]);
    return start;
  }

  writeUnknown(ttype: ValueTType, id: number, bytes: Uint8Array): void {
    this.writeFieldBegin(ttype, id);
    this.writeRaw(ttype, bytes);
  }

  arrange(start: number, segments: Segments): void {
    const fields = this.takeBack(start);
    for (let i = 0; i < segments.length; i += 3)
      this.writeRange(fields, segments[i + 1] - start, segments[i + 2] - start);
  }

  beginElements(type: number, size: number): number {
    const start = this.written;
    const element = this.#words[type + TypeWord.REF];
    this.writeListBegin(this.#words[element + TypeWord.TTYPE] as ValueTType, Math.max(size, 0));
    return size === UNKNOWN_SIZE ? start + 1 : 0;
  }

  nextElement(): void {
    // Nothing on the wire.
  }

  endElements(sizeAt: number, count: number): void {
    if (sizeAt > 0) this.view.setInt32(sizeAt, count);
  }

  beginEntries(type: number, size: number): number {
    const words = this.#words;
    const start = this.written;
    const key = words[type + TypeWord.REF];
    const value = words[type + TypeWord.VALUE];
    const keyType = words[key + TypeWord.TTYPE] as ValueTType;
    this.writeMapBegin(keyType, words[value + TypeWord.TTYPE] as ValueTType, Math.max(size, 0));
    return size === UNKNOWN_SIZE ? start + 2 : 0;
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

  endEntries(_type: number, sizeAt: number, count: number): void {
    this.endElements(sizeAt, count);
  }

  writeI64Words(): void {
    const start = this.reserve(8);
    this.view.setInt32(start, words64[HIGH_WORD]);
    this.view.setInt32(start + 4, words64[LOW_WORD]);
  }

  writeText(source: TextSource): void {
    const { textView, textStart, textEnd } = source;
    this.writeI32(textEnd - textStart);
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
