/** The parent's end of a contender's process. */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

import { goFrugal } from "../contenders/go-frugal.js";
import type { Ready, Reply, Request } from "./protocol.js";

/** Which process to start: the contender, and for comparisons of two builds the environment that tells them apart. */
export interface Entry {
  /** How results are filed; the contender's name unless it runs twice. */
  readonly label: string;
  readonly contender: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A program to start, or the reason why it cannot be. */
export type Launch = { readonly command: string; readonly arguments: readonly string[] } | { readonly absent: string };

/** `--single-threaded-gc` charges the collector's work to the thread that made the garbage. */
const NODE_FLAGS = ["--single-threaded-gc", "--import", "tsx"];

export class Session {
  readonly ready: Ready;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, ready: Ready) {
    this.#child = child;
    this.#lines = lines;
    this.ready = ready;
  }

  /** Resolves when the contender is warm, or with the reason why it cannot start. */
  static async start(entry: Entry, cases: readonly string[]): Promise<Session | { absent: string }> {
    const launch = await launchOf(entry.contender, cases);
    return "absent" in launch ? launch : Session.launch(launch, entry.environment);
  }

  /** The same for a program that is not in the list of contenders. */
  static async launch(
    launch: Exclude<Launch, { absent: string }>,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Session | { absent: string }> {
    const child = spawn(launch.command, launch.arguments, {
      stdio: ["pipe", "ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment },
    });
    const errors = tail(child.stderr!);
    const lines = createInterface({ input: child.stdio[3] as Readable })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done) return { absent: `its process ended: ${errors()}` };
    return new Session(child, lines, JSON.parse(first.value) as Ready);
  }

  async measure(request: Request): Promise<Reply> {
    this.#child.stdin!.write(`${JSON.stringify(request)}\n`);
    const line = await this.#lines.next();
    if (line.done) throw new Error(`${this.ready.title} ended while it measured ${request.case}`);
    return JSON.parse(line.value) as Reply;
  }

  close(): void {
    this.#child.stdin!.end();
  }
}

async function launchOf(contender: string, cases: readonly string[]): Promise<Launch> {
  if (contender === "go-frugal") return goFrugal(cases);
  const worker = fileURLToPath(new URL("worker.ts", import.meta.url));
  return { command: process.execPath, arguments: [...NODE_FLAGS, worker, contender, ...cases] };
}

/** Gives the last lines that came. */
function tail(stream: Readable): () => string {
  const lines: string[] = [];
  createInterface({ input: stream }).on("line", (line) => {
    lines.push(line);
    if (lines.length > 10) lines.shift();
  });
  return () => lines.join(" | ");
}
