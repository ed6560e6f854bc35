/** Those who wait for a connection: first come, first served; each leaves when its time is over or its caller gives up. */

import { DeadlineError, type ErrorCode, TransportError } from "../errors.js";
import { addAbortListener, removeAbortListener } from "./abort-listeners.js";
import type { Timer, TimerWheel } from "./timer-wheel.js";

/** How long to wait for a connection. */
export interface AcquireOptions {
  /** Milliseconds; none left when 0 or less. Default: as long as it takes. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Waiter<C> {
  resolve(connection: C): void;
  reject(error: Error): void;
  readonly onAbort: (() => void) | undefined;
  readonly signal: AbortSignal | undefined;
  timer: Timer | undefined;
}

/** The queue of one address. */
export class WaitQueue<C> {
  readonly #address: string;
  readonly #maxWaiting: number;
  readonly #timers: TimerWheel;
  /** In order of arrival; anyone may leave from the middle. */
  readonly #waiters = new Set<Waiter<C>>();

  constructor(address: string, maxWaiting: number, timers: TimerWheel) {
    this.#address = address;
    this.#maxWaiting = maxWaiting;
    this.#timers = timers;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /** @throws TransportError OVERLOADED when the queue is full, CANCELLED by the signal; DeadlineError. All with executed `"no"`. */
  wait({ timeoutMs = Infinity, signal }: AcquireOptions): Promise<C> {
    if (signal?.aborted === true) return Promise.reject(this.#cancelled(signal));
    if (timeoutMs <= 0) return Promise.reject(timedOut(timeoutMs));
    if (this.#waiters.size >= this.#maxWaiting) {
      return Promise.reject(
        this.#failure(
          "ERR_THRIFT_OVERLOADED",
          "expected at most maxWaiting calls to wait for a connection, found more",
        ),
      );
    }
    return new Promise((resolve, reject) => {
      const onAbort = signal === undefined ? undefined : () => this.#leave(waiter, this.#cancelled(signal));
      const waiter: Waiter<C> = { resolve, reject, onAbort, signal, timer: undefined };
      if (timeoutMs !== Infinity) {
        waiter.timer = this.#timers.add(timeoutMs, () => this.#leave(waiter, timedOut(timeoutMs)));
      }
      if (onAbort !== undefined) addAbortListener(signal!, onAbort);
      this.#waiters.add(waiter);
      if (this.#waiters.size === 1) this.#timers.hold();
    });
  }

  /** Gives a connection to the first that waits. @returns whether anyone did. */
  serve(connection: C): boolean {
    const [first] = this.#waiters;
    if (first === undefined) return false;
    this.#remove(first);
    first.resolve(connection);
    return true;
  }

  failFirst(error: Error): void {
    const [first] = this.#waiters;
    if (first !== undefined) this.#leave(first, error);
  }

  failAll(error: Error): void {
    for (const waiter of this.#waiters) this.#leave(waiter, error);
  }

  #leave(waiter: Waiter<C>, error: Error): void {
    this.#remove(waiter);
    waiter.reject(error);
  }

  #remove(waiter: Waiter<C>): void {
    this.#waiters.delete(waiter);
    if (this.#waiters.size === 0) this.#timers.letGo();
    this.#timers.cancel(waiter.timer);
    if (waiter.onAbort !== undefined) removeAbortListener(waiter.signal!, waiter.onAbort);
  }

  #cancelled(signal: AbortSignal): TransportError {
    return this.#failure("ERR_THRIFT_CANCELLED", "the caller's signal ended the wait for a connection", signal.reason);
  }

  #failure(code: ErrorCode, message: string, cause?: unknown): TransportError {
    return new TransportError({ address: this.#address, executed: "no", code }, message, { cause });
  }
}

function timedOut(timeoutMs: number): DeadlineError {
  return new DeadlineError({ timeoutMs, executed: "no" }, "expected a connection in time, found none free");
}
