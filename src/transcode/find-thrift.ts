/** Finds values in the protocols of Apache Thrift. Of what comes twice, the last counts, as for decoders: so all is stepped over. */

import { memoryOf } from "../protocol/buffer.js";
import type { ProtocolReader } from "../protocol/protocol.js";
import { PROTOCOLS, type ProtocolName } from "../protocol/protocols.js";
import { skip } from "../protocol/skip.js";
import { TType, type ValueTType } from "../protocol/ttype.js";
import { resolveType } from "../schema/descriptor.js";
import { ttypeOf } from "../codec/plan.js";
import type { Limits } from "../protocol/limits.js";
import { MAX_NESTING, NOWHERE, type Found } from "./find.js";
import { refuse } from "./input/input.js";
import type { PathKey, Step } from "./path.js";

const COMMA = 0x2c;
const COLON = 0x3a;

type StepOf<K extends Step["kind"]> = Step & { kind: K };

export class ThriftFinder {
  readonly #protocol: ProtocolName;
  readonly #maxSkipDepth: number;
  readonly #reader: ProtocolReader;
  #bytes: Uint8Array = new Uint8Array(0);
  #steps: readonly Step[] = [];

  constructor(protocol: ProtocolName, { maxStringBytes, maxSkipDepth }: Limits) {
    this.#maxSkipDepth = maxSkipDepth;
    this.#protocol = protocol;
    this.#reader = PROTOCOLS[protocol].createReader({ maxStringBytes, strictUtf8: false });
  }

  /** Offsets count from the start of the bytes. @throws ProtocolError where the message is none. */
  find(bytes: Uint8Array, steps: readonly Step[]): { found: Found; end: number } {
    const memory = memoryOf(bytes.buffer);
    const reader = this.#reader;
    const start = bytes.byteOffset;
    reader.reset(memory.bytes, memory.view, start + bytes.length);
    reader.position = start;
    this.#bytes = memory.bytes;
    this.#steps = steps;
    try {
      const found = this.#struct(0);
      return { found: relative(found, start), end: reader.position - start };
    } finally {
      reader.release();
      this.#bytes = new Uint8Array(0);
    }
  }

  /** Steps over a struct that starts at an offset. @returns where it ends. */
  skip(bytes: Uint8Array, offset: number): number {
    const memory = memoryOf(bytes.buffer);
    const reader = this.#reader;
    const start = bytes.byteOffset;
    reader.reset(memory.bytes, memory.view, start + bytes.length);
    reader.position = start + offset;
    try {
      skip(reader, TType.STRUCT, this.#maxSkipDepth);
      return reader.position - start;
    } finally {
      reader.release();
    }
  }

  /** Reads a value that the path leads to, or through. */
  #value(depth: number, type: ValueTType): Found {
    const reader = this.#reader;
    if (depth < this.#steps.length) return this.#inside(depth);
    const start = this.#behindSeparator(reader.position);
    skip(reader, type, MAX_NESTING);
    return { kind: "value", start, end: reader.position, isFolded: false };
  }

  /** TJSON has a comma or a colon before elements, which belongs to what is read next. */
  #behindSeparator(position: number): number {
    if (this.#protocol !== "tjson") return position;
    let p = position;
    while (this.#bytes[p] <= 0x20) p++;
    return this.#bytes[p] === COMMA || this.#bytes[p] === COLON ? p + 1 : position;
  }

  #inside(depth: number): Found {
    switch (this.#steps[depth].kind) {
      case "field":
        return this.#struct(depth);
      case "index":
        return this.#elements(depth);
      case "key":
        return this.#entries(depth);
    }
  }

  #struct(depth: number): Found {
    const reader = this.#reader;
    const { field, type } = this.#steps[depth] as StepOf<"field">;
    const ttype = ttypeOf(type);
    let found: Found | undefined;
    reader.readStructBegin();
    const start = reader.position;
    let header = start;
    let lastId = 0;
    let isEmpty = true;
    while (reader.readFieldBegin()) {
      lastId = reader.fieldId;
      isEmpty = false;
      const behindHeader = reader.position;
      if (lastId === field.id && reader.fieldType === ttype) {
        found = this.#value(depth + 1, ttype);
        const isHeader = depth + 1 === this.#steps.length && reader.position === behindHeader;
        if (isHeader) found = { kind: "value", start: header, end: header + 1, isFolded: true };
      } else {
        skip(reader, reader.fieldType, MAX_NESTING);
      }
      reader.readFieldEnd();
      header = reader.position;
    }
    const end = this.#protocol === "tjson" ? reader.position : reader.position - 1;
    reader.readStructEnd();
    if (found !== undefined) return found;
    return depth + 1 === this.#steps.length ? { kind: "field", start, end, isEmpty, lastId } : NOWHERE;
  }

