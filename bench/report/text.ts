/** Results for people: a table a case, notes below. */

import { caseNamed } from "../harness/cases.js";
import { type ContenderResult, type Figure, ratio, type Results } from "../harness/rounds.js";

export function resultText({ contenders }: Results, cases: readonly string[]): string {
  const tables = cases.map((caseName) => caseTable(contenders, caseName));
  return [...tables, notes(contenders)].join("\n");
}

function caseTable(contenders: readonly ContenderResult[], caseName: string): string {
  const measured = contenders.filter(({ figures }) => caseName in figures);
  const references = caseNamed(caseName).comparison.baselines.flatMap(
    (baseline) => measured.find(({ label }) => label === baseline) ?? [],
  );
  const figures = references.map((reference) => reference.figures[caseName]);
  const rows = measured.map((contender) => row(contender, caseName, figures));
  const second = rows.some((cells) => cells.at(-1) !== "") ? "benchmark.js" : "";
  const heading = ["", "ns", "best", "MB/s", ...references.map(({ label }) => `${label} = 1`), "spread", second];
  return `${caseName}\n${aligned([heading, ...rows])}\n`;
}

function row(
  { label, title, figures, bytes }: ContenderResult,
  caseName: string,
  references: readonly Figure[],
): string[] {
  const { ns, best, spread, secondNs } = figures[caseName];
  const secondReference = references[0]?.secondNs;
  const size = bytes![caseNamed(caseName).workload];
  return [
    title ?? label,
    nanoseconds(ns),
    nanoseconds(best),
    nanoseconds((size * 1e3) / ns),
    ...references.map((reference) => times(ratio(figures[caseName], reference))),
    `${(spread * 100).toFixed(0)}%`,
    secondNs === undefined
      ? ""
      : `${nanoseconds(secondNs)}${secondReference === undefined ? "" : ` ${times(secondReference / secondNs)}`}`,
  ];
}

function notes(contenders: readonly ContenderResult[]): string {
  const lines = contenders.flatMap(({ label, title, note, cannotRun, absent }) => [
    cannotRun === undefined ? `${title}: ${note}` : `${label} did not run: ${cannotRun}`,
    ...Object.entries(absent ?? {}).map(
      ([workload, reason]) => `${title} does not take part in ${workload}: ${reason}`,
    ),
  ]);
  const clocks = new Set(contenders.flatMap(({ clock }) => clock ?? []));
  return [
    "ns for one message, median of all visits, and the best visit; MB/s of the contender's own bytes; spread: the middle half of the visits.",
    ...[...clocks].map((clock) => `clock: ${clock}`),
    ...lines,
  ].join("\n");
}

/** First column to the left, the rest to the right. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `  ${line}`)
    .join("\n");
}

export function nanoseconds(value: number): string {
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en");
}

export function times(factor: number): string {
  return `${factor.toFixed(factor < 10 ? 2 : 1)}x`;
}
