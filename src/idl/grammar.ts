/**
 * Apache's grammar (compiler/cpp/src/thrift/thrifty.yy): reads one file token by token, a function for each rule, and
 * reports every mistake where it stands. What means nothing outside C++ and XSD is read and dropped here.
 */
import { type Cursor, DEFINITION_KEYWORDS, HEADER_KEYWORDS, STATEMENT_KEYWORDS } from "./cursor.js";
import type { Token } from "./scan.js";
import type {
  AnnotationSyntax,
  BaseTypeName,
  ConstSyntax,
  DefinitionSyntax,
  EnumMemberSyntax,
  EnumSyntax,
  FieldSyntax,
  IncludeSyntax,
  MethodSyntax,
  Name,
  NamespaceSyntax,
  ServiceSyntax,
  Span,
  StructSyntax,
  TypeSyntax,
  TypedefSyntax,
  ValueSyntax,
} from "./syntax.js";

const BASE_TYPES: ReadonlyMap<string, BaseTypeName> = new Map([
  ["bool", "bool"],
  ["byte", "i8"],
  ["i8", "i8"],
  ["i16", "i16"],
  ["i32", "i32"],
  ["i64", "i64"],
  ["double", "double"],
  ["string", "string"],
  ["binary", "binary"],
]);

/** Keywords that newer compilers also take as the name of a field (0.17 takes none). */
const FIELD_NAMES = new Set([
  ...HEADER_KEYWORDS,
  ...DEFINITION_KEYWORDS,
  ...BASE_TYPES.keys(),
  ...["list", "set", "map", "void", "oneway", "async", "extends", "throws", "required", "optional"],
]);

/** What the statements of a file say, each kind in the order of the text. */
export interface Statements {
  includes: IncludeSyntax[];
  namespaces: NamespaceSyntax[];
  definitions: DefinitionSyntax[];
}

/** Reads the whole file. What has a mistake is left out. */
export function readStatements(cursor: Cursor): Statements {
  const statements: Statements = { includes: [], namespaces: [], definitions: [] };
  let headersAllowed = true;
  while (!cursor.at("end")) {
    cursor.statement(() => {
      const { kind } = cursor.token;
      headersAllowed &&= !DEFINITION_KEYWORDS.has(kind);
      if (!HEADER_KEYWORDS.has(kind)) {
        statements.definitions.push(readDefinition(cursor, headersAllowed));
        return;
      }
      if (!headersAllowed)
        cursor.problem(`expected a definition, found '${kind}': it must stand before all definitions`);
      readHeader(cursor, statements);
    });
  }
  return statements;
}

function readHeader(cursor: Cursor, { includes, namespaces }: Statements): void {
  cursor.dropDoc();
  const { kind } = cursor.token;
  if (kind === "namespace") {
    namespaces.push(readNamespace(cursor));
    return;
  }
  cursor.take();
  const { text: path, start, end } = cursor.expect("literal", "a file name in quotes");
  if (kind === "include") includes.push({ path, start, end });
}

function readNamespace(cursor: Cursor): NamespaceSyntax {
  const { start } = cursor.take();
  const scope = cursor.at("*") ? cursor.take() : cursor.expect("name", "a language or '*'");
  const { text: name, end } = cursor.expect("name", "the name of the namespace");
  const annotations = scope.kind === "*" ? [] : readAnnotations(cursor);
  return { scope: scope.text, name, annotations, start, end };
}

function readDefinition(cursor: Cursor, headersAllowed: boolean): DefinitionSyntax {
  const { kind } = cursor.token;
  switch (kind) {
    case "const":
      return readConst(cursor);
    case "typedef":
      return readTypedef(cursor);
    case "enum":
      return readEnum(cursor);
    case "struct":
    case "union":
    case "exception":
      return readStruct(cursor, kind);
    case "service":
      return readService(cursor);
    default:
      return cursor.fail(headersAllowed ? "a header or definition" : "a definition", STATEMENT_KEYWORDS);
  }
}

function readConst(cursor: Cursor): ConstSyntax {
  const doc = cursor.takeDoc();
  const { start } = cursor.take();
  const type = readType(cursor);
  const name = simpleName(cursor, "the name of the constant");
  cursor.expect("=");
  const value = readValue(cursor);
  cursor.takeSeparator();
  return { kind: "const", name, doc, annotations: [], type, value, start, end: cursor.lastEnd };
}

function readTypedef(cursor: Cursor): TypedefSyntax {
  const doc = cursor.takeDoc();
  const { start } = cursor.take();
  const type = readType(cursor);
  const name = simpleName(cursor, "the name of the typedef");
  const annotations = readAnnotations(cursor);
  cursor.takeSeparator();
  return { kind: "typedef", name, doc, annotations, type, start, end: cursor.lastEnd };
}

