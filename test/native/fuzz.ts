/**
 * Fuzzes the C++ of native/ without Node.js: libFuzzer with the address and undefined-behaviour sanitizers.
 *
 *     node --import tsx test/native/fuzz.ts --seconds 120 --seed 1
 *
 * Needs Debian's clang and libclang-rt (clang-14, libclang-rt-14-dev). Findings stay under fuzz-failures/native/.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { fuzzCorpus } from "./corpus.js";

const ROOT = path.join(import.meta.dirname, "../..");
const FAILURES = path.join(ROOT, "fuzz-failures/native");

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string", default: "1" } },
});

/** The newest clang at hand. */
function findCompiler(): string {
  const names = ["clang++", ...[19, 18, 17, 16, 15, 14].map((version) => `clang++-${String(version)}`)];
  const found = names.find((name) => spawnSync(name, ["--version"]).status === 0);
  if (found === undefined) throw new Error("no clang++ on PATH: apt-get install clang-14 libclang-rt-14-dev");
  return found;
}

function build(folder: string): string {
  const sources = readdirSync(path.join(ROOT, "native"))
    .filter((name) => name.endsWith(".cc") && name !== "addon.cc")
    .map((name) => path.join(ROOT, "native", name));
  const output = path.join(folder, "fuzz");
  const flags =
    "-std=c++20 -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all";
  execFileSync(
    findCompiler(),
    [...flags.split(" "), ...sources, path.join(import.meta.dirname, "fuzz.cc"), "-o", output],
    {
      stdio: "inherit",
    },
  );
  return output;
}

const folder = mkdtempSync(path.join(tmpdir(), "scrimp-fuzz-"));
const corpus = path.join(folder, "corpus");
mkdirSync(corpus);
mkdirSync(FAILURES, { recursive: true });
const { programs, inputs } = fuzzCorpus(Number(values.seed));
writeFileSync(path.join(folder, "programs"), programs);
inputs.forEach((input, index) => writeFileSync(path.join(corpus, String(index)), input));
console.log(`${String(inputs.length)} inputs to begin with`);
const { status } = spawnSync(
  build(folder),
  [
    corpus,
    `-max_total_time=${values.seconds}`,
    `-seed=${values.seed}`,
    `-artifact_prefix=${FAILURES}/`,
    "-max_len=4096",
    "-timeout=10",
    "-rss_limit_mb=2048",
    "-print_final_stats=1",
    "-verbosity=0",
  ],
  { stdio: "inherit", env: { ...process.env, SCRIMP_FUZZ_PROGRAMS: path.join(folder, "programs") } },
);
rmSync(folder, { recursive: true });
process.exitCode = status ?? 1;
