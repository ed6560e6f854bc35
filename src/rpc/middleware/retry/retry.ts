/** Retry as middleware. */

import type { Middleware } from "../../call.js";
import { FailureRetry } from "./failure.js";
import { resolvePolicy, type FailureRetryPolicy, type RetryPolicy } from "./policy.js";
import { backupRequests } from "./race.js";

/** What clients do unless they are told otherwise: the defaults of a failure retry. */
export const DEFAULT_RETRY: FailureRetryPolicy = { kind: "failure" };

/**
 * Makes calls again by a policy. What it remembers, the budget, is shared by all calls through it.
 *
 * Each attempt is a call of its own, to another address where there is one, within the deadline of the whole. It is made
 * only when running the call twice does no harm: when the peer did not run it, when the call is idempotent, or when the
 * program chose the answer that it gave. A oneway call is never repeated. In the end the outcome of the last attempt counts.
 *
 * Attempts after the first carry the persistent value RetryReq, as those of Kitex do; where the transport has no header
 * to carry it, nobody along the chain can know.
 *
 * @throws RangeError on a policy that cannot be.
 */
export function retry(policy: RetryPolicy): Middleware {
  const resolved = resolvePolicy(policy);
  const failure = new FailureRetry(resolved).middleware;
  switch (resolved.kind) {
    case "failure":
      return failure;
    case "backup":
      return backupRequests(resolved, (next) => next);
    case "mixed":
      return backupRequests(resolved, failure);
  }
}