function readEnum(cursor: Cursor): EnumSyntax {
  const doc = cursor.takeDoc();
  const { start } = cursor.take();
  const name = simpleName(cursor, "the name of the enum");
  const members = readBody(cursor, () => readEnumMember(cursor));
  const annotations = readAnnotations(cursor);
  return { kind: "enum", name, doc, annotations, members, start, end: cursor.lastEnd };
}

function readBody<T>(cursor: Cursor, readMember: () => T): T[] {
  const members: T[] = [];
  cursor.expect("{");
  while (!cursor.at("}")) {
    cursor.member(() => {
      members.push(readMember());
    });
  }
  cursor.take();
  return members;
}

function readEnumMember(cursor: Cursor): EnumMemberSyntax {
  const doc = cursor.takeDoc();
  const name = cursor.expect("name", "the name of an enum member or '}'");
  let value: bigint | undefined;
  if (cursor.takeIf("=")) value = readInteger(cursor, "an integer");
  else cursor.checkSimple(name);
  const annotations = readAnnotations(cursor);
  cursor.takeSeparator();
  return { name: nameOf(name), doc, annotations, value, start: name.start, end: cursor.lastEnd };
}

function readStruct(cursor: Cursor, variant: StructSyntax["variant"]): StructSyntax {
  const doc = cursor.takeDoc();
  const { start } = cursor.take();
  const name = simpleName(cursor, `the name of the ${variant}`);
  if (variant !== "exception") cursor.takeIf("xsd_all");
  const fields = readBody(cursor, () => readField(cursor, "'}'"));
  const annotations = readAnnotations(cursor);
  return { kind: "struct", variant, name, doc, annotations, fields, start, end: cursor.lastEnd };
}

function readService(cursor: Cursor): ServiceSyntax {
  const doc = cursor.takeDoc();
  const { start } = cursor.take();
  const name = simpleName(cursor, "the name of the service");
  const parent = cursor.takeIf("extends") ? nameOf(cursor.expect("name", "the name of a service")) : undefined;
  const methods = readBody(cursor, () => readMethod(cursor));
  const annotations = readAnnotations(cursor);
  return { kind: "service", name, doc, annotations, extends: parent, methods, start, end: cursor.lastEnd };
}

function readMethod(cursor: Cursor): MethodSyntax {
  const doc = cursor.takeDoc();
  const { start } = cursor.token;
  const oneway = cursor.takeIf("oneway") || cursor.takeIf("async");
  const returnType = cursor.takeIf("void")
    ? undefined
    : readType(cursor, oneway ? "'void' or a type" : "a method or '}'");
  const name = simpleName(cursor, "the name of the method");
  const args = readParameters(cursor);
  const throws = cursor.takeIf("throws") ? readParameters(cursor) : [];
  const annotations = readAnnotations(cursor);
  cursor.takeSeparator();
  return { name, doc, annotations, oneway, returnType, args, throws, start, end: cursor.lastEnd };
}

function readParameters(cursor: Cursor): FieldSyntax[] {
  const fields: FieldSyntax[] = [];
  cursor.expect("(");
  while (!cursor.at(")")) fields.push(readField(cursor, "')'"));
  cursor.take();
  return fields;
}

/** `closing` is what may stand here instead of a field. */
function readField(cursor: Cursor, closing: string): FieldSyntax {
  const doc = cursor.takeDoc();
  const { start } = cursor.token;
  let expected = `a field or ${closing}`;
  let id: bigint | undefined;
  if (cursor.at("integer") || cursor.at("true") || cursor.at("false")) {
    id = readInteger(cursor, "a field id");
    cursor.expect(":", "':' after the field id");
    expected = "a field type";
  }
  let requiredness: FieldSyntax["requiredness"] = "default";
  const { kind } = cursor.token;
  if (kind === "required" || kind === "optional") {
    requiredness = kind;
    cursor.take();
    expected = "a field type";
  }
  const type = readType(cursor, expected);
  cursor.takeIf("&");
  const name = readFieldName(cursor);
  const defaultValue = cursor.takeIf("=") ? readValue(cursor) : undefined;
  dropXsdOptions(cursor);
  const annotations = readAnnotations(cursor);
  cursor.takeSeparator();
  return { name, doc, annotations, id, requiredness, type, defaultValue, start, end: cursor.lastEnd };
}

function readFieldName(cursor: Cursor): Name {
  if (!FIELD_NAMES.has(cursor.token.kind)) return simpleName(cursor, "the name of the field");
  return nameOf(cursor.take());
}

function dropXsdOptions(cursor: Cursor): void {
  cursor.takeIf("xsd_optional");
  cursor.takeIf("xsd_nillable");
  if (!cursor.takeIf("xsd_attrs")) return;
  cursor.expect("{");
  while (!cursor.at("}")) readField(cursor, "'}'");
  cursor.take();
}

