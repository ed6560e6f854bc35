/**
 * What the tests with faults share: a server that keeps account, a client that reaches it by way of a proxy that
 * misbehaves, and seeded chance, which says when.
 *
 *     client ──▶ fault proxy ──▶ server
 *        └──────── ledger ─────────┘
 */

import { afterEach, expect } from "vitest";
import { parseSchema } from "../../src/schema/parse.js";
import {
  type Client,
  createClient,
  type ClientOptions,
  createServer,
  type Server,
  type ServerOptions,
} from "../../src/rpc/index.js";
import { FaultProxy } from "../support/fault-proxy.js";
import { Ledger } from "../support/ledger.js";

/** Each fault comes so often: 50 times in CI (`npm run test:faults`), 200 with `npm run test:faults:long`. */
export const REPETITIONS = Number(process.env.SCRIMP_REPETITIONS ?? 10);

/** Milliseconds that a call is given. */
export const TIMEOUT_MS = 150;

/** `SCRIMP_SEED=n` replays what a run has printed. */
const SEED = Number(process.env.SCRIMP_SEED ?? Date.now() % 1_000_000);

export const Counter = parseSchema({
  "counter.thrift": `
    service Counter {
      i32 echo(1: i32 nonce, 2: binary padding)
      oneway void tell(1: i32 nonce)
    }
  `,
}).service("Counter");

export type CounterClient = Client & {
  echo(nonce: number, padding: Uint8Array, options?: object): Promise<number>;
  tell(nonce: number, options?: object): Promise<void>;
};

/** How clients reach servers; faults must end well in all of them. */
export const WAYS: readonly (readonly [name: string, options: Partial<ClientOptions>])[] = [
  ["pool, framed", { connections: "pool", transport: "framed" }],
  ["pool, buffered compact", { connections: "pool", transport: "buffered", protocol: "compact" }],
  ["mux, framed", { connections: "mux", transport: "framed" }],
  ["mux, TTHeader", { connections: "mux", transport: "ttheader" }],
];

const closers: (() => unknown)[] = [];

/** Has something called after the test, last first. */
export function afterTest(close: () => unknown): void {
  closers.push(close);
}

/** To be called once in a file of tests: closes what tests have left open, and holds them to having thrown nothing past them. */
export function closeAfterEach(): void {
  const escaped: unknown[] = [];
  const onEscaped = (error: unknown): number => escaped.push(error);
  process.on("uncaughtException", onEscaped);
  process.on("unhandledRejection", onEscaped);
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    expect(escaped.splice(0)).toEqual([]);
  });
}

export interface Rig {
  readonly ledger: Ledger;
  readonly server: Server;
  readonly port: number;
  readonly proxy: FaultProxy;
  readonly client: CounterClient;
  readonly random: Random;
  /** One call, kept account of. Never rejects. */
  call(timeoutMs?: number): Promise<void>;
  /** Calls at the same time. */
  calls(count: number): Promise<void>;
}

/** A server, a proxy in front of it, and a client that knows only the proxy. */
export async function startRig(options: Partial<ClientOptions> = {}, serverOptions: ServerOptions = {}): Promise<Rig> {
  const ledger = new Ledger();
  const { server, port } = await startCounter(ledger, serverOptions);
  const proxy = await FaultProxy.start(port);
  afterTest(() => proxy.close());
  const client = connectCounter({ address: proxy.address, ...options });
  const random = new Random(SEED);
  const call = (timeoutMs = TIMEOUT_MS): Promise<void> =>
    ledger.call(timeoutMs, (nonce) => client.echo(nonce, new Uint8Array(random.below(64)), { timeoutMs }));
  const calls = async (count: number): Promise<void> => {
    await Promise.all(Array.from({ length: count }, () => call()));
  };
  return { ledger, server, port, proxy, client, random, call, calls };
}

export async function startCounter(
  ledger: Ledger,
  options: ServerOptions = {},
): Promise<{ server: Server; port: number }> {
  const handlers = {
    echo(nonce: number) {
      ledger.run(nonce);
      return nonce;
    },
    tell: (nonce: number) => ledger.run(nonce),
  };
  const server = createServer(Counter, handlers, { outOfOrder: true, ...options });
  const { port } = await server.listen({ port: 0 });
  afterTest(() => server.close({ drainMs: 0 }));
  return { server, port: port };
}

export function connectCounter(options: ClientOptions): CounterClient {
  const client = createClient(Counter, { timeoutMs: TIMEOUT_MS, ...options }) as CounterClient;
  afterTest(() => client.destroy());
  return client;
}

/** Nothing is wrong with the account, and calls go well again once nothing is in their way. */
export async function expectWell({ ledger, proxy, client }: Rig): Promise<void> {
  proxy.plan = () => ({});
  for (let tries = 0; ; tries++) {
    const found = await client.echo(-1, new Uint8Array(0), { timeoutMs: 2000 }).catch((error: unknown) => error);
    if (found === -1) break;
    // A connection that was broken before may be found out only now; two are the most that a mux has.
    if (tries === 3) throw found;
  }
  expect(
    ledger.problems().filter((problem) => !problem.endsWith("not made: -1")),
    `seed ${String(SEED)}`,
  ).toEqual([]);
}

/** Chance that can be had again: a linear congruential generator of 32 bits. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 up to, but not including, a limit. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }
}
