import { describe, expect, it } from "vitest";
import { parseIdl } from "../../src/idl/parse.js";
import type { Document } from "../../src/idl/syntax.js";

/** What the compiler's `--gen json` gives as "doc", by name of what it documents. */
const DOCS: [snippet: string, docs: Record<string, string>][] = [
  ["/** file */\nstruct S {}", { S: "file\n" }],
  ["/** file */\nnamespace js a\nstruct S {}", {}],
  ["/** one */\n/** two */\nnamespace js a\n/** three */ struct S {}", { S: "three\n" }],
  ["namespace js a\n/** x */\nstruct S {}", { S: "x\n" }],
  ["/** one */\n/** two */\nstruct S {}\nstruct T {}", { S: "two\n" }],
  ["struct S { 1: i32 a /** tail */ }\nstruct T {}", { T: "tail\n" }],
  ["struct S { 1: i32 a, /** for b */ 2: i32 b /** more */\n /** c */ 3: i32 c }", { b: "for b\n", c: "c\n" }],
  ["struct S { 1: /** in */ i32 a, 2: i32 b }", { b: "in\n" }],
  ["enum E { /** a */ A, B /** c */ C = 2 }", { A: "a\n", C: "c\n" }],
  ["service S { /** f */ void f(/** arg */ 1: i32 a /** end */), void g() }", { f: "f\n", a: "arg\n", g: "end\n" }],
  ["/** k */ const i32 k = 1 /** t */ typedef i32 T", { T: "t\n", k: "k\n" }],
  ["/** k */ const i32 k = 1; /** t */ typedef i32 T /** e */ enum E {}", { E: "e\n", T: "t\n", k: "k\n" }],
  ["struct S {} /** x */", {}],
  ["/** file */\n// nothing\n", {}],
  ["/**\n * a\n *  b\n *\n * c\n */ struct S {}\nstruct T{}", { S: "a\n b\n\nc\n" }],
  ["struct A{}\n/**\n   a\n     b\n\n   c */ struct S {}", { S: "a\n  b\n\nc\n" }],
  ["struct A{}\n/** a\n * b\n c */ struct S {}", { S: "a\n* b\nc\n" }],
  ["struct A{}\n/** a\r\n * b\r\n */ struct S {}", { S: "a\nb\n" }],
  ["struct A{}\n/**** a ****/ struct S {}", { S: "** a ***\n" }],
  ["struct A{}\n/** a **/ struct S {}", { S: "a *\n" }],
  ["struct A{}\n/**a*/ struct S {}", { S: "a\n" }],
  ["struct A{}\n/**\n\ta\n\t b\n*/ struct S {}", { S: "a\n b\n" }],
  ["struct A{}\n/**\n * a   \n * \n *\n */ struct S {}", { S: "a\n\n\n" }],
  ["struct A{}\n/**\n*a\n*b\n*/ struct S {}", { S: "a\nb\n" }],
  ["struct A{}\n/**\n  * a\n * b\n */ struct S {}", { S: " * a\n* b\n" }],
  ["struct A{}\n/**\n\n\n * a\n */ struct S {}", { S: "\n\na\n" }],
  ["struct A{}\n/** first\n * second */ struct S {}", { S: "first\nsecond\n" }],
  ["struct A{}\n/**\n */ struct S {}", { S: "" }],
  ["struct A{}\n/**\n *\n */ struct S {}", { S: "\n" }],
  ["/** x */ // y\n struct S {}", { S: "x\n" }],
  ["/* plain */ struct S {}", {}],
  ["/** x */ /* plain */ struct S {}", { S: "x\n" }],
  ["struct A{}\n/** a\n\n\n    deep\n      deeper\n*/ struct S {}", { S: "a\n\n\ndeep\n  deeper\n" }],
  ['struct A{}\n/** "q" \\ é */ struct S {}', { S: '"q" \\ é\n' }],
  ["/** u */ union U { /** f */ 1: required i32 a }", { U: "u\n", a: "f\n" }],
  ["/** e */ exception E { /** f */ 1: required i32 a }", { E: "e\n", a: "f\n" }],
  ["struct A{} /**\n* a\n** b\n*/ struct S{}", { S: " a\n* b\n" }],
  ["struct A{} /** a\n   *b\n   * c*/ struct S{}", { S: "a\nb\n c\n" }],
  ["/** one */ cpp_include 'x' /** two */ struct S{}", { S: "two\n" }],
  ["const i32 a = 1 /** s */ struct S {}", { S: "s\n" }],
  ["enum E { A = 1 /** b */ B }", { B: "b\n" }],
  [
    "struct S { 1: list<i32> a /** b */ 2: list<i32> b (x='y') /** c */ 3: i32 c = 5 /** d */ 4: i32 d }",
    { b: "b\n", c: "c\n", d: "d\n" },
  ],
  ["service S { void f() /** g */ void g() }", { g: "g\n" }],
  ["typedef i32 T /** s */ struct S {}", { S: "s\n" }],
  ["typedef i32 T; /** s */ struct S {}", { S: "s\n" }],
  [
    "struct S {} /** t */ struct T {} /** u */ struct U{} (x='y') /** v */ struct V{}",
    { T: "t\n", U: "u\n", V: "v\n" },
  ],
];

function docsOf(document: Document): Record<string, string> {
  const found: Record<string, string> = {};
  const note = (documented: { name: { text: string }; doc: string | undefined }): void => {
    if (documented.doc !== undefined) found[documented.name.text] = documented.doc;
  };
  for (const definition of document.definitions) {
    note(definition);
    if (definition.kind === "struct") definition.fields.forEach(note);
    if (definition.kind === "enum") definition.members.forEach(note);
    if (definition.kind !== "service") continue;
    for (const method of definition.methods) {
      note(method);
      method.args.forEach(note);
      method.throws.forEach(note);
    }
  }
  return found;
}

describe("doc comments", () => {
  for (const [snippet, expected] of DOCS) {
    it(`of ${JSON.stringify(snippet)}`, () => {
      expect(docsOf(parseIdl(snippet, "t.thrift"))).toEqual(expected);
    });
  }
});

describe("the doc comment of a file", () => {
  const CASES: [snippet: string, doc: string | undefined][] = [
    ["/** file */\nnamespace js a\nstruct S {}", "file\n"],
    ["/** file */\n/** more */ include 'x'", "file\n"],
    ["/** file */\n/** S */ struct S {}", "file\n"],
    ["/** only */", "only\n"],
    ["/** S */ struct S {}", undefined],
    ["namespace js a /** S */ struct S {}", undefined],
    ["/* plain */ namespace js a", undefined],
  ];
  it.each(CASES)("in %j is %j", (snippet, doc) => {
    expect(parseIdl(snippet, "t.thrift").doc).toBe(doc);
  });
});
