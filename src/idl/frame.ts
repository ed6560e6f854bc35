import { codeFrameColumns, type BabelCodeFrameOptions } from "@babel/code-frame";

/** Lines of context above and below the marked one. */
const CONTEXT_LINES = 2;
/** Longer lines are cut around the marker, so that a frame of a minified file stays a frame. */
const MAX_LINE = 120;

/** Where the lines of a text start. Made on the first question, in one pass. */
export class LineTable {
  readonly #text: string;
  #starts: number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Line and column of an offset, both from 1. A tab is one column; `\r\n` and `\n` end a line. */
  at(offset: number): { line: number; column: number } {
    const starts = (this.#starts ??= lineStarts(this.#text));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low] + 1 };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/**
 * The lines around a place, with a marker below it. Without colours, and bounded: long lines are cut.
 * Line and columns count from 1; `endColumn` is exclusive.
 */
export function codeFrame(text: string, line: number, column: number, endColumn = column + 1): string {
  const first = Math.max(1, line - CONTEXT_LINES);
  const { lines, from } = cutColumns(linesFrom(text, first, line + CONTEXT_LINES), column);
  const marked = lines[line - first] ?? "";
  const end = Math.min(endColumn - from, Math.max(column - from + 1, marked.length + 1));
  // The published types are older than `startLine`.
  const options: BabelCodeFrameOptions & { startLine: number } = {
    startLine: first,
    linesAbove: CONTEXT_LINES,
    linesBelow: CONTEXT_LINES,
    highlightCode: false,
  };
  const place = { start: { line, column: column - from }, end: { line, column: end } };
  return codeFrameColumns(lines.join("\n"), place, options);
}

/** Lines `first` to `last` of a text. Only they are looked at, so that many frames of a large file stay cheap. */
function linesFrom(text: string, first: number, last: number): string[] {
  let start = 0;
  for (let line = 1; line < first; line++) {
    const next = text.indexOf("\n", start);
    if (next < 0) return [];
    start = next + 1;
  }
  const lines: string[] = [];
  for (let line = first; line <= last; line++) {
    const next = text.indexOf("\n", start);
    const end = next < 0 ? text.length : next;
    lines.push(text.slice(start, text.charCodeAt(end - 1) === 13 && end > start ? end - 1 : end));
    if (next < 0) break;
    start = next + 1;
  }
  return lines;
}

/** Keeps the columns around the marker. `from` is how many columns went from the left. */
function cutColumns(lines: string[], column: number): { lines: string[]; from: number } {
  // A frame has one line for each line of the file: characters that only JavaScript ends a line at become spaces.
  const clean = lines.map((line) => line.replace(/[^\P{C}\t]|[\u2028\u2029]/gu, (odd) => " ".repeat(odd.length)));
  if (clean.every((line) => line.length <= MAX_LINE)) return { lines: clean, from: 0 };
  const from = Math.max(0, column - MAX_LINE / 2);
  return { lines: clean.map((line) => line.slice(from, from + MAX_LINE)), from };
}

/**
 * The candidate that a misspelt name most likely means, or undefined when none is near: at most one edit for short
 * names, two from five characters, three from ten. Case counts little. Bounded: long names and long lists are cut short.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length === 0 || name.length > 64) return undefined;
  const budget = name.length < 5 ? 1 : name.length < 10 ? 2 : 3;
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = budget + 1;
  let left = 10_000;
  for (const candidate of candidates) {
    if (left-- === 0) break;
    if (candidate === name || Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(wanted, candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance in which a swap of neighbours is one edit; gives up and returns `bound` when it is reached. */
function editDistance(a: string, b: string, bound: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, beforeLast[j - 2] + 1);
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least >= bound) return bound;
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}
