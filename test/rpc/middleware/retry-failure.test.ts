import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  ApplicationError,
  BizStatusError,
  DeadlineError,
  DecodeError,
  EncodeError,
  ThriftError,
} from "../../../src/errors.js";
import { Deadline } from "../../../src/rpc/deadline.js";
import { onEvent } from "../../../src/rpc/events.js";
import { NO_METAINFO } from "../../../src/rpc/metainfo.js";
import type { FailureRetryPolicy } from "../../../src/rpc/middleware/retry/policy.js";
import type { RetryOn } from "../../../src/rpc/middleware/retry/retryable.js";
import { retry } from "../../../src/rpc/middleware/retry/retry.js";
import { answering, Busy, Gone, lost, makeCall, methodOf } from "./calls.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const AT_ONCE: FailureRetryPolicy = { backoff: { kind: "none" }, budget: false };

it("a call that succeeds is made once, as it is", async () => {
  const { next, calls } = answering(5);
  const call = makeCall();
  expect(await retry(AT_ONCE)(next)(call)).toBe(5);
  expect(calls).toEqual([call]);
});

it("a call that was not run is made again, until it succeeds", async () => {
  const { next, calls } = answering(lost("no"), lost("no"), 5);
  expect(await retry(AT_ONCE)(next)(makeCall())).toBe(5);
  expect(calls.map(({ attempt }) => attempt)).toEqual([0, 1, 2]);
});

it("two retries unless the policy says otherwise; then the error of the last attempt", async () => {
  const last = lost("no");
  const { next, calls } = answering(lost("no"), lost("no"), last);
  await expect(retry(AT_ONCE)(next)(makeCall())).rejects.toBe(last);
  expect(calls).toHaveLength(3);
});

it.each([0, 1, 5])("%i retries when the policy says so", async (maxRetries) => {
  const { next, calls } = answering(lost("no"));
  await expect(retry({ ...AT_ONCE, maxRetries })(next)(makeCall())).rejects.toThrow();
  expect(calls).toHaveLength(maxRetries + 1);
});

const late = new DeadlineError({ timeoutMs: 5, executed: "maybe" }, "late");
const unreadable = new DecodeError("ERR_THRIFT_TRUNCATED", { path: "x", offset: 0 }, "short");

// Attempts of two, for a call that is not idempotent and for one that is.
it.each<[name: string, error: Error, plain: number, idempotent: number, on?: RetryOn]>([
  ["a peer that is not there", lost("no"), 2, 2],
  ["a connection that broke under the call", lost("maybe"), 1, 2],
  ["a time-out", late, 1, 2],
  ["a time-out, against which the program decided", late, 1, 1, { error: () => false }],
  ["a peer that has too much to do", new ApplicationError(6, "OVERLOADED: x", { executed: "no" }), 2, 2],
  ["a peer that is about to close", new ApplicationError(6, "DRAINING: x", { executed: "no" }), 2, 2],
  ["a peer that forbids it", new ApplicationError(6, "FORBIDDEN: x", { executed: "no" }), 1, 1],
  ["a method that the peer does not know", new ApplicationError(1, "unknown", { executed: "no" }), 1, 1],
  ["an internal error of the peer", new ApplicationError(6, "oops"), 1, 1],
  ["an internal error that the program chose", new ApplicationError(6, "oops"), 2, 2, { applicationTypes: [6] }],
  ["an application exception of another type", new ApplicationError(7, "oops"), 1, 1, { applicationTypes: [6] }],
  ["a declared exception", new Busy({ why: "x" }), 1, 1],
  ["a declared exception that the program chose", new Busy({ why: "x" }), 2, 2, { exceptions: [Busy] }],
  ["a declared exception of another class", new Gone({ why: "x" }), 1, 1, { exceptions: [Busy] }],
  ["a business status", new BizStatusError(503, "later"), 1, 1],
  ["a business status that the program chose", new BizStatusError(503, "later"), 2, 2, { statusCodes: [429, 503] }],
  ["another business status", new BizStatusError(404, "none"), 1, 1, { statusCodes: [429, 503] }],
  ["an error of middleware", new Error("mine"), 1, 1],
  ["an error of middleware that the program chose", new Error("mine"), 1, 2, { error: () => true }],
  ["a time-out that the program chose", late, 1, 2, { error: () => true }],
  ["a full queue of this process", new ThriftError("ERR_THRIFT_OVERLOADED", "full"), 2, 2],
  ["an open breaker", new ThriftError("ERR_THRIFT_BREAKER_OPEN", "open"), 2, 2],
  ["a caller that gave up", new ThriftError("ERR_THRIFT_CANCELLED", ""), 1, 1, { error: () => true }],
  ["a client that is closed", new ThriftError("ERR_THRIFT_CLOSED", ""), 1, 1, { error: () => true }],
  ["a rule of this process", new ThriftError("ERR_THRIFT_FORBIDDEN", ""), 1, 1, { error: () => true }],
  ["wrong arguments", new EncodeError("ERR_THRIFT_WRONG_TYPE", "x", ""), 1, 1, { error: () => true }],
  ["a reply that cannot be read", unreadable, 1, 1],
])("%s", async (_, error, plain, idempotent, on = {}) => {
  for (const [call, attempts] of [
    [makeCall(), plain],
    [makeCall({ method: methodOf("count"), idempotent: true }), idempotent],
  ] as const) {
    const { next, calls } = answering(error);
    await expect(retry({ ...AT_ONCE, maxRetries: 1, on })(next)(call)).rejects.toBe(error);
    expect(calls).toHaveLength(attempts);
  }
});

