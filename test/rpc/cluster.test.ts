import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { compileService } from "../../src/codec/message/service.js";
import { parseSchema } from "../../src/schema/parse.js";
import { RawPeer, wrap } from "./server/peer.js";

const PRIMARY = fileURLToPath(new URL("cluster/primary.ts", import.meta.url));
const codec = compileService(
  parseSchema({ "pid.thrift": "service Pid { i32 pid() }" }, { entry: "pid.thrift" }).service("Pid"),
);

let primary: ChildProcess | undefined;
afterEach(() => primary?.disconnect());

interface Report {
  port?: number;
  pid?: number;
  exited?: number;
  code?: number | null;
}

/** Starts the processes. @returns what they report, one after the other. */
function startPrimary(): () => Promise<Report> {
  const reports: Report[] = [];
  let wake: (() => void) | undefined;
  primary = fork(PRIMARY, [], { execArgv: ["--import", "tsx"] });
  primary.on("message", (report: Report) => {
    reports.push(report);
    wake?.();
  });
  return async () => {
    while (reports.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return reports.shift()!;
  };
}

/** Asks whoever takes the connection for its process. */
async function ask(port: number): Promise<number> {
  const raw = await RawPeer.connect(port);
  raw.send(wrap(codec.encodeMessage({ type: "call", name: "pid", seqid: 1, args: {} }), "framed"));
  const reply = await raw.reply();
  raw.socket.destroy();
  const message = codec.decodeMessage(reply!.message);
  return message.type === "reply" ? (message.success as number) : 0;
}

async function askAll(port: number): Promise<Set<number>> {
  const pids = new Set<number>();
  for (let i = 0; i < 20; i++) pids.add(await ask(port));
  return pids;
}

describe("workers of node:cluster", () => {
  it(
    "share a port, go on when one is killed, and end one by one without losing calls",
    { timeout: 60_000 },
    async () => {
      const next = startPrimary();
      const [first, second] = [await next(), await next()];
      expect(first.port).toBe(second.port);
      const port = first.port!;
      expect(await askAll(port)).toEqual(new Set([first.pid, second.pid]));

      process.kill(first.pid!, "SIGKILL");
      expect(await next()).toMatchObject({ exited: first.pid });
      expect(await askAll(port)).toEqual(new Set([second.pid]));
      const third = await next();
      expect(third.port).toBe(port);

      process.kill(second.pid!, "SIGTERM");
      let exit: Report | undefined;
      const exited = next().then((report) => (exit = report));
      // Calls are taken by one or the other while one of them closes.
      while (exit === undefined) expect([second.pid, third.pid]).toContain(await ask(port));
      expect(await exited).toMatchObject({ exited: second.pid, code: 0 });
      expect(await askAll(port)).toEqual(new Set([third.pid]));
    },
  );
});
