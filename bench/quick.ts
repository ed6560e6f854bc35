/** A comparison for the impatient: one everyday message (3.3 KB), four contenders, about twenty seconds. Needs only Node.js and npm. */

import { runRounds } from "./harness/rounds.js";

export interface QuickRow {
  /** scrimp, thrift, JSON, protobufjs: as a chart shows it. */
  readonly title: string;
  readonly note: string;
  readonly operation: "encode" | "decode";
  /** For one message. */
  readonly ns: number;
  readonly perSecond: number;
  /** Width of the middle half of the visits, as a share of the median. */
  readonly spread: number;
}

export interface QuickOptions {
  /** Time for each of the sixteen measurements (four contenders, encode and decode, two rounds), in milliseconds. Default 500. */
  readonly ms?: number;
  /** Told before each step what is next and how many steps are done. */
  readonly onProgress?: (step: string, done: number, total: number) => void;
}

const CONTENDERS = ["scrimp", "thrift", "json", "protobufjs"];

/** Measures the built package, so `npm run build` comes first. Rows by operation, contenders in a fixed order. */
export async function runQuick({ ms = 500, onProgress }: QuickOptions = {}): Promise<QuickRow[]> {
  const { contenders } = await runRounds({
    entries: CONTENDERS.map((contender) => ({ label: contender, contender })),
    cases: ["medium/encode", "medium/decode"],
    rounds: 2,
    ms,
    ...(onProgress && { onProgress }),
  });
  return (["encode", "decode"] as const).flatMap((operation) =>
    contenders.map(({ label, title = label, note = "", figures, cannotRun }) => {
      const figure = figures[`medium/${operation}`];
      if (!figure) throw new Error(`${label} was not measured: ${cannotRun ?? "it takes no part"}`);
      return { title, note, operation, ns: figure.ns, perSecond: 1e9 / figure.ns, spread: figure.spread };
    }),
  );
}
