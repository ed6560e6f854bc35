import { afterEach, describe, expect, it, vi } from "vitest";
import { ApplicationError } from "../../../src/errors.js";
import { type Backoff, backoffDelay } from "../../../src/rpc/middleware/retry/backoff.js";
import { idempotence } from "../../../src/rpc/middleware/retry/idempotent.js";
import { retryPolicyFromKitex } from "../../../src/rpc/middleware/retry/kitex.js";
import type { RetryPolicy } from "../../../src/rpc/middleware/retry/policy.js";
import { retry } from "../../../src/rpc/middleware/retry/retry.js";
import { answering, lost, makeCall, methodOf } from "./calls.js";

afterEach(() => void vi.restoreAllMocks());

describe("backoff", () => {
  it.each<[Backoff, random: number, delays: number[]]>([
    [{ kind: "none" }, 0.5, [0, 0, 0]],
    [{ kind: "fixed", ms: 50 }, 0.5, [50, 50, 50]],
    [{ kind: "random", minMs: 10, maxMs: 20 }, 0, [10, 10, 10]],
    [{ kind: "random", minMs: 10, maxMs: 20 }, 0.5, [15, 15, 15]],
    [{ kind: "exponential" }, 0.5, [5, 10, 20]],
    [{ kind: "exponential", baseMs: 100, maxMs: 300 }, 0.5, [50, 100, 150]],
    [{ kind: "exponential" }, 0, [0, 0, 0]],
  ])("%j with random %f", (backoff, random, delays) => {
    vi.spyOn(Math, "random").mockReturnValue(random);
    expect([1, 2, 3].map(backoffDelay(backoff))).toEqual(delays);
  });
});

it.each<[string, unknown]>([
  ["maxRetries", { maxRetries: 6 }],
  ["maxRetries", { maxRetries: -1 }],
  ["maxRetries", { maxRetries: 1.5 }],
  ["maxRetries", { maxRetries: "2" }],
  ["attemptTimeoutMs", { attemptTimeoutMs: 0 }],
  ["maxDurationMs", { maxDurationMs: NaN }],
  ["kind", { kind: "hedge" }],
  ["kind", { kind: "toString" }],
  ["delayMs", { kind: "backup" }],
  ["delayMs", { kind: "mixed", delayMs: 0 }],
  ["delayMs", { kind: "backup", delayMs: Infinity }],
  ["backoff.kind", { backoff: { kind: "linear" } }],
  ["backoff.ms", { backoff: { kind: "fixed", ms: -1 } }],
  ["backoff.maxMs", { backoff: { kind: "random", minMs: 2, maxMs: 1 } }],
  ["backoff.maxMs", { kind: "mixed", delayMs: 5, backoff: { kind: "exponential", baseMs: 2000 } }],
  ["budget.maxTokens", { budget: { maxTokens: 0 } }],
  ["budget.tokensPerSuccess", { budget: { tokensPerSuccess: 11 } }],
  ["budget.maxRetryRate", { budget: { maxRetryRate: 0 } }],
])("%s of %j is refused", (name, policy) => {
  expect(() => retry(policy as RetryPolicy)).toThrow(RangeError);
  expect(() => retry(policy as RetryPolicy)).toThrow(name);
});

it.each([
  [undefined, false, true],
  [true, true, true],
  [false, false, false],
  [["take"], true, false],
] as const)(
  "idempotent %j: take %j, count, which the IDL says is, %j; a oneway method never",
  (option, take, count) => {
    const isIdempotent = idempotence(option);
    expect([isIdempotent(methodOf("take")), isIdempotent(methodOf("count"))]).toEqual([take, count]);
    expect(isIdempotent(methodOf("seen"))).toBe(false);
  },
);

