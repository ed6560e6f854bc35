import { expect, it, vi } from "vitest";
import { DeadlineError, ThriftError } from "../../../src/errors.js";
import { compose } from "../../../src/rpc/call.js";
import { fallback, isTimeoutOrBreaker } from "../../../src/rpc/middleware/fallback.js";
import { forMethods } from "../../../src/rpc/middleware/for-methods.js";
import { retry } from "../../../src/rpc/middleware/retry/retry.js";
import { answering, lost, makeCall, methodOf } from "./calls.js";

it("answers calls that failed, and only those", async () => {
  const result = vi.fn(() => 9);
  const error = lost("maybe");
  const call = makeCall();
  expect(await fallback({ result })(answering(1).next)(call)).toBe(1);
  expect(result).not.toHaveBeenCalled();
  expect(await fallback({ result })(answering(error).next)(call)).toBe(9);
  expect(result).toHaveBeenCalledWith(error, call);
});

it("lets failures through that it is not for", async () => {
  const error = lost("maybe");
  await expect(fallback({ when: () => false, result: () => 9 })(answering(error).next)(makeCall())).rejects.toBe(error);
});

it("rejects with what it throws itself", async () => {
  const result = (): never => {
    throw new Error("no cache");
  };
  await expect(fallback({ result })(answering(lost("no")).next)(makeCall())).rejects.toThrow("no cache");
});

it.each([
  [new DeadlineError({ timeoutMs: 1, executed: "maybe" }, ""), true],
  [new ThriftError("ERR_THRIFT_BREAKER_OPEN", ""), true],
  [new ThriftError("ERR_THRIFT_OVERLOADED", ""), false],
  [lost("no"), false],
])("a time-out or an open breaker: %s", (error, expected) => {
  expect(isTimeoutOrBreaker(error)).toBe(expected);
});

it("around a retry it answers when all attempts have failed", async () => {
  const { next, calls } = answering(lost("no"));
  const run = compose([fallback({ result: () => 9 }), retry({ backoff: { kind: "none" } })], next);
  expect(await run(makeCall())).toBe(9);
  expect(calls).toHaveLength(3);
});

it("middleware for some methods leaves the others alone", async () => {
  const { next } = answering(lost("no"));
  const run = forMethods(["count"], fallback({ result: () => 9 }))(next);
  expect(await run(makeCall({ method: methodOf("count") }))).toBe(9);
  await expect(run(makeCall())).rejects.toThrow("connection lost");
});
