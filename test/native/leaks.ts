/**
 * Looks for memory that native code does not give back: 100,000 conversions, of which every third fails, each way and on
 * the thread pool too, and paths that are prepared and followed between them; as many again must not make the process grow.
 *
 *     node --expose-gc --import tsx test/native/leaks.ts
 */

import { nativeBackend } from "../../src/transcode/native.js";
import type { TranscodeBackend } from "../../src/transcode/backend.js";
import { sampleConversions } from "./samples.js";

const CONVERSIONS = 100_000;

/** What the garbage collector and malloc may hold back. */
const MOST_GROWTH = 24 * 1024 * 1024;

const samples = (await sampleConversions()).map(({ program, bytes, steps }) => {
  const backend = nativeBackend(program);
  if (backend === undefined) throw new Error("there is no addon: npm run build:native");
  return { backend, bytes, steps };
});

async function convertSome(count: number): Promise<void> {
  const pending: Promise<unknown>[] = [];
  for (let i = 0; i < count; i++) {
    const { backend, bytes, steps } = samples[i % samples.length];
    const input = i % 3 === 0 ? bytes.subarray(0, i % bytes.length) : bytes;
    if (i % 50 === 0) pending.push(convertOnPool(backend, input));
    else backend.convert(input);
    if (i % 10 === 0) backend.finder!(steps)?.(input);
    if (i % 1000 === 0) await Promise.all(pending.splice(0));
  }
  await Promise.all(pending);
}

/** Large enough to go there. */
async function convertOnPool(backend: TranscodeBackend, bytes: Uint8Array): Promise<void> {
  await backend.convertAsync!(Buffer.concat([bytes, Buffer.alloc(256 * 1024)]));
}

async function residentBytes(): Promise<number> {
  // Finalizers of Buffers run in a later turn.
  for (let i = 0; i < 4; i++) {
    globalThis.gc!();
    await new Promise(setImmediate);
  }
  return process.memoryUsage.rss();
}

// The first ones fill the pools of malloc and of the garbage collector.
await convertSome(CONVERSIONS);
const before = await residentBytes();
await convertSome(CONVERSIONS);
const growth = (await residentBytes()) - before;
console.log(`${String(CONVERSIONS)} conversions: grew by ${String(Math.round(growth / 1024))} KiB`);
process.exitCode = growth > MOST_GROWTH ? 1 : 0;
