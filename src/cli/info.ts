/** `scrimp info`: which back ends do the work here, and why not the others. */

import type { Command } from "commander";
import { chooseBackend } from "../codec/codec.js";
import { nativeStatus } from "../transcode/native.js";
import type { Shell } from "./shell.js";

const EXAMPLE = `
Example:
  $ scrimp info
  Node.js    v24.0.0 linux x64
  codec      source
  transcode  native: /app/node_modules/scrimp/prebuilds/linux-x64/scrimp.node

Without the addon conversions run in JavaScript, and the reason stands here. The environment variable SCRIMP_NATIVE
decides: 0 leaves the addon out, require makes it an error that it cannot be loaded.`;

/** Adds the command. */
export function addInfo(program: Command, shell: Shell): void {
  program
    .command("info")
    .description("print which back ends are in use, and why")
    .addHelpText("after", EXAMPLE)
    .action(() => shell.print(describeBackends()));
}

function describeBackends(): string {
  const { version, platform, arch } = process;
  const codec = chooseBackend(undefined);
  const native = nativeStatus();
  const inJavaScript = codec === "source" ? "source, interpreter" : "interpreter";
  const rows = [
    ["Node.js", `${version} ${platform} ${arch}`],
    ["codec", codec === "source" ? codec : `${codec}: code may not be generated here`],
    ["transcode", native.isActive ? `native: ${native.file}` : `${inJavaScript}: ${native.reason}`],
  ];
  return rows.map(([name, text]) => `${name.padEnd(9)}  ${text}\n`).join("");
}
