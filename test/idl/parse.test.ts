import { describe, expect, it, vi } from "vitest";
import { IdlError, type Problem } from "../../src/errors.js";
import type { IdlLimits } from "../../src/idl/limits.js";
import { parseIdl } from "../../src/idl/parse.js";
import type { DefinitionSyntax, FieldSyntax, ValueSyntax } from "../../src/idl/syntax.js";

function only(text: string): DefinitionSyntax {
  const { definitions } = parseIdl(text, "t.thrift");
  expect(definitions).toHaveLength(1);
  return definitions[0];
}

function fieldsOf(body: string): FieldSyntax[] {
  const definition = only(`struct S { ${body} }`);
  return definition.kind === "struct" ? definition.fields : [];
}

/** The value of a constant without its places. */
function valueOf(text: string): unknown {
  const definition = only(`const i32 x = ${text}`);
  return definition.kind === "const" ? plain(definition.value) : undefined;
}

function plain(value: ValueSyntax): unknown {
  switch (value.kind) {
    case "list":
      return value.elements.map(plain);
    case "map":
      return new Map(value.entries.map((entry) => [plain(entry.key), plain(entry.value)]));
    case "identifier":
      return { name: value.name };
    default:
      return value.value;
  }
}

function problemsOf(text: string, limits?: IdlLimits): readonly Problem[] {
  try {
    parseIdl(text, "t.thrift", limits);
  } catch (error) {
    if (error instanceof IdlError) return error.problems;
    throw error;
  }
  return [];
}

function told(text: string): string[] {
  return problemsOf(text).map(({ location, message }) => `${location.line}:${location.column} ${message}`);
}

describe("parseIdl reads", () => {
  it("headers, with annotations of namespaces", () => {
    const { includes, namespaces } = parseIdl(
      'include "a.thrift" cpp_include "x" namespace * a.b namespace xsd c (uri="u", k)',
      "t",
    );
    expect(includes).toEqual([{ path: "a.thrift", start: 8, end: 18 }]);
    expect(namespaces.map(({ scope, name }) => [scope, name])).toEqual([
      ["*", "a.b"],
      ["xsd", "c"],
    ]);
    expect(namespaces[1].annotations.map(({ name, value }) => [name.text, value])).toEqual([
      ["uri", "u"],
      ["k", "1"],
    ]);
  });

  it("definitions in the order of the text", () => {
    const text = "typedef i32 T; const T c = 1 enum E {} union U {} struct S {} exception X {} service V {}";
    const kinds = parseIdl(text, "t").definitions.map((d) => (d.kind === "struct" ? d.variant : d.kind));
    expect(kinds).toEqual(["typedef", "const", "enum", "union", "struct", "exception", "service"]);
  });

  it("fields: id, requiredness, default, as written", () => {
    const fields = fieldsOf("1: required i32 a = 1; -0x2: optional bool b, byte c true: i8 d +7: i8 e");
    expect(fields.map((f) => [f.name.text, f.id, f.requiredness])).toEqual([
      ["a", 1n, "required"],
      ["b", -2n, "optional"],
      ["c", undefined, "default"],
      ["d", 1n, "default"],
      ["e", 7n, "default"],
    ]);
  });

  it("required members of a union as required", () => {
    const union = only("union U { 1: required i32 a }");
    expect(union.kind === "struct" && union.fields[0].requiredness).toBe("required");
  });

  it("names that are properties of Object.prototype, and words of newer compilers", () => {
    const names = ["__proto__", "constructor", "toString", "string", "list", "required", "struct", "uuid", "then"];
    expect(fieldsOf(names.map((name) => `i32 ${name}`).join(" ")).map((field) => field.name.text)).toEqual(names);
  });

  it("types nested, annotated, with cpp_type dropped", () => {
    const [field] = fieldsOf('1: map cpp_type "m" <string (a="b"), list<uuid> cpp_type "l"> (c) & x');
    const type = field.type;
    if (type.kind !== "map") throw new Error("expected a map");
    expect(type.annotations.map(({ name }) => name.text)).toEqual(["c"]);
    expect(type.key).toMatchObject({ kind: "base", name: "string", annotations: [{ value: "b" }] });
    expect(type.value).toMatchObject({ kind: "list", element: { kind: "base", name: "uuid" } });
    expect(field.name.text).toBe("x");
  });

  it("methods: oneway and async, void, throws, annotations", () => {
    const service = only(
      "service S extends a.B { async void f() oneway void g(), list<i32> h(1: i32 a) throws (1: E e) (k='v') }",
    );
    if (service.kind !== "service") throw new Error("expected a service");
    expect(service.extends?.text).toBe("a.B");
    expect(
      service.methods.map((m) => [m.name.text, m.oneway, m.returnType?.kind, m.args.length, m.throws.length]),
    ).toEqual([
      ["f", true, undefined, 0, 0],
      ["g", true, undefined, 0, 0],
      ["h", false, "list", 1, 1],
    ]);
    expect(service.methods[2].annotations).toMatchObject([{ value: "v" }]);
  });

  const VALUES: [text: string, value: unknown][] = [
    ["9223372036854775807", 9223372036854775807n],
    ["-9223372036854775808", -9223372036854775808n],
    ["-0x1F", -31n],
    ["+0x1f", 31n],
    ["007", 7n],
    [".5", 0.5],
    ["-1.5e-3", -0.0015],
    ["1E3", 1000],
    ["1e400", Infinity],
    ["'a\\n\\t\\r\\'\\\"\\\\b'", "a\n\t\r'\"\\b"],
    ['"é\u2028"', "é\u2028"],
    ["true", { name: "true" }],
    ["base.E.A", { name: "base.E.A" }],
    ["[1 2;3,]", [1n, 2n, 3n]],
    ["[1-2+3]", [1n, -2n, 3n]],
    ["[1.5.5]", [1.5, 0.5]],
    [
      "{1: 'a' 2: []; }",
      new Map<unknown, unknown>([
        [1n, "a"],
        [2n, []],
      ]),
    ],
    ["[[], {}]", [[], new Map()]],
  ];
  it.each(VALUES)("the constant %j", (text, value) => {
    expect(valueOf(text)).toEqual(value);
  });

  it("enum members with and without numbers", () => {
    const definition = only("enum E { A, B = -1 (x) C = 0x10; D = true }");
    expect(definition.kind === "enum" && definition.members.map((m) => [m.name.text, m.value])).toEqual([
      ["A", undefined],
      ["B", -1n],
      ["C", 16n],
      ["D", 1n],
    ]);
  });
});

