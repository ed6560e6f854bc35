/** The catalog: a server. */

import { type CallContext, createServer, type Server } from "../../src/rpc/index.js";
import { Busy, type Product, schema, SoldOut, UnknownProduct } from "./schema.js";

/** What all servers of the catalog share: a database, elsewhere. */
export class Stock {
  readonly products = new Map<string, Product>();
  /** What is set aside, by order and product. */
  readonly reserved = new Map<string, number>();
  /** Customers who were served, and attempts that were not the first. */
  readonly customers = new Set<string>();
  retries = 0;

  constructor(products: readonly Product[]) {
    for (const product of products) this.products.set(product.sku, product);
  }

  find(sku: string): Product {
    const product = this.products.get(sku);
    if (product === undefined) throw new UnknownProduct({ sku });
    return product;
  }
}

/** Handlers: arguments in the order of the IDL, then what is known about the call. */
class CatalogHandlers {
  readonly #stock: Stock;
  #calls = 0;

  constructor(stock: Stock) {
    this.#stock = stock;
  }

  get(sku: string): Product {
    return this.#stock.find(sku);
  }

  search(words: string): Product[] {
    return [...this.#stock.products.values()].filter(({ title }) => title.includes(words));
  }

  reserve(orderId: string, sku: string, count: number, context: CallContext): void {
    const { metainfo, attempt, deadline } = context;
    // Nobody passes it on by hand: persistent metainfo goes with every call that is made on the way.
    this.#stock.customers.add(metainfo.persistent.get("customer") ?? "nobody");
    if (attempt > 0) this.#stock.retries++;
    if (deadline === undefined || deadline.remainingMs() > 500) throw new Error("the caller's deadline did not arrive");
    if (++this.#calls % 10 === 0) throw new Busy();

    const product = this.#stock.find(sku);
    const key = `${orderId} ${sku}`;
    if (this.#stock.reserved.has(key)) return;
    if (product.inStock < count) throw new SoldOut({ sku, left: product.inStock });
    product.inStock -= count;
    this.#stock.reserved.set(key, count);
  }

  viewed(_sku: string): void {
    // For statistics, some day.
  }
}

export async function startCatalog(stock: Stock): Promise<{ server: Server; address: string }> {
  const server = createServer(schema.service("catalog.Catalog"), new CatalogHandlers(stock));
  const { address } = await server.listen({ port: 0 });
  return { server, address };
}
