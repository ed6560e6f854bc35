/**
 * The JSON form of a schema. It holds what the IDL means, not how it was written: ids and enum numbers are explicit,
 * constants are values. References stay names, so that a snapshot is checked by the same linker as IDL.
 */

import type {
  Annotations,
  ConstantValue,
  Definition,
  FieldDescriptor,
  FileDescriptor,
  MethodDescriptor,
  Type,
} from "./descriptor.js";

/** Version of the format that is written. */
export const SNAPSHOT_VERSION = 1;

/** What `schema.toJSON()` gives and `schemaFromJSON` takes. */
export interface SchemaSnapshot {
  /** Of the format, not of the IDL. Any other version is refused. */
  version: typeof SNAPSHOT_VERSION;
  /** Index of the entry file in `files`; counts from 0. */
  entry: number;
  /** Included files come before the files that include them. */
  files: FileSnapshot[];
}

/** What every named thing of the IDL carries. */
export interface AnnotatedSnapshot {
  /** Doc comment, markers removed; left out when there is none. */
  doc?: string;
  /** Pairs of name and value, in the order written; left out when there are none. */
  annotations?: [name: string, value: string][];
}

/** One IDL file. */
export interface FileSnapshot {
  /** As it was loaded, for example `idl/base.thrift`; no two files have the same. */
  path: string;
  /** Doc comment at the head of the file; left out when there is none. */
  doc?: string;
  /** Indexes of included files, each smaller than the index of this one; left out when there are none. */
  includes?: number[];
  /** One for each language at most; left out when there are none. */
  namespaces?: NamespaceSnapshot[];
  /** In the order written. */
  definitions: DefinitionSnapshot[];
}

/** `namespace py golden.base`. */
export interface NamespaceSnapshot {
  /** The language, or `*` for all that have no namespace of their own. */
  scope: string;
  /** With its dots, as written: `golden.base`. */
  name: string;
  /** Pairs of name and value, in the order written; left out when there are none. */
  annotations?: [name: string, value: string][];
}

/**
 * A base type or a name (`i32`, `Tree`, `base.Point`), or an object for containers and for base types with annotations.
 * A name without a file in front is of the same file. `list` and `set` hold the type of the elements, `map` those of key
 * and value; `annotations` are pairs of name and value, in the order written.
 */
export type TypeSnapshot =
  | string
  | { base: string; annotations: [string, string][] }
  | { list: TypeSnapshot; annotations?: [string, string][] }
  | { set: TypeSnapshot; annotations?: [string, string][] }
  | { map: [key: TypeSnapshot, value: TypeSnapshot]; annotations?: [string, string][] };

/**
 * A constant. Numbers and text stand for themselves; what JSON cannot hold has an object of one property: `i64` in decimal
 * digits, a `double` that is no JSON number, `binary` in base64, `map` and `struct` as pairs in their order.
 */
export type ValueSnapshot =
  | boolean
  | number
  | string
  | { i64: string }
  | { double: "NaN" | "Infinity" | "-Infinity" | "-0" }
  | { binary: string }
  /** Lists and sets. */
  | ValueSnapshot[]
  | { map: [key: ValueSnapshot, value: ValueSnapshot][] }
  | { struct: [field: string, value: ValueSnapshot][] };

/** A field or argument. */
export interface FieldSnapshot extends AnnotatedSnapshot {
  /** -32768 to 32767. */
  id: number;
  /** Unique among the fields beside it. */
  name: string;
  /** Left out for default requiredness. */
  requiredness?: "required" | "optional";
  /** As written: it may name a typedef. */
  type: TypeSnapshot;
  /** Left out when the IDL gives none. */
  default?: ValueSnapshot;
}

/** A method of a service. */
export interface MethodSnapshot extends AnnotatedSnapshot {
  /** Unique in its service and those it inherits from. */
  name: string;
  /** Left out for methods that are answered. */
  oneway?: true;
  /** Left out for void. */
  returns?: TypeSnapshot;
  /** Left out when there are none. */
  args?: FieldSnapshot[];
  /** The declared exceptions; left out when there are none. */
  throws?: FieldSnapshot[];
}

/**
 * Anything a file defines, by `kind`. A const has its declared `type` and its `value`; a typedef the `type` it stands for;
 * an enum its `members`, each with its number as `value`; a struct, union or exception its `fields`; a service its own
 * `methods` and, where it inherits, the name of the service it `extends`.
 */
export type DefinitionSnapshot = AnnotatedSnapshot & { name: string } & (
    | { kind: "const"; type: TypeSnapshot; value: ValueSnapshot }
    | { kind: "typedef"; type: TypeSnapshot }
    | { kind: "enum"; members: (AnnotatedSnapshot & { name: string; value: number })[] }
    | { kind: "struct" | "union" | "exception"; fields: FieldSnapshot[] }
    | { kind: "service"; extends?: string; methods: MethodSnapshot[] }
  );

