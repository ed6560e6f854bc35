/**
 * Reads JSON text without losing what JSON.parse loses: integers beyond 2^53, the order of properties that look like
 * numbers, and where a mistake stands.
 */

import { LineTable, codeFrame } from "../idl/frame.js";
import { InputError } from "./input-error.js";

/** A JSON value: objects as Maps in the order written, integers that a number does not hold as bigints. */
export type Json = null | boolean | number | bigint | string | Json[] | Map<string, Json>;

/** @throws InputError with line, column and a code frame. `name` is what the text is called there. */
export function parseJson(text: string, name: string): Json {
  return new JsonReader(text, name).read();
}

const BLANKS = /[ \t\n\r]*/y;
const NUMBER_OR_WORD = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?|true|false|null/y;
/** More levels than any value has that encodes: structs are limited to 64, containers inside each other likewise. */
const MAX_NESTING = 1000;

class JsonReader {
  readonly #text: string;
  readonly #name: string;
  #position = 0;

  constructor(text: string, name: string) {
    this.#text = text.replace(/^\uFEFF/, "");
    this.#name = name;
  }

  read(): Json {
    const value = this.#value(0);
    if (this.#next() !== "") this.#fail("the end of the text");
    return value;
  }

  /** The next character that is no blank; empty at the end. */
  #next(): string {
    BLANKS.lastIndex = this.#position;
    BLANKS.test(this.#text);
    this.#position = BLANKS.lastIndex;
    return this.#text.charAt(this.#position);
  }

  #take(character: string): boolean {
    const found = this.#next() === character;
    if (found) this.#position++;
    return found;
  }

  #value(depth: number): Json {
    if (depth > MAX_NESTING) this.#fail("fewer levels of nesting");
    switch (this.#next()) {
      case "{":
        return new Map(this.#items("}", () => this.#property(depth)));
      case "[":
        return this.#items("]", () => this.#value(depth + 1));
      case '"':
        return this.#string();
      default:
        return this.#scalar();
    }
  }

  #items<T>(end: "}" | "]", item: () => T): T[] {
    const items: T[] = [];
    this.#position++;
    if (this.#take(end)) return items;
    do items.push(item());
    while (this.#take(","));
    if (!this.#take(end)) this.#fail(`"," or "${end}"`);
    return items;
  }

  #property(depth: number): [string, Json] {
    if (this.#next() !== '"') this.#fail("a property name in double quotes");
    const name = this.#string();
    if (!this.#take(":")) this.#fail('":"');
    return [name, this.#value(depth + 1)];
  }

  #string(): string {
    let end = this.#position;
    do end = this.#text.indexOf('"', end + 1);
    while (end >= 0 && this.#isEscaped(end));
    if (end < 0) this.#fail("a string that ends");
    try {
      const value = JSON.parse(this.#text.slice(this.#position, end + 1)) as string;
      this.#position = end + 1;
      return value;
    } catch {
      return this.#fail("a string without control characters and unknown escapes");
    }
  }

  /** True when an odd number of backslashes stands before. */
  #isEscaped(quote: number): boolean {
    let start = quote;
    while (this.#text.charAt(start - 1) === "\\") start--;
    return (quote - start) % 2 === 1;
  }

  #scalar(): Json {
    NUMBER_OR_WORD.lastIndex = this.#position;
    const match = NUMBER_OR_WORD.exec(this.#text);
    if (match === null) return this.#fail("a value");
    this.#position = NUMBER_OR_WORD.lastIndex;
    const [text, fraction, exponent] = match;
    const value = JSON.parse(text) as number | boolean | null;
    const isInteger = fraction === undefined && exponent === undefined;
    return typeof value === "number" && isInteger && !Number.isSafeInteger(value) ? BigInt(text) : value;
  }

  #fail(expected: string): never {
    const found = this.#position < this.#text.length ? "something else" : "the end of the text";
    const { line, column } = new LineTable(this.#text).at(this.#position);
    const place = `${this.#name}:${String(line)}:${String(column)}`;
    throw new InputError(`${place}: expected ${expected}, found ${found}`, codeFrame(this.#text, line, column));
  }
}
