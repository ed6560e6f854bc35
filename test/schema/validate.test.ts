import { describe, expect, it } from "vitest";
import { SchemaError } from "../../src/errors.js";
import { parseSchema } from "../../src/schema/parse.js";

/** Each mistake as `line:column code-without-prefix message`. */
function mistakes(files: Record<string, string> | string): string[] {
  try {
    parseSchema(typeof files === "string" ? { "main.thrift": files } : files);
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return error.problems.map(
      ({ code, message, location }) =>
        `${String(location.line)}:${String(location.column)} ${code.replace("ERR_THRIFT_", "")} ${message}`,
    );
  }
  return [];
}

function warnings(text: string): string[] {
  return parseSchema({ "main.thrift": text }).warnings.map(
    ({ code, message, location }) => `${String(location.column)} ${code.replace("ERR_THRIFT_", "")} ${message}`,
  );
}

describe("each mistake is one error", () => {
  it.each([
    ["struct A {} struct A {}", `1:20 DUPLICATE_NAME "A" is already defined on line 1 in this file`],
    ["struct A {} enum A { X }", `1:18 DUPLICATE_NAME "A" is already defined on line 1 in this file`],
    ["struct A {} typedef i32 A", `1:25 DUPLICATE_NAME "A" is already defined on line 1 in this file`],
    ["union A {} exception A {}", `1:22 DUPLICATE_NAME "A" is already defined on line 1 in this file`],
    ["struct A {} service A {}", `1:21 DUPLICATE_NAME "A" is already defined on line 1 in this file`],
    ["const i32 A = 1 const i32 A = 2", `1:27 DUPLICATE_NAME "A" is already defined on line 1 in this file`],
    ["struct S { 1: i32 a, 2: i32 a }", `1:29 DUPLICATE_NAME "a" is already defined on line 1 in struct S`],
    ["struct S { 1: i32 a, 1: i32 b }", `1:29 DUPLICATE_ID id 1 of "b" is already used by "a" in struct S`],
    ["struct S { 1: i32 a, 1: i32 a }", `1:29 DUPLICATE_NAME "a" is already defined on line 1 in struct S`],
    ["struct S { 32768: i32 a }", `1:23 BAD_FIELD_ID the id of "a" is not between -32768 and 32767`],
    ["struct S { 65537: i32 a, 1: i32 b }", `1:23 BAD_FIELD_ID the id of "a" is not between -32768 and 32767`],
    ["enum E { X, X }", `1:13 DUPLICATE_NAME "X" is already defined on line 1 in enum E`],
    ["enum E { X = 2147483648 }", `1:10 BAD_CONSTANT the number of "X" does not fit 32 bits`],
    ["enum E { X = -2147483649 }", `1:10 BAD_CONSTANT the number of "X" does not fit 32 bits`],
    ["enum E { X = 2147483647, Y, Z }", `1:26 BAD_CONSTANT the number of "Y" does not fit 32 bits`],
    ["struct Tree {} struct S { 1: Tre t }", `1:30 UNKNOWN_TYPE type "Tre" is not defined; did you mean "Tree"?`],
    ["struct S { 1: list<map<i32, Nope>> t }", `1:29 UNKNOWN_TYPE type "Nope" is not defined`],
    ["typedef Nope T struct S { 1: T t = 1, 2: list<T> u }", `1:9 UNKNOWN_TYPE type "Nope" is not defined`],
    ["const Nope c = {}", `1:7 UNKNOWN_TYPE type "Nope" is not defined`],
    ["service S { Nope f() }", `1:13 UNKNOWN_TYPE type "Nope" is not defined`],
    ["service S { void f() throws (1: Nope n) }", `1:33 UNKNOWN_TYPE type "Nope" is not defined`],
    ["service S {} struct T { 1: S s }", `1:28 UNKNOWN_TYPE "S" is a service, not a type`],
    ["const i32 C = 1 struct T { 1: C s }", `1:31 UNKNOWN_TYPE "C" is a constant, not a type`],
    ["typedef A A", "1:11 CYCLE a typedef leads back to itself: A -> A"],
    ["typedef B A typedef A B struct S { 1: A a = 3 }", "1:11 CYCLE a typedef leads back to itself: A -> B -> A"],
    ["typedef list<A> A", "1:17 CYCLE a typedef leads back to itself: A -> A"],
    [
      "union U { 1: i32 a = 1, 2: i32 b = 2 }",
      `1:32 BAD_CONSTANT "b" is the second default of union U; it can have one`,
    ],
    [
      "exception E {} service S { oneway void f() throws (1: E e) }",
      `1:40 BAD_SERVICE "f" is oneway and cannot throw: nobody would hear of it`,
    ],
    [
      "struct E {} service S { void f() throws (1: E e) }",
      `1:45 BAD_SERVICE "e" cannot be thrown: its type is not an exception`,
    ],
    ["service S { void f() throws (1: i32 e) }", `1:33 BAD_SERVICE "e" cannot be thrown: its type is not an exception`],
    [
      "exception E {} service S { i32 f() throws (1: E success) }",
      `1:49 DUPLICATE_NAME "success" is already defined in the result of f`,
    ],
    [
      "exception E {} service S { void f() throws (1: E e, 1: E g) }",
      `1:58 DUPLICATE_ID id 1 of "g" is already used by "e" in the exceptions of f`,
    ],
    [
      "service S { void f(1: i32 a, 2: i32 a) }",
      `1:37 DUPLICATE_NAME "a" is already defined on line 1 in the arguments of f`,
    ],
    ["service S { void f(), void f() }", `1:28 DUPLICATE_NAME "f" is already defined on line 1 in service S`],
    [
      "service T { void f() } service M extends T {} service S extends M { void f() }",
      `1:74 DUPLICATE_NAME "f" is already defined in service T, which S extends`,
    ],
    [
      "service Ping {} service S extends Pnig {}",
      `1:35 BAD_SERVICE service "Pnig" is not defined; did you mean "Ping"?`,
    ],
    ["exception T {} service S extends T {}", `1:34 BAD_SERVICE a service extends a service, and "T" is an exception`],
    ["service S extends S {}", "1:19 CYCLE services extend each other in a circle: S -> S"],
    [
      "service A extends B {} service B extends C {} service C extends B {}",
      "1:42 CYCLE services extend each other in a circle: B -> C -> B",
    ],
  ])("%s", (text, mistake) => {
    expect(mistakes(text)).toEqual([mistake]);
  });

  it("refuses names behind an include of an include", () => {
    const files = {
      "main.thrift": `include "mid.thrift"\nstruct S { 1: base.P p }`,
      "mid.thrift": `include "base.thrift"`,
      "base.thrift": "struct P {}",
    };
    expect(mistakes(files)).toEqual([`2:15 UNKNOWN_TYPE type "base.P" is not defined`]);
  });

  it("refuses the prefix of the file itself", () => {
    expect(mistakes("struct P {} struct S { 1: main.P p }")).toEqual([
      `1:27 UNKNOWN_TYPE type "main.P" is not defined`,
    ]);
  });

  it("refuses a name that several files of one name define", () => {
    const files = {
      "main.thrift": `include "a/b.thrift"\ninclude "c/b.thrift"\nstruct S { 1: b.P p }`,
      "a/b.thrift": "struct P {}",
      "c/b.thrift": "struct P {}",
    };
    expect(mistakes(files)).toEqual([
      `3:15 DUPLICATE_NAME "b.P" is defined by several included files of that name; rename one of the files`,
    ]);
  });

  it("refuses an enum that hides constants of an include", () => {
    const files = { "main.thrift": `include "base.thrift"\nenum base { K }`, "base.thrift": "const i32 K = 1" };
    expect(mistakes(files)).toEqual([`2:13 DUPLICATE_NAME "K" is already defined in the included file base`]);
  });
});

