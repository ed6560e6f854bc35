/** The primary process: starts workers, and another for each that dies. */

import cluster from "node:cluster";
import { fileURLToPath } from "node:url";

cluster.setupPrimary({ exec: fileURLToPath(new URL("worker.ts", import.meta.url)), execArgv: ["--import", "tsx"] });
// Whatever a worker says or does is told to the test.
cluster.on("message", (_worker, message) => process.send!(message));
cluster.on("exit", (worker, code, signal) => {
  process.send!({ exited: worker.process.pid, code, signal });
  if (signal === "SIGKILL") cluster.fork();
});
process.on("disconnect", () => {
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill("SIGKILL");
  process.exit();
});
for (let i = 0; i < 2; i++) cluster.fork();
