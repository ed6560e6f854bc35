/** The README and the guides are true: their blocks type-check, run, and give what their comments say. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { format, inspect } from "node:util";
import ts from "typescript";
import { afterAll, describe, expect, it } from "vitest";
import * as scrimp from "../src/index.js";
import * as rpc from "../src/rpc/index.js";
import { Authority, hasOpenssl } from "./transport/certificates.js";

/** The entry points of the package, as programs import them. */
const ENTRIES = { scrimp: ["./src/index.ts"], "scrimp/rpc": ["./src/rpc/index.ts"] };

/** Where programs of documents read certificates. */
const CERTIFICATES = '"tls/';

const DOCUMENTS = ["README.md", ...readdirSync("guides").map((name) => `guides/${name}`)];

function read(path: string): string {
  return readFileSync(path, "utf8");
}

/** @param info what stands behind the backticks, as a regular expression. */
function blocks(document: string, info: string): { info: string; code: string }[] {
  const fences = read(document).matchAll(new RegExp(`^\`\`\`(${info})\n([^]*?)^\`\`\``, "gm"));
  return Array.from(fences, ([, found, code]) => ({ info: found, code }));
}

interface Program {
  readonly title: string;
  readonly code: string;
  /** Whether it needs a process of its own. */
  readonly isWhole: boolean;
}

/** Blocks go on from the last `ts setup` before them, each in a scope of its own; a `ts program` stands alone. */
function programsOf(document: string): Program[] {
  let setup = "";
  return blocks(document, "ts(?: setup| program)?").map(({ info, code }, i) => {
    if (info === "ts setup") setup = code;
    const program = info === "ts" ? `${setup}\n{\n${code}\n}` : code;
    const title = `${document}, block ${String(i + 1)}`;
    return { title, code: hoistImports(program), isWhole: info === "ts program" };
  });
}

const programs = DOCUMENTS.flatMap(programsOf).filter(({ code }) => hasOpenssl || !code.includes(CERTIFICATES));
const scratch = mkdtempSync(join(tmpdir(), "scrimp-documents-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Imports can only stand at the top. */
function hoistImports(code: string): string {
  const imports = new Map<string, Set<string>>();
  const body = code.replaceAll(/^import \{([^}]*)\} from "([^"]*)";\n/gm, (_, list: string, from: string) => {
    const names = imports.get(from) ?? new Set();
    imports.set(from, names);
    for (const name of list.split(",")) if (name.trim() !== "") names.add(name.trim());
    return "";
  });
  return (
    Array.from(imports, ([from, names]) => `import { ${[...names].join(", ")} } from "${from}";\n`).join("") + body
  );
}

describe("TypeScript in documents", () => {
  it("type-checks", () => {
    expect(typeErrors(programs)).toEqual([]);
  });

  it.each(programs.map((program) => [program.title, program] as const))("runs: %s", async (_, program) => {
    if (program.code.includes(CERTIFICATES)) makeCertificates();
    const claims = Array.from(program.code.matchAll(/\/\/ => (.*)/g), ([, claim]) => claim);
    expect(claims).not.toEqual([]);
    if (program.isWhole) expect(outputOf(program)).toEqual(claims);
    else expect(await checkedRun(program.code)).toHaveLength(claims.length);
  });
});

/** Puts certificates where programs with TLS look for them. */
function makeCertificates(): void {
  const authority = new Authority("documents");
  const [server, client] = [authority.sign("DNS:localhost,IP:127.0.0.1"), authority.sign("URI:spiffe://shop/orders")];
  authority.remove();
  const files = { "ca.pem": authority.cert, "server.pem": server.cert, "server.key": server.key };
  for (const [name, pem] of Object.entries({ ...files, "client.pem": client.cert, "client.key": client.key })) {
    writeFileSync(join(scratch, name), pem);
  }
}

/** Runs a program in a process of its own. @returns the lines that it prints. */
function outputOf({ code }: Program): string[] {
  const file = join(scratch, "program.mts");
  const entry = (name: keyof typeof ENTRIES): string => JSON.stringify(join(process.cwd(), ENTRIES[name][0]));
  writeFileSync(
    file,
    code.replaceAll(/ from "(scrimp(?:\/rpc)?)";/g, (_, name: keyof typeof ENTRIES) => ` from ${entry(name)};`),
  );
  const ran = spawnSync(process.execPath, ["--import", "tsx", file], { encoding: "utf8" });
  expect({ code: ran.status, errors: ran.stderr }).toEqual({ code: 0, errors: "" });
  return ran.stdout.trimEnd().split("\n");
}

/**
 * Runs a program. Where a line ends in a comment `=> value`, what its expression gives, or what its console.log prints, is
 * compared with the comment. Servers and clients that it leaves open are closed.
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
    .replaceAll(/^import (\{.*\}) from ("node:.*");$/gm, "const $1 = process.getBuiltinModule($2);")
    .replaceAll(/^import .*$/gm, "")
    .replaceAll(CERTIFICATES, `"${scratch}/`)
    .replaceAll(/^( *)(.*?); \/\/ => (.*)$/gm, (_, margin: string, code: string, claim: string) =>
      code.startsWith("console.log")
        ? `${margin}${code}; check(printed.at(-1), ${JSON.stringify(claim)});`
        : `${margin}check(show(${code}), ${JSON.stringify(claim)});`,
    );
  const { outputText } = ts.transpileModule(checked, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
  });
  const console = { log: (...values: unknown[]) => printed.push(format(...values)) };
  const opened = new Openings();
  const scope: Record<string, unknown> = { ...scrimp, ...rpc, ...opened.functions, console, printed, check, show };
  const AsyncFunction = (async () => undefined).constructor as new (
    ...parts: string[]
  ) => (...values: unknown[]) => Promise<void>;
  try {
    await new AsyncFunction(...Object.keys(scope), outputText)(...Object.values(scope));
  } finally {
    await opened.close();
  }
  return seen;
}

/** The servers and clients of one program. */
class Openings {
  readonly #servers: rpc.Server[] = [];
  readonly #clients: rpc.ClientControls[] = [];

