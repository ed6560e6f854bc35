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
  version: typeof SNAPSHOT_VERSION;
  /** Index of the entry file. */
  entry: number;
  /** Included files come before the files that include them. */
  files: FileSnapshot[];
}

/** Pairs of name and value; left out when there are none. */
export interface AnnotatedSnapshot {
  doc?: string;
  annotations?: [name: string, value: string][];
}

/** One file. */
export interface FileSnapshot {
  path: string;
  doc?: string;
  /** Indexes of files. */
  includes?: number[];
  namespaces?: { scope: string; name: string; annotations?: [name: string, value: string][] }[];
  definitions: DefinitionSnapshot[];
}

/** A base type or a name (`i32`, `Tree`, `base.Point`), or an object for containers and for types with annotations. */
export type TypeSnapshot =
  | string
  | { base: string; annotations: [string, string][] }
  | { list: TypeSnapshot; annotations?: [string, string][] }
  | { set: TypeSnapshot; annotations?: [string, string][] }
  | { map: [key: TypeSnapshot, value: TypeSnapshot]; annotations?: [string, string][] };

/** A constant. Numbers and text stand for themselves; what JSON cannot hold has an object of one property. */
export type ValueSnapshot =
  | boolean
  | number
  | string
  | { i64: string }
  | { double: "NaN" | "Infinity" | "-Infinity" | "-0" }
  /** Base64. */
  | { binary: string }
  /** Lists and sets. */
  | ValueSnapshot[]
  | { map: [key: ValueSnapshot, value: ValueSnapshot][] }
  | { struct: [field: string, value: ValueSnapshot][] };

/** A field or argument. */
export interface FieldSnapshot extends AnnotatedSnapshot {
  id: number;
  name: string;
  /** Left out for default requiredness. */
  requiredness?: "required" | "optional";
  type: TypeSnapshot;
  default?: ValueSnapshot;
}

/** A method; `returns` is left out for void. */
export interface MethodSnapshot extends AnnotatedSnapshot {
  name: string;
  oneway?: true;
  returns?: TypeSnapshot;
  args?: FieldSnapshot[];
  throws?: FieldSnapshot[];
}

/** Anything a file defines. */
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
