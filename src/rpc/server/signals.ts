/** Closes a server when the operating system asks the process to end. */

import type { CloseOptions, CloseResult } from "./drain.js";

/** What is closed. */
export interface Closable {
  /** As {@link Server.close}. */
  close(options?: CloseOptions): Promise<CloseResult>;
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * Closes the server on the first SIGTERM or SIGINT, and ends its calls at once on the second. The process ends by itself
 * when nothing else keeps it alive.
 *
 * @returns a function that leaves signals to what they did before.
 */
export function closeOnSignals(server: Closable, options: CloseOptions = {}): () => void {
  let count = 0;
  const stop = (): void => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  const onSignal = (): void => {
    void server.close(count++ === 0 ? options : { drainMs: 0 }).then(stop);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return stop;
}
