/**
 * Text → tokens, one at a time, by the rules of Apache's lexer (compiler/cpp/src/thrift/thriftl.ll), in one pass.
 * Comments are not tokens: a doc comment is kept until the grammar asks for the one before the current token.
 */
import { cleanDocComment } from "./doc-comment.js";
import type { Problems } from "./problems.js";

/**
 * A token. For keywords and symbols the kind is their text; the others are `name`, `integer`, `decimal`, `literal`
 * (a string), `end`, and `unknown`, which is already reported.
 */
export interface Token {
  kind: string;
  /** Names and decimals as written, integers in decimal without leading `+`, literals with escapes resolved. */
  text: string;
  start: number;
  end: number;
  /** Whether it is the first token of its line. */
  startsLine: boolean;
}

/** Words that Apache's lexer never reads as a name. `uuid` is not among them: there it is a name that may be a type. */
export const KEYWORDS: ReadonlySet<string> = new Set(
  (
    "namespace include cpp_include cpp_type xsd_all xsd_optional xsd_nillable xsd_attrs void bool byte i8 i16 i32 i64 double " +
    "string binary map list set oneway async typedef struct union exception extends throws service enum const required " +
    "optional true false"
  ).split(" "),
);

/** Words of long ago: the lexer knows them only to refuse them. */
const RETIRED = new Map([
  ["cpp_namespace", "namespace cpp"],
  ["java_package", "namespace java"],
  ["csharp_namespace", "namespace csharp"],
  ["delphi_namespace", "namespace delphi"],
  ["php_namespace", "namespace php"],
  ["py_module", "namespace py"],
  ["perl_package", "namespace perl"],
  ["ruby_namespace", "namespace rb"],
  ["smalltalk_category", "namespace smalltalk.category"],
  ["smalltalk_prefix", "namespace smalltalk.prefix"],
  ["xsd_namespace", "namespace xsd"],
  ["senum", "enum"],
  ["slist", "string"],
]);

const SYMBOLS = ":;,{}()=<>[]*&";
const ESCAPES = new Map([
  ["r", "\r"],
  ["n", "\n"],
  ["t", "\t"],
  ['"', '"'],
  ["'", "'"],
  ["\\", "\\"],
]);

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DOUBLE_QUOTE = 0x22;
const HASH = 0x23;
const QUOTE = 0x27;
const STAR = 0x2a;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;
const BACKSLASH = 0x5c;
const LOWER_E = 0x65;
const LOWER_X = 0x78;
const BYTE_ORDER_MARK = 0xfeff;

const INT64_MAX = 2n ** 63n - 1n;
/** More digits than this are counted, not converted: the time to read a number is quadratic. */
const MAX_DIGITS = 64;

/** Gives the tokens of one text in order; after the last, `end` for ever. */
export class Scanner {
  readonly #text: string;
  readonly #problems: Problems;
  #at: number;
  #startsLine = true;
  #doc: { start: number; end: number } | undefined;
  #firstDoc: { start: number; end: number } | undefined;
  #isFirstTaken = false;

