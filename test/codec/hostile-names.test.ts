import { afterEach, describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import { resolveOptions, type CodecOptions } from "../../src/codec/options.js";
import { planStruct } from "../../src/codec/plan.js";
import { generatedSource } from "../../src/codec/source/unit.js";
import type { FieldDescriptor, StructDescriptor, Type } from "../../src/schema/descriptor.js";
import { parseSchema } from "../../src/schema/parse.js";
import { forEachBackend } from "../support/backends.js";
import { hex } from "../support/hex.js";
import { difference } from "../support/outcome.js";

/** Names that mean something to JavaScript, to promises, to objects, to generated code. */
const NAMES = [
  ..."__proto__ constructor prototype then return toString valueOf hasOwnProperty isPrototypeOf toJSON toLocaleString".split(
    " ",
  ),
  ..."propertyIsEnumerable __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ arguments eval undefined NaN".split(
    " ",
  ),
  ..."await yield let static class function new delete typeof var if in instanceof this null true false void with".split(
    " ",
  ),
  ..."o p v h f0 c0 n0 view input output fail own last end set start encode0 decode0 readText name message stack code cause".split(
    " ",
  ),
];

/** Text that would be code, or end what it stands in, if it were spliced into source. */
const TEXTS = [
  `"`,
  `'`,
  "`",
  "\\",
  '\\"',
  "${process.exit(1)}",
  "*/ throw 1; /*",
  "// x",
  "</script><script>",
  "<!--",
  "\u2028throw 1\u2029",
  "\n\r\0",
  "'); globalThis.leaked = 1; ('",
  '"]; globalThis.leaked = 1; ["',
];

const nowhere = { file: "", line: 0, column: 0 };

/** A struct made by hand: names that the grammar of the IDL does not let through arrive this way, from snapshots that others wrote. */
function structOf(
  name: string,
  fields: readonly [string, Type][],
  variant: StructDescriptor["variant"] = "struct",
): StructDescriptor {
  const annotations = new Map(TEXTS.map((text) => [text, text]));
  const described = { doc: TEXTS.join(""), annotations, location: nowhere };
  const make = ([fieldName, type]: [string, Type], i: number): FieldDescriptor => ({
    ...described,
    name: fieldName,
    id: i + 1,
    requiredness: "optional",
    type,
    defaultValue: undefined,
  });
  return {
    ...described,
    kind: "struct",
    variant,
    name,
    qualifiedName: `a.${name}`,
    fields: fields.map(([n, t], i) => make([n, t], i)),
  } as unknown as StructDescriptor;
}

const base = (kind: "i32" | "string"): Type => ({ kind, annotations: new Map() });

const objectProperties = Reflect.ownKeys(Object.prototype);

afterEach(() => {
  expect(Reflect.ownKeys(Object.prototype)).toEqual(objectProperties);
  expect("leaked" in globalThis).toBe(false);
});

forEachBackend((backend) => {
  describe("names of fields", () => {
    const everyName = structOf(
      "S",
      [...NAMES, ...TEXTS].map((name) => [name, base("i32")]),
    );
    const valueOf = (names: readonly string[]): Record<string, number> => {
      const value: Record<string, number> = Object.create(null) as Record<string, number>;
      for (const [i, name] of names.entries()) value[name] = i;
      return value;
    };

    it("are properties and nothing else", () => {
      const codec = compile<any>(everyName, { backend });
      const value = valueOf([...NAMES, ...TEXTS]);
      const decoded = codec.decode(codec.encode(value));
      expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
      expect(Object.entries(decoded)).toEqual(Object.entries(value));
      expect(difference(codec.decode(codec.encode(decoded)), decoded)).toBeUndefined();
    });

    it("what objects inherit is no value of theirs", () => {
      const codec = compile<any>(everyName, { backend });
      expect(Array.from(codec.encode({}))).toEqual([0]);
      expect(Array.from(codec.encode(new (class Foo {})()))).toEqual([0]);
      const decoded = codec.decode(hex`00`);
      expect(Object.keys(decoded)).toEqual([...NAMES, ...TEXTS]);
      expect(Object.values(decoded).every((value) => value === undefined)).toBe(true);
    });

    it.each(["struct", "union", "exception"] as const)("one by one, in a %s that refers to itself", (variant) => {
      for (const name of [...NAMES, ...TEXTS]) {
        const struct = structOf(name, [[name, base("string")]], variant) as StructDescriptor & {
          fields: FieldDescriptor[];
        };
        struct.fields.push({ ...struct.fields[0], name: `${name}2`, id: 2, type: struct });
        const codec = compile<any>(struct, { backend });
        const leaf = Object.fromEntries([[name, name]]);
        const decoded = codec.decode(codec.encode(leaf));
        expect(Object.getOwnPropertyDescriptor(decoded, name)?.value).toBe(name);
        const nested = codec.decode(codec.encode({ [`${name}2`]: leaf }));
        expect(Object.getOwnPropertyDescriptor(nested[`${name}2`], name)?.value).toBe(name);
        if (variant !== "exception") expect(Object.getPrototypeOf(nested)).toBe(Object.prototype);
      }
    });
  });

  describe("texts of the IDL", () => {
    // The IDL has no escape for a quote of its own kind in all compilers: such texts stand in the other kind.
    const literal = (text: string): string =>
      text.includes('"') ? `'${text.replaceAll("\\", "\\\\")}'` : `"${text.replaceAll("\\", "\\\\")}"`;
    const usable = TEXTS.filter((text) => !(text.includes('"') && text.includes("'")) && !text.includes("\0"));

    it.each(usable)("%j as default, annotation, doc comment and enum annotation", (text) => {
      const schema = parseSchema({
        "a.thrift": `/** ${text.replaceAll("*/", "")} */
          struct S { /** ${text.replaceAll("*/", "")} */ 1: string a = ${literal(text)} (x = ${literal(text)}) 2: binary b = ${literal(text)}
            3: list<string> c = [${literal(text)}] 4: map<string, string> d = {${literal(text)}: ${literal(text)}} } (y = ${literal(text)})`,
      });
      const codec = compile<any>(schema.struct("S"), { backend });
      const expected = { a: text, b: new TextEncoder().encode(text), c: [text], d: new Map([[text, text]]) };
      expect(difference(codec.decode(hex`00`), expected)).toBeUndefined();
      expect(difference(codec.decode(codec.encode({})), expected)).toBeUndefined();
    });
  });

  it("keys of a map that is an object without prototype are data", () => {
    const schema = parseSchema({ "a.thrift": "struct S { 1: map<string, i32> m }" });
    const codec = compile<any>(schema.struct("S"), { backend, maps: "object" });
    const { m } = codec.decode(codec.encode({ m: NAMES.map((name, i) => [name, i]) }));
    expect(Object.getPrototypeOf(m)).toBeNull();
    expect(Object.entries(m)).toEqual(NAMES.map((name, i) => [name, i]));
  });

  it("decoded values with a field called then do not make promises wait", async () => {
    const codec = compile<any>(structOf("S", [["then", base("string")]]), { backend });
    const value = codec.decode(codec.encode({ then: "x" }));
    expect(await value).toBe(value);
  });
});

describe("generated source", () => {
  /** Every type, with one name in it all over. */
  const idl = (name: string): string => `enum ${name}_enum { ${name}_member = 1 }
    union ${name}_union { 1: i32 ${name}_a 2: string ${name}_b }
    exception ${name}_exception { 1: string message 2: i32 ${name}_code = 3 }
    struct ${name}_struct {
      1: bool ${name}_bool 2: i8 ${name}_i8 3: i16 ${name}_i16 4: i32 ${name}_i32 = 5 5: i64 ${name}_i64 6: double ${name}_double
      7: required string ${name}_string = "${name} text" 8: binary ${name}_binary 9: uuid ${name}_uuid 10: ${name}_enum ${name}_e
      11: list<${name}_struct> ${name}_list 12: set<i32> ${name}_set 13: map<i64, ${name}_union> ${name}_map 14: ${name}_exception ${name}_x
      15: map<string, i8> __proto__ 16: i32 constructor 17: list<list<i16>> ${name}_grid
    } (${name}_note = "${name} text")`;

  const sourceOf = (name: string, options: CodecOptions): string[] => {
    const struct = parseSchema({ "a.thrift": idl(name) }).struct(`${name}_struct`);
    return Object.values(generatedSource(planStruct(struct, resolveOptions(options))));
  };

  const optionSets: CodecOptions[] = [
    {},
    { int64: "number" },
    { int64: "string", maps: "object", sets: "array", enums: "name", binary: "copy", utf8: "strict" },
    { maps: "entries", limits: "untrusted" },
  ];

  it.each(optionSets)("does not change its identifiers with the names of the IDL: %o", (options) => {
    const [one, other] = [sourceOf("globalThis", options), sourceOf("process", options)].map((sources) =>
      sources.map(identifiers),
    );
    expect(one).toEqual(other);
    expect(one.flat().filter((word) => /globalThis|process/.test(word))).toEqual([]);
  });

  /** The same fields but for their names. `own` reads those that every object inherits. */
  const fieldSource = (names: readonly string[]): string[] =>
    Object.values(
      generatedSource(
        planStruct(
          structOf(
            "S",
            names.map((name) => [name, base("i32")]),
          ),
          resolveOptions({}),
        ),
      ),
    );

  it("does not change them with names that no grammar lets through", () => {
    const names = [...NAMES, ...TEXTS].filter((name) => !(name in Object.prototype));
    const plain = names.map((_, i) => `plain${String(i)}`);
    expect(fieldSource(names).map(identifiers)).toEqual(fieldSource(plain).map(identifiers));
  });

  it("nor with names that every object inherits", () => {
    const names = NAMES.filter((name) => name in Object.prototype);
    const same = names.map(() => "toString");
    expect(fieldSource(names).map(identifiers)).toEqual(fieldSource(same).map(identifiers));
  });

  it("names a unit after its type without what could end the comment", () => {
    const unit = generatedSource(planStruct(structOf("a\nevil()", []), resolveOptions({})));
    expect(unit.encode.split("\n").at(-1)).toBe("//# sourceURL=scrimp/a_evil_.encode.js");
    expect(sourceOf("good", {})[1].split("\n").at(-1)).toBe("//# sourceURL=scrimp/good_struct.decode.js");
  });

  it("holds no line separators of Unicode and no end of a script", () => {
    for (const source of fieldSource(TEXTS)) expect(source).not.toMatch(/[\u2028\u2029]|<\/script|<!--/i);
  });
});

/** A small tokeniser of JavaScript: enough for source without regular expressions and templates, and strict about all else. */
function identifiers(source: string): string[] {
  const token =
    /\s+|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|([A-Za-z_$][\w$]*)|\d+(?:\.\d+)?(?:e[+-]?\d+)?n?|[-+*/%&|^~<>=!?:;,.(){}[\]]/gy;
  const found: string[] = [];
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const match = token.exec(source);
    if (match === null) throw new Error(`no token at ${JSON.stringify(source.slice(at, at + 40))}`);
    if (match[1] !== undefined) found.push(match[1]);
  }
  return found;
}
