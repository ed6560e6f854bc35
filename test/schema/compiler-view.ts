/** Spells a schema the way `thrift --gen json` does, so that the two can be compared item by item. */

import {
  resolveType,
  type Annotations,
  type ConstantValue,
  type Definition,
  type FieldDescriptor,
  type FileDescriptor,
  type MethodDescriptor,
  type ResolvedType,
  type Type,
} from "../../src/schema/descriptor.js";

type Json = Record<string, unknown>;

/** What the compiler says of one file. Enums are i32 to it, typedefs are taken off, annotations of base types and members are not told. */
export function compilerView(file: FileDescriptor): Json {
  const own = new Set<object>(file.definitions);
  const all = (kind: Definition["kind"]): Definition[] =>
    file.definitions.filter((definition) => definition.kind === kind);
  return {
    name: file.name,
    ...doc(file),
    namespaces: Object.fromEntries(Array.from(file.namespaces.values(), ({ scope, name }) => [scope, name])),
    includes: file.includes.map((include) => include.name),
    enums: all("enum").map((definition) => viewDefinition(definition, own)),
    typedefs: all("typedef").map((definition) => viewDefinition(definition, own)),
    structs: all("struct").map((definition) => viewDefinition(definition, own)),
    constants: all("const").map((definition) => viewDefinition(definition, own)),
    services: all("service").map((definition) => viewDefinition(definition, own)),
  };
}

type Own = ReadonlySet<object>;

function viewDefinition(definition: Definition, own: Own): Json {
  const base = { name: definition.name, ...doc(definition), ...annotations(definition) };
  switch (definition.kind) {
    case "enum":
      return {
        ...base,
        members: definition.members.map((member) => ({ name: member.name, value: member.value, ...doc(member) })),
      };
    case "typedef":
      return { ...base, ...typed("typeId", "type", definition.target, own) };
    case "struct":
      return {
        ...base,
        isException: definition.variant === "exception",
        isUnion: definition.variant === "union",
        fields: definition.fields.map((field) => viewField(field, own)),
      };
    case "const":
      return {
        name: definition.name,
        ...doc(definition),
        ...typed("typeId", "type", definition.type, own),
        value: viewValue(definition.value),
      };
    case "service":
      return {
        ...base,
        ...(definition.extends && {
          extends: own.has(definition.extends) ? definition.extends.name : definition.extends.qualifiedName,
        }),
        functions: definition.methods.map((method) => viewMethod(method, own)),
      };
  }
}

function viewField(field: FieldDescriptor, own: Own): Json {
  return {
    key: field.id,
    name: field.name,
    ...typed("typeId", "type", field.type, own),
    ...doc(field),
    ...annotations(field),
    required: field.requiredness === "default" ? "req_out" : field.requiredness,
    ...(field.defaultValue !== undefined && { default: viewValue(field.defaultValue) }),
  };
}

function viewMethod(method: MethodDescriptor, own: Own): Json {
  const returns =
    method.returnType === undefined
      ? { returnTypeId: "void" }
      : typed("returnTypeId", "returnType", method.returnType, own);
  // An exception that is thrown is optional in its result struct; the compiler leaves saying so to its generators.
  const exceptions = method.throws.map((field) => viewField({ ...field, requiredness: "default" }, own));
  return {
    name: method.name,
    ...returns,
    oneway: method.oneway,
    ...doc(method),
    ...annotations(method),
    arguments: method.args.fields.map((field) => viewField(field, own)),
    exceptions,
  };
}

function typed(idKey: string, typeKey: string, type: Type, own: Own): Json {
  const resolved = resolveType(type);
  const detail = viewType(resolved, own);
  return { [idKey]: typeId(resolved), ...(detail && { [typeKey]: detail }) };
}

function typeId(type: ResolvedType): string {
  if (type.kind === "enum") return "i32";
  return type.kind === "struct" ? type.variant : type.kind;
}

function viewType(type: ResolvedType, own: Own): Json | undefined {
  switch (type.kind) {
    case "list":
    case "set":
      return { typeId: type.kind, ...annotations(type), ...typed("elemTypeId", "elemType", type.element, own) };
    case "map":
      return {
        typeId: "map",
        ...annotations(type),
        ...typed("keyTypeId", "keyType", type.key, own),
        ...typed("valueTypeId", "valueType", type.value, own),
      };
    case "struct":
      return { typeId: type.variant, ...annotations(type), class: own.has(type) ? type.name : type.qualifiedName };
    default:
      return undefined;
  }
}

/** Integers beyond 2^53 as `123n`, as the test reads them from the compiler's JSON. */
function viewValue(value: ConstantValue): unknown {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "bigint") return /^-?\d{16,}$/.test(String(value)) ? `${String(value)}n` : Number(value);
  if (typeof value !== "object") return value;
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (Array.isArray(value) || value instanceof Set) return Array.from(value, viewValue);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [String(viewValue(key)), viewValue(item)]));
}

function doc({ doc: text }: { doc: string | undefined }): Json {
  return text === undefined ? {} : { doc: text };
}

function annotations({ annotations: pairs }: { annotations: Annotations }): Json {
  return pairs.size === 0 ? {} : { annotations: Object.fromEntries(pairs) };
}
