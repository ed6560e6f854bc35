/**
 * What the grammar hands on: tokens for thrift-parser's `createParser`, and beside them what its tree has no place for
 * (doc comments, annotations of namespaces) or gets wrong (where things start and end).
 */
import { SyntaxType, type Token as ParserToken } from "@creditkarma/thrift-parser/dist/main/types.js";
import type { Token } from "./scan.js";
import type { AnnotationSyntax, Span } from "./syntax.js";

/** Where a definition, field, member or method stands, and its doc comment. */
export interface Head extends Span {
  doc: string | undefined;
  /** Of a field, as written. */
  requiredness: "required" | "optional" | "default";
}

/** Kinds of {@link Token} that thrift-parser knows, by its name for them. All other tokens must not reach it. */
const TYPES: Readonly<Partial<Record<string, SyntaxType>>> = {
  name: SyntaxType.Identifier,
  integer: SyntaxType.IntegerLiteral,
  decimal: SyntaxType.FloatLiteral,
  literal: SyntaxType.StringLiteral,
  end: SyntaxType.EOF,
  "(": SyntaxType.LeftParenToken,
  ")": SyntaxType.RightParenToken,
  "{": SyntaxType.LeftBraceToken,
  "}": SyntaxType.RightBraceToken,
  "[": SyntaxType.LeftBracketToken,
  "]": SyntaxType.RightBracketToken,
  "<": SyntaxType.LessThanToken,
  ">": SyntaxType.GreaterThanToken,
  ",": SyntaxType.CommaToken,
  ":": SyntaxType.ColonToken,
  "=": SyntaxType.EqualToken,
  namespace: SyntaxType.NamespaceKeyword,
  include: SyntaxType.IncludeKeyword,
  const: SyntaxType.ConstKeyword,
  typedef: SyntaxType.TypedefKeyword,
  enum: SyntaxType.EnumKeyword,
  struct: SyntaxType.StructKeyword,
  union: SyntaxType.UnionKeyword,
  exception: SyntaxType.ExceptionKeyword,
  service: SyntaxType.ServiceKeyword,
  extends: SyntaxType.ExtendsKeyword,
  throws: SyntaxType.ThrowsKeyword,
  oneway: SyntaxType.OnewayKeyword,
  async: SyntaxType.OnewayKeyword,
  required: SyntaxType.RequiredKeyword,
  optional: SyntaxType.OptionalKeyword,
  void: SyntaxType.VoidKeyword,
  bool: SyntaxType.BoolKeyword,
  byte: SyntaxType.ByteKeyword,
  i8: SyntaxType.I8Keyword,
  i16: SyntaxType.I16Keyword,
  i32: SyntaxType.I32Keyword,
  i64: SyntaxType.I64Keyword,
  double: SyntaxType.DoubleKeyword,
  string: SyntaxType.StringKeyword,
  binary: SyntaxType.BinaryKeyword,
  map: SyntaxType.MapKeyword,
  list: SyntaxType.ListKeyword,
  set: SyntaxType.SetKeyword,
};

export class Feed {
  readonly tokens: ParserToken[] = [];
  /** By the offset of the name that is defined. */
  readonly heads = new Map<number, Head>();
  /** Offset behind the closing bracket of a list or map constant → offset of the opening one. */
  readonly openings = new Map<number, number>();
  /** By the offset of the name of the namespace. */
  readonly namespaceAnnotations = new Map<number, AnnotationSyntax[]>();

  /** Adds a token, as itself or as another kind, and optionally as if it started earlier. */
  push(token: Token, kind: string = token.kind, start: number = token.start): void {
    const type = TYPES[kind];
    if (type === undefined) throw new Error(`thrift-parser has no token '${kind}'`);
    // Only offsets are read again, so lines and columns are left at 0.
    this.tokens.push({
      type,
      text: token.text,
      loc: { start: { line: 0, column: 0, index: start }, end: { line: 0, column: 0, index: token.end } },
    });
  }
}
