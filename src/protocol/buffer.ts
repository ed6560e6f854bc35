/** Memory for output: a buffer that grows while a message is written, and the bytes that are handed out. */

/** Capacity a writer starts with: most messages fit, and it costs nothing to keep. */
export const INITIAL_CAPACITY = 4096;

/** A writer lets go of a buffer that grew beyond this, so that one huge message does not pin its size for ever. */
export const RETAINED_CAPACITY = 1024 * 1024;

const NodeBuffer = (globalThis as { Buffer?: { allocUnsafe(size: number): Uint8Array } }).Buffer;

/**
 * Memory for a finished message, not zeroed in Node.js: the caller overwrites every byte of it.
 *
 * @returns a Buffer where the platform has one, else a Uint8Array.
 */
export function allocate(size: number): Uint8Array {
  return NodeBuffer === undefined ? new Uint8Array(size) : NodeBuffer.allocUnsafe(size);
}

/** @returns a buffer of at least `needed` bytes, and of at least twice the old one, that begins with what was written. */
export function grow(bytes: Uint8Array, written: number, needed: number): Uint8Array {
  const grown = new Uint8Array(Math.max(needed, bytes.length * 2));
  grown.set(bytes.subarray(0, written));
  return grown;
}
