/**
 * The pooled connections to one address.
 *
 *     connect ──▶ lent ◀───────────────── idle  | oldest ... newest |
 *                  │ release               ▲        │          └── is lent next
 *                  ├──▶ whoever waits      │        └── closed when its time is over
 *                  └── nobody waits ───────┘
 *
 * Idle ones stand in the order in which they fell idle, so that one timer, for the oldest, serves them all.
 */

import type { TransportError } from "../errors.js";
import type { Endpoint } from "./address.js";
import { Backoff } from "./backoff.js";
import type { Timer, TimerWheel } from "./timer-wheel.js";
import { type AcquireOptions, WaitQueue } from "./wait-queue.js";

/** A connection as the pool sees it. */
export interface Pooled {
  /** False from the moment on at which no call may be given to it: the peer closed it, or a byte came that no call asked for. */
  readonly isUsable: boolean;
  close(): void;
}

/** Opens a connection, or rejects with why there is none. The signal says that nobody needs it any more. */
export type Connect<C> = (endpoint: Endpoint, signal: AbortSignal) => Promise<C>;

/** What the pool of an address goes by. */
export interface AddressPoolSettings<C> {
  readonly connect: Connect<C>;
  readonly maxPerAddress: number;
  readonly maxIdlePerAddress: number;
  readonly minIdlePerAddress: number;
  readonly idleTimeoutMs: number;
  readonly maxWaiting: number;
  readonly timers: TimerWheel;
}

/** What the pools of all addresses have in common. */
export interface PoolOwner<C extends Pooled> {
  /** Counts one more connection in. @returns false when there are too many; the pool is told when that changes. */
  takePlace(pool: AddressPool<C>): boolean;
  /** Counts a connection out. */
  givePlace(): void;
  /** A connection fell idle, which could be closed if another address is in need. */
  onIdle(): void;
  onConnected(connection: C, pool: AddressPool<C>): void;
  onRemoved(connection: C): void;
  /** Nothing is left of the pool that would be lost with it; how often an address has failed would be. */
  onEmpty(pool: AddressPool<C>): void;
}

interface Idle<C> {
  readonly connection: C;
  readonly since: number;
}

/** Connections, idle or lent, and who waits for one. */
export class AddressPool<C extends Pooled> {
  readonly endpoint: Endpoint;
  readonly #settings: AddressPoolSettings<C>;
  readonly #owner: PoolOwner<C>;
  readonly #idle: Idle<C>[] = [];
  readonly #lent = new Set<C>();
  readonly #attempts = new Set<AbortController>();
  readonly #waiters: WaitQueue<C>;
  readonly #backoff = new Backoff();
  /** Whether the last attempt to connect failed. */
  #isUnreachable = false;
  #idleTimer: Timer | undefined;
  /** Set while the address may not be tried again. */
  #retryTimer: Timer | undefined;
  #isClosed = false;

  constructor(endpoint: Endpoint, settings: AddressPoolSettings<C>, owner: PoolOwner<C>) {
    this.endpoint = endpoint;
    this.#settings = settings;
    this.#owner = owner;
    this.#waiters = new WaitQueue(endpoint.text, settings.maxWaiting, settings.timers);
  }

  get idle(): number {
    return this.#idle.length;
  }

  get lent(): number {
    return this.#lent.size;
  }

