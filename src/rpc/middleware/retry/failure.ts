/** Failure retry: one attempt after the other. */

import type { MethodDescriptor } from "../../../schema/descriptor.js";
import { addAbortListener, removeAbortListener } from "../../../transport/abort-listeners.js";
import type { Call, Middleware, Next } from "../../call.js";
import { executedOf } from "../../executed.js";
import { cancelled } from "../cancelled.js";
import { Attempts } from "./attempts.js";
import type { ResolvedPolicy } from "./policy.js";
import { isRetryable, type Outcome, outcomeOf, unwrap } from "./retryable.js";

/** Failure retry in steps: a client that makes its first attempts by itself spends nothing on calls that succeed. */
export class FailureRetry {
  readonly #policy: ResolvedPolicy;

  constructor(policy: ResolvedPolicy) {
    this.#policy = policy;
  }

  readonly middleware: Middleware = (next) => async (call) => {
    const attempts = new Attempts(this.#policy, call);
    return this.#retry(attempts, call, next, await outcomeOf(next, attempts.first()));
  };

  /** The first attempt to call a method has succeeded. */
  succeeded(method: MethodDescriptor): void {
    this.#policy.budget?.called(method);
    this.#policy.budget?.succeeded();
  }

  /** The first attempt of a call, which was made at `startedAt`, has failed. @returns what becomes of the call. */
  recover(call: Call, startedAt: number, error: unknown, next: Next): Promise<unknown> {
    return this.#retry(new Attempts(this.#policy, call, startedAt), call, next, { ok: false, error });
  }

  async #retry(attempts: Attempts, call: Call, next: Next, first: Outcome): Promise<unknown> {
    const { on, budget } = this.#policy;
    let outcome = first;
    while (isRetryable(outcome, call, on)) {
      const delayMs = attempts.plan(outcome);
      if (delayMs === undefined) return unwrap(outcome);
      if (delayMs > 0 && !(await pause(delayMs, call.signal))) throw gaveUp(call, outcome);
      outcome = await outcomeOf(next, attempts.next());
    }
    if (outcome.ok) budget?.succeeded();
    return unwrap(outcome);
  }
}

/** @returns true when the time is over, false as soon as the signal is aborted. */
function pause(delayMs: number, signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const abort = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      if (signal !== undefined) removeAbortListener(signal, abort);
      resolve(true);
    }, delayMs);
    if (signal !== undefined) addAbortListener(signal, abort);
  });
}

function gaveUp({ address, signal }: Call, outcome: Outcome): Error {
  return cancelled({ address, executed: outcome.ok ? "yes" : executedOf(outcome.error) }, signal!);
}