/** Writes a snapshot; `files` are all files, included ones first. */
export function writeSnapshot(files: readonly FileDescriptor[], entry: FileDescriptor): SchemaSnapshot {
  const indexes = new Map(files.map((file, index) => [file, index]));
  return {
    version: SNAPSHOT_VERSION,
    entry: indexes.get(entry)!,
    files: files.map((file) => {
      const own = new Set<object>(file.definitions);
      const snapshot: FileSnapshot = { path: file.path, ...writeDoc(file.doc), definitions: [] };
      if (file.includes.length > 0) snapshot.includes = file.includes.map((target) => indexes.get(target)!);
      if (file.namespaces.size > 0) {
        snapshot.namespaces = Array.from(file.namespaces.values(), ({ scope, name, annotations }) => ({
          scope,
          name,
          ...writeAnnotations(annotations),
        }));
      }
      snapshot.definitions = file.definitions.map((definition) => writeDefinition(definition, own));
      return snapshot;
    }),
  };
}

/** Definitions of the file at hand, which are named without a prefix. */
type Own = ReadonlySet<object>;

function writeDefinition(definition: Definition, own: Own): DefinitionSnapshot {
  const base = { name: definition.name, ...writeDescribed(definition) };
  switch (definition.kind) {
    case "const":
      return { kind: "const", ...base, type: writeType(definition.type, own), value: writeValue(definition.value) };
    case "typedef":
      return { kind: "typedef", ...base, type: writeType(definition.target, own) };
    case "enum":
      return {
        kind: "enum",
        ...base,
        members: definition.members.map((member) => ({
          name: member.name,
          value: member.value,
          ...writeDescribed(member),
        })),
      };
    case "struct":
      return { kind: definition.variant, ...base, fields: definition.fields.map((field) => writeField(field, own)) };
    case "service": {
      const methods = definition.methods.map((method) => writeMethod(method, own));
      const target = definition.extends;
      return { kind: "service", ...base, ...(target && { extends: writeName(target, own) }), methods };
    }
  }
}

function writeField(field: FieldDescriptor, own: Own): FieldSnapshot {
  return {
    id: field.id,
    name: field.name,
    ...(field.requiredness !== "default" && { requiredness: field.requiredness }),
    type: writeType(field.type, own),
    ...(field.defaultValue !== undefined && { default: writeValue(field.defaultValue) }),
    ...writeDescribed(field),
  };
}

function writeMethod(method: MethodDescriptor, own: Own): MethodSnapshot {
  const snapshot: MethodSnapshot = { name: method.name, ...writeDescribed(method) };
  if (method.oneway) snapshot.oneway = true;
  if (method.returnType !== undefined) snapshot.returns = writeType(method.returnType, own);
  if (method.args.fields.length > 0) snapshot.args = method.args.fields.map((field) => writeField(field, own));
  // Exceptions are optional always: saying so would be warned about.
  if (method.throws.length > 0)
    snapshot.throws = method.throws.map((field) => writeField({ ...field, requiredness: "default" }, own));
  return snapshot;
}

function writeType(type: Type, own: Own): TypeSnapshot {
  switch (type.kind) {
    case "list":
      return { list: writeType(type.element, own), ...writeAnnotations(type.annotations) };
    case "set":
      return { set: writeType(type.element, own), ...writeAnnotations(type.annotations) };
    case "map":
      return { map: [writeType(type.key, own), writeType(type.value, own)], ...writeAnnotations(type.annotations) };
    case "typedef":
    case "enum":
    case "struct":
      return writeName(type, own);
    default:
      return type.annotations.size === 0 ? type.kind : { base: type.kind, annotations: [...type.annotations] };
  }
}

function writeName(target: { name: string; qualifiedName: string }, own: Own): string {
  return own.has(target) ? target.name : target.qualifiedName;
}

function writeValue(value: ConstantValue): ValueSnapshot {
  if (typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "bigint") return { i64: String(value) };
  if (typeof value === "number") {
    if (Object.is(value, -0)) return { double: "-0" };
    return Number.isFinite(value) ? value : { double: String(value) as "NaN" | "Infinity" | "-Infinity" };
  }
  if (value instanceof Uint8Array) return { binary: toBase64(value) };
  if (Array.isArray(value)) return value.map(writeValue);
  if (value instanceof Set) return Array.from(value, writeValue);
  if (value instanceof Map) return { map: Array.from(value, ([key, item]) => [writeValue(key), writeValue(item)]) };
  return { struct: Object.entries(value).map(([name, item]) => [name, writeValue(item)]) };
}

function writeDescribed({
  doc,
  annotations,
}: {
  doc: string | undefined;
  annotations: Annotations;
}): AnnotatedSnapshot {
  return { ...writeDoc(doc), ...writeAnnotations(annotations) };
}

function writeDoc(doc: string | undefined): { doc?: string } {
  return doc === undefined ? {} : { doc };
}

function writeAnnotations(annotations: Annotations): { annotations?: [string, string][] } {
  return annotations.size === 0 ? {} : { annotations: [...annotations] };
}

/** Without Buffer, which browsers lack; constants are short. */
function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
