import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleForBrowser } from "../browser/bundle.js";
import { installTarball, readJSON, REPOSITORY, run, type Consumer } from "./pack.js";

/** Every name that `scrimp` exports. A change to the API is a change to this list. */
const EXPORTS = [
  "ApplicationError",
  "BizStatusError",
  "DeadlineError",
  "DecodeError",
  "ERROR_CODES",
  "EncodeError",
  "IdlError",
  "SchemaError",
  "TType",
  "ThriftError",
  "ThriftException",
  "TransportError",
  "compile",
  "compileService",
  "loadSchema",
  "messageTranscoder",
  "parseSchema",
  "rawCodec",
  "schemaFromJSON",
  "transcoder",
  "unknownFields",
];

/** Every name that `scrimp/rpc` exports. */
const RPC_EXPORTS = [
  "Deadline",
  "access",
  "accessRules",
  "breakerOutcomeOf",
  "circuitBreaker",
  "closeOnSignals",
  "compose",
  "concurrencyLimit",
  "createClient",
  "createLoopback",
  "createServer",
  "currentMetainfo",
  "eventChannel",
  "executedOf",
  "fallback",
  "forMethods",
  "isTimeoutOrBreaker",
  "onEvent",
  "rateLimit",
  "retry",
  "retryPolicyFromKitex",
  "withMetainfo",
];

const HELLO = `
  const codec = scrimp.compile(scrimp.parseSchema({ "main.thrift": "struct P { 1: i32 x }" }, { entry: "main.thrift" }).struct("P"));
  const { x } = codec.decode(codec.encode({ x: 7 }));
  console.log(JSON.stringify({ x, names: Object.keys(scrimp).sort() }));
`;

const CALL = `
  (async () => {
    const schema = scrimp.parseSchema({ "main.thrift": "service S { i32 twice(1: i32 x) }" }, { entry: "main.thrift" });
    const address = rpc.createLoopback();
    const server = rpc.createServer(schema.service("S"), { twice: (x) => 2 * x });
    await server.listen(address);
    const client = rpc.createClient(schema.service("S"), { address });
    const result = await client.twice(21);
    const refused = await client.twice("x").catch((error) => error instanceof scrimp.EncodeError);
    await client.close();
    await server.close();
    console.log(JSON.stringify({ result, refused, names: Object.keys(rpc).sort() }));
  })();
`;

const RPC_CONSUMER = `
import { parseSchema } from "scrimp";
import { createClient, createServer, onEvent, type CallContext, type CallOptions } from "scrimp/rpc";

const service = parseSchema({ "m.thrift": "service S { i32 twice(1: i32 x) }" }, { entry: "m.thrift" }).service("S");
interface Methods {
  twice(x: number, options?: CallOptions): Promise<number>;
}
const server = createServer(service, { twice: (x: number, { method }: CallContext) => x * method.name.length });
const client = createClient<Methods>(service, { address: ["a:1", { path: "/run/s.sock" }], connections: { kind: "mux" } });
export const twice: Promise<number> = client.twice(21, { timeoutMs: 100 });
export const anything: Promise<number> = createClient(service, { address: "a:1" }).twice(21);
export const make = async (): Promise<typeof client> => client;
onEvent("client.finish", ({ durationMs, executed }) => void [durationMs.toFixed(), executed === "no"]);
void server.close();
`;

const CONSUMER = `
import { compile, loadSchema, parseSchema, ThriftError } from "scrimp";

const codec = compile<{ x: number }>(parseSchema({ "m.thrift": "struct P { 1: i32 x }" }, { entry: "m.thrift" }).struct("P"));
const bytes: Uint8Array = codec.encode({ x: 1 });
export const x: number = codec.decode(bytes).x;
export const backend: "source" | "closure" = codec.backend;
export const codeOf = (error: unknown): string => (error instanceof ThriftError ? error.code : "");
export const load = (): ReturnType<typeof loadSchema> => loadSchema("main.thrift", { includeDirs: ["idl"] });
`;

