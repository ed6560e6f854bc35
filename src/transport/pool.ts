/**
 * Long-lived connections that each carry one call at a time, as Kitex's long pool does, kept so that a call is given a
 * good one at once: the one that was used last, and never one that its peer has closed. What falls idle is closed when
 * its time is over, whether anybody asks or not.
 */

import { TransportError } from "../errors.js";
import type { Endpoint } from "./address.js";
import { AddressPool, type AddressPoolSettings, type Connect, type Pooled, type PoolOwner } from "./address-pool.js";
import { timers as sharedTimers, type TimerWheel } from "./timer-wheel.js";
import type { AcquireOptions } from "./wait-queue.js";

export type { Connect, Pooled } from "./address-pool.js";
export type { AcquireOptions } from "./wait-queue.js";

/** How many connections there may be, and for how long. Each number is a positive integer or `Infinity` but where it is said. */
export interface PoolOptions {
  /** Connections to one address, idle or not. Default 64. */
  readonly maxPerAddress?: number | undefined;
  /** Connections to all addresses, idle or not. When another is needed, the one that has been idle for longest is closed. Default 1,024. */
  readonly maxTotal?: number | undefined;
  /** Connections to one address that are kept when no call needs them. Default as many as there may be. */
  readonly maxIdlePerAddress?: number | undefined;
  /** Connections to one address that are opened before calls need them, from the first call or warm-up on. 0 or more. Default 0. */
  readonly minIdlePerAddress?: number | undefined;
  /** Milliseconds after which a connection is closed that no call needed. Should be less than the server's. Default 30,000. */
  readonly idleTimeoutMs?: number | undefined;
  /** Calls that wait for a connection to one address; more are refused. Default 1,024. */
  readonly maxWaiting?: number | undefined;
}

/** What a pool holds at the moment, over all addresses. */
export interface PoolStats {
  readonly idle: number;
  readonly lent: number;
  readonly connecting: number;
  readonly waiting: number;
}

/** Lends connections, by address. */
export class ConnectionPool<C extends Pooled> {
  readonly #settings: AddressPoolSettings<C>;
  readonly #maxTotal: number;
  readonly #pools = new Map<string, AddressPool<C>>();
  readonly #poolOf = new Map<C, AddressPool<C>>();
  /** Addresses that wait for a place, the longest first. */
  readonly #inNeed = new Set<AddressPool<C>>();
  readonly #owner: PoolOwner<C>;
  #places = 0;
  #isServing = false;
  #isClosed = false;

