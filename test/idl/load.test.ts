import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { IdlError } from "../../src/errors.js";
import { loadIdlFromMemory, type LoadedFile, type MemoryOptions } from "../../src/idl/include.js";
import { loadIdl, type LoadOptions } from "../../src/idl/load.js";

type Files = Record<string, string>;

/** Both sources answer alike; the disk one in a folder of its own, whose name is cut from what is told. */
type Load = (files: Files, options: MemoryOptions) => Promise<LoadedFile[]>;

const fromMemory: Load = async (files, options) => Promise.resolve(loadIdlFromMemory(files, options));

let root = "";
let folders = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "scrimp-load-"));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

async function write(files: Files): Promise<string> {
  const folder = join(root, String(folders++));
  await mkdir(folder);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

const fromDisk: Load = async (files, { entry, includeDirs = [], limits = {} }) => {
  const folder = await write(files);
  const options: LoadOptions = { includeDirs: includeDirs.map((path) => join(folder, path)), limits };
  return loadIdl(join(folder, entry), options);
};

async function problemsOf(loading: Promise<unknown>): Promise<IdlError["problems"]> {
  const error: unknown = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof IdlError)) throw new Error(`expected an IdlError, found ${String(error)}`);
  return error.problems;
}

const names = (loaded: LoadedFile[]): string[] =>
  loaded.map(({ document }) => document.file.replace(`${root}/`, "").replace(/^\d+\//, ""));

describe.each<[string, Load]>([
  ["memory", fromMemory],
  ["disk", fromDisk],
])("includes from %s", (_name, load) => {
  it("come before the file that includes them, each once", async () => {
    const files = {
      "main.thrift": 'include "a.thrift" include "sub/b.thrift"',
      "a.thrift": 'include "sub/../sub/b.thrift"',
      "sub/b.thrift": 'include "c.thrift"',
      "sub/c.thrift": "struct C {}",
      "other.thrift": "not IDL",
    };
    const loaded = await load(files, { entry: "main.thrift" });
    expect(names(loaded)).toEqual(["sub/c.thrift", "sub/b.thrift", "a.thrift", "main.thrift"]);
    const [c, b, a, main] = loaded;
    expect([...main.includes]).toEqual([
      ["a.thrift", a.document],
      ["sub/b.thrift", b.document],
    ]);
    expect([...a.includes]).toEqual([["sub/../sub/b.thrift", b.document]]);
    expect([...b.includes.values()]).toEqual([c.document]);
  });

  it("are sought beside the including file first, then in includeDirs in order", async () => {
    const files = {
      "idl/main.thrift": 'include "x.thrift" include "y.thrift"',
      "idl/x.thrift": "",
      "one/x.thrift": "struct No {}",
      "two/y.thrift": "struct No {}",
      "one/y.thrift": "",
    };
    const loaded = await load(files, { entry: "idl/main.thrift", includeDirs: ["one", "two"] });
    expect(names(loaded)).toEqual(["idl/x.thrift", "one/y.thrift", "idl/main.thrift"]);
  });

  it("that are missing are told with where they were sought", async () => {
    const [problem] = await problemsOf(
      load({ "main.thrift": '\ninclude "nope.thrift"' }, { entry: "main.thrift", includeDirs: ["dir"] }),
    );
    expect(problem).toMatchObject({ code: "ERR_THRIFT_INCLUDE_NOT_FOUND", location: { line: 2, column: 9 } });
    expect(problem.message).toMatch(/^cannot find 'nope.thrift', looked for \S*nope.thrift, \S*dir\/nope.thrift$/);
    expect(problem.frame).toContain('> 2 | include "nope.thrift"');
  });

  it("that go in a circle are told by the whole path", async () => {
    const files = {
      "m.thrift": 'include "a.thrift"',
      "a.thrift": 'include "b.thrift"',
      "b.thrift": 'include "a.thrift"',
    };
    const [problem] = await problemsOf(load(files, { entry: "m.thrift" }));
    expect(problem.code).toBe("ERR_THRIFT_INCLUDE_CYCLE");
    expect(problem.message).toMatch(/^circle of includes: \S*a.thrift → \S*b.thrift → \S*a.thrift$/);
    expect(problem.location.file).toMatch(/b.thrift$/);
    expect(await problemsOf(load({ "m.thrift": "include 'm.thrift'" }, { entry: "m.thrift" }))).toMatchObject([
      { code: "ERR_THRIFT_INCLUDE_CYCLE" },
    ]);
  });

  it("are all read, so that the mistakes of all files are told together", async () => {
    const files = {
      "m.thrift": "include 'a.thrift' include 'b.thrift' include 'c.thrift'",
      "a.thrift": "struct {",
      "b.thrift": "enum 1",
    };
    const problems = await problemsOf(load(files, { entry: "m.thrift" }));
    expect(problems.map(({ location }) => location.file.at(-8))).toEqual(["a", "b", "m"]);
  });

  it("keep to the limits of depth, count and size", async () => {
    const chain = (length: number): Files =>
      Object.fromEntries(
        Array.from({ length }, (_, i) => [`${i}.thrift`, i + 1 < length ? `include "${i + 1}.thrift"` : ""]),
      );
    expect(await load(chain(4), { entry: "0.thrift", limits: { maxIncludeDepth: 3, maxFiles: 4 } })).toHaveLength(4);
    for (const limits of [{ maxIncludeDepth: 2 }, { maxFiles: 3 }]) {
      const [problem] = await problemsOf(load(chain(4), { entry: "0.thrift", limits }));
      expect(problem).toMatchObject({ code: "ERR_THRIFT_IDL_LIMIT", location: { line: 1, column: 9 } });
    }
    const [large] = await problemsOf(
      load({ "m.thrift": "//".repeat(50) }, { entry: "m.thrift", limits: { maxFileBytes: 99 } }),
    );
    expect(large.code).toBe("ERR_THRIFT_IDL_LIMIT");
  });

  it("may be called like properties of Object.prototype", async () => {
    const files: Files = { "m.thrift": 'include "__proto__" include "constructor"', constructor: "" };
    Object.defineProperty(files, "__proto__", { value: "struct P {}", enumerable: true });
    expect(names(await load(files, { entry: "m.thrift" }))).toEqual(["__proto__", "constructor", "m.thrift"]);
    expect(await problemsOf(load({}, { entry: "toString" }))).toMatchObject([{ code: "ERR_THRIFT_INCLUDE_NOT_FOUND" }]);
  });
});

describe("from memory", () => {
  it("a misspelt include is told with the nearest file", async () => {
    const [problem] = await problemsOf(
      fromMemory({ "m.thrift": "include 'shraed.thrift'", "shared.thrift": "" }, { entry: "m.thrift" }),
    );
    expect(problem.message).toContain("did you mean 'shared.thrift'?");
  });
});

describe("from disk", () => {
  it("a folder, a broken link and a missing entry are not found", async () => {
    const folder = await write({ "m.thrift": "include 'sub' include 'link'", "sub/x": "" });
    await symlink("nowhere", join(folder, "link"));
    const codes = (await problemsOf(loadIdl(join(folder, "m.thrift")))).map(({ code }) => code);
    expect(codes).toEqual(["ERR_THRIFT_INCLUDE_NOT_FOUND", "ERR_THRIFT_INCLUDE_NOT_FOUND"]);
    expect(await problemsOf(loadIdl(join(folder, "nope.thrift")))).toMatchObject([{ location: { line: 0 } }]);
  });
});
