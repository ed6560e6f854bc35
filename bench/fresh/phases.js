/** Splits the life of a fresh process into phases and prints them as a line of JSON: milliseconds of wall clock, by phase. */

import { writeSync } from "node:fs";
import { performance } from "node:perf_hooks";

const phases = {};
let last = performance.now();

/** Ends a phase: all time since the last call belongs to it. */
export function phase(name) {
  const now = performance.now();
  phases[name] = now - last;
  last = now;
}

/** Starts the next phase here: what was done since the last one is not counted. */
export function resume() {
  last = performance.now();
}

export function report() {
  writeSync(1, `${JSON.stringify(phases)}\n`);
}
