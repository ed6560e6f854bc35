/** Programs in Go that speak through Kitex: Kitex's own tool makes code from IDL, then Go builds all. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const CACHE = fileURLToPath(new URL("../../node_modules/.cache/scrimp-kitex/", import.meta.url));

/** Two processes at most, at low priority: what else runs on the machine goes first. */
const BUILD = ["-n", "10", "go", "build", "-p", "2", "-trimpath", "-o", "program", "."];

/**
 * Builds a program, which takes a minute when Kitex itself is not compiled yet. What was built from the same sources is
 * taken from a cache.
 *
 * @param folder a Go module whose packages are in that folder alone; what is generated is in `gen/` when it is built.
 * @param idl path of the IDL file.
 * @returns path of the program.
 * @throws Error when the tool or the compiler fails; what they said is in its message.
 */
export function buildKitexProgram(folder: string, idl: string): string {
  const sources = [...readdirSync(folder).map((name) => join(folder, name)), idl];
  const built = join(CACHE, keyOf(sources));
  const program = join(built, "program");
  if (existsSync(program)) return program;
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, "build-"));
  try {
    for (const source of sources) copyFileSync(source, join(work, basename(source)));
    run(work, "go", ["tool", "kitex", "-module", moduleName(folder), "-gen-path", "gen", basename(idl)]);
    run(work, "nice", BUILD);
    // Of two processes that build at once, the second finds the first's.
    if (!existsSync(built)) renameSync(work, built);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return program;
}

function keyOf(sources: readonly string[]): string {
  const hash = createHash("sha256").update(execFileSync("go", ["version"]));
  for (const source of sources) hash.update(basename(source)).update(readFileSync(source));
  return hash.digest("hex").slice(0, 16);
}

function moduleName(folder: string): string {
  return /^module (\S+)/m.exec(readFileSync(join(folder, "go.mod"), "utf8"))![1];
}

function run(folder: string, command: string, words: readonly string[]): void {
  execFileSync(command, words, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
}
