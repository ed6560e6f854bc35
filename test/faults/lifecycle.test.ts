/** F18: clients and servers that are closed at any moment; F16: hooks that throw. */

import { describe, expect, test } from "vitest";
import { onEvent, type RpcEventName } from "../../src/rpc/index.js";
import { Ledger } from "../support/ledger.js";
import {
  afterTest,
  closeAfterEach,
  connectCounter,
  expectWell,
  REPETITIONS,
  startCounter,
  startRig,
  WAYS,
} from "./rig.js";
import { Random } from "./rig.js";

closeAfterEach();

const LONG = 120_000;

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
}

describe.each(["close", "destroy"] as const)("F18: %s() of a client at any moment", (how) => {
  test.each(WAYS)("%s: each call is settled once", { timeout: LONG }, async (_, options) => {
    const ledger = new Ledger();
    const { port } = await startCounter(ledger);
    const random = new Random(1);
    for (let i = 0; i < REPETITIONS; i++) {
      const client = connectCounter({ address: `127.0.0.1:${String(port)}`, ...options });
      const calls = Array.from({ length: 3 }, () =>
        ledger.call(1000, (nonce) => client.echo(nonce, new Uint8Array(0))),
      );
      await turns(random.below(6));
      await client[how]();
      await client[how]();
      await Promise.all(calls);
    }
    expect(ledger.problems()).toEqual([]);
  });
});

test.each(WAYS)(
  "F18: %s: a server that is closed at any moment answers or refuses each call",
  { timeout: LONG },
  async (_, options) => {
    const ledger = new Ledger();
    const random = new Random(2);
    for (let i = 0; i < REPETITIONS / 5; i++) {
      const { server, port } = await startCounter(ledger);
      const client = connectCounter({ address: `127.0.0.1:${String(port)}`, ...options });
      const calls = Array.from({ length: 3 }, () =>
        ledger.call(1000, (nonce) => client.echo(nonce, new Uint8Array(0), { timeoutMs: 1000 })),
      );
      await turns(random.below(8));
      await Promise.all([server.close({ drainMs: 200 }), server.close()]);
      await Promise.all(calls);
      await client.close();
    }
    expect(ledger.problems()).toEqual([]);
  },
);

test.each(WAYS)("F18: %s: nothing is left open behind a closed client and server", async (_, options) => {
  const before = process.getActiveResourcesInfo().toSorted();
  const ledger = new Ledger();
  const { server, port } = await startCounter(ledger);
  const client = connectCounter({ address: `127.0.0.1:${String(port)}`, ...options });
  await client.echo(0, new Uint8Array(0));
  await client.close();
  await server.close();
  await turns(5);
  const added = process.getActiveResourcesInfo().toSorted();
  for (const resource of before) {
    const place = added.indexOf(resource);
    if (place >= 0) added.splice(place, 1);
  }
  expect(added.filter((resource) => resource.startsWith("TCP") || resource.startsWith("Pipe"))).toEqual([]);
});

test("F16: a log of a server that throws changes no call", async () => {
  const log = (): never => {
    throw new Error("from a hook");
  };
  const rig = await startRig({}, { log });
  rig.proxy.plan = () => ({ toServer: { stop: "reset", stopAt: 20 } });
  for (let i = 0; i < REPETITIONS; i++) await rig.calls(2);
  await expectWell(rig);
});

test.each([["client.start"], ["client.finish"], ["server.start"], ["server.handler"], ["server.finish"]] as [
  RpcEventName,
][])("F16: a listener to %s that throws is an uncaught exception of its own, and calls go on", async (name) => {
  const uncaught: unknown[] = [];
  const listeners = process.rawListeners("uncaughtException") as NodeJS.UncaughtExceptionListener[];
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => uncaught.push(error));
  afterTest(() => {
    process.removeAllListeners("uncaughtException");
    for (const listener of listeners) process.on("uncaughtException", listener);
  });
  const rig = await startRig();
  afterTest(
    onEvent(name, () => {
      throw new Error("from a listener");
    }),
  );
  await rig.calls(3);
  expect(rig.ledger.sums.succeeded).toBe(3);
  await turns(3);
  expect(uncaught.length).toBeGreaterThan(0);
});
