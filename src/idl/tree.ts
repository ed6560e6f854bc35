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
    const { start, end } = span(statement.loc);
    switch (statement.type) {
      case SyntaxType.IncludeDefinition:
        this.includes.push({ path: statement.path.value, ...span(statement.path.loc) });
        return;
      case SyntaxType.NamespaceDefinition: {
        const annotations = this.#feed.namespaceAnnotations.get(statement.name.loc.start.index) ?? [];
        const { scope, name } = statement;
        this.namespaces.push({ scope: scope.value, name: name.value, annotations, start, end });
        return;
      }
      case SyntaxType.CppIncludeDefinition:
        return;
      default:
        this.definitions.push(this.#definition(statement));
    }
  }

  // Here and below every property is spelt out: spreading objects took half of the time of a parse.
  #definition(statement: Definition): DefinitionSyntax {
    const { start, end, doc } = this.#head(statement.name);
    const name = nameOf(statement.name);
    const annotations = annotationsOf(statement.annotations);
    switch (statement.type) {
      case SyntaxType.ConstDefinition: {
        const type = this.#type(statement.fieldType);
        const value = this.#value(statement.initializer);
        return { kind: "const", name, doc, annotations, type, value, start, end };
      }
      case SyntaxType.TypedefDefinition:
        return { kind: "typedef", name, doc, annotations, type: this.#type(statement.definitionType), start, end };
      case SyntaxType.EnumDefinition: {
        const members = statement.members.map((member) => this.#member(member));
        return { kind: "enum", name, doc, annotations, members, start, end };
      }
      case SyntaxType.ServiceDefinition: {
        const parent = statement.extends === null ? undefined : nameOf(statement.extends);
        const methods = statement.functions.map((method) => this.#method(method));
        return { kind: "service", name, doc, annotations, extends: parent, methods, start, end };
      }
      default: {
        const fields = statement.fields.map((field) => this.#field(field));
        return { kind: "struct", variant: VARIANTS[statement.type], name, doc, annotations, fields, start, end };
      }
    }
  }

  #member(member: EnumMember): EnumMemberSyntax {
    const { start, end, doc } = this.#head(member.name);
    return {
      name: nameOf(member.name),
      doc,
      annotations: annotationsOf(member.annotations),
      value: member.initializer === null ? undefined : BigInt(member.initializer.value.value),
      start,
      end,
    };
  }

  #field(field: FieldDefinition): FieldSyntax {
    const { start, end, doc, requiredness } = this.#head(field.name);
    return {
      name: nameOf(field.name),
      doc,
      annotations: annotationsOf(field.annotations),
      id: field.fieldID === null ? undefined : BigInt(field.fieldID.value),
      // Not thrift-parser's answer: it makes every member of a union optional.
      requiredness,
      type: this.#type(field.fieldType as FieldType),
      defaultValue: field.defaultValue === null ? undefined : this.#value(field.defaultValue),
      start,
      end,
    };
  }

  #method(method: FunctionDefinition): MethodSyntax {
    const { start, end, doc } = this.#head(method.name);
    const { returnType } = method;
    return {
      name: nameOf(method.name),
      doc,
      annotations: annotationsOf(method.annotations),
      oneway: method.oneway,
      returnType: returnType.type === SyntaxType.VoidKeyword ? undefined : this.#type(returnType),
      args: method.fields.map((field) => this.#field(field)),
      throws: method.throws.map((field) => this.#field(field)),
      start,
      end,
    };
  }

  #head(name: Identifier): Head {
    return noted(this.#feed.heads.get(name.loc.start.index));
  }

  #type(type: FieldType): TypeSyntax {
    const { start, end } = span(type.loc);
    const annotations = annotationsOf(type.annotations);
    switch (type.type) {
      case SyntaxType.Identifier:
        if (type.value === "uuid") return { kind: "base", name: "uuid", annotations, start, end };
        return { kind: "named", name: nameOf(type), annotations, start, end };
      case SyntaxType.ListType:
        return { kind: "list", element: this.#type(type.valueType), annotations, start, end };
      case SyntaxType.SetType:
        return { kind: "set", element: this.#type(type.valueType), annotations, start, end };
      case SyntaxType.MapType: {
        const key = this.#type(type.keyType);
        return { kind: "map", key, value: this.#type(type.valueType), annotations, start, end };
      }
      default:
        return { kind: "base", name: BASE_TYPES[type.type], annotations, start, end };
    }
  }

  #value(value: ConstValue): ValueSyntax {
    const { start, end } = span(value.loc);
    switch (value.type) {
      case SyntaxType.IntConstant:
        return { kind: "integer", value: BigInt(value.value.value), start, end };
      case SyntaxType.DoubleConstant:
        return { kind: "double", value: Number(value.value.value), start, end };
      case SyntaxType.StringLiteral:
        return { kind: "string", value: value.value, start, end };
      case SyntaxType.BooleanLiteral:
        return { kind: "identifier", name: String(value.value), start, end };
      case SyntaxType.Identifier:
        return { kind: "identifier", name: value.value, start, end };
      case SyntaxType.ConstList: {
        const elements = value.elements.map((element) => this.#value(element));
        return { kind: "list", elements, start: this.#opening(end), end };
      }
      case SyntaxType.ConstMap: {
        const entries = value.properties.map((property) => ({
          key: this.#value(property.name),
          value: this.#value(property.initializer),
        }));
        return { kind: "map", entries, start: this.#opening(end), end };
      }
    }
  }

  /** thrift-parser lets a list or map constant start behind its bracket; the grammar noted where that is. */
  #opening(end: number): number {
    return noted(this.#feed.openings.get(end));
  }
}

/** The span of a name ends where the name ends, but thrift-parser's may start earlier, at `extends`. */
function nameOf(identifier: Identifier): Name {
  const { end } = span(identifier.loc);
  return { text: identifier.value, start: end - identifier.value.length, end };
}

function annotationsOf(written: Annotations | undefined): AnnotationSyntax[] {
  return written === undefined
    ? []
    : written.annotations.map(({ name, value }) => ({ name: nameOf(name), value: value?.value ?? "1" }));
}

function span(location: TextLocation): Span {
  return { start: location.start.index, end: location.end.index };
}

function noted<T>(note: T | undefined): T {
  if (note === undefined) throw new Error("the grammar passed over something that thrift-parser saw");
  return note;
}
