/** What stands around the struct of a call: the message header, and the exception for calls that could not run. */

import { ApplicationError } from "../errors.js";
import { MessageType, ProtocolError, type ProtocolReader, type ProtocolWriter } from "./protocol.js";
import { skip } from "./skip.js";
import { TType } from "./ttype.js";

/** Why a call could not be run or answered: the type of a TApplicationException. */
export const ApplicationErrorType = {
  UNKNOWN: 0,
  UNKNOWN_METHOD: 1,
  INVALID_MESSAGE_TYPE: 2,
  WRONG_METHOD_NAME: 3,
  BAD_SEQUENCE_ID: 4,
  MISSING_RESULT: 5,
  INTERNAL_ERROR: 6,
  PROTOCOL_ERROR: 7,
} as const;

/** Longest method name, in bytes. */
export const MAX_NAME_BYTES = 512;

/** @throws ProtocolError OUT_OF_RANGE on a name that no header may carry. */
export function checkName(name: string): void {
  const length = name.length > MAX_NAME_BYTES ? name.length : nameBytes(name);
  if (length === 0 || length > MAX_NAME_BYTES) {
    throw new ProtocolError("ERR_THRIFT_OUT_OF_RANGE", -1, expectedName(length, MAX_NAME_BYTES));
  }
}

/** The bytes of a name in UTF-8. */
export function nameBytes(name: string): number {
  return encoder.encode(name).length;
}

const encoder = new TextEncoder();

/**
 * @param maxBytes `Infinity` takes names of any length, none included.
 * @throws ProtocolError INVALID_DATA on a length, found at an offset, that the limit or every limit excludes; not on a negative one.
 */
export function checkNameLength(length: number, offset: number, maxBytes: number): void {
  if (length > maxBytes || (length === 0 && maxBytes !== Infinity)) {
    throw new ProtocolError("ERR_THRIFT_INVALID_DATA", offset, expectedName(length, maxBytes));
  }
}

function expectedName(length: number, maxBytes: number): string {
  return `expected a method name of 1 to ${String(maxBytes)} bytes, found ${length === 0 ? "none" : "a longer one"}`;
}

/** @throws ProtocolError INVALID_DATA on what is no message type. */
export function checkMessageType(type: number, offset: number): MessageType {
  if (type >= MessageType.CALL && type <= MessageType.ONEWAY) return type as MessageType;
  throw new ProtocolError("ERR_THRIFT_INVALID_DATA", offset, `expected message type 1 to 4, found ${String(type)}`);
}

export function badVersion(offset: number, found: string): ProtocolError {
  return new ProtocolError("ERR_THRIFT_BAD_VERSION", offset, `expected a message header of version 1, found ${found}`);
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
