/**
 * Builds the addon: `node native/build.js` for this machine, `node native/build.js prebuild` into prebuilds/, for the
 * package. It needs a C++20 compiler and Python, as node-gyp does, but no network where Node.js came with its headers.
 */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);
const root = path.join(import.meta.dirname, "..");
const commands = {
  build: [require.resolve("node-gyp/bin/node-gyp.js"), "rebuild"],
  prebuild: [require.resolve("prebuildify/bin.js"), "--napi", "--strip"],
};

/** Where Node.js was installed, if its headers stand there: node-gyp would download them otherwise. */
function installedHeaders() {
  const prefix = path.join(path.dirname(process.execPath), "..");
  return existsSync(path.join(prefix, "include/node/node_api.h")) ? prefix : undefined;
}

/** Writes the sum of each addon in a folder beside it: what is damaged is not loaded (src/transcode/native.ts). */
function writeSums(folder) {
  for (const name of readdirSync(path.join(root, folder), { recursive: true })) {
    const file = path.join(root, folder, name);
    if (!file.endsWith(".node") || file.includes("obj.target")) continue;
    writeFileSync(`${file}.sha256`, `${createHash("sha256").update(readFileSync(file)).digest("hex")}\n`);
  }
}

const mode = process.argv[2] ?? "build";
const nodedir = process.env.npm_config_nodedir ?? installedHeaders();
const { status } = spawnSync(process.execPath, commands[mode], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, ...(nodedir === undefined ? {} : { npm_config_nodedir: nodedir }) },
});
if (status === 0) writeSums(mode === "build" ? "build/Release" : "prebuilds");
process.exitCode = status ?? 1;
