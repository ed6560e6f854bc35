/** Load: so many calls at a time, each followed by the next as soon as it is answered (a closed loop). */

import { ThriftError } from "../../errors.js";
import { Latencies } from "./latencies.js";

/** What is run, and for how long. */
export interface LoadOptions {
  /** Makes one call. */
  readonly call: () => Promise<unknown>;
  /** Calls at a time. */
  readonly concurrency: number;
  readonly durationMs: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** A run of load, and what has come of it so far. */
export class Load {
  /** Of calls that succeeded. */
  readonly latencies = new Latencies();
  /** Calls that failed, by the code of the error. */
  readonly failures = new Map<string, number>();
  readonly #options: LoadOptions;
  #startedAt = 0;
  #endedAt = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  /** Milliseconds since the start, until the last call was answered. */
  get elapsedMs(): number {
    return (this.#endedAt === 0 ? performance.now() : this.#endedAt) - this.#startedAt;
  }

  /** Resolves when the time is over and all calls are answered. Failures of calls are part of what comes of it. */
  async run(): Promise<void> {
    const { concurrency, durationMs } = this.#options;
    this.#startedAt = performance.now();
    const endAt = this.#startedAt + durationMs;
    await Promise.all(Array.from({ length: concurrency }, () => this.#callUntil(endAt)));
    this.#endedAt = performance.now();
  }

  async #callUntil(endAt: number): Promise<void> {
    const { call, signal } = this.#options;
    let now = performance.now();
    while (now < endAt && !signal.aborted) {
      const startedAt = now;
      try {
        await call();
        now = performance.now();
        this.latencies.record(now - startedAt);
      } catch (error) {
        now = performance.now();
        this.#countFailure(error);
        // Calls that fail at once must not keep the timers of this process from running.
        await new Promise(setImmediate);
      }
    }
  }

  #countFailure(error: unknown): void {
    const code = error instanceof ThriftError ? error.code : String(error);
    this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
  }
}
