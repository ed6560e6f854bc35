/**
 * Runs tests with an addon that checks every access to memory: the address and undefined-behaviour sanitizers of GCC.
 *
 *     node --import tsx test/native/sanitize.ts test/transcode
 *
 * Needs g++ and the headers of the Node.js that runs this. Whatever else is given goes to vitest.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildAddon, ROOT } from "./addon.js";

const FLAGS = "-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined";

const folder = mkdtempSync(path.join(tmpdir(), "scrimp-sanitize-"));
buildAddon("g++", FLAGS, folder);
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
