/** What the protocols of bytes share, beside the bytes themselves: memory, what is left of it, strings, checks of sizes. */

import { allocate, copyRange, grow, INITIAL_CAPACITY, RETAINED_CAPACITY } from "./buffer.js";
import { checkNameLength } from "./message.js";
import { ProtocolError, type ReaderOptions, type WriterOptions } from "./protocol.js";
import { isValidUtf8, isWellFormed, readUtf8 } from "./text.js";
import { TType, type ValueTType } from "./ttype.js";
import { formatUuid, parseUuid } from "./uuid.js";

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

/** A reader of one message, which stands in one piece of memory. */
export abstract class ByteReader {
  position = 0;
  fieldType: ValueTType = TType.BOOL;
  fieldId = 0;
  size = 0;
  keyType = 0;
  elementType = 0;
  /** The string or bytes that {@link readContent} and its like found: `text[textStart, textEnd)`. */
  text = NO_BYTES;
  textStart = 0;
  textEnd = 0;
  textView = NO_VIEW;
  protected bytes = NO_BYTES;
  protected view = NO_VIEW;
  protected end = 0;
  /** Where `size` stands. */
  protected sizeOffset = 0;
  readonly #maxStringBytes: number;
  readonly #strictUtf8: boolean;

  constructor(options: ReaderOptions) {
    this.#maxStringBytes = options.maxStringBytes;
    this.#strictUtf8 = options.strictUtf8;
  }

  reset(
    bytes: Uint8Array,
    view: DataView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    end: number = bytes.length,
  ): void {
    this.bytes = bytes as Uint8Array<ArrayBuffer>;
    this.view = view as DataView<ArrayBuffer>;
    this.text = this.bytes;
    this.textView = this.view;
    this.end = end;
    this.position = 0;
  }

  release(): void {
    this.bytes = NO_BYTES;
    this.view = NO_VIEW;
    this.text = NO_BYTES;
    this.textView = NO_VIEW;
    this.end = 0;
  }

  readMessageEnd(): void {
    // Nothing on the wire.
  }

  readFieldEnd(): void {
    // Nothing on the wire.
  }

  readListEnd(): void {
    // Nothing on the wire.
  }

  readSetEnd(): void {
    // Nothing on the wire.
  }

  readMapEnd(): void {
    // Nothing on the wire.
  }

  checkSize(minBytes: number, maxLength: number): void {
    // Division, not multiplication: no product to overflow, and the limit is what is left of this message.
    if (this.size <= maxLength && this.size <= Math.floor((this.end - this.position) / minBytes)) return;
    const reason = this.size > maxLength ? "the limit allows" : "the rest of the input can hold";
    throw new ProtocolError(
      "ERR_THRIFT_SIZE_LIMIT",
      this.sizeOffset,
      `expected no more elements than ${reason}, found a greater count`,
    );
  }

  readI8(): number {
    return this.view.getInt8(this.take(1, "i8"));
  }

  readString(): string {
    this.readContent();
    return readUtf8(this.bytes, this.textStart, this.textEnd);
  }

  /** As {@link readString}, which makes a string of the bytes that this finds. */
  readContent(): void {
    const length = this.readLength();
    const start = this.position;
    if (this.#strictUtf8 && !isValidUtf8(this.bytes, start, start + length)) {
      throw new ProtocolError("ERR_THRIFT_INVALID_UTF8", start, "expected UTF-8, found bytes that are not");
    }
    this.#found(start, length);
  }

  /** As {@link readBinary}, without making a view. */
  readBinaryContent(): void {
    const length = this.readLength();
    this.#found(this.position, length);
  }

  /** Finds so many bytes. */
  readFixedContent(count: number): void {
    this.#found(this.take(count, "the rest of a value"), count);
  }

