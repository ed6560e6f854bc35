/**
 * Connections that each carry many calls at once: a few to an address, every call on the one that has the fewest pending.
 *
 * One that will take no more calls is replaced before it is gone: those pending on it finish there.
 */

import { TransportError } from "../errors.js";
import type { Endpoint } from "./address.js";
import { Backoff } from "./backoff.js";
import type { Connect, Pooled } from "./address-pool.js";
import { checkPoolOption } from "./pool.js";
import { type Timer, timers as sharedTimers, type TimerWheel } from "./timer-wheel.js";
import { type AcquireOptions, WaitQueue } from "./wait-queue.js";

/** A connection as calls share it. */
export interface Shared extends Pooled {
  /** Calls that have not been answered. */
  readonly pending: number;
}

/** How many connections there are to an address, and how much each may carry. */
export interface MuxOptions {
  /** Connections to one address. A second one is opened when the first has calls pending. Default 2. */
  readonly connectionsPerAddress?: number | undefined;
  /** Calls pending on one connection; more are refused. Default 10,000. */
  readonly maxPending?: number | undefined;
  /** Milliseconds after which a connection is closed on which no call was pending. Should be less than the server's. Default 30,000. */
  readonly idleTimeoutMs?: number | undefined;
  /** Calls that wait for the first connection to an address; more are refused. Default 10,000. */
  readonly maxWaiting?: number | undefined;
}

interface MuxSettings<C> {
  readonly connect: Connect<C>;
  readonly connectionsPerAddress: number;
  readonly maxPending: number;
  readonly idleTimeoutMs: number;
  readonly maxWaiting: number;
  readonly timers: TimerWheel;
}

/** Connections that are shared, by address. */
export class SharedConnections<C extends Shared> {
  readonly #settings: MuxSettings<C>;
  readonly #addresses = new Map<string, SharedAddress<C>>();
  readonly #addressOf = new Map<C, SharedAddress<C>>();
  #isClosed = false;

