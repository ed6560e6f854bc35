/**
 * Takes threads down in the middle of conversions and searches: eight at a time, 200 in all. The process must live on, and convert.
 *
 *     node --import tsx test/native/threads.ts
 */

import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { lowerPath } from "../../src/transcode/lower-path.js";
import { nativeBackend, nativeStatus } from "../../src/transcode/native.js";
import { sampleConversions } from "./samples.js";

const THREADS = 8;
const ROUNDS = 25;
const MOST_MS = 60;

const status = nativeStatus();
if (!status.isActive) throw new Error(`there is no addon: ${status.reason}`);
const samples = await sampleConversions();
const workerData = {
  file: status.file,
  samples: samples.map(({ program, bytes, steps }) => ({ program, bytes, path: lowerPath(steps) })),
};

/** @returns how many messages the thread had converted. */
async function startAndStop(): Promise<number> {
  const worker = new Worker(new URL("thread.js", import.meta.url), { workerData });
  let converted = 0;
  worker.on("message", (count: number) => (converted = count));
  await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  await sleep(Math.random() * MOST_MS);
  await worker.terminate();
  return converted;
}

let converted = 0;
for (let round = 0; round < ROUNDS; round++) {
  const counts = await Promise.all(Array.from({ length: THREADS }, startAndStop));
  converted += counts.reduce((sum, count) => sum + count, 0);
}
for (const { program, bytes } of samples) {
  if (nativeBackend(program)?.convert(bytes) === undefined) throw new Error("does not convert any more");
}
console.log(`${String(THREADS * ROUNDS)} threads ended, over ${String(converted)} conversions`);