describe("Kitex's policy", () => {
  const BUDGET = { maxTokens: Infinity, maxRetryRate: 0.1 };

  it("failure, with all that it may say", () => {
    const json = `{"enable":true,"type":0,"failure_policy":{"stop_policy":{"max_retry_times":3,"max_duration_ms":500,
      "disable_chain_stop":true,"ddl_stop":true,"cb_policy":{"error_rate":0.2}},"backoff_policy":{"backoff_type":"random",
      "cfg_items":{"min_ms":10,"max_ms":100}},"retry_same_node":true,"extra":""}}`;
    const stop = (): boolean => true;
    expect(retryPolicyFromKitex(json, { stop, attemptTimeoutMs: 50 })).toEqual({
      kind: "failure",
      maxRetries: 3,
      maxDurationMs: 500,
      budget: { ...BUDGET, maxRetryRate: 0.2 },
      chainStop: false,
      sameAddress: true,
      stop,
      backoff: { kind: "random", minMs: 10, maxMs: 100 },
      attemptTimeoutMs: 50,
    });
  });

  it.each([
    [
      { enable: true, type: 0, failure_policy: {} },
      { kind: "failure", backoff: { kind: "none" } },
    ],
    [
      { enable: true, failure_policy: { stop_policy: null } },
      { kind: "failure", backoff: { kind: "none" } },
    ],
    [
      { enable: true, type: 1, backup_policy: { retry_delay_ms: 10 } },
      { kind: "backup", delayMs: 10 },
    ],
    [
      {
        enable: true,
        type: 2,
        mixed_policy: { retry_delay_ms: 10, backoff_policy: { backoff_type: "fixed", cfg_items: { fix_ms: 5 } } },
      },
      { kind: "mixed", delayMs: 10, backoff: { kind: "fixed", ms: 5 } },
    ],
  ])("%j", (json, expected) => {
    expect(retryPolicyFromKitex(json)).toEqual({ ...expected, budget: BUDGET, chainStop: true, sameAddress: false });
  });

  it.each([0, -1, 0.31, 7])("an error rate of %f is taken for 0.1, as Kitex does", (rate) => {
    const json = { enable: true, failure_policy: { stop_policy: { cb_policy: { error_rate: rate } } } };
    expect(retryPolicyFromKitex(json)).toMatchObject({ budget: BUDGET });
  });

  it("that is switched off is no policy", () => {
    expect(retryPolicyFromKitex({ enable: false, type: 7 })).toBe(false);
    expect(retryPolicyFromKitex({})).toBe(false);
  });

  it.each<[string, unknown]>([
    ["the policy must be JSON", "{"],
    ["the policy must be an object", "[]"],
    ["the policy must be an object", null],
    ["enable must be a boolean", { enable: 1 }],
    ["type must be 0, 1 or 2", { enable: true, type: 3 }],
    ["failure_policy must be an object", { enable: true, failure_policy: [] }],
    ["max_retry_times must be a number", { enable: true, failure_policy: { stop_policy: { max_retry_times: "2" } } }],
    ["backoff_type must be", { enable: true, failure_policy: { backoff_policy: { backoff_type: "linear" } } }],
  ])("%s: %j", (message, json) => {
    expect(() => retryPolicyFromKitex(json)).toThrow(RangeError);
    expect(() => retryPolicyFromKitex(json)).toThrow(message);
  });

  it("is a policy that calls are retried by", async () => {
    const policy = retryPolicyFromKitex(
      '{"enable":true,"type":0,"failure_policy":{"stop_policy":{"max_retry_times":1}}}',
    );
    const { next, calls } = answering(lost("no"), 1);
    expect(await retry(policy as RetryPolicy)(next)(makeCall())).toBe(1);
    expect(calls).toHaveLength(2);
  });

  it("with exceptions of its own", async () => {
    const policy = retryPolicyFromKitex({ enable: true, failure_policy: {} }, { on: { applicationTypes: [6] } });
    const { next, calls } = answering(new ApplicationError(6, "oops"), 1);
    expect(await retry(policy as RetryPolicy)(next)(makeCall())).toBe(1);
    expect(calls).toHaveLength(2);
  });
});
