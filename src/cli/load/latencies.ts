/** How long calls took: percentiles, and how many took about as long. */

import { createHistogram } from "node:perf_hooks";

/** Bars for each power of ten. */
const BARS_PER_DECADE = 5;

/** The shortest time that is told apart, in milliseconds. */
const LOWEST_MS = 0.01;

const NS_PER_MS = 1e6;

/** Calls that took up to `toMs`, and longer than those of the bar before. */
export interface Bar {
  readonly toMs: number;
  readonly count: number;
}

/** Gathers times at three figures (HdrHistogram). */
export class Latencies {
  readonly #histogram = createHistogram({ figures: 3 });
  readonly #bars: number[] = [];

  record(ms: number): void {
    this.#histogram.record(Math.max(1, Math.round(ms * NS_PER_MS)));
    const bar = Math.max(0, Math.ceil(Math.log10(ms / LOWEST_MS) * BARS_PER_DECADE));
    while (this.#bars.length <= bar) this.#bars.push(0);
    this.#bars[bar]++;
  }

  get count(): number {
    return this.#histogram.count;
  }

  /** In milliseconds; 0 when there are none. */
  get meanMs(): number {
    return this.count === 0 ? 0 : this.#histogram.mean / NS_PER_MS;
  }

  /** In milliseconds; 0 when there are none. */
  get maxMs(): number {
    return this.#histogram.max / NS_PER_MS;
  }

  /** The time that so many percent of calls did not exceed, in milliseconds; 0 when there are none. */
  percentileMs(percent: number): number {
    return this.count === 0 ? 0 : this.#histogram.percentile(percent) / NS_PER_MS;
  }

  /** From the first that is not empty to the last. */
  bars(): Bar[] {
    const bars = Array.from(this.#bars, (count, i): Bar => ({
      toMs: LOWEST_MS * 10 ** (i / BARS_PER_DECADE),
      count,
    }));
    return bars.slice(bars.findIndex(({ count }) => count > 0));
  }
}
