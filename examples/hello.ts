/** IDL in a string, a value, its bytes, the value again. In your program: `from "scrimp"`. Run: `npx tsx examples/hello.ts` */

import { compile, parseSchema } from "../src/index.js";

const schema = parseSchema({
  "user.thrift": "struct User { 1: required i64 id, 2: string name, 3: optional string email }",
});
const user = compile(schema.struct("User"));

const bytes = user.encode({ id: 1n, name: "Ada" });
console.log(Buffer.from(bytes).toString("hex"));
console.log(user.decode(bytes));
