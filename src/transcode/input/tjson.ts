/** Inputs in TJSONProtocol. */

import { memoryOf } from "../../protocol/buffer.js";
import type { TextSource } from "../../protocol/json/byte-writer.js";
import { TJsonReader } from "../../protocol/tjson.js";
import { parseUuid } from "../../protocol/uuid.js";
import { integer64 } from "../../protocol/varint.js";
import { replaceInvalid, validUtf8End } from "../../protocol/utf8.js";
import { refuse, type ThriftInput } from "./input.js";

const uuidBytes = new Uint8Array(16);
const uuidView: DataView = new DataView(uuidBytes.buffer);

export class TJsonInput extends TJsonReader implements ThriftInput {
  text: Uint8Array = uuidBytes;
  textView = uuidView;
  textStart = 0;
  textEnd = 0;

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
    this.textView = uuidView;
  }

  readText(): void {
    this.readContent();
    const { text, textStart, textEnd } = this.scanner;
    if (validUtf8End(text, textStart, textEnd) === textEnd) return this.#find(this.scanner);
    const valid = replaceInvalid(text, textStart, textEnd);
    const textView = new DataView(valid.buffer, valid.byteOffset, valid.length);
    this.#find({ text: valid, textView, textStart: 0, textEnd: valid.length });
  }

  readBytes(): void {
    this.separate();
    this.scanner.readBase64Content();
    this.#find(this.scanner);
  }

  readUuidBytes(): void {
    // Braces, capitals and missing dashes are read too, so the text is worth being one.
    if (!parseUuid(this.readString(), uuidBytes, 0)) refuse();
    this.#find({ text: uuidBytes, textView: uuidView, textStart: 0, textEnd: 16 });
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

  #find({ text, textView, textStart, textEnd }: TextSource): void {
    this.text = text;
    this.textView = textView;
    this.textStart = textStart;
    this.textEnd = textEnd;
  }
}
