/** How calls end when no reply ends them: time, signals, lost connections, closed clients. */

import { getEventListeners } from "node:events";
import { createServer as listenTcp, type AddressInfo } from "node:net";
import { setImmediate, setTimeout as after } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { DeadlineError, ThriftError, TransportError } from "../../../src/errors.js";
import { createClient, type Client } from "../../../src/rpc/client/client.js";
import type { ClientOptions } from "../../../src/rpc/client/options.js";
import { Deadline } from "../../../src/rpc/deadline.js";
import { NO_METAINFO, runInScope } from "../../../src/rpc/metainfo.js";
import { IntKey } from "../../../src/transport/ttheader-keys.js";
import { Echo } from "../server/echo.js";
import { type Request, type ScriptedConnection, ScriptedServer } from "./scripted-server.js";

const servers: ScriptedServer[] = [];
const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  for (const server of servers.splice(0)) await server.close();
});

async function listen(script: (connection: ScriptedConnection) => unknown): Promise<ScriptedServer> {
  const server = await ScriptedServer.listen(script);
  servers.push(server);
  return server;
}

function connect(address: ClientOptions["address"], options: Partial<ClientOptions> = {}): Client {
  const client = createClient(Echo, { address, timeoutMs: 2000, retry: false, ...options });
  clients.push(client);
  return client;
}

const MUX = { kind: "mux", connectionsPerAddress: 1 } as const;
const KINDS = ["pool", "short", MUX] as const;
const silent = (): undefined => undefined;
const echo = (connection: ScriptedConnection): Promise<void> => connection.echo();

/** An address where nobody listens. */
async function nowhere(): Promise<string> {
  const server = listenTcp();
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1" }, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${String(port)}`;
}

async function failureOf(call: Promise<unknown>): Promise<any> {
  return call.then(
    () => {
      throw new Error("the call did not fail");
    },
    (error: unknown) => error,
  );
}

