/** Faults at exact bytes: requests and replies in pieces, and connections that end between them. */

import { describe, expect, test } from "vitest";
import { type Plan } from "../support/fault-proxy.js";
import { closeAfterEach, expectWell, type Random, REPETITIONS, startRig, WAYS } from "./rig.js";

closeAfterEach();

/** More than the longest request or reply of the tests, so that some connections end between calls. */
const MAX_BYTES = 300;
const LONG = 120_000;

const PIECES: readonly (readonly [name: string, plan: (random: Random) => Plan])[] = [
  ["a byte at a time", () => ({ toServer: { pieceBytes: 1 }, toClient: { pieceBytes: 1 } })],
  [
    "split at two bytes",
    (random) => {
      const splitAt = [random.below(MAX_BYTES), random.below(MAX_BYTES)].sort((left, right) => left - right);
      return { toServer: { splitAt }, toClient: { splitAt } };
    },
  ],
  ["several in one piece", () => ({ toServer: { gatherMs: 5 }, toClient: { gatherMs: 5 } })],
  ["late", (random) => ({ toServer: { delayMs: random.below(20) }, toClient: { delayMs: random.below(20) } })],
];

describe.each(PIECES)("F1, F20: bytes that come %s change nothing", (_, plan) => {
  test.each(WAYS)("%s", { timeout: LONG }, async (_way, options) => {
    const rig = await startRig({ ...options, connections: options.connections === "pool" ? "short" : "mux" });
    rig.proxy.plan = () => plan(rig.random);
    for (let i = 0; i < REPETITIONS / 5; i++) {
      await Promise.all(Array.from({ length: 5 }, () => rig.call(5000)));
      if (options.connections === "mux") rig.proxy.stopAll("close");
    }
    const { calls, succeeded, failed } = rig.ledger.sums;
    // Closing a shared connection between calls can meet one that has just been sent, which must say so.
    if (options.connections === "mux") expect(succeeded + failed.no + failed.maybe).toBe(calls);
    else expect(succeeded).toBe(calls);
    await expectWell(rig);
  });
});

const STOPS = ["reset", "close", "half-close", "blackhole", "stall"] as const;
const DIRECTIONS = ["toServer", "toClient"] as const;
const FAULTS = STOPS.flatMap((stop) => DIRECTIONS.map((direction) => [stop, direction] as const));

describe.each(FAULTS)(
  "F2, F3, F4, F6: %s at any byte %s: each call is settled once, and says rightly whether it was run",
  (stop, direction) => {
    test.each(WAYS)("%s", { timeout: LONG }, async (_way, options) => {
      const rig = await startRig(options);
      rig.proxy.plan = () => ({ [direction]: { stop, stopAt: rig.random.below(MAX_BYTES) } });
      for (let i = 0; i < REPETITIONS; i++) {
        await rig.calls(1 + rig.random.below(4));
        rig.proxy.stopAll("reset");
      }
      await expectWell(rig);
    });
  },
);
