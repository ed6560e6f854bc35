import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeadlineError, TransportError } from "../../src/errors.js";
import { type Endpoint, parseAddress } from "../../src/transport/address.js";
import { ConnectionPool, type PoolOptions } from "../../src/transport/pool.js";
import { TimerWheel } from "../../src/transport/timer-wheel.js";

const A = parseAddress("a:1");
const B = parseAddress("b:1");

/** A connection without a socket. */
class FakeConnection {
  isUsable = true;
  isClosed = false;
  readonly id: number;
  readonly address: string;

  constructor(id: number, { text }: Endpoint) {
    this.id = id;
    this.address = text;
  }

  close(): void {
    this.isUsable = false;
    this.isClosed = true;
  }
}

/** Connects in 1 ms, to whatever is not down. */
class FakeNetwork {
  readonly made: FakeConnection[] = [];
  readonly down = new Set<string>();
  attempts = 0;

  readonly connect = (endpoint: Endpoint, signal: AbortSignal): Promise<FakeConnection> => {
    this.attempts++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        if (this.down.has(endpoint.text)) return reject(new Error("refused"));
        const connection = new FakeConnection(this.made.length, endpoint);
        this.made.push(connection);
        resolve(connection);
      }, 1);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      });
    });
  };

  get open(): number {
    return this.made.filter(({ isClosed }) => !isClosed).length;
  }
}

function poolWith(options: PoolOptions = {}) {
  const network = new FakeNetwork();
  return { network, pool: new ConnectionPool(network.connect, options, new TimerWheel()) };
}

/** What becomes of a promise, once the time has passed that it may take. */
async function outcome<T>(promise: T | Promise<T>, ms = 5): Promise<T | Error | "waits"> {
  let result: T | Error | "waits" = "waits";
  Promise.resolve(promise).then(
    (value) => (result = value),
    (error: unknown) => (result = error as Error),
  );
  await vi.advanceTimersByTimeAsync(ms);
  return result;
}

async function lend(pool: ConnectionPool<FakeConnection>, endpoint = A): Promise<FakeConnection> {
  const lent = await outcome(pool.acquire(endpoint));
  expect(lent).toBeInstanceOf(FakeConnection);
  return lent as FakeConnection;
}

