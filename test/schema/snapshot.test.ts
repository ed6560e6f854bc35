import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SchemaError } from "../../src/errors.js";
import { parseSchema } from "../../src/schema/parse.js";
import { schemaFromJSON } from "../../src/schema/restore.js";
import type { Schema } from "../../src/schema/schema.js";
import type { SchemaSnapshot } from "../../src/schema/snapshot.js";

function viaText(schema: Schema): Schema {
  return schemaFromJSON(JSON.parse(JSON.stringify(schema)) as SchemaSnapshot);
}

const golden = Object.fromEntries(
  ["everything.thrift", "base.thrift"].map((name) => [
    name,
    readFileSync(new URL(`../testdata/golden/${name}`, import.meta.url), "utf8"),
  ]),
);

const SOURCES: [string, Record<string, string>][] = [
  ["the golden IDL", golden],
  [
    "every kind of value",
    {
      "main.thrift": `
        const i64 A = 9223372036854775807 const double B = 1e400 const double C = -1e400 const double D = 1e300 const double E = 0.1
        const binary F = "h\u00e9\\n" const map<i64, list<set<string>>> G = {1: [["a"], []]} const bool H = true const i64 I = 5
        struct S { 1: i32 __proto__ = 3 2: map<string, S> m = {"__proto__": {"__proto__": 1, "m": {}}} 3: uuid u = "00112233-4455-6677-8899-aabbccddeeff" }
        const S J = {"__proto__": 1}`,
    },
  ],
  [
    "annotations, docs and namespaces",
    {
      "main.thrift": `/** file */\n\nnamespace py a.b (k = "v")\ntypedef list<i32 (a = "1")> (b = "2") L (c = "3")
        /** d */ struct S { /** f */ 1: required map<string (x = "y"), binary> m (z = "\u2028") } (toString = "t")
        enum E { A = 5 (q = "r"), B } service V { oneway void f(1: i32 a = 3), L g() throws (1: X x) } exception X {}`,
    },
  ],
  [
    "unions, negative ids and warnings",
    {
      "main.thrift":
        "union U { 1: required i32 a, i32 b = 3 } struct S { -9: i32 c } service V { void f(1: optional i32 a, i32 b) }",
    },
  ],
  [
    "files of one name in two folders",
    {
      "main.thrift": `include "a/b.thrift"\ninclude "c/b.thrift"\nstruct S { 1: b.P p 2: b.Q q }`,
      "a/b.thrift": "struct P {}",
      "c/b.thrift": `include "../a/b.thrift"\nstruct Q { 1: b.P p }`,
    },
  ],
];

describe("a snapshot", () => {
  it.each(SOURCES)("of %s gives the same snapshot again", (_, files) => {
    const schema = parseSchema(files);
    expect(viaText(schema).toJSON()).toEqual(schema.toJSON());
    expect(JSON.stringify(viaText(schema))).toBe(JSON.stringify(schema));
  });

  it.each(SOURCES)("of %s keeps everything but the places", (_, files) => {
    const withoutPlaces = (schema: Schema): unknown =>
      structuredClone({ files: schema.files, entry: schema.entry }, {});
    const erase = (value: unknown, seen = new Set<unknown>()): unknown => {
      if (typeof value !== "object" || value === null || seen.has(value)) return value;
      seen.add(value);
      if ("location" in value) value.location = undefined;
      for (const item of value instanceof Map ? value.values() : Object.values(value)) erase(item, seen);
      return value;
    };
    const schema = parseSchema(files);
    expect(erase(withoutPlaces(viaText(schema)))).toEqual(erase(withoutPlaces(schema)));
  });

  it("is written in a form that people can read", () => {
    const schema = parseSchema({
      "p.thrift": `/** A place. */ struct P { 1: required i32 x (k = "v") 2: list<P> next = [] 3: i64 big = 9007199254740993 }`,
    });
    expect(schema.toJSON()).toEqual({
      version: 1,
      entry: 0,
      files: [
        {
          path: "p.thrift",
          definitions: [
            {
              kind: "struct",
              name: "P",
              doc: expect.stringContaining("A place.") as string,
              fields: [
                { id: 1, name: "x", requiredness: "required", type: "i32", annotations: [["k", "v"]] },
                { id: 2, name: "next", type: { list: "P" }, default: [] },
                { id: 3, name: "big", type: "i64", default: { i64: "9007199254740993" } },
              ],
            },
          ],
        },
      ],
    });
  });

  it("has no warnings once the IDL's were applied, and no places", () => {
    const restored = viaText(parseSchema({ "a.thrift": "struct S { i32 a } union U { 1: required i32 b }" }));
    expect(restored.warnings).toEqual([]);
    expect(restored.struct("S").location).toEqual({ file: "a.thrift", line: 0, column: 0 });
    expect(restored.struct("S").fields[0].id).toBe(-1);
  });
});

