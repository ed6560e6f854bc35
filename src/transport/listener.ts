/**
 * The front door of a server: accepts connections, turns away what is too many, and has TLS done before anybody sees them.
 *
 *     accept ──▶ limits ──▶ TLS handshake ──▶ onConnection
 */

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { lstat, unlink } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import { TransportError } from "../errors.js";
import { addressText, parseAddress } from "./address.js";
import type { TransportLimits } from "./limits.js";
import type { Loopback } from "./loopback.js";
import { connectSocket, KEEP_ALIVE_MS } from "./socket.js";
import { serverContextOptions, type ServerTlsOptions, type TlsIdentity, tlsIdentity } from "./tls.js";

/** Where a server may be: a port, 0 for any that is free; the path of a socket; or within the process. */
export type ListenAddress =
  | { readonly port: number; readonly host?: string | undefined; readonly backlog?: number | undefined }
  | { readonly path: string }
  | Loopback;

/** Where a server is. */
export interface ListeningAddress {
  /** 0 where there are no ports. */
  readonly port: number;
  /** As clients take it: `host:port`, `unix:path` or the name of a loopback. */
  readonly address: string;
}

/** Who a connection is from. */
export interface PeerInfo {
  /** `host:port`, or where the server listens when clients have no address. */
  readonly address: string;
  readonly transport: "tcp" | "unix" | "loopback";
  /** Absent without TLS. */
  readonly tls: TlsIdentity | undefined;
}

/** What a listener does with what comes. */
export interface ListenerOptions {
  readonly limits: Readonly<TransportLimits>;
  readonly tls?: ServerTlsOptions | undefined;
  /** A connection is ready for its first frame. When it throws, the connection is closed. */
  onConnection(socket: Duplex, peer: PeerInfo): void;
  /** A connection that came to nothing, for a log: TLS that failed, a limit, or an accept that did. */
  onError?(error: TransportError): void;
}

const DEFAULT_HOST = "127.0.0.1";

/** What sessions are sealed with: changed along with certificates, so that no client comes back on the strength of an old one. */
const TICKET_KEY_BYTES = 48;

/** Part of the files that may be open that connections may take; the rest is for everything else. */
const OPEN_FILES_SHARE = 0.8;

