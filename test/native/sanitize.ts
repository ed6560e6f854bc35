/**
 * Runs tests with an addon that checks every access to memory: the address and undefined-behaviour sanitizers of GCC.
 *
 *     node --import tsx test/native/sanitize.ts test/transcode
 *
 * Needs g++ and the headers of the Node.js that runs this. Whatever else is given goes to vitest.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

const require = createRequire(import.meta.url);
const ROOT = path.join(import.meta.dirname, "../..");

/** node-gyp-build looks for an addon in the folder that SCRIMP_PREBUILD names. */
function build(folder: string): void {
  const release = path.join(folder, "build/Release");
  mkdirSync(release, { recursive: true });
  const sources = readdirSync(path.join(ROOT, "native")).filter((name) => name.endsWith(".cc"));
  const { include_dir: addonApi } = require("node-addon-api") as { include_dir: string };
  const headers = path.join(path.dirname(process.execPath), "../include/node");
  const flags =
    "-shared -fPIC -std=c++20 -O1 -g -fno-omit-frame-pointer -fno-exceptions -fno-rtti " +
    "-fsanitize=address,undefined -fno-sanitize-recover=undefined " +
    "-DNAPI_VERSION=8 -DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS -DNODE_GYP_MODULE_NAME=scrimp";
  execFileSync(
    "g++",
    [
      ...flags.split(" "),
      `-I${path.resolve(ROOT, addonApi)}`,
      `-I${headers}`,
      ...sources.map((name) => path.join(ROOT, "native", name)),
      "-o",
      path.join(release, "scrimp.node"),
    ],
    { stdio: "inherit" },
  );
}

const folder = mkdtempSync(path.join(tmpdir(), "scrimp-sanitize-"));
build(folder);
const library = execFileSync("g++", ["-print-file-name=libasan.so"], { encoding: "utf8" }).trim();
const { status } = spawnSync("npx", ["vitest", "run", ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: "inherit",
  env: {
    ...process.env,
    LD_PRELOAD: library,
    // Node.js frees nothing when it ends.
    ASAN_OPTIONS: "detect_leaks=0",
    SCRIMP_PREBUILD: folder,
    SCRIMP_NATIVE: "require",
  },
});
rmSync(folder, { recursive: true });
process.exitCode = status ?? 1;