describe("all mistakes together", () => {
  const files = {
    "main.thrift": `include "base.thrift"\nstruct S { 1: base.Q q 1: i32 r }\nconst i32 c = "x"`,
    "base.thrift": "struct P { 1: Nope n }",
  };

  it("are sorted by file, included ones first, and position", () => {
    expect(mistakes(files)).toEqual([
      `1:15 UNKNOWN_TYPE type "Nope" is not defined`,
      `2:15 UNKNOWN_TYPE type "base.Q" is not defined; did you mean "base.P"?`,
      `2:31 DUPLICATE_ID id 1 of "r" is already used by "q" in struct S`,
      `3:15 BAD_CONSTANT bad value for "c": expected i32, found a string`,
    ]);
  });

  it("give the error the place of the first, and a frame each", () => {
    try {
      parseSchema(files);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        name: "SchemaError",
        code: "ERR_THRIFT_UNKNOWN_TYPE",
        file: "base.thrift",
        line: 1,
        column: 15,
      });
      expect((error as SchemaError).frame).toBe("> 1 | struct P { 1: Nope n }\n    |               ^^^^");
      expect((error as SchemaError).message).toContain("main.thrift:3:15: bad value");
    }
  });
});

describe("warnings, where Apache's compiler accepts", () => {
  it.each([
    ["union U { 1: required i32 a }", `27 UNION_NOT_ONE "a" is required, but every member of a union is optional`],
    ["struct S { i32 a }", `16 BAD_FIELD_ID "a" has no id: it gets -1`],
    ["service S { oneway i32 f() }", `24 BAD_SERVICE "f" is oneway and should return void: no result is sent`],
    [
      "service S { void f(1: optional i32 a) }",
      `36 BAD_SERVICE "optional" is ignored in argument lists and in throws ("a")`,
    ],
    ["struct A { 1: required A a }", "8 CYCLE a struct requires itself, so no value of it can be sent: A -> A"],
    [
      "typedef B C struct A { 1: required C b } struct B { 1: required A a }",
      "20 CYCLE a struct requires itself, so no value of it can be sent: A -> B -> A",
    ],
    [
      "service S extends T {} service T {}",
      `19 UNKNOWN_NAME "T" is used here before it is defined; Apache's compiler refuses that`,
    ],
    [
      "service S { void f() throws (1: E e) } exception E {}",
      `33 UNKNOWN_NAME "E" is used here before it is defined; Apache's compiler refuses that`,
    ],
    ["enum E { A = 1, B = 1 }", `17 DUPLICATE_ID "B" has the number of "A"`],
  ])("%s", (text, warning) => {
    expect(warnings(text)).toEqual([warning]);
  });

  it.each([
    "struct A { 1: optional A a 2: A b 3: required list<A> c }",
    "const i32 A = 1 struct A {}",
    "enum A { X } enum B { X } const i32 X = 1",
    "exception E {} struct S { 1: E e } service V { E f() }",
    "struct P {} struct S { 1: map<P, i32> m 2: set<list<P>> s }",
    "service A { void f() } service B extends A { void g() } service C extends A { void g() }",
    "union U { 1: i32 a = 1 2: i32 b }",
    "enum E {} struct S {}",
  ])("nothing about %s", (text) => {
    expect(warnings(text)).toEqual([]);
  });
});

