/**
 * The calls that every protocol answers, one primitive of Thrift each. They know no schema: the closure back end,
 * skip and the message header are written in terms of them; the source back end spells the same bytes inline.
 */

import type { ErrorCode } from "../errors.js";
import type { FixedBytes, MinimumBytes, ValueTType } from "./ttype.js";

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

/** What a message is, as the header says it. */
export const MessageType = {
  CALL: 1,
  REPLY: 2,
  EXCEPTION: 3,
  ONEWAY: 4,
} as const;

export type MessageType = (typeof MessageType)[keyof typeof MessageType];

/** The header of a message. */
export interface MessageHeader {
  /** Method name, 1 to 512 bytes of UTF-8. */
  readonly name: string;
  readonly type: MessageType;
  /** A signed 32-bit integer that a reply repeats. */
  readonly seqid: number;
}

/** What headers are held to. */
export interface MessageOptions {
  /** Refuse the binary header that Thrift had before 2008, which carries no version. Default true. */
  strictRead?: boolean;
  /** Most bytes of a method name. Default 512; `Infinity` also takes a call without a name, which no method can be. */
  maxNameBytes?: number;
}

/** What a reader holds its input to. */
export interface ReaderOptions {
  /** Bytes of one string or binary. */
  maxStringBytes: number;
  /** Refuse invalid UTF-8 instead of replacing it. */
  strictUtf8: boolean;
}

/** What a writer holds its values to. */
export interface WriterOptions {
  /** Refuse lone surrogates instead of writing U+FFFD for them. */
  strictUtf8: boolean;
}

/**
 * Reads primitives from one message. Every read checks what is left first, and throws ERR_THRIFT_TRUNCATED, with the
 * offset at which the primitive starts, when it is too little. A string that is longer than what is left is
 * ERR_THRIFT_SIZE_LIMIT instead: its length is known to be a lie.
 */
export interface ProtocolReader {
  /** Offset of the next byte, from the start of the message. May be set, to read from somewhere else. */
  position: number;
  /** Fewest bytes of a value by wire type. */
  readonly minimumBytes: MinimumBytes;
  /** Bytes of every value of a wire type, 0 where they vary: what `skip` may step over by multiplication. */
  readonly fixedBytes: FixedBytes;

  /**
   * Starts at the first of the bytes, on a message that goes up to `end`, by default all of them. The view, when the
   * caller has one, covers the same memory as the bytes.
   */
  reset(bytes: Uint8Array, view?: DataView, end?: number): void;
  /** Lets go of the message, which a reader at rest would otherwise keep alive. */
  release(): void;

  /**
   * Reads the header of a message, up to the struct, which may be read at once or later from this position. Throws
   * BAD_VERSION, INVALID_DATA, TRUNCATED and what reading a string throws.
   */
  readMessageBegin(options?: MessageOptions): MessageHeader;
  /** Ends a message, after its struct. */
  readMessageEnd(): void;

  /** Opens a struct. Protocols that keep state for field ids save it here. */
  readStructBegin(): void;
  readStructEnd(): void;
  /**
   * Reads a field header into `fieldType` and `fieldId`. In compact a bool field is all header, so its readBool or
   * skipScalar follows at once, and takes no bytes.
   *
   * @returns false on STOP. Throws INVALID_DATA on a type that is none.
   */
  readFieldBegin(): boolean;
  fieldType: ValueTType;
  fieldId: number;
  /** Ends a field, after its value. */
  readFieldEnd(): void;

  /** Reads a header into `size` and `elementType`. The size is not negative; call `checkSize` before using it. */
  readListBegin(): void;
  readListEnd(): void;
  readSetBegin(): void;
  readSetEnd(): void;
  /** Reads a header into `size`, `keyType` and `elementType`. */
  readMapBegin(): void;
  readMapEnd(): void;
  size: number;
  /** The type that the input names, possibly none that is a wire type. An empty container may name any type, or none. */
  keyType: number;
  elementType: number;
  /** Throws SIZE_LIMIT when the container just begun has more than `maxLength` elements, or more than the rest of the input can hold at `minBytes` each. */
  checkSize(minBytes: number, maxLength: number): void;

  readBool(): boolean;
  readI8(): number;
  readI16(): number;
  readI32(): number;
  readI64(): bigint;
  readDouble(): number;
  readString(): string;
  /** A view of the input. */
  readBinary(): Uint8Array;
  /** Canonical text, lower case. */
  readUuid(): string;

  /** Steps over bytes. */
  advance(count: number): void;
  /** Steps over a value that is neither struct nor container. A string obeys the same limits as one that is read. */
  skipScalar(type: ValueTType): void;
  /**
   * Steps over the value of a field as {@link skip} does.
   *
   * @returns what `writeRaw` of the same protocol writes as the same value: a view of the input, but for what stands in
   * a field header.
   */
  readRaw(type: ValueTType, maxDepth: number): Uint8Array;
}

/**
 * Writes primitives into a buffer that grows. Ranges and JavaScript types are checked by the caller; the text of a
 * uuid, and in strict mode of a string, is checked here.
 */
export interface ProtocolWriter {
  /** Bytes written so far. */
  readonly position: number;

  /** Starts anew. */
  reset(): void;

  /** Writes the header of a message, up to the struct. Throws OUT_OF_RANGE on a name that is empty or over 512 bytes. */
  writeMessageBegin(header: MessageHeader): void;
  /** Ends a message, after its struct. */
  writeMessageEnd(): void;

  writeStructBegin(): void;
  writeStructEnd(): void;
  /** For a bool field compact folds the value into the header, so writeBool follows at once. */
  writeFieldBegin(type: ValueTType, id: number): void;
  writeFieldEnd(): void;
  writeFieldStop(): void;

  writeListBegin(elementType: ValueTType, size: number): void;
  writeListEnd(): void;
  writeSetBegin(elementType: ValueTType, size: number): void;
  writeSetEnd(): void;
  writeMapBegin(keyType: ValueTType, valueType: ValueTType, size: number): void;
  writeMapEnd(): void;

  writeBool(value: boolean): void;
  writeI8(value: number): void;
  writeI16(value: number): void;
  writeI32(value: number): void;
  writeI64(value: bigint): void;
  writeDouble(value: number): void;
  writeString(value: string): void;
  writeBinary(value: Uint8Array): void;
  writeUuid(value: string): void;
  /** Writes the value of a field that `readRaw` gave. */
  writeRaw(type: ValueTType, bytes: Uint8Array): void;

  /** What was written, as a copy of its own: a Buffer where there is one. */
  finish(): Uint8Array;
  /** Copies what was written. The caller has made sure that it fits. */
  copyInto(target: Uint8Array, offset: number): void;
}
