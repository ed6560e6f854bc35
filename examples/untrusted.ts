/** Bytes from anyone: tighter limits, and errors that say what is wrong and where. Run: `npx tsx examples/untrusted.ts` */

import { compile, DecodeError, parseSchema } from "../src/index.js";

const schema = parseSchema({
  "a.thrift": "struct Batch { 1: list<Item> items }  struct Item { 1: string name, 2: set<i32> ids }",
});
const batch = compile(schema.struct("Batch"), { limits: "untrusted" });

const hostile = {
  "claims 2,147,483,647 items": "0f00010c7fffffff00",
  "ends inside a name, so its length is a lie": "0f00010c000000010b000100000005416461",
  "claims a negative length": "0f00010c000000010b0001ffffffff",
  "nests 30,000 structs in an unknown field": "0c0063".repeat(30_000),
};

for (const [what, hex] of Object.entries(hostile)) {
  try {
    batch.decode(Buffer.from(hex, "hex"));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    console.log(`${what}\n  ${error.code} at ${error.path}, byte ${String(error.offset)}`);
  }
}
