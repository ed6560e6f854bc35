/**
 * Brings attempts to connections.
 *
 *     attempt ──▶ address ──▶ source ──▶ connection            at once when there is one
 *                    ▲           │ cannot be reached
 *                    └───────────┘ the next address, within the time of the call
 */

import { DeadlineError, TransportError, type ErrorCode } from "../../errors.js";
import { messageEndFinder } from "../../protocol/message-end.js";
import type { Endpoint } from "../../transport/address.js";
import { Connection } from "../../transport/connection.js";
import type { FindEnd } from "../../transport/reassembly.js";
import { connectSocket } from "../../transport/socket.js";
import type { AcquireOptions } from "../../transport/wait-queue.js";
import { eventChannel } from "../events.js";
import { cancelled } from "../middleware/cancelled.js";
import { Addresses } from "./addresses.js";
import type { Attempt } from "./attempt.js";
import { ClientConnection, type ClientConnectionSetup } from "./connection.js";
import type { ClientCodecs } from "./method.js";
import type { ResolvedClientOptions } from "./options.js";
import { requestSender } from "./request.js";
import { connectionSource, type ConnectionSource } from "./source.js";

/** Addresses that one attempt may try; so many has Kitex. */
const MAX_ADDRESSES = 6;

/** What a connection that could not be made fails with. What ends the wait for one is none of the address's fault. */
const UNREACHABLE: ReadonlySet<ErrorCode> = new Set(["ERR_THRIFT_TRANSPORT", "ERR_THRIFT_DEADLINE"]);

const connects = eventChannel("client.connect");
const pools = eventChannel("client.pool");

/** The connections of a client, and the way to them. */
export class Dispatcher {
  readonly addresses: Addresses;
  readonly #options: ResolvedClientOptions;
  readonly #setup: ClientConnectionSetup;
  readonly #source: ConnectionSource;
  readonly #open = new Set<ClientConnection>();
  #onAllClosed: (() => void) | undefined;

