import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { IdlError } from "../../src/errors.js";
import { parseIdl } from "../../src/idl/parse.js";

/** A longer run: SCRIMP_FUZZ_RUNS=1000000 npx vitest run test/idl/random-text.test.ts */
const RUNS = Number(process.env.SCRIMP_FUZZ_RUNS ?? 2000);
const timeout = 20_000 + RUNS * 2;

const REAL = readFileSync("node_modules/parquetjs-lite/parquet.thrift", "utf8").slice(0, 6000);

const WORDS = (
  "struct union exception enum senum service typedef const include namespace cpp_include extends throws oneway async void " +
  "required optional list set map i32 string binary uuid byte S a.b x true 1 -1 0x1F 1.5 .5 - + . 'x' \"y\" ' \" \\ " +
  "{ } ( ) [ ] < > , ; : = * & /* */ /** // # \n \r\n \t @ é 😀 \u2028 \0"
).split(" ");

/** Any outcome but a document or an IdlError with places inside the text fails. */
function check(text: string): void {
  try {
    const document = parseIdl(text, "random.thrift");
    expect(document.text).toBe(text);
  } catch (error) {
    if (!(error instanceof IdlError)) throw error;
    const lines = text.split("\n").length;
    expect(error.problems.length).toBeLessThanOrEqual(20);
    for (const { location, frame } of error.problems) {
      expect(location.line).toBeLessThanOrEqual(lines);
      expect(frame).toMatch(new RegExp(`^> +${location.line} \\|`, "m"));
    }
  }
}

const spies = () => [vi.spyOn(console, "log"), vi.spyOn(console, "error"), vi.spyOn(process.stdout, "write")];
let watched: ReturnType<typeof spies> = [];

describe("random text is a document or an IdlError, and nothing is printed", () => {
  beforeEach(() => {
    watched = spies();
  });
  afterEach(() => {
    const calls = watched.map((spy) => spy.mock.calls.length);
    vi.restoreAllMocks();
    expect(calls).toEqual([0, 0, 0]);
  });

  it("of any characters", { timeout }, () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), check), { numRuns: RUNS });
  });

  it("of words of the language", { timeout }, () => {
    const words = fc.array(fc.constantFrom(...WORDS), { maxLength: 60 });
    fc.assert(
      fc.property(words, fc.constantFrom(" ", ""), (list, space) => {
        check(list.join(space));
      }),
      { numRuns: RUNS },
    );
  });

  it("of real IDL with parts cut, doubled and replaced", { timeout }, () => {
    const at = fc.nat(REAL.length);
    const edit = fc.tuple(at, fc.nat(40), fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 5 })));
    const edits = fc.array(edit, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(edits, (list) => {
        check(list.reduce((text, [start, length, by]) => text.slice(0, start) + by + text.slice(start + length), REAL));
      }),
      { numRuns: Math.ceil(RUNS / 4) },
    );
  });
});
