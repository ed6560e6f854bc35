/** A worker process: one of several that serve the same port. */

import cluster from "node:cluster";
import { parseSchema } from "../../../src/schema/parse.js";
import { createServer } from "../../../src/rpc/server/server.js";
import { closeOnSignals } from "../../../src/rpc/server/signals.js";

const schema = parseSchema({ "pid.thrift": "service Pid { i32 pid() }" }, { entry: "pid.thrift" });
const server = createServer(schema.service("Pid"), { pid: () => process.pid });
closeOnSignals(server);
const { port } = await server.listen({ port: 0 });
process.send!({ port, pid: process.pid });
// Without this its channel to the primary would keep a closed worker alive.
process.once("SIGTERM", () => void server.close().then(() => cluster.worker!.disconnect()));
