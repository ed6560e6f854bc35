/** Concurrency limit: no more than so many calls at a time; a few may wait for their turn. */

import { DeadlineError, ThriftError } from "../../errors.js";
import { addAbortListener, removeAbortListener } from "../../transport/abort-listeners.js";
import type { Call, Middleware } from "../call.js";
import { cancelled } from "./cancelled.js";
import { type CallKey, Keyed } from "./keyed.js";
import { checkNumber } from "./number-option.js";

/** Options of a concurrency limit. */
export interface ConcurrencyLimitOptions {
  /** Calls that may run at a time, 1 or more. */
  max: number;
  /** Calls that may wait for one to finish, first come first served, until their deadline. Default 0. */
  maxQueued?: number;
  /** What has a limit of its own. Default all calls together. */
  key?: CallKey;
}

/**
 * Refuses calls with ERR_THRIFT_OVERLOADED while `max` are running and `maxQueued` are waiting. A call that waits in vain is
 * rejected by its deadline or signal; it has not been run.
 *
 * @throws RangeError on options out of range.
 */
export function concurrencyLimit({ max, maxQueued = 0, key = () => "" }: ConcurrencyLimitOptions): Middleware {
  checkNumber("max", max, { min: 1, integer: true });
  checkNumber("maxQueued", maxQueued, { min: 0, integer: true });
  const gates = new Keyed(key, () => new Gate(max, maxQueued));
  return (next) => async (call) => {
    const gate = gates.of(call);
    await gate.enter(call);
    try {
      return await next(call);
    } finally {
      gate.leave();
    }
  };
}

/** The longest time that a timer of Node.js takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

class Gate {
  readonly #max: number;
  readonly #maxQueued: number;
  #running = 0;
  /** In the order they came. */
  readonly #queue = new Set<() => void>();

  constructor(max: number, maxQueued: number) {
    this.#max = max;
    this.#maxQueued = maxQueued;
  }

  /** Resolves at once or when it is the call's turn. Rejects when the call is refused, late or cancelled. */
  enter(call: Call): Promise<void> | undefined {
    if (this.#running < this.#max) {
      this.#running++;
      return undefined;
    }
    if (this.#queue.size < this.#maxQueued) return this.#wait(call);
    throw new ThriftError("ERR_THRIFT_OVERLOADED", `${call.method.name}: ${this.#max} calls are running`);
  }

  /** Hands the place on to the call that has waited longest. */
  leave(): void {
    const [first] = this.#queue;
    if (first === undefined) this.#running--;
    else first();
  }

  #wait({ address, deadline, signal }: Call): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#queue.delete(enter);
        clearTimeout(timer);
        if (signal !== undefined) removeAbortListener(signal, abort);
      };
      const enter = (): void => (stop(), resolve());
      const abort = (): void => (stop(), reject(cancelled({ address, executed: "no" }, signal!)));
      const expire = (): void => {
        stop();
        const { timeoutMs } = deadline!;
        reject(new DeadlineError({ timeoutMs, executed: "no" }, `expected a turn within ${timeoutMs} ms, found none`));
      };
      const timer =
        deadline === undefined ? undefined : setTimeout(expire, Math.min(deadline.remainingMs(), MAX_TIMER_MS));
      if (signal?.aborted === true) return abort();
      if (signal !== undefined) addAbortListener(signal, abort);
      this.#queue.add(enter);
    });
  }
}
