/** HTTP and JSON with what Node.js has: what most people compare an RPC library with. */

import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

import type { Message } from "../message.js";
import type { RpcContender } from "./contender.js";

export const httpJsonContender: RpcContender = {
  title: "HTTP and JSON",
  note: "node:http, keep-alive, a connection for each call in flight",
  async serve() {
    const server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const message = JSON.parse(Buffer.concat(chunks).toString()) as Message;
        outgoing.setHeader("content-type", "application/json");
        outgoing.end(JSON.stringify(message));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  },
  async connect(port) {
    const agent = new Agent({ keepAlive: true });
    const headers = { "content-type": "application/json" };
    return {
      echo: (message) =>
        new Promise((resolve, reject) => {
          const outgoing = request({ host: "127.0.0.1", port, method: "POST", agent, headers }, (incoming) => {
            const chunks: Buffer[] = [];
            incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
            incoming.on("end", () => {
              resolve(JSON.parse(Buffer.concat(chunks).toString()) as Message);
            });
          });
          outgoing.on("error", reject);
          outgoing.end(JSON.stringify(message));
        }),
    };
  },
};
