/** What the channels of events are told about one call. Made only while somebody listens. */

import type { Call } from "../call.js";
import { eventChannel, type FinishEvent, type OutcomeEvent } from "../events.js";
import type { RequestContext } from "./context.js";

const starts = eventChannel("server.start");
const decodes = eventChannel("server.decode");
const handlers = eventChannel("server.handler");
const writes = eventChannel("server.write");
const finishes = eventChannel("server.finish");

/** @returns whether anybody listens to what happens to calls. */
export function isObserved(): boolean {
  return (
    starts.hasSubscribers ||
    decodes.hasSubscribers ||
    handlers.hasSubscribers ||
    writes.hasSubscribers ||
    finishes.hasSubscribers
  );
}

/** The events of one call, in the order of the methods. */
export class Observation {
  readonly #call: Call;
  readonly #context: RequestContext;
  readonly #startedAt = performance.now();
  #handlerStartedAt = 0;
  #isFinished = false;

  constructor(context: RequestContext) {
    this.#context = context;
    this.#call = context.toCall([]);
    if (starts.hasSubscribers) starts.publish({ call: this.#call });
  }

  decoded(error?: unknown): void {
    this.#handlerStartedAt = performance.now();
    if (decodes.hasSubscribers) decodes.publish(this.#outcome(error));
  }

  /** The handler, or middleware in its place, has answered or failed. */
  handled(error?: unknown): void {
    if (handlers.hasSubscribers) handlers.publish(this.#finish(error, this.#handlerStartedAt));
  }

  written(bytes: number): void {
    if (writes.hasSubscribers) writes.publish({ call: this.#call, seqid: this.#context.seqid, bytes });
  }

  /** Only the first time. */
  finished(error?: unknown): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    if (finishes.hasSubscribers) finishes.publish(this.#finish(error, this.#startedAt));
  }

  #outcome(error: unknown): OutcomeEvent {
    return error === undefined ? { call: this.#call } : { call: this.#call, error };
  }

  #finish(error: unknown, startedAt: number): FinishEvent {
    const durationMs = performance.now() - startedAt;
    return { ...this.#outcome(error), durationMs, executed: this.#context.hasStarted ? "yes" : "no" };
  }
}
