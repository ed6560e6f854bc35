/**
 * Steps over a value whose meaning nobody asked for: an unknown field, or a known one of another wire type.
 *
 * Its types come from the input alone, so nothing bounds the nesting but the limit. Every element consumes at least one
 * byte, and counts are checked against what is left, so the work is linear in the bytes skipped.
 */

import { ProtocolError, type ProtocolReader } from "./protocol.js";
import { isValueTType, TType, ttypeName, type ValueTType } from "./ttype.js";

/**
 * Moves `reader.position` behind a value of the type.
 *
 * @param maxDepth structs and containers that may stand inside each other, the value itself included; scalars are free.
 * @throws ProtocolError DEPTH_LIMIT beyond that; INVALID_DATA, SIZE_LIMIT, NEGATIVE_SIZE, TRUNCATED as when reading.
 */
export function skip(reader: ProtocolReader, type: ValueTType, maxDepth: number): void {
  if (type === TType.STRUCT || type === TType.MAP || type === TType.SET || type === TType.LIST) {
    skipNested(reader, type, maxDepth);
  } else {
    reader.skipScalar(type);
  }
}

type NestingTType = typeof TType.STRUCT | typeof TType.MAP | typeof TType.SET | typeof TType.LIST;

function skipNested(reader: ProtocolReader, type: NestingTType, maxDepth: number): void {
  if (maxDepth <= 0) {
    throw new ProtocolError(
      "ERR_THRIFT_DEPTH_LIMIT",
      reader.position,
      "an unknown field is nested deeper than maxSkipDepth",
    );
  }
  const at = reader.position;
  switch (type) {
    case TType.STRUCT:
      reader.readStructBegin();
      while (reader.readFieldBegin()) {
        skip(reader, reader.fieldType, maxDepth - 1);
        reader.readFieldEnd();
      }
      return reader.readStructEnd();
    case TType.MAP:
      reader.readMapBegin();
      skipEntries(reader, maxDepth - 1, at);
      return reader.readMapEnd();
    case TType.SET:
      reader.readSetBegin();
      skipElements(reader, "set", maxDepth - 1, at);
      return reader.readSetEnd();
    case TType.LIST:
      reader.readListBegin();
      skipElements(reader, "list", maxDepth - 1, at);
      return reader.readListEnd();
  }
}

function skipElements(reader: ProtocolReader, what: string, maxDepth: number, at: number): void {
  const { size, elementType } = reader;
  if (size === 0) return;
  if (!isValueTType(elementType)) {
    const found = `${what}<${ttypeName(elementType)}>`;
    throw new ProtocolError("ERR_THRIFT_INVALID_DATA", at, `expected a ${what} of a known type, found ${found}`);
  }
  reader.checkSize(reader.minimumBytes[elementType], Infinity);
  const fixed = reader.fixedBytes[elementType];
  if (fixed > 0) return reader.advance(size * fixed);
  for (let i = 0; i < size; i++) skip(reader, elementType, maxDepth);
}

function skipEntries(reader: ProtocolReader, maxDepth: number, at: number): void {
  const { size, keyType, elementType } = reader;
  if (size === 0) return;
  if (!isValueTType(keyType) || !isValueTType(elementType)) {
    const found = `map<${ttypeName(keyType)},${ttypeName(elementType)}>`;
    throw new ProtocolError("ERR_THRIFT_INVALID_DATA", at, `expected a map of known types, found ${found}`);
  }
  const { fixedBytes, minimumBytes } = reader;
  reader.checkSize(minimumBytes[keyType] + minimumBytes[elementType], Infinity);
  if (fixedBytes[keyType] > 0 && fixedBytes[elementType] > 0) {
    return reader.advance(size * (fixedBytes[keyType] + fixedBytes[elementType]));
  }
  for (let i = 0; i < size; i++) {
    skip(reader, keyType, maxDepth);
    skip(reader, elementType, maxDepth);
  }
}
