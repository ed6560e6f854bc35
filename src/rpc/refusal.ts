/**
 * Calls that a server refuses without running them, or gives up. Thrift has no type of exception for that, so it is an
 * INTERNAL_ERROR whose message begins with a word in capitals; a TTHeader says it in pairs as well:
 *
 *     "OVERLOADED: the server runs as many calls as it may"        x-err=overloaded   x-exec=no
 */

import type { Executed } from "../errors.js";

/** The pairs of a TTHeader. */
export const RefusalKey = {
  /** One of {@link Refusal}. */
  REASON: "x-err",
  /** Whether the handler ran: what decides if the call may be made again. */
  EXECUTED: "x-exec",
} as const;

/** Whether the handler ran, by reason. */
export const REFUSALS = {
  overloaded: "no",
  draining: "no",
  forbidden: "no",
  /** No time was left to run it. */
  deadline: "no",
  /** The handler did not answer in time. */
  timeout: "maybe",
  /** The server was closed while the handler ran. */
  aborted: "maybe",
} as const satisfies Record<string, Executed>;

/** Why a call was refused or given up. */
export type Refusal = keyof typeof REFUSALS;

/** @returns the message of the exception. */
export function refusalText(refusal: Refusal, why: string): string {
  return `${refusal.toUpperCase()}: ${why}`;
}

/** @returns why, by the message of an exception; undefined where it says nothing of the kind. */
export function refusalOf(message: string): Refusal | undefined {
  const colon = message.indexOf(": ");
  const word = message.slice(0, Math.max(colon, 0));
  const reason = word.toLowerCase();
  return word === reason.toUpperCase() && Object.hasOwn(REFUSALS, reason) ? (reason as Refusal) : undefined;
}
