/**
 * Looks after one connection from time to time, so that nothing on the way of a call has to look at a clock.
 *
 * What goes on is told by counters: when they have not moved since the last look, nothing happened in between. A limit is
 * therefore kept to within one look, an eighth of the shortest limit and a second at most.
 */

import { TransportError } from "../errors.js";
import type { Peer } from "./peer.js";
import type { Timer, TimerWheel } from "./timer-wheel.js";

/** What a connection tells about itself. */
export interface Supervised {
  readonly peer: Peer;
  /** All bytes that ever arrived. */
  readonly receivedBytes: number;
  /** Frames that ever arrived whole. */
  readonly receivedFrames: number;
  /** Bytes of a frame that is not all there. */
  readonly partialBytes: number;
  /** All bytes that the operating system ever took. */
  readonly sentBytes: number;
  /** Bytes that it did not take yet. */
  readonly unsentBytes: number;
  /** Whether reading has been stopped from this side: the peer is not to blame for what does not arrive. */
  readonly isHeldBack: boolean;
  /** A limit is passed. */
  onStalled(error: TransportError): void;
  /** Nothing came or went for `idleTimeoutMs`. */
  onIdle(): void;
}

/** Milliseconds that a frame has before its rate counts. */
const RATE_AFTER_MS = 5000;

const LONGEST_LOOK_MS = 1000;
const LOOKS_PER_LIMIT = 8;

/** The watch over one connection. */
export class Supervision {
  readonly #subject: Supervised;
  readonly #timers: TimerWheel;
  readonly #watchesIdle: boolean;
  #timer: Timer | undefined;
  /** Whether nothing was going on at the last look. */
  #isQuiet = true;
  #receivedBytes = 0;
  #sentBytes = 0;
  #lastActivity: number;
  /** The frame that is arriving, by its number, and since when. */
  #frame = -1;
  #frameSince = 0;
  #frameBytes = 0;
  #stalledSince = Infinity;

  /** Without `watchesIdle` a connection that is quiet costs no timer. */
  constructor(subject: Supervised, options: { timers: TimerWheel; watchesIdle: boolean }) {
    this.#subject = subject;
    this.#timers = options.timers;
    this.#watchesIdle = options.watchesIdle;
    this.#lastActivity = performance.now();
    if (options.watchesIdle) this.#lookAfter(subject.peer.limits.idleTimeoutMs / LOOKS_PER_LIMIT);
  }

  /** Has the connection looked at soon: something is under way. */
  wake(): void {
    if (!this.#isQuiet) return;
    this.#isQuiet = false;
    const { frameTimeoutMs, drainStallMs } = this.#subject.peer.limits;
    const shortest = Math.min(frameTimeoutMs, drainStallMs) / LOOKS_PER_LIMIT;
    this.#lookAfter(Math.min(shortest, LONGEST_LOOK_MS));
  }

  stop(): void {
    this.#timers.cancel(this.#timer);
    this.#isQuiet = false;
  }

  #lookAfter(delayMs: number): void {
    this.#timers.cancel(this.#timer);
    this.#timer = this.#timers.add(delayMs, look, this);
  }

  /** @internal */
  look(): void {
    const now = performance.now();
    const { limits } = this.#subject.peer;
    const stalled = this.#checkFrame(now) ?? this.#checkDrain(now);
    if (stalled !== undefined) return this.#subject.onStalled(this.#failure(stalled));
    if (this.#noteActivity()) this.#lastActivity = now;
    this.#isQuiet = true;
    if (this.#subject.partialBytes > 0 || this.#subject.unsentBytes > 0) return this.wake();
    if (!this.#watchesIdle) return;
    const left = this.#lastActivity + limits.idleTimeoutMs - now;
    if (left <= 0) {
      this.#lastActivity = now;
      this.#subject.onIdle();
      // It may have ended the connection, or sent something.
      if (!this.#isQuiet) return;
    }
    const step = limits.idleTimeoutMs / LOOKS_PER_LIMIT;
    this.#lookAfter(left > 0 ? Math.min(left, step) : step);
  }

  #noteActivity(): boolean {
    const { receivedBytes, sentBytes } = this.#subject;
    const isActive = receivedBytes !== this.#receivedBytes || sentBytes !== this.#sentBytes;
    this.#receivedBytes = receivedBytes;
    this.#sentBytes = sentBytes;
    return isActive;
  }

  #checkFrame(now: number): string | undefined {
    const { partialBytes, receivedFrames, isHeldBack, peer } = this.#subject;
    if (partialBytes === 0 || isHeldBack || receivedFrames !== this.#frame) {
      this.#frame = receivedFrames;
      this.#frameSince = now;
      this.#frameBytes = partialBytes;
      return undefined;
    }
    const age = now - this.#frameSince;
    if (age >= peer.limits.frameTimeoutMs)
      return "expected the rest of a frame within frameTimeoutMs, found it missing";
    const least = peer.limits.minFrameBytesPerSecond;
    if (age < RATE_AFTER_MS || least === Infinity) return undefined;
    if (((partialBytes - this.#frameBytes) * 1000) / age >= least) return undefined;
    return "expected a frame at minFrameBytesPerSecond, found it slower";
  }

  #checkDrain(now: number): string | undefined {
    const { unsentBytes, sentBytes, peer } = this.#subject;
    if (unsentBytes === 0 || sentBytes !== this.#sentBytes) {
      this.#stalledSince = Infinity;
      return undefined;
    }
    this.#stalledSince = Math.min(this.#stalledSince, now);
    if (now - this.#stalledSince < peer.limits.drainStallMs) return undefined;
    return "expected the peer to read within drainStallMs, found that it took nothing";
  }

  #failure(message: string): TransportError {
    return new TransportError({ address: this.#subject.peer.address, executed: "maybe" }, message);
  }
}

function look(supervision: Supervision): void {
  supervision.look();
}
