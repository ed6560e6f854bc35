/** F12, F13: an event loop that stands still, and a clock that jumps. */

import { expect, test, vi } from "vitest";
import { Account, startClient, startServer } from "../load/driver.js";
import { newPing } from "../load/service.js";
import { afterTest, closeAfterEach, expectWell, REPETITIONS, startRig, WAYS } from "./rig.js";

closeAfterEach();

/** Longer than another process, on a machine with other work to do, takes to answer. */
const STALL_MS = 300;

function standStill(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

test.each(WAYS)(
  "F12: %s: a reply that came while the loop stood still is no timeout",
  { timeout: 120_000 },
  async (_, options) => {
    const server = await startServer();
    afterTest(() => server.stop());
    const client = await startClient({ address: `127.0.0.1:${String(server.port)}`, ...options });
    afterTest(() => client.destroy());
    await client.echo(newPing(64), { timeoutMs: 5000 });
    const account = new Account();
    for (let i = 0; i < REPETITIONS; i++) {
      const ping = newPing(64);
      const call = account.add(ping, client.echo(ping, { timeoutMs: STALL_MS / 2 }));
      // By then the request has left, and the other process answers.
      setImmediate(() => standStill(STALL_MS));
      await call;
    }
    expect(Object.fromEntries(account.failures)).toEqual({});
    expect(account.answered).toBe(REPETITIONS);
  },
);

test.each(WAYS)("F13: %s: a clock that jumps by an hour changes nothing", async (_, options) => {
  const rig = await startRig(options);
  const now = Date.now();
  const clock = vi.spyOn(Date, "now");
  for (let i = 0; i < REPETITIONS; i++) {
    const call = rig.call();
    clock.mockReturnValue(now + rig.random.pick([-3_600_000, 3_600_000]));
    await call;
  }
  clock.mockRestore();
  const { calls, succeeded } = rig.ledger.sums;
  expect(succeeded).toBe(calls);
  await expectWell(rig);
});
