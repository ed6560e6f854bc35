/**
 * What encoders take beyond what decoders give: safe integers and decimal text for i64, member names for enums, arrays
 * for sets, plain objects and pairs for maps, any view of memory for binary. Both back ends call these, once their own
 * check for the usual representation has failed, so that both accept and refuse alike.
 *
 * Each throws a ProtocolError without offset; messages name JavaScript types, never values.
 */

import { ProtocolError } from "../protocol/protocol.js";
import type { EnumDescriptor } from "../schema/descriptor.js";
import type { ValueKind, ValuePlan } from "./plan.js";

const I64_MIN = -(2n ** 63n);
const I64_MAX = 2n ** 63n - 1n;

/** Longest decimal text an i64 has: a sign and 19 digits. Longer text is out of range before it costs anything to convert. */
const MAX_I64_TEXT = 20;

/** The only spelling of an integer: no plus sign, no leading zero, no minus zero, no blanks. */
const INTEGER = /^(?:0|-?[1-9][0-9]*)$/;

/** Takes a bigint, a safe integer or decimal text. @throws ProtocolError WRONG_TYPE or OUT_OF_RANGE. */
export function toI64(value: unknown): bigint {
  const integer = toBigInt(value);
  if (integer < I64_MIN || integer > I64_MAX) throw outOfRange("i64");
  return integer;
}

function toBigInt(value: unknown): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === "number" && Number.isInteger(value)) throw outOfRange("a safe integer");
  if (typeof value === "string" && INTEGER.test(value)) {
    if (value.length > MAX_I64_TEXT) throw outOfRange("i64");
    return BigInt(value);
  }
  throw wrongType("a bigint, safe integer or decimal string", value);
}

/** Takes an integer of i32 range, also one that the enum does not have, or the name of a member. @throws ProtocolError WRONG_TYPE or OUT_OF_RANGE. */
export function toEnumNumber(value: unknown, descriptor: EnumDescriptor): number {
  if (typeof value === "number") return toInteger(value, "i32");
  if (typeof value !== "string") throw wrongType(`an integer or member name of ${descriptor.name}`, value);
  const number = descriptor.numberOf.get(value);
  if (number === undefined) {
    throw new ProtocolError("ERR_THRIFT_WRONG_TYPE", -1, `expected a member of ${descriptor.name}, found another name`);
  }
  return number;
}

const INTEGER_RANGE = {
  i8: { min: -0x80, max: 0x7f },
  i16: { min: -0x8000, max: 0x7fff },
  i32: { min: -0x8000_0000, max: 0x7fff_ffff },
} as const;

/** Takes an integer of the kind's range. @throws ProtocolError WRONG_TYPE (also for fractions and NaN) or OUT_OF_RANGE. */
export function toInteger(value: unknown, kind: keyof typeof INTEGER_RANGE): number {
  const { min, max } = INTEGER_RANGE[kind];
  if (typeof value !== "number" || !(Number.isInteger(value) || Math.abs(value) === Infinity))
    throw wrongType(kind, value);
  if (value < min || value > max) throw outOfRange(kind);
  return value;
}

/** Takes any view of memory, or an ArrayBuffer. Text is refused: its encoding would be a guess. @throws ProtocolError WRONG_TYPE. */
export function toBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw wrongType("a Uint8Array or another ArrayBufferView", value);
}

/**
 * Takes an array or, for numbers, a typed array; for a set also a Set. The elements themselves are not looked at.
 *
 * @throws ProtocolError WRONG_TYPE.
 */
export function toElements(value: unknown, what: "list" | "set"): ArrayLike<unknown> {
  if (Array.isArray(value)) return value as unknown[];
  if (what === "set" && value instanceof Set) return Array.from(value as Set<unknown>);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return value as unknown as ArrayLike<unknown>;
  throw wrongType(what === "set" ? "a Set or an array" : "an array", value);
}

/**
 * Takes a Map, an array of [key, value] pairs, or a plain object by its own enumerable properties, whose names are
 * converted to the kind of the key. A property is read once.
 *
 * @throws ProtocolError WRONG_TYPE, also for an object where keys are structs, containers or binary.
 */
