/** scrimp as built. */

import { fileURLToPath } from "node:url";

import type { ClientOptions } from "../../../src/rpc/index.js";
import { importBuilt } from "../../contenders/scrimp.js";
import type { Message } from "../message.js";
import type { RpcContender } from "./contender.js";

type Options = Pick<ClientOptions, "transport" | "connections">;

export function scrimpContender(title: string, note: string, options: Options): RpcContender {
  return {
    title,
    note,
    async serve() {
      const { createServer } = await importBuiltRpc();
      const server = createServer(await echoService(), { echo: (message: unknown) => message }, { outOfOrder: true });
      const { port } = await server.listen({ port: 0 });
      return port;
    },
    async connect(port) {
      const { createClient } = await importBuiltRpc();
      const client = createClient(await echoService(), { address: `127.0.0.1:${String(port)}`, ...options });
      return { echo: (message: Message) => client.echo(message) };
    },
  };
}

async function importBuiltRpc(): Promise<typeof import("../../../src/rpc/index.js")> {
  const dist = process.env.SCRIMP_DIST ?? new URL("../../../dist/", import.meta.url).href;
  return (await import(new URL("rpc/index.js", dist).href)) as typeof import("../../../src/rpc/index.js");
}

async function echoService() {
  const { loadSchema } = await importBuilt();
  const schema = await loadSchema(fileURLToPath(new URL("../echo.thrift", import.meta.url)));
  return schema.service("Echo");
}