  /** Attempts to connect that are under way. */
  get connecting(): number {
    return this.#attempts.size;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /** Since when the connection has been idle that has been so for longest; Infinity when none is. */
  get idleSince(): number {
    return this.#idle[0]?.since ?? Infinity;
  }

  /** The connection that was used last: it is the least likely to have been closed, and the others may go. */
  acquire(options: AcquireOptions): C | Promise<C> {
    const connection = this.#takeIdle();
    if (connection !== undefined) {
      this.#lent.add(connection);
      return connection;
    }
    const waiting = this.#waiters.wait(options);
    this.connectAsNeeded();
    return waiting;
  }

  /** Takes a connection back that was lent. Nothing happens when it was not. */
  release(connection: C): void {
    if (!this.#lent.delete(connection)) return;
    if (this.#isClosed || !connection.isUsable) return this.#replace(connection);
    this.#backoff.succeed();
    this.#offer(connection);
  }

  /** Closes a connection, lent or idle, and has it replaced if it is needed. */
  discard(connection: C): void {
    const index = this.#idle.findIndex((idle) => idle.connection === connection);
    if (index >= 0) {
      this.#idle.splice(index, 1);
      // A server that closes what nobody used would otherwise be connected to over and over.
      this.#retryLater();
    } else if (!this.#lent.delete(connection)) return;
    this.#replace(connection);
  }

  /** Opens connections until there are so many, as far as there may be. @throws what connecting failed with. */
  async warm(count: number): Promise<void> {
    const attempts: Promise<Error | undefined>[] = [];
    while (this.#size < count && this.#mayConnect() && this.#owner.takePlace(this)) attempts.push(this.#connect());
    const error = (await Promise.all(attempts)).find((each) => each !== undefined);
    if (error !== undefined) throw error;
  }

  /** Closes the connection that has been idle for longest. */
  closeOldest(): void {
    const oldest = this.#idle.shift();
    if (oldest !== undefined) this.#remove(oldest.connection);
  }

  /** Closes what is idle, gives up what is under way, and sends away who waits. What is lent is closed when it comes back. */
  close(reason: TransportError): void {
    this.#isClosed = true;
    this.#settings.timers.cancel(this.#idleTimer);
    this.#settings.timers.cancel(this.#retryTimer);
    for (const attempt of this.#attempts) attempt.abort(reason);
    this.#waiters.failAll(reason);
    while (this.#idle.length > 0) this.closeOldest();
  }

  /** Opens what those who wait and the least number of idle ones ask for, as far as it is allowed. */
  connectAsNeeded(): void {
    if (this.#isClosed || this.#retryTimer?.isPending === true) return;
    while (this.#wanted > this.#attempts.size && this.#mayConnect()) {
      if (!this.#owner.takePlace(this)) return;
      void this.#connect();
    }
    if (this.#size + this.#wanted > 0 || this.#backoff.isFailing) return;
    this.#settings.timers.cancel(this.#idleTimer);
    this.#owner.onEmpty(this);
  }

  get #size(): number {
    return this.#idle.length + this.#lent.size + this.#attempts.size;
  }

  get #wanted(): number {
    return this.#waiters.size + Math.max(0, this.#settings.minIdlePerAddress - this.#idle.length);
  }

  /** An address that could not be reached is tried by one attempt at a time, until one succeeds. */
  #mayConnect(): boolean {
    if (this.#isUnreachable && this.#attempts.size > 0) return false;
    return this.#size < this.#settings.maxPerAddress;
  }

  /** Never rejects. @returns why there is no connection, undefined when there is. */
  async #connect(): Promise<Error | undefined> {
    const attempt = new AbortController();
    this.#attempts.add(attempt);
    let connection: C;
    try {
      connection = await this.#settings.connect(this.endpoint, attempt.signal);
    } catch (error) {
      this.#attempts.delete(attempt);
      this.#onFailed(error as Error);
      return error as Error;
    }
    this.#attempts.delete(attempt);
    this.#onConnected(connection);
    return undefined;
  }

  #onConnected(connection: C): void {
    this.#isUnreachable = false;
    this.#owner.onConnected(connection, this);
    if (this.#isClosed || !connection.isUsable) this.#remove(connection);
    else this.#offer(connection);
    this.connectAsNeeded();
  }

  #onFailed(error: Error): void {
    this.#owner.givePlace();
    if (this.#isClosed) return;
    // Nothing is left that could serve the others: they would wait for the same answer.
    if (this.#lent.size === 0 && this.#attempts.size === 0) this.#waiters.failAll(error);
    else this.#waiters.failFirst(error);
    this.#isUnreachable = true;
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#retryTimer?.isPending === true || this.#isClosed) return;
    this.#retryTimer = this.#settings.timers.add(this.#backoff.fail(), () => this.connectAsNeeded());
  }

  /** Gives a connection that is free to who waits, else keeps it. */
  #offer(connection: C): void {
    if (this.#waiters.serve(connection)) {
      this.#lent.add(connection);
      return;
    }
    if (this.#idle.length >= this.#settings.maxIdlePerAddress) return this.#remove(connection);
    this.#idle.push({ connection, since: performance.now() });
    this.#watchOldest();
    this.#owner.onIdle();
  }

  #takeIdle(): C | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.connection.isUsable && !this.#isOver(idle)) return idle.connection;
      this.#remove(idle.connection);
    }
    return undefined;
  }

  /** The event loop may have been blocked for longer than the timer. */
  #isOver({ since }: Idle<C>): boolean {
    return since + this.#settings.idleTimeoutMs <= performance.now();
  }

  #watchOldest(): void {
    if (this.#idleTimer?.isPending === true || this.#idle.length === 0) return;
    const left = this.idleSince + this.#settings.idleTimeoutMs - performance.now();
    if (left !== Infinity) this.#idleTimer = this.#settings.timers.add(left, () => this.#closeExpired());
  }

  #closeExpired(): void {
    while (this.#idle.length > 0 && this.#isOver(this.#idle[0])) this.closeOldest();
    this.#watchOldest();
    this.connectAsNeeded();
  }

  #remove(connection: C): void {
    this.#owner.onRemoved(connection);
    connection.close();
    this.#owner.givePlace();
  }

  #replace(connection: C): void {
    this.#remove(connection);
    this.connectAsNeeded();
  }
}
