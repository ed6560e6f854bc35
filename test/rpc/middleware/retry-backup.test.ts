import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { BizStatusError } from "../../../src/errors.js";
import type { Call, Next } from "../../../src/rpc/call.js";
import { Deadline } from "../../../src/rpc/deadline.js";
import { onEvent } from "../../../src/rpc/events.js";
import type { BackupPolicy, MixedRetryPolicy } from "../../../src/rpc/middleware/retry/policy.js";
import { retry } from "../../../src/rpc/middleware/retry/retry.js";
import { answering, lost, makeCall, methodOf } from "./calls.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const BACKUP: BackupPolicy = { kind: "backup", delayMs: 10, budget: false };
const MIXED: MixedRetryPolicy = { kind: "mixed", delayMs: 10, budget: false, backoff: { kind: "fixed", ms: 5 } };

function readCall(changes: Partial<Call> = {}): Call {
  return makeCall({ method: methodOf("count"), idempotent: true, ...changes });
}

/** Answers each attempt after a time of its own, with an error or a result; rejects when its signal ends it. */
function answeringAfter(...answers: [ms: number, answer: unknown][]): { next: Next; calls: Call[]; log: string[] } {
  const calls: Call[] = [];
  const log: string[] = [];
  const started = performance.now();
  const note = (what: string): void => void log.push(`${Math.round(performance.now() - started)} ${what}`);
  const next: Next = (call) => {
    const [ms, answer] = answers[calls.length];
    const name = String(calls.length);
    calls.push(call);
    note(`start ${name}`);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      }, ms);
      call.signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        note(`abort ${name}`);
        reject(new Error("aborted"));
      });
    });
  };
  return { next, calls, log };
}

async function runToEnd(running: Promise<unknown>): Promise<unknown> {
  const ended = running.catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return ended;
}

it.each([BACKUP, MIXED])("$kind: an answer before the delay needs no backup", async (policy) => {
  const { next, log } = answeringAfter([9, "first"]);
  expect(await runToEnd(retry(policy)(next)(readCall()))).toBe("first");
  expect(log).toEqual(["0 start 0"]);
});

it.each([BACKUP, MIXED])("$kind: the backup answers first, and the first attempt is cancelled", async (policy) => {
  const { next, log } = answeringAfter([100, "first"], [5, "backup"]);
  expect(await runToEnd(retry(policy)(next)(readCall()))).toBe("backup");
  expect(log).toEqual(["0 start 0", "10 start 1", "15 abort 0"]);
});

it.each([BACKUP, MIXED])("$kind: the first attempt answers first, and the backup is cancelled", async (policy) => {
  const { next, log } = answeringAfter([12, "first"], [50, "backup"]);
  expect(await runToEnd(retry(policy)(next)(readCall()))).toBe("first");
  expect(log).toEqual(["0 start 0", "10 start 1", "12 abort 1"]);
});

it("backups start one delay after another, up to the maximum", async () => {
  const { next, log } = answeringAfter([100, "a"], [100, "b"], [100, "c"]);
  expect(await runToEnd(retry({ ...BACKUP, maxRetries: 2 })(next)(readCall()))).toBe("a");
  expect(log).toEqual(["0 start 0", "10 start 1", "20 start 2", "100 abort 1", "100 abort 2"]);
});

it("attempts share no call: each has its address, its signal and its number", async () => {
  const { next, calls } = answeringAfter([50, "a"], [5, "b"]);
  await runToEnd(retry(BACKUP)(next)(readCall({ address: "a:1", alternatives: ["b:1"] })));
  expect(calls.map(({ address, attempt }) => [address, attempt])).toEqual([
    ["a:1", 0],
    ["b:1", 1],
  ]);
  expect(calls[0].signal).not.toBe(calls[1].signal);
  expect(calls[1].metainfo.persistent.get("RetryReq")).toBe("1");
});

it("backup: an attempt that fails leaves the call to the one that still runs", async () => {
  const { next, log } = answeringAfter([50, "first"], [5, lost("no")]);
  expect(await runToEnd(retry(BACKUP)(next)(readCall()))).toBe("first");
  expect(log).toEqual(["0 start 0", "10 start 1"]);
});

