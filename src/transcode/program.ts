/**
 * A program: everything that converting a type from one protocol to another needs to know, in one flat ArrayBuffer that
 * JavaScript and C++ walk alike. It has no pointers, so threads may share it. `lower.ts` makes it of two plans, `print.ts`
 * prints it.
 *
 *     | header | structs | fields | types | enums | members | tables | blob |
 *       32 words  12 each   16 each  12 each  8 each   8 each   words    bytes
 *
 * A word has 32 bits in the byte order of the machine: programs are neither stored nor sent. Records refer to each other
 * by the word at which they start (`→`), 0 where there is none; to bytes of the blob by their offset from the start of the
 * program and their length (`bytes`, two words). An i32 is a word that is signed.
 *
 *     header   0 magic "SCRP"   1 version   2 from   3 to          protocols by ProtocolCode
 *              4 flags                                             ProgramFlag
 *              5 → root struct
 *              6 → structs   7 count    8 → fields   9 count      10 → types   11 count
 *             12 → enums    13 count   14 → members 15 count      16 → tables  17 words
 *             18 blob offset in bytes  19 its bytes
 *             20 maxMessageBytes  22 maxDepth  24 maxSkipDepth  26 maxStringBytes  28 maxHeapBytes     a double each
 *             30 offset of the message, 0     31 0
 *
 *     struct   0 flags (StructFlag)
 *              1 → its fields, which stand together, in the order of the output: by id, for plain JSON as declared
 *              2 how many
 *              3 heap bytes that it charges when it begins
 *              4 → the field that the input has first, as a rule; 0 for a struct without fields
 *              5 → table of → its fields in ascending order of ids; 0 from plain JSON
 *              6 → hash table of → its fields by name, 0 for empty slots; 0 from other protocols
 *              7 slots of the hash table - 1
 *              8 words of a set of its fields: count / 32, rounded up, at least 1
 *              9 → such a set: the fields without which input or output is refused (Absent.REFUSE, FAIL)
 *             10 bytes: name
 *
 *     field    0 i32 id      1 → type      2 place in its struct, from 0
 *              3 → the field that follows in the input, as a rule; 0 for none
 *              4 what to do when the input lacks it (Absent)
 *              5 bytes: the name of its member, as UTF-8
 *              7 bytes: that name as JSON, with quotes
 *              9 bytes: what the output has before its value
 *                  binary  | type 1 | id 2 |     compact  | type 1 | zigzag id |, for ids that no delta reaches
 *                  tjson   "1":{"i32":           json     "name":
 *             11 bytes: the value to write when the input lacks it; of a compact bool its type, 1 or 2, which goes into the
 *                  field header
 *             13 structs inside each other in that value
 *             14 wire type (TType)            15 0
 *
 *     type     0 kind (Kind)    1 wire type (TType)    2 flags (TypeFlag)
 *              3 → element of a list or set, key of a map, struct, or enum
 *              4 → value of a map
 *              5 fewest bytes of an element, or of key and value, in the input
 *              6 most elements or entries; 2^32 - 1 for any number
 *              7 heap bytes of a container   8 heap bytes of each element or entry
 *              9 bytes of every value in the input, where they are all the same, else 0
 *             10 the same where input and output spell the value alike, so that it may be copied, else 0
 *             11 0
 *
 *     enum     0 bytes: name   2 → its members, in ascending order of numbers, the first declared first   3 how many
 *              4 → hash table of → its members by name   5 slots - 1   6 0   7 0
 *
 *     member   0 i32 number   1 bytes: name   3 bytes: name as JSON, with quotes   5 0   6 0   7 0
 *
 * Hash tables have a power of two of slots, at least twice as many as entries. A name stands in the first free slot from
 * `hash & mask` on, wrapping around; the hash is 32-bit FNV-1a of its bytes ({@link hashName}).
 */

import type { CodecProtocol } from "../codec/options.js";
import type { ValueKind } from "../codec/plan.js";

/** The bytes "SCRP". */
export const MAGIC = 0x5052_4353;

/** To be raised with every change of the layout. */
export const VERSION = 1;

/** Protocols by number. What is only checked goes to `none`. */
export const ProtocolCode = { binary: 0, compact: 1, tjson: 2, json: 3, none: 4 } as const satisfies Record<
  CodecProtocol | "none",
  number
>;

/** What a program converts to: a protocol, or nothing, so that the input is only checked. */
export type Output = keyof typeof ProtocolCode;

/** Options, a bit each. */
export const ProgramFlag = {
  /** Invalid UTF-8 and lone surrogates are refused, not replaced. */
  STRICT_UTF8: 0x1,
  /** Bytes behind the value are ignored. */
  IGNORE_TRAILING: 0x2,
  /** Members of plain JSON that no field has are refused, not skipped. */
  REFUSE_UNKNOWN: 0x4,
  /** Unknown fields are written again, behind the known ones. */
  KEEP_UNKNOWN: 0x8,
  /** binary is text in plain JSON, not base64. */
  TEXT_BINARY: 0x10,
  /** i8 is 0 to 255 in plain JSON. */
  UNSIGNED_I8: 0x20,
  /** NaN and infinities are text in plain JSON. */
  NON_FINITE_TEXT: 0x40,
  /** NaN and infinities are written as null in plain JSON. */
  NON_FINITE_NULL: 0x80,
  /** Enums are written by name in plain JSON. */
  ENUM_NAMES: 0x100,
} as const;

