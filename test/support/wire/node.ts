/**
 * Messages as what they say, before any protocol spells them. A message may lie: about counts, lengths, types, the
 * order of fields. `spell()` writes it in any protocol, without a line of the library's own writers.
 */

import { resolveType, type StructDescriptor, type Type } from "../../../src/schema/descriptor.js";
import { TType, type ValueTType } from "../../../src/protocol/ttype.js";

/** The place in a piece of a message that a test speaks of; `spell()` says where it stands. */
export interface Marked {
  /**
   * `start`: where reading the piece begins. `size`: its count or length; where it has none, a string itself, the last
   * element of a container. `type`: the type of a field. `end`: what ends a struct.
   */
  here?: "start" | "size" | "type" | "end";
}

export interface Scalar extends Marked {
  kind: "scalar";
  type: Exclude<ValueTType, 11 | 12 | 13 | 14 | 15>;
  value: boolean | number | bigint | string;
}

/** A string or binary. */
export interface Text extends Marked {
  kind: "text";
  bytes: Uint8Array;
  isBinary: boolean;
  /** The length that it claims, where that is not its length. */
  size?: number;
}

export interface Elements extends Marked {
  kind: "elements";
  type: typeof TType.LIST | typeof TType.SET;
  elementType: ValueTType;
  items: Node[];
  /** The count that it claims, where that is not its count. */
  size?: number;
  /** The one item, so many times. */
  times?: number;
}

export interface Entries extends Marked {
  kind: "map";
  keyType: ValueTType;
  valueType: ValueTType;
  entries: [Node, Node][];
  size?: number;
}

export interface Struct extends Marked {
  kind: "struct";
  fields: Field[];
}

export interface Field extends Marked {
  id: number;
  /** The type that the header claims. */
  type: ValueTType;
  value: Node;
}

export type Node = Scalar | Text | Elements | Entries | Struct;

/** What every builder takes last: a mark, a lie. */
type Lies<N extends Node> = Partial<Pick<N, Extract<keyof N, "here" | "size" | "times">>>;

const scalar =
  (type: Scalar["type"]) =>
  (value: Scalar["value"], lies: Lies<Scalar> = {}): Scalar => ({ kind: "scalar", type, value, ...lies });

export const bool = scalar(TType.BOOL);
export const i8 = scalar(TType.I8);
export const i16 = scalar(TType.I16);
export const i32 = scalar(TType.I32);
export const i64 = scalar(TType.I64);
export const double = scalar(TType.DOUBLE);

export function text(value: string | Uint8Array, lies: Lies<Text> = {}): Text {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return { kind: "text", bytes, isBinary: false, ...lies };
}

export function binary(bytes: Uint8Array, lies: Lies<Text> = {}): Text {
  return { kind: "text", bytes, isBinary: true, ...lies };
}

export function list(elementType: ValueTType, items: Node[], lies: Lies<Elements> = {}): Elements {
  return { kind: "elements", type: TType.LIST, elementType, items, ...lies };
}

export function set(elementType: ValueTType, items: Node[], lies: Lies<Elements> = {}): Elements {
  return { kind: "elements", type: TType.SET, elementType, items, ...lies };
}

export function map(types: [ValueTType, ValueTType], entries: [Node, Node][], lies: Lies<Entries> = {}): Entries {
  return { kind: "map", keyType: types[0], valueType: types[1], entries, ...lies };
}

export function struct(fields: Field[] = [], lies: Lies<Struct> = {}): Struct {
  return { kind: "struct", fields, ...lies };
}

export function field(id: number, value: Node, lies: Partial<Pick<Field, "here" | "type">> = {}): Field {
  return { id, type: typeOf(value), value, ...lies };
}

/** The wire type of a piece. */
export function typeOf(node: Node): ValueTType {
  switch (node.kind) {
    case "text":
      return TType.STRING;
    case "map":
      return TType.MAP;
    case "struct":
      return TType.STRUCT;
    default:
      return node.type;
  }
}

/** The message that a value is: every field that is set, by ascending id. */
export function nodeOf(declared: Type, value: unknown): Node {
  const type = resolveType(declared);
  switch (type.kind) {
    case "list":
    case "set": {
      const items = Array.from(value as Iterable<unknown>, (item) => nodeOf(type.element, item));
      return (type.kind === "list" ? list : set)(ttypeOf(type.element), items);
    }
    case "map": {
      const entries = Array.from(value as Map<unknown, unknown>, ([key, item]): [Node, Node] => [
        nodeOf(type.key, key),
        nodeOf(type.value, item),
      ]);
      return map([ttypeOf(type.key), ttypeOf(type.value)], entries);
    }
    case "struct":
      return structNodeOf(type, value as Record<string, unknown>);
    case "string":
      return text(value as string);
    case "binary":
      return binary(value as Uint8Array);
    default:
      return { kind: "scalar", type: SCALAR_TYPES[type.kind], value: value as Scalar["value"] };
  }
}

function structNodeOf(descriptor: StructDescriptor, value: Record<string, unknown>): Struct {
  const set = descriptor.fields.filter(({ name }) => value[name] !== undefined);
  return struct(set.sort((a, b) => a.id - b.id).map(({ id, name, type }) => field(id, nodeOf(type, value[name]))));
}

const SCALAR_TYPES = {
  bool: TType.BOOL,
  i8: TType.I8,
  i16: TType.I16,
  i32: TType.I32,
  enum: TType.I32,
  i64: TType.I64,
  double: TType.DOUBLE,
  uuid: TType.UUID,
} as const;

/** The wire type of a declared type. */
export function ttypeOf(declared: Type): ValueTType {
  const { kind } = resolveType(declared);
  const TYPES = { string: TType.STRING, binary: TType.STRING, list: TType.LIST, set: TType.SET, map: TType.MAP };
  if (kind === "struct") return TType.STRUCT;
  return kind in SCALAR_TYPES ? SCALAR_TYPES[kind as keyof typeof SCALAR_TYPES] : TYPES[kind as keyof typeof TYPES];
}
