/** Deadlines: absolute points of the monotonic clock, so that setting the wall clock ends no call and prolongs none. */

/** What an inner call leaves its outer call to answer in, in milliseconds. */
const MARGIN_MS = 2;

/** When a call must be over. */
export class Deadline {
  /** Milliseconds that the call was given. */
  readonly timeoutMs: number;
  /** On the clock of `performance.now()`. */
  readonly #at: number;

  /** @param startedAt when the time began to run, on the same clock; by default now. */
  constructor(timeoutMs: number, startedAt = performance.now()) {
    this.timeoutMs = timeoutMs;
    this.#at = startedAt + timeoutMs;
  }

  /** Milliseconds that are left, with a fraction; 0 when the time is over. */
  remainingMs(): number {
    return Math.max(0, this.#at - performance.now());
  }
}

/**
 * The time that a call gets: its own timeout, or what the call that it is made in has left to give, whichever is less.
 *
 * @param timeoutMs `Infinity` for none of its own.
 * @returns milliseconds; `Infinity` for no bound; 0 when there is no time left to make the call in.
 */
export function timeoutWithin(timeoutMs: number, surrounding: Deadline | undefined): number {
  if (surrounding === undefined) return timeoutMs;
  return Math.min(timeoutMs, Math.max(0, surrounding.remainingMs() - MARGIN_MS));
}
