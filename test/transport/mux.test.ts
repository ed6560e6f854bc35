import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Endpoint, parseAddress } from "../../src/transport/address.js";
import { type MuxOptions, SharedConnections } from "../../src/transport/mux.js";
import { TimerWheel } from "../../src/transport/timer-wheel.js";

const A = parseAddress("a:1");

class FakeConnection {
  isUsable = true;
  isClosed = false;
  pending = 0;

  close(): void {
    this.isUsable = false;
    this.isClosed = true;
  }
}

function sharedWith(options: MuxOptions = {}) {
  const made: FakeConnection[] = [];
  const state = { attempts: 0, isDown: false };
  const connect = (_endpoint: Endpoint, signal: AbortSignal): Promise<FakeConnection> => {
    state.attempts++;
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
      setTimeout(() => {
        if (signal.aborted) return;
        if (state.isDown) return reject(new Error("refused"));
        const connection = new FakeConnection();
        made.push(connection);
        resolve(connection);
      }, 1);
    });
  };
  const timers = new TimerWheel();
  return { made, state, timers, shared: new SharedConnections(connect, options, timers) };
}

async function outcome<T>(promise: T | Promise<T>, ms = 5): Promise<T | Error | "waits"> {
  let result: T | Error | "waits" = "waits";
  Promise.resolve(promise).then(
    (value) => (result = value),
    (error: unknown) => (result = error as Error),
  );
  await vi.advanceTimersByTimeAsync(ms);
  return result;
}

describe("shared connections", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("open one connection for all that wait, and give it to them all", async () => {
    const { shared, state } = sharedWith();
    const lent = await Promise.all(Array.from({ length: 100 }, () => outcome(shared.acquire(A))));
    expect([new Set(lent).size, state.attempts]).toEqual([1, 1]);
    expect(shared.acquire(A)).toBe(lent[0]);
  });

  it("open another while calls are pending, and give the one with the fewest", async () => {
    const { shared, made, state } = sharedWith({ connectionsPerAddress: 2 });
    const first = (await outcome(shared.acquire(A))) as FakeConnection;
    first.pending = 3;
    expect(shared.acquire(A)).toBe(first);
    await vi.advanceTimersByTimeAsync(5);
    const second = made[1];
    expect(shared.acquire(A)).toBe(second);
    second.pending = 4;
    expect(shared.acquire(A)).toBe(first);
    await vi.advanceTimersByTimeAsync(5);
    expect(state.attempts).toBe(2);
  });

  it("refuse calls when too many are pending", async () => {
    const { shared } = sharedWith({ connectionsPerAddress: 1, maxPending: 2 });
    const connection = (await outcome(shared.acquire(A))) as FakeConnection;
    connection.pending = 2;
    expect(await outcome(shared.acquire(A))).toMatchObject({ code: "ERR_THRIFT_OVERLOADED", executed: "no" });
    connection.pending = 1;
    expect(shared.acquire(A)).toBe(connection);
  });

  it("replace a connection at once that will take no more calls, and leave those that are pending to it", async () => {
    const { shared, made } = sharedWith();
    const first = (await outcome(shared.acquire(A))) as FakeConnection;
    first.pending = 1;
    first.isUsable = false;
    shared.release(first);
    const second = await outcome(shared.acquire(A));
    expect(second).toBe(made[1]);
    expect(second).not.toBe(first);
    shared.release(first);
    shared.discard(first);
    await vi.advanceTimersByTimeAsync(100);
    expect(made).toHaveLength(2);
  });

  it("do not storm a server that sends every connection away", async () => {
    const { shared, made, state } = sharedWith();
    for (let ms = 0; ms < 10_000; ms += 5) {
      void outcome(shared.acquire(A, { timeoutMs: 100 }), 0);
      await vi.advanceTimersByTimeAsync(5);
      for (const connection of made.filter(({ isClosed }) => !isClosed)) {
        connection.isUsable = false;
        shared.discard(connection);
      }
    }
    expect(state.attempts).toBeGreaterThan(5);
    expect(state.attempts).toBeLessThan(60);
  });

  it("fail all that wait when an address cannot be reached, and find it again", async () => {
    const { shared, state } = sharedWith();
    state.isDown = true;
    const failed = await Promise.all([shared.acquire(A), shared.acquire(A)].map((each) => outcome(each)));
    expect(failed.map(String)).toEqual(["Error: refused", "Error: refused"]);
    state.isDown = false;
    expect(await outcome(shared.acquire(A), 50)).toBeInstanceOf(FakeConnection);
  });

  it("close what had no call for its time, and not what has one pending", async () => {
    const { shared, made, timers } = sharedWith({ idleTimeoutMs: 1000 });
    const first = (await outcome(shared.acquire(A))) as FakeConnection;
    first.pending = 1;
    void shared.acquire(A);
    await vi.advanceTimersByTimeAsync(5);
    const second = made[1];
    await vi.advanceTimersByTimeAsync(1030);
    expect([first.isClosed, second.isClosed]).toEqual([false, true]);
    first.pending = 0;
    shared.release(first);
    await vi.advanceTimersByTimeAsync(990);
    expect(first.isClosed).toBe(false);
    await vi.advanceTimersByTimeAsync(1050);
    expect([first.isClosed, timers.size, made.length]).toEqual([true, 0, 2]);
  });

  it("open connections ahead of calls, and say when they could not", async () => {
    const { shared, made, state } = sharedWith({ connectionsPerAddress: 3 });
    expect(await outcome(shared.warm(A, 9), 20)).toBeUndefined();
    expect(made).toHaveLength(3);
    state.isDown = true;
    expect(String(await outcome(shared.warm(parseAddress("b:1"), 1)))).toBe("Error: refused");
  });

  it.each(["close", "evict"] as const)("%s: nothing is left, and who waits fails", async (how) => {
    const { shared, made, timers } = sharedWith();
    await outcome(shared.acquire(A));
    shared.discard(made[0]);
    const waiting = outcome(shared.acquire(A));
    if (how === "close") shared.close();
    else shared.evict(A);
    expect(await waiting).toMatchObject({ code: "ERR_THRIFT_CLOSED", executed: "no" });
    expect([made.every(({ isClosed }) => isClosed), timers.size]).toEqual([true, 0]);
    const after = await outcome(shared.acquire(A));
    if (how === "close") expect(after).toMatchObject({ code: "ERR_THRIFT_CLOSED" });
    else expect(after).toBe(made[1]);
  });
});
