/** Scripts of `bench/fresh`, each run many times in processes of its own, in turns. Plain JavaScript: a loader would be timed too. */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { aligned } from "../report/text.js";
import { median } from "./statistics.js";

const run = promisify(execFile);

export interface FreshScript {
  readonly title: string;
  readonly script: URL;
  readonly arguments: readonly string[];
}

/** Milliseconds by phase, one record a process. */
export type PhaseSamples = ReadonlyMap<string, readonly Readonly<Record<string, number>>[]>;

export async function runFresh(
  scripts: readonly FreshScript[],
  turns: number,
  onProgress: (step: string, done: number, total: number) => void,
): Promise<PhaseSamples> {
  const samples = new Map(scripts.map(({ title }): [string, Record<string, number>[]] => [title, []]));
  for (let turn = 0; turn < turns; turn++) {
    for (const [index, { title, script, arguments: words }] of scripts.entries()) {
      onProgress(`process ${turn + 1} of ${turns}: ${title}`, turn * scripts.length + index, turns * scripts.length);
      const { stdout } = await run(process.execPath, [fileURLToPath(script), ...words]);
      samples.get(title)!.push(JSON.parse(stdout.trim().split("\n").at(-1)!) as Record<string, number>);
    }
  }
  return samples;
}

/** Median and fastest process by phase, and of the sums. */
export function phaseText(samples: PhaseSamples): string {
  const names = [...new Set([...samples.values()].flatMap((runs) => Object.keys(runs[0])))];
  const heading = ["ms, median (fastest)", ...names, "sum"];
  const rows = [...samples].map(([title, runs]) => {
    const cells = names.map((name) => cell(runs.map((run) => run[name] ?? 0)));
    const sums = runs.map((run) => Object.values(run).reduce((sum, ms) => sum + ms, 0));
    return [title, ...cells, cell(sums)];
  });
  return aligned([heading, ...rows]);
}

function cell(samples: readonly number[]): string {
  return `${median(samples).toFixed(2)} (${Math.min(...samples).toFixed(2)})`;
}
