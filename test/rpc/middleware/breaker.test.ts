import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  ApplicationError,
  BizStatusError,
  DeadlineError,
  DecodeError,
  EncodeError,
  ThriftError,
  TransportError,
} from "../../../src/errors.js";
import { type BreakerEvent, onEvent } from "../../../src/rpc/events.js";
import { breakerOutcomeOf, circuitBreaker, type CircuitBreakerOptions } from "../../../src/rpc/middleware/breaker.js";
import type { Next } from "../../../src/rpc/call.js";
import { Busy, lost, makeCall, methodOf } from "./calls.js";

const changes: BreakerEvent[] = [];
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  changes.length = 0;
  stop = onEvent("client.breaker", (event) => changes.push(event));
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

/** A breaker before a peer that answers as it is told. */
function breakerBefore(options: CircuitBreakerOptions = {}) {
  let sent = 0;
  let answer: unknown;
  const next: Next = async () => {
    sent++;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const run = circuitBreaker(options)(next);
  return {
    /** How many of so many calls were sent. */
    async send(count: number, peerAnswers: unknown = 1, call = makeCall()): Promise<number> {
      const before = sent;
      answer = peerAnswers;
      for (let i = 0; i < count; i++) await run(call).catch(() => undefined);
      return sent - before;
    },
    run,
  };
}

const states = (): string[] => changes.map(({ from, to }) => `${from} > ${to}`);

it("stays closed below 200 calls, even when all fail", async () => {
  const peer = breakerBefore();
  expect(await peer.send(199, lost("no"))).toBe(199);
  expect(states()).toEqual([]);
});

it("opens when half of 200 calls failed", async () => {
  const peer = breakerBefore();
  await peer.send(100, 1);
  expect(await peer.send(150, lost("no"))).toBe(100);
  expect(changes).toEqual([{ key: "Stock.take", from: "closed", to: "open" }]);
});

it("stays closed while fewer than half fail", async () => {
  const peer = breakerBefore();
  await peer.send(101, 1);
  await peer.send(99, lost("no"));
  for (let i = 0; i < 200; i++) {
    await peer.send(1, 1);
    await peer.send(1, lost("no"));
  }
  expect(states()).toEqual([]);
});

it("forgets what was ten seconds ago", async () => {
  const peer = breakerBefore();
  await peer.send(199, lost("no"));
  vi.advanceTimersByTime(10_100);
  expect(await peer.send(199, lost("no"))).toBe(199);
});

it("says so to a call that it does not let through, at once", async () => {
  const peer = breakerBefore({ minSamples: 1 });
  await peer.send(1, lost("no"));
  await expect(peer.run(makeCall())).rejects.toMatchObject({
    code: "ERR_THRIFT_BREAKER_OPEN",
    message: "Stock.take: circuit breaker is open",
  });
});

describe("after five seconds", () => {
  async function opened() {
    const peer = breakerBefore({ minSamples: 1 });
    await peer.send(1, lost("no"));
    vi.advanceTimersByTime(4999);
    expect(await peer.send(1)).toBe(0);
    vi.advanceTimersByTime(1);
    return peer;
  }

  it("lets one call through each 200 ms, and closes after two that succeed", async () => {
    const peer = await opened();
    expect(await peer.send(5)).toBe(1);
    vi.advanceTimersByTime(199);
    expect(await peer.send(5)).toBe(0);
    vi.advanceTimersByTime(1);
    expect(await peer.send(5)).toBe(5);
    expect(states()).toEqual(["closed > open", "open > half-open", "half-open > closed"]);
  });

  it("opens again for five seconds when one fails", async () => {
    const peer = await opened();
    await peer.send(1);
    vi.advanceTimersByTime(200);
    await peer.send(1, lost("no"));
    vi.advanceTimersByTime(4999);
    expect(await peer.send(1)).toBe(0);
    vi.advanceTimersByTime(1);
    expect(await peer.send(1)).toBe(1);
    expect(states()).toEqual(["closed > open", "open > half-open", "half-open > open", "open > half-open"]);
  });

  it("a success before the failure does not count for the next time", async () => {
    const peer = await opened();
    await peer.send(1);
    vi.advanceTimersByTime(200);
    await peer.send(1, lost("no"));
    vi.advanceTimersByTime(5000);
    await peer.send(1);
    expect(states().at(-1)).toBe("open > half-open");
  });

  it("a call that says nothing about the peer neither closes nor opens it", async () => {
    const peer = await opened();
    for (let i = 0; i < 5; i++) {
      await peer.send(1, new ThriftError("ERR_THRIFT_CANCELLED", ""));
      vi.advanceTimersByTime(200);
    }
    expect(states()).toEqual(["closed > open", "open > half-open"]);
  });

  it("starts with no calls in its window when it has closed", async () => {
    const peer = breakerBefore({ minSamples: 4 });
    await peer.send(4, lost("no"));
    vi.advanceTimersByTime(5000);
    await peer.send(1);
    vi.advanceTimersByTime(200);
    await peer.send(1);
    await peer.send(3, lost("no"));
    expect(states().at(-1)).toBe("half-open > closed");
  });
});

it("calls that were let through before it opened no longer count", async () => {
  const running: ((error: Error) => void)[] = [];
  const run = circuitBreaker({ minSamples: 2 })(() => new Promise((_, reject) => running.push(reject)));
  const calls = [1, 2, 3].map(() => run(makeCall()).catch(() => undefined));
  running[0](lost("no"));
  running[1](lost("no"));
  await Promise.all(calls.slice(0, 2));
  vi.advanceTimersByTime(5000);
  void run(makeCall()).catch(() => undefined);
  running[2](lost("no"));
  await calls[2];
  expect(states()).toEqual(["closed > open", "open > half-open"]);
});

it.each<[NonNullable<CircuitBreakerOptions["key"]>, shared: boolean, key: string]>([
  ["method", false, "Stock.take"],
  ["address", false, "a:1"],
  ["service", true, "Stock"],
  [({ args }) => String(args[0]), true, "7"],
])("one for each %s", async (key, shared, name) => {
  const peer = breakerBefore({ key, minSamples: 1 });
  await peer.send(1, lost("no"), makeCall({ address: "a:1" }));
  expect(changes[0].key).toBe(name);
  expect(await peer.send(1, 1, makeCall({ address: "b:1", method: methodOf("count") }))).toBe(shared ? 0 : 1);
});

it.each<[string, unknown]>([
  ["failure", lost("no")],
  ["failure", new DeadlineError({ timeoutMs: 1, executed: "maybe" }, "")],
  ["failure", new ApplicationError(6, "oops")],
  ["failure", new DecodeError("ERR_THRIFT_TRUNCATED", { path: "x", offset: 0 }, "")],
  ["success", new Busy({ why: "x" })],
  ["success", new BizStatusError(404, "none")],
  ["ignore", new EncodeError("ERR_THRIFT_WRONG_TYPE", "x", "")],
  ["ignore", new TransportError({ address: "a:1", executed: "maybe", code: "ERR_THRIFT_CANCELLED" }, "")],
  ["ignore", new TransportError({ address: "a:1", executed: "maybe", code: "ERR_THRIFT_CLOSED" }, "")],
  ["ignore", new ThriftError("ERR_THRIFT_OVERLOADED", "")],
  ["ignore", new Error("mine")],
])("%s: %s", (outcome, error) => {
  expect(breakerOutcomeOf(error)).toBe(outcome);
});

it("the program may say what counts", async () => {
  const peer = breakerBefore({ minSamples: 1, classify: (error) => (error instanceof Busy ? "failure" : "ignore") });
  await peer.send(5, lost("no"));
  expect(states()).toEqual([]);
  await peer.send(1, new Busy({ why: "x" }));
  expect(states()).toEqual(["closed > open"]);
});

it.each<CircuitBreakerOptions>([
  { failureRate: 0 },
  { failureRate: 1.1 },
  { minSamples: 0 },
  { windowMs: 10 },
  { openMs: 0 },
  { probeIntervalMs: NaN },
  { probeSuccesses: 1.5 },
])("%j is refused", (options) => {
  expect(() => circuitBreaker(options)).toThrow(RangeError);
  expect(() => circuitBreaker(options)).toThrow(Object.keys(options)[0]);
});
