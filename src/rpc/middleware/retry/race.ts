/** Backup requests: attempts at the same time, of which the first result wins. */

import { addAbortListener, removeAbortListener } from "../../../transport/abort-listeners.js";
import type { Call, Middleware, Next } from "../../call.js";
import { cancelled } from "../cancelled.js";
import { Attempts } from "./attempts.js";
import type { ResolvedPolicy } from "./policy.js";
import { isRetryable, type Outcome, outcomeOf, unwrap } from "./retryable.js";

/** Calls that are not idempotent go to `others`: two attempts at a time may both be run. */
export function backupRequests(policy: ResolvedPolicy, others: Middleware): Middleware {
  return (next) => {
    const alone = others(next);
    return async (call) => {
      if (!call.idempotent || call.method.oneway) return alone(call);
      return unwrap(await new Promise<Outcome>((settle) => new Race(policy, call, next, settle).start()));
    };
  };
}

/**
 * The attempts of one call.
 *
 *     running ──delayMs without an answer──▶ one more is running
 *     running ──a failure that may pass────▶ mixed: pausing ──backoff──▶ one more is running;
 *                                            backup: the others run on, and when there is none the call has failed
 *     running ──any other outcome──────────▶ over
 */
class Race {
  readonly #policy: ResolvedPolicy;
  readonly #call: Call;
  readonly #next: Next;
  readonly #settle: (outcome: Outcome) => void;
  readonly #attempts: Attempts;
  readonly #running = new Set<AbortController>();
  /** Starts the next attempt: when there is no answer yet, or when a pause after a failure is over. */
  #timer: NodeJS.Timeout | undefined;
  #isStarted = false;
  #isPausing = false;

  constructor(policy: ResolvedPolicy, call: Call, next: Next, settle: (outcome: Outcome) => void) {
    this.#policy = policy;
    this.#call = call;
    this.#next = next;
    this.#settle = settle;
    this.#attempts = new Attempts(policy, call);
  }

  start(): void {
    const { signal } = this.#call;
    if (signal?.aborted === true) return this.#cancel();
    if (signal !== undefined) addAbortListener(signal, this.#cancel);
    this.#isStarted = true;
    this.#launch(this.#attempts.first());
  }

  #launch(call: Call): void {
    const controller = new AbortController();
    this.#running.add(controller);
    this.#timer = setTimeout(() => this.#backup(), this.#policy.delayMs);
    void outcomeOf(this.#next, { ...call, signal: controller.signal }).then((outcome) => {
      // Attempts that have lost are no longer among those that run.
      if (this.#running.delete(controller)) this.#ended(outcome);
    });
  }

  #backup(): void {
    if (this.#attempts.plan(undefined) !== undefined) this.#launch(this.#attempts.next());
  }

  #ended(outcome: Outcome): void {
    if (!isRetryable(outcome, this.#call, this.#policy.on)) return this.#finish(outcome);
    if (this.#isPausing) return;
    const delayMs = this.#policy.kind === "mixed" ? this.#attempts.plan(outcome) : undefined;
    if (delayMs !== undefined) this.#pause(delayMs);
    else if (this.#running.size === 0) this.#finish(outcome);
  }

  #pause(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#isPausing = true;
    this.#timer = setTimeout(() => {
      this.#isPausing = false;
      this.#launch(this.#attempts.next());
    }, delayMs);
  }

  readonly #cancel = (): void => {
    const { address, signal } = this.#call;
    const executed = this.#isStarted ? "maybe" : "no";
    this.#finish({ ok: false, error: cancelled({ address, executed }, signal!) });
  };

  #finish(outcome: Outcome): void {
    if (outcome.ok) this.#policy.budget?.succeeded();
    clearTimeout(this.#timer);
    if (this.#call.signal !== undefined) removeAbortListener(this.#call.signal, this.#cancel);
    const losers = [...this.#running];
    this.#running.clear();
    for (const loser of losers) loser.abort(new Error("another attempt of the call has ended it"));
    this.#settle(outcome);
  }
}