export const StructFlag = {
  UNION: 0x1,
  /** Depth must be counted: the schema does not bound it. */
  COUNTS_DEPTH: 0x2,
} as const;

export const TypeFlag = {
  /** Plain JSON may have the number in quotes. */
  READS_TEXT: 0x1,
  /** Plain JSON gets the number in quotes. */
  WRITES_TEXT: 0x2,
  /** A map that is an object in plain JSON; others are arrays of pairs. */
  OBJECT: 0x4,
} as const;

/** What to do at the end of a struct whose input lacks a field. */
export const Absent = {
  /** Nothing is written. */
  SKIP: 0,
  /** The input is refused: the field is required. */
  REFUSE: 1,
  /** The value that stands in the field is written. */
  WRITE: 2,
  /** The output is refused: the default has no spelling in the protocol. */
  FAIL: 3,
} as const;

export const Kind = {
  bool: 0,
  i8: 1,
  i16: 2,
  i32: 3,
  i64: 4,
  double: 5,
  string: 6,
  binary: 7,
  uuid: 8,
  enum: 9,
  list: 10,
  set: 11,
  map: 12,
  struct: 13,
} as const satisfies Record<ValueKind, number>;

export const KINDS = Object.keys(Kind) as readonly ValueKind[];

export const HEADER_WORDS = 32;
export const STRUCT_WORDS = 12;
export const FIELD_WORDS = 16;
export const TYPE_WORDS = 12;
export const ENUM_WORDS = 8;
export const MEMBER_WORDS = 8;

/** Words of the header. Those of limits are the first of two. */
export const Header = {
  MAGIC: 0,
  VERSION: 1,
  FROM: 2,
  TO: 3,
  FLAGS: 4,
  ROOT: 5,
  STRUCTS: 6,
  FIELDS: 8,
  TYPES: 10,
  ENUMS: 12,
  MEMBERS: 14,
  TABLES: 16,
  BLOB: 18,
  MAX_MESSAGE_BYTES: 20,
  MAX_DEPTH: 22,
  MAX_SKIP_DEPTH: 24,
  MAX_STRING_BYTES: 26,
  MAX_HEAP_BYTES: 28,
} as const;

export const Struct = {
  FLAGS: 0,
  FIELDS: 1,
  COUNT: 2,
  HEAP: 3,
  FIRST: 4,
  BY_ID: 5,
  BY_NAME: 6,
  MASK: 7,
  SET_WORDS: 8,
  REQUIRED: 9,
  NAME: 10,
} as const;

export const Field = {
  ID: 0,
  TYPE: 1,
  PLACE: 2,
  NEXT: 3,
  ABSENT: 4,
  NAME: 5,
  KEY: 7,
  HEAD: 9,
  DEFAULT: 11,
  DEFAULT_DEPTH: 13,
  TTYPE: 14,
} as const;

export const TypeWord = {
  KIND: 0,
  TTYPE: 1,
  FLAGS: 2,
  REF: 3,
  VALUE: 4,
  MIN_BYTES: 5,
  MAX_LENGTH: 6,
  COST_OWN: 7,
  COST_EACH: 8,
  FIXED: 9,
  COPIED: 10,
} as const;

export const EnumWord = { NAME: 0, MEMBERS: 2, COUNT: 3, BY_NAME: 4, MASK: 5 } as const;

export const Member = { NUMBER: 0, NAME: 1, QUOTED: 3 } as const;

/** A program as what walks it sees it. */
export class Program {
  readonly words: Int32Array;
  readonly blob: Uint8Array;
  /** Over the same. */
  readonly blobView: DataView;
  readonly #doubles: Float64Array;

  constructor(buffer: ArrayBuffer) {
    const blobOffset = new Int32Array(buffer, 0, HEADER_WORDS)[Header.BLOB];
    this.words = new Int32Array(buffer, 0, blobOffset / 4);
    this.blob = new Uint8Array(buffer, blobOffset);
    this.blobView = new DataView(buffer, blobOffset);
    this.#doubles = new Float64Array(buffer, 0, HEADER_WORDS / 2);
  }

  /** @param at one of the words of {@link Header} where a limit starts. */
  limit(at: number): number {
    return this.#doubles[at / 2];
  }

  has(flag: number): boolean {
    return (this.words[Header.FLAGS] & flag) !== 0;
  }
}

/** FNV-1a over bytes, 32 bits, signed. */
export function hashName(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let p = start; p < end; p++) hash = Math.imul(hash ^ bytes[p], 0x01000193);
  return hash;
}
