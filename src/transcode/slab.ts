/**
 * Memory for outputs in Node.js: one output after the other, each where the last one ends, in slabs that are made when the
 * last one is full.
 *
 *     slab   | output | output | output | room ... |
 *              given away: never written again
 *
 * A long output is a view of its slab and keeps all of it alive. A short one stands in Buffer's own pool. Native code writes
 * into the room without knowing how much it will be; JavaScript copies there what it has written, since memory of their own
 * costs conversions of 16 KiB a twentieth to a tenth of their time.
 */

import { allocate } from "../protocol/buffer.js";

const { Buffer: NodeBuffer, process } = globalThis as Partial<typeof globalThis>;

/** A slab costs a few microseconds to make, which many outputs share. */
const SLAB_BYTES = 256 * 1024;

/** Outputs from this size on stay in the slab: none keeps more than 32 times its size alive. */
const LONG_BYTES = SLAB_BYTES / 32;

/** JSON takes about twice the bytes of Thrift. What does not fit gets memory of its own, which costs a copy. */
const EXPECTED_GROWTH = 2;

export interface Slab {
  readonly memory: ArrayBuffer;
  /** All of it. */
  readonly bytes: Uint8Array;
  /** What stands before it has been given away. */
  used: number;
}

let slab: Slab = { memory: new ArrayBuffer(0), bytes: new Uint8Array(0), used: 0 };

/** The slab to write into from `used` on. */
export function slabFor(inputBytes: number): Slab {
  // One that was transferred away has no bytes.
  const room = slab.bytes.length - slab.used;
  if (room < SLAB_BYTES && room < inputBytes * EXPECTED_GROWTH + LONG_BYTES) slab = newSlab();
  return slab;
}

function newSlab(): Slab {
  const bytes = NodeBuffer!.allocUnsafeSlow(SLAB_BYTES);
  const memory = bytes.buffer;
  // As Buffer's pool: who transfers one output would take the others from their owners.
  process!.getBuiltinModule("node:worker_threads").markAsUntransferable(memory);
  return { memory, bytes, used: 0 };
}

/** The output that was written into the slab: so many bytes. */
export function takeOutput(from: Slab, length: number): Uint8Array {
  const { memory, used } = from;
  if (length >= LONG_BYTES) return take(from, length);
  const output = allocate(length);
  output.set(new Uint8Array(memory, used, length));
  return output;
}

/** Memory for an output of so many bytes, all of which the caller overwrites. */
export function outputMemory(length: number): Uint8Array {
  if (NodeBuffer === undefined || length < LONG_BYTES || length > SLAB_BYTES / 4) return allocate(length);
  if (slab.bytes.length - slab.used < length) slab = newSlab();
  return take(slab, length);
}

function take(from: Slab, length: number): Uint8Array {
  const { memory, used } = from;
  from.used = aligned(used + length);
  return NodeBuffer!.from(memory, used, length);
}

/** Views of eight-byte numbers can be made of outputs then. */
function aligned(offset: number): number {
  return (offset + 7) & ~7;
}
