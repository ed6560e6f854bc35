import { describe, expect, it } from "vitest";
import { resolveType, type StructDescriptor, type Type } from "../../src/schema/descriptor.js";
import { parseSchema } from "../../src/schema/parse.js";

/** Spells a type with typedefs as `name=target`, so that a test can show it. */
function spell(type: Type): string {
  switch (type.kind) {
    case "list":
    case "set":
      return `${type.kind}<${spell(type.element)}>`;
    case "map":
      return `map<${spell(type.key)},${spell(type.value)}>`;
    case "typedef":
      return `${type.qualifiedName}=${spell(type.target)}`;
    case "enum":
    case "struct":
      return type.qualifiedName;
    default:
      return type.kind;
  }
}

function fieldTypes(struct: StructDescriptor): string[] {
  return struct.fields.map((field) => `${String(field.id)} ${field.name} ${spell(field.type)}`);
}

describe("types", () => {
  it("resolves base types, containers and names in any order", () => {
    const schema = parseSchema({
      "a.thrift": `
        struct S { 1: bool a 2: byte b 3: i8 c 4: i16 d 5: i32 e 6: i64 f 7: double g 8: string h 9: binary i 10: uuid j
          11: list<set<map<string, Later>>> k 12: Alias l 13: Color m 14: S n }
        typedef list<Later> Alias
        struct Later {}
        enum Color { RED }`,
    });
    expect(fieldTypes(schema.struct("S"))).toEqual([
      "1 a bool",
      "2 b i8",
      "3 c i8",
      "4 d i16",
      "5 e i32",
      "6 f i64",
      "7 g double",
      "8 h string",
      "9 i binary",
      "10 j uuid",
      "11 k list<set<map<string,a.Later>>>",
      "12 l a.Alias=list<a.Later>",
      "13 m a.Color",
      "14 n a.S",
    ]);
  });

  it("makes recursive types cyclic graphs of one object each", () => {
    const schema = parseSchema({ "a.thrift": "struct A { 1: optional list<B> b } struct B { 1: optional A a }" });
    const a = schema.struct("A");
    const list = resolveType(a.fields[0].type);
    expect(list.kind === "list" && list.element).toBe(schema.struct("B"));
    expect(schema.struct("B").fields[0].type).toBe(a);
  });

  it("follows chains of typedefs across files", () => {
    const schema = parseSchema({
      "main.thrift": `include "mid.thrift"\nstruct S { 1: mid.Q q }`,
      "mid.thrift": `include "base.thrift"\ntypedef base.P Q`,
      "base.thrift": `typedef R P typedef i64 R`,
    });
    expect(fieldTypes(schema.struct("S"))).toEqual(["1 q mid.Q=base.P=base.R=i64"]);
    expect(resolveType(schema.struct("S").fields[0].type).kind).toBe("i64");
  });

  it("takes uuid as a base type unless the file has a type of that name", () => {
    const own = parseSchema({ "a.thrift": "typedef string uuid struct S { 1: uuid u }" });
    expect(fieldTypes(own.struct("S"))).toEqual(["1 u a.uuid=string"]);
  });

  it("finds types behind prefixes with dots, and local names before included ones", () => {
    const schema = parseSchema({
      "main.thrift": `include "v1/a.b.thrift"\ninclude "base.thrift"\nstruct base { 1: a.b.P p 2: base.P q 3: base r }`,
      "v1/a.b.thrift": "struct P {}",
      "base.thrift": "struct P {}",
    });
    expect(fieldTypes(schema.struct("base"))).toEqual(["1 p a.b.P", "2 q base.P", "3 r main.base"]);
  });

  it("tells files of one name apart by what they define", () => {
    const schema = parseSchema({
      "main.thrift": `include "v1/base.thrift"\ninclude "v2/base.thrift"\nstruct S { 1: base.P p 2: base.Q q }`,
      "v1/base.thrift": "struct P {} struct R { 1: i32 one }",
      "v2/base.thrift": "struct Q {} struct R { 1: i32 two }",
    });
    expect(fieldTypes(schema.struct("S"))).toEqual(["1 p base.P", "2 q base.Q"]);
    expect(schema.struct("v2/base.R").fields[0].name).toBe("two");
    expect(() => schema.struct("base.R")).toThrow(/"base.R" is defined by several files/);
  });
});

