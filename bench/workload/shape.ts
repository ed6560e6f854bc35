/** What the benchmark's messages are made of, so that one walk can turn a value into each contender's own form and back. */

import type { Value } from "./value.js";

export type Scalar = "bool" | "i8" | "i16" | "i32" | "i64" | "double" | "string" | "binary" | "enum";

export type Shape = Scalar | ListShape | MapShape | StructShape;

export interface ListShape {
  readonly kind: "list";
  readonly element: Shape;
}

export interface MapShape {
  readonly kind: "map";
  readonly key: Shape;
  readonly value: Shape;
}

export interface StructShape {
  readonly kind: "struct";
  readonly name: string;
  readonly fields: readonly FieldShape[];
}

interface FieldShape {
  readonly id: number;
  readonly name: string;
  readonly shape: Shape;
}

export function list(element: Shape): ListShape {
  return { kind: "list", element };
}

export function map(key: Shape, value: Shape): MapShape {
  return { kind: "map", key, value };
}

/** Fields in declared order; the ids of `frugal.thrift` and `bench.thrift` count from 1, with the gaps named in `skipped`. */
export function struct(name: string, fields: Record<string, Shape>, skipped: readonly number[] = []): StructShape {
  let id = 0;
  const numbered = Object.entries(fields).map(([field, shape]) => {
    do id++;
    while (skipped.includes(id));
    return { id, name: field, shape };
  });
  return { kind: "struct", name, fields: numbered };
}

/** How a contender spells the kinds it has its own form for; what is left out stays as it is. */
export interface Spelling {
  readonly i64?: (value: bigint) => unknown;
  readonly binary?: (value: Uint8Array) => unknown;
  readonly enum?: (value: number) => unknown;
  readonly list?: (elements: unknown[], shape: ListShape) => unknown;
  readonly map?: (entries: [key: unknown, value: unknown][], shape: MapShape) => unknown;
  readonly struct?: (fields: Record<string, unknown>, shape: StructShape) => unknown;
}

/** The value in a contender's own form. Runs before anything is timed. */
export function spell(shape: Shape, value: Value, spelling: Spelling): unknown {
  if (typeof shape === "string") return spellScalar(shape, value, spelling);
  switch (shape.kind) {
    case "list": {
      const elements = (value as Value[]).map((element) => spell(shape.element, element, spelling));
      return spelling.list ? spelling.list(elements, shape) : elements;
    }
    case "map": {
      const entries = [...(value as Map<Value, Value>)].map(([key, element]): [unknown, unknown] => [
        spell(shape.key, key, spelling),
        spell(shape.value, element, spelling),
      ]);
      return spelling.map ? spelling.map(entries, shape) : new Map(entries);
    }
    case "struct": {
      const source = value as Record<string, Value>;
      const fields: Record<string, unknown> = {};
      for (const field of shape.fields) fields[field.name] = spell(field.shape, source[field.name], spelling);
      return spelling.struct ? spelling.struct(fields, shape) : fields;
    }
  }
}

function spellScalar(shape: Scalar, value: Value, spelling: Spelling): unknown {
  if (shape === "i64" && spelling.i64) return spelling.i64(value as bigint);
  if (shape === "binary" && spelling.binary) return spelling.binary(value as Uint8Array);
  if (shape === "enum" && spelling.enum) return spelling.enum(value as number);
  return value;
}

/** How what a contender decoded is read; the reverse of {@link Spelling}. */
export interface Reading {
  readonly i8?: (foreign: never) => number;
  /** Called with map keys too, which arrive as text where maps are objects. */
  readonly i64?: (foreign: never) => bigint;
  readonly binary?: (foreign: never) => Uint8Array;
  readonly enum?: (foreign: never) => number;
}

/** What a contender decoded, as the canonical value: the proof that it did the whole work, exactly. */
export function read(shape: Shape, foreign: unknown, reading: Reading): Value {
  if (typeof shape === "string") return readScalar(shape, foreign, reading);
  switch (shape.kind) {
    case "list":
      return Array.from(foreign as Iterable<unknown>, (element) => read(shape.element, element, reading));
    case "map":
      return new Map(
        entriesOf(foreign).map(([key, value]) => [read(shape.key, key, reading), read(shape.value, value, reading)]),
      );
    case "struct": {
      const source = foreign as Record<string, unknown>;
      return Object.fromEntries(
        shape.fields.map((field) => [field.name, read(field.shape, source[field.name], reading)]),
      );
    }
  }
}

function readScalar(shape: Scalar, foreign: unknown, reading: Reading): Value {
  switch (shape) {
    case "i8":
      return reading.i8 ? reading.i8(foreign as never) : (foreign as number);
    case "i64":
      return reading.i64 ? reading.i64(foreign as never) : BigInt(foreign as bigint | number | string);
    case "binary":
      return new Uint8Array(reading.binary ? reading.binary(foreign as never) : (foreign as Uint8Array));
    case "enum":
      return reading.enum ? reading.enum(foreign as never) : (foreign as number);
    case "bool":
    case "string":
      return foreign as boolean | string;
    default:
      // Map keys come back as text from rivals whose maps are objects.
      return typeof foreign === "string" ? Number(foreign) : (foreign as number);
  }
}

/** Entries of a Map, of an array of `[key, value]` or of `{ key, value }`, or of an object. */
function entriesOf(foreign: unknown): [unknown, unknown][] {
  if (foreign instanceof Map) return [...foreign];
  if (!Array.isArray(foreign)) return Object.entries(foreign as object);
  return foreign.map((entry: [unknown, unknown] | { key: unknown; value: unknown }) =>
    Array.isArray(entry) ? entry : [entry.key, entry.value],
  );
}

/** Whether a map with struct keys is anywhere in the type. */
export function hasStructKeys(shape: Shape): boolean {
  if (typeof shape === "string") return false;
  switch (shape.kind) {
    case "list":
      return hasStructKeys(shape.element);
    case "map":
      return isStruct(shape.key) || hasStructKeys(shape.value);
    case "struct":
      return shape.fields.some((field) => hasStructKeys(field.shape));
  }
}

export function isStruct(shape: Shape): shape is StructShape {
  return typeof shape === "object" && shape.kind === "struct";
}
