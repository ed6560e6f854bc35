/** Runs the command line: in this process, with streams that tests hold, or as a process of its own. */

import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { afterAll } from "vitest";
import { run } from "../../src/cli/run.js";

export interface Result {
  code: number;
  output: string;
  errors: string;
}

export interface RunOptions {
  input?: string | Uint8Array;
  env?: NodeJS.ProcessEnv;
  isTerminal?: boolean;
}

/** One command in this process. */
export async function scrimp(
  args: string[],
  { input = "", env = {}, isTerminal = false }: RunOptions = {},
): Promise<Result> {
  const output = new Gathered(isTerminal);
  const errors = new Gathered(isTerminal);
  const code = await run(args, { input: Readable.from([Buffer.from(input)]), output, errors, env });
  return { code, output: output.text(), errors: errors.text() };
}

class Gathered extends Writable {
  readonly isTTY: boolean;
  readonly #chunks: Buffer[] = [];

  constructor(isTTY: boolean) {
    super({ decodeStrings: true });
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}

/** The command from source, as a process of its own. `output` is a file descriptor instead of a pipe. */
export function spawnScrimp(args: string[], env: NodeJS.ProcessEnv = {}, output?: number): ChildProcess {
  const { NO_COLOR: _no, FORCE_COLOR: _force, ...inherited } = process.env;
  return spawn(process.execPath, ["--import", "tsx", "src/cli/main.ts", ...args], {
    env: { ...inherited, ...env },
    stdio: ["pipe", output ?? "pipe", "pipe"],
  });
}

/** Writes IDL files into a folder that is removed after the tests of the file. @returns the path of a name in it. */
export function idlFolder(files: Record<string, string>): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), "scrimp-cli-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return (name) => join(folder, name);
}
