/** F8, F9: servers that say what nobody asked, or that they are about to go. */

import { expect, test } from "vitest";
import { encodeControlFrame } from "../../src/transport/control.js";
import { INTERNAL_TRANSPORT_LIMITS } from "../../src/transport/limits.js";
import { closeAfterEach, expectWell, REPETITIONS, startRig, WAYS } from "./rig.js";

closeAfterEach();

const CONTROL = encodeControlFrame({ address: "server", limits: INTERNAL_TRANSPORT_LIMITS });
const STALE_REPLY = Buffer.from("0000001980010002000000046563686f0000000a0800000000270f00", "hex");

test.each(WAYS)(
  "F8: %s: a server that takes leave at any time loses no call",
  { timeout: 120_000 },
  async (_, options) => {
    const rig = await startRig({ ...options, transport: "ttheader" });
    for (let i = 0; i < REPETITIONS; i++) {
      const calls = Promise.all(Array.from({ length: 4 }, () => rig.call(5000)));
      if (rig.random.below(2) === 0) await new Promise(setImmediate);
      rig.proxy.injectToClients(CONTROL);
      await calls;
    }
    const { calls, succeeded } = rig.ledger.sums;
    if (options.connections === "mux") expect(succeeded).toBe(calls);
    await expectWell(rig);
  },
);

test.each(WAYS)("F8: %s: a server that takes leave of every connection at once is not stormed", async (_, options) => {
  const rig = await startRig({ ...options, transport: "ttheader", connections: "mux" });
  const leave = setInterval(() => rig.proxy.injectToClients(CONTROL), 1);
  const end = performance.now() + 500;
  while (performance.now() < end) {
    await rig.call();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  clearInterval(leave);
  // Without backing off there would be one a millisecond.
  expect(rig.proxy.connectionCount).toBeLessThan(100);
  await expectWell(rig);
});

test.each(WAYS)("F9: %s: bytes that no call waits for answer none", { timeout: 120_000 }, async (_, options) => {
  const rig = await startRig(options);
  for (let i = 0; i < REPETITIONS; i++) {
    await rig.calls(2);
    rig.proxy.injectToClients(
      rig.random.pick([STALE_REPLY, STALE_REPLY.subarray(0, 7), Buffer.from("HTTP/1.1 400 Bad")]),
    );
    if (rig.random.below(2) === 0) await new Promise(setImmediate);
  }
  await expectWell(rig);
});
