import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import type { CodecProtocol } from "../../src/codec/options.js";
import { forEachCodecAndJson, protocolsAndJson } from "../support/backends.js";
import { difference, failureFrom } from "../support/outcome.js";
import { spell } from "../support/wire/spell.js";
import { schema, type Decision, type Row } from "./decisions/row.js";
import { ROWS } from "./decisions/rows.js";

interface Case {
  row: Row;
  bytes: Uint8Array;
  decision: Decision;
}

/** The row as the protocol says it; the reason where it cannot. */
function caseOf(row: Row, protocol: CodecProtocol): Case | string {
  const special = row.specials[protocol];
  if (typeof special === "string") return special;
  if (special !== undefined) return { row, ...special };
  if (row.message === undefined || row.decision === undefined) throw new Error(`${protocol} has no: ${row.meaning}`);
  const { bytes, here } = spell(protocol, row.message, schema.struct(row.struct));
  const decision = "value" in row.decision ? row.decision : { ...row.decision, offset: here };
  return { row, bytes, decision };
}

function casesOf(protocol: CodecProtocol): Case[] {
  return ROWS.map((row) => caseOf(row, protocol)).filter((found) => typeof found !== "string");
}

describe("the table of malformed input", () => {
  it("has each row once", () => {
    const meanings = ROWS.map(({ meaning }) => meaning);
    expect(meanings.filter((meaning, i) => meanings.indexOf(meaning) !== i)).toEqual([]);
  });

  it.each(protocolsAndJson)("says in %s what can be said there, and gives a reason for the rest", (protocol) => {
    const found = ROWS.map((row) => caseOf(row, protocol));
    expect(found.filter((item) => item === "")).toEqual([]);
    expect(found.filter((item) => typeof item !== "string").length).toBeGreaterThan(60);
  });
});

forEachCodecAndJson((protocol, backend) => {
  const cases = casesOf(protocol);

  it.each(cases.map((found) => [found.row.meaning, found] as const))("%s", (_meaning, { row, bytes, decision }) => {
    const codec = compile(schema.struct(row.struct), { protocol, backend });
    if ("value" in decision) {
      expect(difference(codec.decode(bytes), decision.value)).toBeUndefined();
    } else {
      expect(failureFrom(() => codec.decode(bytes))).toMatchObject({ error: "DecodeError", ...decision });
    }
  });

  it("messages quote no value, and say what to expect, what was found and where", () => {
    for (const { row, bytes, decision } of cases) {
      if ("value" in decision) continue;
      const { message } = failureFrom(() => compile(schema.struct(row.struct), { protocol, backend }).decode(bytes));
      expect(message).toMatch(
        /^cannot decode (?:S|Deep|Required)[^:]*: (?:expected .+, found .+|(?:an unknown (?:field|value)|structs) (?:is|are) nested deeper than max(?:Skip)?Depth) \(byte \d+\)$/,
      );
    }
  });
});
