/** @grpc/grpc-js, unary calls. */

import { fileURLToPath } from "node:url";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

import type { Message } from "../message.js";
import type { RpcContender } from "./contender.js";

type Callback = (error: grpc.ServiceError | null, reply: Message) => void;

type EchoClient = new (
  address: string,
  credentials: grpc.ChannelCredentials,
) => { echo(message: Message, callback: Callback): void };

export const grpcContender: RpcContender = {
  title: "grpc-js",
  note: "unary, one channel, no TLS; i64 as numbers",
  async serve() {
    const server = new grpc.Server();
    server.addService(echoService().service, {
      echo: (call: grpc.ServerUnaryCall<Message, Message>, reply: grpc.sendUnaryData<Message>) => {
        reply(null, call.request);
      },
    });
    return new Promise((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
        if (error) reject(error);
        else resolve(port);
      });
    });
  },
  async connect(port) {
    const Client = echoService() as unknown as EchoClient;
    const client = new Client(`127.0.0.1:${String(port)}`, grpc.credentials.createInsecure());
    return {
      echo: (message) =>
        new Promise((resolve, reject) => {
          client.echo(message, (error, reply) => {
            if (error) reject(error);
            else resolve(reply);
          });
        }),
    };
  },
};

function echoService(): grpc.ServiceClientConstructor {
  const file = fileURLToPath(new URL("../echo.proto", import.meta.url));
  const loaded = grpc.loadPackageDefinition(loadSync(file, { longs: Number }));
  return (loaded.bench as grpc.GrpcObject).Echo as grpc.ServiceClientConstructor;
}
