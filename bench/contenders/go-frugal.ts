/** Programs of `bench/go`, built when `go` is on PATH. Go Frugal is given our bytes and says that it read all of them. */

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

/** Where the programs lie and find their messages. */
export const goFolder = cacheFolder("go");

const built = new Map<string, Promise<Launch>>();

export async function goFrugal(cases: readonly string[]): Promise<Launch> {
  const launch = await goProgram("frugal");
  if ("absent" in launch) return launch;
  const names = [...new Set(cases.map((name) => caseNamed(name).workload))];
  for (const name of names) writeMessages(name);
  return { command: launch.command, arguments: [goFolder, ...cases] };
}

/** Builds a program once; it has the name of its folder. */
export function goProgram(name: "frugal" | "dynamicgo" | "kitex"): Promise<Launch> {
  const program = built.get(name) ?? build(name);
  built.set(name, program);
  return program;
}

async function build(name: string): Promise<Launch> {
  try {
    await run("go", ["version"]);
  } catch {
    return { absent: "no go on PATH" };
  }
  try {
    await run("go", ["build", "-o", goFolder + name, "."], { cwd: source + name });
    return { command: goFolder + name, arguments: [] };
  } catch (error) {
    return { absent: `go build failed: ${(error as Error).message.trim().split("\n").at(-1)}` };
  }
}

/** `<workload>.<index>.bin`: the messages as Thrift has them. */
function writeMessages(workloadName: string): void {
  const { name, shape, values } = workloadNamed(workloadName);
  for (const [index, value] of values.entries()) {
    writeFileSync(`${goFolder}${name}.${index}.bin`, referenceBytes(shape, value));
  }
}
