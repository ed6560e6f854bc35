/**
 * What the interpreter writes to: the writers of the protocols, with calls for values that stand in the input, and for
 * what is written before it is known: counts, and the order of fields.
 *
 * `type` and `field` are words at which records of the program start.
 */

import type { TextSource } from "../../protocol/json/byte-writer.js";

/** Where fields of a struct stand in the output: field, start, end; field, start, end; and so on. */
export type Segments = readonly number[];

/** A count that is not known yet. */
export const UNKNOWN_SIZE = -1;

export interface Output {
  /** Bytes written so far. */
  readonly position: number;
  reset(): void;
  /** What was written, as a copy of its own: a Buffer where there is one. */
  finish(): Uint8Array;
  /** Copies what was written. The caller has made sure that it fits. */
  copyInto(target: Uint8Array, offset: number): void;

  beginStruct(): void;
  endStruct(): void;
  /** @returns where the field starts. */
  beginField(field: number): number;
  endField(): void;
  /** Writes the value that the program has for a field that is absent. @returns as {@link beginField}. */
  writeAbsent(field: number): number;
  /** Writes an unknown field of the same protocol, as `readRaw` of its reader gave it. */
  writeUnknown(ttype: number, id: number, bytes: Uint8Array): void;
  /** Writes the fields of the open struct anew, as the segments list them. @param start where the first of all began. */
  arrange(start: number, segments: Segments): void;

  /** @returns where the list or set starts, for {@link endElements}. */
  beginElements(type: number, size: number): number;
  nextElement(): void;
  /** @param count how many there were. */
  endElements(start: number, count: number): void;
  /** @returns where the map starts, for {@link endEntries}. */
  beginEntries(type: number, size: number): number;
  beginKey(type: number): void;
  /** Ends the key too. */
  beginValue(type: number): void;
  endEntry(type: number): void;
  endEntries(type: number, start: number, count: number): void;
  /** Writes values that input and output spell alike. */
  writeRange(source: DataView, start: number, end: number): void;

  writeBool(value: boolean): void;
  writeI8(value: number, type: number): void;
  writeI16(value: number, type: number): void;
  writeI32(value: number, type: number): void;
  /** Writes the integer in `words64` of protocol/varint.ts. */
  writeI64Words(type: number): void;
  writeDouble(value: number, type: number): void;
  writeText(source: TextSource): void;
  writeBytes(source: TextSource): void;
  writeUuidBytes(source: TextSource): void;
  writeEnum(value: number, type: number): void;
}
