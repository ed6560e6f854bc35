/** thrift-parser's tree, and what the grammar noted beside it, → the syntax tree of {@link Document}. */
import {
  SyntaxType,
  type Annotations,
  type ConstValue,
  type CppIncludeDefinition,
  type EnumMember,
  type FieldDefinition,
  type FieldType,
  type FunctionDefinition,
  type Identifier,
  type IncludeDefinition,
  type KeywordType,
  type NamespaceDefinition,
  type TextLocation,
  type ThriftStatement,
} from "@creditkarma/thrift-parser/dist/main/types.js";
import type { Feed, Head } from "./feed.js";
import type {
  AnnotationSyntax,
  BaseTypeName,
  DefinitionSyntax,
  EnumMemberSyntax,
  FieldSyntax,
  IncludeSyntax,
  MethodSyntax,
  Name,
  NamespaceSyntax,
  Span,
  TypeSyntax,
  ValueSyntax,
} from "./syntax.js";

type Definition = Exclude<ThriftStatement, IncludeDefinition | NamespaceDefinition | CppIncludeDefinition>;

const BASE_TYPES: Readonly<Record<KeywordType, BaseTypeName>> = {
  [SyntaxType.BoolKeyword]: "bool",
  [SyntaxType.ByteKeyword]: "i8",
  [SyntaxType.I8Keyword]: "i8",
  [SyntaxType.I16Keyword]: "i16",
  [SyntaxType.I32Keyword]: "i32",
  [SyntaxType.I64Keyword]: "i64",
  [SyntaxType.DoubleKeyword]: "double",
  [SyntaxType.StringKeyword]: "string",
  [SyntaxType.BinaryKeyword]: "binary",
};

const VARIANTS = {
  [SyntaxType.StructDefinition]: "struct",
  [SyntaxType.UnionDefinition]: "union",
  [SyntaxType.ExceptionDefinition]: "exception",
} as const;

/** What a file says, read from thrift-parser's statements. */
export class Tree {
  readonly includes: IncludeSyntax[] = [];
  readonly namespaces: NamespaceSyntax[] = [];
  readonly definitions: DefinitionSyntax[] = [];
  readonly #feed: Feed;

  constructor(feed: Feed, statements: readonly ThriftStatement[]) {
    this.#feed = feed;
    for (const statement of statements) this.#statement(statement);
  }

  #statement(statement: ThriftStatement): void {
    switch (statement.type) {
      case SyntaxType.IncludeDefinition:
        this.includes.push({ path: statement.path.value, ...span(statement.path.loc) });
        return;
      case SyntaxType.NamespaceDefinition:
        this.namespaces.push({
          scope: statement.scope.value,
          name: statement.name.value,
          annotations: this.#feed.namespaceAnnotations.get(statement.name.loc.start.index) ?? [],
          ...span(statement.loc),
        });
        return;
      case SyntaxType.CppIncludeDefinition:
        return;
      default:
        this.definitions.push(this.#definition(statement));
    }
  }

