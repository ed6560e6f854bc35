import { describe, expect, it } from "vitest";
import { IdlError } from "../../src/errors.js";
import { parseIdl } from "../../src/idl/parse.js";
import { VERDICTS, type Verdict } from "./verdicts.js";

const WE_REFUSE = new Set<Verdict>(["refused", "accident"]);

/** Each quote opens a string of its own, or two characters apart from each other are wrong. */
const TWO_MISTAKES = new Set(['const string x = "a\nb"', 'const string x = "\\\nb"', "struct S { 1: i32 `a` }"]);

function outcome(snippet: string): "accepted" | IdlError {
  try {
    parseIdl(snippet, "t.thrift");
    return "accepted";
  } catch (error) {
    if (error instanceof IdlError) return error;
    throw error;
  }
}

describe("parseIdl accepts and refuses what Apache's compiler does", () => {
  for (const [snippet, verdict] of VERDICTS) {
    it(`${verdict}: ${JSON.stringify(snippet)}`, () => {
      const got = outcome(snippet);
      if (!WE_REFUSE.has(verdict)) {
        expect(got).toBe("accepted");
        return;
      }
      if (!(got instanceof IdlError)) throw new Error("expected an IdlError, found a document");
      // The place is inside the text, and each mistake is told once.
      for (const { location, message } of got.problems) {
        expect(location.line).toBeLessThanOrEqual(snippet.split("\n").length);
        expect(location.column).toBeLessThanOrEqual(snippet.length + 1);
        expect(message).toMatch(
          /^(expected .+, found|expected .+ before|unexpected (character|')|'.+' is no longer part)/,
        );
      }
      if (!TWO_MISTAKES.has(snippet)) expect(got.problems).toHaveLength(1);
    });
  }
});
