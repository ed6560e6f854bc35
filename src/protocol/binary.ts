/**
 * TBinaryProtocol, big-endian throughout:
 *
 *     field    | type 1 | id 2       | value ... |        STOP is a type of 0, alone
 *     list     | type 1 | size 4                 | elements ... |        set alike
 *     map      | key type 1 | value type 1 | size 4 | key value key value ... |
 *     string   | length 4                        | bytes ... |           binary alike
 *     uuid     | 16 bytes |
 *
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-binary-protocol.md
 */

import { allocate, grow, INITIAL_CAPACITY, RETAINED_CAPACITY } from "./buffer.js";
import {
  ProtocolError,
  type ProtocolReader,
  type ProtocolWriter,
  type ReaderOptions,
  type WriterOptions,
} from "./protocol.js";
import { isValidUtf8, isWellFormed, readUtf8, writeUtf8 } from "./text.js";
import { BINARY_FIXED, BINARY_MINIMUM, isValueTType, TType, ttypeName, type ValueTType } from "./ttype.js";
import { formatUuid, parseUuid } from "./uuid.js";

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

/** Reads TBinaryProtocol. One reader serves any number of messages, one after the other. */
export class BinaryReader implements ProtocolReader {
  position = 0;
  fieldType: ValueTType = TType.BOOL;
  fieldId = 0;
  size = 0;
  keyType = 0;
  elementType = 0;
  readonly minimumBytes = BINARY_MINIMUM;
  readonly fixedBytes = BINARY_FIXED;
  #bytes = NO_BYTES;
  #view = NO_VIEW;
  #end = 0;
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
    this.#bytes = bytes as Uint8Array<ArrayBuffer>;
    this.#view = view as DataView<ArrayBuffer>;
    this.#end = end;
    this.position = 0;
  }

  release(): void {
    this.#bytes = NO_BYTES;
    this.#view = NO_VIEW;
    this.#end = 0;
  }

  readStructBegin(): void {
    // Field ids are absolute in this protocol: nothing to save.
  }

  readStructEnd(): void {
    // See readStructBegin.
  }

  readFieldBegin(): boolean {
    const start = this.position;
    if (start >= this.#end) throw truncated(start, "a field header");
    const type = this.#bytes[start];
    this.position = start + 1;
    if (type === TType.STOP) return false;
    if (!isValueTType(type)) {
      const found = `expected a field of a known type, found ${ttypeName(type)}`;
      throw new ProtocolError("ERR_THRIFT_INVALID_DATA", start, found);
    }
    this.fieldType = type;
    this.fieldId = this.#view.getInt16(this.#take(2, "a field id"));
    return true;
  }

  readFieldEnd(): void {
    // Nothing on the wire.
  }

  readListBegin(): void {
    this.elementType = this.#bytes[this.#take(1, "a list")]!;
    this.size = this.#readSize("a list");
  }

  readListEnd(): void {
    // Nothing on the wire.
  }

  readSetBegin(): void {
    this.elementType = this.#bytes[this.#take(1, "a set")]!;
    this.size = this.#readSize("a set");
  }

  readSetEnd(): void {
    // Nothing on the wire.
  }

  readMapBegin(): void {
    this.keyType = this.#bytes[this.#take(1, "a map")]!;
    this.elementType = this.#bytes[this.#take(1, "a map")]!;
    this.size = this.#readSize("a map");
  }

  readMapEnd(): void {
    // Nothing on the wire.
  }

  checkSize(minBytes: number, maxLength: number): void {
    // Division, not multiplication: no product to overflow, and the limit is what is left of this message.
    if (this.size <= maxLength && this.size <= Math.floor((this.#end - this.position) / minBytes)) return;
    const reason = this.size > maxLength ? "the limit allows" : "the rest of the input can hold";
    throw new ProtocolError(
      "ERR_THRIFT_SIZE_LIMIT",
      this.position - 4,
      `expected no more elements than ${reason}, found a greater count`,
    );
  }

  readBool(): boolean {
    // Peers write 1 for true; what else is not 1 is false, as in Apache's Go and Java.
    return this.#bytes[this.#take(1, "bool")] === 1;
  }

  readI8(): number {
    return this.#view.getInt8(this.#take(1, "i8"));
  }

  readI16(): number {
    return this.#view.getInt16(this.#take(2, "i16"));
  }

  readI32(): number {
    return this.#view.getInt32(this.#take(4, "i32"));
  }

  readI64(): bigint {
    return this.#view.getBigInt64(this.#take(8, "i64"));
  }

  readDouble(): number {
    return this.#view.getFloat64(this.#take(8, "double"));
  }

  readString(): string {
    const length = this.#readLength();
    const start = this.position;
    if (this.#strictUtf8 && !isValidUtf8(this.#bytes, start, start + length)) {
      throw new ProtocolError("ERR_THRIFT_INVALID_UTF8", start, "expected UTF-8, found bytes that are not");
    }
    this.position = start + length;
    return readUtf8(this.#bytes, start, this.position);
  }

  readBinary(): Uint8Array {
    const length = this.#readLength();
    const start = this.position;
    this.position = start + length;
    // Not subarray(): what is decoded must not depend on the input being a Buffer.
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length);
  }

  readUuid(): string {
    return formatUuid(this.#bytes, this.#take(16, "uuid"));
  }

  advance(count: number): void {
    this.#take(count, "the rest of a value");
  }

  skipScalar(type: ValueTType): void {
    if (type === TType.STRING) this.advance(this.#readLength());
    else this.advance(BINARY_FIXED[type]);
  }

  /** @returns where the next `count` bytes start, and steps over them. */
  #take(count: number, expected: string): number {
    const start = this.position;
    if (count > this.#end - start) throw truncated(start, expected);
    this.position = start + count;
    return start;
  }

  #readSize(expected: string): number {
    const start = this.#take(4, expected);
    const size = this.#view.getInt32(start);
    if (size < 0)
      throw new ProtocolError("ERR_THRIFT_NEGATIVE_SIZE", start, `expected ${expected}, found a negative size`);
    return size;
  }

  /** The length of a string or binary, all of which the input holds. */
  #readLength(): number {
    const start = this.#take(4, "string");
    const length = this.#view.getInt32(start);
    if (length < 0)
      throw new ProtocolError("ERR_THRIFT_NEGATIVE_SIZE", start, "expected string, found a negative length");
    if (length > this.#end - this.position) {
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
}

function truncated(offset: number, expected: string): ProtocolError {
  return new ProtocolError("ERR_THRIFT_TRUNCATED", offset, `expected ${expected}, found the end of the input`);
}

/** Largest length that fits the wire's signed 32 bits. */
const MAX_LENGTH = 0x7fff_ffff;

/** Writes TBinaryProtocol. One writer serves any number of messages, one after the other, in one buffer. */
export class BinaryWriter implements ProtocolWriter {
  #position = 0;
  #bytes: Uint8Array = NO_BYTES;
  #view: DataView = NO_VIEW;
  readonly #strictUtf8: boolean;

  constructor(options: WriterOptions) {
    this.#strictUtf8 = options.strictUtf8;
  }

  get position(): number {
    return this.#position;
  }

  reset(): void {
    this.#position = 0;
    if (this.#bytes.length > RETAINED_CAPACITY) this.#use(NO_BYTES);
  }

  writeStructBegin(): void {
    // Nothing on the wire.
  }

  writeStructEnd(): void {
    // Nothing on the wire.
  }

  writeFieldBegin(type: ValueTType, id: number): void {
    const start = this.#reserve(3);
    this.#bytes[start] = type;
    this.#view.setInt16(start + 1, id);
  }

  writeFieldEnd(): void {
    // Nothing on the wire.
  }

  writeFieldStop(): void {
    const start = this.#reserve(1);
    this.#bytes[start] = TType.STOP;
  }

  writeListBegin(elementType: ValueTType, size: number): void {
    const start = this.#reserve(5);
    this.#bytes[start] = elementType;
    this.#view.setInt32(start + 1, size);
  }

  writeListEnd(): void {
    // Nothing on the wire.
  }

  writeSetBegin(elementType: ValueTType, size: number): void {
    this.writeListBegin(elementType, size);
  }

  writeSetEnd(): void {
    // Nothing on the wire.
  }

  writeMapBegin(keyType: ValueTType, valueType: ValueTType, size: number): void {
    const start = this.#reserve(6);
    this.#bytes[start] = keyType;
    this.#bytes[start + 1] = valueType;
    this.#view.setInt32(start + 2, size);
  }

  writeMapEnd(): void {
    // Nothing on the wire.
  }

  writeBool(value: boolean): void {
    const start = this.#reserve(1);
    this.#bytes[start] = value ? 1 : 0;
  }

  writeI8(value: number): void {
    const start = this.#reserve(1);
    this.#bytes[start] = value;
  }

  writeI16(value: number): void {
    const start = this.#reserve(2);
    this.#view.setInt16(start, value);
  }

  writeI32(value: number): void {
    const start = this.#reserve(4);
    this.#view.setInt32(start, value);
  }

  writeI64(value: bigint): void {
    const start = this.#reserve(8);
    this.#view.setBigInt64(start, value);
  }

  writeDouble(value: number): void {
    const start = this.#reserve(8);
    this.#view.setFloat64(start, value);
  }

  writeString(value: string): void {
    if (this.#strictUtf8 && !isWellFormed(value)) {
      throw wrongType("expected text that UTF-8 can hold, found a lone surrogate");
    }
    // Room for the worst case, 3 bytes a UTF-16 unit, so that nothing is measured; the length is filled in afterwards.
    const start = this.#reserve(4 + 3 * value.length);
    const end = writeUtf8(value, this.#bytes, start + 4);
    this.#view.setInt32(start, end - start - 4);
    this.#position = end;
  }

  writeBinary(value: Uint8Array): void {
    if (value.length > MAX_LENGTH) {
      throw new ProtocolError("ERR_THRIFT_SIZE_LIMIT", -1, "expected at most 2147483647 bytes, found more");
    }
    const start = this.#reserve(4 + value.length);
    this.#view.setInt32(start, value.length);
    this.#bytes.set(value, start + 4);
  }

  writeUuid(value: string): void {
    const start = this.#reserve(16);
    if (!parseUuid(value, this.#bytes, start)) throw wrongType("expected uuid, found other text");
  }

  finish(): Uint8Array {
    const message = allocate(this.#position);
    this.copyInto(message, 0);
    return message;
  }

  copyInto(target: Uint8Array, offset: number): void {
    target.set(this.#bytes.subarray(0, this.#position), offset);
  }

  /** @returns where the next `count` bytes start, and makes them part of the message. */
  #reserve(count: number): number {
    const start = this.#position;
    const end = start + count;
    if (end > this.#bytes.length) this.#use(grow(this.#bytes, start, Math.max(end, INITIAL_CAPACITY)));
    this.#position = end;
    return start;
  }

  #use(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

function wrongType(message: string): ProtocolError {
  return new ProtocolError("ERR_THRIFT_WRONG_TYPE", -1, message);
}