  constructor(text: string, problems: Problems) {
    this.#text = text;
    this.#problems = problems;
    this.#at = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  }

  /** The doc comment last passed, cleaned; each is given once. */
  takeDoc(): string | undefined {
    const doc = this.#doc;
    this.#doc = undefined;
    if (doc !== undefined && doc === this.#firstDoc) this.#isFirstTaken = true;
    return this.#clean(doc);
  }

  /** A header comes: doc comments before it document nothing that has a name. */
  dropDoc(): void {
    this.#doc = undefined;
  }

  /** The first doc comment of the text, unless it was taken. */
  get fileDoc(): string | undefined {
    return this.#isFirstTaken ? undefined : this.#clean(this.#firstDoc);
  }

  #clean(doc: { start: number; end: number } | undefined): string | undefined {
    return doc && cleanDocComment(this.#text.slice(doc.start, doc.end));
  }

  next(): Token {
    return this.#skipBlank() ?? this.#token();
  }

  #make(kind: string, text: string, start: number): Token {
    const startsLine = this.#startsLine;
    this.#startsLine = false;
    return { kind, text, start, end: this.#at, startsLine };
  }

  /** Steps over white space and comments. A token only where the text ends. */
  #skipBlank(): Token | undefined {
    const text = this.#text;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code === SPACE || code === LF || code === TAB || code === CR) {
        if (code === LF) this.#startsLine = true;
        this.#at++;
      } else if (code === HASH || (code === SLASH && text.charCodeAt(this.#at + 1) === SLASH)) {
        const end = text.indexOf("\n", this.#at);
        this.#at = end < 0 ? text.length : end;
      } else if (code === SLASH && text.charCodeAt(this.#at + 1) === STAR) {
        const broken = this.#skipBlockComment();
        if (broken !== undefined) return broken;
      } else {
        return this.#at >= text.length ? this.#make("end", "", text.length) : undefined;
      }
    }
  }

  #skipBlockComment(): Token | undefined {
    const text = this.#text;
    const start = this.#at;
    let inner = start + 2;
    while (text.charCodeAt(inner) === STAR) inner++;
    // Stars and nothing else between the slashes: not a doc comment, whatever their number.
    if (inner > start + 2 && text.charCodeAt(inner) === SLASH) {
      this.#at = inner + 1;
      return undefined;
    }
    const isDoc = inner > start + 2;
    const from = start + (isDoc ? 3 : 2);
    const end = text.indexOf("*/", from);
    if (end < 0) {
      this.#problems.add(
        { start, end: start + 2 },
        "expected '*/' before the end of the file: this comment is never closed",
      );
      this.#at = text.length;
      // The end stands where the comment starts, so that the file is not also reported as ending too soon.
      return this.#make("end", "", start);
    }
    if (isDoc) {
      this.#doc = { start: from, end };
      this.#firstDoc ??= this.#doc;
    }
    this.#at = end + 2;
    return undefined;
  }

  /** The token at a place that is neither blank nor the end. */
  #token(): Token {
    const code = this.#text.charCodeAt(this.#at);
    if (isLetter(code)) return this.#word();
    if (isDigit(code) || code === PLUS || code === MINUS || code === DOT) return this.#number();
    if (code === DOUBLE_QUOTE || code === QUOTE) return this.#literal(code);
    const start = this.#at++;
    if (this.#isStrayEnd(start)) {
      this.#at++;
      this.#problems.add({ start, end: this.#at }, "unexpected '*/': no comment is open here");
      return this.#make("unknown", "", start);
    }
    const symbol = this.#text[start];
    if (SYMBOLS.includes(symbol)) return this.#make(symbol, symbol, start);
    const surrogate = code >= 0xd800 && code < 0xdc00;
    if (surrogate) this.#at++;
    return this.#unknown(start);
  }

