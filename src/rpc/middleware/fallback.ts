/** Fallback: another answer for calls that failed. */

import { DeadlineError, ThriftError } from "../../errors.js";
import type { Call, Middleware } from "../call.js";

/** Options of a fallback. */
export interface FallbackOptions {
  /** Which failures it stands in for. Default all, declared exceptions and business statuses included. */
  when?: (error: unknown, call: Call) => boolean;
  /** What the call results in instead; when it throws, the call rejects with that. */
  result: (error: unknown, call: Call) => unknown;
}

/**
 * Answers calls that failed with something else: a cached or empty result, another service's.
 *
 * What it answers counts as success for the middleware around it. To have it answer only when all attempts of a call have
 * failed, put it around the retry: `{ retry: false, middleware: [fallback(…), retry(…)] }`. (Kitex always does so.)
 */
export function fallback({ when = () => true, result }: FallbackOptions): Middleware {
  return (next) => async (call) => {
    try {
      return await next(call);
    } catch (error) {
      if (!when(error, call)) throw error;
      return result(error, call);
    }
  };
}

/** For {@link FallbackOptions.when}: the call was not answered in time, or a circuit breaker is open. Kitex's TimeoutAndCBFallback. */
export function isTimeoutOrBreaker(error: unknown): boolean {
  return error instanceof DeadlineError || (error instanceof ThriftError && error.code === "ERR_THRIFT_BREAKER_OPEN");
}
