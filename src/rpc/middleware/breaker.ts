/** Circuit breaker: calls that would most likely fail are not made, so that neither side spends time on them. */

import {
  ApplicationError,
  BizStatusError,
  DeadlineError,
  DecodeError,
  type ErrorCode,
  ThriftError,
  ThriftException,
  TransportError,
} from "../../errors.js";
import type { Call, Middleware } from "../call.js";
import { type BreakerState, eventChannel } from "../events.js";
import { type CallKey, Keyed } from "./keyed.js";
import { checkNumber } from "./number-option.js";
import { SlidingWindow } from "./window.js";

/** How a call counts for a breaker; what is ignored says nothing about the peer. */
export type BreakerOutcome = "success" | "failure" | "ignore";

/** Options of a circuit breaker; the defaults are Kitex's. */
export interface CircuitBreakerOptions {
  /** What has a breaker of its own. Default `"method"`. */
  key?: CallKey;
  /** Failures among all calls of the window at which the breaker opens, more than 0 and up to 1. Default 0.5. */
  failureRate?: number;
  /** Calls of the window below which it never opens. Default 200. */
  minSamples?: number;
  /** Milliseconds that are looked back upon, in steps of a hundredth. Default 10,000. */
  windowMs?: number;
  /** Milliseconds that it stays open before it lets the first call through to try. Default 5,000. */
  openMs?: number;
  /** Milliseconds between calls that are let through to try. Default 200. */
  probeIntervalMs?: number;
  /** Such calls in a row that must go well before it closes; one failure opens it again. Default 2. */
  probeSuccesses?: number;
  /** How a call that was rejected counts. Default {@link breakerOutcomeOf}. */
  classify?: (error: unknown, call: Call) => BreakerOutcome;
}

/**
 * Opens when too many calls fail; from then on calls are rejected with ERR_THRIFT_BREAKER_OPEN, unsent, but for a few to try.
 *
 *     closed ──rate of failures──▶ open ──openMs──▶ half-open ──successes──▶ closed
 *                                   ▲───────a failure───┘
 *
 * Changes of state are the event `client.breaker`. Breakers are kept by key for as long as the middleware lives.
 *
 * Two things differ from Kitex: a call that was let through before a change of state no longer counts after it, and the
 * breaker of an address counts all failures, not only those to connect.
 *
 * @throws RangeError on options out of range.
 */
export function circuitBreaker(options: CircuitBreakerOptions = {}): Middleware {
  const settings = resolve(options);
  const breakers = new Keyed(settings.key, (key) => new Breaker(key, settings));
  return (next) => async (call) => {
    const breaker = breakers.of(call);
    const ticket = breaker.admit();
    try {
      const result = await next(call);
      breaker.record(ticket, "success");
      return result;
    } catch (error) {
      breaker.record(ticket, settings.classify(error, call));
      throw error;
    }
  };
}

/** What this process decided, whatever the peer did. */
const OWN_DECISIONS: ReadonlySet<ErrorCode> = new Set([
  "ERR_THRIFT_CANCELLED",
  "ERR_THRIFT_CLOSED",
  "ERR_THRIFT_OVERLOADED",
]);

/**
 * How an error counts where the program does not say: failures to connect, to answer in time, to answer in a way that can
 * be read, and application exceptions count as failures; declared exceptions and business statuses are answers, so
 * successes; what this process refused or the caller cancelled is ignored.
 */
export function breakerOutcomeOf(error: unknown): BreakerOutcome {
  if (error instanceof ThriftException || error instanceof BizStatusError) return "success";
  const isFailure =
    (error instanceof TransportError && !OWN_DECISIONS.has(error.code)) ||
    error instanceof DeadlineError ||
    error instanceof ApplicationError ||
    error instanceof DecodeError;
  return isFailure ? "failure" : "ignore";
}

type Settings = Required<CircuitBreakerOptions>;

function resolve({
  key = "method",
  failureRate = 0.5,
  minSamples = 200,
  windowMs = 10_000,
  openMs = 5000,
  probeIntervalMs = 200,
  probeSuccesses = 2,
  classify = breakerOutcomeOf,
}: CircuitBreakerOptions): Settings {
  return {
    key,
    failureRate: checkNumber("failureRate", failureRate, { min: Number.MIN_VALUE, max: 1 }),
    minSamples: checkNumber("minSamples", minSamples, { min: 1, integer: true }),
    windowMs: checkNumber("windowMs", windowMs, { min: 100 }),
    openMs: checkNumber("openMs", openMs, { min: 1 }),
    probeIntervalMs: checkNumber("probeIntervalMs", probeIntervalMs, { min: 1 }),
    probeSuccesses: checkNumber("probeSuccesses", probeSuccesses, { min: 1, integer: true }),
    classify,
  };
}

const changes = eventChannel("client.breaker");

class Breaker {
  readonly #key: string;
  readonly #settings: Settings;
  readonly #window: SlidingWindow;
  #state: BreakerState = "closed";
  /** Counts changes of state: what was let through before the last one is not counted. */
  #epoch = 0;
  /** When the next call may try, while not closed. */
  #probeAt = 0;
  #probesPassed = 0;

  constructor(key: string, settings: Settings) {
    this.#key = key;
    this.#settings = settings;
    this.#window = new SlidingWindow(settings.windowMs);
  }

  /** @returns what `record` takes. @throws ThriftError BREAKER_OPEN. */
  admit(): number {
    if (this.#state !== "closed") this.#admitProbe();
    return this.#epoch;
  }

  record(ticket: number, outcome: BreakerOutcome): void {
    if (outcome === "ignore" || ticket !== this.#epoch) return;
    if (this.#state === "closed") this.#recordCall(outcome);
    else if (outcome === "failure") this.#open();
    else if (++this.#probesPassed >= this.#settings.probeSuccesses) this.#close();
  }

  #admitProbe(): void {
    const now = performance.now();
    if (now < this.#probeAt) throw new ThriftError("ERR_THRIFT_BREAKER_OPEN", `${this.#key}: circuit breaker is open`);
    if (this.#state === "open") this.#changeTo("half-open");
    this.#probeAt = now + this.#settings.probeIntervalMs;
  }

  #recordCall(outcome: "success" | "failure"): void {
    this.#window.record(outcome);
    // Only a failure can raise the rate.
    if (outcome === "success" || this.#window.samples() < this.#settings.minSamples) return;
    if (this.#window.failureRate() >= this.#settings.failureRate) this.#open();
  }

  #open(): void {
    this.#probeAt = performance.now() + this.#settings.openMs;
    this.#changeTo("open");
  }

  #close(): void {
    this.#window.clear();
    this.#changeTo("closed");
  }

  #changeTo(state: BreakerState): void {
    if (changes.hasSubscribers) changes.publish({ key: this.#key, from: this.#state, to: state });
    this.#state = state;
    this.#epoch++;
    this.#probesPassed = 0;
  }
}
