/**
 * A store of two services, `orders` in front of `catalog`, and a customer. Run: `npm run example`
 *
 *     customer ──▶ orders ──▶ catalog 1
 *                      └────▶ catalog 2
 */

import { BizStatusError } from "../../src/index.js";
import { createClient, withMetainfo } from "../../src/rpc/index.js";
import { startCatalog, Stock } from "./catalog.js";
import { NO_CREDIT, startOrders } from "./orders.js";
import { NoSuchOrder, type Order, type Orders, schema, SoldOut, UnknownProduct } from "./schema.js";

const price = (cents: bigint) => ({ cents, currency: "EUR" });
const stock = new Stock([
  { sku: "tea", title: "green tea", price: price(450n), inStock: 3 },
  { sku: "cup", title: "cup", price: price(10n), inStock: 1000 },
]);
const catalogs = [await startCatalog(stock), await startCatalog(stock)];
const orders = await startOrders(catalogs.map(({ address }) => address));

const store = createClient<Orders>(schema.service("Orders"), {
  address: orders.address,
  transport: "ttheader",
  caller: "store.customer",
  timeoutMs: 500,
});

/** Places an order, and says how that went. */
async function place(id: string, sku: string, count: number): Promise<string> {
  try {
    const { customer, cents } = await store.place(id, sku, count);
    return `${id}: ${customer} has bought ${count} ${sku} for ${(Number(cents) / 100).toFixed(2)} EUR`;
  } catch (error) {
    if (error instanceof SoldOut) return `${id}: sold out, ${String(error["left"])} left`;
    if (error instanceof UnknownProduct) return `${id}: there is no ${String(error["sku"])}`;
    if (error instanceof BizStatusError && error.statusCode === NO_CREDIT) return `${id}: ${error.statusMessage}`;
    throw error;
  }
}

// Goes with all calls that are made in there, from server to server.
await withMetainfo({ persistent: { customer: "Ada" } }, async () => {
  console.log(await place("A-1", "tea", 2));
  console.log(await place("A-2", "tea", 2));
  console.log(await place("A-3", "coffee", 1));
  console.log(await place("A-4", "cup", 990));

  const again = await store.get("A-1");
  console.log(`A-1 again: ${again.count} ${again.sku}`);
  const missing = await store.get("A-9").catch((error: unknown) => error);
  console.log(`A-9 again: ${missing instanceof NoSuchOrder ? "no such order" : "found"}`);
});

// One of the two catalogs goes away in the middle of it, and no order is lost.
const customers = ["Bob", "Eve"];
const placed: Promise<Order>[] = [];
let closing: Promise<unknown> | undefined;
for (let i = 0; i < 10; i++) {
  if (i === 5) closing = catalogs[0].server.close();
  for (const customer of customers) {
    const order = withMetainfo({ persistent: { customer } }, () => store.place(`${customer}-${i}`, "cup", 1));
    placed.push(order);
  }
  await Promise.all(placed);
}
await closing;
console.log(`${placed.length} orders more, all placed; catalog 1 is ${catalogs[0].server.state}`);
console.log(`the catalog has served ${[...stock.customers].join(", ")}`);
console.log(`it was busy now and then: ${stock.retries > 0 ? "retried" : "never"}`);

await store.close();
await orders.close();
const { completed, aborted } = await catalogs[1].server.close();
console.log(`closed: ${completed + aborted} calls were still running; ${orders.calls.get("place") ?? 0} orders in all`);
