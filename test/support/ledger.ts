/**
 * Keeps account of calls on both sides of a test with faults, and says what does not add up:
 * every call is settled once and in time, a success is the answer to its own call and was run exactly once, and what is
 * said not to have been run was not.
 */

import { monitorEventLoopDelay } from "node:perf_hooks";

type Executed = "no" | "maybe" | "yes";

interface Entry {
  readonly startedAt: number;
  readonly timeoutMs: number;
  runs: number;
  settledAt: number | undefined;
  outcome: "success" | Executed | "unknown" | undefined;
}

/** What came of all calls. */
export interface LedgerSums {
  readonly calls: number;
  readonly succeeded: number;
  /** Failures by what they say about the server. */
  readonly failed: Readonly<Record<Executed, number>>;
}

/** Milliseconds that a call may be late, beside what the event loop was. */
const LATENESS_MS = 50;

/** The account of one test. */
export class Ledger {
  readonly #entries = new Map<number, Entry>();
  readonly #problems: string[] = [];
  readonly #loopDelay = monitorEventLoopDelay({ resolution: 5 });
  readonly #maxRuns: number;

  /** `maxRuns`: how often a server may run one call. Default 1; more with retries. */
  constructor(options: { maxRuns?: number } = {}) {
    this.#maxRuns = options.maxRuns ?? 1;
    this.#loopDelay.enable();
  }

  /**
   * Makes a call with a number of its own, which the reply has to bring back. Never rejects.
   *
   * @param timeoutMs what the call is given.
   */
  async call(timeoutMs: number, run: (nonce: number) => Promise<number>): Promise<void> {
    const nonce = this.#entries.size;
    const entry: Entry = { startedAt: performance.now(), timeoutMs, runs: 0, settledAt: undefined, outcome: undefined };
    this.#entries.set(nonce, entry);
    try {
      const reply = await run(nonce);
      this.#settle(nonce, "success");
      if (reply !== nonce) this.#problems.push(`call ${String(nonce)} got the reply to ${String(reply)}`);
    } catch (error) {
      const executed = (error as { executed?: Executed }).executed;
      this.#settle(nonce, executed ?? "unknown");
      if (executed === undefined)
        this.#problems.push(`call ${String(nonce)} failed without executed: ${String(error)}`);
    }
  }

  /** To be called by the handler of the server, with the number that came. */
  run(nonce: number): void {
    const entry = this.#entries.get(nonce);
    if (entry === undefined) this.#problems.push(`the server ran a call that was not made: ${String(nonce)}`);
    else entry.runs++;
  }

  get sums(): LedgerSums {
    const outcomes = [...this.#entries.values()].map(({ outcome }) => outcome);
    const count = (wanted: Entry["outcome"]): number => outcomes.filter((outcome) => outcome === wanted).length;
    return {
      calls: this.#entries.size,
      succeeded: count("success"),
      failed: { no: count("no"), maybe: count("maybe"), yes: count("yes") },
    };
  }

  /** What does not add up, in words; nothing when all is well. To be called when the calls should be over. */
  problems(): string[] {
    this.#loopDelay.disable();
    const allowance = LATENESS_MS + this.#loopDelay.max / 1e6;
    const found = [...this.#problems];
    for (const [nonce, { startedAt, settledAt, timeoutMs, runs, outcome }] of this.#entries) {
      const say = (problem: string): number => found.push(`call ${String(nonce)} ${problem}`);
      if (settledAt === undefined) say("never ended");
      else if (settledAt - startedAt > timeoutMs + allowance) say(`took ${String(settledAt - startedAt)} ms`);
      if (runs > this.#maxRuns) say(`was run ${String(runs)} times`);
      if (outcome === "success" && runs === 0) say("succeeded but was not run");
      if (outcome === "no" && runs > 0) say("was run but is said not to have been");
    }
    return found;
  }

  #settle(nonce: number, outcome: Entry["outcome"]): void {
    const entry = this.#entries.get(nonce)!;
    if (entry.outcome !== undefined) this.#problems.push(`call ${String(nonce)} ended twice`);
    entry.outcome = outcome;
    entry.settledAt = performance.now();
  }
}
