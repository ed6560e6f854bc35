/**
 * Runs the differential fuzzer for as long as asked.
 *
 *     node --import tsx test/fuzz/run.ts --minutes 10 --seed 1
 *     node --import tsx test/fuzz/run.ts --seed 4711 --replay 0b0001...    bytes of one finding, by the seed of its round
 *
 * Findings are printed, and saved under fuzz-failures/. Exits with 1 when there are any.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { hex, toHex } from "../support/hex.js";
import { fuzzRound, replay, subjectsOf, type Finding } from "./round.js";

const FOLDER = "fuzz-failures";

/** So many findings say enough. */
const MOST_FINDINGS = 20;

const { values, positionals } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string" },
    replay: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);

process.exitCode = (values.replay ? replayAll() : fuzz(Number(values.minutes) * 60_000)) === 0 ? 0 : 1;

/** @returns the number of findings. */
function fuzz(milliseconds: number): number {
  console.log(`seed ${String(seed)}`);
  const end = performance.now() + milliseconds;
  let [rounds, calls, findings] = [0, 0, 0];
  let nextReport = performance.now() + 60_000;
  while (performance.now() < end && findings < MOST_FINDINGS) {
    const result = runRound(seed + rounds);
    rounds++;
    calls += result.calls;
    for (const finding of result.findings.slice(0, MOST_FINDINGS)) save(finding, ++findings);
    if (performance.now() < nextReport) continue;
    nextReport += 60_000;
    console.log(
      `${String(rounds)} schemas, ${String(calls)} calls, ${String(findings)} findings; next seed ${String(seed + rounds)}`,
    );
  }
  console.log(`${String(rounds)} schemas, ${String(calls)} calls, ${String(findings)} findings`);
  return findings;
}

/** What a round throws is a finding as well: a schema that does not load or compile. */
function runRound(roundSeed: number): ReturnType<typeof fuzzRound> {
  try {
    return fuzzRound(roundSeed);
  } catch (error) {
    const what = `the round throws ${String(error)}`;
    return { findings: [{ seed: roundSeed, what, options: {}, idl: "", struct: "", bytes: undefined }], calls: 0 };
  }
}

function replayAll(): number {
  let found = 0;
  for (const digits of positionals) {
    const { findings, outcomes } = replay(seed, hex`${digits}`);
    for (const outcome of outcomes) console.log(outcome);
    for (const finding of findings) console.log(finding.what);
    found += findings.length;
  }
  if (positionals.length === 0) console.log(subjectsOf(seed).subjects[0].idl);
  return found;
}

function save(finding: Finding, number: number): void {
  const bytes = finding.bytes === undefined ? "" : toHex(finding.bytes);
  const command = `node --import tsx test/fuzz/run.ts ${bytes === "" ? `--minutes 0.0001 --seed ${String(finding.seed)}` : `--seed ${String(finding.seed)} --replay ${bytes}`}`;
  const options = JSON.stringify(finding.options);
  const text = [finding.what, command, `struct ${finding.struct}, options ${options}`, bytes, finding.idl].join("\n\n");
  mkdirSync(FOLDER, { recursive: true });
  const file = `${FOLDER}/${String(finding.seed)}-${String(number)}.txt`;
  writeFileSync(file, `${text}\n`);
  console.log(`${finding.what}\n  ${file}\n  ${command}`);
}
