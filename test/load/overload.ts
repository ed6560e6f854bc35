/** L7: three times as many calls as a server can run. It goes on answering about as many as it can, the others are refused at once. */

import { setTimeout as sleep } from "node:timers/promises";
import { Account, closedLoop, type LoadClient, openLoop, startClient, startServer } from "./driver.js";
import { newPing } from "./service.js";

export interface OverloadFigures {
  /** Answers a second when as many calls are made as the server can run. */
  readonly peakPerSecond: number;
  readonly offeredPerSecond: number;
  /** Answers a second in time, while three times as many calls are made. */
  readonly goodputPerSecond: number;
  readonly p99Ms: number;
  readonly failures: Record<string, number>;
  /** 99th percentile before the overload, and 5 s after it. */
  readonly baselineP99Ms: number;
  readonly recoveredP99Ms: number;
}

const DEADLINE_MS = 200;
const BUSY_US = 500;

export async function runOverload({ ms }: { ms: number }): Promise<OverloadFigures> {
  const server = await startServer({ limits: { maxInFlight: 64 } });
  const client = await startClient({
    address: `127.0.0.1:${String(server.port)}`,
    transport: "ttheader",
    connections: { kind: "mux", connectionsPerAddress: 2 },
  });
  const call = callFor(client);
  await closedLoop(2000, 8, () => call(new Account()));
  const peakPerSecond = await peak(call, Math.min(ms, 5000));
  const calm = new Account();
  await openLoop(peakPerSecond / 4, 2000, () => call(calm));
  const account = new Account();
  const start = performance.now();
  await openLoop(peakPerSecond * 3, ms, () => call(account));
  const seconds = (performance.now() - start) / 1000;
  await sleep(5000);
  const after = new Account();
  await openLoop(peakPerSecond / 4, 2000, () => call(after));
  await client.close();
  await server.stop();
  return {
    peakPerSecond,
    offeredPerSecond: account.started / seconds,
    goodputPerSecond: account.answered / seconds,
    p99Ms: account.quantileMs(0.99),
    failures: Object.fromEntries(account.failures),
    baselineP99Ms: calm.quantileMs(0.99),
    recoveredP99Ms: after.quantileMs(0.99),
  };
}

function callFor(client: LoadClient): (account: Account) => Promise<void> {
  return (account) => {
    const ping = newPing(64);
    return account.add(ping, client.work(ping, BUSY_US, { timeoutMs: DEADLINE_MS }));
  };
}

async function peak(call: (account: Account) => Promise<void>, ms: number): Promise<number> {
  const account = new Account();
  const start = performance.now();
  const end = start + ms;
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (performance.now() < end) await call(account);
    }),
  );
  return (account.answered * 1000) / (performance.now() - start);
}
