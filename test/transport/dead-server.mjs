/** Listens at a path and dies without cleaning up. */

import { createServer } from "node:net";

createServer().listen(process.argv[2], () => process.kill(process.pid, "SIGKILL"));
