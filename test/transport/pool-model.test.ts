/**
 * The pool against its rules, under whatever happens: calls, replies, failures, peers that close, addresses that are down,
 * time that passes. After each step the rules must hold; in the end everything must be over.
 */

import fc from "fast-check";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { type Endpoint, parseAddress } from "../../src/transport/address.js";
import { ConnectionPool } from "../../src/transport/pool.js";
import { TimerWheel } from "../../src/transport/timer-wheel.js";

const ADDRESSES = ["a:1", "b:1", "c:1"].map(parseAddress);

/** Milliseconds of one tick of the wheel, and the turn after it. */
const TICK_MS = 20;

interface Options {
  readonly maxPerAddress: number;
  readonly maxTotal: number;
  readonly maxIdlePerAddress: number;
  readonly minIdlePerAddress: number;
  readonly idleTimeoutMs: number;
  readonly maxWaiting: number;
}

/** What is known about one connection without asking the pool. */
class ModelConnection {
  state: "idle" | "lent" | "closed" = "idle";
  isUsable = true;
  idleSince = performance.now();
  /** Lent when its address was evicted: it counts no more towards what there may be to an address that is back. */
  isEvicted = false;
  readonly address: string;

  constructor(address: string) {
    this.address = address;
  }

  close(): void {
    this.state = "closed";
    this.isUsable = false;
  }
}

class Model {
  readonly options: Options;
  readonly #timers = new TimerWheel();
  readonly pool: ConnectionPool<ModelConnection>;
  readonly connections: ModelConnection[] = [];
  readonly down = new Set<string>();
  readonly connecting = new Map<string, number>();
  readonly waiting = new Map<string, number>();
  calls = 0;
  settled = 0;
  isClosed = false;

  constructor(options: Options) {
    this.options = options;
    this.pool = new ConnectionPool((endpoint, signal) => this.#connect(endpoint, signal), options, this.#timers);
  }

  async #connect({ text }: Endpoint, signal: AbortSignal): Promise<ModelConnection> {
    add(this.connecting, text, 1);
    try {
      await new Promise((resolve, reject) => {
        setTimeout(resolve, 3);
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
      if (this.down.has(text)) throw new Error("refused");
      const connection = new ModelConnection(text);
      this.connections.push(connection);
      return connection;
    } finally {
      add(this.connecting, text, -1);
    }
  }

  acquire(endpoint: Endpoint, timeoutMs: number, signal?: AbortSignal): void {
    this.calls++;
    const expired = performance.now() - this.options.idleTimeoutMs;
    const hadIdle = this.#of(endpoint.text, "idle").some((each) => each.isUsable && each.idleSince > expired);
    const lent = this.pool.acquire(endpoint, { timeoutMs, signal });
    if (lent instanceof ModelConnection) return this.#take(lent, endpoint);
    if (hadIdle && !this.isClosed) throw new Error("had to wait though a good connection was idle");
    const { text } = endpoint;
    add(this.waiting, text, 1);
    lent
      .then(
        (connection) => this.#take(connection, endpoint),
        () => this.settled++,
      )
      .finally(() => add(this.waiting, text, -1));
  }

  #take(connection: ModelConnection, { text }: Endpoint): void {
    this.settled++;
    if (connection.address !== text) throw new Error("lent a connection to another address");
    if (connection.state !== "idle") throw new Error(`lent a connection that was ${connection.state}`);
    connection.state = "lent";
  }

  release(connection: ModelConnection): void {
    // Before it goes back, which may give it to the next at once.
    connection.state = "idle";
    connection.idleSince = performance.now();
    this.pool.release(connection);
  }

  /** As a client does: a connection that its peer closed is given up when that is seen. */
  closeByPeer(connection: ModelConnection): void {
    connection.isUsable = false;
    if (connection.state === "idle") this.pool.discard(connection);
  }

  evict(endpoint: Endpoint): void {
    for (const connection of this.#of(endpoint.text, "lent")) connection.isEvicted = true;
    this.pool.evict(endpoint);
  }

  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
  }

  lent(): ModelConnection[] {
    return this.connections.filter(({ state }) => state === "lent");
  }

  open(): ModelConnection[] {
    return this.connections.filter(({ state }) => state !== "closed");
  }

  #of(address: string, state: ModelConnection["state"]): ModelConnection[] {
    return this.connections.filter((each) => each.address === address && each.state === state);
  }

