/** The README is true: its blocks type-check, run, and give what their comments say. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format, inspect } from "node:util";
import ts from "typescript";
import { afterAll, describe, expect, it } from "vitest";
import * as scrimp from "../src/index.js";
import * as rpc from "../src/rpc/index.js";

/** The entry points of the package, as programs import them. */
const ENTRIES = { scrimp: ["./src/index.ts"], "scrimp/rpc": ["./src/rpc/index.ts"] };

const README = readFileSync("README.md", "utf8");

function blocks(language: string): string[] {
  return Array.from(README.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "gm")), ([, code]) => code);
}

const [hello = "", ...snippets] = blocks("ts");
const programs = [hello, ...snippets.map((snippet) => `${hello}\n{\n${snippet}\n}`)].map(hoistImports);

/** Snippets go on from the first block, each in a scope of its own; imports can only stand at the top. */
function hoistImports(code: string): string {
  const names = new Map(Object.keys(ENTRIES).map((entry) => [entry, new Set<string>()]));
  const body = code.replaceAll(
    /^import \{([^}]*)\} from "(scrimp(?:\/rpc)?)";\n/gm,
    (_, list: string, entry: string) => {
      for (const name of list.split(",")) if (name.trim() !== "") names.get(entry)!.add(name.trim());
      return "";
    },
  );
  const imports = Array.from(names, ([entry, set]) =>
    set.size === 0 ? "" : `import { ${[...set].join(", ")} } from "${entry}";\n`,
  );
  return imports.join("") + body;
}

describe("the README's TypeScript", () => {
  it("type-checks", () => {
    expect(typeErrors(programs)).toEqual([]);
  });

  it.each(programs.map((program, i) => [i + 1, program] as const))("runs: block %i", async (_, program) => {
    const claims = program.match(/\/\/ => /g) ?? [];
    expect(claims).not.toEqual([]);
    expect(await checkedRun(program)).toHaveLength(claims.length);
  });
});

/**
 * Runs a program. Where a line ends in a comment `=> value`, what its expression gives, or what its console.log prints, is
 * compared with the comment.
 *
 * @returns the comments that were reached.
 */
async function checkedRun(program: string): Promise<string[]> {
  const printed: string[] = [];
  const seen: string[] = [];
  const check = (actual: string, claim: string): void => {
    expect(actual).toBe(claim);
    seen.push(claim);
  };
  const show = (value: unknown): string => inspect(value, { breakLength: Infinity, compact: 100, depth: 10 });
  const checked = program
    .replaceAll(/^import .*$/gm, "")
    .replaceAll(/^( *)(.*?); \/\/ => (.*)$/gm, (_, margin: string, code: string, claim: string) =>
      code.startsWith("console.log")
        ? `${margin}${code}; check(printed.at(-1), ${JSON.stringify(claim)});`
        : `${margin}check(show(${code}), ${JSON.stringify(claim)});`,
    );
  const { outputText } = ts.transpileModule(checked, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
  });
  const console = { log: (...values: unknown[]) => printed.push(format(...values)) };
  const scope: Record<string, unknown> = { ...scrimp, ...rpc, console, printed, check, show };
  const AsyncFunction = (async () => undefined).constructor as new (
    ...parts: string[]
  ) => (...values: unknown[]) => Promise<void>;
  await new AsyncFunction(...Object.keys(scope), outputText)(...Object.values(scope));
  return seen;
}

/** Messages of the compiler for programs that import "scrimp" and stand in no file. */
function typeErrors(sources: readonly string[]): string[] {
  const { config } = ts.readConfigFile("tsconfig.json", (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, paths: ENTRIES, noUnusedLocals: false },
    process.cwd(),
  );
  const files = new Map(sources.map((text, i) => [join(process.cwd(), `readme-${String(i + 1)}.ts`), text]));
  const host = ts.createCompilerHost(options);
  const onDisk = { fileExists: host.fileExists.bind(host), readFile: host.readFile.bind(host) };
  host.fileExists = (path) => files.has(path) || onDisk.fileExists(path);
  host.readFile = (path) => files.get(path) ?? onDisk.readFile(path);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (path, settings) => {
    const text = files.get(path);
    return text === undefined ? getSourceFile(path, settings) : ts.createSourceFile(path, text, settings);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()]
    .flatMap((path) => ts.getPreEmitDiagnostics(program, program.getSourceFile(path)))
    .map(({ file, messageText }) => `${file?.fileName ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
}

describe("the README's commands", () => {
  const folder = mkdtempSync(join(tmpdir(), "scrimp-readme-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const [tsx, main] = ["node_modules/tsx/dist/cli.mjs", "src/cli/main.ts"].map((path) => join(process.cwd(), path));
  writeFileSync(join(folder, "scrimp"), `#!/bin/sh\nexec "${process.execPath}" "${tsx}" "${main}" "$@"\n`, {
    mode: 0o755,
  });

  const sessions = blocks("sh").flatMap((block) =>
    Array.from(block.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm), ([, command, output]) => [command, output] as const),
  );

  it("are some", () => expect(sessions.length).toBeGreaterThan(4));

  it.each(sessions)("%s", (command, output) => {
    const { NO_COLOR: _no, FORCE_COLOR: _force, ...env } = process.env;
    const ran = spawnSync(`{ ${command}; } 2>&1`, {
      shell: true,
      encoding: "utf8",
      env: { ...env, PATH: `${folder}:${process.env.PATH ?? ""}` },
    });
    expect(ran.stdout).toBe(output);
  });

  it("begin with the two lines of the quick start, which name scripts that exist", () => {
    expect(blocks("sh")[0]).toBe("npm ci && npm run demo\nnpm ci && npm test\n");
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
    const named = Array.from(README.matchAll(/npm run ([\w:-]+)|npm (test)\b/g), ([, run, test]) => run ?? test);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe("the README's links", () => {
  const targets = Array.from(README.matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target);

  it("lead to files and headings that exist", () => {
    const headings = Array.from(
      README.matchAll(/^#+ (.*)$/gm),
      ([, text]) => `#${text.toLowerCase().replaceAll(" ", "-")}`,
    );
    const missing = targets.filter((target) =>
      target.startsWith("#") ? !headings.includes(target) : !existsSync(target),
    );
    expect(missing).toEqual([]);
  });
});

describe("the examples", () => {
  const names = readdirSync("examples").filter((name) => name.endsWith(".ts") && name !== "demo.ts");

  it.each(names)("%s runs", (name) => {
    const ran = spawnSync(process.execPath, ["--import", "tsx", join("examples", name)], { encoding: "utf8" });
    expect({ code: ran.status, errors: ran.stderr }).toEqual({ code: 0, errors: "" });
    expect(ran.stdout).not.toBe("");
  });
});
