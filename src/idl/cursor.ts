/** Where the grammar stands in the tokens of a file: what may come next, what is wrong, and where to go on after a mistake. */
import { nearest } from "./frame.js";
import type { Problems } from "./problems.js";
import { KEYWORDS, type Scanner, type Token } from "./scan.js";

export const HEADER_KEYWORDS: ReadonlySet<string> = new Set(["include", "cpp_include", "namespace"]);
export const DEFINITION_KEYWORDS: ReadonlySet<string> = new Set([
  "const",
  "typedef",
  "enum",
  "struct",
  "union",
  "exception",
  "service",
]);
export const STATEMENT_KEYWORDS: ReadonlySet<string> = new Set([...HEADER_KEYWORDS, ...DEFINITION_KEYWORDS]);

/** Thrown at a mistake, which is then already reported; caught where members and statements are read. */
const SKIP = new Error("skip to where reading can go on");

/** The current token of a file and all that reading it needs; `grammar.ts` says what it means. */
export class Cursor {
  /** The current token: the first that is not taken. */
  token: Token;
  readonly #scanner: Scanner;
  readonly #problems: Problems;
  readonly #maxNesting: number;
  /** End of the token before the current one, and its kind. */
  #lastEnd = 0;
  #last = "";
  #nesting = 0;
  /** Brackets opened and not closed since the statement started. */
  #open = { braces: 0, parentheses: 0, angles: 0 };

  constructor(scanner: Scanner, problems: Problems, maxNesting: number) {
    this.#scanner = scanner;
    this.#problems = problems;
    this.#maxNesting = maxNesting;
    this.token = scanner.next();
  }

  /** Where the token last taken ends. */
  get lastEnd(): number {
    return this.#lastEnd;
  }

  /** The doc comment before the current token, unless it was given before. */
  takeDoc(): string | undefined {
    return this.#scanner.takeDoc();
  }

  /** A header comes: doc comments before it document nothing that has a name. */
  dropDoc(): void {
    this.#scanner.dropDoc();
  }

  at(kind: string): boolean {
    return this.token.kind === kind;
  }

  /** Goes to the next token and returns the one before it. */
  take(): Token {
    const taken = this.token;
    const { kind, end } = taken;
    if (kind === "{") this.#open.braces++;
    else if (kind === "}") this.#open.braces--;
    else if (kind === "(") this.#open.parentheses++;
    else if (kind === ")") this.#open.parentheses--;
    else if (kind === "<") this.#open.angles++;
    else if (kind === ">") this.#open.angles--;
    this.#last = kind;
    this.#lastEnd = end;
    this.token = this.#scanner.next();
    return taken;
  }

  /** Takes the current token if it is of that kind. */
  takeIf(kind: string): boolean {
    if (this.token.kind !== kind) return false;
    this.take();
    return true;
  }

  /** Takes a token of that kind; any other is a mistake. `expected` is what the message says instead of the kind. */
  expect(kind: string, expected = `'${kind}'`): Token {
    if (this.token.kind !== kind) this.fail(expected);
    return this.take();
  }

  /** Reports a name with dots: only what is referred to may have them. */
  checkSimple(name: Token): void {
    if (name.text.includes(".")) this.problem(`expected a name without dots, found ${describe(name)}`, name);
  }

  /** Takes the `,` or `;` that may stand behind whatever comes in lists. */
  takeSeparator(): void {
    if (this.#isSeparator()) this.take();
  }

  /** One level deeper into nested types or constants, until {@link leave}. */
  enter(what: string): void {
    if (++this.#nesting <= this.#maxNesting) return;
    const message = `${what} are nested deeper than ${String(this.#maxNesting)} levels`;
    this.#problems.add(this.token, message, "ERR_THRIFT_IDL_LIMIT");
    throw SKIP;
  }

  leave(): void {
    this.#nesting--;
  }

  /** Reports a mistake after which reading goes on. */
  problem(message: string, token: Token = this.token): void {
    this.#problems.add(token, message);
  }

  /** Reports that the current token is wrong, and gives up the member or statement. `known` are words it may have meant. */
  fail(expected: string, known?: Iterable<string>): never {
    const { token } = this;
    const meant = known && token.kind === "name" ? nearest(token.text, known) : undefined;
    const hint = meant === undefined ? "" : `; did you mean '${meant}'?`;
    this.problem(`expected ${expected}, found ${describe(token)}${hint}`);
    throw SKIP;
  }

  /** Reads a statement. After a mistake goes on where a statement starts, or at a line that starts outside all braces. */
  statement(read: () => void): void {
    this.#open = { braces: 0, parentheses: 0, angles: 0 };
    const { start } = this.token;
    if (this.#succeeds(read)) return;
    if (this.token.start === start && !this.at("end")) this.take();
    while (!this.at("end") && !this.#atStatement()) {
      if (this.token.startsLine && this.#open.braces <= 0) return;
      this.take();
    }
  }

  /**
   * Reads a member of a body. After a mistake goes on behind the next separator, or at the next line, unless inside
   * parentheses. Where a statement starts instead, the body was never closed.
   */
  member(read: () => void): void {
    const { start } = this.token;
    if (this.#succeeds(read)) return;
    for (;;) {
      const { braces, parentheses, angles } = this.#open;
      if (this.at("end") || this.#atStatement()) throw SKIP;
      if (braces <= 1) {
        if (this.at("}")) return;
        if (parentheses <= 0 && this.token.startsLine && this.token.start > start) return;
        if (parentheses <= 0 && angles <= 0 && this.#isSeparator()) {
          this.take();
          return;
        }
      }
      this.take();
    }
  }

  #succeeds(read: () => void): boolean {
    try {
      read();
      return true;
    } catch (thrown) {
      if (thrown !== SKIP) throw thrown;
      this.#nesting = 0;
      return false;
    }
  }

  /** A keyword inside a line may be meant as a name: only at the start of one, or behind a brace, is it the next statement. */
  #atStatement(): boolean {
    return STATEMENT_KEYWORDS.has(this.token.kind) && (this.token.startsLine || this.#last === "}");
  }

  #isSeparator(): boolean {
    return this.at(",") || this.at(";");
  }
}

function describe(token: Token): string {
  if (token.kind === "end") return "the end of the file";
  if (token.kind === "literal") return "a string";
  const text = token.text.length > 40 ? `${token.text.slice(0, 40)}…` : token.text;
  return KEYWORDS.has(token.kind) ? `the keyword '${text}'` : `'${text}'`;
}
