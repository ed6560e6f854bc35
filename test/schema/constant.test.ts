import { describe, expect, it } from "vitest";
import { SchemaError } from "../../src/errors.js";
import type { ConstantValue } from "../../src/schema/descriptor.js";
import { parseSchema } from "../../src/schema/parse.js";

const PRELUDE = `
  enum C { R = 5, G, NEG = -7 }
  enum D { R = 50, B = 60 }
  typedef C Alias
  typedef i32 Int
  struct P { 1: i32 x, 2: optional string label, 3: list<C> colors }
  union U { 1: i32 a, 2: i32 b }
  exception E { 1: string message }
`;

const BASE = `
  enum Color { RED = 1 }
  const i32 K = 9
  const map<string, list<i32>> TABLE = {"a": [K, 2]}
  const Color FAVOURITE = Color.RED
`;

function evaluate(declaration: string): ConstantValue {
  return parseSchema(
    { "main.thrift": `include "base.thrift"\n${PRELUDE}\n${declaration}`, "base.thrift": BASE },
    { entry: "main.thrift" },
  ).constant("v");
}

function problemsOf(text: string): string[] {
  try {
    parseSchema({ "main.thrift": text });
  } catch (error) {
    if (error instanceof SchemaError) return error.problems.map((problem) => `${problem.code} ${problem.message}`);
    throw error;
  }
  return [];
}

describe("values", () => {
  it.each<[string, ConstantValue]>([
    ["const bool v = true", true],
    ["const bool v = 0", false],
    ["const bool v = 1", true],
    ["const byte v = -128", -128],
    ["const i16 v = 0x7FFF", 32767],
    ["const i32 v = -0x1F", -31],
    ["const i32 v = +5", 5],
    ["const i32 v = true", 1],
    ["const Int v = 3", 3],
    ["const i64 v = 9223372036854775807", 9223372036854775807n],
    ["const i64 v = -9223372036854775808", -9223372036854775808n],
    ["const i64 v = 9007199254740993", 9007199254740993n],
    ["const double v = 1.5e-3", 0.0015],
    ["const double v = 3", 3],
    ["const double v = -.5", -0.5],
    ["const double v = true", 1],
    ["const double v = 1e400", Infinity],
    [`const string v = "a\\"b"`, 'a"b'],
    [`const string v = 'it'`, "it"],
    [`const binary v = "h\u00e9"`, new Uint8Array([0x68, 0xc3, 0xa9])],
    [`const uuid v = "00112233-4455-6677-8899-AABBCCDDEEFF"`, "00112233-4455-6677-8899-aabbccddeeff"],
    [`const uuid v = "{00112233-4455-6677-8899-aabbccddeeff}"`, "00112233-4455-6677-8899-aabbccddeeff"],
    ["const list<i32> v = [1, 2 3; 4]", [1, 2, 3, 4]],
    ["const list<i32> v = {}", []],
    ["const list<list<i64>> v = [[1], []]", [[1n], []]],
    ["const set<i32> v = [1, 2, 1]", new Set([1, 2])],
    [
      "const map<i32, i64> v = {1: 2, 3: 4}",
      new Map([
        [1, 2n],
        [3, 4n],
      ]),
    ],
    ["const map<i32, i32> v = {1: 2, 1: 3}", new Map([[1, 3]])],
    ["const map<i32, i32> v = []", new Map()],
    [`const P v = {"colors": [C.R], "x": 1}`, { x: 1, colors: [5] }],
    ["const P v = {}", {}],
    [`const U v = {"b": 1}`, { b: 1 }],
    [`const E v = {"message": "m"}`, { message: "m" }],
    ["const C v = C.G", 6],
    ["const C v = 6", 6],
    ["const C v = Alias.NEG", -7],
    ["const Alias v = C.R", 5],
    ["const i32 v = C.G", 6],
    ["const i64 v = C.G", 6n],
    ["const double v = C.G", 6],
    ['const map<C, list<string>> v = {C.R: ["x"]}', new Map([[5, ["x"]]])],
    // Apache's compiler looks at the last part of the name only.
    ["const C v = D.R", 5],
    ["const C v = nowhere.R", 5],
  ])("%s", (declaration, value) => {
    expect(evaluate(declaration)).toStrictEqual(value);
  });

  it("keeps the declared order of fields", () => {
    expect(Object.keys(evaluate(`const P v = {"colors": [], "label": "l", "x": 1}`) as object)).toEqual([
      "x",
      "label",
      "colors",
    ]);
  });
});

