/** Apache's compiler as the judge: what it accepts or refuses, and what it says of the names, ids, types and values of a file. */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { IdlError, SchemaError } from "../../src/errors.js";
import { loadSchema } from "../../src/schema/load.js";
import { parseSchema } from "../../src/schema/parse.js";
import { Schema } from "../../src/schema/schema.js";
import { describeWithPeer } from "../support/peers.js";
import { compilerView } from "../schema/compiler-view.js";

const ROOT = new URL("../../", import.meta.url).pathname;

/** The JSON of each file by its name; undefined when the compiler refuses, also by never ending. */
function askCompiler(path: string): Map<string, ToldFile | undefined> | undefined {
  const folder = mkdtempSync(join(tmpdir(), "scrimp-thrift-"));
  try {
    const { status } = spawnSync("thrift", ["-r", "--gen", "json", "-o", folder, path], {
      timeout: 5000,
      stdio: "ignore",
    });
    if (status !== 0) return undefined;
    const output = join(folder, "gen-json");
    return new Map(
      readdirSync(output).map((name) => [
        basename(name, ".json"),
        parseExactly(readFileSync(join(output, name), "utf8")),
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Integers of 16 digits and more become `123n`, since JSON.parse would round them. */
function parseExactly(json: string): ToldFile | undefined {
  try {
    return JSON.parse(json.replace(/(?<=^|[[:,]\s*)(-?\d{16,})(?=\s*[,\]}])/gm, '"$1n"')) as ToldFile;
  } catch {
    // For a constant with containers as keys the compiler writes what is not JSON.
    return undefined;
  }
}

/** What two readers of one file may tell differently. */
interface ToldFile {
  services: { functions: { exceptions: { required: string }[] }[] }[];
  constants: { typeId: string; value: unknown }[];
}

/** The compiler tells `required` of throws as written, scrimp makes them optional; and it leaves duplicates in sets. */
function normalize(file: ToldFile): ToldFile {
  for (const service of file.services)
    for (const method of service.functions) for (const field of method.exceptions) field.required = "req_out";
  for (const constant of file.constants)
    if (constant.typeId === "set") constant.value = [...new Set(constant.value as unknown[])];
  return file;
}

function compare(schema: Schema, told: ReadonlyMap<string, ToldFile | undefined>): void {
  for (const file of schema.files) {
    const expected = told.get(file.name);
    if (expected === undefined) console.warn(`not compared: the compiler's JSON of ${file.path} is not JSON`);
    else expect(compilerView(file), file.path).toEqual(normalize(expected));
  }
}

function thriftFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".thrift") && !path.includes("node_modules"))
    .map((path) => join(folder, path))
    .sort();
}

const PACKAGES = ["hive-driver", "parquetjs-lite", "jaeger-client", "thriftrw"];

/** Accepted here though the compiler refuses. */
const MORE_LENIENT = new Map([
  ["node_modules/thriftrw/benchmarks/benchmark.thrift", "the name `lambda` is a keyword of some language"],
  ["node_modules/thriftrw/test/list.thrift", "the name `function` is a keyword of some language"],
  ["node_modules/thriftrw/test/unrecognized-exception-v2.thrift", "keywords of IDL as names of fields"],
  ["node_modules/thriftrw/test/const.thrift", "a constant is used before it is defined"],
  ["node_modules/thriftrw/test/default.thrift", "the JSON generator cannot follow a default that names a list"],
]);

/** Refused here though the compiler accepts: it only warns when an include is not found. */
const STRICTER = new Set([
  "node_modules/thriftrw/test/include-absolute-filename.thrift",
  "node_modules/thriftrw/test/include-error-invalid-filename-as-namespace.thrift",
]);

describeWithPeer("thrift", () => {
  for (const name of PACKAGES) {
    describe(`the IDL of ${name}`, () => {
      it.each(thriftFiles(`node_modules/${name}`))("%s", async (path) => {
        const told = askCompiler(join(ROOT, path));
        const outcome = await loadSchema(join(ROOT, path)).catch((error: unknown) => error);
        expect(MORE_LENIENT.has(path) && told !== undefined, "the compiler refuses it no longer").toBe(false);
        if ((told === undefined && !MORE_LENIENT.has(path)) || STRICTER.has(path)) {
          expect(outcome instanceof IdlError || outcome instanceof SchemaError, "scrimp refuses it").toBe(true);
        } else {
          expect(outcome).toBeInstanceOf(Schema);
          if (told !== undefined) compare(outcome as Schema, told);
        }
      });
    });
  }

  describe("IDL written for the purpose", () => {
    const read = (name: string): string => readFileSync(join(ROOT, "test/testdata/golden", name), "utf8");
    // The JSON generator cannot follow references to constants that are containers; the others can.
    const golden = read("everything.thrift")
      .replace("= PRIMES", "= [2, 3, 5, 7]")
      .replace("= TABLE", '= {"one": 1, "two": 2}');

    it.each<[string, Record<string, string>]>([
      ["the golden IDL", { "everything.thrift": golden, "base.thrift": read("base.thrift") }],
      [
        "documentation and annotations",
        { "main.thrift": readFileSync(new URL("../testdata/schema/annotated.thrift", import.meta.url), "utf8") },
      ],
      [
        "constants",
        { "main.thrift": readFileSync(new URL("../testdata/schema/constants.thrift", import.meta.url), "utf8") },
      ],
      [
        "ids",
        {
          "main.thrift":
            "struct S { -5: i32 a, 3: i32 b, i32 c, 0x10: i32 d, 0: i32 e } union U { i32 a, 2: required i32 b } service V { void f(i32 a, 1: optional i32 b) }",
        },
      ],
    ])("%s", (_, files) => {
      const folder = mkdtempSync(join(tmpdir(), "scrimp-idl-"));
      mkdirSync(folder, { recursive: true });
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
      const told = askCompiler(join(folder, Object.keys(files)[0]));
      rmSync(folder, { recursive: true });
      expect(told, "the compiler accepts it").toBeDefined();
      compare(parseSchema(files), told!);
    });
  });
});