describe("places in the tree", () => {
  it("cover what they name", () => {
    const text = "\ufeff/* c */ const list<map<i8, a.B>> x = [{1: 2}, 'z'];\r\n//\n#\nservice S extends a.T {}";
    const { definitions } = parseIdl(text, "t");
    const [constant, service] = definitions;
    const at = ({ start, end }: { start: number; end: number }): string => text.slice(start, end);
    if (constant?.kind !== "const" || service?.kind !== "service") throw new Error("expected a const and a service");
    expect(at(constant)).toBe("const list<map<i8, a.B>> x = [{1: 2}, 'z'];");
    expect(at(constant.name)).toBe("x");
    expect(at(constant.type)).toBe("list<map<i8, a.B>>");
    expect(constant.type.kind === "list" && at(constant.type.element)).toBe("map<i8, a.B>");
    expect(at(constant.value)).toBe("[{1: 2}, 'z']");
    expect(constant.value.kind === "list" && constant.value.elements.map(at)).toEqual(["{1: 2}", "'z'"]);
    expect(at(service)).toBe("service S extends a.T {}");
    expect(service.extends && at(service.extends)).toBe("a.T");
  });
});

describe("a mistake is told where it stands", () => {
  const CASES: [text: string, told: string[]][] = [
    ["struct S {\n  1: i32 }", ["2:10 expected the name of the field, found '}'"]],
    ["struct S {\r\n\t1: \t}", ["2:6 expected a field type, found '}'"]],
    ["//\n#\n//\nstruct {", ["4:8 expected the name of the struct, found '{'"]],
    ["/* a\n b */ /**/ struct 1", ["2:19 expected the name of the struct, found '1'"]],
    ["/** d */ foo", ["1:10 expected a header or definition, found 'foo'"]],
    ["\ufeffstrcut S {}", ["1:2 expected a header or definition, found 'strcut'; did you mean 'struct'?"]],
    ["struct S {} include 'x'", ["1:13 expected a definition, found 'include': it must stand before all definitions"]],
    ["struct S { 1: i32 a", ["1:20 expected a field or '}', found the end of the file"]],
    ["struct S {} /* x", ["1:13 expected '*/' before the end of the file: this comment is never closed"]],
    [
      "const string s = 'a\nstruct S {",
      [
        '1:18 expected "\'" before the end of the line: this string is never closed',
        "2:11 expected a field or '}', found the end of the file",
      ],
    ],
    ['const string s = "\\x41"', ["1:19 expected one of \\n \\r \\t \\\" \\' \\\\, found another escape"]],
    ["const i64 x = 9223372036854775808", ["1:15 expected an integer of at most 64 bits, found a larger one"]],
    ["struct a\u00a0b {}", ["1:9 unexpected character U+00A0"]],
    ["struct S { 1: slist a }", ["1:15 'slist' is no longer part of Thrift; use 'string'"]],
    ["py_module a", ["1:1 'py_module' is no longer part of Thrift; use 'namespace py'"]],
    ["struct A.B {}", ["1:8 expected a name without dots, found 'A.B'"]],
    ["const map<i32,i32> x = {1=2}", ["1:26 expected ':' between the key and its value, found '='"]],
    ["struct S { 1: i32 string_ 2: list<> x }", ["1:35 expected a type, found '>'"]],
  ];
  it.each(CASES)("in %j", (text, expected) => {
    expect(told(text)).toEqual(expected);
  });

  it("each one of a file, in bodies too", () => {
    const text =
      "enum E {\n  A = 1.5\n  B = C,\n  D\n} (x)\nservice T {\n  void f(1: list<> x,\n    2: i32 y)\n  void g(\n}\nstruct U {\n  1: i32 a\nstruct V {}\nfoo\ntypedef i32;";
    expect(told(text).map((line) => line.split(" ")[0])).toEqual([
      "2:7",
      "3:7",
      "7:18",
      "10:1",
      "13:1",
      "14:1",
      "15:12",
    ]);
  });

  it("with a frame", () => {
    const [problem] = problemsOf("struct S {\n  1: i32 }\n");
    expect(problem.frame).toBe("  1 | struct S {\n> 2 |   1: i32 }\n    |          ^\n  3 |");
    expect(problem.code).toBe("ERR_THRIFT_IDL_SYNTAX");
    expect(problem.location).toEqual({ file: "t.thrift", line: 2, column: 10 });
  });

  it("without printing anything", () => {
    const spies = (["log", "warn", "error", "info", "debug"] as const).map((name) => vi.spyOn(console, name));
    problemsOf("struct {{ \n enum");
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });
});

