import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { madeUpAnswer } from "../../src/cli/mock/answers.js";
import { Random } from "../../src/cli/mock/random.js";
import { mockValue } from "../../src/cli/mock/value.js";
import { compile } from "../../src/codec/codec.js";
import { loadSchema } from "../../src/schema/load.js";
import { parseSchema } from "../../src/schema/parse.js";
import type { Schema } from "../../src/schema/schema.js";
import { thriftTestSchema } from "../support/thrift-test.js";

const everything = await loadSchema(fileURLToPath(new URL("../testdata/golden/everything.thrift", import.meta.url)));

function schemaOf(text: string): Schema {
  return parseSchema({ "a.thrift": text }, { entry: "a.thrift" });
}

describe("a made-up value", () => {
  const structs = [...thriftTestSchema.structs, ...everything.structs];

  it.each(structs.map((struct) => [struct.qualifiedName, struct] as const))("of %s is one of its type", (_, struct) => {
    const codec = compile(struct);
    for (let seed = 1; seed <= 20; seed++) {
      const value = mockValue(struct, "value", new Random(seed));
      // The fields alone: an exception is decoded as an Error.
      expect({ ...(codec.decode(codec.encode(value)) as object) }).toEqual(value);
    }
  });

  it("ends, though its type may go on", () => {
    const wide = Array.from({ length: 20 }, (_, i) => `${i + 1}: Node n${i}`).join(", ");
    const schema = schemaOf(`struct Node { ${wide}, 30: list<Node> more } union Chain { 1: Chain next, 2: i32 end }`);
    for (const name of ["Node", "Chain"]) {
      const bytes = compile(schema.struct(name)).encode(mockValue(schema.struct(name), "x", new Random(1)));
      expect(bytes.length).toBeLessThan(10_000);
    }
  });

  it("of a type that must contain itself there is none", () => {
    const schema = schemaOf("struct A { 1: required B b } struct B { 1: required A a }");
    expect(() => mockValue(schema.struct("A"), "x", new Random(1))).toThrow(RangeError);
  });
});

describe("made-up answers", () => {
  const [numbers, text] = schemaOf("service S { list<i32> numbers() string text() void none() }").service("S").methods;

  function answers(count: number, seed: number): unknown[] {
    const answer = madeUpAnswer(numbers, seed);
    return Array.from({ length: count }, () => answer());
  }

  it("are the same for the same seed, and others for another", () => {
    expect(answers(10, 7)).toEqual(answers(10, 7));
    expect(answers(10, 7)).not.toEqual(answers(10, 8));
  });

  it("differ from call to call, and come again after a hundred", () => {
    const many = answers(200, 7);
    expect(new Set(many.slice(0, 100).map(String)).size).toBeGreaterThan(50);
    expect(many.slice(100)).toEqual(many.slice(0, 100));
  });

  it("say which field they are for", () => {
    expect(madeUpAnswer(text, 1)()).toMatch(/^text-\d+$/);
  });
});
