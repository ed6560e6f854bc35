/** `createServer()`: services and their handlers, and the places where they can be reached. */

import type { Duplex } from "node:stream";
import type { TransportError } from "../../errors.js";
import type { ServiceDescriptor } from "../../schema/descriptor.js";
import { BufferBudget } from "../../transport/budget.js";
import { type ListenAddress, Listener, type ListeningAddress, type PeerInfo } from "../../transport/listener.js";
import type { ServerTlsOptions } from "../../transport/tls.js";
import { eventChannel } from "../events.js";
import { Answers } from "./answers.js";
import { type CloseOptions, type CloseResult, Drain } from "./drain.js";
import type { Handlers } from "./endpoint.js";
import { Load } from "./load.js";
import { type ResolvedServerOptions, resolveServerOptions, type ServerOptions } from "./options.js";
import { Routes } from "./routes.js";
import { Session, type SessionSetup } from "./session.js";

/**
 * `"idle"`: listens nowhere yet. `"serving"`. `"draining"`: is being closed, and answers what it has. `"forced"`: the time
 * for that is over. `"closed"`.
 */
export type ServerState = "idle" | "serving" | "draining" | "forced" | "closed";

const connects = eventChannel("server.connect");

/**
 * Makes a server of a service. It takes framed, buffered and TTHeader messages in binary, compact and TJSON, whichever
 * arrives, and answers each the way it came.
 *
 * @param handlers an object with a function for every method, by its name: arguments in the order of the IDL, then a
 * CallContext. It returns the result or a promise of it, and throws what the IDL declares, or a BizStatusError.
 * @throws TypeError when a method has no handler; RangeError on an option that does not exist.
 */
export function createServer(service: ServiceDescriptor, handlers: Handlers, options: ServerOptions = {}): Server {
  return new Server(resolveServerOptions(options)).add(service, handlers);
}

/** A server. Made by {@link createServer}. */
export class Server {
  readonly #options: ResolvedServerOptions;
  readonly #routes: Routes;
  readonly #setup: SessionSetup;
  readonly #listeners: Listener[] = [];
  readonly #sessions = new Set<Session>();
  #drain: Drain | undefined;

  /** @internal */
  constructor(options: ResolvedServerOptions) {
    this.#options = options;
    this.#routes = new Routes(options);
    this.#setup = {
      options,
      routes: this.#routes,
      answers: new Answers(options, this.#routes),
      load: new Load(options.limits),
      budget: new BufferBudget(options.limits.globalBufferedBytes),
      onClosed: (session, error) => this.#onClosed(session, error),
    };
  }

  /** What the server is doing. A health check passes while it is `"serving"`. */
  get state(): ServerState {
    if (this.#drain !== undefined) return this.#drain.state;
    return this.#listeners.length > 0 ? "serving" : "idle";
  }

  /** Calls whose handlers have not settled. */
  get inFlight(): number {
    return this.#setup.load.inFlight;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#sessions.size;
  }

  /**
   * Adds a service to the same ports. A call says which one it is for by `isn` in its TTHeader, as Kitex does, or by a
   * name like `Service:method`, as Apache's TMultiplexedProtocol does; one that says nothing goes to the first service
   * that has the method.
   *
   * @param options `fallback`: the service comes first in that search, and may share methods with one that is not.
   * @throws TypeError when a method has no handler; RangeError when services share a name, or a method without that.
   */
  add(service: ServiceDescriptor, handlers: Handlers, options: { fallback?: boolean } = {}): this {
    this.#routes.add(service, handlers, options.fallback === true);
    return this;
  }

  /**
   * Starts to take connections; may be called for several places.
   *
   * @returns where that is: the port that was free for `port: 0`, and the address as clients take it.
   * @throws TransportError when the place is taken. RangeError for a host that others can reach, without TLS or `plaintext: true`.
   */
  async listen(where: ListenAddress): Promise<ListeningAddress> {
    if (this.#drain !== undefined) throw new TypeError("expected a server that is not closed");
    const place = "port" in where ? { ...where, host: this.#checkHost(where.host ?? this.#options.host) } : where;
    const listener = new Listener({
      limits: this.#options.limits,
      tls: this.#options.tls,
      onConnection: (socket, from) => this.#onConnection(socket, from),
      onError: (error) => this.#onRefused(error),
    });
    const address = await listener.listen(place);
    this.#listeners.push(listener);
    this.#setup.load.watch();
    return address;
  }

  /**
   * Replaces certificates; connections that there are stay.
   *
   * @throws Error when they cannot be used, and the old ones stay in use. TypeError without TLS.
   */
  setSecureContext(tls: ServerTlsOptions): void {
    for (const listener of this.#listeners) listener.setSecureContext(tls);
  }

  /**
   * Closes the server without losing calls, as far as time allows: see {@link CloseOptions}. Later calls give the same
   * promise, and can only shorten the time: `close({ drainMs: 0 })` ends it now.
   */
  close(options: CloseOptions = {}): Promise<CloseResult> {
    this.#drain ??= new Drain({ sessions: this.#sessions, listeners: this.#listeners, ...this.#setup });
    return this.#drain.run(options);
  }

  /** As `close()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #onConnection(socket: Duplex, from: PeerInfo): void {
    const session = new Session(this.#setup, socket, from);
    this.#sessions.add(session);
    this.#drain?.onSession(session);
    if (connects.hasSubscribers) connects.publish({ address: from.address, durationMs: 0 });
  }

  #onRefused(error: TransportError): void {
    const { address } = error;
    if (connects.hasSubscribers) connects.publish({ address, durationMs: 0, error });
    this.#options.log({ level: "warn", message: "a connection was refused", address, error });
  }

  /** Peers that vanish are no news; those that send what they must not are. */
  #onClosed(session: Session, error: TransportError | undefined): void {
    this.#sessions.delete(session);
    if (error === undefined || error.code === "ERR_THRIFT_TRANSPORT") return;
    this.#options.log({ level: "warn", message: "a connection was cut off", address: error.address, error });
  }

  #checkHost(host: string): string {
    if (this.#options.tls !== undefined || this.#options.plaintext || isLoopback(host)) return host;
    throw new RangeError("a host that other machines can reach needs TLS, or the option plaintext: true");
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
