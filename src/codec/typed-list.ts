/** Lists of numbers as typed arrays: `lists: "typed"`. Encoders take them whatever the option says. */

import type { ResolvedType } from "../schema/descriptor.js";

const ARRAY_TYPES = {
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  i64: BigInt64Array,
  double: Float64Array,
} as const;

/** Kinds of elements that a typed array holds exactly. Enums are not among them: they may be names. */
export type TypedKind = keyof typeof ARRAY_TYPES;

export type TypedArrayOf = { [kind in TypedKind]: InstanceType<(typeof ARRAY_TYPES)[kind]> };

export type TypedArray = TypedArrayOf[TypedKind];

export function isTypedKind(kind: ResolvedType["kind"]): kind is TypedKind {
  return Object.hasOwn(ARRAY_TYPES, kind);
}

/** A new array of zeros; the caller has checked the length. */
export function newTypedArray<K extends TypedKind>(kind: K, length: number): TypedArrayOf[K] {
  return new ARRAY_TYPES[kind](length) as TypedArrayOf[K];
}

/** Bytes of memory that an element takes. */
export function bytesPerElement(kind: TypedKind): number {
  return ARRAY_TYPES[kind].BYTES_PER_ELEMENT;
}

/** The class of the arrays that decoders give for a list of the kind. */
export function typedArrayOf(kind: TypedKind): (typeof ARRAY_TYPES)[TypedKind] {
  return ARRAY_TYPES[kind];
}
