/** Lists of numbers as typed arrays: `lists: "typed"`. Encoders take them whatever the option says. */

import type { ResolvedType } from "../schema/descriptor.js";
import type { ResolvedOptions } from "./options.js";

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

/** The kind of typed array that decoders give for a list of such elements; undefined for an array. */
export function typedListKind(
  element: ResolvedType["kind"],
  { lists, int64 }: Pick<ResolvedOptions, "lists" | "int64">,
): TypedKind | undefined {
  if (lists !== "typed" || !isTypedKind(element)) return undefined;
  return element === "i64" && int64 !== "bigint" ? undefined : element;
}

export function isTypedKind(kind: ResolvedType["kind"]): kind is TypedKind {
  return Object.hasOwn(ARRAY_TYPES, kind);
}

/** A new array of zeros; the caller has checked the length. */
export function newTypedArray<K extends TypedKind>(kind: K, length: number): TypedArrayOf[K] {
  return new ARRAY_TYPES[kind](length) as TypedArrayOf[K];
}

/** A new array of the same elements, which are of the kind. */
export function toTypedArray(kind: TypedKind, elements: readonly unknown[]): TypedArray {
  const typed = newTypedArray(kind, elements.length);
  for (let i = 0; i < elements.length; i++) typed[i] = elements[i] as number & bigint;
  return typed;
}

/** Bytes of memory that an element takes. */
export function bytesPerElement(kind: TypedKind): number {
  return ARRAY_TYPES[kind].BYTES_PER_ELEMENT;
}

/** The class of the arrays that decoders give for a list of the kind. */
export function typedArrayOf(kind: TypedKind): (typeof ARRAY_TYPES)[TypedKind] {
  return ARRAY_TYPES[kind];
}