function readType(cursor: Cursor, expected = "a type"): TypeSyntax {
  const { kind, text, start, end } = cursor.token;
  // `uuid` is a base type of newer compilers, but no keyword.
  const base = kind === "name" && text === "uuid" ? "uuid" : BASE_TYPES.get(kind);
  if (base !== undefined) {
    cursor.take();
    return { kind: "base", name: base, annotations: readAnnotations(cursor), start, end };
  }
  switch (kind) {
    case "name":
      // A type that is referred to takes no annotations.
      return { kind: "named", name: nameOf(cursor.take()), annotations: [], start, end };
    case "list":
    case "set":
      return readListType(cursor, kind);
    case "map":
      return readMapType(cursor);
    default:
      return cursor.fail(expected);
  }
}

function readListType(cursor: Cursor, kind: "list" | "set"): TypeSyntax {
  const { start } = openContainer(cursor);
  const element = readType(cursor);
  const { end } = cursor.expect(">");
  if (kind === "list") dropCppType(cursor);
  const annotations = readAnnotations(cursor);
  cursor.leave();
  return { kind, element, annotations, start, end };
}

function readMapType(cursor: Cursor): TypeSyntax {
  const { start } = openContainer(cursor);
  const key = readType(cursor);
  cursor.expect(",", "',' between the key type and the value type");
  const value = readType(cursor);
  const { end } = cursor.expect(">");
  const annotations = readAnnotations(cursor);
  cursor.leave();
  return { kind: "map", key, value, annotations, start, end };
}

/** Takes the keyword of a container and its bracket, and returns the keyword. */
function openContainer(cursor: Cursor): Token {
  cursor.enter("types");
  const keyword = cursor.take();
  dropCppType(cursor);
  cursor.expect("<", `'<' after '${keyword.kind}'`);
  return keyword;
}

function dropCppType(cursor: Cursor): void {
  if (cursor.takeIf("cpp_type")) cursor.expect("literal", "a C++ type in quotes");
}

function readValue(cursor: Cursor): ValueSyntax {
  const { kind, text, start, end } = cursor.token;
  switch (kind) {
    case "[":
      return readList(cursor);
    case "{":
      return readMap(cursor);
    case "integer":
      cursor.take();
      return { kind, value: BigInt(text), start, end };
    case "decimal":
      cursor.take();
      return { kind: "double", value: Number(text), start, end };
    case "literal":
      cursor.take();
      return { kind: "string", value: text, start, end };
    case "name":
    case "true":
    case "false":
      cursor.take();
      return { kind: "identifier", name: text, start, end };
    default:
      return cursor.fail("a constant value");
  }
}

function readList(cursor: Cursor): ValueSyntax {
  const elements: ValueSyntax[] = [];
  const { start, end } = readElements(cursor, "]", () => {
    elements.push(readValue(cursor));
  });
  return { kind: "list", elements, start, end };
}

function readMap(cursor: Cursor): ValueSyntax {
  const entries: { key: ValueSyntax; value: ValueSyntax }[] = [];
  const { start, end } = readElements(cursor, "}", () => {
    const key = readValue(cursor);
    cursor.expect(":", "':' between the key and its value");
    entries.push({ key, value: readValue(cursor) });
  });
  return { kind: "map", entries, start, end };
}

/** What stands between brackets in a constant. */
function readElements(cursor: Cursor, closing: "]" | "}", readElement: () => void): Span {
  cursor.enter("constants");
  const { start } = cursor.take();
  while (!cursor.at(closing)) {
    if (cursor.at("end") || cursor.at(",") || cursor.at(";")) cursor.fail(`a constant value or '${closing}'`);
    readElement();
    cursor.takeSeparator();
  }
  cursor.leave();
  return { start, end: cursor.take().end };
}

function readAnnotations(cursor: Cursor): AnnotationSyntax[] {
  const annotations: AnnotationSyntax[] = [];
  if (!cursor.takeIf("(")) return annotations;
  while (!cursor.at(")")) {
    const name = cursor.expect("name", "the name of an annotation or ')'");
    const value = cursor.takeIf("=") ? cursor.expect("literal", "a string in quotes").text : "1";
    cursor.takeSeparator();
    annotations.push({ name: nameOf(name), value });
  }
  cursor.take();
  return annotations;
}

/** `true` and `false` are integers wherever Apache's grammar has one. */
function readInteger(cursor: Cursor, expected: string): bigint {
  if (cursor.takeIf("true")) return 1n;
  if (cursor.takeIf("false")) return 0n;
  return BigInt(cursor.expect("integer", expected).text);
}

function simpleName(cursor: Cursor, expected: string): Name {
  const name = cursor.expect("name", expected);
  cursor.checkSimple(name);
  return nameOf(name);
}

function nameOf({ text, start, end }: Token): Name {
  return { text, start, end };
}
