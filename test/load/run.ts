/** `npm run load -- L1 [--scale 0.1]`: the load tests at full size. Prints figures as JSON; exits with 1 when a call was lost. */

import { parseArgs } from "node:util";
import { runChurn } from "./churn.js";
import { runIdle } from "./idle.js";
import { runMultiplexed } from "./multiplexed.js";
import { runOverload } from "./overload.js";

const LOADS: Readonly<Record<string, (scale: number) => Promise<{ failures: Record<string, number> }>>> = {
  L1: (scale) => runMultiplexed({ calls: 1_000_000 * scale, connections: 64, inFlight: 16 }),
  L3: (scale) => runIdle({ idle: 10_000 * scale, active: 500, callsPerSecond: 2000, ms: 60_000 * scale }),
  L5: (scale) => runChurn({ calls: 100_000 * scale, atOnce: 16 }),
  L7: (scale) => runOverload({ ms: 60_000 * scale }),
};

/** Whose calls may fail: those that are more than the server can run. */
const MAY_REFUSE = "L7";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { scale: { type: "string", default: "1" } },
});

for (const name of positionals.length > 0 ? positionals : Object.keys(LOADS)) {
  const figures = await LOADS[name](Number(values.scale));
  process.stdout.write(`${name} ${JSON.stringify(figures, null, 2)}\n`);
  if (name !== MAY_REFUSE && Object.keys(figures.failures).length > 0) process.exitCode = 1;
}
