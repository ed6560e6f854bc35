/** Rate limit: calls beyond so many a second are refused. On a client before they are sent, on a server before their handler runs. */

import { ThriftError } from "../../errors.js";
import type { Middleware } from "../call.js";
import { type CallKey, Keyed } from "./keyed.js";
import { checkNumber } from "./number-option.js";

/** Options of a rate limit. */
export interface RateLimitOptions {
  /** Calls a second, more than 0; 0.5 is one in two seconds. */
  perSecond: number;
  /** Calls that may come at once after a pause. Default a tenth of a second's worth, 1 at least. */
  burst?: number;
  /** What has a limit of its own: `"address"` for each peer. Default all calls together. */
  key?: CallKey;
}

/**
 * Refuses calls beyond a rate with ERR_THRIFT_OVERLOADED; a server answers OVERLOADED, and the caller knows that the call was not run.
 *
 * Any rate is kept exactly. (Kitex refills a tenth of the rate ten times a second, rounded down: it admits nothing at 9 a
 * second and below, and 10 at 15. It also lets a second's worth through at once after a pause; say `burst` for that.)
 *
 * @throws RangeError on options out of range.
 */
export function rateLimit({ perSecond, burst, key = () => "" }: RateLimitOptions): Middleware {
  checkNumber("perSecond", perSecond, { min: Number.MIN_VALUE, max: 1e9 });
  const atOnce = checkNumber("burst", burst ?? Math.max(1, Math.floor(perSecond / 10)), { min: 1, integer: true });
  const buckets = new Keyed(key, () => new TokenBucket(perSecond, atOnce));
  return (next) => async (call) => {
    if (buckets.of(call).take()) return next(call);
    throw new ThriftError("ERR_THRIFT_OVERLOADED", `${call.method.name}: more than ${perSecond} calls a second`);
  };
}

/** What rounding may make of a point of the monotonic clock, in milliseconds. */
const ROUNDING_MS = 1e-6;

/** A bucket of `burst` tokens that drips full at a rate, kept as the time at which it will be full again. */
class TokenBucket {
  readonly #intervalMs: number;
  readonly #slackMs: number;
  #fullAt = 0;

  constructor(perSecond: number, burst: number) {
    this.#intervalMs = 1000 / perSecond;
    this.#slackMs = (burst - 1) * this.#intervalMs + ROUNDING_MS;
  }

  /** Takes a token. @returns false when there is none. */
  take(): boolean {
    const now = performance.now();
    const fullAt = Math.max(now, this.#fullAt);
    if (fullAt - now > this.#slackMs) return false;
    this.#fullAt = fullAt + this.#intervalMs;
    return true;
  }
}