it("a oneway call is never repeated", async () => {
  const { next, calls } = answering(lost("no"));
  const call = makeCall({ method: methodOf("seen"), idempotent: true });
  await expect(retry({ ...AT_ONCE, on: { error: () => true } })(next)(call)).rejects.toThrow("connection lost");
  expect(calls).toHaveLength(1);
});

it("a result that the program does not want is asked for again", async () => {
  const { next, calls } = answering(0, 0, 3);
  const policy = { ...AT_ONCE, on: { result: (result: unknown) => result === 0 } };
  expect(await retry(policy)(next)(makeCall())).toBe(3);
  expect(calls).toHaveLength(3);
});

it("the last result stands, wanted or not", async () => {
  const { next } = answering(0);
  expect(await retry({ ...AT_ONCE, on: { result: () => true } })(next)(makeCall())).toBe(0);
});

it("each attempt goes to the next address, and comes round", async () => {
  const { next, calls } = answering(lost("no"));
  const call = makeCall({ address: "a:1", alternatives: ["b:1", "c:1"] });
  await expect(retry({ ...AT_ONCE, maxRetries: 3 })(next)(call)).rejects.toThrow();
  expect(calls.map(({ address }) => address)).toEqual(["a:1", "b:1", "c:1", "a:1"]);
  expect(calls[1].alternatives).toEqual(["c:1", "a:1"]);
});

it("to the same address when the policy says so", async () => {
  const { next, calls } = answering(lost("no"), 1);
  await retry({ ...AT_ONCE, sameAddress: true })(next)(makeCall({ address: "a:1", alternatives: ["b:1"] }));
  expect(calls.map(({ address }) => address)).toEqual(["a:1", "a:1"]);
});

it("retries say that they are, and keep what else the call carries", async () => {
  const { next, calls } = answering(lost("no"), lost("no"), 1);
  const metainfo = { transient: new Map([["t", "1"]]), persistent: new Map([["p", "2"]]) };
  await retry(AT_ONCE)(next)(makeCall({ metainfo }));
  expect(calls.map((call) => call.metainfo.persistent.get("RetryReq"))).toEqual([undefined, "1", "2"]);
  expect(calls[2].metainfo.transient).toEqual(metainfo.transient);
  expect(calls[2].metainfo.persistent.get("p")).toBe("2");
});

