/** Thrift's wire types: their codes in TBinaryProtocol, their names, and the fewest bytes a value of each can take. */

/** Type codes of TBinaryProtocol, by which scrimp calls the types in every protocol, with the spelling of Apache's specification. Enums travel as I32. */
export const TType = {
  /** The end of a struct. */
  STOP: 0,
  /** No value: what a void method returns. */
  VOID: 1,
  /** bool */
  BOOL: 2,
  /** i8, or byte */
  I8: 3,
  /** double */
  DOUBLE: 4,
  /** i16 */
  I16: 6,
  /** i32, and enums */
  I32: 8,
  /** i64 */
  I64: 10,
  /** string and binary */
  STRING: 11,
  /** struct, union and exception */
  STRUCT: 12,
  /** map */
  MAP: 13,
  /** set */
  SET: 14,
  /** list */
  LIST: 15,
  /** uuid */
  UUID: 16,
} as const;

/** One of the codes. */
export type TType = (typeof TType)[keyof typeof TType];

/** The types a field, an element, a key can have: all but STOP and VOID. */
export type ValueTType = Exclude<TType, 0 | 1>;

/** Names for messages, by code. */
export const TTYPE_NAMES: Readonly<Record<ValueTType, string>> = {
  [TType.BOOL]: "bool",
  [TType.I8]: "i8",
  [TType.DOUBLE]: "double",
  [TType.I16]: "i16",
  [TType.I32]: "i32",
  [TType.I64]: "i64",
  [TType.STRING]: "string",
  [TType.STRUCT]: "struct",
  [TType.MAP]: "map",
  [TType.SET]: "set",
  [TType.LIST]: "list",
  [TType.UUID]: "uuid",
};

/** True for the codes that may follow in a field, list, set or map header of a non-empty container. */
export function isValueTType(code: number): code is ValueTType {
  // One bit a code: this is asked for every field of every message.
  return code <= TType.UUID && code >= 0 && ((VALUE_TTYPES >> code) & 1) === 1;
}

const VALUE_TTYPES = Object.keys(TTYPE_NAMES).reduce((bits, code) => bits | (1 << Number(code)), 0);

/** A wire type as messages print it: `i32`, or `type 7` for a code that the protocol does not have. */
export function ttypeName(code: number): string {
  return isValueTType(code) ? TTYPE_NAMES[code] : `type ${String(code & 0xff)}`;
}

/**
 * Fewest bytes of a value by wire type. A count is refused when count > left / minimum, so no entry is ever 0:
 * Thrift has no value without bytes (an empty struct is one STOP).
 */
export type MinimumBytes = Readonly<Record<ValueTType, number>>;

/** The minima of TBinaryProtocol. */
export const BINARY_MINIMUM: MinimumBytes = {
  [TType.BOOL]: 1,
  [TType.I8]: 1,
  [TType.DOUBLE]: 8,
  [TType.I16]: 2,
  [TType.I32]: 4,
  [TType.I64]: 8,
  [TType.STRING]: 4,
  [TType.STRUCT]: 1,
  [TType.MAP]: 6,
  [TType.SET]: 5,
  [TType.LIST]: 5,
  [TType.UUID]: 16,
};

/** Bytes of every value of a type where they are always the same, else 0. */
export type FixedBytes = Readonly<Record<ValueTType, number>>;

/** What TBinaryProtocol writes at a fixed width. */
export const BINARY_FIXED: FixedBytes = {
  ...BINARY_MINIMUM,
  [TType.STRING]: 0,
  [TType.STRUCT]: 0,
  [TType.MAP]: 0,
  [TType.SET]: 0,
  [TType.LIST]: 0,
};

/** What a bool field has for a type in TCompactProtocol, and a bool element for a value. */
export const COMPACT_TRUE = 1;
export const COMPACT_FALSE = 2;

