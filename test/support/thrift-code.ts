/** Code that Apache's compiler generates, in folders of their own. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The compiler's names of its generators. Debian's needs `es6` for npm: without it, it uses `thrift.Q`, which 0.24 has not. */
const GENERATORS = { python: "py", npm: "js:node,es6" } as const;

export type CodeLanguage = keyof typeof GENERATORS;

/** Makes a new folder for code. */
export function codeFolder(language: CodeLanguage): string {
  const folder = mkdtempSync(join(tmpdir(), `scrimp-${language}-`));
  if (language === "npm") {
    // It is CommonJS, and requires `thrift` and `node-int64` from where it stands.
    writeFileSync(join(folder, "package.json"), '{ "type": "commonjs" }');
    symlinkSync(fileURLToPath(new URL("../../node_modules", import.meta.url)), join(folder, "node_modules"));
  }
  return folder;
}

/** Generates code for the text of an IDL file, whose name gives the code its names. */
export function generateCode(language: CodeLanguage, folder: string, name: string, idl: string): void {
  const file = join(folder, `${name}.thrift`);
  writeFileSync(file, idl);
  execFileSync("thrift", ["--gen", GENERATORS[language], "-out", folder, file], {
    stdio: ["ignore", "ignore", "pipe"],
  });
}
