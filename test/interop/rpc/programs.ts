/** The programs of the peers, with code generated for them. */

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildKitexProgram } from "../../support/kitex-program.js";
import { PYTHON } from "../../support/peers.js";
import { codeFolder, generateCode, type CodeLanguage } from "../../support/thrift-code.js";
import { IDL, peerOf, schema, type Peer } from "./peer.js";

export function pythonPeer(): Peer {
  const folder = generated("python");
  return peerOf("python", [PYTHON, pathOf("python-peer.py"), "--code", folder], () => rmSync(folder, REMOVE));
}

export function npmPeer(): Peer {
  const folder = generated("npm");
  for (const { name } of schema.services) exportStructs(join(folder, `${name}.js`), name);
  const command = [process.execPath, "--import", "tsx", pathOf("npm-peer.ts"), "--code", folder];
  return peerOf("npm", command, () => rmSync(folder, REMOVE));
}

/** Takes a minute when Kitex is not compiled yet. */
export function kitexPeer(): Peer {
  const program = buildKitexProgram(pathOf("kitex"), IDL);
  return peerOf("kitex", [program], () => undefined);
}

const REMOVE = { recursive: true, force: true };

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function generated(language: CodeLanguage): string {
  const folder = codeFolder(language);
  generateCode(language, folder, "service", readFileSync(IDL, "utf8"));
  return folder;
}

/** The structs of arguments and results, which the compiler keeps private. */
function exportStructs(file: string, serviceName: string): void {
  const code = readFileSync(file, "utf8");
  const structs = [...code.matchAll(/^const (\w+_(?:args|result)) = class/gm)].map(([, name]) => name);
  writeFileSync(
    file,
    `${code}\nexports.serviceName = "${serviceName}";\nexports.structs = { ${structs.join(", ")} };\n`,
  );
}
