/**
 * A TCP proxy that misbehaves as it is told, one direction at a time:
 *
 *     client ──▶ toServer: split, drip, delay, gather, stop ──▶ server
 *     client ◀── toClient: the same                         ◀── server
 *
 * It stands between a client and a server of a test and runs in its process, so that faults come at exact bytes.
 */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";

/** What happens to the bytes of one direction of one connection. Without any of it they pass as they are. */
export interface Faults {
  /** Counts of bytes, from the start of the connection, at which a piece ends: what follows is sent a turn later. */
  readonly splitAt?: readonly number[];
  /** Longest piece. 1 makes it a drip. */
  readonly pieceBytes?: number;
  /** Milliseconds before each piece. */
  readonly delayMs?: number;
  /** Milliseconds for which bytes are gathered, to be sent in one piece. */
  readonly gatherMs?: number;
  /** After so many bytes have passed: */
  readonly stopAt?: number;
  /**
   * `"reset"`: both ends get an RST. `"close"`: both ends get a FIN. `"half-close"`: the receiver gets a FIN, the other
   * direction goes on. `"blackhole"`: what follows is read and lost. `"stall"`: nothing more is read.
   */
  readonly stop?: "reset" | "close" | "half-close" | "blackhole" | "stall";
}

/** What happens to one connection. */
export interface Plan {
  readonly toServer?: Faults;
  readonly toClient?: Faults;
}

/** A proxy that is running. */
export class FaultProxy {
  /** Decides for each new connection, which are counted from 0. */
  plan: (index: number) => Plan;
  /** Connections that were made so far. */
  connectionCount = 0;
  readonly #server: Server;
  readonly #target: number;
  readonly #pairs = new Set<Pair>();

  private constructor(server: Server, target: number, plan: (index: number) => Plan) {
    this.#server = server;
    this.#target = target;
    this.plan = plan;
    server.on("connection", (client) => this.#onClient(client));
  }

  /** Starts a proxy in front of a port of this machine. */
  static async start(target: number, plan: Plan | ((index: number) => Plan) = {}): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new FaultProxy(server, target, typeof plan === "function" ? plan : () => plan);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get address(): string {
    return `127.0.0.1:${String(this.port)}`;
  }

  /** Does it to all connections that are open, now. */
  stopAll(stop: NonNullable<Faults["stop"]>): void {
    for (const pair of this.#pairs) {
      pair.stop(stop, "toServer");
      pair.stop(stop, "toClient");
    }
  }

  /** Hands bytes to all clients that no server has sent. */
  injectToClients(bytes: Uint8Array): void {
    for (const pair of this.#pairs) pair.client.write(bytes);
  }

  async close(): Promise<void> {
    this.stopAll("reset");
    this.#server.close();
    await once(this.#server, "close");
  }

  #onClient(client: Socket): void {
    const plan = this.plan(this.connectionCount++);
    const server = connect({ port: this.#target, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    const pair = new Pair(client, server);
    this.#pairs.add(pair);
    client.once("close", () => this.#pairs.delete(pair));
    void pair.pass("toServer", plan.toServer ?? {});
    void pair.pass("toClient", plan.toClient ?? {});
  }
}

type Direction = "toServer" | "toClient";

/** Both sockets of one connection. */
class Pair {
  readonly client: Socket;
  readonly #server: Socket;
  /** What is done to all bytes of a direction from now on. */
  readonly #lost = new Map<Direction, "blackhole" | "stall">();

  constructor(client: Socket, server: Socket) {
    this.client = client;
    this.#server = server;
    client.on("error", () => reset(server));
    server.on("error", () => reset(client));
  }

  stop(stop: NonNullable<Faults["stop"]>, direction: Direction): void {
    const receiver = direction === "toServer" ? this.#server : this.client;
    if (stop === "reset") {
      reset(this.client);
      reset(this.#server);
    } else if (stop === "close") {
      this.client.destroySoon();
      this.#server.destroySoon();
    } else if (stop === "half-close") receiver.end();
    else this.#lost.set(direction, stop);
  }

  async pass(direction: Direction, faults: Faults): Promise<void> {
    const [from, to] = direction === "toServer" ? [this.client, this.#server] : [this.#server, this.client];
    let passed = 0;
    try {
      if (faults.stopAt === 0) return await this.#stopHere(direction, faults, from);
      for await (const chunk of gather(from, faults.gatherMs)) {
        for (const piece of pieces(chunk, passed, faults)) {
          if (faults.delayMs !== undefined) await wait(faults.delayMs);
          if (this.#lost.get(direction) === "stall") await once(from, "close");
          if (!this.#lost.has(direction) && !to.destroyed && !to.write(piece)) await once(to, "drain");
          passed += piece.length;
          if (passed === faults.stopAt) return await this.#stopHere(direction, faults, from);
          if (faults.splitAt !== undefined || faults.pieceBytes !== undefined) await receiverReads();
        }
      }
      if (!this.#lost.has(direction)) to.end();
    } catch {
      to.destroy();
    }
  }

  async #stopHere(direction: Direction, faults: Faults, from: Socket): Promise<void> {
    // What was written leaves first.
    await receiverReads();
    this.stop(faults.stop ?? "reset", direction);
    if (faults.stop === "stall") from.pause();
    else from.resume();
  }
}

/** resetAndDestroy() would send a FIN first, which the other end takes for an orderly end. */
function reset(socket: Socket): void {
  Object.assign(socket, { resetAndClosing: true }).destroy();
}

/** The first turn may end before this process, in which the receiver is, looks for bytes that have come. */
async function receiverReads(): Promise<void> {
  await turn();
  await turn();
}

async function* gather(socket: Socket, gatherMs: number | undefined): AsyncGenerator<Buffer> {
  if (gatherMs === undefined) return yield* socket.iterator({ destroyOnReturn: false });
  const waiting: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => waiting.push(chunk));
  const ended = Promise.race([once(socket, "end"), once(socket, "close")]).then(() => true);
  for (let isOver = false; !isOver;) {
    isOver = await Promise.race([ended, wait(gatherMs, false)]);
    if (waiting.length > 0) yield Buffer.concat(waiting.splice(0));
  }
}

/** Cuts a chunk, whose first byte is the one after `passed`, where pieces are to end. */
function* pieces(chunk: Buffer, passed: number, faults: Faults): Generator<Buffer> {
  const { splitAt = [], pieceBytes = Infinity, stopAt = Infinity } = faults;
  for (let start = 0; start < chunk.length;) {
    const position = passed + start;
    const cuts = [...splitAt, stopAt].filter((cut) => cut > position).map((cut) => cut - position);
    const length = Math.min(chunk.length - start, pieceBytes, ...cuts);
    yield chunk.subarray(start, start + length);
    start += length;
  }
}