  check(): void {
    const { maxPerAddress, maxTotal, maxIdlePerAddress, idleTimeoutMs, maxWaiting } = this.options;
    const total = this.open().length + [...this.connecting.values()].reduce((sum, each) => sum + each, 0);
    claim(total <= maxTotal, `${total} connections in all`);
    for (const { text } of ADDRESSES) {
      const [idle, lent] = [this.#of(text, "idle"), this.#of(text, "lent")];
      const connecting = this.connecting.get(text) ?? 0;
      const counted = lent.filter(({ isEvicted }) => !isEvicted);
      claim(idle.length + counted.length + connecting <= maxPerAddress, `too many connections to ${text}`);
      claim(idle.length <= maxIdlePerAddress, `${idle.length} idle connections to ${text}`);
      const oldest = Math.min(...idle.map(({ idleSince }) => idleSince));
      claim(performance.now() - oldest <= idleTimeoutMs + TICK_MS, "a connection is idle beyond its time");
      claim(
        idle.every(({ isUsable }) => isUsable),
        "a connection is kept that its peer closed",
      );
      const waiting = this.waiting.get(text) ?? 0;
      claim(waiting <= maxWaiting, `${waiting} calls wait`);
      claim(waiting === 0 || idle.length === 0, "a call waits though a connection is idle");
    }
    const { stats } = this.pool;
    claim(stats.lent === this.lent().length, "the pool counts other lent connections");
    claim(stats.idle === this.open().length - this.lent().length, "the pool counts other idle connections");
  }

  /** Nobody gives anything back any more: everything must come to an end by itself. */
  async finish(): Promise<void> {
    this.isClosed = true;
    this.pool.close();
    for (const connection of this.lent()) this.release(connection);
    await this.pass(10);
    claim(this.settled === this.calls, `${this.calls - this.settled} calls never ended`);
    claim(this.open().length === 0, "connections are left open");
    claim(this.#timers.size === 0, "deadlines are left");
  }
}

function add(counts: Map<string, number>, key: string, change: number): void {
  counts.set(key, (counts.get(key) ?? 0) + change);
}

function claim(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

/** One thing that happens. Indices are taken modulo what there is. */
type Step =
  | { readonly kind: "acquire"; readonly address: number; readonly timeoutMs: number; readonly abortAfterMs: number }
  | { readonly kind: "release" | "discard" | "peer closes" | "peer closes lent"; readonly index: number }
  | { readonly kind: "down" | "up" | "evict" | "warm"; readonly address: number }
  | { readonly kind: "pass"; readonly ms: number };

const address = fc.nat(ADDRESSES.length - 1);
const index = fc.nat(1000);
const acquire = fc.record({
  kind: fc.constant("acquire" as const),
  address,
  timeoutMs: fc.constantFrom(0, 5, 50, 500, Infinity),
  abortAfterMs: fc.constantFrom(1, 30, Infinity, Infinity),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: acquire },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("release" as const), index }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("discard", "peer closes", "peer closes lent"), index }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("down", "up", "evict", "warm"), address }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.constantFrom(0, 1, 4, 20, 150, 1200) }),
  },
);
const options: fc.Arbitrary<Options> = fc.record({
  maxPerAddress: fc.integer({ min: 1, max: 4 }),
  maxTotal: fc.integer({ min: 1, max: 6 }),
  maxIdlePerAddress: fc.integer({ min: 1, max: 4 }),
  minIdlePerAddress: fc.integer({ min: 0, max: 2 }),
  idleTimeoutMs: fc.constantFrom(50, 200),
  maxWaiting: fc.integer({ min: 1, max: 4 }),
});

async function run(model: Model, step: Step): Promise<void> {
  switch (step.kind) {
    case "acquire": {
      const abort = new AbortController();
      if (step.abortAfterMs !== Infinity) setTimeout(() => abort.abort(), step.abortAfterMs).unref();
      return model.acquire(ADDRESSES[step.address], step.timeoutMs, abort.signal);
    }
    case "release":
      return pick(model.lent(), step.index, (each) => model.release(each));
    case "discard":
      return pick(model.lent(), step.index, (each) => model.pool.discard(each));
    case "peer closes":
      return pick(model.open(), step.index, (each) => model.closeByPeer(each));
    case "peer closes lent":
      return pick(model.lent(), step.index, (each) => model.closeByPeer(each));
    case "down":
      return void model.down.add(ADDRESSES[step.address].text);
    case "up":
      return void model.down.delete(ADDRESSES[step.address].text);
    case "evict":
      return model.evict(ADDRESSES[step.address]);
    case "warm":
      return void model.pool.warm(ADDRESSES[step.address], 2).catch(() => undefined);
    case "pass":
      return model.pass(step.ms);
  }
}

function pick<T>(from: readonly T[], index: number, use: (picked: T) => void): void {
  if (from.length > 0) use(from[index % from.length]);
}

describe("pool of connections, whatever happens", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("keeps its rules", async () => {
    const script = fc.array(step, { minLength: 1, maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(options, script, async (chosen, steps) => {
        const model = new Model(chosen);
        for (const each of steps) {
          await run(model, each);
          await model.pass(0);
          model.check();
        }
        await model.finish();
      }),
      { numRuns: 1000 },
    );
  });
});
