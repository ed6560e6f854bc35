/**
 * Whether this process can take more calls. What says that it cannot is cheap to ask, for it is asked before every call
 * and answered without decoding it.
 */

import type { RpcLimits } from "../limits.js";

const SAMPLE_MS = 100;

/** Samples that must be late on end: more than a second's worth. One long pause is no overload. */
const LATE_SAMPLES = 4;

/** The load of one server, and of the event loop that it is on. */
export class Load {
  readonly #limits: Readonly<RpcLimits>;
  #inFlight = 0;
  #timer: NodeJS.Timeout | undefined;
  #expectedAt = 0;
  #lateSamples = 0;

  constructor(limits: Readonly<RpcLimits>) {
    this.#limits = limits;
  }

  /** Calls whose handlers have not settled. */
  get inFlight(): number {
    return this.#inFlight;
  }

  begin(): void {
    this.#inFlight++;
  }

  end(): void {
    this.#inFlight--;
  }

  /** @returns why no call can be taken; undefined when one can. */
  get overload(): string | undefined {
    if (this.#inFlight >= this.#limits.maxInFlight) return "the server runs as many calls as it may";
    return this.#lateSamples >= LATE_SAMPLES ? "the server is busy" : undefined;
  }

  /** Starts to watch the event loop. Keeps no process alive. */
  watch(): void {
    this.#expectedAt = performance.now() + SAMPLE_MS;
    this.#timer ??= setInterval(() => this.#sample(), SAMPLE_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #sample(): void {
    const now = performance.now();
    this.#lateSamples = now - this.#expectedAt > this.#limits.maxLoopDelayMs ? this.#lateSamples + 1 : 0;
    this.#expectedAt = now + SAMPLE_MS;
  }
}
