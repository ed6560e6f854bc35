import { describe, expect, it } from "vitest";
import { canGenerate } from "../../src/codec/source/unit.js";
import { fuzzRound } from "./round.js";

const SEED = 20_260_101;
const MILLISECONDS = process.env["SCRIMP_LONG"] === "1" ? 60_000 : 4_000;

/** Comparing needs both back ends. */
describe.skipIf(!canGenerate)("the differential fuzzer", () => {
  it("finds no difference between the back ends", { timeout: MILLISECONDS + 30_000 }, () => {
    const end = performance.now() + MILLISECONDS;
    for (let seed = SEED; performance.now() < end; seed++) {
      const { findings } = fuzzRound(seed);
      expect(findings.map(({ what, idl, options, struct }) => ({ what, idl, options, struct, seed }))).toEqual([]);
    }
  });
});
