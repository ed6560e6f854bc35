/**
 * Snapshots → schemas. A snapshot is as untrusted as IDL: its shape is checked here, then it becomes syntax trees without
 * text, and the linker checks what they mean.
 */

import { SchemaError } from "../errors.js";
import type {
  AnnotationSyntax,
  BaseTypeName,
  DefinitionSyntax,
  Document,
  Documented,
  EnumMemberSyntax,
  FieldSyntax,
  MethodSyntax,
  Name,
  NamespaceSyntax,
  Span,
  TypeSyntax,
  ValueSyntax,
} from "../idl/syntax.js";
import { link } from "./link.js";
import { Schema } from "./schema.js";
import { SNAPSHOT_VERSION, type SchemaSnapshot } from "./snapshot.js";

/** Deepest nesting of the JSON; three levels of it make one of a map. The linker recurses into types and values. */
const MAX_NESTING = 1000;

const NOWHERE: Span = { start: 0, end: 0 };
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const REFERENCE = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const BASE_TYPES: ReadonlySet<string> = new Set([
  "bool",
  "i8",
  "i16",
  "i32",
  "i64",
  "double",
  "string",
  "binary",
  "uuid",
]);
const DOUBLES = new Map([
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
  ["-0", -0],
]);

/**
 * Makes a schema of what `schema.toJSON()` gave, without IDL text: for bundlers, edge runtimes and a fast start.
 *
 * @throws SchemaError: `ERR_THRIFT_BAD_SNAPSHOT` where the JSON is not a snapshot, other codes where it means nothing.
 */
export function schemaFromJSON(snapshot: SchemaSnapshot): Schema {
  const root = new Reader(snapshot, "snapshot", 0);
  if (root.get("version").value !== SNAPSHOT_VERSION) root.get("version").fail(`version ${String(SNAPSHOT_VERSION)}`);
  const fileReaders = root.get("files").array();
  const documents = fileReaders.map(readFile);
  if (new Set(documents.map((document) => document.file)).size < documents.length)
    root.get("files").fail("files with different paths");
  const files = documents.map((document, index) => {
    // Included files come first, so that files cannot include each other in circles.
    const includes = fileReaders[index]
      .get("includes")
      .optionalArray()
      .map((include) => documents[include.integer(0, index - 1)]);
    return { document, includes };
  });
  const entry = root.get("entry").integer(0, files.length - 1);
  const { files: linked, warnings } = link(files, { keepNegativeIds: true });
  return new Schema({ files: linked, entry: linked[entry], warnings });
}

/** A value of the snapshot and the path to it. Looks at own properties only. */
class Reader {
  readonly value: unknown;
  readonly #path: string;
  readonly #depth: number;

  constructor(value: unknown, path: string, depth: number) {
    this.value = value;
    this.#path = path;
    this.#depth = depth;
    if (depth > MAX_NESTING) this.fail(`at most ${String(MAX_NESTING)} levels of nesting`);
  }

  get isMissing(): boolean {
    return this.value === undefined;
  }

  fail(expected: string): never {
    const message = `not a schema snapshot: expected ${expected} at ${this.#path}`;
    throw new SchemaError([
      { code: "ERR_THRIFT_BAD_SNAPSHOT", message, location: { file: "", line: 0, column: 0 }, frame: "" },
    ]);
  }

  has(key: string): boolean {
    return this.#isObject() && Object.hasOwn(this.value as object, key);
  }

