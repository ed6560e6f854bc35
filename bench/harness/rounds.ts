/**
 * Rounds of fresh processes, which bring to light what differs from one start to the next. In a round each case is visited a few
 * times, and in each visit all contenders follow each other, A B C A B C: what slows the machine for a while slows all of them, and
 * the ratio of two neighbours holds when neither figure does.
 */

import { caseNamed } from "./cases.js";
import type { Harness, Ready } from "./protocol.js";
import { type Entry, Session } from "./session.js";
import { median, spread } from "./statistics.js";

export interface RoundsOptions {
  readonly entries: readonly Entry[];
  readonly cases: readonly string[];
  readonly rounds: number;
  /** Time for each contender and case in a round, over all visits, in milliseconds. */
  readonly ms: number;
  /** Cases that benchmark.js measures as well, in the last round. */
  readonly secondHarness?: readonly string[];
  /** Told before each step: what is next, and how much of the whole is done. */
  readonly onProgress?: (step: string, done: number, total: number) => void;
}

export interface Results {
  readonly contenders: readonly ContenderResult[];
}

export interface ContenderResult extends Partial<Ready> {
  readonly label: string;
  /** Why the contender could not run at all. */
  readonly cannotRun?: string;
  readonly figures: Readonly<Record<string, Figure>>;
}

/** One contender in one case. */
export interface Figure {
  /** Median of the visits, for one message. */
  readonly ns: number;
  /** The fastest visit: what a machine without neighbours would come close to. */
  readonly best: number;
  /** Each visit's median, in the order of time: the same place in two contenders' lists is the same moment. */
  readonly visits: readonly number[];
  /** Width of the middle half of the visits, as a share of the median. */
  readonly spread: number;
  /** What benchmark.js says. */
  readonly secondNs?: number;
}

const VISITS = 3;

/** How many times faster the one is than the other: the median over visits, each beside its neighbour in time. */
export function ratio(figure: Figure, reference: Figure): number {
  return median(figure.visits.map((ns, visit) => (reference.visits[visit] ?? reference.ns) / ns));
}

interface Tally {
  ready?: Ready;
  cannotRun?: string;
  readonly visits: Map<string, number[]>;
  readonly second: Map<string, number>;
}

export async function runRounds(options: RoundsOptions): Promise<Results> {
  const { cases, rounds, secondHarness = [] } = options;
  const entries = options.entries.filter((entry) => cases.some((name) => takesPart(entry, name)));
  const tallies = new Map(
    entries.map(({ label }): [string, Tally] => [label, { visits: new Map(), second: new Map() }]),
  );
  const measurements = (names: readonly string[]): number =>
    names.reduce((sum, name) => sum + entries.filter((entry) => takesPart(entry, name)).length, 0);
  const total = rounds * (measurements(cases) * VISITS + entries.length) + measurements(secondHarness);
  let done = 0;
  const step = (what: string): void => options.onProgress?.(what, done++, total);

  for (let round = 1; round <= rounds; round++) {
    const sessions = new Map<string, Session>();
    for (const entry of entries) {
      step(`round ${round} of ${rounds}: warming ${entry.label}`);
      const own = cases.filter((name) => takesPart(entry, name));
      const session = await Session.start(entry, own);
      const tally = tallies.get(entry.label)!;
      if ("absent" in session) tally.cannotRun = session.absent;
      else {
        sessions.set(entry.label, session);
        tally.ready = session.ready;
      }
    }
    const measure = async (caseName: string, ms: number, harness: Harness): Promise<void> => {
      for (const entry of entries.filter((candidate) => takesPart(candidate, caseName))) {
        const { label } = entry;
        step(`round ${round} of ${rounds}: ${caseName} ${label}`);
        const session = sessions.get(label);
        if (!session || caseNamed(caseName).workload in session.ready.absent) continue;
        const { ns } = await session.measure({ case: caseName, ms, harness });
        const tally = tallies.get(label)!;
        if (harness === "benchmark") tally.second.set(caseName, ns);
        else tally.visits.set(caseName, [...(tally.visits.get(caseName) ?? []), ns]);
      }
    };
    for (const caseName of cases) {
      for (let visit = 0; visit < VISITS; visit++) await measure(caseName, options.ms / VISITS, "tinybench");
    }
    if (round === rounds) for (const caseName of secondHarness) await measure(caseName, options.ms, "benchmark");
    for (const session of sessions.values()) session.close();
  }
  return { contenders: [...tallies].map(([label, tally]) => summarise(label, tally)) };
}

function takesPart({ contender }: Entry, caseName: string): boolean {
  return caseNamed(caseName).comparison.contenders.includes(contender);
}

function summarise(label: string, { ready, cannotRun, visits, second }: Tally): ContenderResult {
  const figures = [...visits].map(([caseName, samples]): [string, Figure] => {
    const secondNs = second.get(caseName);
    const figure = { ns: median(samples), best: Math.min(...samples), visits: samples, spread: spread(samples) };
    return [caseName, secondNs === undefined ? figure : { ...figure, secondNs }];
  });
  return { label, ...ready, ...(cannotRun !== undefined && { cannotRun }), figures: Object.fromEntries(figures) };
}
