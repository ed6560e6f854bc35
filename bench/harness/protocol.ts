/** What the parent and a contender's process say to each other: a line of JSON each. Requests on stdin, replies on descriptor 3. */

import { writeSync } from "node:fs";

/** The first line of a contender's process: it has proved its round trips and is warm. */
export interface Ready {
  readonly title: string;
  readonly note: string;
  readonly clock: string;
  /** Mean size of the contender's own messages, by workload. */
  readonly bytes: Readonly<Record<string, number>>;
  /** Why the contender does not take part, by workload. */
  readonly absent: Readonly<Record<string, string>>;
}

export interface Request {
  readonly case: string;
  readonly ms: number;
  readonly harness: Harness;
}

/** tinybench under the clock of the thread, or benchmark.js under its own wall clock. */
export type Harness = "tinybench" | "benchmark";

export interface Reply {
  /** Median over the samples, for one message. */
  readonly ns: number;
  readonly samples: number;
}

const REPLIES = 3;

export function say(message: Ready | Reply): void {
  writeSync(REPLIES, `${JSON.stringify(message)}\n`);
}