describe("references", () => {
  it.each<[string, ConstantValue]>([
    ["const i32 w = 7 const i32 v = w", 7],
    ["const i32 w = 7 const i64 v = w", 7n],
    ["const i32 w = 7 const double v = w", 7],
    ["const i32 v = w const i32 w = 7", 7],
    ["const list<i32> v = [w, w] const i32 w = 7", [7, 7]],
    [`const string w = "k" const map<string, i32> v = {w: 1}`, new Map([["k", 1]])],
    [`const string w = "k" const binary v = w`, new Uint8Array([0x6b])],
    ["const list<i32> w = [1, 2] const list<double> v = w", [1, 2]],
    [`const P w = {"x": 1} const P v = w`, { x: 1 }],
    ["const C w = C.G const C v = w", 6],
    ["const i32 w = 6 const C v = w", 6],
    ["const C w = C.G const i32 v = w", 6],
    ["const C w = C.R const list<C> v = [w]", [5]],
    ["const i32 v = base.K", 9],
    ["const double v = base.K", 9],
    ["const map<string, list<i32>> v = base.TABLE", new Map([["a", [9, 2]]])],
    ["const map<string, list<double>> v = base.TABLE", new Map([["a", [9, 2]]])],
    ["const base.Color v = base.Color.RED", 1],
    ["const base.Color v = base.FAVOURITE", 1],
    ["const i32 v = base.Color.RED", 1],
    // Constants and types have separate names.
    ["const i32 P = 3 const i32 v = P", 3],
  ])("%s", (declaration, value) => {
    expect(evaluate(declaration)).toStrictEqual(value);
  });

  it("gives each caller its own copy", () => {
    const schema = parseSchema({ "a.thrift": "const list<map<i32, i32>> A = [{1: 2}]" });
    (schema.constant("A") as Map<number, number>[])[0].clear();
    expect(schema.constant("A")).toEqual([new Map([[1, 2]])]);
  });

  it("warns about a constant used before it is defined, which Apache's compiler refuses", () => {
    const { warnings } = parseSchema({ "a.thrift": "const i32 a = b\nconst i32 b = 1" });
    expect(warnings.map(({ location, message }) => [location.line, location.column, message])).toEqual([
      [1, 15, `"b" is used here before it is defined; Apache's compiler refuses that`],
    ]);
  });
});

describe("what compilers let pass", () => {
  it.each<[string, ConstantValue, string]>([
    ["const i8 v = 200", -56, 'value for "v": the number does not fit i8 and wraps to -56'],
    ["const i32 v = 0xFFFFFFFF", -1, 'value for "v": the number does not fit i32 and wraps to -1'],
    ["const bool v = 2", true, 'value for "v": a bool other than 0 and 1 is read as true'],
    ["enum C { R } const C v = D.R", 0, 'value for "v": "D" is not enum C; compilers take C.R'],
    [
      `union U { 1: i32 a 2: i32 b } const U v = {"a": 1, "b": 2}`,
      { a: 1, b: 2 },
      'value for "v": a union has one field, this has 2',
    ],
    [
      `struct S { 1: i8 a } const S v = {"a": 300}`,
      { a: 44 },
      'value for "v.a": the number does not fit i8 and wraps to 44',
    ],
  ])("%s is a warning", (declaration, value, warning) => {
    const schema = parseSchema({ "main.thrift": declaration });
    expect(schema.constant("v")).toStrictEqual(value);
    expect(schema.warnings.map(({ code, message }) => [code, message])).toEqual([["ERR_THRIFT_BAD_CONSTANT", warning]]);
  });
});

