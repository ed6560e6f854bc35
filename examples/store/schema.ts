/** The IDL of the store, read when the program starts, and the types that TypeScript cannot read out of it. */

import { fileURLToPath } from "node:url";
import { loadSchema } from "../../src/index.js";
import type { CallOptions } from "../../src/rpc/index.js";

export const schema = await loadSchema(fileURLToPath(new URL("idl/orders.thrift", import.meta.url)));

export const UnknownProduct = schema.exception("catalog.UnknownProduct");
export const SoldOut = schema.exception("catalog.SoldOut");
export const Busy = schema.exception("catalog.Busy");
export const NoSuchOrder = schema.exception("NoSuchOrder");

export interface Price {
  cents: bigint;
  currency: string;
}

export interface Product {
  sku: string;
  title: string;
  price: Price;
  inStock: number;
}

export interface Order {
  id: string;
  customer: string;
  sku: string;
  count: number;
  cents: bigint;
}

/** The methods of Catalog, for `createClient<Catalog>()`. */
export interface Catalog {
  get(sku: string, options?: CallOptions): Promise<Product>;
  search(words: string, options?: CallOptions): Promise<Product[]>;
  reserve(orderId: string, sku: string, count: number, options?: CallOptions): Promise<void>;
  viewed(sku: string, options?: CallOptions): Promise<void>;
}

/** The methods of Orders, for `createClient<Orders>()`. */
export interface Orders {
  place(id: string, sku: string, count: number, options?: CallOptions): Promise<Order>;
  get(id: string, options?: CallOptions): Promise<Order>;
}
