/** Go Frugal itself: the program in `bench/go`, built when `go` is on PATH. It is given our bytes and says that it read all of them. */

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { cacheFolder } from "../harness/cache.js";
import { caseNamed } from "../harness/cases.js";
import type { Launch } from "../harness/session.js";
import { referenceBytes } from "../workload/reference.js";
import { workloadNamed } from "../workload/workload.js";

const run = promisify(execFile);
const source = fileURLToPath(new URL("../go/", import.meta.url));
const cache = cacheFolder("go");

let built: Promise<Launch> | undefined;

export async function goFrugal(cases: readonly string[]): Promise<Launch> {
  built ??= build();
  const launch = await built;
  if ("absent" in launch) return launch;
  const names = [...new Set(cases.map((name) => caseNamed(name).workload))];
  for (const name of names) writeMessages(name);
  return { command: launch.command, arguments: [cache, ...cases] };
}

async function build(): Promise<Launch> {
  try {
    await run("go", ["version"]);
  } catch {
    return { absent: "no go on PATH" };
  }
  try {
    await run("go", ["build", "-o", `${cache}frugal-bench`, "."], { cwd: source });
    return { command: `${cache}frugal-bench`, arguments: [] };
  } catch (error) {
    return { absent: `go build failed: ${(error as Error).message.trim().split("\n").at(-1)}` };
  }
}

/** `<workload>.<index>.bin`: the messages as Thrift has them. */
function writeMessages(workloadName: string): void {
  const { name, shape, values } = workloadNamed(workloadName);
  for (const [index, value] of values.entries()) {
    writeFileSync(`${cache}${name}.${index}.bin`, referenceBytes(shape, value));
  }
}