describe("limits", () => {
  it("of nesting: the deepest allowed passes, one more does not", () => {
    const nested = (depth: number): string => `typedef ${"list<".repeat(depth)}i32${">".repeat(depth)} T`;
    expect(problemsOf(nested(64))).toEqual([]);
    expect(problemsOf(nested(65))).toMatchObject([{ code: "ERR_THRIFT_IDL_LIMIT" }]);
    expect(problemsOf(`const i32 x = ${"[".repeat(65)}${"]".repeat(65)}`)).toMatchObject([
      { code: "ERR_THRIFT_IDL_LIMIT" },
    ]);
    expect(problemsOf(nested(3), { maxNesting: 2 })).toMatchObject([{ code: "ERR_THRIFT_IDL_LIMIT" }]);
  });

  it("of size", () => {
    expect(problemsOf("struct S {}", { maxFileBytes: 10 })).toMatchObject([{ code: "ERR_THRIFT_IDL_LIMIT" }]);
    expect(problemsOf("struct S {}", { maxFileBytes: 11 })).toEqual([]);
  });

  it("of problems told", () => {
    expect(problemsOf("@\n".repeat(100))).toHaveLength(20);
    expect(problemsOf("@\n".repeat(100), { maxProblems: 1 })).toHaveLength(1);
  });

  const HOSTILE: [name: string, text: string][] = [
    ["1 MB of (", "(".repeat(1e6)],
    ["20,000 nested list<", `typedef ${"list<".repeat(20_000)}`],
    ["an unclosed comment", `/* ${"x".repeat(1e6)}`],
    ["an unclosed string", `const string s = '${"\\n".repeat(5e5)}`],
    ["100,000 mistakes", "struct {\n".repeat(1e5)],
    ["a number of a million digits", `const i64 x = ${"9".repeat(1e6)}`],
    ["a name of a million characters", `struct S { 1: ${"a".repeat(1e6)} }`],
    ["a comment with a million blanks", `/** a${" ".repeat(1e6)}b\n c */ struct`],
    ["nested constants", `const i32 x = ${"{".repeat(1e6)}`],
    ["annotations without end", `typedef i32 T (${"a ".repeat(3e5)}`],
  ];
  it.each(HOSTILE)("%s is refused soon, in a short message", (_name, text) => {
    const start = performance.now();
    const problems = problemsOf(text);
    expect(performance.now() - start).toBeLessThan(3000);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.map(({ message, frame }) => message + frame).join("").length).toBeLessThan(30_000);
  });
});
