import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

export const REPOSITORY = join(import.meta.dirname, "../..");
const NOT_COPIED = new Set(["node_modules", ".git", "dist", "docs", "coverage", "build", "results", ".cache"]);

export interface Consumer {
  /** A project with scrimp installed from its tarball, and nothing else but what scrimp depends on. */
  folder: string;
  /** scrimp inside it. */
  installed: string;
  /** Paths in the tarball. */
  files: string[];
  remove: () => void;
}

/** Builds and packs a copy of the repository, and installs the tarball, without network and without touching dist/. */
export function installTarball(): Consumer {
  const root = mkdtempSync(join(tmpdir(), "scrimp-package-"));
  const stage = join(root, "stage");
  cpSync(REPOSITORY, stage, { recursive: true, filter: (source) => !NOT_COPIED.has(basename(source)) });
  symlinkSync(join(REPOSITORY, "node_modules"), join(stage, "node_modules"), "junction");
  run("npm", ["run", "--silent", "build"], stage);

  const packed = npmPack(stage, root);
  const folder = join(root, "consumer");
  const installed = join(folder, "node_modules/scrimp");
  mkdirSync(installed, { recursive: true });
  run("tar", ["-xzf", join(root, packed.filename), "-C", installed, "--strip-components=1"], root);
  linkDependencies(installed, join(folder, "node_modules"));
  return {
    folder,
    installed,
    files: packed.files,
    remove: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Runs a program and gives its standard output; a failure shows all it printed. */
export function run(command: string, args: string[], cwd: string): string {
  try {
    return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(" ")}\n${stdout}\n${stderr}`, { cause: error });
  }
}

export function readJSON(file: string): any {
  return JSON.parse(readFileSync(file, "utf8"));
}

function npmPack(stage: string, destination: string): { filename: string; files: string[] } {
  const output = run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", destination], stage);
  const [packed] = JSON.parse(output) as { filename: string; files: { path: string }[] }[];
  return { filename: packed.filename, files: packed.files.map(({ path }) => path).sort() };
}

/** Only what package.json declares: an import of a development dependency fails in the consumer. */
function linkDependencies(installed: string, modules: string): void {
  const { dependencies } = readJSON(join(installed, "package.json"));
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(REPOSITORY, "node_modules", name), join(modules, name), "junction");
  }
}