  #elements(depth: number): Found {
    const reader = this.#reader;
    const { index, of, type } = this.#steps[depth] as StepOf<"index">;
    const ttype = ttypeOf(type);
    if (of === "set") reader.readSetBegin();
    else reader.readListBegin();
    const { size, elementType } = reader;
    if (size > 0) {
      if (elementType !== ttype) refuse();
      reader.checkSize(reader.minimumBytes[ttype], Infinity);
    }
    let found: Found = NOWHERE;
    for (let i = 0; i < size; i++) {
      if (i === index) found = this.#value(depth + 1, ttype);
      else skip(reader, ttype, MAX_NESTING);
    }
    if (of === "set") reader.readSetEnd();
    else reader.readListEnd();
    return found;
  }

  #entries(depth: number): Found {
    const reader = this.#reader;
    const { key, map, type } = this.#steps[depth] as StepOf<"key">;
    const keyType = ttypeOf(resolveType(map.key));
    const valueType = ttypeOf(type);
    const start = this.#behindSeparator(reader.position);
    reader.readMapBegin();
    const { size } = reader;
    if (size > 0) {
      if (reader.keyType !== keyType || reader.elementType !== valueType) refuse();
      reader.checkSize(reader.minimumBytes[keyType] + reader.minimumBytes[valueType], Infinity);
    }
    const sizePlace = this.#sizePlace(start, size);
    let found: Found | undefined;
    for (let i = 0; i < size; i++) {
      if (this.#readKey(keyType, map) === key) found = this.#value(depth + 1, valueType);
      else skip(reader, valueType, MAX_NESTING);
    }
    let end = reader.position;
    if (this.#protocol === "tjson") while (this.#bytes[end] <= 0x20) end++;
    reader.readMapEnd();
    if (found !== undefined) return found;
    return depth + 1 === this.#steps.length
      ? { kind: "entry", start, stop: reader.position, ...sizePlace, size, end }
      : NOWHERE;
  }

  #readKey(type: ValueTType, { key }: StepOf<"key">["map"]): PathKey {
    const reader = this.#reader;
    switch (type) {
      case TType.BOOL:
        return reader.readBool();
      case TType.I8:
        return reader.readI8();
      case TType.I16:
        return reader.readI16();
      case TType.I32:
        return reader.readI32();
      case TType.I64:
        return reader.readI64();
      default:
        return resolveType(key).kind === "uuid" ? reader.readUuid() : reader.readString();
    }
  }

  /** Where the count of a map stands that was begun at a place. */
  #sizePlace(header: number, size: number): { sizeStart: number; sizeEnd: number } {
    const { position } = this.#reader;
    if (this.#protocol === "binary") return { sizeStart: header + 2, sizeEnd: position };
    // The byte of types is there when the map is not empty.
    if (this.#protocol === "compact") return { sizeStart: header, sizeEnd: size === 0 ? position : position - 1 };
    // Behind the size stand a comma and a brace, with blanks around them.
    let sizeEnd = position - 1;
    while (!isDigit(this.#bytes[sizeEnd - 1])) sizeEnd--;
    let sizeStart = sizeEnd;
    while (isDigit(this.#bytes[sizeStart - 1])) sizeStart--;
    return { sizeStart, sizeEnd };
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Offsets from the start of a message. */
function relative(found: Found, start: number): Found {
  switch (found.kind) {
    case "value":
    case "field":
      return { ...found, start: found.start - start, end: found.end - start };
    case "entry":
      return {
        ...found,
        start: found.start - start,
        stop: found.stop - start,
        sizeStart: found.sizeStart - start,
        sizeEnd: found.sizeEnd - start,
        end: found.end - start,
      };
    case "nowhere":
      return found;
  }
}
