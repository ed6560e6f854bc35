/**
 * What all connections of a listener may hold of frames that are not all there, so that many slow peers together take
 * no more memory than one is allowed.
 *
 * Above it the slowest peer is cut off. While none has been at its frame for a second, which is too short to tell, whoever
 * asks for more has to wait; only the oldest frame may always go on, so that the wait has an end.
 */

import { TransportError } from "../errors.js";
import type { Peer } from "./peer.js";

/** A connection, as far as the budget needs to know. */
export interface BufferHolder {
  readonly peer: Peer;
  readonly partialBytes: number;
  /** Stops reading from the peer, or goes on. */
  holdBack(isHeldBack: boolean): void;
  destroy(error: TransportError): void;
}

interface Holding {
  bytes: number;
  readonly since: number;
}

const TELLING_AGE_MS = 1000;

/** One for each listener. */
export class BufferBudget {
  readonly #limit: number;
  /** In the order in which their frames began. */
  readonly #holdings = new Map<BufferHolder, Holding>();
  readonly #heldBack = new Set<BufferHolder>();
  #usedBytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes that are held now. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Takes note of what a connection holds now; 0 when its frame is whole or the connection closed. */
  update(holder: BufferHolder, bytes: number): void {
    const holding = this.#holdings.get(holder);
    const before = holding?.bytes ?? 0;
    if (bytes === before) return;
    this.#usedBytes += bytes - before;
    if (bytes === 0) this.#holdings.delete(holder);
    else if (holding === undefined) this.#holdings.set(holder, { bytes, since: performance.now() });
    else holding.bytes = bytes;
    if (this.#usedBytes <= this.#limit || bytes === 0) return this.#letGo();
    if (bytes > before) this.#makeRoom(holder);
  }

  #makeRoom(holder: BufferHolder): void {
    const slowest = this.#findSlowest();
    if (slowest === undefined) {
      const [oldest] = this.#holdings.keys();
      if (holder === oldest) return;
      this.#heldBack.add(holder);
      holder.holdBack(true);
      return;
    }
    const { address } = slowest.peer;
    this.update(slowest, 0);
    slowest.destroy(
      new TransportError(
        { address, executed: "maybe", code: "ERR_THRIFT_SIZE_LIMIT" },
        "expected frames within globalBufferedBytes over all connections, found more, of which this was the slowest",
      ),
    );
  }

  /** The holder whose frame makes the fewest bytes a second, of those that have been at it long enough to tell. */
  #findSlowest(): BufferHolder | undefined {
    const now = performance.now();
    let slowest: BufferHolder | undefined;
    let lowest = Infinity;
    for (const [holder, { since }] of this.#holdings) {
      const age = now - since;
      if (age < TELLING_AGE_MS) break;
      const rate = this.#heldBack.has(holder) ? Infinity : holder.partialBytes / age;
      if (rate >= lowest) continue;
      lowest = rate;
      slowest = holder;
    }
    return slowest;
  }

  /** Those that wait go on; each may be made to wait again. The oldest must, whoever it is by now. */
  #letGo(): void {
    const hasRoom = this.#usedBytes <= this.#limit;
    const [oldest] = this.#holdings.keys();
    for (const holder of this.#heldBack) {
      if (!hasRoom && holder !== oldest && this.#holdings.has(holder)) continue;
      this.#heldBack.delete(holder);
      holder.holdBack(false);
    }
  }
}
