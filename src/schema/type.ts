/** Types as they are used: base types and containers are made here, named types are looked up. */

import type { AnnotationSyntax, BaseTypeName, Name, TypeSyntax } from "../idl/syntax.js";
import type { Annotations, BaseType, Type } from "./descriptor.js";
import type { Problems } from "./problems.js";
import { findType, type Scope } from "./scope.js";

/** Shared by everything that has no annotations. */
export const NO_ANNOTATIONS: Annotations = new Map();

/** Stands for a type with a mistake that is already recorded, so that nothing that uses it adds a second one. */
export const BROKEN_TYPE: BaseType = Object.freeze({ kind: "bool", annotations: NO_ANNOTATIONS });

const BASE_KINDS: readonly BaseTypeName[] = ["bool", "i8", "i16", "i32", "i64", "double", "string", "binary", "uuid"];
const PLAIN_BASE_TYPES = new Map<BaseTypeName, BaseType>(
  BASE_KINDS.map((kind) => [kind, Object.freeze({ kind, annotations: NO_ANNOTATIONS })]),
);

/** `(name = "value")` pairs; the last of a name wins, as in Apache's compiler. */
export function linkAnnotations(syntax: readonly AnnotationSyntax[]): Annotations {
  return syntax.length === 0 ? NO_ANNOTATIONS : new Map(syntax.map(({ name, value }) => [name.text, value]));
}

/** Resolves a type, or records what is wrong with it and gives {@link BROKEN_TYPE}. */
export function linkType(scope: Scope, syntax: TypeSyntax, problems: Problems): Type {
  switch (syntax.kind) {
    case "base":
      // `uuid` came with Thrift 0.18: in older files it may be a type of their own.
      if (syntax.name === "uuid" && scope.types.has("uuid"))
        return linkNamed(scope, { text: "uuid", start: syntax.start, end: syntax.end }, problems);
      if (syntax.annotations.length === 0) return PLAIN_BASE_TYPES.get(syntax.name)!;
      return { kind: syntax.name, annotations: linkAnnotations(syntax.annotations) };
    case "list":
    case "set": {
      const element = linkType(scope, syntax.element, problems);
      return { kind: syntax.kind, element, annotations: linkAnnotations(syntax.annotations) };
    }
    case "map": {
      const key = linkType(scope, syntax.key, problems);
      const value = linkType(scope, syntax.value, problems);
      return { kind: "map", key, value, annotations: linkAnnotations(syntax.annotations) };
    }
    case "named":
      return linkNamed(scope, syntax.name, problems);
  }
}

function linkNamed(scope: Scope, name: Name, problems: Problems): Type {
  const entry = findType(scope, "type", name, problems);
  if (entry === undefined) return BROKEN_TYPE;
  if (entry.kind !== "service") return entry;
  problems.error(
    "ERR_THRIFT_UNKNOWN_TYPE",
    { document: scope.document, span: name },
    `"${name.text}" is a service, not a type`,
  );
  return BROKEN_TYPE;
}

/** For messages: `list<base.Point>`, `i32`, `Color`. */
export function typeName(type: Type): string {
  switch (type.kind) {
    case "list":
    case "set":
      return `${type.kind}<${typeName(type.element)}>`;
    case "map":
      return `map<${typeName(type.key)}, ${typeName(type.value)}>`;
    case "typedef":
    case "enum":
    case "struct":
      return type.name;
    default:
      return type.kind;
  }
}
