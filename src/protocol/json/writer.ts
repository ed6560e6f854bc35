/** JSON into memory that grows: the pieces of printer.ts with the room for them. */

import { allocate, grow, INITIAL_CAPACITY, RETAINED_CAPACITY } from "../buffer.js";
import {
  base64Room,
  JSON_DOUBLE_BYTES,
  JSON_INTEGER_BYTES,
  jsonStringRoom,
  writeJsonDouble,
  writeJsonI64,
  writeJsonInteger,
  writeJsonString,
  writePaddedBase64,
} from "./printer.js";

const NO_BYTES = new Uint8Array(0);
const QUOTE = 0x22;

/** Writes JSON. One writer serves any number of messages, one after the other. Values are checked by the caller. */
export class JsonWriter {
  #position = 0;
  #bytes: Uint8Array = NO_BYTES;

  /** Bytes written so far. */
  get position(): number {
    return this.#position;
  }

  /** Starts anew. */
  reset(): void {
    this.#position = 0;
    if (this.#bytes.length > RETAINED_CAPACITY) this.#bytes = NO_BYTES;
  }

  /** Punctuation and words: text of ASCII characters as they are. */
  writeRaw(text: string): void {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) this.#bytes[this.#position++] = text.charCodeAt(i);
  }

  writeString(text: string): void {
    this.#reserve(jsonStringRoom(text));
    this.#position = writeJsonString(text, this.#bytes, this.#position);
  }

  /** A safe integer. */
  writeInteger(value: number): void {
    this.#reserve(JSON_INTEGER_BYTES);
    this.#position = writeJsonInteger(value, this.#bytes, this.#position);
  }

  writeI64(value: bigint): void {
    this.#reserve(JSON_INTEGER_BYTES);
    this.#position = writeJsonI64(value, this.#bytes, this.#position);
  }

  /** A finite double. */
  writeDouble(value: number): void {
    this.#reserve(JSON_DOUBLE_BYTES);
    this.#position = writeJsonDouble(value, this.#bytes, this.#position);
  }

  /** A string of padded base64. */
  writeBase64(value: Uint8Array): void {
    this.#reserve(2 + base64Room(value.length));
    this.#bytes[this.#position] = QUOTE;
    this.#position = writePaddedBase64(value, this.#bytes, this.#position + 1);
    this.#bytes[this.#position++] = QUOTE;
  }

  /** What was written, as a copy of its own: a Buffer where there is one. */
  finish(): Uint8Array {
    const message = allocate(this.#position);
    this.copyInto(message, 0);
    return message;
  }

  /** Copies what was written. The caller has made sure that it fits. */
  copyInto(target: Uint8Array, offset: number): void {
    target.set(this.#bytes.subarray(0, this.#position), offset);
  }

  #reserve(count: number): void {
    const end = this.#position + count;
    if (end > this.#bytes.length) this.#bytes = grow(this.#bytes, this.#position, Math.max(end, INITIAL_CAPACITY));
  }
}