describe("a call that gets no reply in time", () => {
  it.each(KINDS)("rejects, and says that it may have been run: %j", async (connections) => {
    const { address } = await listen(silent);
    const error = await failureOf(connect(address, { connections }).echo("x", { timeoutMs: 50 }));
    expect(error).toBeInstanceOf(DeadlineError);
    expect(error).toMatchObject({ executed: "maybe", timeoutMs: 50 });
    expect(error.message).toBe(`${address}: expected a reply of Echo.echo within 50 ms, found none`);
  });

  it("costs a connection that it has to itself, so that no later call gets its reply", async () => {
    const server = await listen(async (connection) => {
      const request = (await connection.request())!;
      await after(connection.index === 0 ? 150 : 0);
      connection.answer(request, request.args[0]);
    });
    const client = connect(server.address);
    await failureOf(client.echo("first", { timeoutMs: 50 }));
    expect(await client.echo("second")).toBe("second");
    expect(server.connections).toHaveLength(2);
  });

  it("leaves a shared connection as it is; its reply is dropped when it comes", async () => {
    const server = await listen(async (connection) => {
      const late = (await connection.request())!;
      const prompt = (await connection.request())!;
      connection.answer(late, "late");
      connection.answer(prompt, prompt.args[0]);
      return connection.echo();
    });
    const client = connect(server.address, { connections: MUX });
    await failureOf(client.echo("first", { timeoutMs: 50 }));
    expect(await client.echo("second")).toBe("second");
    expect(await client.echo("third")).toBe("third");
    expect(server.connections).toHaveLength(1);
  });

  it("takes a silent shared connection with it when it is the third in a row, and those that wait fail", async () => {
    const server = await listen((connection) => (connection.index === 0 ? undefined : connection.echo()));
    const client = connect(server.address, { connections: MUX });
    const bystander = failureOf(client.echo("bystander"));
    for (let i = 0; i < 3; i++) {
      // Of those that time out together one counts.
      await Promise.all([1, 2, 3].map(() => failureOf(client.echo("x", { timeoutMs: 30 }))));
      expect(server.connections).toHaveLength(1);
    }
    expect(await bystander).toMatchObject({ executed: "maybe", code: "ERR_THRIFT_TRANSPORT" });
    expect(await client.echo("again")).toBe("again");
    expect(server.connections).toHaveLength(2);
  });

  it("may be one of many, as long as the shared connection brings something in between", async () => {
    const server = await listen(async (connection) => {
      for (;;) {
        const request = await connection.request();
        if (request === undefined) return;
        if (request.args[0] !== "lost") connection.answer(request, request.args[0]);
      }
    });
    const client = connect(server.address, { connections: MUX });
    for (let i = 0; i < 5; i++) {
      await failureOf(client.echo("lost", { timeoutMs: 20 }));
      expect(await client.echo("found")).toBe("found");
    }
    expect(server.connections).toHaveLength(1);
  });

  it("was not run when it was still waiting for a connection", async () => {
    const { address } = await listen(silent);
    const client = connect(address, { connections: { kind: "pool", maxPerAddress: 1 } });
    const first = failureOf(client.echo("x", { timeoutMs: 500 }));
    await after(20);
    expect(await failureOf(client.echo("y", { timeoutMs: 50 }))).toMatchObject({
      executed: "no",
      code: "ERR_THRIFT_DEADLINE",
    });
    expect(await first).toMatchObject({ executed: "maybe" });
  });

  it("gets no more time than the call that it is made for has left", async () => {
    const requests: Request[] = [];
    const { address } = await listen(async (connection) => requests.push((await connection.request())!));
    const client = connect(address, { transport: "ttheader", timeoutMs: 10_000 });
    const scope = { metainfo: NO_METAINFO, deadline: new Deadline(100), method: { name: "outer" } };
    const error = await failureOf(runInScope(scope, () => client.echo("x")));
    expect(error).toBeInstanceOf(DeadlineError);
    expect(error.timeoutMs).toBeLessThanOrEqual(98);
    expect(Number(requests[0].header!.ints.get(IntKey.RPC_TIMEOUT))).toBeLessThanOrEqual(98);
    expect(requests[0].header!.ints.get(IntKey.FROM_METHOD)).toBe("outer");
    expect(await failureOf(runInScope({ ...scope, deadline: new Deadline(1) }, () => client.echo("x")))).toMatchObject({
      executed: "no",
    });
  });

  it("tells the server what is left of its time, not what it had", async () => {
    const server = await listen(async (connection) => {
      for (let request = await connection.request(); request !== undefined; request = await connection.request()) {
        if (request.args[0] === "slow") await after(100);
        connection.answer(request, request.header!.ints.get(IntKey.RPC_TIMEOUT));
      }
    });
    const client = connect(server.address, { transport: "ttheader", connections: { kind: "pool", maxPerAddress: 1 } });
    await client.warmUp();
    const [first, second] = await Promise.all([client.echo("slow"), client.echo("waits")]);
    expect(first).toBe("2000");
    expect(Number(second)).toBeLessThanOrEqual(1905);
  });
});

