/** Retry budget: how much more load retries may put on a peer that is in trouble. */

import type { MethodDescriptor } from "../../../schema/descriptor.js";
import { checkNumber } from "../number-option.js";
import { SlidingWindow } from "../window.js";

/** Two bounds; a retry has to pass both. */
export interface RetryBudgetOptions {
  /** gRPC's: a bucket of so many tokens for all methods. A failure takes one, and while no more than half are left nothing is retried. Default 10; `Infinity`: no such bound. */
  maxTokens?: number;
  /** Tokens that a success gives back. Default 0.1. */
  tokensPerSuccess?: number;
  /** Kitex's: retries of a method among its calls and retries of the last 10 seconds, more than 0 and up to 1, from the tenth on. Default 0.1. */
  maxRetryRate?: number;
}

/** Kitex's: fewer calls than that say nothing. */
const MIN_SAMPLES = 10;

/** The budget of one policy. */
export class RetryBudget {
  readonly #maxTokens: number;
  /** With so many tokens left, or less, nothing is retried. */
  readonly #reserve: number;
  readonly #tokensPerSuccess: number;
  readonly #maxRetryRate: number;
  #tokens: number;
  /** Calls as successes and retries as failures, whatever came of them. */
  readonly #shares = new Map<MethodDescriptor, SlidingWindow>();

  /** @throws RangeError on options out of range. */
  constructor({ maxTokens = 10, tokensPerSuccess = 0.1, maxRetryRate = 0.1 }: RetryBudgetOptions = {}) {
    this.#maxTokens = checkNumber("budget.maxTokens", maxTokens, { min: 1 });
    this.#reserve = maxTokens === Infinity ? -1 : maxTokens / 2;
    this.#tokensPerSuccess = checkNumber("budget.tokensPerSuccess", tokensPerSuccess, { min: 0, max: maxTokens });
    this.#maxRetryRate = checkNumber("budget.maxRetryRate", maxRetryRate, { min: Number.MIN_VALUE, max: 1 });
    this.#tokens = maxTokens;
  }

  /** A call was made for the first time. */
  called(method: MethodDescriptor): void {
    this.#shareOf(method).record("success");
  }

  /** An attempt succeeded. */
  succeeded(): void {
    this.#tokens = Math.min(this.#maxTokens, this.#tokens + this.#tokensPerSuccess);
  }

  /** An attempt failed in a way that a retry might cure, or takes so long that a backup request is due. */
  failed(): void {
    this.#tokens = Math.max(0, this.#tokens - 1);
  }

  /** Asks for one more attempt, and counts it when it is granted. */
  grants(method: MethodDescriptor): boolean {
    if (this.#tokens <= this.#reserve) return false;
    const share = this.#shareOf(method);
    if (share.samples() >= MIN_SAMPLES && share.failureRate() >= this.#maxRetryRate) return false;
    share.record("failure");
    return true;
  }

  #shareOf(method: MethodDescriptor): SlidingWindow {
    let share = this.#shares.get(method);
    if (share === undefined) this.#shares.set(method, (share = new SlidingWindow()));
    return share;
  }
}
