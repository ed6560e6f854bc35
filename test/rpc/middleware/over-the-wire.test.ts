/** Middleware in clients and servers that talk to each other: what a table of pure functions cannot show. */

import { afterEach, expect, it } from "vitest";
import { ApplicationError, BizStatusError } from "../../../src/errors.js";
import {
  access,
  accessRules,
  type CallContext,
  circuitBreaker,
  type Client,
  type ClientOptions,
  concurrencyLimit,
  createClient,
  createLoopback,
  createServer,
  executedOf,
  fallback,
  rateLimit,
  retry,
  type RetryPolicy,
  type ServerOptions,
} from "../../../src/rpc/index.js";
import { parseSchema } from "../../../src/schema/parse.js";

const IDL = `
exception Busy { 1: string why }
service Stock {
  i32 take(1: i32 id) throws (1: Busy busy)
  i32 count(1: i32 id) (scrimp.idempotent = "true")
}`;
const schema = parseSchema({ "stock.thrift": IDL }, { entry: "stock.thrift" });
const Stock = schema.service("Stock");
const Busy = schema.exception("Busy");

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Handler = (id: number, context: CallContext) => unknown;

async function serve(handlers: { take?: Handler; count?: Handler }, options: ServerOptions = {}): Promise<string> {
  const server = createServer(Stock, { take: () => 1, count: () => 1, ...handlers }, options);
  closers.push(() => server.close({ drainMs: 0 }));
  return (await server.listen({ port: 0 })).address;
}

function clientOf(options: ClientOptions): Client {
  const client = createClient(Stock, { transport: "ttheader", ...options });
  closers.push(() => client.destroy());
  return client;
}