/** One place where connections are taken. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #maxConnections: number;
  readonly #sockets = new Set<Duplex>();
  readonly #socketsByIp = new Map<string, number>();
  readonly #tls: TlsServer | undefined;
  #server: Server | undefined;
  #stopLoopback: (() => void) | undefined;
  #address: ListeningAddress | undefined;
  #handshakes = 0;

  /** @throws Error when the certificate or the key cannot be used. */
  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#maxConnections = Math.min(options.limits.maxConnections, Math.floor(openFileLimit() * OPEN_FILES_SHARE));
    this.#tls = options.tls === undefined ? undefined : this.#createTls(options.tls);
  }

  /** Connections that are open, those in a handshake included. */
  get connectionCount(): number {
    return this.#sockets.size;
  }

  /**
   * Starts to take connections.
   *
   * @throws TransportError when the place is taken, or not allowed.
   */
  async listen(where: ListenAddress): Promise<ListeningAddress> {
    if (this.#address !== undefined) throw new TypeError("expected a listener that does not listen yet");
    if ("connect" in where) {
      this.#stopLoopback = where.listen((socket) => this.#onLoopback(socket, where.text));
      return (this.#address = { port: 0, address: where.text });
    }
    const text = "path" in where ? `unix:${where.path}` : addressText(where.host ?? DEFAULT_HOST, where.port);
    try {
      if ("path" in where) await removeStaleSocket(where.path);
      this.#server = await this.#openServer(where);
    } catch (cause) {
      throw this.#failure(text, "cannot listen", cause);
    }
    const { address, port } = "path" in where ? { address: "", port: 0 } : (this.#server.address() as AddressInfo);
    return (this.#address = { port, address: "path" in where ? text : addressText(address, port) });
  }

  /**
   * Replaces certificates: handshakes from now on use the new ones, and sessions of old ones are not resumed.
   *
   * @throws Error when they cannot be used; the old ones stay in use then. TypeError without TLS.
   */
  setSecureContext(tls: ServerTlsOptions): void {
    if (this.#tls === undefined) throw new TypeError("expected a listener with TLS");
    this.#tls.setSecureContext(serverContextOptions(tls));
    this.#tls.setTicketKeys(randomBytes(TICKET_KEY_BYTES));
  }

  /** Takes no more connections. Those that there are stay. */
  stopAccepting(): void {
    this.#server?.close();
    this.#stopLoopback?.();
  }

  /** Takes no more connections and cuts off those that there are. Resolves when all is closed. */
  async close(): Promise<void> {
    this.stopAccepting();
    const closing = [...this.#sockets].map((socket) => once(socket, "close"));
    if (this.#server?.listening === true) closing.push(once(this.#server, "close"));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closing);
  }

  async #openServer(where: Exclude<ListenAddress, Loopback>): Promise<Server> {
    const server = createServer({
      // A client that has sent its last byte may still read; but one that ends a handshake is gone.
      allowHalfOpen: this.#tls === undefined,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    });
    server.listen("path" in where ? { path: where.path } : { host: DEFAULT_HOST, ...definedOf(where) });
    await once(server, "listening");
    const { address } = "path" in where ? { address: `unix:${where.path}` } : (server.address() as AddressInfo);
    // When no more files may be opened, accepting fails; the server goes on as soon as others are closed.
    server.on("error", (cause) => this.#report(this.#failure(address, "cannot accept a connection", cause)));
    server.on("connection", (socket) => this.#onSocket(socket));
    return server;
  }

  #onLoopback(socket: Duplex, address: string): void {
    socket.on("error", ignore);
    if (this.#admit(socket, address)) this.#handOver(socket, { address, transport: "loopback", tls: undefined });
  }

  #onSocket(socket: Socket): void {
    // From the very first: an error that nobody listens to ends the process.
    socket.on("error", ignore);
    const address = this.#addressOf(socket);
    if (!this.#admit(socket, address) || !this.#admitIp(socket, socket.remoteAddress)) return;
    if (this.#tls !== undefined) return this.#startHandshake(socket, address);
    this.#handOver(socket, { address, transport: this.#transport, tls: undefined });
  }

  get #transport(): "tcp" | "unix" {
    return this.#address!.port === 0 ? "unix" : "tcp";
  }

  /** Clients that come by the path of a socket have no address of their own. */
  #addressOf(socket: Socket): string {
    if (this.#transport === "unix") return this.#address!.address;
    return addressText(socket.remoteAddress ?? "unknown", socket.remotePort ?? 0);
  }

  /** Holds a connection to what all may take, before anything is spent on it. */
  #admit(socket: Duplex, address: string): boolean {
    if (this.#sockets.size >= this.#maxConnections) return this.#refuse(socket, address, "maxConnections");
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    return true;
  }

  #admitIp(socket: Socket, ip: string | undefined): boolean {
    const { maxConnectionsPerIp } = this.#options.limits;
    if (ip === undefined || maxConnectionsPerIp === Infinity) return true;
    const count = this.#socketsByIp.get(ip) ?? 0;
    if (count >= maxConnectionsPerIp) return this.#refuse(socket, ip, "maxConnectionsPerIp");
    this.#socketsByIp.set(ip, count + 1);
    socket.once("close", () => {
      const left = this.#socketsByIp.get(ip)! - 1;
      if (left === 0) this.#socketsByIp.delete(ip);
      else this.#socketsByIp.set(ip, left);
    });
    return true;
  }

  #refuse(socket: Duplex, address: string, limit: string): false {
    socket.destroy();
    const peer = { address, executed: "no", code: "ERR_THRIFT_OVERLOADED" } as const;
    this.#report(new TransportError(peer, `expected connections within ${limit}, found one more`));
    return false;
  }

  #createTls(tls: ServerTlsOptions): TlsServer {
    const server = createTlsServer({
      ...serverContextOptions(tls),
      requestCert: tls.clientCa !== undefined,
      rejectUnauthorized: tls.clientCa !== undefined,
      handshakeTimeout: this.#options.limits.tlsHandshakeTimeoutMs,
    });
    server.on("secureConnection", (socket) => {
      this.#handshakes--;
      socket.on("error", ignore);
      socket.allowHalfOpen = true;
      this.#handOver(socket, {
        address: this.#addressOf(socket),
        transport: this.#transport,
        tls: tlsIdentity(socket),
      });
    });
    // Follows every handshake that comes to nothing, exactly once.
    server.on("tlsClientError", (cause, socket) => {
      this.#handshakes--;
      socket.on("error", ignore);
      socket.destroy();
      this.#report(this.#failure(this.#addressOf(socket), "the TLS handshake failed", cause));
    });
    return server;
  }

  #startHandshake(socket: Socket, address: string): void {
    if (this.#handshakes >= this.#options.limits.maxHandshakes) {
      this.#refuse(socket, address, "maxHandshakes");
      return;
    }
    this.#handshakes++;
    // The server that does TLS listens nowhere: it is given sockets that were let in.
    this.#tls!.emit("connection", socket);
  }

  #handOver(socket: Duplex, peer: PeerInfo): void {
    try {
      this.#options.onConnection(socket, peer);
    } catch (cause) {
      socket.destroy();
      this.#report(this.#failure(peer.address, "a handler of connections failed", cause));
    }
  }

  #report(error: TransportError): void {
    try {
      this.#options.onError?.(error);
    } catch {
      // A log that fails is no reason for a server to.
    }
  }

  #failure(address: string, message: string, cause: unknown): TransportError {
    const code = (cause as NodeJS.ErrnoException | undefined)?.code;
    return new TransportError(
      { address, executed: "no" },
      typeof code === "string" ? `${message} (${code})` : message,
      {
        cause,
      },
    );
  }
}

function ignore(): void {
  // Whoever uses the socket listens as well.
}

function definedOf(where: { port: number; host?: string | undefined; backlog?: number | undefined }): {
  port: number;
  host?: string;
  backlog?: number;
} {
  const { port, host, backlog } = where;
  return { port, ...(host === undefined ? {} : { host }), ...(backlog === undefined ? {} : { backlog }) };
}

/** A server that was killed leaves its socket in the file system. It goes if nobody answers there, and if it is a socket. */
async function removeStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket() !== true) return;
  try {
    const socket = await connectSocket(parseAddress({ path }));
    socket.destroy();
  } catch (error) {
    const { cause } = error as Error & { cause?: NodeJS.ErrnoException };
    if (cause?.code === "ECONNREFUSED") await unlink(path);
  }
}

/** Files that this process may have open; Infinity where the system does not say. */
function openFileLimit(): number {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1")) ?? [];
    return soft === undefined ? Infinity : Number(soft);
  } catch {
    return Infinity;
  }
}