describe("hostile sizes", () => {
  const many = (count: number, line: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => line(i)).join("\n");

  it.each([
    ["typedefs in a chain", many(10_000, (i) => `typedef T${String(i + 1)} T${String(i)}`) + "\ntypedef i32 T10000", 0],
    ["typedefs in a circle", many(10_000, (i) => `typedef T${String((i + 1) % 10_000)} T${String(i)}`), 1],
    [
      "services in a chain",
      many(
        10_000,
        (i) =>
          `service S${String(10_000 - i)} ${i > 0 ? `extends S${String(10_001 - i)}` : ""} { void f${String(i)}() }`,
      ),
      0,
    ],
    ["services in a circle", many(10_000, (i) => `service S${String(i)} extends S${String((i + 1) % 10_000)} {}`), 1],
    [
      "structs that require each other",
      many(10_000, (i) => `struct S${String(i)} { 1: required S${String((i + 1) % 10_000)} s }`),
      0,
    ],
    [
      "fields of unknown types",
      `struct S {\n${many(5000, (i) => `${String(i + 1)}: Unknown${String(i)} f${String(i)}`)} }`,
      5000,
    ],
    [
      "misspelt names among many",
      `${many(5000, (i) => `struct Struct${String(i)} {}`)}\nstruct S {\n${many(5000, (i) => `${String(i + 1)}: Strukt${String(i)} f${String(i)}`)} }`,
      5000,
    ],
  ])("%s end soon", (_, text, count) => {
    const start = performance.now();
    expect(mistakes(text)).toHaveLength(count);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
