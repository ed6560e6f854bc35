import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IdlError, SchemaError } from "../../src/errors.js";
import { parseSchema } from "../../src/schema/parse.js";
import { schemaFromJSON } from "../../src/schema/restore.js";
import type { SchemaSnapshot } from "../../src/schema/snapshot.js";

const RUNS = Number(process.env.SCRIMP_FUZZ_RUNS ?? 300);

const read = (name: string): string => readFileSync(new URL(`../testdata/golden/${name}`, import.meta.url), "utf8");
const GOLDEN = { "everything.thrift": read("everything.thrift"), "base.thrift": read("base.thrift") };

/** Words that mean something to a linker; a token of the text is replaced by one of them. */
const WORDS = [
  ..."struct union exception enum service const typedef include namespace extends throws oneway void required optional".split(
    " ",
  ),
  ..."Tree Choice Color Path base.Color base.Point base.NotFound base.Color.RED everything.Tree LIMIT TABLE PRIMES Everything".split(
    " ",
  ),
  ..."i8 i32 i64 double bool string binary uuid list<Tree> map<Path,Path> { } [ ] ( ) < > , ; : =".split(" "),
  ..."0 -1 1 32768 2147483648 9223372036854775807 99999999999999999999 0xFF 1e400 .5 __proto__ constructor toString true".split(
    " ",
  ),
  ...['"x"', '"base.thrift"', '"everything.thrift"', "/*", "//", "\n", ""],
];

/** Steps of [position, word, whether the token there is replaced]. */
const edits = fc.array(fc.tuple(fc.nat(10_000), fc.constantFrom(...WORDS), fc.boolean()), {
  minLength: 1,
  maxLength: 6,
});

function mutate(text: string, steps: readonly [number, string, boolean][]): string {
  const tokens = text.split(/(\s+|[{}()[\]<>,;:=])/);
  for (const [position, word, replaces] of steps)
    tokens.splice(position % tokens.length, replaces ? 1 : 0, ` ${word} `);
  return tokens.join("");
}

function isExpected(error: unknown): boolean {
  return (
    (error instanceof IdlError || error instanceof SchemaError) && error.problems.length > 0 && error.message !== ""
  );
}

describe("parseSchema", () => {
  it("throws nothing but IdlError and SchemaError on mutated IDL, and what it accepts survives a snapshot", () => {
    let accepted = 0;
    fc.assert(
      fc.property(edits, edits, fc.boolean(), (main, base, both) => {
        const files = {
          "everything.thrift": mutate(GOLDEN["everything.thrift"], main),
          "base.thrift": both ? mutate(GOLDEN["base.thrift"], base) : GOLDEN["base.thrift"],
        };
        let schema;
        try {
          schema = parseSchema(files);
        } catch (error) {
          expect(isExpected(error), String(error)).toBe(true);
          return;
        }
        accepted++;
        expect(Array.isArray(schema.warnings)).toBe(true);
        const snapshot = schema.toJSON();
        expect(schemaFromJSON(JSON.parse(JSON.stringify(snapshot)) as SchemaSnapshot).toJSON()).toEqual(snapshot);
      }),
      { numRuns: RUNS },
    );
    expect(accepted).toBeGreaterThan(0);
  });
});

describe("schemaFromJSON", () => {
  it("throws nothing but SchemaError on mutated snapshots", () => {
    const text = JSON.stringify(parseSchema(GOLDEN));
    const tokens = text.split(/([{}[\],:])/);
    const words = [
      "null",
      "1",
      "-1",
      "1.5",
      '"x"',
      '"Tree"',
      '"base.Point"',
      "{}",
      "[]",
      "[[]]",
      '"__proto__"',
      "true",
      '{"list":"Tree"}',
      '{"i64":"1"}',
      '"struct"',
      '"const"',
    ];
    const values = tokens.flatMap((token, index) => (/^["\d-]/.test(token) ? [index] : []));
    const step = fc.tuple(fc.nat(values.length - 1), fc.constantFrom(...words));
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 3 }), (steps) => {
        const changed = [...tokens];
        for (const [position, word] of steps) changed[values[position]] = word;
        let snapshot: unknown;
        try {
          snapshot = JSON.parse(changed.join(""));
        } catch {
          return;
        }
        try {
          schemaFromJSON(snapshot as SchemaSnapshot);
        } catch (error) {
          expect(error instanceof SchemaError, String(error)).toBe(true);
        }
      }),
      { numRuns: RUNS },
    );
  });
});