  /** @throws RangeError on an option that cannot be. */
  constructor(connect: Connect<C>, options: PoolOptions = {}, timers: TimerWheel = sharedTimers) {
    const maxPerAddress = checkPoolOption("maxPerAddress", options.maxPerAddress ?? 64, 1);
    const maxIdlePerAddress = checkPoolOption("maxIdlePerAddress", options.maxIdlePerAddress ?? maxPerAddress, 1);
    this.#settings = {
      connect,
      maxPerAddress,
      maxIdlePerAddress,
      minIdlePerAddress: Math.min(
        maxIdlePerAddress,
        checkPoolOption("minIdlePerAddress", options.minIdlePerAddress ?? 0, 0),
      ),
      idleTimeoutMs: checkPoolOption("idleTimeoutMs", options.idleTimeoutMs ?? 30_000, 1),
      maxWaiting: checkPoolOption("maxWaiting", options.maxWaiting ?? 1024, 1),
      timers,
    };
    this.#maxTotal = checkPoolOption("maxTotal", options.maxTotal ?? 1024, 1);
    this.#owner = {
      takePlace: (pool) => this.#takePlace(pool),
      givePlace: () => this.#givePlace(),
      onIdle: () => this.#serveNeed(),
      onConnected: (connection, pool) => this.#poolOf.set(connection, pool),
      onRemoved: (connection) => this.#poolOf.delete(connection),
      onEmpty: (pool) => this.#onEmpty(pool),
    };
  }

  get stats(): PoolStats {
    const stats = { idle: 0, lent: 0, connecting: 0, waiting: 0 };
    for (const pool of new Set([...this.#pools.values(), ...this.#poolOf.values()])) {
      stats.idle += pool.idle;
      stats.lent += pool.lent;
      stats.connecting += pool.connecting;
      stats.waiting += pool.waiting;
    }
    return stats;
  }

  /**
   * Lends a connection: at once when one is idle, else when one is given back or opened. Give it back by `release` or `discard`.
   *
   * @throws with executed `"no"`: TransportError OVERLOADED when too many wait, CANCELLED by the signal, CLOSED; DeadlineError;
   * what connecting failed with.
   */
  acquire(endpoint: Endpoint, options: AcquireOptions = {}): C | Promise<C> {
    if (this.#isClosed) return Promise.reject(closed(endpoint));
    return this.#poolFor(endpoint).acquire(options);
  }

  /** Gives a connection back on which a call ended well, with no byte of it left. A second time does nothing. */
  release(connection: C): void {
    this.#poolOf.get(connection)?.release(connection);
  }

  /** Closes a connection that no call may follow on. It may be lent or idle; what is not of this pool is left alone. */
  discard(connection: C): void {
    this.#poolOf.get(connection)?.discard(connection);
  }

  /** Forgets an address that is in service no more. Connections that are lent are closed when they come back. */
  evict(endpoint: Endpoint): void {
    const pool = this.#pools.get(endpoint.text);
    this.#pools.delete(endpoint.text);
    if (pool !== undefined) this.#closePool(pool);
  }

  /**
   * Sees to it that so many connections to an address are open, as far as they may be kept.
   *
   * @throws what connecting failed with; those that were opened stay.
   */
  async warm(endpoint: Endpoint, count: number): Promise<void> {
    if (this.#isClosed) throw closed(endpoint);
    await this.#poolFor(endpoint).warm(Math.min(count, this.#settings.maxIdlePerAddress));
  }

  /** Closes what is idle and lends no more. Connections that are lent are closed when they come back. */
  close(): void {
    this.#isClosed = true;
    for (const pool of this.#pools.values()) this.#closePool(pool);
    this.#pools.clear();
  }

  #poolFor(endpoint: Endpoint): AddressPool<C> {
    let pool = this.#pools.get(endpoint.text);
    if (pool === undefined) {
      pool = new AddressPool(endpoint, this.#settings, this.#owner);
      this.#pools.set(endpoint.text, pool);
    }
    return pool;
  }

  #closePool(pool: AddressPool<C>): void {
    this.#inNeed.delete(pool);
    pool.close(closed(pool.endpoint));
  }

  #onEmpty(pool: AddressPool<C>): void {
    if (this.#pools.get(pool.endpoint.text) === pool) this.#pools.delete(pool.endpoint.text);
  }

  #takePlace(pool: AddressPool<C>): boolean {
    if (this.#places >= this.#maxTotal && pool.waiting > 0) this.#closeOldestIdle();
    if (this.#places >= this.#maxTotal) {
      this.#inNeed.add(pool);
      return false;
    }
    this.#places++;
    return true;
  }

  #givePlace(): void {
    this.#places--;
    this.#serveNeed();
  }

  /** The place that becomes free is for the one that asked. */
  #closeOldestIdle(): void {
    let oldest: AddressPool<C> | undefined;
    for (const pool of this.#pools.values()) {
      if (pool.idleSince < (oldest?.idleSince ?? Infinity)) oldest = pool;
    }
    if (oldest === undefined) return;
    const wasServing = this.#isServing;
    this.#isServing = true;
    oldest.closeOldest();
    this.#isServing = wasServing;
    if (this.#settings.minIdlePerAddress > 0) this.#inNeed.add(oldest);
  }

  /** Those that are still in need afterwards come back to the end of the line. */
  #serveNeed(): void {
    if (this.#isServing || this.#inNeed.size === 0) return;
    this.#isServing = true;
    for (const pool of [...this.#inNeed]) {
      this.#inNeed.delete(pool);
      pool.connectAsNeeded();
    }
    this.#isServing = false;
  }
}

function closed(endpoint: Endpoint): TransportError {
  return new TransportError(
    { address: endpoint.text, executed: "no", code: "ERR_THRIFT_CLOSED" },
    "expected an open pool of connections, found it closed",
  );
}

/** @throws RangeError unless the option is an integer of at least so much, or `Infinity`. */
export function checkPoolOption(name: string, value: number, least: number): number {
  if (value >= least && (Number.isInteger(value) || value === Infinity)) return value;
  throw new RangeError(`${name} must be an integer of at least ${String(least)}, or Infinity`);
}
