/**
 * Apache's grammar (compiler/cpp/src/thrift/thrifty.yy): checks one file token by token, reports every mistake where it
 * stands, and feeds thrift-parser a file that it cannot misread. What means nothing outside C++ and XSD is dropped here.
 */
import { Feed, type Head } from "./feed.js";
import { nearest } from "./frame.js";
import type { Problems } from "./problems.js";
import type { Scanner, Token } from "./scan.js";
import type { AnnotationSyntax } from "./syntax.js";

const HEADER_KEYWORDS = ["include", "cpp_include", "namespace"];
const DEFINITION_KEYWORDS = ["const", "typedef", "enum", "struct", "union", "exception", "service"];
const DEFINITIONS = new Set(DEFINITION_KEYWORDS);
const STATEMENTS = new Set([...HEADER_KEYWORDS, ...DEFINITION_KEYWORDS]);
const BASE_TYPES = new Set(["bool", "byte", "i8", "i16", "i32", "i64", "double", "string", "binary"]);
const CONTAINERS = new Set(["list", "set", "map"]);

/** Keywords that newer compilers also take as the name of a field (0.17 takes none). */
const FIELD_NAMES = new Set([
  ...STATEMENTS,
  ...BASE_TYPES,
  ...CONTAINERS,
  ...["void", "oneway", "async", "extends", "throws", "required", "optional"],
]);

/** Thrown at a mistake, which is then already reported; caught where members and statements are read. */
const SKIP = new Error("skip to where reading can go on");

export class Grammar {
  readonly feed = new Feed();
  readonly #scanner: Scanner;
  readonly #problems: Problems;
  readonly #maxNesting: number;
  #token: Token;
  /** End of the token before the current one, and its kind. */
  #lastEnd = 0;
  #last = "";
  #nesting = 0;
  /** Brackets opened and not closed since the statement started. */
  #open = { braces: 0, parentheses: 0, angles: 0 };
  /** Inside something that is checked and dropped. */
  #muted = false;

  constructor(scanner: Scanner, problems: Problems, maxNesting: number) {
    this.#scanner = scanner;
    this.#problems = problems;
    this.#maxNesting = maxNesting;
    this.#token = scanner.next();
  }

