/** How long to wait before an address is tried again that could not be reached: longer each time, and not all clients at once. */

const FIRST_MS = 10;
const LONGEST_MS = 1000;

/** Of one address. */
export class Backoff {
  #failures = 0;

  /** Whether the last attempt failed. */
  get isFailing(): boolean {
    return this.#failures > 0;
  }

  succeed(): void {
    this.#failures = 0;
  }

  /** @returns milliseconds to wait: anything up to 10, 20, 40 ... 1,000. */
  fail(): number {
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures++);
    return Math.random() * longest;
  }
}
