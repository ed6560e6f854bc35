/** `scrimp bench-rpc IDL SERVICE.METHOD JSON`: puts load on a method. */

import progress from "cli-progress";
import { type Command, InvalidArgumentError, Option } from "commander";
import { createClient } from "../rpc/client/client.js";
import type { ConnectionsOption } from "../rpc/client/options.js";
import { resultOf } from "./call-failure.js";
import { Load } from "./load/load.js";
import { reportJson, reportLines } from "./load/report.js";
import { loadMethod, type MethodTarget, withMethod } from "./method.js";
import { callOptions, clientOptions, type PeerOptions, withPeer } from "./peer.js";
import type { Shell } from "./shell.js";
import { inUsage } from "./usage.js";

const EXAMPLE = `
Example:
  $ scrimp bench-rpc idl/shop.thrift Shop.search '{"words": "tea"}' -a 127.0.0.1:9090 --concurrency 128 --mode mux

Each of the calls at a time is followed by the next when it is answered, so a server that stalls is asked less often, and
what callers who come at their own pace would see is worse. Ctrl-C ends it early. A first call has to succeed before.`;

interface BenchOptions extends PeerOptions {
  include: string[];
  concurrency: number;
  duration: number;
  warmUp: number;
  mode: "pool" | "mux" | "short";
  connections?: number;
  json?: true;
}

/** Adds the command. */
export function addBenchRpc(program: Command, shell: Shell): void {
  withPeer(withMethod(program.command("bench-rpc")))
    .description("put load on a method and print latencies")
    .option("-c, --concurrency <calls>", "calls at a time", positive, 32)
    .option("-d, --duration <seconds>", "how long to measure", seconds, 10)
    .option("--warm-up <seconds>", "how long to run before that", seconds, 1)
    .addOption(
      new Option("--mode <name>", "one call at a time on each connection, many on few, or a connection for each call")
        .choices(["pool", "mux", "short"])
        .default("pool"),
    )
    .option("--connections <count>", "how many at most; as many as calls, for mux 2, when left out", positive)
    .option("--json", "print the figures as JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (...[idl, name, json, options, command]: [string, string, string, BenchOptions, Command]) => {
      const target = await loadMethod([idl, name, json], options.include, shell);
      await inUsage(command, () => bench(target, options, shell));
    });
}

async function bench({ service, method, args }: MethodTarget, options: BenchOptions, shell: Shell): Promise<void> {
  const { concurrency, duration, warmUp, json } = options;
  const given = {
    ...(await clientOptions(options, shell)),
    connections: connectionsOf(options),
    retry: false as const,
  };
  const client = createClient(service, given);
  const each = callOptions(options);
  const call = (): Promise<unknown> => client.call(method.name, args, each);
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  process.once("SIGINT", abort);
  try {
    // What the peer or the arguments do not allow shows now, and not as so many failures.
    await resultOf(client.warmUp().then(call));
    await new Load({ call, concurrency, durationMs: warmUp * 1000, signal: stop.signal }).run();
    const load = new Load({ call, concurrency, durationMs: duration * 1000, signal: stop.signal });
    await withProgress(load, duration, shell);
    if (json === true) await shell.print(`${JSON.stringify(reportJson(load), undefined, 2)}\n`);
    else await shell.printLines(reportLines(load, shell.paint));
  } finally {
    process.off("SIGINT", abort);
    client.destroy();
  }
}

/** As many as may be of use, so that what is measured is the server and not a queue. */
function connectionsOf({ mode, connections, concurrency }: BenchOptions): ConnectionsOption {
  if (mode === "short") return mode;
  if (mode === "mux") return { kind: mode, connectionsPerAddress: connections, maxPending: concurrency };
  const count = connections ?? concurrency;
  return { kind: mode, maxPerAddress: count, maxTotal: count, maxWaiting: concurrency };
}

const PROGRESS_MS = 200;

/** Runs load; a person at a terminal sees how it goes. */
async function withProgress(load: Load, duration: number, shell: Shell): Promise<void> {
  const format = "  {bar} {value} of {total} s   {calls} calls   {rate} a second   {failed} failed";
  const bar = new progress.SingleBar(
    { format, stream: shell.errors, clearOnComplete: true, hideCursor: true, fps: 1000 / PROGRESS_MS },
    progress.Presets.rect,
  );
  const figures = (): Record<string, string> => ({
    calls: load.latencies.count.toLocaleString("en"),
    rate: Math.round((load.latencies.count / load.elapsedMs) * 1000).toLocaleString("en"),
    failed: [...load.failures.values()].reduce((sum, count) => sum + count, 0).toLocaleString("en"),
  });
  bar.start(duration, 0, { calls: "0", rate: "0", failed: "0" });
  const timer = setInterval(() => bar.update(Math.floor(load.elapsedMs / 100) / 10, figures()), PROGRESS_MS);
  try {
    await load.run();
  } finally {
    clearInterval(timer);
    bar.stop();
  }
}

function positive(text: string): number {
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new InvalidArgumentError("expected a number from 1 to 999999");
  return Number(text);
}

function seconds(text: string): number {
  if (!/^[0-9]{1,6}(\.[0-9]+)?$/.test(text)) throw new InvalidArgumentError("expected a number of seconds");
  return Number(text);
}
