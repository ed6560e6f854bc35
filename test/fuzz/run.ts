/**
 * Runs the differential fuzzer for as long as asked.
 *
 *     node --import tsx test/fuzz/run.ts --minutes 10 --seed 1
 *     node --import tsx test/fuzz/run.ts --seed 4711 --rounds 1                         all of one round
 *     node --import tsx test/fuzz/run.ts --seed 4711 --subject 2 --replay 0b0001...     bytes of one finding
 *
 * Findings are printed, and saved under fuzz-failures/. Exits with 1 when there are any.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { hex, toHex } from "../support/hex.js";
import { fuzzRound, replay } from "./round.js";
import { subjectsOf, type Finding } from "./subject.js";

const FOLDER = "fuzz-failures";

/** Characters of what was found; all of it is in the file. */
const MOST_PRINTED = 200;

/** So many findings say enough. */
const MOST_FINDINGS = 20;

const { values, positionals } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    rounds: { type: "string", default: "Infinity" },
    seed: { type: "string" },
    subject: { type: "string", default: "0" },
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
  while (performance.now() < end && rounds < Number(values.rounds) && findings < MOST_FINDINGS) {
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
    const finding = { seed: roundSeed, subject: 0, what, options: {}, idl: "", struct: "", bytes: undefined };
    return { findings: [finding], calls: 0 };
  }
}

function replayAll(): number {
  const subject = Number(values.subject);
  const { idl, struct, options } = subjectsOf(seed).subjects[subject];
  console.log(`${idl}\n\nstruct ${struct}, options ${JSON.stringify(options)}`);
  let found = 0;
  for (const digits of positionals) {
    const { findings, outcome } = replay(seed, subject, hex`${digits}`);
    console.log(outcome);
    for (const finding of findings) console.log(finding.what);
    found += findings.length;
  }
  return found;
}

function save(finding: Finding, number: number): void {
  const bytes = finding.bytes === undefined ? "" : toHex(finding.bytes);
  const how = bytes === "" ? "--rounds 1" : `--subject ${String(finding.subject)} --replay ${bytes}`;
  const command = `node --import tsx test/fuzz/run.ts --seed ${String(finding.seed)} ${how}`;
  const options = JSON.stringify(finding.options);
  const text = [finding.what, command, `struct ${finding.struct}, options ${options}`, bytes, finding.idl].join("\n\n");
  mkdirSync(FOLDER, { recursive: true });
  const file = `${FOLDER}/${String(finding.seed)}-${String(number)}.txt`;
  writeFileSync(file, `${text}\n`);
  console.log(`${finding.what.slice(0, MOST_PRINTED)}\n  ${file}\n  ${command}`);
}
