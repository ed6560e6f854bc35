/** Descriptors: a linked schema. Types refer to each other directly, so recursive types are cyclic object graphs. */

import type { SourceLocation } from "../errors.js";

/** `(name = "value")` pairs in the order written; a repeated name keeps its last value. */
export type Annotations = ReadonlyMap<string, string>;

/** What every named thing of the IDL carries. */
export interface Described {
  /** Doc comment, markers removed; undefined when there is none. */
  readonly doc: string | undefined;
  /** Those written behind it; an empty map when there are none. */
  readonly annotations: Annotations;
  /** Where it is defined; line 0 when the schema came from a snapshot. */
  readonly location: SourceLocation;
}

/** A type as it is used by a field, an element, a method: base types and containers inline, the rest by reference. */
export type Type = BaseType | ListType | SetType | MapType | TypedefDescriptor | EnumDescriptor | StructDescriptor;

/** A type with the typedefs around it taken off; its elements, keys and values may be typedefs again. */
export type ResolvedType = Exclude<Type, TypedefDescriptor>;

/** Base types by their IDL names; `byte` of the IDL is `i8`. */
export type BaseKind = "bool" | "i8" | "i16" | "i32" | "i64" | "double" | "string" | "binary" | "uuid";

/** A type that is built into Thrift and refers to no other. */
export interface BaseType {
  /** Which base type it is. */
  readonly kind: BaseKind;
  /** Annotations on this use of the type. */
  readonly annotations: Annotations;
}

/** `list<element>`. */
export interface ListType {
  /** Tells it apart from other types. */
  readonly kind: "list";
  /** As written: it may be a typedef. */
  readonly element: Type;
  /** Annotations on this use of the type. */
  readonly annotations: Annotations;
}

/** `set<element>`. */
export interface SetType {
  /** Tells it apart from other types. */
  readonly kind: "set";
  /** As written: it may be a typedef. */
  readonly element: Type;
  /** Annotations on this use of the type. */
  readonly annotations: Annotations;
}

/** `map<key, value>`. */
export interface MapType {
  /** Tells it apart from other types. */
  readonly kind: "map";
  /** As written: it may be a typedef, or a container or struct. */
  readonly key: Type;
  /** As written: it may be a typedef. */
  readonly value: Type;
  /** Annotations on this use of the type. */
  readonly annotations: Annotations;
}

/** Another name for a type: `typedef i64 UserId`. */
export interface TypedefDescriptor extends Described {
  /** Tells it apart from other types and definitions. */
  readonly kind: "typedef";
  /** The new name, without a file in front. */
  readonly name: string;
  /** `file.Name`, the file without folder and extension. */
  readonly qualifiedName: string;
  /** The type it stands for, which may be a typedef again. */
  readonly target: Type;
}

/** An enum; on the wire its members are i32. */
export interface EnumDescriptor extends Described {
  /** Tells it apart from other types and definitions. */
  readonly kind: "enum";
  /** As the IDL has it, without a file in front. */
  readonly name: string;
  /** `file.Name`, the file without folder and extension. */
  readonly qualifiedName: string;
  /** In the order written. */
  readonly members: readonly EnumMemberDescriptor[];
  /** Numbers by member name. */
  readonly numberOf: ReadonlyMap<string, number>;
  /** Member names by number; the first member where two share one. */
  readonly nameOf: ReadonlyMap<number, string>;
}

/** One member of an enum. */
export interface EnumMemberDescriptor extends Described {
  /** Unique in its enum. */
  readonly name: string;
  /** A 32-bit integer, given by the IDL or counted on from the member before. */
  readonly value: number;
}

/** A struct, union or exception; also the arguments and the result of a method. */
export interface StructDescriptor extends Described {
  /** The same for all three; {@link StructDescriptor.variant} tells them apart. */
  readonly kind: "struct";
  /** The keyword of the IDL; `"struct"` for arguments and results. */
  readonly variant: "struct" | "union" | "exception";
  /** As the IDL has it, without a file in front. */
  readonly name: string;
  /** `file.Name`, the file without folder and extension. */
  readonly qualifiedName: string;
  /** In the order written, which is the order of properties in decoded values. */
  readonly fields: readonly FieldDescriptor[];
}

/** A field of a struct, union or exception, or an argument of a method. */
export interface FieldDescriptor extends Described {
  /** The property that holds it in JavaScript values; it is not on the wire. */
  readonly name: string;
  /** What names the field on the wire: -32768 to 32767. */
  readonly id: number;
  /** `"default"` where the IDL says neither; always `"optional"` in unions and results, never in arguments. */
  readonly requiredness: "required" | "optional" | "default";
  /** As written: it may be a typedef. */
  readonly type: Type;
  /** The default of the IDL as a {@link ConstantValue}; undefined when there is none. */
  readonly defaultValue: ConstantValue | undefined;
}

/** A service: a set of methods that a peer can call. */
export interface ServiceDescriptor extends Described {
  /** Tells it apart from other definitions. */
  readonly kind: "service";
  /** As the IDL has it, without a file in front. */
  readonly name: string;
  /** `file.Name`, the file without folder and extension. */
  readonly qualifiedName: string;
  /** The service it inherits from, which may inherit in turn; undefined when there is none. */
  readonly extends: ServiceDescriptor | undefined;
  /** Methods of this service alone; those it inherits are in `extends`. */
  readonly methods: readonly MethodDescriptor[];
}

/** A method of a service. */
export interface MethodDescriptor extends Described {
  /** What names the method in a message; unique in its service and those it inherits from. */
  readonly name: string;
  /** True: the caller gets no answer, not even an exception. */
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

/** A constant: `const i32 MAX = 10`. */
export interface ConstantDescriptor extends Described {
  /** Tells it apart from other definitions. */
  readonly kind: "const";
  /** As the IDL has it, without a file in front. A type of the file may have the same name. */
  readonly name: string;
  /** `file.Name`, the file without folder and extension. */
  readonly qualifiedName: string;
  /** The declared type, as written: it may be a typedef. */
  readonly type: Type;
  /** Checked against the type. It is the schema's own, do not change it: `schema.constant(name)` gives a copy. */
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
  /** With its dots, as written: `golden.base`. */
  readonly name: string;
  /** Those written behind it; an empty map when there are none. */
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