/** As Promise.withResolvers, which Node.js 20 does not have. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

const AT_ONCE = { backoff: { kind: "none" } } as const;

it("a call that no server of several takes goes to each in turn", async () => {
  const seen: string[] = [];
  const refuse = access(() => false);
  const addresses = [
    await serve({}, { middleware: [(next) => (call) => (seen.push("a"), refuse(next)(call))] }),
    await serve({ take: () => (seen.push("b"), 7) }),
  ];
  const on = { error: (error: unknown) => error instanceof ApplicationError || undefined };
  const client = clientOf({ address: addresses, retry: { ...AT_ONCE, on } });
  expect([await client.take(1), await client.take(1)]).toEqual([7, 7]);
  expect(seen).toEqual(["a", "b", "b"]);
});

it("a server knows the attempts of a call, and calls it makes for them are not retried", async () => {
  const attempts: [string, number][] = [];
  const stock = await serve({
    count: (_, { attempt }) => {
      attempts.push(["count", attempt]);
      throw new BizStatusError(503, "later");
    },
  });
  const retries = { ...AT_ONCE, on: { statusCodes: [503] } };
  const inner = clientOf({ address: stock, retry: retries });
  const front = await serve({
    take: async (id, { attempt }) => {
      attempts.push(["take", attempt]);
      return (await inner.count(id)) as number;
    },
  });
  const client = clientOf({ address: front, retry: { ...retries, maxRetries: 1 } });
  await expect(client.take(1)).rejects.toMatchObject({ statusCode: 503 });
  expect(attempts).toEqual([
    ["take", 0],
    ["count", 0],
    ["count", 1],
    ["count", 2],
    ["take", 1],
    // What the first attempt did three times, the second does once.
    ["count", 1],
  ]);
});

it("declared exceptions that the program chose are retried", async () => {
  let calls = 0;
  const address = await serve({
    take: () => {
      if (++calls < 3) throw new Busy({ why: "locked" });
      return 5;
    },
  });
  const client = clientOf({ address, retry: { ...AT_ONCE, on: { exceptions: [Busy] } } });
  expect(await client.take(1)).toBe(5);
});

it("a policy for one call", async () => {
  let calls = 0;
  const address = await serve({
    take: () => {
      calls++;
      throw new Busy({ why: "locked" });
    },
  });
  const client = clientOf({ address, retry: false });
  await expect(client.take(1)).rejects.toBeInstanceOf(Busy);
  expect(calls).toBe(1);
  await expect(client.take(1, { retry: { ...AT_ONCE, on: { exceptions: [Busy] } } })).rejects.toBeInstanceOf(Busy);
  expect(calls).toBe(4);
});

it("calls that bring the same policy share its budget", async () => {
  let calls = 0;
  const address = await serve({
    take: () => {
      calls++;
      throw new Busy({ why: "locked" });
    },
  });
  const client = clientOf({ address });
  const policy: RetryPolicy = { ...AT_ONCE, maxRetries: 1, on: { exceptions: [Busy] }, budget: { maxTokens: 4 } };
  for (let i = 0; i < 5; i++) await expect(client.take(1, { retry: policy })).rejects.toBeInstanceOf(Busy);
  expect(calls).toBe(6);
});

it("a backup request to another address wins", async () => {
  const slow = await serve({ count: () => new Promise(() => undefined) });
  const fast = await serve({ count: () => 9 });
  const client = clientOf({ address: [slow, fast], retry: { kind: "backup", delayMs: 20 } });
  expect(await client.count(1)).toBe(9);
});

it("an attempt that takes too long is made again within the deadline of the call", async () => {
  let calls = 0;
  const address = await serve({ count: () => (++calls === 1 ? new Promise(() => undefined) : 3) });
  const client = clientOf({ address, timeoutMs: 5000, retry: { ...AT_ONCE, attemptTimeoutMs: 50 } });
  expect(await client.count(1)).toBe(3);
});

it("the duration of a policy counts from the start of the call", async () => {
  let calls = 0;
  const address = await serve({
    take: async () => {
      calls++;
      await new Promise((resolve) => setTimeout(resolve, 60));
      throw new Busy({ why: "locked" });
    },
  });
  const client = clientOf({ address, retry: { ...AT_ONCE, maxDurationMs: 50, on: { exceptions: [Busy] } } });
  await expect(client.take(1)).rejects.toBeInstanceOf(Busy);
  expect(calls).toBe(1);
});

it("a circuit breaker for each address leaves those alone that answer", async () => {
  const lost = createLoopback();
  const good = await serve({});
  const breaker = circuitBreaker({ key: "address", minSamples: 3 });
  const client = clientOf({ address: lost, retry: false, middleware: [breaker] });
  for (let i = 0; i < 3; i++) {
    await expect(client.take(1)).rejects.toMatchObject({ code: "ERR_THRIFT_TRANSPORT" });
  }
  await expect(client.take(1)).rejects.toMatchObject({ code: "ERR_THRIFT_BREAKER_OPEN" });
  expect(await client.take(1, { address: good })).toBe(1);
});

it.each<[string, ServerOptions]>([
  ["a rate limit", { middleware: [rateLimit({ perSecond: 0.001 })] }],
  ["a concurrency limit", { middleware: [concurrencyLimit({ max: 1 })] }],
])("%s of a server: the caller knows that the call was not run", async (_, options) => {
  const release = withResolvers<number>();
  let calls = 0;
  const address = await serve({ take: () => (++calls, release.promise) }, options);
  const client = clientOf({ address, retry: false });
  const first = client.take(1);
  const error: unknown = await client.take(2).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ typeId: 6, message: expect.stringMatching(/^OVERLOADED: take: /) });
  expect(executedOf(error)).toBe("no");
  release.resolve(4);
  expect([await first, calls]).toEqual([4, 1]);
});

it("what is refused to a handler that calls others is no refusal of its own call", async () => {
  const limit = rateLimit({ perSecond: 0.001 });
  const inner = clientOf({ address: await serve({}), middleware: [limit], retry: false });
  const front = await serve({ take: async (id) => (await inner.count(id)) as number });
  const client = clientOf({ address: front, retry: false });
  await client.take(1);
  const error: unknown = await client.take(1).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ message: "internal error" });
  expect(executedOf(error)).toBe("yes");
});

it("access rules of a server are asked before arguments are decoded", async () => {
  let decoded = 0;
  const authorize = accessRules([{ effect: "allow", method: "count", metainfo: { tenant: "blue" } }]);
  const address = await serve(
    { take: () => ++decoded },
    { authorize, middleware: [(next) => (call) => (decoded++, next(call))] },
  );
  const client = clientOf({ address, retry: false });
  const error: unknown = await client.take(1).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ typeId: 6, message: expect.stringMatching(/^FORBIDDEN: /) });
  expect(executedOf(error)).toBe("no");
  expect(decoded).toBe(0);
  expect(await client.count(1, { metainfo: { persistent: { tenant: "blue" } } })).toBe(1);
  await expect(client.count(1)).rejects.toThrow("FORBIDDEN");
});

it("a rule that throws allows nothing, and the server lives on", async () => {
  const logged: string[] = [];
  const authorize = (): boolean => {
    throw new Error("no directory");
  };
  const address = await serve({}, { authorize, log: ({ message }) => logged.push(message) });
  const client = clientOf({ address, retry: false });
  await expect(client.take(1)).rejects.toThrow("FORBIDDEN");
  await expect(client.take(1)).rejects.toThrow("FORBIDDEN");
  expect(logged).toEqual(["authorize() failed", "authorize() failed"]);
});

it("a fallback around retries", async () => {
  const client = clientOf({
    address: createLoopback(),
    retry: false,
    middleware: [fallback({ result: (_, call) => call.method.name }), retry(AT_ONCE)],
  });
  expect(await client.take(1)).toBe("take");
});
