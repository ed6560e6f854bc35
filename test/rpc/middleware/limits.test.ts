import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Deadline } from "../../../src/rpc/deadline.js";
import { concurrencyLimit } from "../../../src/rpc/middleware/concurrency-limit.js";
import { rateLimit, type RateLimitOptions } from "../../../src/rpc/middleware/rate-limit.js";
import type { Call } from "../../../src/rpc/call.js";
import { answering, makeCall, methodOf } from "./calls.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("rate limit", () => {
  /** How many calls a limit lets through when there is one each millisecond. */
  async function passedIn(ms: number, options: RateLimitOptions): Promise<number> {
    const { next, calls } = answering(1);
    const run = rateLimit(options)(next);
    for (let i = 0; i < ms; i++) {
      await run(makeCall()).catch(() => undefined);
      vi.advanceTimersByTime(1);
    }
    return calls.length;
  }

  it.each([1, 2, 3, 7, 9, 10, 15, 99, 500])("%i a second, over ten seconds", async (perSecond) => {
    const atOnce = Math.max(1, Math.floor(perSecond / 10));
    const passed = await passedIn(10_000, { perSecond });
    // What may come at once, and all that has dripped in since.
    expect(passed).toBeLessThanOrEqual(atOnce + 10 * perSecond);
    expect(passed).toBeGreaterThanOrEqual(10 * perSecond);
  });

  it("one in two seconds", async () => {
    expect(await passedIn(10_000, { perSecond: 0.5 })).toBe(5);
  });

  it("lets no more through at once than the burst, however long the pause was", async () => {
    const { next, calls } = answering(1);
    const run = rateLimit({ perSecond: 100, burst: 3 })(next);
    vi.advanceTimersByTime(3_600_000);
    for (let i = 0; i < 10; i++) await run(makeCall()).catch(() => undefined);
    expect(calls).toHaveLength(3);
  });

  it("refuses with OVERLOADED", async () => {
    const run = rateLimit({ perSecond: 1 })(answering(1).next);
    await run(makeCall());
    await expect(run(makeCall())).rejects.toMatchObject({ code: "ERR_THRIFT_OVERLOADED" });
  });

  it.each<[NonNullable<RateLimitOptions["key"]>, passed: number]>([
    ["method", 2],
    ["address", 2],
    ["service", 1],
  ])("one for each %s", async (key, passed) => {
    const { next, calls } = answering(1);
    const run = rateLimit({ perSecond: 1, key })(next);
    await run(makeCall({ address: "a:1" }));
    await run(makeCall({ address: "b:1", method: methodOf("count") })).catch(() => undefined);
    expect(calls).toHaveLength(passed);
  });

  it("on a server a peer is its host, whatever the port of the connection", async () => {
    const { next, calls } = answering(1);
    const run = rateLimit({ perSecond: 1, key: "address" })(next);
    for (const address of ["10.0.0.1:5001", "10.0.0.1:5002", "[::1]:5003"]) {
      await run(makeCall({ side: "server", address })).catch(() => undefined);
    }
    expect(calls.map(({ address }) => address)).toEqual(["10.0.0.1:5001", "[::1]:5003"]);
  });

  it("peers that come and go are forgotten", async () => {
    const { next, calls } = answering(1);
    const run = rateLimit({ perSecond: 1, key: "address" })(next);
    for (let i = 0; i <= 10_000; i++) await run(makeCall({ address: `host${i}:1` }));
    await run(makeCall({ address: "host0:1" }));
    expect(calls).toHaveLength(10_002);
    await expect(run(makeCall({ address: "host10000:1" }))).rejects.toThrow();
  });

  it.each([{ perSecond: 0 }, { perSecond: -1 }, { perSecond: NaN }, { perSecond: 1, burst: 0 }])(
    "%j is refused",
    (options) => {
      expect(() => rateLimit(options)).toThrow(RangeError);
    },
  );
});

describe("concurrency limit", () => {
  /** Calls that end when they are told to. */
  function held() {
    const running: { call: Call; end: () => void; fail: () => void }[] = [];
    const next = (call: Call): Promise<unknown> =>
      new Promise((resolve, reject) => {
        running.push({ call, end: () => resolve(1), fail: () => reject(new Error("failed")) });
      });
    return { running, next };
  }

  const settled = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

  it("refuses what is too much at a time, and takes calls again when others have ended, well or not", async () => {
    const { running, next } = held();
    const run = concurrencyLimit({ max: 2 })(next);
    const first = run(makeCall());
    const second = run(makeCall());
    await expect(run(makeCall())).rejects.toMatchObject({ code: "ERR_THRIFT_OVERLOADED" });
    running[0].end();
    await first;
    running[1].fail();
    await expect(second).rejects.toThrow("failed");
    void run(makeCall());
    void run(makeCall());
    await settled();
    expect(running).toHaveLength(4);
  });

  it("lets a few wait, first come first served, and refuses more", async () => {
    const { running, next } = held();
    const run = concurrencyLimit({ max: 1, maxQueued: 2 })(next);
    for (const id of [1, 2, 3]) void run(makeCall({ id }));
    await expect(run(makeCall())).rejects.toMatchObject({ code: "ERR_THRIFT_OVERLOADED" });
    for (let i = 0; i < 3; i++) {
      await settled();
      running[i].end();
    }
    expect(running.map(({ call }) => call.id)).toEqual([1, 2, 3]);
  });

  it("one that waits leaves by its deadline, unsent", async () => {
    const { running, next } = held();
    const run = concurrencyLimit({ max: 1, maxQueued: 1 })(next);
    void run(makeCall());
    const late = expect(run(makeCall({ deadline: new Deadline(50) }))).rejects.toMatchObject({
      code: "ERR_THRIFT_DEADLINE",
      executed: "no",
    });
    await vi.advanceTimersByTimeAsync(50);
    await late;
    running[0].end();
    await settled();
    expect(running).toHaveLength(1);
  });

  it("one that waits leaves by its signal, and makes room for another", async () => {
    const { running, next } = held();
    const run = concurrencyLimit({ max: 1, maxQueued: 1 })(next);
    void run(makeCall());
    const controller = new AbortController();
    const cancelled = run(makeCall({ signal: controller.signal }));
    controller.abort();
    await expect(cancelled).rejects.toMatchObject({ code: "ERR_THRIFT_CANCELLED" });
    void run(makeCall({ id: 3 }));
    running[0].end();
    await settled();
    expect(running[1].call.id).toBe(3);
  });

  it("one that is cancelled before it waits does not wait", async () => {
    const run = concurrencyLimit({ max: 1, maxQueued: 1 })(held().next);
    void run(makeCall());
    const late = run(makeCall({ signal: AbortSignal.abort(), deadline: new Deadline(50) }));
    await expect(late).rejects.toMatchObject({ code: "ERR_THRIFT_CANCELLED" });
  });

  it.each([{ max: 0 }, { max: 1.5 }, { max: 1, maxQueued: -1 }])("%j is refused", (options) => {
    expect(() => concurrencyLimit(options)).toThrow(RangeError);
  });
});
