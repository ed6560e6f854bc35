import { describe, expect, it } from "vitest";
import { createServer } from "../../../src/rpc/server/server.js";
import { closeOnSignals } from "../../../src/rpc/server/signals.js";
import type { CallContext } from "../../../src/rpc/server/context.js";
import { createLoopback } from "../../../src/transport/loopback.js";
import { Flag } from "../../../src/transport/ttheader-keys.js";
import { VECTORS } from "../../transport/kitex.js";
import { Echo, echoHandlers } from "./echo.js";
import { afterTest, caller, closeAfterEach, connect, gate, start, until } from "./fixture.js";
import { RawPeer, WAYS } from "./peer.js";

closeAfterEach();

function gated() {
  const { open, opened } = gate();
  let started = 0;
  const echo = async (text: string): Promise<string> => {
    started++;
    await opened;
    return text;
  };
  return { echo, open, started: () => started };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("a server", () => {
  it("goes from idle to serving to closed, and no further", async () => {
    const server = createServer(Echo, echoHandlers());
    expect(server.state).toBe("idle");
    const { port } = await server.listen({ port: 0 });
    const loopback = createLoopback();
    expect(await server.listen(loopback)).toEqual({ port: 0, address: loopback.text });
    expect(server.state).toBe("serving");
    const closing = server.close();
    expect(server.state).toBe("draining");
    expect(await closing).toEqual({ completed: 0, aborted: 0, dropped: 0 });
    expect(server.state).toBe("closed");
    await expect(server.listen({ port: 0 })).rejects.toThrow(TypeError);
    await expect(RawPeer.connect(port)).rejects.toThrow();
    expect(loopback.connect()).toBeUndefined();
    expect(await server.close()).toEqual({ completed: 0, aborted: 0, dropped: 0 });
  });

  it("that never listened closes at once", async () => {
    const server = createServer(Echo, echoHandlers());
    await server[Symbol.asyncDispose]();
    expect(server.state).toBe("closed");
  });

  it.each(["0.0.0.0", "192.0.2.1", "::", "example.com"])(
    "does not listen on %s without TLS unless told to",
    async (host) => {
      await expect(createServer(Echo, echoHandlers()).listen({ port: 0, host })).rejects.toThrow(/plaintext: true/);
    },
  );

  it("listens where others can reach it when told to", async () => {
    const server = createServer(Echo, echoHandlers(), { plaintext: true, host: "0.0.0.0" });
    expect((await server.listen({ port: 0 })).port).toBeGreaterThan(0);
    await server.close();
  });
});

describe("closing", () => {
  it.each(WAYS)("waits for what is running, then ends the connection, over %s in %s", async (transport, protocol) => {
    const { echo, open, started } = gated();
    const { server, port } = await start({ echo });
    const peer = await caller(port, transport, protocol);
    peer.raw.send(peer.encode("echo", { text: "x" }, 1));
    await until(() => started() === 1);
    const closing = server.close();
    await pause(20);
    open();
    const { content, header } = await peer.answer();
    expect(content).toMatchObject({ success: "x" });
    if (header !== undefined) expect(header.strings.get("crrst")).toBe("1");
    expect(await peer.raw.reply()).toBeUndefined();
    peer.raw.socket.end();
    expect(await closing).toEqual({ completed: 1, aborted: 0, dropped: 0 });
  });

  it("runs calls that are on their way, and refuses those that come later", async () => {
    const { echo, open, started } = gated();
    const { server, port } = await start({ echo });
    const peer = await caller(port);
    peer.raw.send(peer.encode("echo", { text: "first" }, 1));
    await until(() => started() === 1);
    const closing = server.close();
    peer.raw.send(peer.encode("echo", { text: "in time" }, 2));
    await until(() => started() === 2);
    await pause(150);
    peer.raw.send(peer.encode("echo", { text: "too late" }, 3));
    await pause(20);
    open();
    expect((await peer.answer()).content).toMatchObject({ success: "first" });
    expect((await peer.answer()).content).toMatchObject({ success: "in time" });
    const message = expect.stringMatching(/^DRAINING: /);
    expect((await peer.answer()).content).toMatchObject({ type: "exception", error: { typeId: 6, message } });
    peer.raw.socket.end();
    expect(await closing).toEqual({ completed: 2, aborted: 0, dropped: 0 });
    expect(started()).toBe(2);
  });

  it("ends idle connections, and takes none", async () => {
    const { server, port } = await start();
    const raw = await connect(port);
    await until(() => server.connections === 1);
    const closing = server.close();
    expect(await raw.reply()).toBeUndefined();
    raw.socket.end();
    await closing;
    expect(server.connections).toBe(0);
  });

  it("tells multiplexed peers by Kitex's control frame, serves them while they leave, and ends when they have", async () => {
    const { server, port } = await start();
    const peer = await caller(port, "ttheader");
    const flags = Flag.OUT_OF_ORDER;
    await peer.call("nothing", {}, 1, { flags });
    const raw: Buffer[] = [];
    peer.raw.socket.on("data", (chunk) => raw.push(chunk));
    const closing = server.close();
    const control = await peer.raw.reply();
    expect(new Uint8Array(Buffer.concat(raw))).toEqual(VECTORS.MUX_CTL);
    expect(control!.header!.seqid).toBe(0);
    await pause(200);
    const { content, header } = await peer.call("echo", { text: "x" }, 2, { flags });
    expect(content).toMatchObject({ success: "x" });
    expect(header!.strings.get("crrst")).toBe("1");
    peer.raw.socket.end();
    expect(await closing).toEqual({ completed: 1, aborted: 0, dropped: 0 });
  });

  it("goes on serving while it is a lame duck", async () => {
    const { server, port } = await start();
    const closing = server.close({ lameDuckMs: 150 });
    expect(server.state).toBe("draining");
    const peer = await caller(port);
    expect((await peer.call("echo", { text: "x" })).content).toMatchObject({ success: "x" });
    peer.raw.socket.end();
    expect(await closing).toMatchObject({ completed: 1 });
  });
});

describe("closing by force", () => {
  it("aborts signals, answers those that heed them, and gives the others up", async () => {
    const reasons: unknown[] = [];
    const { server, port } = await start({
      echo: (text: string, { signal }: CallContext) =>
        new Promise((resolve) =>
          signal.addEventListener("abort", () => {
            reasons.push(signal.reason);
            if (text === "heeds") resolve("heeded");
          }),
        ),
    });
    const peer = await caller(port, "ttheader");
    peer.raw.send(peer.encode("echo", { text: "heeds" }, 1), peer.encode("echo", { text: "does not" }, 2));
    await until(() => server.inFlight === 2);
    const closing = server.close({ drainMs: 20 });
    expect((await peer.answer()).content).toMatchObject({ success: "heeded" });
    expect(server.state).toBe("forced");
    const { content, header } = await peer.answer();
    expect(content).toMatchObject({ type: "exception", error: { message: expect.stringMatching(/^ABORTED: /) } });
    expect(header!.strings.get("x-exec")).toBe("maybe");
    peer.raw.socket.end();
    expect(await closing).toEqual({ completed: 1, aborted: 1, dropped: 0 });
    expect(reasons).toMatchObject([{ code: "ERR_THRIFT_CLOSED" }, { code: "ERR_THRIFT_CLOSED" }]);
  });

  it("happens at once when a later call says so", async () => {
    const { server, port } = await start({ echo: () => new Promise(() => undefined) });
    const peer = await caller(port);
    peer.raw.send(peer.encode("echo", { text: "" }, 1));
    await until(() => server.inFlight === 1);
    const closing = server.close({ drainMs: 3_600_000 });
    const again = server.close({ drainMs: 0 });
    expect(again).toBe(closing);
    expect((await peer.answer()).content).toMatchObject({ type: "exception" });
    peer.raw.socket.end();
    expect(await closing).toMatchObject({ aborted: 1 });
  });

  it("cuts off peers that do not close", async () => {
    const { server, port } = await start({ echo: () => new Promise(() => undefined) });
    const peer = await caller(port);
    peer.raw.send(peer.encode("echo", { text: "" }, 1));
    await until(() => server.inFlight === 1);
    await server.close({ drainMs: 0 });
    expect([server.state, server.connections]).toEqual(["closed", 0]);
  });
});

describe("signals of the operating system", () => {
  it("close a server, and by force the second time", async () => {
    const calls: unknown[] = [];
    const { open, opened } = gate();
    const closable = {
      close: async (options?: object) => {
        calls.push(options);
        await opened;
        return { completed: 0, aborted: 0, dropped: 0 };
      },
    };
    const before = process.listeners("SIGTERM").length;
    afterTest(closeOnSignals(closable, { lameDuckMs: 5 }));
    const [onSignal] = process.listeners("SIGTERM").slice(before);
    onSignal("SIGTERM");
    onSignal("SIGTERM");
    expect(calls).toEqual([{ lameDuckMs: 5 }, { drainMs: 0 }]);
    open();
    await until(() => process.listeners("SIGTERM").length === before);
  });
});