  /** Reads the whole file. */
  document(): void {
    let headers = true;
    while (!this.#at("end")) {
      headers &&= !DEFINITIONS.has(this.#token.kind);
      this.#open = { braces: 0, parentheses: 0, angles: 0 };
      const { start } = this.#token;
      try {
        this.#statement(headers);
      } catch (thrown) {
        if (thrown !== SKIP) throw thrown;
        this.#skipStatement(start);
      }
    }
    this.feed.push(this.#token);
  }

  /** Goes on after a mistake: where a statement starts, or at a line that starts outside all braces. */
  #skipStatement(start: number): void {
    if (this.#token.start === start && !this.#at("end")) this.#drop();
    this.#forget();
    while (!this.#at("end") && !this.#atStatement()) {
      if (this.#token.startsLine && this.#open.braces <= 0) return;
      this.#drop();
    }
  }

  /**
   * Goes on after a mistake in a member of a body: behind the next separator, or at the next line, unless inside
   * parentheses. Where a statement starts instead, the body was never closed.
   */
  #skipMember(start: number): void {
    this.#forget();
    for (;;) {
      const { braces, parentheses, angles } = this.#open;
      if (this.#at("end") || this.#atStatement()) throw SKIP;
      if (braces <= 1) {
        if (this.#at("}")) return;
        if (parentheses <= 0 && this.#token.startsLine && this.#token.start > start) return;
        if (parentheses <= 0 && angles <= 0 && this.#isSeparator()) {
          this.#drop();
          return;
        }
      }
      this.#drop();
    }
  }

  /** A keyword inside a line may be meant as a name: only at the start of one, or behind a brace, is it the next statement. */
  #atStatement(): boolean {
    return STATEMENTS.has(this.#token.kind) && (this.#token.startsLine || this.#last === "}");
  }

  #forget(): void {
    this.#nesting = 0;
    this.#muted = false;
  }

  #statement(headersAllowed: boolean): void {
    switch (this.#token.kind) {
      case "include":
      case "cpp_include":
      case "namespace":
        if (!headersAllowed)
          this.#problems.add(
            this.#token,
            `expected a definition, found '${this.#token.kind}': it must stand before all definitions`,
          );
        return this.#header();
      case "const":
        return this.#const();
      case "typedef":
        return this.#typedef();
      case "enum":
        return this.#enum();
      case "struct":
      case "union":
      case "exception":
        return this.#struct();
      case "service":
        return this.#service();
      default:
        return this.#fail(headersAllowed ? "a header or definition" : "a definition", STATEMENTS);
    }
  }

  #header(): void {
    this.#scanner.dropDoc();
    const { kind } = this.#token;
    if (kind === "namespace") return this.#namespace();
    if (kind === "include") this.#take();
    else this.#drop();
    if (!this.#at("literal")) this.#fail("a file name in quotes");
    if (kind === "include") this.#take();
    else this.#drop();
  }

  #namespace(): void {
    this.#take();
    const scope = this.#token;
    if (scope.kind === "*") this.#take("name");
    else this.#expect("name", "a language or '*'");
    const name = this.#token;
    this.#expect("name", "the name of the namespace");
    if (scope.kind === "*") return;
    const annotations = this.#unfed(() => this.#annotations());
    this.feed.namespaceAnnotations.set(name.start, annotations);
  }

  #const(): void {
    const head = this.#begin();
    this.#take();
    this.#type();
    const name = this.#simpleName("the name of the constant");
    this.#expect("=");
    this.#value();
    this.#separator();
    this.#finish(name, head);
  }