  // A star and a slash, unless the slash starts a comment, as after the star of a namespace.
  #isStrayEnd(start: number): boolean {
    const text = this.#text;
    if (text.charCodeAt(start) !== STAR || text.charCodeAt(start + 1) !== SLASH) return false;
    const after = text.charCodeAt(start + 2);
    return after !== SLASH && after !== STAR;
  }

  #unknown(start: number): Token {
    const character = describeCharacter(this.#text.codePointAt(start)!);
    this.#problems.add({ start, end: this.#at }, `unexpected character ${character}`);
    return this.#make("unknown", "", start);
  }

  #word(): Token {
    const text = this.#text;
    const start = this.#at;
    let end = start + 1;
    for (;;) {
      const code = text.charCodeAt(end);
      if (isLetter(code) || isDigit(code)) end++;
      else if (code === DOT && (isLetter(text.charCodeAt(end + 1)) || isDigit(text.charCodeAt(end + 1)))) end += 2;
      else break;
    }
    this.#at = end;
    const word = text.slice(start, end);
    if (KEYWORDS.has(word)) return this.#make(word, word, start);
    const instead = RETIRED.get(word);
    if (instead === undefined) return this.#make("name", word, start);
    this.#problems.add({ start, end }, `'${word}' is no longer part of Thrift; use '${instead}'`);
    return this.#make(word, word, start);
  }

  #number(): Token {
    const text = this.#text;
    const start = this.#at;
    const sign = text.charCodeAt(start);
    const digits = sign === PLUS || sign === MINUS ? start + 1 : start;
    if (
      text.charCodeAt(digits) === ZERO &&
      text.charCodeAt(digits + 1) === LOWER_X &&
      isHexDigit(text.charCodeAt(digits + 2))
    ) {
      let end = digits + 3;
      while (isHexDigit(text.charCodeAt(end))) end++;
      return this.#integer(start, digits, end);
    }
    const whole = this.#skipDigits(digits);
    const fraction = text.charCodeAt(whole) === DOT ? this.#skipDigits(whole + 1) : whole;
    const mantissa = fraction > whole + 1 ? fraction : whole;
    if (mantissa === digits) {
      this.#at = start + 1;
      return this.#unknown(start);
    }
    const end = this.#skipExponent(mantissa);
    if (end === whole) return this.#integer(start, digits, end);
    this.#at = end;
    return this.#make("decimal", text.slice(start, end), start);
  }

  #skipDigits(from: number): number {
    let at = from;
    while (isDigit(this.#text.charCodeAt(at))) at++;
    return at;
  }

  #skipExponent(from: number): number {
    const text = this.#text;
    if ((text.charCodeAt(from) | 0x20) !== LOWER_E) return from;
    const sign = text.charCodeAt(from + 1);
    const digits = from + (sign === PLUS || sign === MINUS ? 2 : 1);
    const end = this.#skipDigits(digits);
    return end > digits ? end : from;
  }

  /** Signs are allowed before hexadecimal too, and both kinds must fit 64 bits, as in Apache's compiler. */
  #integer(start: number, digits: number, end: number): Token {
    this.#at = end;
    const negative = this.#text.charCodeAt(start) === MINUS;
    let written = this.#text.slice(digits, end);
    const isHex = written.charCodeAt(1) === LOWER_X;
    if (!isHex && written.length < 16) return this.#make("integer", negative ? `-${written}` : written, start);
    written = isHex ? `0x${written.slice(2).replace(/^0+(?=.)/, "")}` : written.replace(/^0+(?=.)/, "");
    const magnitude = written.length > MAX_DIGITS ? INT64_MAX + 2n : BigInt(written);
    const max = negative && !isHex ? INT64_MAX + 1n : INT64_MAX;
    if (magnitude > max)
      this.#problems.add({ start, end }, "expected an integer of at most 64 bits, found a larger one");
    const value = magnitude > max ? 0n : magnitude;
    return this.#make("integer", String(negative ? -value : value), start);
  }

  #literal(quote: number): Token {
    const text = this.#text;
    const start = this.#at;
    let value = "";
    let copied = start + 1;
    for (let at = start + 1; ; at++) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        this.#at = at + 1;
        return this.#make("literal", value + text.slice(copied, at), start);
      }
      if (at >= text.length || code === LF) {
        const where = at >= text.length ? "file" : "line";
        this.#problems.add(
          { start, end: at },
          `expected ${text[start] === '"' ? `'"'` : `"'"`} before the end of the ${where}: this string is never closed`,
        );
        this.#at = at;
        return this.#make("literal", "", start);
      }
      if (code === BACKSLASH && text.charCodeAt(at + 1) !== LF && at + 1 < text.length) {
        value += text.slice(copied, at) + this.#escape(at);
        copied = ++at + 1;
      }
    }
  }

  #escape(at: number): string {
    const escaped = ESCAPES.get(this.#text[at + 1]);
    if (escaped === undefined) {
      this.#problems.add({ start: at, end: at + 2 }, `expected one of \\n \\r \\t \\" \\' \\\\, found another escape`);
    }
    return escaped ?? "";
  }
}

/** Letters and the underscore: what a name starts with. */
function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isHexDigit(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
}

/** Characters that would not show, or would spoil the line, are named by their number. */
function describeCharacter(code: number): string {
  const visible =
    code > 0x20 && (code < 0x7f || code > 0xa0) && code !== 0x2028 && code !== 0x2029 && code !== BYTE_ORDER_MARK;
  return visible && !(code >= 0xd800 && code < 0xe000)
    ? `'${String.fromCodePoint(code)}'`
    : `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
