/** What an operator of a server is told beside the calls. */

/** Something that an operator of a server may want to know. */
export interface ServerLogEvent {
  /** `"error"`: a bug or a failure of this process; `"warn"`: a peer that misbehaves or cannot be served. */
  readonly level: "error" | "warn";
  /** One sentence, without values from the wire. */
  readonly message: string;
  /** The peer, where there is one. */
  readonly address?: string;
  /** The method, as `Service.method`, where there is one. */
  readonly method?: string;
  /** What was thrown. */
  readonly error?: unknown;
  /** Events before this one that were left out, because there were too many in their second; absent where there were none. */
  readonly suppressed?: number;
}

/** Tells an operator. */
export type ServerLog = (event: ServerLogEvent) => void;

/** Peers decide how much goes wrong, but not how much is written. */
const MAX_PER_SECOND = 100;

/** Makes a log that may be called from anywhere, any number of times: what it throws changes nothing, and too much is left out. */
export function guardLog(log: ServerLog | undefined): ServerLog {
  if (log === undefined) return () => undefined;
  let secondEndsAt = 0;
  let count = 0;
  let suppressed = 0;
  return (event) => {
    const now = performance.now();
    if (now >= secondEndsAt) {
      secondEndsAt = now + 1000;
      count = 0;
    }
    if (++count > MAX_PER_SECOND) {
      suppressed++;
      return;
    }
    const told = suppressed > 0 ? { ...event, suppressed } : event;
    suppressed = 0;
    call(log, told);
  };
}

function call(log: ServerLog, event: ServerLogEvent): void {
  try {
    const result: unknown = log(event);
    if (result instanceof Promise) result.catch(() => undefined);
  } catch {
    // There is nobody left to tell.
  }
}
