/**
 * Where generated encoders write: one buffer that all codecs share and that is used again for each message.
 *
 *     0            position                 limit        bytes.length
 *     ├─ written ──┼─ free ──────────────────┼── SLACK ──┤
 *
 * The invariant that saves most capacity checks: whenever a generated statement starts, position <= limit, so SLACK
 * bytes may be written without a check. Whoever writes more, or an unknown amount, restores it.
 */

import { allocate, RETAINED_CAPACITY } from "../../protocol/buffer.js";
import { ProtocolError } from "../../protocol/protocol.js";

/** Bytes that may be written unchecked. Generated code checks once for each run of fixed-size fields of this size. */
export const SLACK = 128;

const INITIAL_BYTES = 64 * 1024;

/** Messages up to this size are copied out through a cached view: making a view costs as much as the copy. */
const CACHED_VIEW_BYTES = 512;

interface Output {
  bytes: Uint8Array;
  view: DataView;
  /** `bytes.length - SLACK`. */
  limit: number;
  /** Structs open at this point; counted for recursive types only. */
  depth: number;
}

/** The current buffer. An object, not module variables: generated code reads it. */
export const output: Output = { bytes: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)), limit: 0, depth: 0 };

let isBusy = false;
let prefixViews: Uint8Array[] = [];

/** Makes room up to `position + SLACK`, keeping what is written. Callers read `output.view` anew. */
export function grow(position: number): void {
  const bytes = new Uint8Array(Math.max(output.bytes.length * 2, position + 2 * SLACK));
  bytes.set(output.bytes);
  use(bytes);
}

/** Runs an encoder and gives its bytes in memory of their own. */
export function collect(write: (value: unknown, position: number) => number, value: unknown): Uint8Array {
  return withOutput(write, value, copyOut);
}

/** Runs an encoder for the number of its bytes. */
export function measure(write: (value: unknown, position: number) => number, value: unknown): number {
  return withOutput(write, value, (size) => size);
}

/** Runs an encoder and copies its bytes into a target. */
export function collectInto(
  write: (value: unknown, position: number) => number,
  value: unknown,
  target: { bytes: Uint8Array; offset: number },
): number {
  return withOutput(write, value, (size) => {
    if (size > target.bytes.length - target.offset) {
      throw new ProtocolError("ERR_THRIFT_NO_SPACE", -1, `the value takes ${String(size)} bytes, the target has fewer`);
    }
    target.bytes.set(output.bytes.subarray(0, size), target.offset);
    return size;
  });
}

/** A getter on the caller's value may encode something itself: the inner run gets a buffer of its own, the outer one is put back. */
function withOutput<T>(
  write: (value: unknown, position: number) => number,
  value: unknown,
  finish: (size: number) => T,
): T {
  const outer = isBusy ? { ...output } : undefined;
  if (outer !== undefined || output.bytes.length === 0) use(new Uint8Array(INITIAL_BYTES));
  isBusy = true;
  output.depth = 0;
  try {
    return finish(write(value, 0));
  } finally {
    if (outer !== undefined) {
      use(outer.bytes);
      output.depth = outer.depth;
    } else {
      isBusy = false;
      if (output.bytes.length > RETAINED_CAPACITY) use(new Uint8Array(INITIAL_BYTES));
    }
  }
}

function use(bytes: Uint8Array): void {
  output.bytes = bytes;
  output.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  output.limit = bytes.length - SLACK;
  prefixViews = [];
}

function copyOut(size: number): Uint8Array {
  const result = allocate(size);
  result.set(size <= CACHED_VIEW_BYTES ? prefixView(size) : output.bytes.subarray(0, size));
  return result;
}

function prefixView(size: number): Uint8Array {
  return (prefixViews[size] ??= output.bytes.subarray(0, size));
}
