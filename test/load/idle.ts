/** L3: very many idle connections beside some that are busy: what they cost, and that the busy ones do not feel them. */

import { connect, type Socket } from "node:net";
import { Account, openLoop, startClient, startServer } from "./driver.js";
import { newPing } from "./service.js";

export interface IdleFigures {
  readonly idle: number;
  /** Resident memory of the server for each idle connection. */
  readonly kibPerConnection: number;
  readonly answered: number;
  readonly failures: Record<string, number>;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface IdleLoad {
  readonly idle: number;
  readonly active: number;
  readonly callsPerSecond: number;
  readonly ms: number;
}

export async function runIdle({ idle, active, callsPerSecond, ms }: IdleLoad): Promise<IdleFigures> {
  const server = await startServer({ limits: { maxConnections: idle + 2 * active } });
  const client = await startClient({
    address: `127.0.0.1:${String(server.port)}`,
    connections: { kind: "pool", maxPerAddress: active },
    timeoutMs: 10_000,
  });
  await openLoop(callsPerSecond, 2000, async () => {
    await client.echo(newPing(256));
  });
  const before = Number((await client.ledger()).rssBytes);
  const sockets = await connectMany(server.port, idle);
  const kibPerConnection = (Number((await client.ledger()).rssBytes) - before) / 1024 / idle;
  const account = new Account();
  await openLoop(callsPerSecond, ms, async () => {
    const ping = newPing(256);
    await account.add(ping, client.echo(ping));
  });
  for (const socket of sockets) socket.destroy();
  await client.close();
  await server.stop();
  return {
    idle,
    kibPerConnection,
    answered: account.answered,
    failures: Object.fromEntries(account.failures),
    p50Ms: account.quantileMs(0.5),
    p99Ms: account.quantileMs(0.99),
  };
}

async function connectMany(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  const AT_ONCE = 100;
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - sockets.length) }, () => connectOne(port));
    sockets.push(...(await Promise.all(some)));
  }
  return sockets;
}

function connectOne(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.once("error", reject);
  });
}