describe("the packed tarball", { timeout: 60_000 }, () => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = installTarball();
    writeFileSync(join(consumer.folder, "package.json"), `{ "type": "module", "private": true }`);
  });
  afterAll(() => {
    consumer.remove();
  });

  it("holds the built library, its sources and its documents, and nothing else", () => {
    const documents = consumer.files.filter((file) => !/^(dist|src)\//.test(file));
    expect(documents).toEqual(
      [
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "SECURITY.md",
        "guides/calls.md",
        "package.json",
      ].sort(),
    );
    expect(consumer.files.filter((file) => !/\.(ts|js|map|md|json)$|^LICENSE$/.test(file))).toEqual([]);
  });

  it("has a source map for every module and declarations for every source, and the sources that they name", () => {
    const modules = consumer.files.filter((file) => file.startsWith("dist/") && file.endsWith(".js"));
    expect(modules).toEqual(
      expect.arrayContaining(["dist/cli/main.js", "dist/index.browser.js", "dist/index.js", "dist/rpc/index.js"]),
    );
    for (const module of modules) {
      const { sources } = readJSON(join(consumer.installed, `${module}.map`)) as { sources: string[] };
      const ours = sources.map((source) => join(module, "..", source)).filter((source) => source.startsWith("src/"));
      expect(consumer.files).toEqual(expect.arrayContaining(ours));
    }
    const sources = consumer.files.filter((file) => /^src\/.*\.ts$/.test(file));
    const declarations = sources.map((file) => file.replace("src/", "dist/").replace(/ts$/, "d.ts"));
    expect(consumer.files).toEqual(expect.arrayContaining(declarations));
  });

  it("runs no script when it is installed", () => {
    const { scripts, gypfile } = readJSON(join(consumer.installed, "package.json"));
    for (const name of ["preinstall", "install", "postinstall", "prepare"]) expect(scripts).not.toHaveProperty(name);
    expect(gypfile).toBe(false);
  });

  it("is imported from ESM", () => {
    const output = run(
      process.execPath,
      ["--input-type=module", "-e", `import * as scrimp from "scrimp"; ${HELLO}`],
      consumer.folder,
    );
    expect(JSON.parse(output)).toEqual({ x: 7, names: EXPORTS });
  });

  it("is required from CommonJS", () => {
    const output = run(
      process.execPath,
      ["--input-type=commonjs", "-e", `const scrimp = require("scrimp"); ${HELLO}`],
      consumer.folder,
    );
    const { x, names } = JSON.parse(output) as { x: number; names: string[] };
    expect(x).toBe(7);
    expect(names.filter((name) => name !== "__esModule")).toEqual(EXPORTS);
  });

  it("has calls, which are imported from ESM and required from CommonJS", () => {
    const esm = `import * as scrimp from "scrimp"; import * as rpc from "scrimp/rpc"; ${CALL}`;
    const commonjs = `const scrimp = require("scrimp"); const rpc = require("scrimp/rpc"); ${CALL}`;
    for (const [type, code] of [["module", esm] as const, ["commonjs", commonjs] as const]) {
      const output = run(process.execPath, [`--input-type=${type}`, "-e", code], consumer.folder);
      const { result, refused, names } = JSON.parse(output) as { result: number; refused: boolean; names: string[] };
      expect([result, refused]).toEqual([42, true]);
      expect(names.filter((name) => name !== "__esModule")).toEqual(RPC_EXPORTS);
    }
  });

  it("type-checks in a strict project without DOM or Node.js types, from ESM and from CommonJS", () => {
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      module: "nodenext",
      target: "es2023",
      lib: ["es2023"],
      types: [],
      noEmit: true,
      skipLibCheck: false,
    };
    writeFileSync(join(consumer.folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["consumer.*"] }));
    writeFileSync(join(consumer.folder, "consumer.mts"), CONSUMER);
    writeFileSync(join(consumer.folder, "consumer.cts"), CONSUMER);
    run(process.execPath, [join(REPOSITORY, "node_modules/typescript/bin/tsc"), "-p", "."], consumer.folder);
  });

  it("has calls that type-check in a strict project with Node.js types", () => {
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      module: "nodenext",
      target: "es2023",
      lib: ["es2023", "esnext.disposable"],
      types: ["node"],
      typeRoots: [join(REPOSITORY, "node_modules/@types")],
      noEmit: true,
      skipLibCheck: false,
    };
    writeFileSync(
      join(consumer.folder, "tsconfig.rpc.json"),
      JSON.stringify({ compilerOptions, include: ["rpc-consumer.mts"] }),
    );
    writeFileSync(join(consumer.folder, "rpc-consumer.mts"), RPC_CONSUMER);
    run(
      process.execPath,
      [join(REPOSITORY, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.rpc.json"],
      consumer.folder,
    );
  });

  it("has a command that runs", () => {
    const { bin, version } = readJSON(join(consumer.installed, "package.json"));
    const main = join(consumer.installed, bin.scrimp);
    expect(readFileSync(main, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(run(process.execPath, [main, "--version"], consumer.folder).trim()).toBe(version);
    expect(run(process.execPath, [main, "--help"], consumer.folder)).toContain("scrimp");
  });

  it("bundles for a browser with all names but loadSchema, reaching nothing of Node.js", async () => {
    writeFileSync(join(consumer.folder, "page.js"), `export * from "scrimp";`);
    const bundled = join(consumer.folder, "bundled.mjs");
    writeFileSync(bundled, await bundleForBrowser("page.js", consumer.folder));
    const scrimp = (await import(/* @vite-ignore */ bundled)) as object;
    expect(Object.keys(scrimp).sort()).toEqual(EXPORTS.filter((name) => name !== "loadSchema"));
  });

  it("names files that exist in exports and bin", () => {
    const { exports, bin } = readJSON(join(consumer.installed, "package.json"));
    const targets = stringsIn([exports, bin]);
    expect(targets).toEqual(
      expect.arrayContaining(["./dist/index.js", "./dist/index.d.ts", "./dist/rpc/index.js", "./dist/cli/main.js"]),
    );
    expect(targets.filter((target) => !existsSync(join(consumer.installed, target)))).toEqual([]);
  });
});

function stringsIn(value: unknown): string[] {
  return typeof value === "string" ? [value] : Object.values(value as object).flatMap(stringsIn);
}
