/** L5: a connection for every call. No call fails, and nothing is left of the connections. */

import { readdirSync } from "node:fs";
import { Account, closedLoop, startClient, startServer } from "./driver.js";
import { newPing } from "./service.js";

export interface ChurnFigures {
  readonly calls: number;
  readonly answered: number;
  readonly failures: Record<string, number>;
  readonly callsPerSecond: number;
  /** Open files of the server, after and before. */
  readonly leakedServerFiles: number;
  readonly leakedClientFiles: number;
}

/** An address of the loopback network each: a closed connection keeps its port for a minute, and one address has 28,000. */
const ADDRESSES = ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"];

export async function runChurn({ calls, atOnce }: { calls: number; atOnce: number }): Promise<ChurnFigures> {
  const server = await startServer({ host: "0.0.0.0" });
  const client = await startClient({
    address: ADDRESSES.map((host) => ({ host, port: server.port })),
    connections: "short",
    timeoutMs: 10_000,
  });
  await client.echo(newPing(64));
  await settle();
  const [serverFiles, clientFiles] = [openFiles(server.pid), openFiles("self")];
  const account = new Account();
  const start = performance.now();
  await closedLoop(calls, atOnce, async () => {
    const ping = newPing(64);
    await account.add(ping, client.echo(ping));
  });
  const seconds = (performance.now() - start) / 1000;
  await settle();
  const figures = {
    calls,
    answered: account.answered,
    failures: Object.fromEntries(account.failures),
    callsPerSecond: calls / seconds,
    leakedServerFiles: openFiles(server.pid) - serverFiles,
    leakedClientFiles: openFiles("self") - clientFiles,
  };
  await client.close();
  await server.stop();
  return figures;
}

/** Time for the last connections to close. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1000));
}

/** Linux alone says; 0 elsewhere. */
function openFiles(process: number | "self"): number {
  try {
    return readdirSync(`/proc/${String(process)}/fd`).length;
  } catch {
    return 0;
  }
}
