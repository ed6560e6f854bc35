/** What a program says about retries, checked and with its defaults filled in. */

import type { Call } from "../../call.js";
import { checkNumber } from "../number-option.js";
import { type Backoff, type BackoffDelay, backoffDelay } from "./backoff.js";
import { RetryBudget, type RetryBudgetOptions } from "./budget.js";
import type { RetryOn } from "./retryable.js";

/** How calls are made again: after a failure, when there is no answer yet, or both. */
export type RetryPolicy = FailureRetryPolicy | BackupPolicy | MixedRetryPolicy;

/** What all policies have. */
export interface AttemptsPolicy {
  /** Attempts beside the first, 0 to 5. Default 2, for backup and mixed 1, as Kitex has it. */
  maxRetries?: number | undefined;
  /** Milliseconds that one attempt may take. Default all that is left of the deadline of the call, which is that of all attempts together. (In Kitex each has the whole timeout.) */
  attemptTimeoutMs?: number | undefined;
  /** Milliseconds since the start of the call after which no other attempt starts. Default no bound but the deadline. (In Kitex the call then fails with an error that hides why; here with that of the last attempt.) */
  maxDurationMs?: number | undefined;
  /**
   * Bounds the load that retries add. Default both bounds of {@link RetryBudgetOptions}; false: none. The first retry of a
   * call that found no connection, or a server about to close, is not counted: it adds none.
   */
  budget?: RetryBudgetOptions | false | undefined;
  /** Default true: a call that is made while a retry is handled is not retried in turn, so that attempts do not multiply along a chain of servers. */
  chainStop?: boolean | undefined;
  /** Default false: each attempt goes to another address, where the client has several. */
  sameAddress?: boolean | undefined;
  /** Asked before each attempt but the first; true: no more. Kitex's DDL stop. */
  stop?: ((call: Call) => boolean) | undefined;
  /** Outcomes to retry beside those that are retried anyhow. */
  on?: RetryOn | undefined;
}

/** Makes a call again when it failed. */
export interface FailureRetryPolicy extends AttemptsPolicy {
  /** Tells it from other policies; may be left out. */
  kind?: "failure";
  /** Default exponential, from 10 ms up to 1 s. (Kitex: none.) */
  backoff?: Backoff | undefined;
}

/**
 * Makes an idempotent call again when there is no answer yet; the first result wins, and the other attempts are cancelled.
 * An attempt that fails leaves the call to the ones that still run. (In Kitex a failure wins, too, and nothing is cancelled.)
 */
export interface BackupPolicy extends AttemptsPolicy {
  /** Tells it from other policies. */
  kind: "backup";
  /** Milliseconds without an answer, after each attempt, until the next starts; more than 0. The 99th percentile of latency is a good start. */
  delayMs: number;
}

/** Makes a call again when it failed, and an idempotent call also when there is no answer yet. */
export interface MixedRetryPolicy extends AttemptsPolicy {
  /** Tells it from other policies. */
  kind: "mixed";
  /** As in {@link BackupPolicy}. */
  delayMs: number;
  /** Default exponential, from 10 ms up to 1 s. (Kitex: none.) */
  backoff?: Backoff | undefined;
}

/** A policy without gaps. */
export interface ResolvedPolicy {
  readonly kind: "failure" | "backup" | "mixed";
  readonly maxRetries: number;
  readonly attemptTimeoutMs: number;
  readonly maxDurationMs: number;
  /** Undefined: no bound. */
  readonly budget: RetryBudget | undefined;
  readonly chainStop: boolean;
  readonly sameAddress: boolean;
  readonly stop: (call: Call) => boolean;
  readonly on: RetryOn;
  readonly backoff: BackoffDelay;
  /** `Infinity`: no backup requests. */
  readonly delayMs: number;
}

/** Attempts beside the first, where the policy does not say. */
const DEFAULT_MAX_RETRIES = { failure: 2, backup: 1, mixed: 1 } as const;
const MAX_RETRIES = 5;

/** A timer of Node.js takes no longer time. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** @throws RangeError on what a policy may not be. */
export function resolvePolicy(policy: RetryPolicy): ResolvedPolicy {
  const { kind = "failure", budget, chainStop = true, sameAddress = false, stop = () => false, on = {} } = policy;
  if (!Object.hasOwn(DEFAULT_MAX_RETRIES, kind)) throw new RangeError("kind must be failure, backup or mixed");
  return {
    kind,
    chainStop,
    sameAddress,
    stop,
    on,
    budget: budget === false ? undefined : new RetryBudget(budget),
    ...resolveBounds(kind, policy),
    ...resolveDelays(policy),
  };
}

function resolveBounds(
  kind: ResolvedPolicy["kind"],
  policy: AttemptsPolicy,
): Pick<ResolvedPolicy, "maxRetries" | "attemptTimeoutMs" | "maxDurationMs"> {
  const { maxRetries = DEFAULT_MAX_RETRIES[kind], attemptTimeoutMs = Infinity, maxDurationMs = Infinity } = policy;
  return {
    maxRetries: checkNumber("maxRetries", maxRetries, { min: 0, max: MAX_RETRIES, integer: true }),
    attemptTimeoutMs: checkNumber("attemptTimeoutMs", attemptTimeoutMs, { min: 1 }),
    maxDurationMs: checkNumber("maxDurationMs", maxDurationMs, { min: 1 }),
  };
}

function resolveDelays(policy: RetryPolicy): Pick<ResolvedPolicy, "backoff" | "delayMs"> {
  const backoff = policy.kind === "backup" ? undefined : policy.backoff;
  const isSequential = policy.kind !== "backup" && policy.kind !== "mixed";
  return {
    backoff: backoffDelay(backoff ?? { kind: "exponential" }),
    delayMs: isSequential ? Infinity : checkNumber("delayMs", policy.delayMs, { min: 1, max: MAX_DELAY_MS }),
  };
}
