/**
 * Time that the main thread spent on a processor. A machine that others use stretches the wall clock by half and more, while this
 * one repeats within a few percent. Run with `--single-threaded-gc`, so that collecting garbage is charged to the thread too.
 */

import { openSync, readSync } from "node:fs";

export interface Clock {
  /** What the figures are: as the report names it. */
  readonly name: string;
  /** Milliseconds since some moment. */
  readonly now: () => number;
}

/** The most exact clock that the system has. */
export function mainThreadClock(): Clock {
  return schedstatClock() ?? processClock();
}

/** Linux counts each thread's time on a processor, in nanoseconds; the first number of the line. */
function schedstatClock(): Clock | undefined {
  let file: number;
  try {
    file = openSync(`/proc/self/task/${process.pid}/schedstat`, "r");
  } catch {
    return undefined;
  }
  const line = Buffer.alloc(64);
  const wink = new Int32Array(new SharedArrayBuffer(4));
  return {
    name: "time of the main thread on a processor (schedstat)",
    now() {
      // The kernel brings the figure up to date when the thread leaves the processor, else only at ticks 4 ms apart.
      Atomics.wait(wink, 0, 0, 0.1);
      const length = readSync(file, line, 0, line.length, 0);
      return Number.parseInt(line.toString("latin1", 0, length), 10) / 1e6;
    },
  };
}

function processClock(): Clock {
  return {
    name: "processor time of the process (cpuUsage)",
    now() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e3;
    },
  };
}
