import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { IdlError } from "../../src/errors.js";
import { loadIdl } from "../../src/idl/load.js";
import { parseIdl } from "../../src/idl/parse.js";
import { PACKAGED_IDL } from "./packaged.js";

/** Files that Apache's compiler refuses too, at the same line: bad on purpose, or in the dialect of thriftrw. */
const REFUSED: Record<string, string> = {
  "thriftrw/test/include-cyclic-a.thrift": "1:9 expected a file name in quotes, found 'B'",
  "thriftrw/test/include-cyclic-b.thrift": "1:9 expected a file name in quotes, found 'A'",
  "thriftrw/test/include-error-not-path.thrift": "1:9 expected a file name in quotes, found 'common'",
  "thriftrw/test/include-nonrelative-alias.thrift": "1:9 expected a file name in quotes, found 'common'",
  "thriftrw/test/include-parent.thrift": "1:9 expected a file name in quotes, found 'common'",
  "thriftrw/test/thrift/AnnotationTest.thrift": "53:1 'senum' is no longer part of Thrift; use 'enum'",
  "thriftrw/test/thrift/BrokenConstants.thrift": "21:20 expected an integer of at most 64 bits, found a larger one",
  "thriftrw/test/thrift/SmallTest.thrift": "27:1 'senum' is no longer part of Thrift; use 'enum'",
};

function outcome(path: string): string {
  try {
    parseIdl(readFileSync(path, "utf8"), path);
    return "accepted";
  } catch (error) {
    if (!(error instanceof IdlError)) throw error;
    return error.problems.map(({ location, message }) => `${location.line}:${location.column} ${message}`).join("\n");
  }
}

describe("IDL that npm packages ship", () => {
  it("is found", () => {
    expect(PACKAGED_IDL.length).toBeGreaterThan(60);
    expect(Object.keys(REFUSED).filter((name) => !PACKAGED_IDL.includes(name))).toEqual([]);
  });

  it.each(PACKAGED_IDL)("%s", (name) => {
    expect(outcome(`node_modules/${name}`)).toBe(REFUSED[name] ?? "accepted");
  });

  it("loads with its includes", async () => {
    const loaded = await loadIdl("node_modules/jaeger-client/dist/src/jaeger-idl/thrift/agent.thrift");
    expect(loaded.map(({ document }) => document.file.split("/").at(-1))).toEqual([
      "jaeger.thrift",
      "zipkincore.thrift",
      "agent.thrift",
    ]);
  });
});
