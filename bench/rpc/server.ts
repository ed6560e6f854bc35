/** A contender's server process. Its argument is the contender. */

import { createInterface } from "node:readline";

import { rpcContenders } from "./contenders/index.js";
import { cpuMs, say } from "./lines.js";

say({ port: await rpcContenders[process.argv[2]].serve() });
for await (const _ of createInterface({ input: process.stdin })) say({ cpuMs: cpuMs() });
process.exit(0);
