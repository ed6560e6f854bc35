/** All ways to make calls, by the names that the command line takes. Kitex is a program in Go of its own (../kitex.ts). */

import { grpcContender } from "./grpc.js";
import { httpJsonContender } from "./http-json.js";
import { scrimpContender } from "./scrimp.js";
import type { RpcContender } from "./contender.js";
import { thriftContender } from "./thrift.js";

export const rpcContenders: Readonly<Record<string, RpcContender>> = {
  "scrimp-mux": scrimpContender("scrimp mux, framed", "one connection", {
    transport: "framed",
    connections: { kind: "mux", connectionsPerAddress: 1 },
  }),
  "scrimp-mux-ttheader": scrimpContender("scrimp mux, TTHeader", "one connection", {
    transport: "ttheader",
    connections: { kind: "mux", connectionsPerAddress: 1 },
  }),
  "scrimp-pool": scrimpContender("scrimp pool, framed", "a connection for each call in flight", {
    transport: "framed",
    connections: { kind: "pool", maxPerAddress: 256 },
  }),
  "scrimp-pool-ttheader": scrimpContender("scrimp pool, TTHeader", "a connection for each call in flight", {
    transport: "ttheader",
    connections: { kind: "pool", maxPerAddress: 256 },
  }),
  thrift: thriftContender,
  grpc: grpcContender,
  "http-json": httpJsonContender,
};
