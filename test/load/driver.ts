/** Starts servers, makes calls and keeps account of them. */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Client, createClient, type ClientOptions, executedOf } from "../../src/rpc/index.js";
import { answers, type Ledger, loadService, type Ping } from "./service.js";

/** A server in another process. */
export interface ServerProcess {
  readonly port: number;
  readonly pid: number;
  readonly isRunning: boolean;
  signal(name: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** How a server is started. */
export interface ServerStart {
  readonly host?: string;
  /** 0, the default, takes one that is free. */
  readonly port?: number;
  readonly limits?: Record<string, number>;
  /** Flags of Node.js. */
  readonly flags?: readonly string[];
  /** Files that the process may have open. */
  readonly maxFiles?: number;
}

const SERVER = fileURLToPath(new URL("server.ts", import.meta.url));

export async function startServer({ flags = [], maxFiles, ...options }: ServerStart = {}): Promise<ServerProcess> {
  const words = [process.execPath, "--import", "tsx", ...flags, SERVER, JSON.stringify(options)];
  const limited =
    maxFiles === undefined ? words : ["sh", "-c", `ulimit -n ${String(maxFiles)}; exec "$0" "$@"`, ...words];
  const child = spawn(limited[0], limited.slice(1), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    child.once("message", (message) => resolve((message as { port: number }).port));
    child.once("exit", (code) => reject(new Error(`the server ended with ${String(code)}`)));
  });
  return {
    port,
    pid: child.pid!,
    get isRunning() {
      return child.exitCode === null && child.signalCode === null;
    },
    signal: (name) => void child.kill(name),
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

export async function startClient(options: ClientOptions): Promise<LoadClient> {
  return createClient(await loadService(), options);
}

/** A client of the service under load. */
export type LoadClient = Client & {
  echo(ping: Ping, options?: { timeoutMs?: number }): Promise<Ping>;
  work(ping: Ping, busyUs: number, options?: { timeoutMs?: number }): Promise<Ping>;
  ledger(): Promise<Ledger>;
};

/** What became of calls. Each is counted once, under what it settled with. */
export class Account {
  started = 0;
  answered = 0;
  /** Answers that belong to another call or are damaged. */
  mismatched = 0;
  /** Failures by code, and whether the handler ran. */
  readonly failures = new Map<string, number>();
  readonly latenciesMs: number[] = [];

  async add(ping: Ping, call: Promise<Ping>): Promise<void> {
    this.started++;
    const start = performance.now();
    try {
      const pong = await call;
      if (!answers(pong, ping)) this.mismatched++;
      this.answered++;
      this.latenciesMs.push(performance.now() - start);
    } catch (error) {
      const key = `${(error as { code?: string }).code ?? String(error)} ${executedOf(error)}`;
      this.failures.set(key, (this.failures.get(key) ?? 0) + 1);
    }
  }

  /** Milliseconds below which this share of the answers came. */
  quantileMs(share: number): number {
    const sorted = this.latenciesMs.toSorted((left, right) => left - right);
    return sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;
  }
}

/** Makes `total` calls, `concurrency` at a time. */
export async function closedLoop(total: number, concurrency: number, once: () => Promise<void>): Promise<void> {
  let left = total;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left-- > 0) await once();
    }),
  );
}

/** Starts `perSecond` calls a second for so long, whether or not those before have ended, and waits for all of them. */
export async function openLoop(perSecond: number, ms: number, once: () => Promise<void>): Promise<void> {
  const start = performance.now();
  const calls: Promise<void>[] = [];
  for (let elapsed = 0; elapsed < ms; elapsed = performance.now() - start) {
    const due = Math.floor((elapsed * perSecond) / 1000);
    while (calls.length < due) calls.push(once());
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await Promise.all(calls);
}
