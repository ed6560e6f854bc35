/** The golden vectors without their schema: what a reader reads, a writer writes, and the bytes are those of Apache's library. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ProtocolReader, ProtocolWriter } from "../../src/protocol/protocol.js";
import { PROTOCOLS, type ProtocolName } from "../../src/protocol/protocols.js";
import { isValueTType, TType, ttypeName, type ValueTType } from "../../src/protocol/ttype.js";
import { hex, toHex } from "../support/hex.js";

interface Vector {
  struct: string;
  binary: string;
  compact: string;
}

const vectors = readFileSync(new URL("../testdata/golden/golden.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line, i): [title: string, vector: Vector] => {
    const vector = JSON.parse(line) as Vector;
    return [`line ${String(i + 1)}: ${vector.struct}`, vector];
  });

function copied(bytes: Uint8Array, from: ProtocolName, to: ProtocolName): string {
  const reader = PROTOCOLS[from].createReader({ maxStringBytes: Infinity, strictUtf8: true });
  const writer = PROTOCOLS[to].createWriter({ strictUtf8: true });
  reader.reset(bytes);
  copyStruct(reader, writer);
  expect(reader.position).toBe(bytes.length);
  return toHex(writer.finish());
}

function copyStruct(reader: ProtocolReader, writer: ProtocolWriter): void {
  reader.readStructBegin();
  writer.writeStructBegin();
  while (reader.readFieldBegin()) {
    writer.writeFieldBegin(reader.fieldType, reader.fieldId);
    copyValue(reader, writer, reader.fieldType);
    reader.readFieldEnd();
    writer.writeFieldEnd();
  }
  reader.readStructEnd();
  writer.writeFieldStop();
  writer.writeStructEnd();
}

type Copy = (reader: ProtocolReader, writer: ProtocolWriter) => void;

const COPY: Record<ValueTType, Copy> = {
  [TType.BOOL]: (r, w) => w.writeBool(r.readBool()),
  [TType.I8]: (r, w) => w.writeI8(r.readI8()),
  [TType.I16]: (r, w) => w.writeI16(r.readI16()),
  [TType.I32]: (r, w) => w.writeI32(r.readI32()),
  [TType.I64]: (r, w) => w.writeI64(r.readI64()),
  [TType.DOUBLE]: (r, w) => w.writeDouble(r.readDouble()),
  [TType.STRING]: (r, w) => w.writeBinary(r.readBinary()),
  [TType.UUID]: (r, w) => w.writeUuid(r.readUuid()),
  [TType.STRUCT]: copyStruct,
  [TType.LIST]: (reader, writer) => {
    reader.readListBegin();
    const { elementType, size } = reader;
    writer.writeListBegin(known(elementType), size);
    for (let i = 0; i < size; i++) copyValue(reader, writer, elementType);
    reader.readListEnd();
    writer.writeListEnd();
  },
  [TType.SET]: (reader, writer) => {
    reader.readSetBegin();
    const { elementType, size } = reader;
    writer.writeSetBegin(known(elementType), size);
    for (let i = 0; i < size; i++) copyValue(reader, writer, elementType);
    reader.readSetEnd();
    writer.writeSetEnd();
  },
  [TType.MAP]: (reader, writer) => {
    reader.readMapBegin();
    const { keyType, elementType, size } = reader;
    // An empty map of compact names no types, and needs none to be written.
    if (size === 0) writer.writeMapBegin(TType.I8, TType.I8, 0);
    else writer.writeMapBegin(known(keyType), known(elementType), size);
    for (let i = 0; i < size; i++) {
      copyValue(reader, writer, keyType);
      copyValue(reader, writer, elementType);
    }
    reader.readMapEnd();
    writer.writeMapEnd();
  },
};

function copyValue(reader: ProtocolReader, writer: ProtocolWriter, type: number): void {
  COPY[known(type)](reader, writer);
}

function known(type: number): ValueTType {
  if (isValueTType(type)) return type;
  throw new Error(`a vector holds ${ttypeName(type)}`);
}

describe("golden vectors, read and written without their schema", () => {
  it.each(vectors)("%s", (_title, { binary, compact }) => {
    expect(copied(hex`${compact}`, "compact", "compact")).toBe(compact);
    expect(copied(hex`${binary}`, "binary", "compact")).toBe(compact);
    // The types of empty maps are lost on the way through compact, so the length is what must agree.
    expect(copied(hex`${compact}`, "compact", "binary")).toHaveLength(binary.length);
  });
});
