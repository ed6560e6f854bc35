/** A thread of threads.ts: converts and searches until it is ended, here and on the thread pool. */

import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import { setImmediate as nextTurn } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";

const { load } = createRequire(import.meta.url)(workerData.file);
const conversions = workerData.samples.map(({ program, bytes, path }) => ({
  program: load(new Uint8Array(program)),
  bytes: Buffer.from(bytes),
  target: Buffer.alloc(64 * 1024),
  path,
}));

for (let count = 0; ; count += conversions.length) {
  const pending = conversions.map(({ program, bytes, target, path }) => {
    program.convert(bytes, target, 0);
    program.finder(path)?.(bytes);
    return program.convertAsync(Buffer.from(bytes));
  });
  parentPort.postMessage(count);
  // Half of the rounds leave the pool busy when the next one starts.
  if (count % 2 === 0) await Promise.all(pending);
  else await nextTurn();
}