describe("enums", () => {
  it("counts up from the member before, from 0, through negative and hex numbers", () => {
    const { members, numberOf, nameOf } = parseSchema({
      "a.thrift": "enum E { A, B = -5, C, D = 0xFF, E, F = 0 }",
    }).enum("E");
    expect(members.map((member) => [member.name, member.value])).toEqual([
      ["A", 0],
      ["B", -5],
      ["C", -4],
      ["D", 255],
      ["E", 256],
      ["F", 0],
    ]);
    expect(numberOf.get("E")).toBe(256);
    // The first of two members with one number gives it its name.
    expect(nameOf.get(0)).toBe("A");
  });
});

describe("fields", () => {
  it("keeps the order written and the requiredness", () => {
    const { fields } = parseSchema({
      "a.thrift": "struct S { 9: required i32 z, 2: optional i32 y, 5: i32 x }",
    }).struct("S");
    expect(fields.map((field) => [field.id, field.name, field.requiredness])).toEqual([
      [9, "z", "required"],
      [2, "y", "optional"],
      [5, "x", "default"],
    ]);
  });

  it("counts ids down from -1 where they are missing or not positive, as Apache's compiler does, and warns", () => {
    const schema = parseSchema({ "a.thrift": "struct S { -5: i32 a, 3: i32 b, i32 c, 0: i32 d }" });
    expect(schema.struct("S").fields.map((field) => field.id)).toEqual([-1, 3, -2, -3]);
    expect(schema.warnings.map((warning) => [warning.code, warning.location.column])).toEqual([
      ["ERR_THRIFT_BAD_FIELD_ID", 20],
      ["ERR_THRIFT_BAD_FIELD_ID", 37],
      ["ERR_THRIFT_BAD_FIELD_ID", 47],
    ]);
  });

  it("keeps negative ids on request", () => {
    const schema = parseSchema({ "a.thrift": "struct S { -5: i32 a, i32 b }" }, { keepNegativeIds: true });
    expect(schema.struct("S").fields.map((field) => field.id)).toEqual([-5, -1]);
  });

  it("makes every member of a union optional", () => {
    const schema = parseSchema({ "a.thrift": "union U { 1: required i32 a, 2: i32 b = 3, 3: optional i32 c }" });
    expect(schema.struct("U").fields.map((field) => field.requiredness)).toEqual(["optional", "optional", "optional"]);
    expect(schema.warnings.map((warning) => warning.message)).toEqual([
      '"a" is required, but every member of a union is optional',
    ]);
  });
});

describe("services", () => {
  const schema = parseSchema({
    "main.thrift": `include "base.thrift"
      exception Bad { 1: string why }
      service S extends base.Root {
        i32 add(1: i32 a, 2: required i32 b = 2, 3: optional i32 c) throws (1: Bad bad, 2: base.Worse worse = {})
        oneway void forget()
        void nothing()
      }`,
    "base.thrift": "exception Worst {} typedef Worst Worse service Root { void ping() }",
  });
  const [add, forget, nothing] = schema.service("S").methods;

  it("extends services of other files", () => {
    expect(schema.service("S").extends).toBe(schema.service("base.Root"));
  });

  it("gives a method its arguments as a struct", () => {
    expect(add.args.name).toBe("add_args");
    expect(add.args.fields.map((field) => [field.id, field.name, field.requiredness, field.defaultValue])).toEqual([
      [1, "a", "default", undefined],
      [2, "b", "required", 2],
      [3, "c", "default", undefined],
    ]);
  });

  it("gives a method its result as a struct of success and the declared exceptions, all optional", () => {
    expect(add.result?.name).toBe("add_result");
    expect(add.result?.fields.map((field) => [field.id, field.name, field.requiredness, field.defaultValue])).toEqual([
      [0, "success", "optional", undefined],
      [1, "bad", "optional", undefined],
      [2, "worse", "optional", undefined],
    ]);
    expect(add.throws).toEqual(add.result?.fields.slice(1));
    expect(nothing.result?.fields).toEqual([]);
    expect(nothing.returnType).toBeUndefined();
  });

  it("gives a oneway method no result", () => {
    expect(forget).toMatchObject({ oneway: true, result: undefined });
  });
});

