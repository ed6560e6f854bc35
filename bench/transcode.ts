/** `npm run bench:transcode -- [PATTERN] [--rounds N] [--ms N]`: bytes to bytes, beside the ways through objects. */

import { parseArgs } from "node:util";

import { importBuilt } from "./contenders/scrimp.js";
import { mainThreadClock } from "./harness/clock.js";
import { measure, warmUp, type Loop } from "./harness/measure.js";
import { median, spread } from "./harness/statistics.js";
import { describeMachine, machineText } from "./report/machine.js";
import { endProgress, showProgress } from "./report/progress.js";
import { aligned, nanoseconds, times } from "./report/text.js";
import { type GoRival, startGoRivals } from "./transcode/go-rivals.js";
import { transcodeMessages } from "./transcode/messages.js";
import { OPERATIONS, type Way, waysOf } from "./transcode/ways.js";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "5" }, ms: { type: "string", default: "150" } },
});
const pattern = new RegExp(positionals[0] ?? ".");
const clock = mainThreadClock();
const scrimp = await importBuilt();

const cases = transcodeMessages
  .flatMap((message) => OPERATIONS.map((operation) => ({ name: `${message.name}/${operation}`, message, operation })))
  .filter(({ name }) => pattern.test(name));
const tables: string[] = [];
for (const [index, { name, message, operation }] of cases.entries()) {
  showProgress(name, index, cases.length);
  const rivals = await startGoRivals(scrimp, message, operation);
  const ways = [...(await waysOf(scrimp, message, operation)).map(timed), ...rivals.map(timedInGo)];
  tables.push(`${name}\n${await table(ways)}`);
  for (const { session } of rivals) session.close();
}
endProgress();
process.stdout.write(`${machineText(describeMachine())}\n\n${tables.join("\n\n")}\n`);

interface Timed {
  readonly label: string;
  /** Size of the input. */
  readonly bytes: number;
  /** Nanoseconds a message. */
  readonly time: () => number | Promise<number>;
}

function timed({ label, run, input }: Way): Timed {
  const loop: Loop = { operation: run, arguments: [input] };
  warmUp(loop, Number(options.ms) * 2, clock);
  return { label, bytes: input.length, time: () => measure(loop, Number(options.ms), clock).ns };
}

function timedInGo({ label, session, case: goCase, bytes }: GoRival): Timed {
  const request = { case: goCase, ms: Number(options.ms), harness: "tinybench" } as const;
  return { label, bytes, time: async () => (await session.measure(request)).ns };
}

/** Ways are timed one after the other, round by round: what slows the machine for a while slows all of them. */
async function table(ways: readonly Timed[]): Promise<string> {
  const visits = ways.map((): number[] => []);
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [way, { time }] of ways.entries()) visits[way].push(await time());
  }
  const baseline = visits[ways.findIndex(({ label }) => label.includes("code") || label.includes("parse"))];
  const rows = ways.map(({ label, bytes }, way) => {
    const ns = median(visits[way]);
    const ratio = median(visits[way].map((each, round) => baseline[round] / each));
    const rate = (bytes * 1e3) / ns;
    return [label, nanoseconds(ns), nanoseconds(rate), times(ratio), `${(spread(visits[way]) * 100).toFixed(0)}%`];
  });
  return aligned([["", "ns", "MB/s", "through objects = 1", "spread"], ...rows]);
}
