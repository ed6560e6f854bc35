/** F10: addresses at which there is no server. */

import { createServer } from "node:net";
import { once } from "node:events";
import { expect, test } from "vitest";
import { executedOf } from "../../src/rpc/index.js";
import { afterTest, closeAfterEach, connectCounter, startCounter, WAYS } from "./rig.js";
import { Ledger } from "../support/ledger.js";

closeAfterEach();

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

async function failureOf(call: Promise<unknown>): Promise<{ code?: string; address?: string }> {
  return call.then(
    () => {
      throw new Error("the call went well");
    },
    (error: unknown) => error as { code?: string },
  );
}

test.each(WAYS)("%s: a closed port fails calls that were not run", async (_, options) => {
  const client = connectCounter({ address: `127.0.0.1:${String(await closedPort())}`, ...options });
  const error = await failureOf(client.echo(1, new Uint8Array(0)));
  expect(error.code).toBe("ERR_THRIFT_TRANSPORT");
  expect(executedOf(error)).toBe("no");
});

test.each(WAYS)("%s: a name that does not resolve fails calls that were not run", async (_, options) => {
  const client = connectCounter({ address: "no-such-host.invalid:9090", ...options, timeoutMs: 3000 });
  const error = await failureOf(client.echo(1, new Uint8Array(0)));
  expect(["ERR_THRIFT_TRANSPORT", "ERR_THRIFT_DEADLINE"]).toContain(error.code);
  expect(executedOf(error)).toBe("no");
});

test.each(WAYS)("%s: a server that accepts nothing fails calls in their time", async (_, options) => {
  // Its queue holds one connection, and nobody takes any.
  const server = createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 });
  await once(server, "listening");
  server.on("connection", (socket) => socket.pause());
  afterTest(() => server.close());
  const { port } = server.address() as { port: number };
  const client = connectCounter({ address: `127.0.0.1:${String(port)}`, ...options, connectTimeoutMs: 100 });
  const errors = await Promise.all(
    Array.from({ length: 8 }, (_unused, i) => failureOf(client.echo(i, new Uint8Array(0)))),
  );
  for (const error of errors) expect(["ERR_THRIFT_DEADLINE", "ERR_THRIFT_TRANSPORT"]).toContain(error.code);
});

test.each(WAYS)("%s: of two addresses the one that answers serves all calls", async (_, options) => {
  const ledger = new Ledger();
  const { port } = await startCounter(ledger);
  const dead = `127.0.0.1:${String(await closedPort())}`;
  const client = connectCounter({ address: [dead, `127.0.0.1:${String(port)}`], ...options, timeoutMs: 2000 });
  for (let i = 0; i < 20; i++) await ledger.call(2000, (nonce) => client.echo(nonce, new Uint8Array(0)));
  expect(ledger.sums.succeeded).toBe(20);
  expect(ledger.problems()).toEqual([]);
});
