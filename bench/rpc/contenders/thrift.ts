/** npm `thrift` with the code that the `thrift` compiler made for echo.thrift. */

import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import thrift from "thrift";

import type { Message } from "../message.js";
import type { RpcClient, RpcContender } from "./contender.js";

const require = createRequire(import.meta.url);

/** Kept from: thrift --gen js:node,es6 -out bench/generated/echo bench/rpc/echo.thrift */
const Echo = require("../../generated/echo/Echo.js") as object;
const { Message: GeneratedMessage } = require("../../generated/echo/echo_types.js") as {
  Message: new (fields: Message) => Message;
};

const options = { transport: thrift.TFramedTransport, protocol: thrift.TBinaryProtocol };

export const thriftContender: RpcContender = {
  title: "npm thrift",
  note: "framed, binary, one connection with all calls in flight; compiler 0.17.0, --gen js:node,es6; i64 as Int64",
  async serve() {
    const server = thrift.createServer(Echo, { echo: (message: Message) => message }, options);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  },
  async connect(port) {
    const connection = thrift.createConnection("127.0.0.1", port, options);
    await new Promise((resolve, reject) => {
      connection.once("connect", resolve);
      connection.once("error", reject);
    });
    const client = thrift.createClient(Echo, connection) as RpcClient;
    return { echo: (message) => client.echo(new GeneratedMessage(message)) };
  },
};
