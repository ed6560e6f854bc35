/** `npm run bench:cold-start`: a fresh process up to its first message, phase by phase, beside protobufjs and npm thrift. */

import { writeFileSync } from "node:fs";
import { serialize } from "node:v8";

import { spellPlain } from "./contenders/plain.js";
import { cacheFolder } from "./harness/cache.js";
import { phaseText, runFresh } from "./harness/fresh.js";
import { describeMachine, machineText } from "./report/machine.js";
import { endProgress, showProgress } from "./report/progress.js";
import { workloadNamed } from "./workload/workload.js";

const TURNS = 15;
const words = [writeInput()];

const samples = await runFresh(
  [
    { title: "scrimp", script: new URL("fresh/cold-scrimp.js", import.meta.url), arguments: words },
    { title: "protobufjs", script: new URL("fresh/cold-protobufjs.js", import.meta.url), arguments: words },
    { title: "thrift", script: new URL("fresh/cold-thrift.js", import.meta.url), arguments: words },
  ],
  TURNS,
  showProgress,
);
endProgress();
process.stdout.write(
  `${machineText(describeMachine())}\n\ncold start, one medium message (3.3 KB)\n${phaseText(samples)}\n`,
);

/** One message, as scrimp takes it and as rivals take it that know numbers and objects only. */
function writeInput(): string {
  const workload = workloadNamed("medium");
  const value = workload.values[0];
  const file = `${cacheFolder("cold-start")}medium.v8`;
  writeFileSync(file, serialize({ value, plain: spellPlain(workload)(workload.shape, value) }));
  return file;
}
