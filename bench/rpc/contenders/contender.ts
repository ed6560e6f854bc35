/** A way to make calls: both ends of it. */

import type { Message } from "../message.js";

export interface RpcContender {
  readonly title: string;
  /** What a reader must know to judge the figures. */
  readonly note: string;
  /** Listens on 127.0.0.1. @returns the port. */
  serve(): Promise<number>;
  /** Connects to a server of the same contender. */
  connect(port: number): Promise<RpcClient>;
}

export interface RpcClient {
  /** Echoes a message. `text` of the result is compared, so it must really have travelled. */
  readonly echo: (message: Message) => PromiseLike<{ text: string }>;
}