describe("documentation and annotations", () => {
  const schema = parseSchema({
    "main.thrift": `/** file */

namespace py golden.main (key = "n")
namespace * all
/** typedef */
typedef list<i32 (el = "1")> (li = "2") L (td = "3")
/** enum */
enum E { /** member */ A (me = "4") } (en = "5")
/** struct */
struct S { /** field */ 1: i64 (ty = "6") a (fi = "7", fi = "8", bare) } (st = "9")
/** constant */
const i32 C = 1
/** service */
service V { /** method */ void m(/** argument */ 1: i32 a (ar = "10")) throws (1: X x (th = "11")) (mt = "12") } (sv = "13")
/** exception */
exception X {}
`,
  });
  const field = schema.struct("S").fields[0];
  const method = schema.service("V").methods[0];
  const alias = schema.typedef("L");
  const list = alias.target as Extract<Type, { kind: "list" }>;

  it.each([
    ["file", schema.entry.doc],
    ["typedef", alias.doc],
    ["enum", schema.enum("E").doc],
    ["member", schema.enum("E").members[0].doc],
    ["struct", schema.struct("S").doc],
    ["field", field.doc],
    ["constant", schema.constants[0].doc],
    ["service", schema.service("V").doc],
    ["method", method.doc],
    ["argument", method.args.fields[0].doc],
    ["exception", schema.struct("X").doc],
  ])("keeps the doc comment of a %s", (text, doc) => {
    expect(doc?.trim()).toBe(text);
  });

  it.each([
    ["a namespace", schema.namespaces.get("py")!.annotations, { key: "n" }],
    ["an element type", list.element, { el: "1" }],
    ["a container type", list, { li: "2" }],
    ["a typedef", alias, { td: "3" }],
    ["an enum member", schema.enum("E").members[0], { me: "4" }],
    ["an enum", schema.enum("E"), { en: "5" }],
    ["the type of a field", field.type, { ty: "6" }],
    ["a field, the last of a name", field, { fi: "8", bare: "1" }],
    ["a struct", schema.struct("S"), { st: "9" }],
    ["an argument", method.args.fields[0], { ar: "10" }],
    ["a declared exception", method.throws[0], { th: "11" }],
    ["a method", method, { mt: "12" }],
    ["a service", schema.service("V"), { sv: "13" }],
  ])("keeps the annotations of %s", (_, owner, expected) => {
    const annotations =
      owner instanceof Map ? owner : (owner as { annotations: ReadonlyMap<string, string> }).annotations;
    expect(Object.fromEntries(annotations)).toEqual(expected);
  });

  it("keeps namespaces by language", () => {
    expect([...schema.namespaces.values()].map(({ scope, name }) => [scope, name])).toEqual([
      ["py", "golden.main"],
      ["*", "all"],
    ]);
  });

  it("knows where each thing is defined", () => {
    expect(schema.struct("S").location).toEqual({ file: "main.thrift", line: 10, column: 8 });
    expect(field.location).toMatchObject({ line: 10, column: 43 });
  });
});

describe("names from the IDL", () => {
  it("are harmless whatever they are", () => {
    const schema = parseSchema({
      "main.thrift": `enum toString { __proto__, constructor, hasOwnProperty }
        struct __proto__ { 1: i32 __proto__, 2: constructor constructor = {"valueOf": 1}, 3: toString e = toString.__proto__ } (__proto__ = "x")
        struct constructor { 1: i32 valueOf }
        const __proto__ then = {"__proto__": 7}
        service hasOwnProperty { void __proto__() void constructor() void then() }`,
    });
    const proto = schema.struct("__proto__");
    expect(proto.fields.map((field) => field.name)).toEqual(["__proto__", "constructor", "e"]);
    expect(proto.annotations.get("__proto__")).toBe("x");
    const constant = schema.constant("then") as object;
    expect(Object.getOwnPropertyDescriptor(constant, "__proto__")?.value).toBe(7);
    expect(Object.getPrototypeOf(constant)).toBe(Object.prototype);
    expect(schema.enum("toString").numberOf.get("constructor")).toBe(1);
    expect(() => schema.struct("valueOf")).toThrow(/no struct is called "valueOf"/);
    expect(() => parseSchema({ "a.thrift": "struct S { 1: constructor c }" })).toThrow(
      /type "constructor" is not defined/,
    );
  });
});

describe("speed", () => {
  it("links thousands of fields in time that grows with their number", () => {
    const fields = Array.from(
      { length: 20 },
      (_, i) => `${String(i + 1)}: optional list<T${String(i)}> f${String(i)} = []`,
    ).join(" ");
    const structs = (count: number): string =>
      Array.from({ length: count }, (_, i) => `struct T${String(i)} { ${fields} }`).join("\n");
    const time = (text: string): number => {
      const start = performance.now();
      parseSchema({ "a.thrift": text });
      return performance.now() - start;
    };
    time(structs(200));
    const small = Math.min(time(structs(200)), time(structs(200)));
    // Five times the work; a quadratic step would take 25 times as long.
    expect(time(structs(1000))).toBeLessThan(Math.max(15 * small, 500));
  });
});
