/** Descriptors: a linked schema. Types refer to each other directly, so recursive types are cyclic object graphs. */

import type { SourceLocation } from "../errors.js";

/** `(name = "value")` pairs in the order written; a repeated name keeps its last value. */
export type Annotations = ReadonlyMap<string, string>;

/** What every named thing of the IDL carries. */
export interface Described {
  /** Doc comment, markers removed; undefined when there is none. */
  readonly doc: string | undefined;
  readonly annotations: Annotations;
  /** Where it is defined; line 0 when the schema came from a snapshot. */
  readonly location: SourceLocation;
}

/** A type as it is used by a field, an element, a method: base types and containers inline, the rest by reference. */
export type Type = BaseType | ListType | SetType | MapType | TypedefDescriptor | EnumDescriptor | StructDescriptor;

/** A type with the typedefs around it taken off; its elements, keys and values may be typedefs again. */
export type ResolvedType = Exclude<Type, TypedefDescriptor>;

export type BaseKind = "bool" | "i8" | "i16" | "i32" | "i64" | "double" | "string" | "binary" | "uuid";

export interface BaseType {
  readonly kind: BaseKind;
  /** Annotations on this use of the type. */
  readonly annotations: Annotations;
}

export interface ListType {
  readonly kind: "list";
  readonly element: Type;
  readonly annotations: Annotations;
}

export interface SetType {
  readonly kind: "set";
  readonly element: Type;
  readonly annotations: Annotations;
}

export interface MapType {
  readonly kind: "map";
  readonly key: Type;
  readonly value: Type;
  readonly annotations: Annotations;
}

export interface TypedefDescriptor extends Described {
  readonly kind: "typedef";
  readonly name: string;
  /** `file.Name`, the file without folder and extension. */
  readonly qualifiedName: string;
  readonly target: Type;
}

export interface EnumDescriptor extends Described {
  readonly kind: "enum";
  readonly name: string;
  readonly qualifiedName: string;
  /** In the order written. */
  readonly members: readonly EnumMemberDescriptor[];
  readonly numberOf: ReadonlyMap<string, number>;
  /** The first member where two share a number. */
  readonly nameOf: ReadonlyMap<number, string>;
}

export interface EnumMemberDescriptor extends Described {
  readonly name: string;
  /** A 32-bit integer. */
  readonly value: number;
}

/** A struct, union or exception; also the arguments and the result of a method. */
export interface StructDescriptor extends Described {
  readonly kind: "struct";
  readonly variant: "struct" | "union" | "exception";
  readonly name: string;
  readonly qualifiedName: string;
  /** In the order written, which is the order of properties in decoded values. */
  readonly fields: readonly FieldDescriptor[];
}

export interface FieldDescriptor extends Described {
  readonly name: string;
  /** -32768 to 32767. */
  readonly id: number;
  readonly requiredness: "required" | "optional" | "default";
  readonly type: Type;
  /** The default of the IDL as a {@link ConstantValue}; undefined when there is none. */
  readonly defaultValue: ConstantValue | undefined;
}

export interface ServiceDescriptor extends Described {
  readonly kind: "service";
  readonly name: string;
  readonly qualifiedName: string;
  readonly extends: ServiceDescriptor | undefined;
  /** Methods of this service alone; those it inherits are in `extends`. */
  readonly methods: readonly MethodDescriptor[];
}

export interface MethodDescriptor extends Described {
  readonly name: string;
  readonly oneway: boolean;
  /** Undefined: void. */
  readonly returnType: Type | undefined;
  /** The arguments as a struct called `<method>_args`. */
  readonly args: StructDescriptor;
  /** Field 0 `success` unless void, then the declared exceptions, all optional, in a struct called `<method>_result`. Undefined for oneway. */
  readonly result: StructDescriptor | undefined;
  /** The declared exceptions: fields whose types are exceptions. */
  readonly throws: readonly FieldDescriptor[];
}

export interface ConstantDescriptor extends Described {
  readonly kind: "const";
  readonly name: string;
  readonly qualifiedName: string;
  readonly type: Type;
  readonly value: ConstantValue;
}

/**
 * A constant as JavaScript value: bool boolean; i8 to i32, enum and double number; i64 bigint; string and uuid string;
 * binary Uint8Array; list array; set Set; map Map; struct an object that holds the fields given, in declared order.
 */
export type ConstantValue =
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | ConstantValue[]
  | Set<ConstantValue>
  | Map<ConstantValue, ConstantValue>
  | { [field: string]: ConstantValue };

/** `namespace py golden.base`. */
export interface NamespaceDescriptor {
  /** The language, or `*` for all that have no namespace of their own. */
  readonly scope: string;
  readonly name: string;
  readonly annotations: Annotations;
}

/** Anything a file defines. */
export type Definition = TypedefDescriptor | EnumDescriptor | StructDescriptor | ServiceDescriptor | ConstantDescriptor;

/** One IDL file of a schema. */
export interface FileDescriptor {
  /** As it was loaded, for example `idl/base.thrift`. */
  readonly path: string;
  /** What references from other files begin with: the path without folder and extension, `base`. */
  readonly name: string;
  /** Doc comment at the head of the file. */
  readonly doc: string | undefined;
  /** In the order written. */
  readonly includes: readonly FileDescriptor[];
  /** By language. */
  readonly namespaces: ReadonlyMap<string, NamespaceDescriptor>;
  /** In the order written. */
  readonly definitions: readonly Definition[];
}

/** A fresh deep copy of a constant: containers and structs are new, immutable values are the same. */
export function copyConstant(value: ConstantValue): ConstantValue {
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(copyConstant);
  if (value instanceof Uint8Array) return value.slice();
  if (value instanceof Set) return new Set(Array.from(value, copyConstant));
  if (value instanceof Map) return new Map(Array.from(value, ([key, item]) => [copyConstant(key), copyConstant(item)]));
  // fromEntries defines own properties, also for a field called __proto__.
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copyConstant(item)]));
}

/** Takes the typedefs off a type. */
export function resolveType(type: Type): ResolvedType {
  let resolved = type;
  while (resolved.kind === "typedef") resolved = resolved.target;
  return resolved;
}
