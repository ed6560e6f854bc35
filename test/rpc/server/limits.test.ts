import { afterEach, describe, expect, it, vi } from "vitest";
import { INTERNAL_RPC_LIMITS, resolveRpcLimits, UNTRUSTED_RPC_LIMITS } from "../../../src/rpc/limits.js";
import { Load } from "../../../src/rpc/server/load.js";
import type { ServerLogEvent } from "../../../src/rpc/server/log.js";
import { PerMinute } from "../../../src/rpc/server/per-minute.js";
import { Echo } from "./echo.js";
import { caller, closeAfterEach, gate, settle, start, until } from "./fixture.js";
import { messageOf } from "./messages.js";
import { wrap, WAYS } from "./peer.js";

closeAfterEach();
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Handlers that answer when the gate opens. */
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

describe("calls of one connection", () => {
  it("are read no further while as many as may are running", async () => {
    const { echo, open, started } = gated();
    const { port } = await start({ echo }, { limits: { maxInFlightPerConnection: 2 } });
    const peer = await caller(port);
    for (let seqid = 1; seqid <= 5; seqid++) peer.raw.send(peer.encode("echo", { text: "x" }, seqid));
    await until(() => started() === 2);
    await settle(20);
    expect(started()).toBe(2);
    open();
    for (let seqid = 1; seqid <= 5; seqid++) expect((await peer.answer()).content.seqid).toBe(seqid);
    expect(started()).toBe(5);
  });

  it("are read no further while the peer does not read its replies, and then all are answered", async () => {
    const CALLS = 400;
    let calls = 0;
    const text = "x".repeat(64 * 1024);
    const { port } = await start({ echo: () => (calls++, text) });
    const peer = await caller(port);
    peer.raw.socket.pause();
    for (let seqid = 1; seqid <= CALLS; seqid++) peer.raw.send(peer.encode("echo", { text: "" }, seqid));
    let before = -1;
    // What the operating system holds on its way is not known.
    while (before !== calls || calls === 0) {
      before = calls;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(calls).toBeLessThan(CALLS);
    peer.raw.socket.resume();
    for (let seqid = 1; seqid <= CALLS; seqid++) expect((await peer.answer()).content.seqid).toBe(seqid);
  });
});

describe("a server that runs as many calls as it may", () => {
  it.each(WAYS)("refuses more by their header alone, over %s in %s", async (transport, protocol) => {
    const { echo, open, started } = gated();
    const { port } = await start({ echo }, { limits: { maxInFlight: 1 } });
    const first = await caller(port);
    first.raw.send(first.encode("echo", { text: "first" }, 1));
    await until(() => started() === 1);
    const peer = await caller(port, transport, protocol);
    // Arguments that could not be decoded: nobody tries.
    const wrong = {
      binary: Buffer.from("02000105" + "00", "hex"),
      compact: Buffer.from("1500" + "00", "hex"),
      tjson: Buffer.from(`{"1":{"i32":1}}`),
    };
    peer.raw.send(wrap(messageOf(protocol, { name: "fire", type: 4, seqid: 8 }, wrong[protocol]), transport));
    peer.raw.send(wrap(messageOf(protocol, { name: "same", seqid: 9 }, wrong[protocol]), transport));
    const { content, header } = await peer.answer();
    const message = expect.stringMatching(/^OVERLOADED: /);
    expect(content).toMatchObject({ type: "exception", seqid: 9, error: { typeId: 6, message } });
    if (header !== undefined)
      expect(Object.fromEntries(header.strings)).toEqual({ "x-err": "overloaded", "x-exec": "no" });
    open();
    await first.answer();
    expect((await peer.call("echo", { text: "x" }, 10)).content).toMatchObject({ success: "x" });
  });

  it("counts a handler that does not settle until it is given up", async () => {
    const logged: ServerLogEvent[] = [];
    const never = () => new Promise(() => undefined);
    const options = {
      handlerTimeoutMs: 20,
      limits: { maxInFlight: 1 },
      log: (event: ServerLogEvent) => logged.push(event),
    };
    const { port, server } = await start({ echo: never, fire: never }, options);
    const peer = await caller(port);
    for (const name of ["echo", "fire"]) {
      peer.raw.send(peer.encode(name, { text: "" }, 1));
      await until(() => server.inFlight === 1);
      await until(() => server.inFlight === 0);
    }
    expect(logged.map(({ method }) => method)).toEqual(["Echo.echo", "Echo.fire"]);
  });
});

describe("a busy event loop", () => {
  it("is an overload when it lags for long, but not when it pauses once", () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const load = new Load(INTERNAL_RPC_LIMITS);
    load.watch();
    const sample = (lateMs: number): void => {
      now += 100 + lateMs;
      vi.advanceTimersByTime(100);
    };
    sample(5000);
    expect(load.overload).toBeUndefined();
    sample(0);
    for (let i = 0; i < 3; i++) sample(201);
    expect(load.overload).toBeUndefined();
    sample(201);
    expect(load.overload).toMatch(/busy/);
    sample(200);
    expect(load.overload).toBeUndefined();
    load.stop();
  });
});

describe("what a peer may do so often in a minute", () => {
  it("may be done as often in the next", () => {
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const count = new PerMinute();
    expect([count.exceeds(2), count.exceeds(2), count.exceeds(2)]).toEqual([false, false, true]);
    now = 60_000;
    expect(count.exceeds(2)).toBe(false);
  });
});

describe("limits of calls", () => {
  it("are presets, or some over the internal preset", () => {
    expect(resolveRpcLimits()).toBe(INTERNAL_RPC_LIMITS);
    expect(resolveRpcLimits("untrusted")).toBe(UNTRUSTED_RPC_LIMITS);
    expect(resolveRpcLimits({ maxInFlight: 1 })).toEqual({ ...INTERNAL_RPC_LIMITS, maxInFlight: 1 });
  });

  it.each([{ maxInflight: 1 }, { maxInFlight: 0 }, { maxInFlight: 1.5 }, { __proto__x: 1 }])("refuse %j", (limits) => {
    expect(() => resolveRpcLimits(limits)).toThrow(RangeError);
  });

  it("bound the peers of a server: names, depth and strings of every message", async () => {
    const { port } = await start({}, { limits: "untrusted" });
    const peer = await caller(port);
    const { content } = await peer.call("echo", { text: "x".repeat(256 * 1024 + 1) });
    expect(content).toMatchObject({ type: "exception", error: { typeId: 7 } });
    expect(Echo.name).toBe("Echo");
  });
});
