/** Servers and peers that are closed after each test. */

import { afterEach } from "vitest";
import type { ProtocolName } from "../../../src/protocol/protocols.js";
import type { ServerOptions } from "../../../src/rpc/server/options.js";
import { Echo, type Handlers, startEcho } from "./echo.js";
import { CallingPeer, RawPeer, type TransportName } from "./peer.js";

const closers: (() => unknown)[] = [];

/** Has something called after the test. */
export function afterTest(close: () => unknown): void {
  closers.push(close);
}

/** To be called once in a file of tests. */
export function closeAfterEach(): void {
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
}

export async function start(over: Handlers = {}, options: ServerOptions = {}) {
  const running = await startEcho(over, options);
  afterTest(() => running.server.close({ drainMs: 0 }));
  return running;
}

export async function connect(port: number): Promise<RawPeer> {
  const raw = await RawPeer.connect(port);
  afterTest(() => raw.socket.destroy());
  return raw;
}

export async function caller(
  port: number,
  transport: TransportName = "framed",
  protocol: ProtocolName = "binary",
): Promise<CallingPeer> {
  return new CallingPeer(await connect(port), Echo, [transport, protocol]);
}

/** A promise that a test settles. */
export function gate(): { open: () => void; opened: Promise<void> } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

/** Lets everything happen that can without a timer. */
export async function settle(turns = 5): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits for something to come true. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 2));
}
