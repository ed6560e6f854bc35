/** Inputs in TJSONProtocol. */

import { memoryOf } from "../../protocol/buffer.js";
import { TJsonReader } from "../../protocol/tjson.js";
import { parseUuid } from "../../protocol/uuid.js";
import { integer64 } from "../../protocol/varint.js";
import { replaceInvalid, validUtf8End } from "../../protocol/utf8.js";
import { refuse, type ThriftInput } from "./input.js";

const uuidBytes = new Uint8Array(16);

export class TJsonInput extends TJsonReader implements ThriftInput {
  text: Uint8Array = uuidBytes;
  textStart = 0;
  textEnd = 0;
  #viewed: Uint8Array = uuidBytes;
  #view: DataView = new DataView(uuidBytes.buffer);

  start(bytes: Uint8Array): void {
    const { byteOffset, byteLength } = bytes;
    const memory = memoryOf(bytes.buffer);
    this.reset(memory.bytes, memory.view, byteOffset + byteLength);
    this.position = byteOffset;
  }

  skipEnd(): void {
    // The reader has done so.
  }

  override release(): void {
    super.release();
    this.text = uuidBytes;
    this.#viewed = uuidBytes;
    this.#view = new DataView(uuidBytes.buffer);
  }

  /** Made when an output asks for it. */
  get textView(): DataView {
    const { text } = this;
    if (this.#viewed !== text) {
      this.#viewed = text;
      this.#view = new DataView(text.buffer, text.byteOffset, text.byteLength);
    }
    return this.#view;
  }

  readText(): void {
    this.readContent();
    const { text, textStart, textEnd } = this.scanner;
    if (validUtf8End(text, textStart, textEnd) === textEnd) this.#found(text, textStart, textEnd);
    else this.#foundAll(replaceInvalid(text, textStart, textEnd));
  }

  readBytes(): void {
    this.#foundAll(this.readBinary());
  }

  readUuidBytes(): void {
    // Braces, capitals and missing dashes are read too, so the text is worth being one.
    if (!parseUuid(this.readString(), uuidBytes, 0)) refuse();
    this.#foundAll(uuidBytes);
  }

  readI64Words(): void {
    integer64[0] = this.readI64();
  }

  readEnum(): number {
    return this.readI32();
  }

  /** Nothing has a fixed width here. */
  readFixedContent(): never {
    refuse();
  }

  #foundAll(bytes: Uint8Array): void {
    this.#found(bytes, 0, bytes.length);
  }

  #found(bytes: Uint8Array, start: number, end: number): void {
    this.text = bytes;
    this.textStart = start;
    this.textEnd = end;
  }
}
