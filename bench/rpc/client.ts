/** A contender's client process. Its arguments are the contender and the port. */

import { createInterface } from "node:readline";

import type { RpcClient } from "./contenders/contender.js";
import { rpcContenders } from "./contenders/index.js";
import { cpuMs, type Load, type Measured, say, WARM_UP_MS } from "./lines.js";
import { messageOf } from "./message.js";

/** One for every call, made once: an array that grows would stop the calls to be copied. */
const latencies = new Float64Array(4_000_000);

const [name, port] = process.argv.slice(2);
const client = await rpcContenders[name].connect(Number(port));

for await (const line of createInterface({ input: process.stdin })) {
  const load = JSON.parse(line) as Load;
  await drive(client, { ...load, ms: WARM_UP_MS });
  say(await drive(client, load));
}
process.exit(0);

/** A closed loop: as many calls in flight as asked for, until the time is over. */
async function drive({ echo }: RpcClient, { bytes, concurrency, ms }: Load): Promise<Measured> {
  const message = messageOf(bytes);
  const reply = await echo(message);
  if (reply.text !== message.text) throw new Error("the reply is not what was sent");
  let calls = 0;
  let failed = 0;
  const cpuBefore = cpuMs();
  const start = performance.now();
  const end = start + ms;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let now = performance.now(); now < end;) {
        try {
          await echo(message);
        } catch {
          failed++;
        }
        const after = performance.now();
        latencies[calls++] = after - now;
        now = after;
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const used = cpuMs() - cpuBefore;
  const sorted = latencies.subarray(0, calls).sort();
  const quantileUs = (share: number): number => sorted[Math.floor((calls - 1) * share)] * 1000;
  const [p50Us, p99Us] = [quantileUs(0.5), quantileUs(0.99)];
  return { calls, failed, seconds, p50Us, p99Us, cpuMs: used };
}
