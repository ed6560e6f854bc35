/** What a client says of its calls to those who listen, and what middleware sees. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Call, Middleware } from "../../../src/rpc/call.js";
import { createClient, type Client } from "../../../src/rpc/client/client.js";
import type { ClientOptions } from "../../../src/rpc/client/options.js";
import { onEvent, type RpcEventName, type RpcEvents } from "../../../src/rpc/events.js";
import { createLoopback } from "../../../src/transport/loopback.js";
import { Echo, echoHandlers } from "../server/echo.js";
import { createServer, type Server } from "../../../src/rpc/server/server.js";

const STAGES = ["start", "pool", "connect", "write", "read", "decode", "retry", "finish"] as const;

let server: Server;
let client: Client;
let heard: [stage: string, event: any][];
const stops: (() => void)[] = [];
const address = createLoopback();

beforeEach(async () => {
  heard = [];
  server = createServer(Echo, echoHandlers());
  await server.listen(address);
});
afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  client.destroy();
  await server.close({ drainMs: 0 });
});

function listen(): void {
  for (const stage of STAGES) {
    const name = `client.${stage}` satisfies RpcEventName;
    stops.push(onEvent(name, (event: RpcEvents[typeof name]) => heard.push([stage, event])));
  }
}

function connect(options: Partial<ClientOptions> = {}): Client {
  return (client = createClient(Echo, { address, ...options }));
}

describe("events", () => {
  it("tell of every stage of a call, and that they belong together", async () => {
    listen();
    await connect().echo("x");
    await client.echo("y", { timeoutMs: 500 });
    expect(heard.map(([stage]) => stage)).toEqual([
      "start",
      "pool",
      "connect",
      "write",
      "read",
      "decode",
      "finish",
      "start",
      "pool",
      "write",
      "read",
      "decode",
      "finish",
    ]);
    const ids = heard.flatMap(([, { call }]) => (call === undefined ? [] : [call.id]));
    expect(new Set(ids).size).toBe(2);
    const [, { call, bytes, seqid }] = heard[3];
    expect([call.method.name, call.args, call.address, bytes, seqid]).toEqual(["echo", ["x"], address.text, 25, 1]);
    expect(heard[6][1]).toMatchObject({ executed: "yes", durationMs: expect.any(Number) });
    expect(heard.filter(([stage]) => stage === "pool").map(([, { action }]) => action)).toEqual(["wait", "reuse"]);
  });

  it("tell why a call failed, and whether it was run", async () => {
    listen();
    await expect(connect().fail("x")).rejects.toThrow();
    const [, decoded] = heard.at(-2)!;
    const [, finished] = heard.at(-1)!;
    expect(decoded.error).toBe(finished.error);
    expect(finished).toMatchObject({ executed: "yes", error: { code: 404 } });
  });

  it("tell of connections that cannot be made, and of calls that are made again", async () => {
    await server.close({ drainMs: 0 });
    listen();
    await expect(connect({ retry: { maxRetries: 1, backoff: { kind: "none" } } }).echo("x")).rejects.toThrow();
    expect(heard.map(([stage]) => stage)).toEqual(["start", "pool", "connect", "retry", "pool", "connect", "finish"]);
    expect(heard[2][1].error).toMatchObject({ executed: "no" });
    expect(heard.at(-1)![1]).toMatchObject({ executed: "no" });
  });

  it("that come to be heard while a call is made are those of the next", async () => {
    const first = connect().echo("x");
    listen();
    await first;
    expect(heard.filter(([, { call }]) => call !== undefined)).toEqual([]);
  });
});

describe("middleware", () => {
  const seen: Call[] = [];
  const watch: Middleware = (next) => (call) => {
    seen.push(call);
    return next(call);
  };

  it("sees a call and may change what is sent and what comes back", async () => {
    const shout: Middleware = (next) => async (call) =>
      `${String(await next({ ...call, args: [`${String(call.args[0])}!`] }))}?`;
    expect(await connect({ middleware: [watch, shout] }).echo("x", { idempotent: true })).toBe("x!?");
    expect(seen.at(-1)).toMatchObject({
      side: "client",
      args: ["x"],
      attempt: 0,
      idempotent: true,
      address: address.text,
      alternatives: [],
    });
    expect(seen.at(-1)!.deadline!.timeoutMs).toBe(5000);
  });

  it("that throws rejects the call, also where it should have rejected", async () => {
    const broken: Middleware = () => () => {
      throw new TypeError("broken");
    };
    await expect(connect({ middleware: [broken] }).echo("x")).rejects.toThrow(TypeError);
  });

  it("stands around each attempt of a retry, not around all", async () => {
    seen.length = 0;
    let failures = 2;
    const flaky: Middleware = (next) => (call) => (failures-- > 0 ? Promise.reject(new Error("flaky")) : next(call));
    const options = {
      retry: { on: { error: () => true }, backoff: { kind: "none" } },
      idempotent: true,
      middleware: [watch, flaky],
    } as const;
    expect(await connect(options).echo("x")).toBe("x");
    expect(seen.map(({ attempt }) => attempt)).toEqual([0, 1, 2]);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(1);
  });
});
