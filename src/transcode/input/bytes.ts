/** Inputs in binary and compact, which have text and numbers as they are. */

import { memoryOf } from "../../protocol/buffer.js";
import { BinaryReader } from "../../protocol/binary.js";
import { CompactReader } from "../../protocol/compact.js";
import { HIGH_WORD, LOW_WORD, words64 } from "../../protocol/varint.js";
import type { ThriftInput } from "./input.js";

export class BinaryInput extends BinaryReader implements ThriftInput {
  start(bytes: Uint8Array): void {
    const { byteOffset, byteLength } = bytes;
    const memory = memoryOf(bytes.buffer);
    this.reset(memory.bytes, memory.view, byteOffset + byteLength);
    this.position = byteOffset;
  }

  skipEnd(): void {
    // Nothing may stand there.
  }

  readText(): void {
    this.readContent();
  }

  readBytes(): void {
    this.readBinaryContent();
  }

  readUuidBytes(): void {
    this.readFixedContent(16);
  }

  readI64Words(): void {
    const start = this.take(8, "i64");
    words64[HIGH_WORD] = this.view.getInt32(start);
    words64[LOW_WORD] = this.view.getInt32(start + 4);
  }

  readEnum(): number {
    return this.readI32();
  }
}

export class CompactInput extends CompactReader implements ThriftInput {
  start(bytes: Uint8Array): void {
    const { byteOffset, byteLength } = bytes;
    const memory = memoryOf(bytes.buffer);
    this.reset(memory.bytes, memory.view, byteOffset + byteLength);
    this.position = byteOffset;
  }

  skipEnd(): void {
    // Nothing may stand there.
  }

  readText(): void {
    this.readContent();
  }

  readBytes(): void {
    this.readBinaryContent();
  }

  readUuidBytes(): void {
    this.readFixedContent(16);
  }

  readEnum(): number {
    return this.readI32();
  }
}
