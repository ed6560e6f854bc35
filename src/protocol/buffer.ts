/** Memory: the views through which a message is read, a buffer that grows while one is written, and the bytes that are handed out. */

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

/** Ranges up to this many bytes are copied in words: the array that the engine's own copy needs costs more. */
const SHORT_RANGE = 128;

/** Copies the bytes of a view from `start` to `end` to `at`, where there is room for them; `view` is over the memory of `bytes`. */
export function copyRange(
  source: DataView,
  start: number,
  end: number,
  { bytes, view, at }: { readonly bytes: Uint8Array; readonly view: DataView; readonly at: number },
): void {
  if (end - start > SHORT_RANGE) {
    bytes.set(new Uint8Array(source.buffer, source.byteOffset + start, end - start), at);
    return;
  }
  // Sixteen bytes at a time, or four; the last ones overlap those before.
  const shift = at - start;
  if (end - start >= 16) {
    for (let p = start; p < end - 16; p += 16) copy16(source, p, view, p + shift);
    copy16(source, end - 16, view, end - 16 + shift);
  } else if (end - start >= 4) {
    for (let p = start; p < end - 4; p += 4) view.setInt32(p + shift, source.getInt32(p));
    view.setInt32(end - 4 + shift, source.getInt32(end - 4));
  } else {
    for (let p = start; p < end; p++) view.setInt8(p + shift, source.getInt8(p));
  }
}

function copy16(source: DataView, p: number, view: DataView, at: number): void {
  view.setInt32(at, source.getInt32(p));
  view.setInt32(at + 4, source.getInt32(p + 4));
  view.setInt32(at + 8, source.getInt32(p + 8));
  view.setInt32(at + 12, source.getInt32(p + 12));
}

/** Both views over the whole of a buffer. */
export interface Memory {
  readonly buffer: ArrayBufferLike;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Memory up to this size stays referenced until the next message: making views anew costs as much as decoding 50 bytes. */
const KEPT_BYTES = 64 * 1024;

let kept = newMemory(new ArrayBuffer(0));

/**
 * Views over the memory that a message stands in, which may hold more than the message. Small messages mostly come from
 * one pool, so the views of the last buffer are kept.
 */
export function memoryOf(buffer: ArrayBufferLike): Memory {
  if (kept.buffer === buffer) return kept;
  const memory = newMemory(buffer);
  if (buffer.byteLength <= KEPT_BYTES) kept = memory;
  return memory;
}

function newMemory(buffer: ArrayBufferLike): Memory {
  return { buffer, bytes: new Uint8Array(buffer), view: new DataView(buffer) };
}
