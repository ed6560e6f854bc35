/**
 * A server under load, in a process of its own. Its argument is JSON: the host, and options of the server. Sends its port
 * to its parent and ends with it.
 */

import { createServer } from "../../src/rpc/index.js";
import { loadService, type Ping } from "./service.js";

interface ServerArguments {
  readonly host?: string;
  readonly port?: number;
  readonly limits?: Record<string, number>;
}

const { host = "127.0.0.1", port = 0, limits } = JSON.parse(process.argv[2]) as ServerArguments;

const seen = new Set<bigint>();
let executed = 0;
let repeated = 0;

function record(ping: Ping): Ping {
  executed++;
  if (seen.has(ping.nonce)) repeated++;
  else seen.add(ping.nonce);
  return ping;
}

const server = createServer(
  await loadService(),
  {
    echo: (ping: Ping) => record(ping),
    async work(ping: Ping, busyUs: number) {
      // Gives way first, so that calls wait in the server, where they can be counted, and not in the socket.
      await new Promise(setImmediate);
      const end = performance.now() + busyUs / 1000;
      while (performance.now() < end);
      return record(ping);
    },
    ledger: () => ({ executed, repeated, rssBytes: process.memoryUsage.rss() }),
  },
  { outOfOrder: true, plaintext: true, host, ...(limits && { limits }) },
);

process.send!({ port: (await server.listen({ port })).port });
process.once("disconnect", () => process.exit(0));