  #definition(statement: Definition): DefinitionSyntax {
    const named = { ...this.#named(statement), annotations: annotations(statement.annotations) };
    switch (statement.type) {
      case SyntaxType.ConstDefinition:
        return {
          kind: "const",
          ...named,
          type: this.#type(statement.fieldType),
          value: this.#value(statement.initializer),
        };
      case SyntaxType.TypedefDefinition:
        return { kind: "typedef", ...named, type: this.#type(statement.definitionType) };
      case SyntaxType.EnumDefinition:
        return { kind: "enum", ...named, members: statement.members.map((member) => this.#member(member)) };
      case SyntaxType.ServiceDefinition:
        return {
          kind: "service",
          ...named,
          extends: statement.extends === null ? undefined : nameOf(statement.extends),
          methods: statement.functions.map((method) => this.#method(method)),
        };
      default:
        return { kind: "struct", variant: VARIANTS[statement.type], ...named, fields: this.#fields(statement.fields) };
    }
  }

  #member(member: EnumMember): EnumMemberSyntax {
    const value = member.initializer === null ? undefined : BigInt(member.initializer.value.value);
    return { ...this.#named(member), annotations: annotations(member.annotations), value };
  }

  #fields(fields: readonly FieldDefinition[]): FieldSyntax[] {
    return fields.map((field) => ({
      ...this.#named(field),
      annotations: annotations(field.annotations),
      id: field.fieldID === null ? undefined : BigInt(field.fieldID.value),
      // Not thrift-parser's answer: it makes every member of a union optional.
      requiredness: this.#head(field.name).requiredness ?? "default",
      type: this.#type(field.fieldType as FieldType),
      defaultValue: field.defaultValue === null ? undefined : this.#value(field.defaultValue),
    }));
  }

  #method(method: FunctionDefinition): MethodSyntax {
    const { returnType } = method;
    return {
      ...this.#named(method),
      annotations: annotations(method.annotations),
      oneway: method.oneway,
      returnType: returnType.type === SyntaxType.VoidKeyword ? undefined : this.#type(returnType),
      args: this.#fields(method.fields),
      throws: this.#fields(method.throws),
    };
  }

  #named({ name }: { name: Identifier }): Span & { name: Name; doc: string | undefined } {
    const { start, end, doc } = this.#head(name);
    return { name: nameOf(name), doc, start, end };
  }

  #head(name: Identifier): Head {
    const head = this.#feed.heads.get(name.loc.start.index);
    if (head === undefined) throw new Error("a name that the grammar did not see");
    return head;
  }

  #type(type: FieldType): TypeSyntax {
    const common = { annotations: annotations(type.annotations), ...span(type.loc) };
    switch (type.type) {
      case SyntaxType.Identifier:
        if (type.value === "uuid") return { kind: "base", name: "uuid", ...common };
        return { kind: "named", name: nameOf(type), ...common };
      case SyntaxType.ListType:
        return { kind: "list", element: this.#type(type.valueType), ...common };
      case SyntaxType.SetType:
        return { kind: "set", element: this.#type(type.valueType), ...common };
      case SyntaxType.MapType:
        return { kind: "map", key: this.#type(type.keyType), value: this.#type(type.valueType), ...common };
      default:
        return { kind: "base", name: BASE_TYPES[type.type], ...common };
    }
  }

  #value(value: ConstValue): ValueSyntax {
    const place = span(value.loc);
    switch (value.type) {
      case SyntaxType.IntConstant:
        return { kind: "integer", value: BigInt(value.value.value), ...place };
      case SyntaxType.DoubleConstant:
        return { kind: "double", value: Number(value.value.value), ...place };
      case SyntaxType.StringLiteral:
        return { kind: "string", value: value.value, ...place };
      case SyntaxType.BooleanLiteral:
        return { kind: "identifier", name: String(value.value), ...place };
      case SyntaxType.Identifier:
        return { kind: "identifier", name: value.value, ...place };
      case SyntaxType.ConstList:
        return {
          kind: "list",
          elements: value.elements.map((element) => this.#value(element)),
          ...this.#bracketed(place),
        };
      case SyntaxType.ConstMap: {
        const entries = value.properties.map((property) => ({
          key: this.#value(property.name),
          value: this.#value(property.initializer),
        }));
        return { kind: "map", entries, ...this.#bracketed(place) };
      }
    }
  }

  /** thrift-parser lets a list or map constant start behind its bracket. */
  #bracketed({ start, end }: Span): Span {
    return { start: this.#feed.openings.get(end) ?? start, end };
  }
}

/** The span of a name ends where the name ends, but thrift-parser's may start earlier, at `extends`. */
function nameOf(identifier: Identifier): Name {
  const { end } = span(identifier.loc);
  return { text: identifier.value, start: end - identifier.value.length, end };
}

function annotations(written: Annotations | undefined): AnnotationSyntax[] {
  return written === undefined
    ? []
    : written.annotations.map(({ name, value }) => ({ name: nameOf(name), value: value?.value ?? "1" }));
}

function span(location: TextLocation): Span {
  return { start: location.start.index, end: location.end.index };
}