/** Type codes of TCompactProtocol. A bool as element, key or value has the type of true. */
export const COMPACT_CODES: Readonly<Record<ValueTType, number>> = {
  [TType.BOOL]: COMPACT_TRUE,
  [TType.I8]: 3,
  [TType.I16]: 4,
  [TType.I32]: 5,
  [TType.I64]: 6,
  [TType.DOUBLE]: 7,
  [TType.STRING]: 8,
  [TType.LIST]: 9,
  [TType.SET]: 10,
  [TType.MAP]: 11,
  [TType.STRUCT]: 12,
  [TType.UUID]: 13,
};

/**
 * Type by the four bits of a TCompactProtocol header, where a bool has either code. What means nothing there stands
 * above all codes of one byte, so that it is not taken for a type of TBinaryProtocol.
 */
export const COMPACT_TTYPES: readonly number[] = Array.from({ length: 16 }, (_, code) => {
  if (code === TType.STOP) return TType.STOP;
  if (code === COMPACT_FALSE) return TType.BOOL;
  const entry = Object.entries(COMPACT_CODES).find(([, known]) => known === code);
  return entry === undefined ? 0x100 | code : Number(entry[0]);
});

/** The minima of TCompactProtocol. A bool field takes no byte beside its header, an element one. */
export const COMPACT_MINIMUM: MinimumBytes = {
  [TType.BOOL]: 1,
  [TType.I8]: 1,
  [TType.DOUBLE]: 8,
  [TType.I16]: 1,
  [TType.I32]: 1,
  [TType.I64]: 1,
  [TType.STRING]: 1,
  [TType.STRUCT]: 1,
  [TType.MAP]: 1,
  [TType.SET]: 1,
  [TType.LIST]: 1,
  [TType.UUID]: 16,
};

/** What TCompactProtocol writes at a fixed width. */
export const COMPACT_FIXED: FixedBytes = {
  ...BINARY_FIXED,
  [TType.I16]: 0,
  [TType.I32]: 0,
  [TType.I64]: 0,
};

/** What TJSONProtocol calls the types. */
export const TJSON_NAMES: Readonly<Record<ValueTType, string>> = {
  [TType.BOOL]: "tf",
  [TType.I8]: "i8",
  [TType.I16]: "i16",
  [TType.I32]: "i32",
  [TType.I64]: "i64",
  [TType.DOUBLE]: "dbl",
  [TType.STRING]: "str",
  [TType.STRUCT]: "rec",
  [TType.MAP]: "map",
  [TType.SET]: "set",
  [TType.LIST]: "lst",
  [TType.UUID]: "uid",
};

/**
 * The minima of TJSONProtocol, each with the comma or colon before the value: `,0`, `,""`, `,{}`, `,["tf",0]`,
 * `,["tf","tf",0,{}]`. The one that the first key of a map lacks is less than the brackets behind the last value.
 */
export const TJSON_MINIMUM: MinimumBytes = {
  [TType.BOOL]: 2,
  [TType.I8]: 2,
  [TType.DOUBLE]: 2,
  [TType.I16]: 2,
  [TType.I32]: 2,
  [TType.I64]: 2,
  [TType.STRING]: 3,
  [TType.STRUCT]: 3,
  [TType.MAP]: 17,
  [TType.SET]: 9,
  [TType.LIST]: 9,
  [TType.UUID]: 35,
};

/** TJSONProtocol writes nothing at a fixed width. */
export const TJSON_FIXED: FixedBytes = {
  ...COMPACT_FIXED,
  [TType.BOOL]: 0,
  [TType.I8]: 0,
  [TType.DOUBLE]: 0,
  [TType.UUID]: 0,
};

/** The minima of plain JSON, which declares no counts: for people to read in a plan. */
export const JSON_MINIMUM: MinimumBytes = {
  [TType.BOOL]: 4,
  [TType.I8]: 1,
  [TType.DOUBLE]: 1,
  [TType.I16]: 1,
  [TType.I32]: 1,
  [TType.I64]: 1,
  [TType.STRING]: 2,
  [TType.STRUCT]: 2,
  [TType.MAP]: 2,
  [TType.SET]: 2,
  [TType.LIST]: 2,
  [TType.UUID]: 34,
};
