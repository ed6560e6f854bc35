/** How long to wait before a call is made again. */

import { checkNumber } from "../number-option.js";

/**
 * - `none`: not at all. Kitex's default.
 * - `fixed`: as long each time.
 * - `random`: anything from `minMs` up to `maxMs`.
 * - `exponential`: anything up to a bound that starts at `baseMs` (10) and doubles up to `maxMs` (1000): "full jitter", so
 *   that clients that failed together do not come back together.
 */
export type Backoff =
  | { kind: "none" }
  | { kind: "fixed"; ms: number }
  | { kind: "random"; minMs: number; maxMs: number }
  | { kind: "exponential"; baseMs?: number; maxMs?: number };

/** Milliseconds before an attempt; 1 is the first that is a retry. */
export type BackoffDelay = (attempt: number) => number;

/** @throws RangeError on times that are negative, or not in order. */
export function backoffDelay(backoff: Backoff): BackoffDelay {
  switch (backoff.kind) {
    case "none":
      return () => 0;
    case "fixed": {
      const ms = checkNumber("backoff.ms", backoff.ms, { min: 0 });
      return () => ms;
    }
    case "random": {
      const minMs = checkNumber("backoff.minMs", backoff.minMs, { min: 0 });
      const maxMs = checkNumber("backoff.maxMs", backoff.maxMs, { min: minMs });
      return () => minMs + Math.random() * (maxMs - minMs);
    }
    case "exponential": {
      const baseMs = checkNumber("backoff.baseMs", backoff.baseMs ?? 10, { min: 0 });
      const maxMs = checkNumber("backoff.maxMs", backoff.maxMs ?? 1000, { min: baseMs });
      return (attempt) => Math.random() * Math.min(maxMs, baseMs * 2 ** (attempt - 1));
    }
    default:
      throw new RangeError("backoff.kind must be none, fixed, random or exponential");
  }
}
