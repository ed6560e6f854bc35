/** Both ends of connections, over sockets of every kind, with what was told to their owners. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import type { TransportError } from "../../src/errors.js";
import { parseAddress } from "../../src/transport/address.js";
import { Connection, type ConnectionHandler, type ConnectionOptions } from "../../src/transport/connection.js";
import { resolveTransportLimits, type TransportLimits } from "../../src/transport/limits.js";
import { type ListenAddress, Listener } from "../../src/transport/listener.js";
import { createLoopback } from "../../src/transport/loopback.js";
import { connectSocket } from "../../src/transport/socket.js";

/** Where a server may listen. */
export const PLACES = ["tcp", "unix", "loopback"] as const;

/** A message of Thrift: binary, a call of "echo", with a seqid and so many bytes of padding behind it. */
export function messageOf(seqid: number, padding = 0): Uint8Array {
  const message = Buffer.alloc(17 + padding);
  message.set(Buffer.from("80010001000000046563686f", "hex"));
  message.writeInt32BE(seqid, 12);
  return message;
}

export function seqidOf(message: Uint8Array): number {
  return Buffer.from(message).readInt32BE(12);
}

/** One end of a connection and what its owner was told. */
export class End {
  connection!: Connection;
  readonly frames: Uint8Array[] = [];
  /** Undefined until it is over; then why, null when it ended in order. */
  closed: TransportError | null | undefined;

  get seqids(): number[] {
    return this.frames.map(seqidOf);
  }

  handler(more: Partial<ConnectionHandler> = {}): ConnectionHandler {
    return {
      onFrame: (frame) => this.frames.push(frame.bytes),
      onClose: (error) => {
        if (this.closed !== undefined) throw new Error("onClose was called twice");
        this.closed = error ?? null;
      },
      ...more,
    };
  }

  async whenClosed(): Promise<TransportError | null> {
    await until(() => this.closed !== undefined);
    return this.closed!;
  }
}

/** What a test may choose of one end. */
export interface EndOptions extends ConnectionOptions {
  readonly limits?: Partial<TransportLimits>;
  readonly handler?: Partial<ConnectionHandler>;
}

/** Listeners and folders of a test, to be closed behind it. */
export class Places {
  readonly #closing: (() => Promise<void> | void)[] = [];

  address(kind: (typeof PLACES)[number]): ListenAddress {
    if (kind === "tcp") return { port: 0 };
    if (kind === "loopback") return createLoopback();
    const folder = mkdtempSync(join(tmpdir(), "scrimp-"));
    this.#closing.push(() => rmSync(folder, { recursive: true, force: true }));
    return { path: join(folder, "a.sock") };
  }

  /** Connects two sockets. */
  async sockets(kind: (typeof PLACES)[number]): Promise<[client: Duplex, server: Duplex]> {
    const accepted: Duplex[] = [];
    const listener = new Listener({
      limits: resolveTransportLimits(),
      onConnection: (socket) => accepted.push(socket),
    });
    this.#closing.push(() => listener.close());
    const where = this.address(kind);
    const { address } = await listener.listen(where);
    const client = await connectSocket(parseAddress("connect" in where ? where : address));
    await until(() => accepted.length > 0);
    this.#closing.push(() => void client.destroy());
    return [client, accepted[0]];
  }

  /** Connects two connections. */
  async pair(
    kind: (typeof PLACES)[number],
    options: { client?: EndOptions; server?: EndOptions } = {},
  ): Promise<{ client: End; server: End }> {
    const [near, far] = await this.sockets(kind);
    return { client: endOf(near, options.client), server: endOf(far, options.server) };
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close();
  }
}

/** Makes a connection of a socket. */
export function endOf(socket: Duplex, { limits = {}, handler, ...options }: EndOptions = {}): End {
  const end = new End();
  const peer = { address: "peer:1", limits: resolveTransportLimits(limits) };
  end.connection = new Connection(socket, peer, end.handler(handler), options);
  return end;
}

/** Waits until something holds; the test runs into its timeout when it never does. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await wait(2);
}
