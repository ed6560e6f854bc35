/** `npm run bench:compare -- REF [PATTERN]`: this working tree beside another commit of scrimp, interleaved as contenders are. */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { cacheFolder } from "./harness/cache.js";
import { caseNames } from "./harness/cases.js";
import { ratio, runRounds } from "./harness/rounds.js";
import { describeMachine, machineText } from "./report/machine.js";
import { endProgress, showProgress } from "./report/progress.js";
import { aligned, nanoseconds, times } from "./report/text.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "5" },
    ms: { type: "string", default: "300" },
    contender: { type: "string", default: "scrimp" },
  },
});
const [reference, pattern = "."] = positionals;

if (reference === undefined) {
  process.stderr.write("npm run bench:compare -- REF [PATTERN] [--contender NAME] [--rounds N] [--ms N]\n");
  process.exitCode = 2;
} else {
  await compareWith(reference);
}

async function compareWith(ref: string): Promise<void> {
  const cases = caseNames.filter((name) => new RegExp(pattern).test(name));
  const { contenders } = await runRounds({
    entries: [
      { label: ref, contender: options.contender, environment: { SCRIMP_DIST: buildOf(ref) } },
      { label: "here", contender: options.contender },
    ],
    cases,
    rounds: Number(options.rounds),
    ms: Number(options.ms),
    onProgress: showProgress,
  });
  endProgress();
  for (const { label, cannotRun, absent = {} } of contenders) {
    for (const reason of [cannotRun ?? [], ...Object.values(absent)].flat())
      process.stderr.write(`${label}: ${reason}\n`);
  }
  const [before, after] = contenders;
  const rows = cases.flatMap((name) => {
    const [old, now] = [before.figures[name], after.figures[name]];
    if (!old || !now) return [];
    const spread = Math.max(old.spread, now.spread);
    return [[name, nanoseconds(old.ns), nanoseconds(now.ns), times(ratio(now, old)), `${(spread * 100).toFixed(0)}%`]];
  });
  const heading = ["ns", ref, "here", "gain", "spread"];
  process.stdout.write(`${machineText(describeMachine())}\n\n${aligned([heading, ...rows])}\n`);
}

/** Builds the commit in a folder of its own, kept for the next comparison. */
function buildOf(ref: string): string {
  const commit = git("rev-parse", "--short", `${ref}^{commit}`);
  const tree = `${cacheFolder("builds")}${commit}`;
  if (!existsSync(tree)) {
    mkdirSync(tree);
    execFileSync("tar", ["-x", "-C", tree], { input: execFileSync("git", ["archive", commit], { cwd: root }) });
    symlinkSync(`${root}node_modules`, `${tree}/node_modules`);
  }
  if (!existsSync(`${tree}/dist/index.js`)) {
    execFileSync("npm", ["run", "build", "--silent"], { cwd: tree, stdio: "ignore" });
  }
  return pathToFileURL(`${tree}/dist/`).href;
}

function git(...words: string[]): string {
  return execFileSync("git", words, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}
