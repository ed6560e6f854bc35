/**
 * What stands around the struct of a call: the message header, and the exception for calls that could not run.
 *
 *     strict   | 0x8001 2 | unused 1 | type 1 | name length 4 | name ... | seqid 4 |
 *     old      | name length 4 | name ... | type 1 | seqid 4 |
 *
 * The two differ in the sign of the first 32 bits. Only the strict form is written.
 */

import { ApplicationError } from "../errors.js";
import { ProtocolError, type ProtocolReader, type ProtocolWriter } from "./protocol.js";
import { skip } from "./skip.js";
import { TType } from "./ttype.js";

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
  name: string;
  type: MessageType;
  /** A signed 32-bit integer that a reply repeats. */
  seqid: number;
}

/** Options of {@link readMessageBegin}. */
export interface MessageOptions {
  /** Refuse the header that Thrift had before 2008, which carries no version. Default true. */
  strict?: boolean;
}

const VERSION_MASK = 0xffff_0000 | 0;
const VERSION_1 = 0x8001_0000 | 0;

/** Longest method name, in bytes. */
export const MAX_NAME_BYTES = 512;

/** Reads the header of a message; its struct follows. @throws ProtocolError BAD_VERSION, INVALID_DATA, TRUNCATED and what reading a string throws. */
export function readMessageBegin(reader: ProtocolReader, options: MessageOptions = {}): MessageHeader {
  const start = reader.position;
  const first = reader.readI32();
  if (first < 0) {
    if ((first & VERSION_MASK) !== VERSION_1) throw badVersion(start, "another version");
    const type = messageType(first & 0xff, start + 3);
    return { name: readName(reader), type, seqid: reader.readI32() };
  }
  if (options.strict !== false) throw badVersion(start, "a header without version");
  reader.position = start;
  const name = readName(reader);
  const typeOffset = reader.position;
  const type = messageType(reader.readI8(), typeOffset);
  return { name, type, seqid: reader.readI32() };
}

/** Writes the header of a message, in the strict form. @throws ProtocolError OUT_OF_RANGE on a name that is empty or over 512 bytes. */
export function writeMessageBegin(writer: ProtocolWriter, header: MessageHeader): void {
  writer.writeI32(VERSION_1 | header.type);
  const before = writer.position;
  writer.writeString(header.name);
  const length = writer.position - before - 4;
  if (length === 0 || length > MAX_NAME_BYTES) {
    throw new ProtocolError(
      "ERR_THRIFT_OUT_OF_RANGE",
      -1,
      `expected a method name of 1 to ${String(MAX_NAME_BYTES)} bytes, found ${String(length)}`,
    );
  }
  writer.writeI32(header.seqid | 0);
}

function readName(reader: ProtocolReader): string {
  const start = reader.position;
  const length = reader.readI32();
  if (length === 0 || length > MAX_NAME_BYTES) {
    throw new ProtocolError(
      "ERR_THRIFT_INVALID_DATA",
      start,
      `expected a method name of 1 to ${String(MAX_NAME_BYTES)} bytes, found ${String(length)}`,
    );
  }
  reader.position = start;
  return reader.readString();
}

function messageType(type: number, offset: number): MessageType {
  if (type >= MessageType.CALL && type <= MessageType.ONEWAY) return type as MessageType;
  throw new ProtocolError("ERR_THRIFT_INVALID_DATA", offset, `expected message type 1 to 4, found ${String(type)}`);
}

function badVersion(offset: number, found: string): ProtocolError {
  return new ProtocolError(
    "ERR_THRIFT_BAD_VERSION",
    offset,
    `expected a strict message header of version 1, found ${found}`,
  );
}

const MESSAGE_ID = 1;
const TYPE_ID = 2;

/** Reads a TApplicationException, `{1: string message, 2: i32 type}`. What is absent is empty or 0; unknown fields are skipped. */
export function readApplicationError(reader: ProtocolReader, maxSkipDepth: number): ApplicationError {
  let message = "";
  let typeId = 0;
  reader.readStructBegin();
  while (reader.readFieldBegin()) {
    const { fieldId, fieldType } = reader;
    if (fieldId === MESSAGE_ID && fieldType === TType.STRING) message = reader.readString();
    else if (fieldId === TYPE_ID && fieldType === TType.I32) typeId = reader.readI32();
    else skip(reader, fieldType, maxSkipDepth);
    reader.readFieldEnd();
  }
  reader.readStructEnd();
  return new ApplicationError(typeId, message);
}

/** Writes an error as a TApplicationException. */
export function writeApplicationError(
  writer: ProtocolWriter,
  error: Pick<ApplicationError, "message" | "typeId">,
): void {
  writer.writeStructBegin();
  writer.writeFieldBegin(TType.STRING, MESSAGE_ID);
  writer.writeString(error.message);
  writer.writeFieldEnd();
  writer.writeFieldBegin(TType.I32, TYPE_ID);
  writer.writeI32(error.typeId);
  writer.writeFieldEnd();
  writer.writeFieldStop();
  writer.writeStructEnd();
}
