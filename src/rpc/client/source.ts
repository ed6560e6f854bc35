/** Where calls get their connections from: one each for a while, a few for all, or a new one for each. */

import type { Endpoint } from "../../transport/address.js";
import type { Connect } from "../../transport/address-pool.js";
import { SharedConnections } from "../../transport/mux.js";
import { ConnectionPool } from "../../transport/pool.js";
import type { AcquireOptions } from "../../transport/wait-queue.js";
import type { ClientConnection } from "./connection.js";
import type { ResolvedClientOptions } from "./options.js";

/** Gives connections out. */
export interface ConnectionSource {
  /** @throws with executed `"no"`: what connecting failed with; that too many wait, that the time is over, that the signal ended it. */
  acquire(endpoint: Endpoint, options: AcquireOptions): ClientConnection | Promise<ClientConnection>;
  /** Takes a connection back on which no call waits. It may be of no more use. */
  release(connection: ClientConnection): void;
  /** Says that a connection is over. */
  discard(connection: ClientConnection): void;
  /** Opens connections before calls need them. @throws what connecting failed with. */
  warm(endpoint: Endpoint, count: number, options: AcquireOptions): Promise<void>;
  /** Gives no more out, and closes what is idle. */
  close(): void;
}

/** A connection for each call has no bound but what the machine has. */
const UNBOUNDED = { maxPerAddress: Infinity, maxTotal: Infinity, maxWaiting: Infinity };

/** @returns the source that the options ask for. */
export function connectionSource(
  { kind, ...options }: ResolvedClientOptions["connections"],
  connect: Connect<ClientConnection>,
): ConnectionSource {
  switch (kind) {
    case "pool":
      return new ConnectionPool<ClientConnection>(connect, options);
    case "mux":
      return new SharedConnections<ClientConnection>(connect, options);
    case "short": {
      const pool = new ConnectionPool<ClientConnection>(connect, UNBOUNDED);
      return {
        acquire: (endpoint, wait) => pool.acquire(endpoint, wait),
        release: (connection) => pool.discard(connection),
        discard: (connection) => pool.discard(connection),
        warm: () => Promise.resolve(),
        close: () => pool.close(),
      };
    }
  }
}
