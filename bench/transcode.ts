/** `npm run bench:transcode -- [PATTERN] [--rounds N] [--ms N]`: bytes to bytes, beside the ways through objects. */

import { parseArgs } from "node:util";

import { importBuilt } from "./contenders/scrimp.js";
import { mainThreadClock } from "./harness/clock.js";
import { measure, warmUp, type Loop } from "./harness/measure.js";
import { median, spread } from "./harness/statistics.js";
import { describeMachine, machineText } from "./report/machine.js";
import { endProgress, showProgress } from "./report/progress.js";
import { aligned, nanoseconds, times } from "./report/text.js";
import { transcodeMessages } from "./transcode/messages.js";
import { OPERATIONS, waysOf, type Way } from "./transcode/ways.js";

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
  tables.push(`${name}\n${table(await waysOf(scrimp, message, operation))}`);
}
endProgress();
process.stdout.write(`${machineText(describeMachine())}\n\n${tables.join("\n\n")}\n`);

/** Ways are timed one after the other, round by round: what slows the machine for a while slows all of them. */
function table(ways: readonly Way[]): string {
  const loops = ways.map(({ run, input }): Loop => ({ operation: run, arguments: [input] }));
  for (const loop of loops) warmUp(loop, Number(options.ms) * 2, clock);
  const visits = ways.map((): number[] => []);
  for (let round = 0; round < Number(options.rounds); round++) {
    loops.forEach((loop, way) => visits[way].push(measure(loop, Number(options.ms), clock).ns));
  }
  const baseline = visits[ways.findIndex(({ label }) => label.includes("code") || label.includes("parse"))];
  const rows = ways.map(({ label, input }, way) => {
    const ns = median(visits[way]);
    const ratio = median(visits[way].map((each, round) => baseline[round] / each));
    const rate = (input.length * 1e3) / ns;
    return [label, nanoseconds(ns), nanoseconds(rate), times(ratio), `${(spread(visits[way]) * 100).toFixed(0)}%`];
  });
  return aligned([["", "ns", "MB/s", "through objects = 1", "spread"], ...rows]);
}
