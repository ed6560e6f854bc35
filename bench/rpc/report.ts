/** Figures of calls for people: a table a cell. */

import { median } from "../harness/statistics.js";

/** What is measured: a size and a number of calls in flight. */
export interface Cell {
  readonly bytes: number;
  readonly concurrency: number;
}

/** One visit of a contender to a cell. */
export interface Figure {
  readonly qps: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Processor time of the processes, in microseconds a call. */
  readonly clientCpuUs: number;
  readonly serverCpuUs: number;
  readonly failed: number;
}

/** A contender and what was measured of it, by the names of cells; the same place in two lists is the same moment. */
export interface Entry {
  readonly name: string;
  readonly figures: Map<string, Figure[]>;
  absent?: string;
  failed?: number;
}

/** What the ratios are to, in the order of importance. */
const BASELINES = ["thrift", "kitex-pool", "kitex-mux", "grpc"];

export function cells(sizes: readonly number[], concurrencies: readonly number[]): Cell[] {
  return sizes.flatMap((bytes) => concurrencies.map((concurrency) => ({ bytes, concurrency })));
}

export function cellName({ bytes, concurrency }: Cell): string {
  return `${bytes} B, ${concurrency} in flight`;
}

export function resultText(entries: readonly Entry[], chosen: readonly Cell[]): string {
  const tables = chosen.map((cell) => cellTable(entries, cellName(cell)));
  const notes = entries.flatMap(({ name, absent, failed = 0 }) => {
    if (absent !== undefined) return [`${name}: ${absent}`];
    return failed > 0 ? [`${name}: ${failed} calls failed`] : [];
  });
  return [...tables, ...notes].join("\n");
}

function cellTable(entries: readonly Entry[], name: string): string {
  const measured = entries.filter(({ figures }) => figures.has(name));
  const baselines = BASELINES.flatMap((baseline) => measured.filter((entry) => entry.name === baseline));
  const head = [
    "calls/s",
    "p50 us",
    "p99 us",
    "client us",
    "server us",
    ...baselines.map((entry) => `x ${entry.name}`),
  ];
  const rows = measured.map((entry) => {
    const figures = entry.figures.get(name)!;
    const of = (key: keyof Figure): number => median(figures.map((figure) => figure[key]));
    const ratios = baselines.map((baseline) => ratio(figures, baseline.figures.get(name)!).toFixed(2));
    const numbers = [of("qps").toFixed(0), of("p50Us").toFixed(0), of("p99Us").toFixed(0)];
    return [entry.name, ...numbers, of("clientCpuUs").toFixed(1), of("serverCpuUs").toFixed(1), ...ratios];
  });
  const lines = [["", ...head], ...rows].map(
    ([first, ...rest]) => first.padEnd(22) + rest.map((text) => text.padStart(13)).join(""),
  );
  return `${name}\n${lines.join("\n")}\n`;
}

/** How many times as many calls: the median over visits, each beside its neighbour in time. */
function ratio(figures: readonly Figure[], reference: readonly Figure[]): number {
  return median(figures.map(({ qps }, visit) => qps / (reference[visit] ?? reference[0]).qps));
}
