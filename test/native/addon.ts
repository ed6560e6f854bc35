/** Builds the addon with a compiler and flags of a test's own, where node-gyp-build finds it. */

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);
export const ROOT = path.join(import.meta.dirname, "../..");

/** As binding.gyp has them. */
const FLAGS =
  "-shared -fPIC -std=c++20 -fno-exceptions -fno-rtti -DNAPI_VERSION=8 -DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS " +
  "-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS -DNODE_GYP_MODULE_NAME=scrimp";

/** Needs the headers of the Node.js that runs this. @param folder to be given to node-gyp-build as SCRIMP_PREBUILD. */
export function buildAddon(compiler: string, flags: string, folder: string): void {
  const release = path.join(folder, "build/Release");
  mkdirSync(release, { recursive: true });
  const sources = readdirSync(path.join(ROOT, "native")).filter((name) => name.endsWith(".cc"));
  const { include_dir: addonApi } = require("node-addon-api") as { include_dir: string };
  const includes = [path.resolve(ROOT, addonApi), path.join(path.dirname(process.execPath), "../include/node")];
  execFileSync(
    compiler,
    [
      ...`${FLAGS} ${flags}`.split(" "),
      ...includes.map((folder) => `-I${folder}`),
      ...sources.map((name) => path.join(ROOT, "native", name)),
      "-o",
      path.join(release, "scrimp.node"),
    ],
    { stdio: "inherit" },
  );
}
