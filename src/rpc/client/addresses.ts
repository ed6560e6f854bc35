/** The addresses of a service, taken in turn. */

import type { Endpoint } from "../../transport/address.js";
import { Backoff } from "../../transport/backoff.js";

interface Down {
  readonly backoff: Backoff;
  /** On the clock of `performance.now()`. */
  until: number;
}

/** Gives each call the addresses to try, each time another first. */
export class Addresses {
  /** All, beginning with each. */
  readonly #rotations: readonly (readonly Endpoint[])[];
  /** Those that could not be reached the last time. */
  readonly #down = new Map<Endpoint, Down>();
  #turn = 0;

  /** @param endpoints at least one. */
  constructor(endpoints: readonly Endpoint[]) {
    this.#rotations = endpoints.map((_, i) => [...endpoints.slice(i), ...endpoints.slice(0, i)]);
  }

  get all(): readonly Endpoint[] {
    return this.#rotations[0];
  }

  /** @returns all addresses in the order to try; the first is not one that failed lately, unless all are. */
  next(): readonly Endpoint[] {
    const count = this.#rotations.length;
    const start = this.#turn++;
    if (this.#down.size === 0 || count === 1) return this.#rotations[start % count];
    const now = performance.now();
    for (let i = start; i < start + count; i++) {
      const rotation = this.#rotations[i % count];
      const down = this.#down.get(rotation[0]);
      if (down === undefined || down.until <= now) return rotation;
    }
    return this.#rotations[start % count];
  }

  failed(endpoint: Endpoint): void {
    let down = this.#down.get(endpoint);
    if (down === undefined) this.#down.set(endpoint, (down = { backoff: new Backoff(), until: 0 }));
    down.until = performance.now() + down.backoff.fail();
  }

  succeeded(endpoint: Endpoint): void {
    if (this.#down.size > 0) this.#down.delete(endpoint);
  }
}
