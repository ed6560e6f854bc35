/** What the attempts of one call share, however they come about: when there may be another, and what it looks like. */

import type { Call } from "../../call.js";
import { Deadline } from "../../deadline.js";
import { eventChannel } from "../../events.js";
import { mergeMetainfo, RETRY_KEY } from "../../metainfo.js";
import type { ResolvedPolicy } from "./policy.js";
import { gotNowhere, type Outcome } from "./retryable.js";

const retries = eventChannel("client.retry");

/** The attempts of one call. */
export class Attempts {
  readonly #policy: ResolvedPolicy;
  readonly #call: Call;
  readonly #startedAt: number;
  /** Attempts so far, less one: the first is no retry. */
  #retries = 0;

  constructor(policy: ResolvedPolicy, call: Call, startedAt = performance.now()) {
    this.#policy = policy;
    this.#call = call;
    this.#startedAt = startedAt;
    policy.budget?.called(call.method);
  }

  /** The call as the first attempt makes it. */
  first(): Call {
    const { attemptTimeoutMs } = this.#policy;
    return attemptTimeoutMs === Infinity ? this.#call : { ...this.#call, deadline: this.#deadline() };
  }

  /**
   * Whether there may be another attempt, and when.
   *
   * @param before how the attempt before ended; undefined for a backup request.
   * @returns milliseconds to wait before it; undefined when there is to be none.
   */
  plan(before: Outcome | undefined): number | undefined {
    // A server that restarts fails all calls on their way to it at once: they are to move on, not to use up the budget.
    const isFree = this.#retries === 0 && before !== undefined && gotNowhere(before);
    const budget = isFree ? undefined : this.#policy.budget;
    budget?.failed();
    const delayMs = before === undefined ? 0 : this.#policy.backoff(this.#retries + 1);
    if (!this.#mayStartIn(delayMs) || budget?.grants(this.#call.method) === false) return undefined;
    this.#retries++;
    const error = before?.ok === false ? before.error : undefined;
    if (retries.hasSubscribers) retries.publish({ call: this.#call, error, delayMs });
    return delayMs;
  }

  /** The call as the attempt makes it that was planned last. */
  next(): Call {
    const call = this.#call;
    const attempt = this.#retries;
    const persistent = { [RETRY_KEY]: String(attempt) };
    return {
      ...call,
      ...this.#target(attempt),
      attempt,
      deadline: this.#deadline(),
      metainfo: mergeMetainfo(call.metainfo, { persistent }),
    };
  }

  #mayStartIn(delayMs: number): boolean {
    const { maxRetries, maxDurationMs, chainStop, stop } = this.#policy;
    const call = this.#call;
    if (this.#retries >= maxRetries || (chainStop && call.metainfo.persistent.has(RETRY_KEY))) return false;
    if (performance.now() + delayMs - this.#startedAt >= maxDurationMs) return false;
    if (call.signal?.aborted === true || delayMs >= (call.deadline?.remainingMs() ?? Infinity)) return false;
    return !stop(call);
  }

  #deadline(): Deadline | undefined {
    const { attemptTimeoutMs } = this.#policy;
    const { deadline } = this.#call;
    if (attemptTimeoutMs >= (deadline?.remainingMs() ?? Infinity)) return deadline;
    return new Deadline(attemptTimeoutMs);
  }

  #target(attempt: number): Pick<Call, "address" | "alternatives"> {
    const { address, alternatives } = this.#call;
    if (this.#policy.sameAddress) return { address, alternatives };
    const all = [address, ...alternatives];
    const turn = attempt % all.length;
    return { address: all[turn], alternatives: [...all.slice(turn + 1), ...all.slice(0, turn)] };
  }
}
