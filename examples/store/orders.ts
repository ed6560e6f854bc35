/** Orders: a server, and a client of the catalog. */

import { BizStatusError } from "../../src/index.js";
import {
  type CallContext,
  circuitBreaker,
  type Client,
  createClient,
  createServer,
  type Middleware,
  rateLimit,
  type Server,
} from "../../src/rpc/index.js";
import { Busy, type Catalog, NoSuchOrder, type Order, schema } from "./schema.js";

/** What a customer may owe, in cents. */
const CREDIT = 10_000n;

/** The status of a call that was handled, and declined. */
export const NO_CREDIT = 402;

class OrdersHandlers {
  readonly #catalog: Client<Catalog>;
  readonly #orders = new Map<string, Order>();
  readonly #debts = new Map<string, bigint>();

  constructor(catalog: Client<Catalog>) {
    this.#catalog = catalog;
  }

  async place(id: string, sku: string, count: number, context: CallContext): Promise<Order> {
    const customer = context.metainfo.persistent.get("customer") ?? "nobody";
    // What the catalog declares, this service declares as well: UnknownProduct and SoldOut need no catch.
    const { price } = await this.#catalog.get(sku);
    const cents = price.cents * BigInt(count);
    const debt = (this.#debts.get(customer) ?? 0n) + cents;
    if (debt > CREDIT) throw new BizStatusError(NO_CREDIT, "the credit is used up", { customer });
    await this.#catalog.reserve(id, sku, count);
    this.#debts.set(customer, debt);
    const order = { id, customer, sku, count, cents };
    this.#orders.set(id, order);
    return order;
  }

  get(id: string): Order {
    const order = this.#orders.get(id);
    if (order === undefined) throw new NoSuchOrder({ id });
    return order;
  }
}

/** A client of the catalog, of which there may be several servers. */
function catalogClient(addresses: readonly string[]): Client<Catalog> {
  return createClient<Catalog>(schema.service("catalog.Catalog"), {
    address: addresses,
    // Carries metainfo, deadlines and business statuses. Many calls share a connection.
    transport: "ttheader",
    connections: "mux",
    caller: "store.orders",
    retry: { maxRetries: 3, backoff: { kind: "exponential", baseMs: 1, maxMs: 20 }, on: { exceptions: [Busy] } },
    middleware: [circuitBreaker({ key: "address" })],
  });
}

/** Middleware is a function around calls, on both sides the same. */
function count(calls: Map<string, number>): Middleware {
  return (next) => (call) => {
    calls.set(call.method.name, (calls.get(call.method.name) ?? 0) + 1);
    return next(call);
  };
}

export interface RunningOrders {
  server: Server;
  address: string;
  /** Calls by method. */
  calls: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

export async function startOrders(catalogAddresses: readonly string[]): Promise<RunningOrders> {
  const catalog = catalogClient(catalogAddresses);
  await catalog.warmUp();
  const calls = new Map<string, number>();
  const server = createServer(schema.service("Orders"), new OrdersHandlers(catalog), {
    middleware: [count(calls), rateLimit({ perSecond: 10_000, burst: 1000, key: "address" })],
  });
  const { address } = await server.listen({ port: 0 });
  // First the calls that there are, then what they need.
  const close = async (): Promise<void> => {
    await server.close();
    await catalog.close();
  };
  return { server, address, calls, close };
}
