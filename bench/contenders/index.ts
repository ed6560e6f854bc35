/** The contenders by name, in the order of the table. Each is loaded only in its own process. */

import type { Contender } from "./contender.js";
import type { ScrimpVariant } from "./scrimp.js";
import type { ThriftProtocol } from "./thrift.js";

const load = {
  scrimp: () => scrimp("scrimp (source)"),
  "scrimp-closure": () => scrimp("scrimp (closure)", { options: { backend: "closure" } }),
  "scrimp-compact": () => scrimp("scrimp compact", { options: { protocol: "compact" } }),
  "scrimp-tjson": () => scrimp("scrimp TJSON", { options: { protocol: "tjson" } }),
  "scrimp-json": () =>
    scrimp("scrimp JSON", { form: "plain", options: { protocol: "json", int64: "number", maps: "object" } }),
  "scrimp-json-exact": () => scrimp("scrimp JSON, exact", { options: { protocol: "json" } }),
  "scrimp-typed": () => scrimp("scrimp, typed lists", { form: "typed", options: { lists: "typed" } }),
  "scrimp-compact-typed": () =>
    scrimp("scrimp compact, typed lists", { form: "typed", options: { protocol: "compact", lists: "typed" } }),
  thrift: () => thrift("binary"),
  "thrift-compact": () => thrift("compact"),
  "thrift-tjson": () => thrift("tjson"),
  thriftrw: async () => (await import("./thriftrw.js")).contender,
  creditkarma: () => creditkarma("binary"),
  "creditkarma-compact": () => creditkarma("compact"),
  hyparquet: async () => (await import("./hyparquet.js")).hyparquet,
  "hyparquet-reader": async () => (await import("./hyparquet.js")).hyparquetReader,
  protobufjs: async () => (await import("./protobufjs.js")).contender,
  "protobuf-es": async () => (await import("./protobuf-es.js")).contender,
  avsc: async () => (await import("./avsc.js")).contender,
  msgpackr: async () => (await import("./msgpackr.js")).contender,
  "msgpackr-records": async () => (await import("./msgpackr-records.js")).contender,
  "cbor-x": async () => (await import("./cbor-x.js")).contender,
  "cbor-x-records": async () => (await import("./cbor-x-records.js")).contender,
  json: async () => (await import("./json.js")).json,
  "json-exact": async () => (await import("./json.js")).jsonExact,
} satisfies Record<string, () => Promise<Contender>>;

/** Go Frugal is a program of its own: `bench/go`. */
export const contenderNames: readonly string[] = [...Object.keys(load), "go-frugal"];

export async function loadContender(name: string): Promise<Contender> {
  if (!Object.hasOwn(load, name)) throw new Error(`no contender is called ${name}`);
  return load[name as keyof typeof load]();
}

async function scrimp(title: string, variant?: ScrimpVariant): Promise<Contender> {
  return (await import("./scrimp.js")).scrimpContender(title, variant);
}

async function thrift(protocol: ThriftProtocol): Promise<Contender> {
  return (await import("./thrift.js")).thriftContender(protocol);
}

async function creditkarma(protocol: "binary" | "compact"): Promise<Contender> {
  return (await import("./creditkarma.js")).creditkarmaContender(protocol);
}