export function toEntries(value: unknown, key: ValuePlan): readonly (readonly [unknown, unknown])[] {
  if (value instanceof Map) return Array.from(value as Map<unknown, unknown>);
  if (Array.isArray(value)) return Array.from(value as unknown[], toPair);
  if (!isPlainObject(value)) throw wrongType("a Map, an object or an array of pairs", value);
  const convert = KEY_FROM_TEXT[key.kind];
  if (convert === undefined) throw wrongType(`a Map or an array of pairs, as keys are ${key.kind}`, value);
  return Object.entries(value).map(([name, item]): [unknown, unknown] => {
    const converted = convert(name);
    if (converted === undefined) {
      throw new ProtocolError(
        "ERR_THRIFT_WRONG_TYPE",
        -1,
        `expected property names that are ${key.kind} keys, found another`,
      );
    }
    return [converted, item];
  });
}

function toPair(pair: unknown): [unknown, unknown] {
  if (!Array.isArray(pair) || pair.length !== 2) throw wrongType("an array of [key, value] pairs", pair);
  return [pair[0], pair[1]];
}

/** What a property name means as a key; undefined for a name that is none. Range and membership are checked when the key is written. */
type FromText = (text: string) => unknown;

const integerFromText: FromText = (text) => (INTEGER.test(text) ? Number(text) : undefined);

const KEY_FROM_TEXT: { readonly [kind in ValueKind]: FromText | undefined } = {
  bool: (text) => (text === "true" ? true : text === "false" ? false : undefined),
  i8: integerFromText,
  i16: integerFromText,
  i32: integerFromText,
  i64: (text) => (INTEGER.test(text) ? text : undefined),
  double: doubleFromText,
  string: (text) => text,
  uuid: (text) => text,
  enum: (text) => (INTEGER.test(text) ? Number(text) : text),
  binary: undefined,
  list: undefined,
  set: undefined,
  map: undefined,
  struct: undefined,
};

function doubleFromText(text: string): number | undefined {
  if (text === "NaN" || text === "Infinity" || text === "-Infinity") return Number(text);
  return /^-?[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?$/i.test(text) ? Number(text) : undefined;
}

/** Takes an object that can have fields: a literal, a class instance, an Error. @throws ProtocolError WRONG_TYPE. */
export function toStruct(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || isBuiltIn(value)) throw wrongType("an object", value);
  return value as Record<string, unknown>;
}

function isBuiltIn(value: object): boolean {
  return (
    Array.isArray(value) ||
    value instanceof Map ||
    value instanceof Set ||
    ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer ||
    value instanceof Date
  );
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The prototype of an object literal of another realm has no prototype either.
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** Reads the name of a typed array's type without running anything of the caller's. */
const { get: typedArrayName } = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
) as { get: () => string | undefined };

/** The JavaScript type of a value as messages name it: `null`, `array`, `Map`, `Uint8Array`, `NaN`, `fractional number`, `boolean` and so on. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "number") return describeNumber(value);
  if (typeof value !== "object") return typeof value;
  if (Array.isArray(value)) return "array";
  if (value instanceof Map) return "Map";
  if (value instanceof Set) return "Set";
  if (value instanceof Date) return "Date";
  if (value instanceof ArrayBuffer) return "ArrayBuffer";
  if (ArrayBuffer.isView(value)) return typedArrayName.call(value) ?? "DataView";
  return "object";
}

function describeNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Number.isInteger(value) || Math.abs(value) === Infinity ? "number" : "fractional number";
}

/** The error for a value of a type that is not accepted: `expected i32, found string`. */
export function wrongType(expected: string, found: unknown): ProtocolError {
  return new ProtocolError("ERR_THRIFT_WRONG_TYPE", -1, `expected ${expected}, found ${describe(found)}`);
}

function outOfRange(expected: string): ProtocolError {
  return new ProtocolError("ERR_THRIFT_OUT_OF_RANGE", -1, `expected ${expected}, found a number out of its range`);
}
