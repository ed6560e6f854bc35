/** The two processes of a contender. */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { rpcContenders } from "./contenders/index.js";
import { buildKitex, kitexModes } from "./kitex.js";
import { type Cpu, type Listening, type Load, type Measured, WARM_UP_MS } from "./lines.js";
import type { Figure } from "./report.js";

export const contenderNames: readonly string[] = [...Object.keys(rpcContenders), ...Object.keys(kitexModes)];

/** A program that answers lines with lines. */
class LineProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor([command, ...words]: readonly string[]) {
    this.#child = spawn(command, words, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async read(): Promise<unknown> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`${this.#child.spawnargs.join(" ")} ended`);
    return JSON.parse(line.value);
  }

  async ask(line: string): Promise<unknown> {
    this.#child.stdin!.write(`${line}\n`);
    return this.read();
  }

  close(): void {
    this.#child.stdin!.end();
  }
}

export class RpcSession {
  readonly #server: LineProcess;
  readonly #client: LineProcess;

  private constructor(server: LineProcess, client: LineProcess) {
    this.#server = server;
    this.#client = client;
  }

  static async start(name: string): Promise<RpcSession | { absent: string }> {
    const commands = name in kitexModes ? kitexCommands(name) : nodeCommands(name);
    if ("absent" in commands) return commands;
    const server = new LineProcess(commands.server);
    const { port } = (await server.read()) as Listening;
    return new RpcSession(server, new LineProcess([...commands.client, String(port)]));
  }

  async measure(load: Load): Promise<Figure> {
    const before = (await this.#server.ask("cpu")) as Cpu;
    const measured = (await this.#client.ask(JSON.stringify(load))) as Measured;
    const after = (await this.#server.ask("cpu")) as Cpu;
    const { calls, failed, seconds, p50Us, p99Us, cpuMs } = measured;
    // The server's time holds the warm-up of the client, too: shared out by time, as both run at the same pace.
    const share = (seconds * 1000) / (seconds * 1000 + WARM_UP_MS);
    const serverCpuUs = ((after.cpuMs - before.cpuMs) * share * 1000) / calls;
    return { qps: calls / seconds, p50Us, p99Us, clientCpuUs: (cpuMs * 1000) / calls, serverCpuUs, failed };
  }

  close(): void {
    this.#client.close();
    this.#server.close();
  }
}

interface Commands {
  readonly server: readonly string[];
  readonly client: readonly string[];
}

/**
 * V8 begins with a young generation of a megabyte and lets it grow by what survives, which is little here. Whether it ever
 * does is left to chance, and decides between 2.5 and 4.3 us of a multiplexing client's processor for each call. So all
 * contenders of Node.js have a large one from the beginning.
 */
const NODE_FLAGS = ["--min-semi-space-size=16"];

function nodeCommands(name: string): Commands {
  const node = (file: string): string[] => [
    process.execPath,
    ...NODE_FLAGS,
    "--import",
    "tsx",
    fileURLToPath(new URL(file, import.meta.url)),
    name,
  ];
  return { server: node("server.ts"), client: node("client.ts") };
}

function kitexCommands(mode: string): Commands | { absent: string } {
  const built = buildKitex();
  if ("absent" in built) return built;
  return { server: [built.program, "server", mode], client: [built.program, "client", mode] };
}
