/** `npm run bench`: scrimp beside its rivals. README.md in this folder says what is measured and how to choose. */

import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { contenderNames } from "./contenders/index.js";
import { caseNames, headlineCases } from "./harness/cases.js";
import { type Results, runRounds } from "./harness/rounds.js";
import { chart } from "./report/chart.js";
import { describeMachine, type Machine, machineText } from "./report/machine.js";
import { endProgress, showProgress } from "./report/progress.js";
import { resultText } from "./report/text.js";

const USAGE = `npm run bench -- [PATTERN] [options]

  PATTERN              only cases that match this regular expression: '^medium', 'decode$', 'frugal-.*chinese'
  --contenders A,B     only these: ${contenderNames.join(", ")}
  --rounds N           rounds of fresh processes (default 3)
  --ms N               time for each contender and case in a round (default 300)
  --svg                write bench/chart.svg
  --list               name the cases and stop
`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    contenders: { type: "string", default: contenderNames.join(",") },
    rounds: { type: "string", default: "3" },
    ms: { type: "string", default: "300" },
    svg: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const cases = caseNames.filter((name) => new RegExp(positionals[0] ?? "").test(name));

if (options.help) process.stdout.write(USAGE);
else if (options.list) process.stdout.write(`${cases.join("\n")}\n`);
else await run();

async function run(): Promise<void> {
  const chosen = options.contenders.split(",");
  const unknown = chosen.find((name) => !contenderNames.includes(name));
  if (unknown !== undefined || cases.length === 0) {
    process.stderr.write(
      unknown === undefined ? `no case matches ${positionals[0]}\n` : `no contender is called ${unknown}\n`,
    );
    process.exitCode = 2;
    return;
  }
  const results = await runRounds({
    entries: chosen.map((contender) => ({ label: contender, contender })),
    cases,
    rounds: Number(options.rounds),
    ms: Number(options.ms),
    secondHarness: headlineCases.filter((name) => cases.includes(name)),
    onProgress: showProgress,
  });
  endProgress();
  report(results, describeMachine());
}

function report(results: Results, machine: Machine): void {
  process.stdout.write(`${machineText(machine)}\n\n${resultText(results, cases)}\n`);
  const folder = new URL("results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = new URL(`${machine.date.replaceAll(/[:.]/g, "-")}.json`, folder);
  writeFileSync(file, `${JSON.stringify({ machine, cases, ...results }, null, 2)}\n`);
  if (options.svg) writeFileSync(new URL("chart.svg", import.meta.url), headlineChart(results, machine));
}

function headlineChart(results: Results, machine: Machine): string {
  const headings: Record<string, string> = {
    "small/encode": "encode, 76 bytes",
    "small/decode": "decode, 76 bytes",
    "medium/encode": "encode, 3.3 KB",
    "medium/decode": "decode, 3.3 KB",
    "frugal-medium-ascii/encode": "encode, 17.5 KB, ASCII text",
    "frugal-medium-ascii/decode": "decode, 17.5 KB, ASCII text",
    "frugal-medium-chinese/encode": "encode, 17.5 KB, Chinese text",
    "frugal-medium-chinese/decode": "decode, 17.5 KB, Chinese text",
  };
  const panels = Object.entries(headings)
    .filter(([caseName]) => cases.includes(caseName))
    .map(([caseName, heading]) => ({ caseName, heading }));
  return chart(results, panels, `Messages a second; longer is faster. ${machineText(machine)}`);
}
