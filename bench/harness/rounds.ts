/**
 * Rounds of fresh processes. Within a round all contenders of a case follow each other, A B C, so that what slows the machine for a
 * minute slows all of them; fresh processes bring to light what differs from one start to the next.
 */

import { caseNamed } from "./cases.js";
import type { Harness, Ready } from "./protocol.js";
import { type Entry, Session } from "./session.js";
import { median, spread } from "./statistics.js";

export interface RoundsOptions {
  readonly entries: readonly Entry[];
  readonly cases: readonly string[];
  readonly rounds: number;
  /** Time for each measurement of the main harness. */
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
  /** Median of the rounds' medians, for one message. */
  readonly ns: number;
  /** Each round's median. */
  readonly rounds: readonly number[];
  /** Largest distance between rounds, as a share of the median. */
  readonly spread: number;
  /** What benchmark.js says. */
  readonly secondNs?: number;
}

interface Tally {
  ready?: Ready;
  cannotRun?: string;
  readonly rounds: Map<string, number[]>;
  readonly second: Map<string, number>;
}

export async function runRounds(options: RoundsOptions): Promise<Results> {
  const { entries, cases, rounds, secondHarness = [] } = options;
  const tallies = new Map(entries.map(({ label }) => [label, { rounds: new Map(), second: new Map() } as Tally]));
  const total = rounds * entries.length * (cases.length + 1) + secondHarness.length * entries.length;
  let done = 0;
  const step = (what: string): void => options.onProgress?.(what, done++, total);

  for (let round = 1; round <= rounds; round++) {
    const sessions = new Map<string, Session>();
    for (const entry of entries) {
      step(`round ${round} of ${rounds}: warming ${entry.label}`);
      const session = await Session.start(entry, cases);
      const tally = tallies.get(entry.label)!;
      if ("absent" in session) tally.cannotRun = session.absent;
      else {
        sessions.set(entry.label, session);
        tally.ready = session.ready;
      }
    }
    const measure = async (caseName: string, ms: number, harness: Harness): Promise<void> => {
      for (const { label } of entries) {
        step(`round ${round} of ${rounds}: ${caseName} ${label}`);
        const session = sessions.get(label);
        if (!session || caseNamed(caseName).workload in session.ready.absent) continue;
        const { ns } = await session.measure({ case: caseName, ms, harness });
        const tally = tallies.get(label)!;
        if (harness === "benchmark") tally.second.set(caseName, ns);
        else tally.rounds.set(caseName, [...(tally.rounds.get(caseName) ?? []), ns]);
      }
    };
    for (const caseName of cases) await measure(caseName, options.ms, "tinybench");
    if (round === rounds) for (const caseName of secondHarness) await measure(caseName, 2 * options.ms, "benchmark");
    for (const session of sessions.values()) session.close();
  }
  return { contenders: [...tallies].map(([label, tally]) => summarise(label, tally)) };
}

function summarise(label: string, { ready, cannotRun, rounds, second }: Tally): ContenderResult {
  const figures = [...rounds].map(([caseName, samples]): [string, Figure] => {
    const secondNs = second.get(caseName);
    const figure = { ns: median(samples), rounds: samples, spread: spread(samples) };
    return [caseName, secondNs === undefined ? figure : { ...figure, secondNs }];
  });
  return { label, ...ready, ...(cannotRun !== undefined && { cannotRun }), figures: Object.fromEntries(figures) };
}
