/** The timed loop, under either harness. */

import Benchmark from "benchmark";
import { Bench } from "tinybench";

import type { Clock } from "./clock.js";
import type { Reply } from "./protocol.js";
import { median } from "./statistics.js";

/** An operation and the arguments it is given in turn. */
export interface Loop {
  readonly operation: (argument: never) => unknown;
  readonly arguments: readonly unknown[];
}

/** Long enough that reading the clock, some 60 µs, is lost in it. */
const BATCH_MS = 15;

/** What the last call gave: results that nobody could see might be left out by the compiler. */
const kept: unknown[] = [undefined];

/** Calls the operation `count` times, with each argument in turn. */
function repeat(loop: Loop, count: number): void {
  const { operation, arguments: inputs } = loop;
  let index = 0;
  for (let done = 0; done < count; done++) {
    kept[0] = operation(inputs[index] as never);
    if (++index === inputs.length) index = 0;
  }
}

/** Runs the loop for about this long, whatever one call takes. Gives the number of calls that fill a batch. */
export function warmUp(loop: Loop, ms: number, clock: Clock): number {
  const end = clock.now() + ms;
  let count = 1;
  for (;;) {
    const start = clock.now();
    repeat(loop, count);
    const now = clock.now();
    count = Math.max(1, Math.min(count * 2, Math.round((count * BATCH_MS) / (now - start))));
    if (now >= end) return count;
  }
}

/** tinybench times batches, not single calls: a call may take less time than reading the clock. */
export function measure(loop: Loop, ms: number, clock: Clock): Reply {
  const batch = warmUp(loop, 2 * BATCH_MS, clock);
  const bench = new Bench({ time: ms, iterations: 3, warmup: false, now: clock.now });
  bench.add("batch", () => repeat(loop, batch));
  const [task] = bench.runSync();
  const { result } = task;
  if (!("latency" in result)) throw new Error(`not measured: ${result.state}`);
  return { ns: (result.latency.p50 * 1e6) / batch, samples: result.latency.samplesCount };
}

/** The second harness, with its own way to choose counts and its own clock. */
export function measureAgain(loop: Loop, ms: number): Reply {
  const seconds = ms / 1e3;
  const inputs = loop.arguments.length;
  const benchmark = new Benchmark("calls", () => repeat(loop, inputs), { minTime: seconds / 10, maxTime: seconds });
  const { stats } = benchmark.run({ async: false });
  return { ns: (median(stats.sample) * 1e9) / inputs, samples: stats.sample.length };
}
