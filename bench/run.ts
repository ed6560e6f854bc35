/** `npm run bench`: scrimp beside its rivals. README.md in this folder says what is measured and how to choose. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { contenderNames } from "./contenders/index.js";
import { caseNames, headlineCases } from "./harness/cases.js";
import { type Results, runRounds } from "./harness/rounds.js";
import { chart, chartPanels } from "./report/chart.js";
import { describeMachine, type Machine, machineText } from "./report/machine.js";
import { endProgress, showProgress } from "./report/progress.js";
import { resultText } from "./report/text.js";

const USAGE = `npm run bench -- [PATTERN] [options]

  PATTERN              only cases that match this regular expression: '^medium', 'decode$', '^compact', '^parquet'
  --contenders A,B     only these: ${contenderNames.join(", ")}
  --rounds N           rounds of fresh processes (default 2)
  --ms N               time for each contender and case in a round (default 300)
  --svg                write bench/chart.svg
  --from FILE          show a run again that bench/results has
  --list               name the cases and stop
`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    contenders: { type: "string", default: contenderNames.join(",") },
    rounds: { type: "string", default: "2" },
    ms: { type: "string", default: "300" },
    svg: { type: "boolean", default: false },
    from: { type: "string" },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

interface SavedResults extends Results {
  readonly machine: Machine;
}

const pattern = positionals[0] ?? "";
const cases = caseNames.filter((name) => new RegExp(pattern).test(name));

if (options.help) process.stdout.write(USAGE);
else if (options.list) process.stdout.write(`${cases.join("\n")}\n`);
else if (options.from === undefined) await run();
else show(JSON.parse(readFileSync(options.from, "utf8")) as SavedResults);

async function run(): Promise<void> {
  const chosen = options.contenders.split(",");
  const unknown = chosen.find((name) => !contenderNames.includes(name));
  if (unknown !== undefined || cases.length === 0) {
    process.stderr.write(
      unknown === undefined ? `no case matches ${pattern}\n` : `no contender is called ${unknown}\n`,
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
  const saved = { machine: describeMachine(), ...results };
  save(saved);
  show(saved);
}

function save(results: SavedResults): void {
  const folder = new URL("results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const name = `${results.machine.date.replaceAll(/[:.]/g, "-")}.json`;
  writeFileSync(new URL(name, folder), `${JSON.stringify(results, null, 2)}\n`);
}

function show(results: SavedResults): void {
  process.stdout.write(`${machineText(results.machine)}\n\n${resultText(results, cases)}\n`);
  if (!options.svg) return;
  const panels = chartPanels.filter(({ caseName }) => cases.includes(caseName));
  const caption = `Messages a second; longer is faster. ${machineText(results.machine)}`;
  writeFileSync(new URL("chart.svg", import.meta.url), chart(results, panels, caption));
}
