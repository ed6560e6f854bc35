import { readdirSync } from "node:fs";

const PACKAGES = ["hive-driver", "parquetjs-lite", "jaeger-client", "thriftrw"];

/** The .thrift files of packages among the development dependencies, as paths from node_modules. */
export const PACKAGED_IDL: readonly string[] = PACKAGES.flatMap((name) =>
  readdirSync(`node_modules/${name}`, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".thrift"))
    .map((path) => `${name}/${path}`),
).sort();
