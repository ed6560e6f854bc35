/** F7, F11, F14: servers that are killed, stand still, or have too little of something. */

import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import {
  Account,
  type LoadClient,
  type ServerStart,
  startClient,
  startServer,
  type ServerProcess,
} from "../load/driver.js";
import { newPing } from "../load/service.js";
import { afterTest, closeAfterEach, REPETITIONS, WAYS } from "./rig.js";

closeAfterEach();

const LONG = 120_000;

async function start(options: ServerStart = {}): Promise<ServerProcess> {
  const server = await startServer(options);
  afterTest(() => {
    server.signal("SIGCONT");
    return server.stop();
  });
  return server;
}

async function clientOf({ port }: ServerProcess, options: object): Promise<LoadClient> {
  const client = await startClient({ address: `127.0.0.1:${String(port)}`, ...options });
  afterTest(() => client.destroy());
  return client;
}

function callOn(client: LoadClient, account: Account, timeoutMs: number): Promise<void> {
  const ping = newPing(100);
  return account.add(ping, client.echo(ping, { timeoutMs }));
}

function settled({ answered, failures }: Account): number {
  return answered + [...failures.values()].reduce((sum, count) => sum + count, 0);
}

describe("F7: a server is killed in the middle of calls", () => {
  test.each(WAYS)(
    "%s: each call is settled, and calls go well once there is a server again",
    { timeout: LONG },
    async (_, options) => {
      let server = await start();
      const client = await clientOf(server, options);
      const account = new Account();
      const ROUNDS = Math.ceil(REPETITIONS / 10);
      for (let round = 0; round < ROUNDS; round++) {
        const calls = Array.from({ length: 10 }, () => callOn(client, account, 1000));
        await sleep(Math.random() * 3);
        server.signal("SIGKILL");
        await Promise.all(calls);
        server = await start({ port: server.port });
        const after = new Account();
        // The client may wait a little before it tries an address again that it could not reach.
        for (let tries = 0; after.answered === 0 && tries < 20; tries++) {
          await callOn(client, after, 1000);
          if (after.answered === 0) await sleep(100);
        }
        expect(after.answered).toBe(1);
      }
      expect(settled(account)).toBe(ROUNDS * 10);
      expect(account.mismatched).toBe(0);
    },
  );
});

describe("F7: a server stands still for a while", () => {
  test.each(WAYS)("%s: calls end at their deadline, and go well afterwards", { timeout: LONG }, async (_, options) => {
    const server = await start();
    const client = await clientOf(server, options);
    await client.echo(newPing(10), { timeoutMs: 5000 });
    const account = new Account();
    server.signal("SIGSTOP");
    await Promise.all(Array.from({ length: 10 }, () => callOn(client, account, 100)));
    server.signal("SIGCONT");
    expect([...account.failures.keys()].every((kind) => kind.startsWith("ERR_THRIFT_DEADLINE"))).toBe(true);
    expect(settled(account)).toBe(10);
    const after = new Account();
    await callOn(client, after, 5000);
    expect(after.answered).toBe(1);
  });
});

// Windows has no ulimit.
test.skipIf(process.platform === "win32")(
  "F11: a server without files left stays alive, and recovers",
  { timeout: LONG },
  async () => {
    const server = await start({ maxFiles: 256 });
    const sockets = Array.from({ length: 400 }, () => connect(server.port, "127.0.0.1").on("error", () => undefined));
    await sleep(500);
    expect(server.isRunning).toBe(true);
    for (const socket of sockets) socket.destroy();
    const client = await clientOf(server, { connections: "short" });
    const account = new Account();
    for (let tries = 0; account.answered === 0 && tries < 20; tries++) {
      await callOn(client, account, 1000);
      if (account.answered === 0) await sleep(100);
    }
    expect(account.answered).toBe(1);
  },
);

test(
  "F14: a server with little memory outlives 500 connections with large frames under way",
  { timeout: LONG },
  async () => {
    const server = await start({ flags: ["--max-old-space-size=128"], limits: { globalBufferedBytes: 32 * 2 ** 20 } });
    const start16 = Buffer.alloc(64 * 1024);
    // A frame of 16 MB of which 64 KiB arrive.
    start16.writeUInt32BE(16_000_000);
    start16.writeUInt32BE(0x8001_0001, 4);
    const sockets = Array.from({ length: 500 }, () => {
      const socket = connect(server.port, "127.0.0.1").on("error", () => undefined);
      socket.write(start16);
      return socket;
    });
    await sleep(1000);
    expect(server.isRunning).toBe(true);
    for (const socket of sockets) socket.destroy();
    const client = await clientOf(server, {});
    const account = new Account();
    await callOn(client, account, 5000);
    expect(account.answered).toBe(1);
  },
);