  /** In place of those of the package. */
  readonly functions = {
    createServer: (...args: Parameters<typeof rpc.createServer>): rpc.Server => {
      const server = rpc.createServer(...args);
      this.#servers.push(server);
      return server;
    },
    createClient: (...args: Parameters<typeof rpc.createClient>): rpc.Client => {
      const client = rpc.createClient(...args);
      this.#clients.push(client);
      return client;
    },
  };

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await Promise.all(this.#servers.map((server) => server.close({ drainMs: 0 })));
  }
}

/** Messages of the compiler for programs that stand in no file. */
function typeErrors(sources: readonly Program[]): string[] {
  const { config } = ts.readConfigFile("tsconfig.json", (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, paths: ENTRIES, noUnusedLocals: false },
    process.cwd(),
  );
  const pathOf = ({ title }: Program): string => join(process.cwd(), `${title.replaceAll(/\W+/g, "-")}.ts`);
  const files = new Map(sources.map((program) => [pathOf(program), program.code]));
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
    .map(({ file, start, messageText }) => {
      const [line] = file?.text.slice(start).split("\n", 1) ?? [];
      return `${file?.fileName ?? ""}: ${line ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
}

/** The port in commands that serve and call. When they run, it is one that is free. */
const DOCUMENTED_PORT = "9090";

function findFreePort(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer().listen({ port: 0, host: "127.0.0.1" }, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(String(port)));
    });
  });
}

const freePort = await findFreePort();

describe("commands in documents", () => {
  const [tsx, main] = ["node_modules/tsx/dist/cli.mjs", "src/cli/main.ts"].map((path) => join(process.cwd(), path));
  writeFileSync(join(scratch, "scrimp"), `#!/bin/sh\nexec "${process.execPath}" "${tsx}" "${main}" "$@"\n`, {
    mode: 0o755,
  });
  const { NO_COLOR: _no, FORCE_COLOR: _force, ...inherited } = process.env;
  const env = { ...inherited, PATH: `${scratch}:${process.env.PATH ?? ""}` };
  const background: ChildProcess[] = [];

  afterAll(() => {
    for (const child of background) child.kill();
  });

  /** Lets a command run on once it has printed what it should. */
  async function runInBackground(command: string, output: string): Promise<void> {
    const child = spawn(`exec ${command}`, { shell: true, env, stdio: ["ignore", "pipe", "ignore"] });
    background.push(child);
    let printed = "";
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
      printed += String(chunk);
      if (printed.length >= output.length) break;
    }
    expect(printed).toBe(output);
  }

  const sessions = DOCUMENTS.flatMap((document) => blocks(document, "sh")).flatMap(({ code }) =>
    Array.from(
      code.replaceAll(DOCUMENTED_PORT, freePort).matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm),
      ([, command, output]) => [command, output] as const,
    ),
  );

  it("are some", () => expect(sessions.length).toBeGreaterThan(4));

  it.each(sessions)("%s", async (command, output) => {
    if (command.endsWith(" &")) return runInBackground(command.slice(0, -2), output);
    const ran = spawnSync(`{ ${command}; } 2>&1`, { shell: true, encoding: "utf8", env });
    expect(withoutTimes(ran.stdout)).toBe(withoutTimes(output));
  });

  it("begin with the two lines of the quick start, which name scripts that exist", () => {
    expect(blocks("README.md", "sh")[0].code).toBe("npm ci && npm run demo\nnpm ci && npm test\n");
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const commands = DOCUMENTS.map(read)
      .join()
      .matchAll(/npm run ([\w:-]+)|npm (test)\b/g);
    const named = Array.from(commands, ([, run, test]) => run ?? test);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

function withoutTimes(text: string): string {
  return text.replaceAll(/^\d+\.\d+ ms$/gm, "some ms");
}

describe("links in documents", () => {
  it.each(DOCUMENTS)("%s: lead to files and headings that exist", (document) => {
    const targets = Array.from(read(document).matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target);
    const missing = targets.filter((target) => {
      const [file, heading] = target.split("#");
      const path = file === "" ? document : join(dirname(document), file);
      return !existsSync(path) || (heading !== undefined && !headings(path).includes(heading));
    });
    expect(missing).toEqual([]);
  });
});

/** The headings of a document, as links name them. */
function headings(document: string): string[] {
  return Array.from(read(document).matchAll(/^#+ (.*)$/gm), ([, text]) =>
    text
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

describe("the examples", () => {
  const names = readdirSync("examples").filter((name) => name.endsWith(".ts") && name !== "demo.ts");

  it.each(names)("%s runs", (name) => {
    const ran = spawnSync(process.execPath, ["--import", "tsx", join("examples", name)], { encoding: "utf8" });
    expect({ code: ran.status, errors: ran.stderr }).toEqual({ code: 0, errors: "" });
    expect(ran.stdout).not.toBe("");
  });
});
