/** Connections within one process, without sockets: for tests and for services that live in the same program. */

import { Duplex } from "node:stream";

/** Where a server of this process can be reached by clients of this process. Made by {@link createLoopback}. */
export interface Loopback {
  /** Tells it from other addresses. */
  readonly kind: "loopback";
  /** For messages and as a key: no two of a process are alike. */
  readonly text: string;
  /** @returns one end of a new connection; undefined when nobody listens. The other end went to the listener. */
  connect(): Duplex | undefined;
  /**
   * Hands the other end of each new connection to `onConnection`, until the function that is returned is called.
   *
   * @throws Error when somebody listens already.
   */
  listen(onConnection: (socket: Duplex) => void): () => void;
}

let created = 0;

/** Makes an address within this process: give it to `server.listen(loopback)` and to a client as `address`. */
export function createLoopback(): Loopback {
  const text = `loopback:${String(++created)}`;
  let listener: ((socket: Duplex) => void) | undefined;
  return {
    kind: "loopback",
    text,
    connect() {
      if (listener === undefined) return undefined;
      const [near, far] = createPair();
      listener(far);
      return near;
    },
    listen(onConnection) {
      if (listener !== undefined) throw new Error(`${text} is listened on already`);
      listener = onConnection;
      return () => {
        if (listener === onConnection) listener = undefined;
      };
    },
  };
}

function createPair(): [Duplex, Duplex] {
  const near = new LoopbackSocket();
  const far = new LoopbackSocket();
  near.connectTo(far);
  far.connectTo(near);
  return [near, far];
}

/** What stream.duplexPair makes, but that the end of one side is seen by the other, and that memory is not shared. */
class LoopbackSocket extends Duplex {
  #other: LoopbackSocket | undefined;
  /** Says that what was written last was read; held back while the reader is full. */
  #onRead: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: true, emitClose: true });
  }

  connectTo(other: LoopbackSocket): void {
    this.#other = other;
  }

  override _read(): void {
    const onRead = this.#onRead;
    this.#onRead = undefined;
    onRead?.();
  }

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    // The writer may use its memory again as soon as it is told that it was written.
    this.#other!.#take(Buffer.from(chunk), callback);
  }

  override _final(callback: () => void): void {
    this.#other!.#take(null, callback);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this._read();
    const other = this.#other!;
    // As with a socket: the peer sees an orderly end, unless its own side is still in use.
    process.nextTick(() => other.#onOtherDestroyed(error !== null));
    callback(error);
  }

  #take(chunk: Buffer | null, callback: () => void): void {
    if (this.destroyed || this.readableEnded) return callback();
    if (this.push(chunk) || chunk === null) return callback();
    this.#onRead = callback;
  }

  #onOtherDestroyed(reset: boolean): void {
    if (this.destroyed) return;
    if (reset) this.destroy(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
    else if (!this.readableEnded) this.push(null);
  }
}