it("a call made for a retry is not retried, unless the policy says so", async () => {
  const metainfo = { ...NO_METAINFO, persistent: new Map([["RetryReq", "1"]]) };
  for (const [chainStop, attempts] of [
    [true, 1],
    [false, 3],
  ] as const) {
    const { next, calls } = answering(lost("no"));
    await expect(retry({ ...AT_ONCE, chainStop })(next)(makeCall({ metainfo }))).rejects.toThrow();
    expect(calls).toHaveLength(attempts);
  }
});

it("the program can stop it", async () => {
  const { next, calls } = answering(lost("no"));
  const stop = vi.fn(() => calls.length >= 2);
  await expect(retry({ ...AT_ONCE, maxRetries: 5, stop })(next)(makeCall())).rejects.toThrow();
  expect(calls).toHaveLength(2);
});

it("all attempts share the deadline of the call", async () => {
  const deadline = new Deadline(100);
  const { next, calls } = answering(lost("no"));
  const running = retry({ backoff: { kind: "fixed", ms: 40 }, maxRetries: 5, budget: false })(next)(
    makeCall({ deadline }),
  );
  const failed = expect(running).rejects.toThrow("connection lost");
  await vi.advanceTimersByTimeAsync(1000);
  await failed;
  // After 120 ms there would be no time left.
  expect(calls).toHaveLength(3);
  expect(calls.every((call) => call.deadline === deadline)).toBe(true);
});

it("an attempt may have less time than the call, never more", async () => {
  const { next, calls } = answering(lost("no"));
  const call = makeCall({ deadline: new Deadline(100) });
  const policy: FailureRetryPolicy = { backoff: { kind: "fixed", ms: 40 }, budget: false, attemptTimeoutMs: 30 };
  const running = expect(retry(policy)(next)(call)).rejects.toThrow();
  await vi.advanceTimersByTimeAsync(80);
  await running;
  expect(calls.map(({ deadline }) => deadline?.timeoutMs)).toEqual([30, 30, 100]);
});

it("no attempt starts after the duration of the policy", async () => {
  const { next, calls } = answering(lost("no"));
  const policy: FailureRetryPolicy = { backoff: { kind: "fixed", ms: 40 }, budget: false, maxRetries: 5 };
  const running = expect(retry({ ...policy, maxDurationMs: 90 })(next)(makeCall())).rejects.toThrow();
  await vi.advanceTimersByTimeAsync(1000);
  await running;
  expect(calls).toHaveLength(3);
});

it("a caller that gives up during a pause waits no longer", async () => {
  const { next, calls } = answering(lost("no"));
  const controller = new AbortController();
  const call = makeCall({ signal: controller.signal });
  const running = retry({ backoff: { kind: "fixed", ms: 1000 }, budget: false })(next)(call);
  await vi.advanceTimersByTimeAsync(10);
  controller.abort(new Error("enough"));
  await expect(running).rejects.toMatchObject({ code: "ERR_THRIFT_CANCELLED", cause: { message: "enough" } });
  expect(calls).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

it("a signal outlives the pauses without listeners", async () => {
  const { signal } = new AbortController();
  const remove = vi.spyOn(signal, "removeEventListener");
  const add = vi.spyOn(signal, "addEventListener");
  const { next } = answering(lost("no"), lost("no"), 1);
  const running = retry({ backoff: { kind: "fixed", ms: 10 }, budget: false })(next)(makeCall({ signal }));
  await vi.advanceTimersByTimeAsync(20);
  await running;
  expect(add).toHaveBeenCalledTimes(2);
  expect(remove).toHaveBeenCalledTimes(2);
});

it("tells why and when a call is made again", async () => {
  const events: unknown[] = [];
  const stop = onEvent("client.retry", (event) => events.push(event));
  const error = lost("no");
  const call = makeCall();
  const { next } = answering(error, 1);
  const running = retry({ backoff: { kind: "fixed", ms: 10 } })(next)(call);
  await vi.advanceTimersByTimeAsync(10);
  await running;
  stop();
  expect(events).toEqual([{ call, error, delayMs: 10 }]);
});
