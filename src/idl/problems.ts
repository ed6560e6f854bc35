import { IdlError, type ErrorCode, type Problem } from "../errors.js";
import { LineTable, codeFrame } from "./frame.js";
import type { Span } from "./syntax.js";

/** Thrown when reading on helps nobody, and caught by parseIdl, which then throws the problems. */
export const FILE_IS_WRONG = new Error("the file has problems");

/** The mistakes of one file, in the order in which they are found. */
export class Problems {
  readonly #file: string;
  readonly #text: string;
  readonly #max: number;
  readonly #found: { code: ErrorCode; message: string; span: Span }[] = [];

  constructor(file: string, text: string, max: number) {
    this.#file = file;
    this.#text = text;
    this.#max = max;
  }

  throwIfAny(): void {
    if (this.#found.length > 0) throw FILE_IS_WRONG;
  }

  /** Only the first problem at a place is kept: what stands in or directly behind a mistake is part of it. */
  add(span: Span, message: string, code: ErrorCode = "ERR_THRIFT_IDL_SYNTAX"): void {
    const last = this.#found.at(-1)?.span;
    if (last !== undefined && (span.start === last.start || span.start === last.end)) {
      last.end = Math.max(last.end, span.end);
      return;
    }
    this.#found.push({ code, message, span: { start: span.start, end: span.end } });
    if (this.#found.length >= this.#max) throw FILE_IS_WRONG;
  }

  /** The one error that tells of all of them. */
  toError(): IdlError {
    const lines = new LineTable(this.#text);
    const inOrder = this.#found.toSorted((a, b) => a.span.start - b.span.start);
    return new IdlError(
      inOrder.map(({ code, message, span }): Problem => {
        const { line, column } = lines.at(span.start);
        const endColumn = column + Math.max(1, span.end - span.start);
        return {
          code,
          message,
          location: { file: this.#file, line, column },
          frame: codeFrame(this.#text, line, column, endColumn),
        };
      }),
    );
  }
}