  #typedef(): void {
    const head = this.#begin();
    this.#take();
    this.#type();
    const name = this.#simpleName("the name of the typedef");
    this.#annotations();
    this.#separator();
    this.#finish(name, head);
  }

  #enum(): void {
    const head = this.#begin();
    this.#take();
    const name = this.#simpleName("the name of the enum");
    this.#body(() => this.#enumMember());
    this.#annotations();
    this.#finish(name, head);
  }

  #body(member: () => void): void {
    this.#expect("{");
    while (!this.#at("}")) {
      const { start } = this.#token;
      try {
        member();
      } catch (thrown) {
        if (thrown !== SKIP) throw thrown;
        this.#skipMember(start);
      }
    }
    this.#take();
  }

  #enumMember(): void {
    const head = this.#begin();
    const name = this.#token;
    this.#expect("name", "the name of an enum member or '}'");
    if (this.#at("=")) {
      this.#take();
      this.#integer("an integer");
    } else {
      this.#checkSimple(name);
    }
    this.#annotations();
    this.#separator();
    this.#finish(name, head);
  }

  #struct(): void {
    const head = this.#begin();
    const variant = this.#token.kind;
    this.#take();
    const name = this.#simpleName(`the name of the ${variant}`);
    if (variant !== "exception" && this.#at("xsd_all")) this.#drop();
    this.#body(() => this.#field("'}'"));
    this.#annotations();
    this.#finish(name, head);
  }

  #service(): void {
    const head = this.#begin();
    this.#take();
    const name = this.#simpleName("the name of the service");
    if (this.#at("extends")) {
      this.#take();
      this.#expect("name", "the name of a service");
    }
    this.#body(() => this.#method());
    this.#annotations();
    this.#finish(name, head);
  }

  #method(): void {
    const head = this.#begin();
    const isOneway = this.#at("oneway") || this.#at("async");
    if (isOneway) this.#take();
    if (this.#at("void")) this.#take();
    else this.#type(isOneway ? "'void' or a type" : "a method or '}'");
    const name = this.#simpleName("the name of the method");
    this.#fieldsInParentheses();
    if (this.#at("throws")) {
      this.#take();
      this.#fieldsInParentheses();
    }
    this.#annotations();
    this.#separator();
    this.#finish(name, head);
  }

  #fieldsInParentheses(): void {
    this.#expect("(");
    while (!this.#at(")")) this.#field("')'");
    this.#take();
  }

  /** `closing` is what may stand here instead of a field. */
  #field(closing: string): void {
    const head = this.#begin();
    let expected = `a field or ${closing}`;
    if (this.#at("integer") || this.#at("true") || this.#at("false")) {
      this.#integer("a field id");
      this.#expect(":", "':' after the field id");
      expected = "a field type";
    }
    const { kind } = this.#token;
    if (kind === "required" || kind === "optional") {
      head.requiredness = kind;
      this.#take();
      expected = "a field type";
    }
    this.#type(expected);
    if (this.#at("&")) this.#drop();
    const name = this.#fieldName();
    if (this.#at("=")) {
      this.#take();
      this.#value();
    }
    this.#xsdOptions();
    this.#annotations();
    this.#separator();
    this.#finish(name, head);
  }

  #fieldName(): Token {
    const name = this.#token;
    if (FIELD_NAMES.has(name.kind)) this.#take("name");
    else this.#expect("name", "the name of the field");
    this.#checkSimple(name);
    return name;
  }

  #xsdOptions(): void {
    if (this.#at("xsd_optional")) this.#drop();
    if (this.#at("xsd_nillable")) this.#drop();
    if (!this.#at("xsd_attrs")) return;
    this.#drop();
    this.#unfed(() => {
      this.#expect("{");
      while (!this.#at("}")) this.#field("'}'");
      this.#take();
    });
  }

  #type(expected = "a type"): void {
    const { kind, text } = this.#token;
    if (BASE_TYPES.has(kind)) {
      this.#take();
      this.#annotations();
    } else if (kind === "name") {
      this.#take();
      // Only where it may be the base type of newer compilers; a type that is referred to takes no annotations.
      if (text === "uuid") this.#annotations();
    } else if (CONTAINERS.has(kind)) {
      this.#container();
    } else {
      this.#fail(expected);
    }
  }

  #container(): void {
    const { kind, start } = this.#token;
    this.#enter("types");
    this.#take();
    this.#cppType();
    // thrift-parser lets a container start at its bracket.
    if (!this.#at("<")) this.#fail(`'<' after '${kind}'`);
    this.#take("<", start);
    this.#type();
    if (kind === "map") {
      this.#expect(",", "',' between the key type and the value type");
      this.#type();
    }
    this.#expect(">");
    if (kind === "list") this.#cppType();
    this.#annotations();
    this.#nesting--;
  }

  #cppType(): void {
    if (!this.#at("cpp_type")) return;
    this.#drop();
    if (!this.#at("literal")) this.#fail("a C++ type in quotes");
    this.#drop();
  }

  #value(): void {
    switch (this.#token.kind) {
      case "integer":
      case "decimal":
      case "literal":
      case "name":
        return this.#take();
      case "true":
      case "false":
        return this.#take("name");
      case "[":
        return this.#elements("]", () => this.#value());
      case "{":
        return this.#elements("}", () => {
          this.#value();
          this.#expect(":", "':' between the key and its value");
          this.#value();
        });
      default:
        return this.#fail("a constant value");
    }
  }

  /** What stands between brackets in a constant, with the commas that thrift-parser wants between any two. */
  #elements(closing: "]" | "}", element: () => void): void {
    const { start } = this.#token;
    this.#enter("constants");
    this.#take();
    while (!this.#at(closing)) {
      if (this.#at("end") || this.#at(",") || this.#at(";")) this.#fail(`a constant value or '${closing}'`);
      element();
      const last = this.#token;
      this.#separator();
      if (!this.#at(closing) && !this.#muted) this.feed.push({ ...last, text: "," }, ",");
    }
    this.feed.openings.set(this.#token.end, start);
    this.#take();
    this.#nesting--;
  }

  #annotations(): AnnotationSyntax[] {
    const annotations: AnnotationSyntax[] = [];
    if (!this.#at("(")) return annotations;
    this.#take();
    while (!this.#at(")")) {
      const { text, start, end } = this.#token;
      this.#expect("name", "the name of an annotation or ')'");
      let value = "1";
      if (this.#at("=")) {
        this.#take();
        value = this.#token.text;
        this.#expect("literal", "a string in quotes");
      }
      this.#separator();
      annotations.push({ name: { text, start, end }, value });
    }
    this.#take();
    return annotations;
  }

  /** `true` and `false` are integers wherever Apache's grammar has one. */
  #integer(expected: string): void {
    const token = this.#token;
    if (token.kind === "true" || token.kind === "false")
      this.#token = { ...token, kind: "integer", text: token.kind === "true" ? "1" : "0" };
    this.#expect("integer", expected);
  }

  #simpleName(expected: string): Token {
    const name = this.#token;
    this.#expect("name", expected);
    this.#checkSimple(name);
    return name;
  }

  #checkSimple(name: Token): void {
    if (name.text.includes(".")) this.#problems.add(name, `expected a name without dots, found ${describe(name)}`);
  }

  /** Separators tell thrift-parser nothing that it needs. */
  #separator(): void {
    if (this.#isSeparator()) this.#drop();
  }

  #isSeparator(): boolean {
    return this.#at(",") || this.#at(";");
  }

  #enter(what: string): void {
    if (++this.#nesting <= this.#maxNesting) return;
    this.#problems.add(
      this.#token,
      `${what} are nested deeper than ${String(this.#maxNesting)} levels`,
      "ERR_THRIFT_IDL_LIMIT",
    );
    throw SKIP;
  }

  #begin(): Head {
    return { doc: this.#scanner.takeDoc(), requiredness: "default", start: this.#token.start, end: this.#token.end };
  }

  #finish(name: Token, head: Head): void {
    head.end = this.#lastEnd;
    this.feed.heads.set(name.start, head);
  }

  #unfed<T>(read: () => T): T {
    const before = this.#muted;
    this.#muted = true;
    const result = read();
    this.#muted = before;
    return result;
  }

  #at(kind: string): boolean {
    return this.#token.kind === kind;
  }

  #expect(kind: string, expected = `'${kind}'`): void {
    if (this.#token.kind !== kind) this.#fail(expected);
    this.#take();
  }

  /** Feeds the current token on and goes to the next. */
  #take(kind?: string, start?: number): void {
    if (!this.#muted) this.feed.push(this.#token, kind, start);
    this.#drop();
  }

  #drop(): void {
    const { kind } = this.#token;
    if (kind === "{") this.#open.braces++;
    else if (kind === "}") this.#open.braces--;
    else if (kind === "(") this.#open.parentheses++;
    else if (kind === ")") this.#open.parentheses--;
    else if (kind === "<") this.#open.angles++;
    else if (kind === ">") this.#open.angles--;
    this.#last = kind;
    this.#lastEnd = this.#token.end;
    this.#token = this.#scanner.next();
  }

  #fail(expected: string, known?: Iterable<string>): never {
    const token = this.#token;
    const meant = known && token.kind === "name" ? nearest(token.text, known) : undefined;
    const hint = meant === undefined ? "" : `; did you mean '${meant}'?`;
    this.#problems.add(token, `expected ${expected}, found ${describe(token)}${hint}`);
    throw SKIP;
  }
}

function describe(token: Token): string {
  if (token.kind === "end") return "the end of the file";
  if (token.kind === "literal") return "a string";
  const text = token.text.length > 40 ? `${token.text.slice(0, 40)}…` : token.text;
  return STATEMENTS.has(token.kind) || FIELD_NAMES.has(token.kind) ? `the keyword '${text}'` : `'${text}'`;
}
