/** What the processes of the RPC benchmark say to each other: lines of JSON, so that Go takes part as well. */

/** A server's first line. To a line `cpu` it answers with {@link Cpu}; it ends with its input. */
export interface Listening {
  readonly port: number;
}

export interface Cpu {
  /** User and system time of the process so far. */
  readonly cpuMs: number;
}

/** What a client is asked for, a line each; it ends with its input. */
export interface Load {
  /** Size of the struct in binary. */
  readonly bytes: number;
  /** Calls in flight: each one that ends starts the next. */
  readonly concurrency: number;
  /** How long to measure, after a warm-up. */
  readonly ms: number;
}

/** A client's answer to a {@link Load}. */
export interface Measured extends Cpu {
  readonly calls: number;
  readonly failed: number;
  readonly seconds: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** What a client runs before it measures. */
export const WARM_UP_MS = 300;

/** CPU time of this process, in milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export function say(line: Listening | Cpu | Measured): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
