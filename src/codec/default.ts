/** Defaults of the IDL as values: a fresh one each time, in the representation that the options ask for. */

import { ProtocolError } from "../protocol/protocol.js";
import { exceptionClass } from "../schema/exception.js";
import {
  resolveType,
  type ConstantValue,
  type ResolvedType,
  type StructDescriptor,
  type Type,
} from "../schema/descriptor.js";
import type { ResolvedOptions } from "./options.js";

/**
 * Makes the value anew on each call when it is an object, so that no two messages share it.
 *
 * Throws a ProtocolError without offset, ERR_THRIFT_OUT_OF_RANGE, for an i64 that is to be a number and is beyond 2^53 - 1.
 */
export type DefaultFactory = () => unknown;

type Make<T extends ConstantValue> = (value: T, type: ResolvedType, options: ResolvedOptions) => unknown;

/** @returns a factory for the value; for immutable values it always gives the same. */
export function defaultFactory(type: ResolvedType, value: ConstantValue, options: ResolvedOptions): DefaultFactory {
  if (typeof value === "object") return () => represent(type, value, options);
  if (typeof value === "bigint") return () => represent(type, value, options);
  const fixed = represent(type, value, options);
  return () => fixed;
}

function represent(declared: Type, value: ConstantValue, options: ResolvedOptions): unknown {
  const type = resolveType(declared);
  const make = MAKERS[type.kind] as Make<ConstantValue> | undefined;
  return make === undefined ? value : make(value, type, options);
}

const MAKERS: { [kind in ResolvedType["kind"]]?: Make<never> } = {
  i64: ((value: bigint, _type, { int64 }) =>
    int64 === "bigint" ? value : int64 === "string" ? value.toString() : toSafeNumber(value)) satisfies Make<bigint>,
  enum: ((value: number, type, { enums }) =>
    enums === "name" && type.kind === "enum" ? (type.nameOf.get(value) ?? value) : value) satisfies Make<number>,
  binary: ((value: Uint8Array) => value.slice()) satisfies Make<Uint8Array>,
  list: ((value: ConstantValue[], type, options) =>
    type.kind === "list" ? value.map((item) => represent(type.element, item, options)) : value) satisfies Make<
    ConstantValue[]
  >,
  set: makeSet as Make<never>,
  map: makeMap as Make<never>,
  struct: ((value: Record<string, ConstantValue>, type, options) =>
    type.kind === "struct" ? makeStruct(type, value, options) : value) satisfies Make<Record<string, ConstantValue>>,
};

function toSafeNumber(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  const message = "expected a default that a number holds exactly, found one beyond 2^53 - 1";
  throw new ProtocolError("ERR_THRIFT_OUT_OF_RANGE", -1, message);
}

function makeSet(value: Set<ConstantValue>, type: ResolvedType, options: ResolvedOptions): unknown {
  if (type.kind !== "set") return value;
  const items = Array.from(value, (item) => represent(type.element, item, options));
  return options.sets === "set" ? new Set(items) : items;
}

function makeMap(value: Map<ConstantValue, ConstantValue>, type: ResolvedType, options: ResolvedOptions): unknown {
  if (type.kind !== "map") return value;
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
