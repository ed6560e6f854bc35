/** Counts what one peer may do only so often in a minute. */

const MINUTE_MS = 60_000;

export class PerMinute {
  #count = 0;
  #endsAt = 0;

  /** Counts one. @returns whether there are more than `limit` in this minute. */
  exceeds(limit: number): boolean {
    const now = performance.now();
    if (now >= this.#endsAt) {
      this.#count = 0;
      this.#endsAt = now + MINUTE_MS;
    }
    return ++this.#count > limit;
  }
}
