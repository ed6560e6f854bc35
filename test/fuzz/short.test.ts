import { describe, expect, it } from "vitest";
import { fuzzRound } from "./round.js";
import { canCompare } from "./subject.js";

const SEED = 20_260_101;
const MILLISECONDS = 4_000;

/** Comparing needs both back ends. */
describe.skipIf(!canCompare)("the differential fuzzer", () => {
  it("finds no difference between back ends, protocols, and forms of one message", { timeout: 60_000 }, () => {
    const end = performance.now() + MILLISECONDS;
    for (let seed = SEED; performance.now() < end; seed++) {
      const { findings } = fuzzRound(seed);
      expect(findings.map(({ what, idl, options, struct }) => ({ what, idl, options, struct, seed }))).toEqual([]);
    }
  });
});
