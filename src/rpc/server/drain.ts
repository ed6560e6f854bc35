/**
 * Closes a server in steps, so that callers have time to go elsewhere and no call is lost:
 *
 *     draining   lame duck    still serves, for load balancers to notice
 *                announce     takes no more connections; multiplexed peers are told, others read it in their replies
 *                grace        calls that are on their way are still run
 *                refuse       later calls are answered with DRAINING; each connection ends with its last answer
 *     forced     abort        at the end of the time: signals of handlers are aborted, and after a moment calls answered with ABORTED
 *     closed
 */

import { setImmediate as afterPoll, setTimeout as sleep } from "node:timers/promises";
import { TransportError } from "../../errors.js";
import type { Listener } from "../../transport/listener.js";
import type { Answers } from "./answers.js";
import type { Load } from "./load.js";
import type { Session } from "./session.js";

/** How long closing may take. */
export interface CloseOptions {
  /** Milliseconds that the server goes on as if nothing were, but in its state. Default 0. */
  lameDuckMs?: number;
  /** Milliseconds from then on that calls have to finish. Default 10,000. */
  drainMs?: number;
}

/** What became of the calls and connections that there were. */
export interface CloseResult {
  /** Calls that handlers finished after closing had begun. */
  readonly completed: number;
  /** Calls that were answered with ABORTED. */
  readonly aborted: number;
  /** Connections that were cut off, their peers not having closed them in time. */
  readonly dropped: number;
}

/** What there is to close. */
export interface Drainable {
  readonly sessions: ReadonlySet<Session>;
  readonly listeners: readonly Listener[];
  readonly answers: Answers;
  readonly load: Load;
}

const DRAIN_MS = 10_000;

/** For requests that have left before their senders could know. */
const GRACE_MS = 100;

/** Milliseconds that multiplexed peers have to leave by themselves. */
const LEAVE_MS = 1000;

/** For handlers that heed their signals. */
const ABORT_MS = 500;

/** For the last answers to leave and the peers to close. */
const FLUSH_MS = 1000;

const POLL_MS = 5;

/** The end of one server. */
export class Drain {
  readonly #server: Drainable;
  #state: "draining" | "forced" | "closed" = "draining";
  #isRefusing = false;
  #lameDuckEndsAt = Infinity;
  #endsAt = Infinity;
  #promise: Promise<CloseResult> | undefined;

  constructor(server: Drainable) {
    this.#server = server;
  }

  get state(): "draining" | "forced" | "closed" {
    return this.#state;
  }

  /** Starts, or shortens the time of what is under way. */
  run({ lameDuckMs = 0, drainMs = DRAIN_MS }: CloseOptions): Promise<CloseResult> {
    const now = performance.now();
    this.#lameDuckEndsAt = Math.min(this.#lameDuckEndsAt, now + lameDuckMs);
    this.#endsAt = Math.min(this.#endsAt, now + lameDuckMs + drainMs);
    return (this.#promise ??= this.#run());
  }

  /** A connection has come that was on its way when the door was closed. */
  onSession(session: Session): void {
    if (this.#isRefusing) session.refuse();
  }

  async #run(): Promise<CloseResult> {
    const { sessions, listeners, answers, load } = this.#server;
    const answeredBefore = answers.answered;
    if (listeners.length > 0)
      await this.#poll(
        () => false,
        () => this.#lameDuckEndsAt,
      );
    // Connections that the operating system holds and nobody has accepted would be reset. This turn of the event loop may
    // work on what it had heard of before; by the end of the next one they are accepted, and there are the fewest.
    for (let turn = 0; turn < 2 && listeners.length > 0; turn++) await afterPoll();
    for (const listener of listeners) listener.stopAccepting();
    answers.willReset = true;
    for (const session of sessions) session.announceReset();
    await this.#refuseInTurn();
    await this.#poll(
      () => this.#isDone,
      () => this.#endsAt,
    );
    const aborted = this.#isDone ? 0 : await this.#force();
    const dropped = sessions.size;
    await Promise.all(listeners.map((listener) => listener.close()));
    load.stop();
    this.#state = "closed";
    return { completed: answers.answered - answeredBefore, aborted, dropped };
  }

  get #isDone(): boolean {
    return this.#server.sessions.size === 0 && this.#server.load.inFlight === 0;
  }

  async #refuseInTurn(): Promise<void> {
    const { sessions } = this.#server;
    const start = performance.now();
    if (sessions.size > 0)
      await this.#poll(
        () => sessions.size === 0,
        () => start + GRACE_MS,
      );
    for (const session of sessions) if (!session.isMultiplexed) session.refuse();
    await this.#poll(
      () => !some(sessions, (session) => session.isMultiplexed),
      () => start + LEAVE_MS,
    );
    this.#isRefusing = true;
    for (const session of sessions) session.refuse();
  }

  /** @returns how many calls were given up. */
  async #force(): Promise<number> {
    const { sessions } = this.#server;
    this.#state = "forced";
    const address = "server";
    const reason = new TransportError(
      { address, executed: "maybe", code: "ERR_THRIFT_CLOSED" },
      "the server is closed",
    );
    for (const session of sessions) session.abort(reason);
    const start = performance.now();
    await poll(
      () => this.#isDone,
      () => start + ABORT_MS,
    );
    let aborted = 0;
    for (const session of sessions) aborted += session.giveUp("the server is closed");
    await poll(
      () => sessions.size === 0,
      () => start + ABORT_MS + FLUSH_MS,
    );
    return aborted;
  }

  /** Waits no longer than calls may take in all. */
  #poll(isReached: () => boolean, end: () => number): Promise<void> {
    return poll(isReached, () => Math.min(end(), this.#endsAt));
  }
}

/** What is waited for comes from many places, once in the life of a server: looking is simpler than being told. */
async function poll(isReached: () => boolean, end: () => number): Promise<void> {
  while (!isReached() && performance.now() < end()) await sleep(POLL_MS);
}

function some<T>(items: Iterable<T>, test: (item: T) => boolean): boolean {
  for (const item of items) if (test(item)) return true;
  return false;
}