  constructor(options: ResolvedClientOptions, codecs: ClientCodecs) {
    const { caller, callee, headers, checksum } = options;
    const isShared = options.connections.kind === "mux";
    this.addresses = new Addresses(options.endpoints);
    this.#options = options;
    this.#setup = {
      codecs,
      isShared,
      sendRequest: requestSender(options.transport, { outOfOrder: isShared, caller, callee, headers, checksum }),
      onFree: (connection) => this.#source.release(connection),
      onClosed: (connection) => this.#onClosed(connection),
    };
    this.#source = connectionSource(options.connections, (endpoint, signal) => this.#connect(endpoint, signal));
  }

  /** Sends a request to the first of some addresses that can be reached. The attempt is settled in due course, whatever happens. */
  dispatch(attempt: Attempt, endpoints: readonly Endpoint[]): void {
    attempt.endpoints = endpoints;
    const acquired = this.#acquire(endpoints[0], attempt.task);
    if (acquired instanceof ClientConnection) acquired.send(attempt);
    else void this.#wait(attempt, endpoints, acquired);
  }

  /** Opens connections to all addresses. @throws what connecting failed with. */
  async warm(count: number, timeoutMs: number): Promise<void> {
    const all = this.addresses.all.map((endpoint) => this.#source.warm(endpoint, count, { timeoutMs }));
    const failed = (await Promise.allSettled(all)).find(({ status }) => status === "rejected");
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
  }

  /** Ends all connections; those on which calls wait, when these are over. Resolves when none is left. */
  close(): Promise<void> {
    this.#source.close();
    for (const connection of this.#open) connection.close();
    return new Promise((resolve) => {
      if (this.#open.size === 0) resolve();
      else this.#onAllClosed = resolve;
    });
  }

  /** Ends all connections, and the calls that wait. */
  destroy(): void {
    this.#source.close();
    for (const connection of this.#open) {
      const peer = { address: connection.address, executed: "maybe", code: "ERR_THRIFT_CLOSED" } as const;
      connection.destroy(new TransportError(peer, "the client was destroyed"));
    }
  }

  #acquire(endpoint: Endpoint, wait: AcquireOptions): ClientConnection | Promise<ClientConnection> {
    const acquired = this.#source.acquire(endpoint, wait);
    if (pools.hasSubscribers) {
      const action = acquired instanceof ClientConnection ? "reuse" : "wait";
      pools.publish({ address: endpoint.text, action });
    }
    return acquired;
  }

  /** Tries one address after the other, as long as the reason is that it cannot be reached. */
  async #wait(attempt: Attempt, endpoints: readonly Endpoint[], first: Promise<ClientConnection>): Promise<void> {
    let acquired: ClientConnection | Promise<ClientConnection> = first;
    for (let i = 0; ; i++) {
      try {
        return this.#send(attempt, await acquired);
      } catch (error) {
        if (i + 1 >= Math.min(endpoints.length, MAX_ADDRESSES) || !isUnreachable(error)) return attempt.fail(error);
        const wait = { timeoutMs: remainingMs(attempt), signal: attempt.task.signal };
        acquired = this.#acquire(endpoints[i + 1], wait);
      }
    }
  }

  /** Sends a request on a connection that was waited for. @throws what happened meanwhile. */
  #send(attempt: Attempt, connection: ClientConnection): void {
    attempt.remainingMs = remainingMs(attempt);
    const failure = whyNotToSend(attempt, connection);
    if (failure === undefined) return connection.send(attempt);
    this.#source.release(connection);
    throw failure;
  }

  async #connect(endpoint: Endpoint, signal: AbortSignal): Promise<ClientConnection> {
    const { connectTimeoutMs, tls, limits } = this.#options;
    const startedAt = performance.now();
    try {
      const socket = await connectSocket(endpoint, { connectTimeoutMs, tls, signal });
      const peer = { address: endpoint.text, limits };
      const connection = new ClientConnection(
        this.#setup,
        (handler) => new Connection(socket, peer, handler, { findEnd: this.#endFinder() }),
      );
      this.#open.add(connection);
      this.addresses.succeeded(endpoint);
      publishConnect(endpoint, startedAt);
      return connection;
    } catch (error) {
      if (!signal.aborted) this.addresses.failed(endpoint);
      publishConnect(endpoint, startedAt, error);
      throw error;
    }
  }

  /** Only where messages are expected without a frame: elsewhere one is a sign that the server speaks another transport. */
  #endFinder(): FindEnd | undefined {
    const { transport, limits, codec } = this.#options;
    return transport === "buffered" ? messageEndFinder({ limits, strictRead: codec.strictRead ?? true }) : undefined;
  }

  #onClosed(connection: ClientConnection): void {
    this.#open.delete(connection);
    this.#source.discard(connection);
    if (this.#open.size === 0) this.#onAllClosed?.();
  }
}

/** @returns what has happened while an attempt waited for a connection; undefined when nothing has. */
function whyNotToSend({ task, remainingMs }: Attempt, connection: ClientConnection): Error | undefined {
  const { givenMs, signal, method } = task;
  const peer = { address: connection.address, executed: "no" } as const;
  if (signal?.aborted === true) return cancelled(peer, signal);
  if (remainingMs <= 0) {
    const message = `${method.path}: expected time to send the call in, found none left`;
    return new DeadlineError({ timeoutMs: givenMs, executed: "no" }, message);
  }
  if (connection.isUsable) return undefined;
  return new TransportError(peer, "the connection was lost before the call was sent");
}

/** What is left of the time of an attempt, in milliseconds. */
function remainingMs({ task, startedAt }: Attempt): number {
  return task.timeoutMs === Infinity ? Infinity : task.timeoutMs - (performance.now() - startedAt);
}

/** Whether another address may do better. That too many wait for one, or that there is no time left, another does not change. */
function isUnreachable(error: unknown): boolean {
  return error instanceof TransportError && UNREACHABLE.has(error.code);
}

function publishConnect(endpoint: Endpoint, startedAt: number, error?: unknown): void {
  if (!connects.hasSubscribers) return;
  const event = { address: endpoint.text, durationMs: performance.now() - startedAt };
  connects.publish(error === undefined ? event : { ...event, error });
}
