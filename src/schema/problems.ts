/** Collects the mistakes of all files, so that they are reported together and in order. */

import { SchemaError, type ErrorCode, type Problem, type SourceLocation } from "../errors.js";
import { LineTable, codeFrame, nearest } from "../idl/frame.js";
import type { Document, Span } from "../idl/syntax.js";

/** A stretch of one file. */
export interface Place {
  readonly document: Document;
  readonly span: Span;
}

interface Finding extends Place {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Problems beyond these have no code frame: a frame reads the file up to its line. */
const MAX_FRAMES = 100;

/** Searches for a near name in one run; each looks at every known name. */
const MAX_SUGGESTIONS = 50;

/** Mistakes and warnings while a schema is linked. */
export class Problems {
  readonly #documents: readonly Document[];
  readonly #lines = new Map<Document, LineTable>();
  #last: { document: Document; lines: LineTable } | undefined;
  readonly #errors: Finding[] = [];
  readonly #warnings: Finding[] = [];
  #suggestions = 0;

  /** @param documents all files, in the order in which problems are listed. */
  constructor(documents: readonly Document[]) {
    this.#documents = documents;
  }

  /** Records a mistake: the schema will not be made. */
  error(code: ErrorCode, place: Place, message: string): void {
    this.#errors.push({ code, message, ...place });
  }

  /** Records something that compilers let pass, or that they change. */
  warn(code: ErrorCode, place: Place, message: string): void {
    this.#warnings.push({ code, message, ...place });
  }

  /** Throws everything that was recorded as a mistake, if anything was. */
  throwIfAny(): void {
    if (this.#errors.length > 0) throw new SchemaError(this.#toProblems(this.#errors));
  }

  /** Warnings in order of file and position. */
  warnings(): Problem[] {
    return this.#toProblems(this.#warnings);
  }

  /** Where something stands; line 0 where there is no text. */
  locate(document: Document, offset: number): SourceLocation {
    if (document.text === "") return { file: document.file, line: 0, column: 0 };
    const { line, column } = this.#linesOf(document).at(offset);
    return { file: document.file, line, column };
  }

  /** Questions about one file come in a row. */
  #linesOf(document: Document): LineTable {
    if (this.#last?.document === document) return this.#last.lines;
    const lines = this.#lines.get(document) ?? new LineTable(document.text);
    this.#lines.set(document, lines);
    this.#last = { document, lines };
    return lines;
  }

  /** `; did you mean "Color"?`, or nothing when no known name is near. */
  didYouMean(name: string, candidates: Iterable<string>): string {
    if (this.#suggestions++ >= MAX_SUGGESTIONS) return "";
    return didYouMean(name, candidates);
  }

  #toProblems(findings: readonly Finding[]): Problem[] {
    const order = new Map(this.#documents.map((document, index) => [document, index]));
    const sorted = findings.toSorted(
      (a, b) =>
        order.get(a.document)! - order.get(b.document)! || a.span.start - b.span.start || a.span.end - b.span.end,
    );
    return sorted.map(({ code, message, document, span }, index) => {
      const location = this.locate(document, span.start);
      return { code, message, location, frame: index < MAX_FRAMES ? frame(document, span, location) : "" };
    });
  }
}

/** `; did you mean "Color"?`, or nothing when no candidate is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  // Every short name is near every other.
  const near = name.length < 3 ? undefined : nearest(name, candidates);
  return near === undefined ? "" : `; did you mean "${near}"?`;
}

function frame(document: Document, span: Span, { line, column }: SourceLocation): string {
  if (line === 0) return "";
  return codeFrame(document.text, line, column, column + Math.max(1, span.end - span.start));
}