  /** @throws RangeError on an option that cannot be. */
  constructor(connect: Connect<C>, options: MuxOptions = {}, timers: TimerWheel = sharedTimers) {
    this.#settings = {
      connect,
      connectionsPerAddress: checkPoolOption("connectionsPerAddress", options.connectionsPerAddress ?? 2, 1),
      maxPending: checkPoolOption("maxPending", options.maxPending ?? 10_000, 1),
      idleTimeoutMs: checkPoolOption("idleTimeoutMs", options.idleTimeoutMs ?? 30_000, 1),
      maxWaiting: checkPoolOption("maxWaiting", options.maxWaiting ?? 10_000, 1),
      timers,
    };
  }

  /**
   * Gives the connection with the fewest calls pending: at once when there is one, else when one is opened.
   *
   * @throws with executed `"no"`: TransportError OVERLOADED when too many calls are pending or wait, CANCELLED by the signal,
   * CLOSED; DeadlineError; what connecting failed with.
   */
  acquire(endpoint: Endpoint, options: AcquireOptions = {}): C | Promise<C> {
    if (this.#isClosed) return Promise.reject(closed(endpoint));
    return this.#addressFor(endpoint).acquire(options);
  }

  /** Takes note that no call is pending on a connection, or that it will take no more calls; then it is replaced. */
  release(connection: C): void {
    this.#addressOf.get(connection)?.release(connection);
  }

  /** Gives a connection out no more and has it replaced. Calls that are pending on it finish. */
  discard(connection: C): void {
    this.#addressOf.get(connection)?.discard(connection);
  }

  /** Forgets an address that is in service no more. Calls that are pending finish. */
  evict(endpoint: Endpoint): void {
    const address = this.#addresses.get(endpoint.text);
    this.#addresses.delete(endpoint.text);
    address?.close(closed(endpoint));
  }

  /**
   * Sees to it that so many connections to an address are open, as far as there may be.
   *
   * @throws what connecting failed with.
   */
  async warm(endpoint: Endpoint, count: number, options: AcquireOptions = {}): Promise<void> {
    if (this.#isClosed) throw closed(endpoint);
    await this.#addressFor(endpoint).warm(count, options);
  }

  /** Gives no more out and closes all; calls that are pending finish. */
  close(): void {
    this.#isClosed = true;
    for (const address of this.#addresses.values()) address.close(closed(address.endpoint));
    this.#addresses.clear();
  }

  #addressFor(endpoint: Endpoint): SharedAddress<C> {
    let address = this.#addresses.get(endpoint.text);
    if (address === undefined) {
      address = new SharedAddress(endpoint, this.#settings, this.#addressOf);
      this.#addresses.set(endpoint.text, address);
    }
    return address;
  }
}

interface Member<C> {
  readonly connection: C;
  /** Since when no call has been pending, if none is. */
  idleSince: number;
}

/** The connections to one address. */
class SharedAddress<C extends Shared> {
  readonly endpoint: Endpoint;
  readonly #settings: MuxSettings<C>;
  readonly #addressOf: Map<C, SharedAddress<C>>;
  readonly #members: Member<C>[] = [];
  readonly #waiters: WaitQueue<C>;
  readonly #backoff = new Backoff();
  /** The only attempt to connect that is under way. */
  #attempt: AbortController | undefined;
  #idleTimer: Timer | undefined;
  /** Set while the address may not be tried again. */
  #retryTimer: Timer | undefined;
  #isClosed = false;

  constructor(endpoint: Endpoint, settings: MuxSettings<C>, addressOf: Map<C, SharedAddress<C>>) {
    this.endpoint = endpoint;
    this.#settings = settings;
    this.#addressOf = addressOf;
    this.#waiters = new WaitQueue(endpoint.text, settings.maxWaiting, settings.timers);
  }

  acquire(options: AcquireOptions): C | Promise<C> {
    const connection = this.#leastPending();
    if (connection === undefined) {
      const waiting = this.#waiters.wait(options);
      this.#connectOneMore();
      return waiting;
    }
    const pending = connection.pending;
    if (pending > 0) this.#connectOneMore();
    return pending < this.#settings.maxPending ? connection : Promise.reject(this.#overloaded());
  }

  release(connection: C): void {
    const member = this.#members.find((each) => each.connection === connection);
    if (member === undefined) return;
    if (!connection.isUsable) return this.#replace(member);
    if (connection.pending > 0) return;
    this.#backoff.succeed();
    member.idleSince = performance.now();
    this.#watchIdle();
  }

  discard(connection: C): void {
    const member = this.#members.find((each) => each.connection === connection);
    if (member !== undefined) this.#replace(member);
  }

  async warm(count: number, options: AcquireOptions): Promise<void> {
    const wanted = Math.min(count, this.#settings.connectionsPerAddress);
    while (this.#members.length < wanted) {
      const opened = this.#waiters.wait(options);
      this.#connectOneMore();
      await opened;
    }
  }

  close(reason: TransportError): void {
    this.#isClosed = true;
    this.#settings.timers.cancel(this.#idleTimer);
    this.#settings.timers.cancel(this.#retryTimer);
    this.#attempt?.abort(reason);
    this.#waiters.failAll(reason);
    for (const member of [...this.#members]) this.#remove(member);
  }

  #leastPending(): C | undefined {
    let best: C | undefined;
    for (const { connection } of this.#members) {
      if (connection.isUsable && connection.pending < (best?.pending ?? Infinity)) best = connection;
    }
    return best;
  }

  /** One attempt at a time, and none while the address is not to be tried. */
  #connectOneMore(): void {
    const { connectionsPerAddress, connect } = this.#settings;
    if (this.#isClosed || this.#attempt !== undefined || this.#retryTimer?.isPending === true) return;
    if (this.#members.length >= connectionsPerAddress) return;
    const attempt = new AbortController();
    this.#attempt = attempt;
    const connecting = new Promise<C>((resolve) => resolve(connect(this.endpoint, attempt.signal)));
    void connecting
      .finally(() => (this.#attempt = undefined))
      .then(
        (connection) => this.#onConnected(connection),
        (error: unknown) => this.#onFailed(error as Error),
      );
  }

  #onConnected(connection: C): void {
    if (this.#isClosed) return connection.close();
    const member: Member<C> = { connection, idleSince: performance.now() };
    this.#members.push(member);
    this.#addressOf.set(connection, this);
    if (!connection.isUsable) return this.#replace(member);
    while (this.#waiters.size > 0) this.#waiters.serve(connection);
    this.#watchIdle();
  }

  #onFailed(error: Error): void {
    if (this.#isClosed) return;
    this.#waiters.failAll(error);
    this.#retryLater();
  }

  /** The first replacement is opened at once; one that is of no use either, before any call ended well, has to wait. */
  #replace(member: Member<C>): void {
    this.#remove(member);
    if (this.#backoff.isFailing) return this.#retryLater();
    this.#backoff.fail();
    this.#connectOneMore();
  }

  #retryLater(): void {
    if (this.#isClosed || this.#retryTimer?.isPending === true) return;
    this.#retryTimer = this.#settings.timers.add(this.#backoff.fail(), () => {
      if (this.#waiters.size > 0) this.#connectOneMore();
    });
  }

  #watchIdle(): void {
    if (this.#idleTimer?.isPending === true || this.#members.length === 0) return;
    const since = Math.min(...this.#members.map(({ idleSince }) => idleSince));
    const left = since + this.#settings.idleTimeoutMs - performance.now();
    if (left !== Infinity) this.#idleTimer = this.#settings.timers.add(left, () => this.#closeIdle());
  }

  #closeIdle(): void {
    const now = performance.now();
    for (const member of [...this.#members]) {
      // With calls pending, the time begins when they are over.
      if (member.connection.pending > 0) member.idleSince = now;
      else if (member.idleSince + this.#settings.idleTimeoutMs <= now) this.#remove(member);
    }
    this.#watchIdle();
  }

  #remove(member: Member<C>): void {
    this.#members.splice(this.#members.indexOf(member), 1);
    this.#addressOf.delete(member.connection);
    member.connection.close();
  }

  #overloaded(): TransportError {
    return new TransportError(
      { address: this.endpoint.text, executed: "no", code: "ERR_THRIFT_OVERLOADED" },
      "expected at most maxPending calls on a connection, found more",
    );
  }
}

function closed(endpoint: Endpoint): TransportError {
  return new TransportError(
    { address: endpoint.text, executed: "no", code: "ERR_THRIFT_CLOSED" },
    "expected connections that are open, found them closed",
  );
}
