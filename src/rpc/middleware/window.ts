/** How calls went in the last seconds, as the circuit breaker and the percentage limit of Kitex count it. */

/** Kitex's own: 100 buckets of 100 ms. */
const WINDOW_MS = 10_000;
const BUCKETS = 100;

/**
 * Counts of successes and failures over a window that slides in steps of a bucket.
 *
 *     bucket   | 41 | 42 | 43 | … | 140 |         each 1/100 of the window; 141 takes the memory of 41,
 *                                   ▲ now         whose counts leave the sums
 */
export class SlidingWindow {
  readonly #bucketMs: number;
  readonly #successes = new Uint32Array(BUCKETS);
  readonly #failures = new Uint32Array(BUCKETS);
  #successSum = 0;
  #failureSum = 0;
  /** Number of the newest bucket, counted from the start of the clock. */
  #newest: number;

  constructor(windowMs = WINDOW_MS) {
    this.#bucketMs = windowMs / BUCKETS;
    this.#newest = this.#bucketOfNow();
  }

  record(outcome: "success" | "failure"): void {
    this.#slide();
    const bucket = this.#newest % BUCKETS;
    if (outcome === "success") {
      this.#successes[bucket]++;
      this.#successSum++;
    } else {
      this.#failures[bucket]++;
      this.#failureSum++;
    }
  }

  /** Successes and failures in the window. */
  samples(): number {
    this.#slide();
    return this.#successSum + this.#failureSum;
  }

  /** Failures among the samples, 0 to 1; 0 without samples. */
  failureRate(): number {
    const samples = this.samples();
    return samples === 0 ? 0 : this.#failureSum / samples;
  }

  clear(): void {
    this.#successes.fill(0);
    this.#failures.fill(0);
    this.#successSum = 0;
    this.#failureSum = 0;
  }

  #slide(): void {
    const now = this.#bucketOfNow();
    if (now - this.#newest >= BUCKETS) this.clear();
    else while (this.#newest < now) this.#empty(++this.#newest % BUCKETS);
    this.#newest = now;
  }

  #empty(bucket: number): void {
    this.#successSum -= this.#successes[bucket];
    this.#failureSum -= this.#failures[bucket];
    this.#successes[bucket] = 0;
    this.#failures[bucket] = 0;
  }

  #bucketOfNow(): number {
    return Math.floor(performance.now() / this.#bucketMs);
  }
}
