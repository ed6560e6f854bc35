/** The contenders by name, in the order of the table. Each is loaded only in its own process. */

import type { Contender } from "./contender.js";

const load = {
  scrimp: () => import("./scrimp.js"),
  "scrimp-closure": () => import("./scrimp-closure.js"),
  thrift: () => import("./thrift.js"),
  thriftrw: () => import("./thriftrw.js"),
  creditkarma: () => import("./creditkarma.js"),
  protobufjs: () => import("./protobufjs.js"),
  "protobuf-es": () => import("./protobuf-es.js"),
  avsc: () => import("./avsc.js"),
  msgpackr: () => import("./msgpackr.js"),
  "msgpackr-records": () => import("./msgpackr-records.js"),
  "cbor-x": () => import("./cbor-x.js"),
  "cbor-x-records": () => import("./cbor-x-records.js"),
  json: () => import("./json.js"),
} satisfies Record<string, () => Promise<{ contender: Contender }>>;

/** Go Frugal is a program of its own: `bench/go`. */
export const contenderNames: readonly string[] = [...Object.keys(load), "go-frugal"];

export async function loadContender(name: string): Promise<Contender> {
  if (!Object.hasOwn(load, name)) throw new Error(`no contender is called ${name}`);
  const { contender } = await load[name as keyof typeof load]();
  return contender;
}
