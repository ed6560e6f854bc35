/** A schema of several files: includes, typedefs, defaults, a union, an exception. Run: `npx tsx examples/shop.ts` */

import { fileURLToPath } from "node:url";
import { compile, loadSchema } from "../src/index.js";

const schema = await loadSchema(fileURLToPath(new URL("idl/shop.thrift", import.meta.url)));
console.log(schema.files.map((file) => file.name).join(", "));
console.log("most tags:", schema.constant("catalog.MAX_TAGS"));

const order = compile(schema.struct("Order"), { enums: "name" });
const bytes = order.encode({
  id: 7,
  lines: [{ product: { sku: "T-1", title: "茶", price: { units: 450n }, tags: ["green", "loose"] } }],
  payment: { card: "1111" },
  history: { PLACED: "1700000000" },
});
console.dir(order.decode(bytes), { depth: 3 });

const SoldOut = schema.exception("SoldOut");
const soldOut = compile(SoldOut);
const thrown = soldOut.decode(soldOut.encode(new SoldOut({ sku: "T-1" })));
console.log(thrown instanceof SoldOut, thrown instanceof Error, (thrown as { sku: string }).sku);