describe("mistakes", () => {
  const BAD = "ERR_THRIFT_BAD_CONSTANT bad value for";
  it.each([
    [`const i32 v = "x"`, `${BAD} "v": expected i32, found a string`],
    ["const i32 v = 1.0", `${BAD} "v": expected i32, found a double`],
    ["const i32 v = [1]", `${BAD} "v": expected i32, found a list`],
    ["const i32 v = {}", `${BAD} "v": expected i32, found a map`],
    ["const string v = 1", `${BAD} "v": expected string, found an integer`],
    ["const string v = true", `${BAD} "v": expected string, found the name "true"`],
    ["const bool v = 1.0", `${BAD} "v": expected bool, found a double`],
    [`const double v = "1"`, `${BAD} "v": expected double, found a string`],
    [
      `const uuid v = "zzz"`,
      `${BAD} "v": expected a uuid such as 00112233-4455-6677-8899-aabbccddeeff, found another string`,
    ],
    ["const list<i32> v = 1", `${BAD} "v": expected list<i32>, found an integer`],
    ["const set<i32> v = {1: 2}", `${BAD} "v": expected set<i32>, found a map`],
    ["const map<i32, i32> v = [1]", `${BAD} "v": expected map<i32, i32>, found a list`],
    [`const list<i32> v = [1, "x"]`, `${BAD} "v": expected i32, found a string`],
    [`struct P { 1: i32 x } const P v = [1]`, `${BAD} "v": expected P, found a list`],
    [`struct P { 1: i32 width } const P v = {"widht": 1}`, `${BAD} "v": P has no field "widht"; did you mean "width"?`],
    [`struct P { 1: i32 x } const P v = {1: 1}`, `${BAD} "v": a field of P is named by a string, found an integer`],
    [`struct P { 1: i32 x } const P v = {"x": "s"}`, `${BAD} "v.x": expected i32, found a string`],
    [`struct P { 1: i32 constructor } const P v = {"toString": 1}`, `${BAD} "v": P has no field "toString"`],
    ["enum C { R } const C v = 7", `${BAD} "v": no member of enum C has this number`],
    [`enum C { R } const C v = "R"`, `${BAD} "v": expected C, found a string`],
    ["enum C { R } const C v = R", `${BAD} "v": an enum member is written with its enum: C.R`],
    [
      "enum C { RED } const C v = C.REDD",
      `ERR_THRIFT_UNKNOWN_NAME no constant or enum member is called "C.REDD"; did you mean "C.RED"?`,
    ],
    ["enum C { R } enum D { X } const C v = D.X", `${BAD} "v": "D.X" is not a member of enum C`],
    [
      "const i32 v = limit const i32 LIMIT = 1",
      `ERR_THRIFT_UNKNOWN_NAME no constant or enum member is called "limit"; did you mean "LIMIT"?`,
    ],
    [`const string w = "x" const i32 v = w`, `${BAD} "v": expected i32, found a string`],
    ["const list<double> w = [1.5] const list<i32> v = w", `${BAD} "v": expected i32, found a double`],
    [
      "const list<i32> w = [1] const set<i32> v = w",
      `${BAD} "v": expected set<i32>, found a constant of type list<i32>`,
    ],
    [`struct P {} struct Q {} const P w = {} const Q v = w`, `${BAD} "v": expected Q, found a constant of type P`],
    ["struct S { 1: S a = {} }", "ERR_THRIFT_CYCLE a default contains itself: a -> a"],
    [
      "struct S { 1: T t = {} } struct T { 1: list<S> s = [{}] }",
      "ERR_THRIFT_CYCLE a default contains itself: t -> s -> t",
    ],
    [`struct S { 1: i32 a = "x" }`, `${BAD} "a": expected i32, found a string`],
    [`typedef i32 I struct S { 1: I a = "x" }`, `${BAD} "a": expected i32, found a string`],
    [`service S { void f(1: i32 a = "x") }`, `${BAD} "a": expected i32, found a string`],
    [`exception E {} service S { void f() throws (1: E e = []) }`, `${BAD} "e": expected E, found a list`],
    ["const i32 a = a", "ERR_THRIFT_CYCLE constants refer to each other in a circle: a -> a"],
    [
      "const i32 a = b const list<i32> c = [a] const i32 b = d const i32 d = b",
      "ERR_THRIFT_CYCLE constants refer to each other in a circle: b -> d -> b",
    ],
  ])("%s", (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it("shows a bad reference where it stands", () => {
    expect(() => parseSchema({ "a.thrift": `const string w = "x"\nconst i32 v = w` })).toThrow(
      expect.objectContaining({ code: "ERR_THRIFT_BAD_CONSTANT", file: "a.thrift", line: 2, column: 15 }),
    );
  });

  it("refuses references that double with every step", () => {
    const steps = Array.from(
      { length: 40 },
      (_, i) => `const list<T${String(i)}> c${String(i + 1)} = [c${String(i)}, c${String(i)}]`,
    );
    const types = steps.map((_, i) => `typedef list<T${String(i)}> T${String(i + 1)}`);
    const text = `typedef i32 T0\nconst T0 c0 = 1\n${types.join("\n")}\n${steps.join("\n")}`;
    expect(problemsOf(text)[0]).toMatch(/references between constants add up to more than 1000000 values/);
  });

  it("refuses defaults that double with every struct, or nest too deep", () => {
    const doubling = (i: number): string =>
      `struct S${String(i)} { 1: S${String(i - 1)} a = {} 2: S${String(i - 1)} b = {} }`;
    const nesting = (i: number): string => `struct S${String(i)} { 1: S${String(i - 1)} a = {} }`;
    const structs = (count: number, line: (i: number) => string): string =>
      `struct S0 {}\n${Array.from({ length: count }, (_, i) => line(i + 1)).join("\n")}`;
    expect(problemsOf(structs(15, doubling))).toEqual([]);
    expect(problemsOf(structs(60, doubling))[0]).toMatch(
      /defaults inside the default of "." add up to more than 1000000 values/,
    );
    expect(problemsOf(structs(150, nesting))).toEqual([]);
    expect(problemsOf(structs(5000, nesting))[0]).toMatch(/defaults nest deeper than 200/);
  });

  it.each([
    ["forward", (i: number) => `const i32 a${String(i)} = a${String(i + 1)}`],
    ["backward", (i: number) => `const i32 a${String(5000 - i)} = a${String(5001 - i)}`],
  ])("takes a long chain of %s references in its stride", (direction, step) => {
    const chain = Array.from({ length: 5000 }, (_, i) => step(i)).join("\n");
    const text = direction === "forward" ? `${chain}\nconst i32 a5000 = 1` : `const i32 a5001 = 1\n${chain}`;
    const problems = problemsOf(text);
    for (const problem of problems) expect(problem).toMatch(/nest deeper than 200/);
    if (direction === "backward") expect(problems).toEqual([]);
  });
});
