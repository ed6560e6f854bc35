/** The back end of generated code alone: what it converts by itself, and what it leaves to the interpreter. */

import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { parseSchema } from "../../src/schema/parse.js";
import type { StructDescriptor } from "../../src/schema/descriptor.js";
import { NO_ROOM, REFUSED, type TranscodeBackend } from "../../src/transcode/backend.js";
import { lower } from "../../src/transcode/lower.js";
import { resolvePair, type TranscoderOptions } from "../../src/transcode/options.js";
import { sourceBackend } from "../../src/transcode/source/backend.js";
import { goldenSchema, goldenStruct, goldenVectors } from "../support/golden.js";
import { hex } from "../support/hex.js";
import { pairsOf, referenceFor } from "../support/transcoders.js";

/** Stands for the interpreter, and takes nothing. */
const NOTHING: TranscodeBackend = { name: "interpreter", convert: () => undefined, convertInto: () => REFUSED };

function generated(type: StructDescriptor, options: TranscoderOptions): TranscodeBackend | undefined {
  return sourceBackend(lower(type, resolvePair(options)), NOTHING);
}

const long = Array.from({ length: 40 }, (_, i) => `${String(i + 1)}: i32 f${String(i + 1)}`).join("\n");
const schema = parseSchema({
  "s.thrift": `struct Filled { 1: bool yes = true  2: optional i32 two  3: list<i32> three = [7]  5: bool no = false  6: i32 six = 6 }
    struct Strict { 1: required i32 a  2: optional i32 b }
    union Either { 1: i32 a  2: string b }
    struct Long { ${long} }`,
});

describe.each(pairsOf(["binary", "compact"] as const))("from $from to $to", ({ from, to }) => {
  it("takes what Apache's library writes", () => {
    const golden = goldenSchema();
    for (const vector of goldenVectors) {
      const type = goldenStruct(golden, vector.struct);
      const output = generated(type, { from, to })!.convert(vector[from]);
      expect(output).toEqual(referenceFor(type, { from, to })(vector[from]));
    }
  });
});

const BINARY = { from: "binary", to: "binary" } as const;
const I32 = (id: string, value: string): string => `08 00${id} 000000${value}`;
const NO_FIELD = "";
const YES = "02 0001 01";
const THREE = "0f 0003 08 00000001 00000007";
const NO = "02 0005 00";
const SIX = I32("06", "06");

it.each([
  ["Filled", NO_FIELD, `${YES} ${THREE} ${NO} ${SIX}`],
  ["Filled", I32("02", "01"), `${YES} ${I32("02", "01")} ${THREE} ${NO} ${SIX}`],
  ["Filled", `02 0001 00 ${I32("04", "01")} 02 0005 01`, `02 0001 00 ${THREE} 02 0005 01 ${SIX}`],
  ["Strict", `${I32("09", "01")} ${I32("01", "01")} 0b 0002 00000000`, I32("01", "01")],
  ["Either", `${I32("09", "01")} ${I32("01", "01")}`, I32("01", "01")],
  ["Long", `${I32("01", "01")} ${I32("99", "01")} ${I32("28", "01")}`, `${I32("01", "01")} ${I32("28", "01")}`],
])("%s takes fields in order, among them unknown ones: %s", (name, given, expected) => {
  const type = schema.struct(name);
  const output = generated(type, BINARY)!.convert(hex`${given} 00`);
  expect(new Uint8Array(output!)).toEqual(hex`${expected} 00`);
});

it.each([
  ["a field that comes twice", "Strict", `${I32("01", "01")} ${I32("01", "02")}`],
  ["fields out of order", "Strict", `${I32("02", "01")} ${I32("01", "02")}`],
  ["fields out of order, of many", "Long", `${I32("28", "01")} ${I32("01", "02")}`],
  ["a default that it has filled in too soon", "Filled", `${I32("09", "01")} 02 0001 00`],
  ["a required field that is missing", "Strict", I32("02", "01")],
  ["a union of two fields", "Either", `${I32("01", "01")} 0b 0002 00000000`],
  ["a union of none", "Either", NO_FIELD],
])("leaves %s to others", (_what, name, given) => {
  const bytes = hex`${given} 00`;
  expect(generated(schema.struct(name), BINARY)!.convert(bytes)).toBeUndefined();
});

it("says when a target has less room than is needed", () => {
  const backend = generated(schema.struct("Strict"), BINARY)!;
  const bytes = hex`08 0001 00000001 00`;
  const target = new Uint8Array(bytes.length + 3);
  expect(backend.convertInto(bytes, target, 3)).toBe(bytes.length);
  expect(target.subarray(3)).toEqual(bytes);
  expect(backend.convertInto(bytes, target, 4)).toBe(NO_ROOM);
});

it.each([
  [{ from: "json", to: "binary" }],
  [{ from: "binary", to: "tjson" }],
  [{ from: "binary", to: "binary", unknownFields: "keep" }],
] as const)("is not for %j", (options) => {
  expect(generated(schema.struct("Strict"), options)).toBeUndefined();
});

it("is not there where no code may be generated", { timeout: 60_000 }, () => {
  const script = `
    import { transcoder } from "./src/transcode/portable.ts";
    import { parseSchema } from "./src/schema/parse.ts";
    const type = parseSchema({ "a.thrift": "struct P { 1: i32 x }" }).struct("P");
    console.log(transcoder(type, { from: "binary", to: "compact" }).backend);
  `;
  const flags = ["--disallow-code-generation-from-strings", "--import", "tsx", "--input-type=module", "--eval", script];
  expect(execFileSync(process.execPath, flags, { encoding: "utf8" }).trim()).toBe("interpreter");
});