  get(key: string): Reader {
    if (!this.#isObject()) this.fail("an object");
    const value: unknown = this.has(key) ? (this.value as Record<string, unknown>)[key] : undefined;
    return new Reader(value, `${this.#path}.${key}`, this.#depth + 1);
  }

  array(): Reader[] {
    if (!Array.isArray(this.value)) this.fail("an array");
    return Array.from(
      this.value,
      (item: unknown, index) => new Reader(item, `${this.#path}[${String(index)}]`, this.#depth + 1),
    );
  }

  optionalArray(): Reader[] {
    return this.isMissing ? [] : this.array();
  }

  pair(): [Reader, Reader] {
    const items = this.array();
    if (items.length !== 2) this.fail("a pair");
    return [items[0], items[1]];
  }

  string(): string {
    if (typeof this.value !== "string") this.fail("a string");
    return this.value;
  }

  integer(minimum: number, maximum: number): number {
    const { value } = this;
    if (!Number.isInteger(value) || (value as number) < minimum || (value as number) > maximum) {
      this.fail(`an integer from ${String(minimum)} to ${String(maximum)}`);
    }
    return value as number;
  }

  name(pattern = NAME): Name {
    const text = this.string();
    if (!pattern.test(text)) this.fail("an identifier");
    return { text, ...NOWHERE };
  }

  oneOf<T extends string>(choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.value);
    return found ?? this.fail(choices.join(" or "));
  }

  #isObject(): boolean {
    return typeof this.value === "object" && this.value !== null && !Array.isArray(this.value);
  }
}

function readFile(reader: Reader): Document {
  return {
    file: reader.get("path").string(),
    text: "",
    doc: readDoc(reader),
    includes: [],
    namespaces: reader.get("namespaces").optionalArray().map(readNamespace),
    definitions: reader.get("definitions").array().map(readDefinition),
  };
}

function readNamespace(reader: Reader): NamespaceSyntax {
  return {
    ...NOWHERE,
    scope: reader.get("scope").string(),
    name: reader.get("name").string(),
    annotations: readAnnotations(reader),
  };
}

function readDefinition(reader: Reader): DefinitionSyntax {
  const base = { ...NOWHERE, ...readDocumented(reader), name: reader.get("name").name() };
  const kind = reader.get("kind").oneOf(["const", "typedef", "enum", "struct", "union", "exception", "service"]);
  switch (kind) {
    case "const":
      return { ...base, kind, type: readType(reader.get("type")), value: readValue(reader.get("value")) };
    case "typedef":
      return { ...base, kind, type: readType(reader.get("type")) };
    case "enum":
      return { ...base, kind, members: reader.get("members").array().map(readMember) };
    case "service": {
      const target = reader.get("extends");
      const methods = reader.get("methods").array().map(readMethod);
      return { ...base, kind, extends: target.isMissing ? undefined : target.name(REFERENCE), methods };
    }
    default:
      return { ...base, kind: "struct", variant: kind, fields: reader.get("fields").array().map(readField) };
  }
}

function readMember(reader: Reader): EnumMemberSyntax {
  const value = BigInt(reader.get("value").integer(-0x8000_0000, 0x7fff_ffff));
  return { ...NOWHERE, ...readDocumented(reader), name: reader.get("name").name(), value };
}

function readField(reader: Reader): FieldSyntax {
  const requiredness = reader.get("requiredness");
  const defaultValue = reader.get("default");
  return {
    ...NOWHERE,
    ...readDocumented(reader),
    name: reader.get("name").name(),
    id: BigInt(reader.get("id").integer(-32768, 32767)),
    requiredness: requiredness.isMissing ? "default" : requiredness.oneOf(["required", "optional"]),
    type: readType(reader.get("type")),
    defaultValue: defaultValue.isMissing ? undefined : readValue(defaultValue),
  };
}

function readMethod(reader: Reader): MethodSyntax {
  const oneway = reader.get("oneway");
  const returns = reader.get("returns");
  if (!oneway.isMissing && typeof oneway.value !== "boolean") oneway.fail("a boolean");
  return {
    ...NOWHERE,
    ...readDocumented(reader),
    name: reader.get("name").name(),
    oneway: oneway.value === true,
    returnType: returns.isMissing ? undefined : readType(returns),
    args: reader.get("args").optionalArray().map(readField),
    throws: reader.get("throws").optionalArray().map(readField),
  };
}

function readType(reader: Reader): TypeSyntax {
  if (typeof reader.value === "string") {
    if (isBaseType(reader.value)) return { ...NOWHERE, kind: "base", name: reader.value, annotations: [] };
    return { ...NOWHERE, kind: "named", name: reader.name(REFERENCE), annotations: [] };
  }
  const annotations = readAnnotations(reader);
  if (reader.has("list")) return { ...NOWHERE, kind: "list", element: readType(reader.get("list")), annotations };
  if (reader.has("set")) return { ...NOWHERE, kind: "set", element: readType(reader.get("set")), annotations };
  if (reader.has("map")) {
    const [key, value] = reader.get("map").pair();
    return { ...NOWHERE, kind: "map", key: readType(key), value: readType(value), annotations };
  }
  const base = reader.get("base");
  const name = base.string();
  return isBaseType(name) ? { ...NOWHERE, kind: "base", name, annotations } : base.fail("a base type");
}

function isBaseType(name: string): name is BaseTypeName {
  return BASE_TYPES.has(name);
}

function readValue(reader: Reader): ValueSyntax {
  const { value } = reader;
  if (typeof value === "boolean") return { ...NOWHERE, kind: "identifier", name: String(value) };
  if (typeof value === "string") return { ...NOWHERE, kind: "string", value };
  if (typeof value === "number") {
    const isInteger = Number.isSafeInteger(value) && !Object.is(value, -0);
    return isInteger ? { ...NOWHERE, kind: "integer", value: BigInt(value) } : { ...NOWHERE, kind: "double", value };
  }
  if (Array.isArray(value)) return { ...NOWHERE, kind: "list", elements: reader.array().map(readValue) };
  if (reader.has("map")) return { ...NOWHERE, kind: "map", entries: reader.get("map").array().map(readEntry) };
  if (reader.has("struct")) return readStructValue(reader.get("struct").array());
  if (reader.has("i64")) return { ...NOWHERE, kind: "integer", value: readInteger(reader.get("i64")) };
  if (reader.has("binary")) return { ...NOWHERE, kind: "string", value: readBinary(reader.get("binary")) };
  const double = reader.get("double");
  return {
    ...NOWHERE,
    kind: "double",
    value: DOUBLES.get(double.string()) ?? double.fail("NaN, Infinity, -Infinity or -0"),
  };
}

function readStructValue(pairs: readonly Reader[]): ValueSyntax {
  for (const pair of pairs) pair.pair()[0].string();
  return { ...NOWHERE, kind: "map", entries: pairs.map(readEntry) };
}

function readEntry(reader: Reader): { key: ValueSyntax; value: ValueSyntax } {
  const [key, value] = reader.pair();
  return { key: readValue(key), value: readValue(value) };
}

function readInteger(reader: Reader): bigint {
  const text = reader.string();
  return /^-?\d{1,19}$/.test(text) ? BigInt(text) : reader.fail("a decimal integer");
}

/** Binary constants come from string literals, so their bytes are always UTF-8. */
function readBinary(reader: Reader): string {
  try {
    const bytes = Uint8Array.from(atob(reader.string()), (char) => char.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return reader.fail("base64 of UTF-8 text");
  }
}

function readDocumented(reader: Reader): Documented {
  return { doc: readDoc(reader), annotations: readAnnotations(reader) };
}

function readDoc(reader: Reader): string | undefined {
  const doc = reader.get("doc");
  return doc.isMissing ? undefined : doc.string();
}

function readAnnotations(reader: Reader): AnnotationSyntax[] {
  return reader
    .get("annotations")
    .optionalArray()
    .map((item) => {
      const [name, value] = item.pair();
      return { name: { text: name.string(), ...NOWHERE }, value: value.string() };
    });
}
