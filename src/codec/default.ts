/** Defaults of the IDL as values: a fresh one each time, in the representation that the options ask for. */

import { ProtocolError } from "../protocol/protocol.js";
import { exceptionClass } from "../schema/exception.js";
import {
  resolveType,
  type ConstantValue,
  type ListType,
  type MapType,
  type ResolvedType,
  type SetType,
  type StructDescriptor,
  type Type,
} from "../schema/descriptor.js";
import type { ResolvedOptions } from "./options.js";
import { toTypedArray, typedListKind } from "./typed-list.js";

/**
 * Makes the value anew on each call when it is an object, so that no two messages share it.
 *
 * Throws a ProtocolError without offset, ERR_THRIFT_OUT_OF_RANGE, for an i64 that is to be a number and is beyond 2^53 - 1.
 */
export type DefaultFactory = () => unknown;

/** @returns a factory for the value; for immutable values it always gives the same. */
export function defaultFactory(type: ResolvedType, value: ConstantValue, options: ResolvedOptions): DefaultFactory {
  // A bigint too: the number it is to become may be refused, which is a matter of each message.
  if (typeof value === "object" || typeof value === "bigint") return () => represent(type, value, options);
  const fixed = represent(type, value, options);
  return () => fixed;
}

/** What is empty or zero of a type; undefined for structs, which may have to hold something. */
export function emptyFactory(declared: Type): DefaultFactory | undefined {
  const type = resolveType(declared);
  switch (type.kind) {
    case "bool":
      return () => false;
    case "i64":
      return () => 0n;
    case "string":
      return () => "";
    case "uuid":
      return () => "00000000-0000-0000-0000-000000000000";
    case "binary":
      return () => new Uint8Array(0);
    case "list":
    case "set":
      return () => [];
    case "map":
      return () => new Map();
    case "struct":
      return undefined;
    default:
      return () => 0;
  }
}

/** A checked constant in the representation of the options. Its JavaScript type follows from the kind of its type: see {@link ConstantValue}. */
function represent(declared: Type, value: ConstantValue, options: ResolvedOptions): unknown {
  const type = resolveType(declared);
  switch (type.kind) {
    case "i64":
      return makeI64(value as bigint, options);
    case "enum":
      return options.enums === "name" ? (type.nameOf.get(value as number) ?? value) : value;
    case "binary":
      return (value as Uint8Array).slice();
    case "list":
      return makeList(type, value as ConstantValue[], options);
    case "set":
      return makeSet(type, value as Set<ConstantValue>, options);
    case "map":
      return makeMap(type, value as Map<ConstantValue, ConstantValue>, options);
    case "struct":
      return makeStruct(type, value as Record<string, ConstantValue>, options);
    default:
      return value;
  }
}

function makeList(type: ListType, value: ConstantValue[], options: ResolvedOptions): unknown {
  const items = value.map((item) => represent(type.element, item, options));
  const kind = typedListKind(resolveType(type.element).kind, options);
  return kind === undefined ? items : toTypedArray(kind, items);
}

function makeI64(value: bigint, { int64 }: ResolvedOptions): unknown {
  if (int64 === "bigint") return value;
  return int64 === "string" ? value.toString() : toSafeNumber(value);
}

function toSafeNumber(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  const message = "expected a default that a number holds exactly, found one beyond 2^53 - 1";
  throw new ProtocolError("ERR_THRIFT_OUT_OF_RANGE", -1, message);
}

function makeSet(type: SetType, value: Set<ConstantValue>, options: ResolvedOptions): unknown {
  const items = Array.from(value, (item) => represent(type.element, item, options));
  return options.sets === "set" ? new Set(items) : items;
}

function makeMap(type: MapType, value: Map<ConstantValue, ConstantValue>, options: ResolvedOptions): unknown {
  const entries = Array.from(value, ([key, item]) => [
    represent(type.key, key, options),
    represent(type.value, item, options),
  ]) as [string, unknown][];
  if (options.maps === "entries") return entries;
  if (options.maps === "map" || resolveType(type.key).kind !== "string") return new Map(entries);
  const object = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of entries) object[key] = item;
  return object;
}

/** A struct default looks like a decoded struct: every declared field, defaults of its own applied. */
function makeStruct(type: StructDescriptor, value: Record<string, ConstantValue>, options: ResolvedOptions): unknown {
  const entries = type.fields.map((field): [string, unknown] => {
    const given = Object.hasOwn(value, field.name)
      ? value[field.name]
      : type.variant === "union"
        ? undefined
        : field.defaultValue;
    return [field.name, given === undefined ? undefined : represent(field.type, given, options)];
  });
  // fromEntries defines own properties, also for a field called __proto__.
  const object = Object.fromEntries(entries);
  return type.variant === "exception" ? new (exceptionClass(type))(object) : object;
}