it("backup: a failure before the delay is the end, since nothing else runs", async () => {
  const error = lost("no");
  const { next, log } = answeringAfter([5, error]);
  expect(await runToEnd(retry(BACKUP)(next)(readCall()))).toBe(error);
  expect(log).toEqual(["0 start 0"]);
});

it("an answer of the handler is one, be it a failure", async () => {
  const error = new BizStatusError(404, "none");
  const { next, log } = answeringAfter([100, "first"], [5, error]);
  expect(await runToEnd(retry(BACKUP)(next)(readCall()))).toBe(error);
  expect(log).toEqual(["0 start 0", "10 start 1", "15 abort 0"]);
});

it("mixed: a failure is retried after the backoff, before the delay is over", async () => {
  const { next, log } = answeringAfter([2, lost("maybe")], [3, "second"]);
  expect(await runToEnd(retry(MIXED)(next)(readCall()))).toBe("second");
  expect(log).toEqual(["0 start 0", "7 start 1"]);
});

it("mixed: a failure while a retry is due adds none", async () => {
  const { next, log } = answeringAfter([12, lost("no")], [4, lost("no")], [5, "third"], [5, "never"]);
  expect(await runToEnd(retry({ ...MIXED, maxRetries: 3 })(next)(readCall()))).toBe("third");
  expect(log).toEqual(["0 start 0", "10 start 1", "17 start 2"]);
});

it("mixed: the last failure when no attempt is left", async () => {
  const last = lost("no");
  const { next } = answeringAfter([2, lost("no")], [3, last]);
  expect(await runToEnd(retry(MIXED)(next)(readCall()))).toBe(last);
});

it("mixed: a call that is not idempotent has no backups, but is retried when it was not run", async () => {
  const { next, log } = answeringAfter([40, lost("no")], [40, "second"]);
  expect(await runToEnd(retry(MIXED)(next)(makeCall()))).toBe("second");
  expect(log).toEqual(["0 start 0", "45 start 1"]);
});

it("backup: a call that is not idempotent goes through as it is", async () => {
  const { next, calls } = answering(1);
  const call = makeCall();
  expect(await retry(BACKUP)(next)(call)).toBe(1);
  expect(calls).toEqual([call]);
});

it.each([BACKUP, MIXED])("$kind: a caller that gives up ends all attempts", async (policy) => {
  const { next, log } = answeringAfter([100, "a"], [100, "b"]);
  const controller = new AbortController();
  const running = runToEnd(retry(policy)(next)(readCall({ signal: controller.signal })));
  setTimeout(() => controller.abort(), 15);
  expect(await running).toMatchObject({ code: "ERR_THRIFT_CANCELLED" });
  expect(log).toEqual(["0 start 0", "10 start 1", "15 abort 0", "15 abort 1"]);
});

it("a caller that has given up before makes no attempt", async () => {
  const { next, log } = answeringAfter([1, "a"]);
  expect(await runToEnd(retry(BACKUP)(next)(readCall({ signal: AbortSignal.abort() })))).toMatchObject({
    code: "ERR_THRIFT_CANCELLED",
  });
  expect(log).toEqual([]);
});

it("no backup starts when the deadline is over", async () => {
  const { next, log } = answeringAfter([20, lost("maybe")]);
  await runToEnd(retry(BACKUP)(next)(readCall({ deadline: new Deadline(9) })));
  expect(log).toEqual(["0 start 0"]);
});

it("middleware that throws at once is a failure like any other", async () => {
  const next: Next = () => {
    throw lost("no");
  };
  expect(await runToEnd(retry(MIXED)(next)(readCall()))).toMatchObject({ executed: "no" });
});

it("backups are drawn from the budget", async () => {
  const policy: BackupPolicy = { ...BACKUP, budget: { maxTokens: 2, tokensPerSuccess: 0 } };
  const around = retry(policy);
  const first = answeringAfter([50, "a"], [50, "b"]);
  await runToEnd(around(first.next)(readCall()));
  expect(first.calls).toHaveLength(1);
});

it("a backup request is told of as one, without an error", async () => {
  const events: unknown[] = [];
  const stop = onEvent("client.retry", ({ error, delayMs }) => events.push({ error, delayMs }));
  const { next } = answeringAfter([50, "a"], [5, "b"]);
  await runToEnd(retry(BACKUP)(next)(readCall()));
  stop();
  expect(events).toEqual([{ error: undefined, delayMs: 0 }]);
});