describe("schemaFromJSON", () => {
  const wrap = (definition: unknown): unknown => ({
    version: 1,
    entry: 0,
    files: [{ path: "a.thrift", definitions: [definition] }],
  });
  const field = (change: object): unknown =>
    wrap({ kind: "struct", name: "S", fields: [{ id: 1, name: "a", type: "i32", ...change }] });
  const constant = (type: unknown, value: unknown): unknown => wrap({ kind: "const", name: "c", type, value });
  const nested = (depth: number): unknown => (depth === 0 ? "i32" : { list: nested(depth - 1) });

  it.each<[string, unknown, string]>([
    ["null", null, "an object at snapshot"],
    ["an array", [], "an object at snapshot"],
    ["another version", { version: 2 }, "version 1 at snapshot.version"],
    ["inherited properties", Object.create({ version: 1, entry: 0, files: [] }), "version 1 at snapshot.version"],
    ["no files", { version: 1, entry: 0 }, "an array at snapshot.files"],
    [
      "an entry that is not there",
      { version: 1, entry: 1, files: [{ path: "a", definitions: [] }] },
      "an integer from 0 to 0 at snapshot.entry",
    ],
    [
      "one path twice",
      {
        version: 1,
        entry: 0,
        files: [
          { path: "a", definitions: [] },
          { path: "a", definitions: [] },
        ],
      },
      "files with different paths",
    ],
    [
      "a file that includes itself",
      { version: 1, entry: 0, files: [{ path: "a", includes: [0], definitions: [] }] },
      "snapshot.files[0].includes[0]",
    ],
    [
      "a name that is code",
      field({ name: "a;alert(1)" }),
      "an identifier at snapshot.files[0].definitions[0].fields[0].name",
    ],
    ["a name with a line separator", field({ name: "a\u2028" }), "an identifier"],
    ["a dotted name", field({ name: "a.b" }), "an identifier"],
    ["an id out of range", field({ id: 32768 }), "an integer from -32768 to 32767"],
    ["an id that is not whole", field({ id: 1.5 }), "an integer from -32768 to 32767"],
    ["a requiredness of its own", field({ requiredness: "maybe" }), "required or optional"],
    ["a type that is a number", field({ type: 3 }), "an object at snapshot.files[0].definitions[0].fields[0].type"],
    ["a type that is code", field({ type: "i32;" }), "an identifier"],
    ["an unknown base", field({ type: { base: "i128" } }), "a base type"],
    ["half a map", field({ type: { map: ["i32"] } }), "a pair"],
    ["types nested very deep", field({ type: nested(5000) }), "levels of nesting"],
    ["an unknown kind", wrap({ kind: "class", name: "S" }), "const or typedef or enum"],
    [
      "an enum number out of range",
      wrap({ kind: "enum", name: "E", members: [{ name: "A", value: 2 ** 31 }] }),
      "an integer from -2147483648 to 2147483647",
    ],
    ["an annotation that is no pair", field({ annotations: [["a"]] }), "a pair"],
    ["an annotation that is no text", field({ annotations: [["a", 1]] }), "a string"],
    ["a value of null", constant("i32", null), "an object at"],
    ["an i64 that is no number", constant("i64", { i64: "1e5" }), "a decimal integer"],
    ["a double that is none", constant("double", { double: "1" }), "NaN, Infinity"],
    ["bytes that are not base64", constant("binary", { binary: "*" }), "base64"],
    ["bytes that no IDL holds", constant("binary", { binary: "/w==" }), "base64 of UTF-8"],
  ])("refuses %s", (_, snapshot, message) => {
    const restore = (): Schema => schemaFromJSON(snapshot as SchemaSnapshot);
    expect(restore).toThrow(SchemaError);
    expect(restore).toThrow(
      expect.objectContaining({ code: "ERR_THRIFT_BAD_SNAPSHOT", message: expect.stringContaining(message) as string }),
    );
  });

  it.each<[string, unknown, string]>([
    ["an unknown type", field({ type: "Nope" }), "ERR_THRIFT_UNKNOWN_TYPE"],
    ["a wrong default", field({ default: "x" }), "ERR_THRIFT_BAD_CONSTANT"],
    ["an i64 out of range", constant("i64", { i64: "9223372036854775808" }), "ERR_THRIFT_BAD_CONSTANT"],
    [
      "two fields of one id",
      wrap({ kind: "struct", name: "S", fields: [1, 2].map((n) => ({ id: 1, name: `a${String(n)}`, type: "i32" })) }),
      "ERR_THRIFT_DUPLICATE_ID",
    ],
    ["a typedef of itself", wrap({ kind: "typedef", name: "T", type: { list: "T" } }), "ERR_THRIFT_CYCLE"],
    [
      "a throw of a struct",
      wrap({ kind: "service", name: "S", methods: [{ name: "f", throws: [{ id: 1, name: "e", type: "i32" }] }] }),
      "ERR_THRIFT_BAD_SERVICE",
    ],
  ])("checks what a snapshot means: %s", (_, snapshot, code) => {
    expect(() => schemaFromJSON(snapshot as SchemaSnapshot)).toThrow(
      expect.objectContaining({ name: "SchemaError", code, line: 0, file: "a.thrift" }),
    );
  });

  it("keeps ids of 0 and less, and doubles exactly", () => {
    const value = (text: string): unknown =>
      schemaFromJSON(constant("double", { double: text }) as SchemaSnapshot).constant("c");
    expect([value("NaN"), value("-0"), value("-Infinity")]).toEqual([NaN, -0, -Infinity]);
    expect(schemaFromJSON(field({ id: -7 }) as SchemaSnapshot).struct("S").fields[0].id).toBe(-7);
  });

  it("is not misled by hostile keys", () => {
    const text = `{"version":1,"entry":0,"__proto__":{"files":[]},"files":[{"path":"a.thrift","definitions":[
      {"kind":"struct","name":"__proto__","fields":[{"id":1,"name":"__proto__","type":"constructor"}]},
      {"kind":"enum","name":"constructor","members":[{"name":"toString","value":0}]}]}]}`;
    const schema = schemaFromJSON(JSON.parse(text) as SchemaSnapshot);
    expect(schema.struct("__proto__").fields[0].type).toBe(schema.enum("constructor"));
    expect(({} as Record<string, unknown>).files).toBeUndefined();
  });
});
