/** Finds a value by its path in a message, without decoding what stands before it. */

/** Where a value stands in a message, or where it would have to be put. */
export type Found = ValuePlace | FieldGap | EntryGap | typeof NOWHERE;

/** A value: `bytes[start, end)`. */
export interface ValuePlace {
  readonly kind: "value";
  readonly start: number;
  readonly end: number;
  /** A bool of compact that is all field header: the byte that has its type. */
  readonly isFolded: boolean;
}

/** A struct that lacks the field. */
export interface FieldGap {
  readonly kind: "field";
  /** Where its first field starts, or would. */
  readonly start: number;
  /** Where it ends: before STOP or the closing brace. */
  readonly end: number;
  readonly isEmpty: boolean;
  /** Id of its last field; 0 where it has none. */
  readonly lastId: number;
}

/** A map that lacks the key. */
export interface EntryGap {
  readonly kind: "entry";
  /** Where the map starts and ends. */
  readonly start: number;
  readonly stop: number;
  /** Where its count stands, and which it is. */
  readonly sizeStart: number;
  readonly sizeEnd: number;
  readonly size: number;
  /** Where its last entry ends. */
  readonly end: number;
}

/** The path leads through something that the message does not have. */
export const NOWHERE = { kind: "nowhere" } as const;

/** Structs and containers inside each other that are stepped over; decoders have stricter limits, and the last word. */
export const MAX_NESTING = 1024;