describe("pool of connections", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("lends the connection again, at once, that was given back last", async () => {
    const { pool, network } = poolWith();
    const [first, second] = [await lend(pool), await lend(pool)];
    pool.release(first);
    pool.release(second);
    expect(pool.acquire(A)).toBe(second);
    expect(pool.acquire(A)).toBe(first);
    expect(network.made).toHaveLength(2);
  });

  it("closes what falls idle when its time is over, whether or not anybody asks", async () => {
    const { pool, network } = poolWith({ idleTimeoutMs: 1000 });
    const [first, second] = [await lend(pool), await lend(pool)];
    pool.release(first);
    await vi.advanceTimersByTimeAsync(500);
    pool.release(second);
    await vi.advanceTimersByTimeAsync(499);
    expect([first.isClosed, second.isClosed]).toEqual([false, false]);
    await vi.advanceTimersByTimeAsync(21);
    expect([first.isClosed, second.isClosed]).toEqual([true, false]);
    await vi.advanceTimersByTimeAsync(500);
    expect([network.open, vi.getTimerCount(), pool.stats]).toEqual([
      0,
      0,
      { idle: 0, lent: 0, connecting: 0, waiting: 0 },
    ]);
  });

  it("never lends what its peer has closed, nor what is idle beyond its time because the event loop was blocked", async () => {
    const { pool } = poolWith({ idleTimeoutMs: 1000 });
    const [first, second, third] = [await lend(pool), await lend(pool), await lend(pool)];
    for (const connection of [first, second, third]) pool.release(connection);
    third.isUsable = false;
    expect(pool.acquire(A)).toBe(second);
    expect(third.isClosed).toBe(true);
    const now = performance.now();
    vi.spyOn(performance, "now").mockReturnValue(now + 1001);
    expect(pool.acquire(A)).toBeInstanceOf(Promise);
    expect(first.isClosed).toBe(true);
    vi.restoreAllMocks();
  });

  it("drops at once what dies while it is idle", async () => {
    const { pool } = poolWith();
    const connection = await lend(pool);
    pool.release(connection);
    connection.isUsable = false;
    pool.discard(connection);
    expect(pool.stats.idle).toBe(0);
  });

  it("has no more connections to an address than allowed, and lets calls wait in turn", async () => {
    const { pool, network } = poolWith({ maxPerAddress: 2 });
    const [first] = [await lend(pool), await lend(pool)];
    const waiting = [pool.acquire(A), pool.acquire(A)];
    const taken: number[] = [];
    waiting.forEach((each, i) => void Promise.resolve(each).then(() => taken.push(i)));
    await vi.advanceTimersByTimeAsync(100);
    expect([network.attempts, taken]).toEqual([2, []]);
    pool.release(first);
    await vi.advanceTimersByTimeAsync(0);
    expect(taken).toEqual([0]);
    pool.discard(first);
    await vi.advanceTimersByTimeAsync(5);
    expect([network.attempts, taken]).toEqual([3, [0, 1]]);
  });

  it.each<[string, (pool: ConnectionPool<FakeConnection>) => FakeConnection | Promise<FakeConnection>, object]>([
    [
      "its time is over",
      (pool) => pool.acquire(A, { timeoutMs: 100 }),
      { code: "ERR_THRIFT_DEADLINE", timeoutMs: 100 },
    ],
    ["it has none left", (pool) => pool.acquire(A, { timeoutMs: 0 }), { code: "ERR_THRIFT_DEADLINE" }],
    [
      "its signal ends it",
      (pool) => pool.acquire(A, { signal: AbortSignal.timeout(50) }),
      { code: "ERR_THRIFT_CANCELLED" },
    ],
    [
      "its signal has ended",
      (pool) => pool.acquire(A, { signal: AbortSignal.abort() }),
      { code: "ERR_THRIFT_CANCELLED" },
    ],
  ])("lets a call go that waits when %s, and keeps what was opened for it", async (_, acquire, expected) => {
    vi.useRealTimers();
    const { pool, network } = poolWith({ maxPerAddress: 1 });
    const lent = await pool.acquire(A);
    const error: unknown = await Promise.resolve(acquire(pool)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ executed: "no", ...expected });
    expect(pool.stats.waiting).toBe(0);
    pool.release(lent);
    expect(pool.acquire(A)).toBe(lent);
    expect(network.attempts).toBe(1);
    pool.close();
  });

  it("lets no more calls wait than allowed", async () => {
    const { pool } = poolWith({ maxPerAddress: 1, maxWaiting: 2 });
    const lent = await lend(pool);
    const waiting = [pool.acquire(A), pool.acquire(A)];
    expect(await outcome(pool.acquire(A))).toMatchObject({ code: "ERR_THRIFT_OVERLOADED", executed: "no" });
    pool.release(lent);
    expect(await outcome(waiting[0])).toBe(lent);
  });

  it("closes what is idle elsewhere when there may be no more connections in all", async () => {
    const { pool } = poolWith({ maxTotal: 2 });
    const [first, second] = [await lend(pool), await lend(pool, B)];
    pool.release(second);
    const third = await lend(pool);
    expect([second.isClosed, third.address]).toEqual([true, "a:1"]);
    const waiting = pool.acquire(B);
    await vi.advanceTimersByTimeAsync(50);
    expect(first.isClosed).toBe(false);
    pool.release(first);
    expect(await outcome(waiting)).toMatchObject({ address: "b:1" });
    expect(first.isClosed).toBe(true);
  });

  it("keeps no more idle than allowed", async () => {
    const { pool } = poolWith({ maxIdlePerAddress: 1 });
    const [first, second] = [await lend(pool), await lend(pool)];
    pool.release(first);
    pool.release(second);
    expect([first.isClosed, second.isClosed]).toEqual([false, true]);
  });

  it("opens connections to have the least number idle, and again when they are lent, lost or over their time", async () => {
    const { pool, network } = poolWith({ minIdlePerAddress: 2, idleTimeoutMs: 1000 });
    const lent = await lend(pool);
    expect(pool.stats).toMatchObject({ idle: 2, lent: 1 });
    pool.discard(lent);
    const [idle] = network.made.filter(({ isClosed }) => !isClosed);
    idle.isUsable = false;
    pool.discard(idle);
    await vi.advanceTimersByTimeAsync(50);
    expect(pool.stats).toMatchObject({ idle: 2, lent: 0 });
    const before = network.made.filter(({ isClosed }) => !isClosed);
    await vi.advanceTimersByTimeAsync(1050);
    expect(before.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect(pool.stats).toMatchObject({ idle: 2, lent: 0 });
    pool.close();
    expect([network.open, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it("does not storm a server that closes all that is idle", async () => {
    const { pool, network } = poolWith({ minIdlePerAddress: 1 });
    pool.release(await lend(pool));
    for (let ms = 0; ms < 10_000; ms++) {
      for (const connection of network.made.filter(({ isClosed }) => !isClosed)) {
        connection.isUsable = false;
        pool.discard(connection);
      }
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(network.attempts).toBeGreaterThan(5);
    expect(network.attempts).toBeLessThan(100);
    pool.close();
  });

  it("fails those who wait when an address cannot be reached, tries it ever more rarely, and finds it again", async () => {
    const { pool, network } = poolWith({ maxPerAddress: 2000, maxTotal: 2000 });
    network.down.add("a:1");
    const waiting = [pool.acquire(A), pool.acquire(A)];
    const outcomes = await Promise.all(waiting.map((each) => outcome(each)));
    expect(outcomes.map(String)).toEqual(["Error: refused", "Error: refused"]);
    network.attempts = 0;
    for (let i = 0; i < 1000; i++) void outcome(pool.acquire(A), 0);
    for (let ms = 0; ms < 10_000; ms += 10) {
      void outcome(pool.acquire(A), 0);
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(network.attempts).toBeLessThan(60);
    network.down.clear();
    const lent = await outcome(pool.acquire(A), 1100);
    expect(lent).toBeInstanceOf(FakeConnection);
    pool.close();
  });

  it("opens connections ahead of calls, and says when it could not", async () => {
    const { pool, network } = poolWith({ maxIdlePerAddress: 3 });
    expect(await outcome(pool.warm(A, 2))).toBeUndefined();
    expect(pool.stats).toMatchObject({ idle: 2, lent: 0 });
    expect(await outcome(pool.warm(A, 100))).toBeUndefined();
    expect([pool.stats.idle, network.attempts]).toEqual([3, 3]);
    network.down.add("b:1");
    expect(String(await outcome(pool.warm(B, 2)))).toBe("Error: refused");
  });

  it("forgets an address: idle ones are closed, lent ones when they come back", async () => {
    const { pool } = poolWith({ maxPerAddress: 2 });
    const [lent, idle] = [await lend(pool), await lend(pool)];
    pool.release(idle);
    pool.evict(A);
    pool.evict(A);
    expect([lent.isClosed, idle.isClosed]).toEqual([false, true]);
    pool.release(lent);
    expect([lent.isClosed, pool.stats.lent]).toEqual([true, 0]);
    expect((await lend(pool)).isClosed).toBe(false);
  });

  it("closes: those who wait fail, attempts are given up, nothing is lent, nothing is left", async () => {
    const { pool, network } = poolWith({ maxPerAddress: 1 });
    const [lent, idle] = [await lend(pool), await lend(pool, B)];
    pool.release(idle);
    const waiting = pool.acquire(A);
    const connecting = pool.acquire(parseAddress("c:1"));
    pool.close();
    const failed = [waiting, connecting, pool.acquire(B)].map((promise) => outcome(promise));
    for (const error of await Promise.all(failed)) {
      expect(error).toMatchObject({ code: "ERR_THRIFT_CLOSED", executed: "no" });
    }
    expect([lent.isClosed, idle.isClosed]).toEqual([false, true]);
    pool.release(lent);
    pool.release(lent);
    expect([network.open, network.made.length, vi.getTimerCount()]).toEqual([0, 2, 0]);
  });

  it("leaves alone what is not its own, and does nothing when something is given back twice", async () => {
    const { pool } = poolWith();
    const stranger = new FakeConnection(9, A);
    pool.release(stranger);
    pool.discard(stranger);
    expect(stranger.isClosed).toBe(false);
    const lent = await lend(pool);
    pool.release(lent);
    pool.release(lent);
    expect(pool.stats).toEqual({ idle: 1, lent: 0, connecting: 0, waiting: 0 });
    expect(pool.acquire(A)).toBe(lent);
    expect(pool.acquire(A)).not.toBe(lent);
  });

  it.each<[PoolOptions]>([
    [{ maxPerAddress: 0 }],
    [{ maxTotal: 1.5 }],
    [{ maxIdlePerAddress: -1 }],
    [{ minIdlePerAddress: -1 }],
    [{ idleTimeoutMs: Number.NaN }],
    [{ maxWaiting: 0 }],
  ])("refuses %o", (options) => {
    expect(() => poolWith(options)).toThrow(RangeError);
  });

  it("fails with errors of its own classes", async () => {
    const { pool } = poolWith();
    expect(await outcome(pool.acquire(A, { timeoutMs: -1 }))).toBeInstanceOf(DeadlineError);
    pool.close();
    expect(await outcome(pool.acquire(A))).toBeInstanceOf(TransportError);
  });
});
