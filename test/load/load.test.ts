/** Short forms of the load tests; `npm run load` runs them at full size. */

import { expect, test } from "vitest";
import { runChurn } from "./churn.js";
import { runIdle } from "./idle.js";
import { runMultiplexed } from "./multiplexed.js";
import { runOverload } from "./overload.js";

const LONG = 120_000;

test(
  "L1: of many multiplexed calls none is lost, repeated or answered with another's answer",
  { timeout: LONG },
  async () => {
    const calls = 50_000;
    const figures = await runMultiplexed({ calls, connections: 16, inFlight: 16 });
    expect(figures).toMatchObject({ answered: calls, mismatched: 0, failures: {}, executed: calls, repeated: 0 });
  },
);

test(
  "L3: calls beside many idle connections all succeed, and an idle connection takes 16 KiB at most",
  { timeout: LONG },
  async () => {
    const figures = await runIdle({ idle: 2000, active: 50, callsPerSecond: 500, ms: 3000 });
    expect(figures.failures).toEqual({});
    expect(figures.kibPerConnection).toBeLessThanOrEqual(16);
  },
);

test("L5: with a connection for every call none fails, and no file is left open", { timeout: LONG }, async () => {
  const calls = 3000;
  const figures = await runChurn({ calls, atOnce: 16 });
  expect(figures).toMatchObject({ answered: calls, failures: {} });
  expect(figures.leakedServerFiles).toBeLessThanOrEqual(2);
  expect(figures.leakedClientFiles).toBeLessThanOrEqual(2);
});

test(
  "L7: what is too much for a server is refused unrun or runs out of time; the rest is answered",
  { timeout: LONG },
  async () => {
    const { failures, goodputPerSecond } = await runOverload({ ms: 3000 });
    const kinds = new Set(["ERR_THRIFT_APPLICATION no", "ERR_THRIFT_DEADLINE maybe", "ERR_THRIFT_DEADLINE no"]);
    expect(Object.keys(failures).filter((kind) => !kinds.has(kind))).toEqual([]);
    expect(goodputPerSecond).toBeGreaterThan(0);
  },
);