  #found(start: number, length: number): void {
    this.textStart = start;
    this.textEnd = start + length;
    this.position = start + length;
  }

  readBinary(): Uint8Array {
    const length = this.readLength();
    const start = this.position;
    this.position = start + length;
    return this.since(start);
  }

  readUuid(): string {
    return formatUuid(this.bytes, this.take(16, "uuid"));
  }

  /** @returns a view of what was read since a position. Not subarray(): it must not depend on the input being a Buffer. */
  protected since(start: number): Uint8Array {
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + start, this.position - start);
  }

  advance(count: number): void {
    this.take(count, "the rest of a value");
  }

  /** Reads 32 bits as this protocol writes sizes and lengths; negative when they are 2^31 or more. */
  protected abstract readCount(expected: string): number;

  /** Reads the name of a method, with its length. */
  protected readName(maxBytes: number): string {
    const start = this.position;
    checkNameLength(this.readCount("a method name"), start, maxBytes);
    this.position = start;
    return this.readString();
  }

  /** Reads the size of a container into `size`. */
  protected readSize(expected: string): void {
    const start = this.position;
    const size = this.readCount(expected);
    if (size < 0)
      throw new ProtocolError("ERR_THRIFT_NEGATIVE_SIZE", start, `expected ${expected}, found a negative size`);
    this.size = size;
    this.sizeOffset = start;
  }

  /** @returns the length of a string or binary, all of which the input holds. */
  protected readLength(): number {
    const start = this.position;
    const length = this.readCount("string");
    if (length < 0)
      throw new ProtocolError("ERR_THRIFT_NEGATIVE_SIZE", start, "expected string, found a negative length");
    if (length > this.end - this.position) {
      throw new ProtocolError(
        "ERR_THRIFT_SIZE_LIMIT",
        start,
        "expected string, found a length over what is left of the input",
      );
    }
    if (length > this.#maxStringBytes) {
      throw new ProtocolError("ERR_THRIFT_SIZE_LIMIT", start, "expected string, found a length over maxStringBytes");
    }
    return length;
  }

  /** @returns where the next `count` bytes start, and steps over them. */
  protected take(count: number, expected: string): number {
    const start = this.position;
    if (count > this.end - start) throw truncated(start, expected);
    this.position = start + count;
    return start;
  }
}

/** The input ends where more was expected. */
export function truncated(offset: number, expected: string): ProtocolError {
  return new ProtocolError("ERR_THRIFT_TRUNCATED", offset, `expected ${expected}, found the end of the input`);
}

/** Largest length that fits the wire's signed 32 bits. */
const MAX_LENGTH = 0x7fff_ffff;

/** A writer of one message after the other, in one buffer. */
export abstract class ByteWriter {
  protected bytes: Uint8Array = NO_BYTES;
  protected view: DataView = NO_VIEW;
  /** Bytes written. */
  protected written = 0;
  readonly #strictUtf8: boolean;

  constructor(options: WriterOptions) {
    this.#strictUtf8 = options.strictUtf8;
  }

  get position(): number {
    return this.written;
  }

  reset(): void {
    this.written = 0;
    if (this.bytes.length > RETAINED_CAPACITY) this.#use(NO_BYTES);
  }

  writeMessageEnd(): void {
    // Nothing on the wire.
  }

  writeFieldEnd(): void {
    // Nothing on the wire.
  }

  writeListEnd(): void {
    // Nothing on the wire.
  }

  writeSetEnd(): void {
    // Nothing on the wire.
  }

  writeMapEnd(): void {
    // Nothing on the wire.
  }

  writeI8(value: number): void {
    const start = this.reserve(1);
    this.bytes[start] = value;
  }

  writeUuid(value: string): void {
    const start = this.reserve(16);
    if (!parseUuid(value, this.bytes, start)) throw wrongType("expected uuid, found other text");
  }

  writeRaw(_type: ValueTType, bytes: Uint8Array): void {
    const start = this.reserve(bytes.length);
    this.bytes.set(bytes, start);
  }

  /** Writes the bytes of a view from `start` to `end`. */
  writeRange(source: DataView, start: number, end: number): void {
    const at = this.reserve(end - start);
    copyRange(source, start, end, { bytes: this.bytes, view: this.view, at });
  }

  /** Takes back what was written from a position on. @returns a copy of it. */
  takeBack(position: number): DataView {
    const taken = new Uint8Array(this.bytes.subarray(position, this.written));
    this.written = position;
    return new DataView(taken.buffer);
  }

  finish(): Uint8Array {
    const message = allocate(this.written);
    this.copyInto(message, 0);
    return message;
  }

  copyInto(target: Uint8Array, offset: number): void {
    target.set(this.bytes.subarray(0, this.written), offset);
  }

  /** Throws in strict mode, when UTF-8 cannot hold the text. */
  protected checkText(text: string): void {
    if (this.#strictUtf8 && !isWellFormed(text)) {
      throw wrongType("expected text that UTF-8 can hold, found a lone surrogate");
    }
  }

  protected checkLength(bytes: Uint8Array): void {
    if (bytes.length <= MAX_LENGTH) return;
    throw new ProtocolError("ERR_THRIFT_SIZE_LIMIT", -1, "expected at most 2147483647 bytes, found more");
  }

  /** @returns where the next `count` bytes start, and makes them part of the message. */
  protected reserve(count: number): number {
    const start = this.written;
    const end = start + count;
    if (end > this.bytes.length) this.#use(grow(this.bytes, start, Math.max(end, INITIAL_CAPACITY)));
    this.written = end;
    return start;
  }

  #use(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

function wrongType(message: string): ProtocolError {
  return new ProtocolError("ERR_THRIFT_WRONG_TYPE", -1, message);
}
