import { mkdtemp, mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { IdlError, SchemaError } from "../../src/errors.js";
import { loadSchema } from "../../src/schema/load.js";
import { parseSchema } from "../../src/schema/parse.js";

const files = {
  "idl/main.thrift": `namespace js scrimp.main
    include "base.thrift"
    struct Tree { 1: base.Point at }
    const i32 LIMIT = 5
    const i32 Tree = 6
    enum Color { RED }
    typedef Tree Alias
    service Main extends base.Base {}`,
  "idl/base.thrift": `include "deep/core.thrift"
    struct Point { 1: core.Unit unit }
    exception Gone {}
    service Base {}
    const string NAME = "n"`,
  "idl/deep/core.thrift": "union Unit { 1: i32 a }",
};

describe("looking names up", () => {
  const schema = parseSchema(files);

  it("finds plain names in the entry file and qualified names in every file", () => {
    expect(schema.struct("Tree").qualifiedName).toBe("main.Tree");
    expect(schema.struct("main.Tree")).toBe(schema.struct("Tree"));
    expect(schema.struct("base.Point").qualifiedName).toBe("base.Point");
    expect(schema.struct("core.Unit").variant).toBe("union");
    expect(schema.struct("deep/core.Unit")).toBe(schema.struct("core.Unit"));
    expect(schema.struct("base.Gone").variant).toBe("exception");
    expect(schema.enum("Color").members).toHaveLength(1);
    expect(schema.service("Main").extends).toBe(schema.service("base.Base"));
    expect(schema.typedef("Alias").target).toBe(schema.struct("Tree"));
    expect(schema.constant("LIMIT")).toBe(5);
    expect(schema.constant("base.NAME")).toBe("n");
    // Constants have names of their own.
    expect(schema.constant("Tree")).toBe(6);
  });

  it.each<[string, () => unknown, string]>([
    ["a misspelt name", () => schema.struct("Tre"), `no struct is called "Tre"; did you mean "Tree"?`],
    [
      "a misspelt file",
      () => schema.struct("bsae.Point"),
      `no struct is called "bsae.Point"; did you mean "base.Point"?`,
    ],
    ["a name of an included file without its prefix", () => schema.struct("Point"), `no struct is called "Point"`],
    ["another kind", () => schema.struct("Color"), `"Color" is an enum, not a struct`],
    ["a typedef", () => schema.struct("Alias"), `"Alias" is a typedef, not a struct`],
    ["a struct as a service", () => schema.service("Tree"), `"Tree" is a struct, not a service`],
    ["a constant", () => schema.constant("NAME"), `no constant is called "NAME"`],
    ["a name of Object", () => schema.struct("constructor"), `no struct is called "constructor"`],
    ["nothing", () => schema.struct(""), `no struct is called ""`],
  ])("refuses %s", (_, look, message) => {
    expect(look).toThrow(SchemaError);
    expect(look).toThrow(expect.objectContaining({ code: "ERR_THRIFT_UNKNOWN_NAME", message, line: 0 }));
  });

  it("lists everything of all files, included ones first", () => {
    expect(schema.files.map((file) => file.path)).toEqual([
      "idl/deep/core.thrift",
      "idl/base.thrift",
      "idl/main.thrift",
    ]);
    expect(schema.structs.map((struct) => struct.qualifiedName)).toEqual([
      "core.Unit",
      "base.Point",
      "base.Gone",
      "main.Tree",
    ]);
    expect(schema.enums.map(({ name }) => name)).toEqual(["Color"]);
    expect(schema.services.map(({ name }) => name)).toEqual(["Base", "Main"]);
    expect(schema.typedefs.map(({ name }) => name)).toEqual(["Alias"]);
    expect(schema.constants.map(({ name, value }) => [name, value])).toEqual([
      ["NAME", "n"],
      ["LIMIT", 5],
      ["Tree", 6],
    ]);
    expect(schema.namespaces.get("js")?.name).toBe("scrimp.main");
    expect(schema.entry.includes.map(({ name }) => name)).toEqual(["base"]);
  });
});

describe("parseSchema", () => {
  it("starts from the file asked for", () => {
    expect(parseSchema(files, { entry: "idl/base.thrift" }).struct("Point").name).toBe("Point");
    expect(() => parseSchema(files, { entry: "nowhere.thrift" })).toThrow(IdlError);
  });

  it("searches includeDirs", () => {
    const schema = parseSchema(
      { "main.thrift": `include "lib.thrift"\nstruct S { 1: lib.P p }`, "vendor/lib.thrift": "struct P {}" },
      { includeDirs: ["vendor"] },
    );
    expect(schema.struct("lib.P").name).toBe("P");
  });

  it("refuses nothing to parse", () => {
    expect(() => parseSchema({})).toThrow(TypeError);
  });
});

describe("loadSchema", () => {
  it("reads files and what they include, once each", async () => {
    const folder = await mkdtemp(join(tmpdir(), "scrimp-"));
    await mkdir(join(folder, "idl/deep"), { recursive: true });
    for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
    const schema = await loadSchema(join(folder, "idl/main.thrift"));
    expect(schema.struct("core.Unit").name).toBe("Unit");
    expect(schema.toJSON().files.map((file) => file.definitions)).toEqual(
      parseSchema(files)
        .toJSON()
        .files.map((file) => file.definitions),
    );
    await expect(loadSchema(join(folder, "idl/none.thrift"))).rejects.toThrow(IdlError);
  });
});
