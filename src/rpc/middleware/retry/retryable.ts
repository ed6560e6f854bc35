/** Which outcomes of an attempt are a reason to make the call again. */

import {
  ApplicationError,
  BizStatusError,
  DeadlineError,
  EncodeError,
  type ErrorCode,
  ThriftError,
  TransportError,
} from "../../../errors.js";
import type { ExceptionClass } from "../../../schema/exception.js";
import type { Call, Next } from "../../call.js";
import { executedOf } from "../../executed.js";
import { refusalOf } from "../../refusal.js";

/** Outcomes that a program wants retried, beside failures of connections and peers that refuse calls. */
export interface RetryOn {
  /** Exceptions that the IDL declares, by their classes. */
  exceptions?: readonly ExceptionClass[];
  /** Application exceptions, by their types: 6 is an internal error of the peer. */
  applicationTypes?: readonly number[];
  /** Business statuses, by their codes. */
  statusCodes?: readonly number[];
  /** Any failure: true to retry it, false not to, undefined to leave it to the rest. `(error) => error instanceof DeadlineError ? false : undefined` is Kitex's NotRetryForTimeout. */
  error?: (error: unknown, call: Call) => boolean | undefined;
  /** A result that is worth another try. */
  result?: (result: unknown, call: Call) => boolean;
}

/** How an attempt ended. */
export type Outcome = { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly error: unknown };

/** Runs an attempt. @returns how it ends; never rejects. */
export async function outcomeOf(next: Next, call: Call): Promise<Outcome> {
  try {
    return { ok: true, result: await next(call) };
  } catch (error) {
    return { ok: false, error };
  }
}

/** @returns the result. @throws the error. */
export function unwrap(outcome: Outcome): unknown {
  if (outcome.ok) return outcome.result;
  throw outcome.error;
}

/** What does not become better: the caller gave up, the arguments are wrong, a rule forbids it. */
const FINAL: ReadonlySet<ErrorCode> = new Set(["ERR_THRIFT_CANCELLED", "ERR_THRIFT_CLOSED", "ERR_THRIFT_FORBIDDEN"]);

/** What this process refuses for the moment. */
const PASSING: ReadonlySet<ErrorCode> = new Set(["ERR_THRIFT_OVERLOADED", "ERR_THRIFT_BREAKER_OPEN"]);

/**
 * The rules, in this order:
 *
 * 1. A oneway call, never: nobody hears what became of it.
 * 2. A result, when the program chose it.
 * 3. A failure that may have left the call running or run, only when the call is idempotent.
 * 4. An answer of the handler, only when the program chose it.
 * 5. Anything else that may pass: a connection that failed, a time-out, a peer that refused the call.
 */
export function isRetryable(outcome: Outcome, call: Call, on: RetryOn): boolean {
  if (call.method.oneway) return false;
  if (outcome.ok) return on.result?.(outcome.result, call) ?? false;
  const { error } = outcome;
  if (error instanceof EncodeError || (error instanceof ThriftError && FINAL.has(error.code))) return false;
  const executed = executedOf(error);
  const isSafe = executed === "no" || call.idempotent;
  const chosen = isChosen(error, call, on);
  // An answer that the program knows says more than whether running the call twice does harm.
  if (chosen !== undefined) return chosen && (isSafe || executed === "yes");
  return isSafe && mayPass(error);
}

function isChosen(error: unknown, call: Call, on: RetryOn): boolean | undefined {
  const verdict = on.error?.(error, call);
  if (verdict !== undefined) return verdict;
  const isListed =
    (on.exceptions?.some((exception) => error instanceof exception) ?? false) ||
    (error instanceof ApplicationError && (on.applicationTypes?.includes(error.typeId) ?? false)) ||
    (error instanceof BizStatusError && (on.statusCodes?.includes(error.statusCode) ?? false));
  return isListed ? true : undefined;
}

function mayPass(error: unknown): boolean {
  if (error instanceof TransportError || error instanceof DeadlineError) return true;
  if (error instanceof ApplicationError) return refusalOf(error.message) === "overloaded" || isDraining(error);
  return error instanceof ThriftError && PASSING.has(error.code);
}

/** Whether an attempt got nowhere: there was no connection, or a server that is about to close. It has cost the peer nothing. */
export function gotNowhere(outcome: Outcome): boolean {
  if (outcome.ok) return false;
  const { error } = outcome;
  return (error instanceof TransportError && error.executed === "no") || isDraining(error);
}

function isDraining(error: unknown): boolean {
  return error instanceof ApplicationError && error.executed === "no" && refusalOf(error.message) === "draining";
}
