/**
 * The calls that every protocol answers, one primitive of Thrift each. They know no schema: the closure back end,
 * skip and the message header are written in terms of them; the source back end spells the same bytes inline.
 */

import type { ErrorCode } from "../errors.js";
import type { TType, ValueTType } from "./ttype.js";

/**
 * What readers and writers throw: an error without a path, which they cannot know. The codec adds the path and
 * throws an EncodeError or DecodeError.
 */
export class ProtocolError extends Error {
  readonly code: ErrorCode;
  /** Where in the input; -1 when writing. */
  readonly offset: number;

  constructor(code: ErrorCode, offset: number, message: string) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}

/**
 * Reads primitives from one message. Every read checks what is left first, and throws ERR_THRIFT_TRUNCATED when it is
 * too little. Sizes are checked (negative, over what is left, over the limit) before they are returned.
 */
export interface ProtocolReader {
  /** Offset of the next byte, from the start of the message. */
  position: number;

  /** Opens a struct. Protocols that keep state for field ids save it here. */
  readStructBegin(): void;
  readStructEnd(): void;
  /** Reads a field header into `fieldType` and `fieldId`. @returns false on STOP. Throws INVALID_DATA on a type that is none. */
  readFieldBegin(): boolean;
  fieldType: ValueTType;
  fieldId: number;

  /** Reads a header into `size` and `elementType` (STOP possible when size is 0). Checks size against `minBytes` of the element type it read. */
  readListBegin(maxLength: number): void;
  readSetBegin(maxLength: number): void;
  /** Reads a header into `size`, `keyType` and `elementType`. */
  readMapBegin(maxLength: number): void;
  size: number;
  keyType: TType;
  elementType: TType;

  readBool(): boolean;
  readI8(): number;
  readI16(): number;
  readI32(): number;
  readI64(): bigint;
  readDouble(): number;
  readString(): string;
  /** A view of the input. */
  readBinary(): Uint8Array;
  readUuid(): string;
}

/** Writes primitives into a buffer that grows. Values are checked by the caller. */
export interface ProtocolWriter {
  writeStructBegin(): void;
  writeStructEnd(): void;
  /** For a bool field compact folds the value into the header, so writeBool follows at once. */
  writeFieldBegin(type: ValueTType, id: number): void;
  writeFieldStop(): void;

  writeListBegin(elementType: ValueTType, size: number): void;
  writeSetBegin(elementType: ValueTType, size: number): void;
  writeMapBegin(keyType: ValueTType, valueType: ValueTType, size: number): void;

  writeBool(value: boolean): void;
  writeI8(value: number): void;
  writeI16(value: number): void;
  writeI32(value: number): void;
  writeI64(value: bigint): void;
  writeDouble(value: number): void;
  writeString(value: string): void;
  writeBinary(value: Uint8Array): void;
  writeUuid(value: string): void;

  /** What was written, as a copy of its own. */
  finish(): Uint8Array;
}
