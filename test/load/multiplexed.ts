/** L1: many calls in flight on each of many multiplexed connections; none is lost, repeated or answered with another's answer. */

import { Account, closedLoop, type LoadClient, startClient, startServer } from "./driver.js";
import { newPing } from "./service.js";

export interface MultiplexedFigures {
  readonly calls: number;
  readonly answered: number;
  readonly mismatched: number;
  readonly failures: Record<string, number>;
  readonly executed: number;
  readonly repeated: number;
  readonly callsPerSecond: number;
  /** Resident memory of the client, at the end beside what it was after a tenth of the calls. */
  readonly grownMiB: number;
}

export interface MultiplexedLoad {
  readonly calls: number;
  readonly connections: number;
  readonly inFlight: number;
}

export async function runMultiplexed({ calls, connections, inFlight }: MultiplexedLoad): Promise<MultiplexedFigures> {
  const server = await startServer();
  const client = await startClient({
    address: `127.0.0.1:${String(server.port)}`,
    connections: { kind: "mux", connectionsPerAddress: connections },
    timeoutMs: 30_000,
  });
  const account = new Account();
  const once = async (): Promise<void> => {
    const ping = newPing(256);
    await account.add(ping, client.echo(ping));
  };
  const start = performance.now();
  await closedLoop(calls / 10, connections * inFlight, once);
  const rss = process.memoryUsage.rss();
  await closedLoop(calls - calls / 10, connections * inFlight, once);
  const seconds = (performance.now() - start) / 1000;
  const grownMiB = (process.memoryUsage.rss() - rss) / 2 ** 20;
  const { executed, repeated } = await executions(client);
  await client.close();
  await server.stop();
  const { answered, mismatched, failures } = account;
  return {
    calls,
    answered,
    mismatched,
    failures: Object.fromEntries(failures),
    executed,
    repeated,
    callsPerSecond: calls / seconds,
    grownMiB,
  };
}

async function executions(client: LoadClient): Promise<{ executed: number; repeated: number }> {
  const { executed, repeated } = await client.ledger();
  return { executed: Number(executed), repeated: Number(repeated) };
}
