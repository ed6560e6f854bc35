import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApplicationError } from "../../../src/errors.js";
import { RetryBudget } from "../../../src/rpc/middleware/retry/budget.js";
import type { FailureRetryPolicy } from "../../../src/rpc/middleware/retry/policy.js";
import { retry } from "../../../src/rpc/middleware/retry/retry.js";
import { answering, lost, makeCall, methodOf } from "./calls.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const take = methodOf("take");
const count = methodOf("count");

it("tokens: no retry while half of them or fewer are left, and successes bring them back", () => {
  const budget = new RetryBudget({ maxTokens: 4, tokensPerSuccess: 0.5, maxRetryRate: 1 });
  budget.failed();
  expect(budget.grants(take)).toBe(true);
  budget.failed();
  expect(budget.grants(take)).toBe(false);
  // For all methods: it is the peer that is in trouble.
  expect(budget.grants(count)).toBe(false);
  budget.succeeded();
  expect(budget.grants(take)).toBe(true);
});

it("tokens: never more than the maximum, never less than none", () => {
  const budget = new RetryBudget({ maxTokens: 2, tokensPerSuccess: 1, maxRetryRate: 1 });
  for (let i = 0; i < 10; i++) budget.succeeded();
  budget.failed();
  expect(budget.grants(take)).toBe(false);
  for (let i = 0; i < 10; i++) budget.failed();
  budget.succeeded();
  budget.succeeded();
  expect(budget.grants(take)).toBe(true);
});

it("percentage: a tenth of calls and retries, once there are ten, for each method", () => {
  const budget = new RetryBudget({ maxTokens: Infinity });
  for (let i = 0; i < 8; i++) budget.called(take);
  expect([1, 2, 3].map(() => budget.grants(take))).toEqual([true, true, false]);
  expect(budget.grants(count)).toBe(true);
  for (let i = 0; i < 11; i++) budget.called(take);
  // 2 retries of 21.
  expect(budget.grants(take)).toBe(true);
});

it("percentage: what was ten seconds ago is forgotten", () => {
  const budget = new RetryBudget({ maxTokens: Infinity });
  for (let i = 0; i < 10; i++) budget.grants(take);
  expect(budget.grants(take)).toBe(false);
  vi.advanceTimersByTime(9900);
  expect(budget.grants(take)).toBe(false);
  vi.advanceTimersByTime(200);
  expect(budget.grants(take)).toBe(true);
});

const overloaded = new ApplicationError(6, "OVERLOADED: x", { executed: "no" });

it.each<[string, FailureRetryPolicy["budget"], retries: number]>([
  ["both bounds", undefined, 2],
  ["Kitex's percentage alone", { maxTokens: Infinity }, 5],
  ["gRPC's tokens alone", { maxTokens: 20, maxRetryRate: 1 }, 5],
  ["no budget", false, 20],
])("a peer that refuses all of 20 calls, one retry each: %s", async (_, budget, retries) => {
  const around = retry({ backoff: { kind: "none" }, maxRetries: 1, budget });
  const { next, calls } = answering(overloaded);
  for (let i = 0; i < 20; i++) await expect(around(next)(makeCall())).rejects.toThrow();
  expect(calls).toHaveLength(20 + retries);
});

it.each<[string, Error]>([
  ["found no connection", lost("no")],
  ["found a server about to close", new ApplicationError(6, "DRAINING: x", { executed: "no" })],
])("the first retry of a call that %s is free, the second is not", async (_, error) => {
  const around = retry({ backoff: { kind: "none" } });
  const { next, calls } = answering(error);
  for (let i = 0; i < 20; i++) await expect(around(next)(makeCall())).rejects.toThrow();
  expect(calls.filter(({ attempt }) => attempt === 1)).toHaveLength(20);
  expect(calls.filter(({ attempt }) => attempt === 2)).toHaveLength(2);
});
