/**
 * Memory for the outputs of native code, which writes without knowing how much it will be: one output after the other,
 * each where the last one ends, in slabs that are made when the last one is full.
 *
 *     slab   | output | output | output | room ... |
 *              given away: never written again
 *
 * A long output is a view of its slab, without a copy, and keeps all of it alive. A short one is copied into Buffer's
 * own pool, and the room stays as it was.
 */

import { Buffer } from "node:buffer";
import { markAsUntransferable } from "node:worker_threads";

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
  const bytes = Buffer.allocUnsafeSlow(SLAB_BYTES);
  const memory = bytes.buffer;
  // As Buffer's pool: who transfers one output would take the others from their owners.
  markAsUntransferable(memory);
  return { memory, bytes, used: 0 };
}

/** The output that was written into the slab: so many bytes. */
export function takeOutput(from: Slab, length: number): Buffer {
  const { memory, used } = from;
  if (length < LONG_BYTES) {
    const output = Buffer.allocUnsafe(length);
    output.set(new Uint8Array(memory, used, length));
    return output;
  }
  from.used = aligned(used + length);
  return Buffer.from(memory, used, length);
}

/** Views of eight-byte numbers can be made of outputs then. */
function aligned(offset: number): number {
  return (offset + 7) & ~7;
}