describe("a signal", () => {
  it("that has been aborted ends a call before it is sent", async () => {
    const server = await listen(echo);
    const error = await failureOf(connect(server.address).echo("x", { signal: AbortSignal.abort("why") }));
    expect(error).toMatchObject({ code: "ERR_THRIFT_CANCELLED", executed: "no", cause: "why" });
    expect(server.connections).toHaveLength(0);
  });

  it.each(KINDS)("ends a call that waits for its reply: %j", async (connections) => {
    const abort = new AbortController();
    const server = await listen(async (connection) => {
      if (connection.index > 0) return connection.echo();
      const request = (await connection.request())!;
      abort.abort("enough");
      await after(20);
      connection.answer(request, "late");
      return connection.echo();
    });
    const client = connect(server.address, { connections });
    const error = await failureOf(client.echo("x", { signal: abort.signal }));
    expect(error).toMatchObject({ code: "ERR_THRIFT_CANCELLED", executed: "maybe", cause: "enough" });
    expect(await client.echo("next")).toBe("next");
    expect(server.connections).toHaveLength(connections === MUX ? 1 : 2);
  });

  it("ends a call that waits for a connection", async () => {
    const { address } = await listen(silent);
    const client = connect(address, { connections: { kind: "pool", maxPerAddress: 1 } });
    void client.echo("x").catch(() => undefined);
    await after(20);
    const abort = new AbortController();
    const waiting = failureOf(client.echo("y", { signal: abort.signal }));
    abort.abort();
    expect(await waiting).toMatchObject({ code: "ERR_THRIFT_CANCELLED", executed: "no" });
  });

  it("of many calls is listened to once, and let go of when they are over", async () => {
    const { address } = await listen(echo);
    const { signal } = new AbortController();
    const client = connect(address, { connections: MUX });
    const calls = Array.from({ length: 20 }, () => client.echo("x", { signal }));
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    await Promise.all(calls);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});

describe("a connection that is lost", () => {
  const LOSSES = {
    reset: (connection: ScriptedConnection) => connection.raw.socket.resetAndDestroy(),
    ended: (connection: ScriptedConnection) => connection.raw.socket.end(),
    "ended within a frame": (connection: ScriptedConnection) =>
      connection.raw.socket.end(Buffer.from("0000001080", "hex")),
  };

  it.each(Object.entries(LOSSES).flatMap(([name, lose]) => KINDS.map((connections) => ({ name, lose, connections }))))(
    "$name, fails the calls that wait on it: $connections",
    async ({ lose, connections }) => {
      const server = await listen(async (connection) => {
        if (connection.index > 0) return connection.echo();
        await connection.request();
        lose(connection);
      });
      const client = connect(server.address, { connections });
      const error = await failureOf(client.echo("x"));
      expect(error).toBeInstanceOf(TransportError);
      expect(error).toMatchObject({ executed: "maybe", address: server.address });
      expect(await client.echo("next")).toBe("next");
    },
  );

  it.each(["reset", "ended"] as const)("while no call waits on it, %s, is not used again", async (how) => {
    const server = await listen(echo);
    const client = connect(server.address);
    for (let i = 0; i < 20; i++) {
      expect(await client.echo(String(i))).toBe(String(i));
      const connection = server.connections.at(-1)!;
      LOSSES[how](connection);
      await connection.raw.closed;
      // The client is in this process: it reads what has happened in the next turns of the event loop.
      for (let turn = 0; turn < 3; turn++) await setImmediate();
    }
    expect(server.connections).toHaveLength(20);
  });

  it("is not used again when it brought the start of something that no call asked for", async () => {
    const server = await listen(async (connection) => {
      const request = (await connection.request())!;
      connection.answer(request, request.args[0]);
      connection.raw.send(Buffer.from("0000", "hex"));
      return connection.echo();
    });
    const client = connect(server.address);
    expect(await Promise.all([client.echo("first"), client.echo("second")])).toEqual(["first", "second"]);
    for (let turn = 0; turn < 3; turn++) await setImmediate();
    const before = server.connections.length;
    expect(await client.echo("third")).toBe("third");
    expect(server.connections).toHaveLength(before + 1);
  });

  it("is not used again when it brought something that no call asked for", async () => {
    const server = await listen(async (connection) => {
      const request = (await connection.request())!;
      connection.answer(request, request.args[0]);
      connection.answer({ ...request, seqid: 2 }, "poison");
      return connection.echo();
    });
    const client = connect(server.address);
    expect(await client.echo("first")).toBe("first");
    expect(await client.echo("second")).toBe("second");
    expect(server.connections).toHaveLength(2);
  });
});

describe("a server that does not read", () => {
  it("has calls refused that would wait with too many bytes, and keeps the others", async () => {
    const server = await listen(({ raw }) => raw.socket.pause());
    const client = connect(server.address, { connections: MUX, limits: { maxUnsentBytes: 4_000_000 } });
    await client.warmUp();
    const text = "x".repeat(1_000_000);
    const sent = Array.from({ length: 12 }, () => failureOf(client.echo(text)));
    const refused = (await Promise.all(sent.slice(6))).filter(({ code }) => code === "ERR_THRIFT_OVERLOADED");
    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused) expect(error.executed).toBe("no");
    server.connections[0].raw.socket.resume();
    client.destroy();
    expect(await sent[0]).toMatchObject({ code: "ERR_THRIFT_CLOSED" });
  });
});

describe("several addresses", () => {
  it("are taken in turn", async () => {
    const both = [await listen(echo), await listen(echo)];
    const client = connect(
      both.map(({ address }) => address),
      { connections: "short" },
    );
    for (let i = 0; i < 6; i++) await client.echo("x");
    expect(both.map(({ connections }) => connections.length)).toEqual([3, 3]);
  });

  it.each(KINDS)(
    "have a call go to the next when one cannot be reached, which is then left alone: %j",
    async (connections) => {
      const { address } = await listen(echo);
      const client = connect([await nowhere(), address, await nowhere()], { connections });
      for (let i = 0; i < 10; i++) expect(await client.echo(String(i))).toBe(String(i));
    },
  );

  it("that can none be reached fail the call, which was not run", async () => {
    const client = connect([await nowhere(), await nowhere()]);
    expect(await failureOf(client.echo("x"))).toMatchObject({ code: "ERR_THRIFT_TRANSPORT", executed: "no" });
  });

  it("do not hold a call that says where to go", async () => {
    const [one, other] = [await listen(echo), await listen(echo)];
    const client = connect(one.address);
    for (let i = 0; i < 3; i++) await client.echo("x", { address: other.address });
    expect([one.connections.length, other.connections.length]).toEqual([0, 1]);
  });

  it("are found again by the default retry, when the server did not run the call", async () => {
    const refusing = await listen(async (connection) => {
      for (let request = await connection.request(); request !== undefined; request = await connection.request()) {
        connection.refuse(request, 6, "DRAINING: soon gone");
      }
    });
    const good = await listen(echo);
    const client = createClient(Echo, { address: [refusing.address, good.address] });
    clients.push(client);
    for (let i = 0; i < 4; i++) expect(await client.echo(String(i))).toBe(String(i));
  });
});

describe("a oneway call", () => {
  it.each(KINDS)("resolves when it has left, and waits for no answer: %j", async (connections) => {
    const seen: unknown[] = [];
    const { address } = await listen(async (connection) => {
      for (let request = await connection.request(); request !== undefined; request = await connection.request()) {
        seen.push([request.type, request.args[0]]);
        if (request.type === "call") connection.answer(request, request.args[0]);
      }
    });
    const client = connect(address, { connections });
    expect(await client.fire("away")).toBeUndefined();
    expect(await client.echo("x")).toBe("x");
    expect(seen).toEqual(expect.arrayContaining([["oneway", "away"]]));
  });

  it("rejects when it cannot leave", async () => {
    expect(await failureOf(connect(await nowhere()).fire("x"))).toMatchObject({ executed: "no" });
  });

  it.each(["pool", MUX] as const)("is not mistaken for another call when it is answered: %j", async (connections) => {
    const { address } = await listen(async (connection) => {
      for (let request = await connection.request(); request !== undefined; request = await connection.request()) {
        connection.answer({ ...request, name: "echo" }, request.args[0]);
      }
    });
    const client = connect(address, { connections });
    await client.fire("away");
    expect(await client.echo("x")).toBe("x");
  });
});

describe("a client that is closed", () => {
  it.each(KINDS)("takes no more calls, and lets those finish that were made: %j", async (connections) => {
    const server = await listen(async (connection) => {
      const request = (await connection.request())!;
      await after(50);
      connection.answer(request, request.args[0]);
    });
    const client = connect(server.address, { connections });
    const pending = client.echo("x");
    const closed = client.close();
    expect(client.close()).toBe(closed);
    expect(await failureOf(client.echo("y"))).toMatchObject({ code: "ERR_THRIFT_CLOSED" });
    expect(await pending).toBe("x");
    await closed;
    await server.connections[0].raw.closed;
  });

  it("is closed at the end of a block", async () => {
    const server = await listen(echo);
    const client = connect(server.address);
    await client.echo("x");
    await client[Symbol.asyncDispose]();
    await server.connections[0].raw.closed;
    expect(await failureOf(client.echo("y"))).toBeInstanceOf(ThriftError);
  });

  it.each([...KINDS, { kind: "pool", maxPerAddress: 1 } as const])(
    "by force fails all calls at once: %j",
    async (connections) => {
      const server = await listen(silent);
      const client = connect(server.address, { connections });
      const pending = [client.echo("sent"), client.echo("too", { timeoutMs: 1900 })].map(failureOf);
      await vi.waitFor(() => {
        expect(server.connections.length).toBeGreaterThan(0);
      });
      await after(20);
      client.destroy();
      for (const error of await Promise.all(pending)) expect(error).toMatchObject({ code: "ERR_THRIFT_CLOSED" });
      expect(await failureOf(client.echo("y"))).toMatchObject({ code: "ERR_THRIFT_CLOSED" });
      await client.close();
    },
  );

  it("by force while it connects fails the call", async () => {
    const { address } = await listen(silent);
    const client = connect(address);
    const pending = failureOf(client.echo("x"));
    client.destroy();
    expect(await pending).toMatchObject({ code: "ERR_THRIFT_CLOSED", executed: "no" });
  });

  it("by force ends calls that middleware has", async () => {
    const { address } = await listen(echo);
    const client = connect(address, { middleware: [() => () => new Promise(() => undefined)] });
    const pending = failureOf(client.echo("x"));
    client.destroy();
    expect(await pending).toMatchObject({ code: "ERR_THRIFT_CLOSED", executed: "maybe" });
  });
});

describe("a client that warms up", () => {
  it.each(KINDS)("has connections before the first call: %j", async (connections) => {
    const server = await listen(echo);
    const client = connect(server.address, { connections });
    await client.warmUp();
    const opened = server.connections.length;
    expect(opened).toBe(connections === "short" ? 0 : 1);
    await client.echo("x");
    expect(server.connections).toHaveLength(1);
  });

  it("does so by itself when it is told to", async () => {
    const server = await listen(echo);
    connect(server.address, { warmUp: { connections: 3 } });
    await vi.waitFor(() => {
      expect(server.connections).toHaveLength(3);
    });
  });

  it("tells that an address cannot be reached, warns of it, or does not mind", async () => {
    const client = connect(await nowhere());
    await expect(client.warmUp()).rejects.toBeInstanceOf(TransportError);
    await client.warmUp({ onFailure: "ignore" });
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    await client.warmUp({ onFailure: "warn" });
    expect(warn.mock.calls).toEqual([[expect.stringContaining("cannot connect"), { code: "SCRIMP_WARM_UP" }]]);
    warn.mockRestore();
  });
});

describe("where the npm package thrift", () => {
  it("exits, on a reset within a frame, the call rejects", async () => {
    const { address } = await listen(async (connection) => {
      await connection.request();
      connection.raw.send(Buffer.from("0000100080010002", "hex"));
      await after(10);
      connection.raw.socket.resetAndDestroy();
    });
    expect(await failureOf(connect(address).echo("x"))).toMatchObject({ executed: "maybe" });
  });

  it("waits for ever, on a frame whose result is cut short, the call rejects", async () => {
    const { address } = await listen(async (connection) => {
      const request = (await connection.request())!;
      connection.send(request, Buffer.from("800100020000000465636" + "86f00000001" + "0b000000000009", "hex"));
    });
    expect(await failureOf(connect(address).echo("x", { timeoutMs: 0 }))).toMatchObject({
      code: expect.stringMatching(/TRUNCATED|SIZE_LIMIT/),
    });
  });

  it.each(["pool", MUX] as const)(
    "never settles calls after wrong replies and a disconnect, all do: %j",
    async (connections) => {
      const { address } = await listen(async (connection) => {
        const request = (await connection.request())!;
        connection.answer({ ...request, seqid: 77 }, "wrong id");
        connection.refuse({ ...request, name: "unknown", seqid: 78 }, 1, "unknown method");
        connection.raw.socket.end();
      });
      const client = connect(address, { connections });
      const calls = Array.from({ length: 5 }, () => failureOf(client.echo("x", { timeoutMs: 0 })));
      for (const error of await Promise.all(calls)) expect(error).toBeInstanceOf(ThriftError);
    },
  );
});
