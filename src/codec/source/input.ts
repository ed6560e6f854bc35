/** What generated decoders read: the current message, and the text in it. */

import { memoryOf } from "../../protocol/buffer.js";
import { fail } from "./failure.js";
import { isAscii, readLatin1, readLongUtf8, readShortAscii, SHORT_READ } from "../../protocol/text.js";

interface Input {
  /** The whole of the memory that the message stands in, which may hold more than the message. */
  bytes: Uint8Array;
  /** Over the same. */
  view: DataView;
  /** Where the message ends. */
  end: number;
  /** Where the value that was read last ends. */
  position: number;
  /** Heap bytes that the message may still become. */
  heap: number;
  /** Structs open at this point; counted for recursive types only. */
  depth: number;
}

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

/**
 * The current message. An object, not module variables: generated code reads it.
 *
 * Fixed-size values are read without a check. What a truncated message makes a decoder read beyond its end is other
 * memory of the same buffer, or a RangeError where there is none; no value made of it is ever given out, since every
 * struct starts, and every string and container is checked to end, before `end`, and so is the whole message.
 */
export const input: Input = {
  bytes: NO_BYTES,
  view: NO_VIEW,
  end: 0,
  position: 0,
  heap: 0,
  depth: 0,
};

/** Runs a decoder over the bytes. @returns its value; the caller compares `input.position` with `input.end`. */
export function decodeFrom(read: (position: number) => unknown, bytes: Uint8Array, heapBytes: number): unknown {
  const { byteOffset } = bytes;
  const memory = memoryOf(bytes.buffer);
  input.bytes = memory.bytes;
  input.view = memory.view;
  input.end = byteOffset + bytes.length;
  input.heap = heapBytes;
  input.depth = 0;
  windowEnd = 0;
  try {
    return read(byteOffset);
  } finally {
    window = "";
    input.bytes = NO_BYTES;
    input.view = NO_VIEW;
  }
}

/**
 * ASCII text of medium length is cut from one string that holds a window of the message: a call into the engine for
 * each window instead of each string. A cut of 13 characters or more keeps its window alive, so windows are small.
 */
let window = "";
let windowStart = 0;
let windowEnd = 0;

/** Windows double from the first to the second size: short messages do not pay for a long one. */
const FIRST_WINDOW_BYTES = 2048;
const LAST_WINDOW_BYTES = 8192;

/** Longer text is as fast by itself. */
const WINDOW_TEXT_BYTES = 512;

/** Reads text at a position; the caller has checked that `length` bytes are there. */
export function readText(position: number, length: number): string {
  const { bytes } = input;
  const end = position + length;
  if (length > WINDOW_TEXT_BYTES || !isAsciiText(position, end)) return readLongUtf8(bytes, position, end);
  return readAscii(position, length);
}

/** {@link readText} for text that is known to be ASCII. */
export function readAscii(position: number, length: number): string {
  const { bytes } = input;
  const end = position + length;
  if (length > WINDOW_TEXT_BYTES) return readLongUtf8(bytes, position, end);
  if (length <= SHORT_READ) return readShortAscii(bytes, position, length);
  if (position < windowStart || end > windowEnd) {
    if (readLatin1 === undefined || input.end - position < 2 * length) return readLongUtf8(bytes, position, end);
    moveWindow(position, readLatin1);
  }
  return window.substring(position - windowStart, end - windowStart);
}

/** Sixteen bytes at a time, then four; the last word overlaps the one before. */
function isAsciiText(start: number, end: number): boolean {
  const { view } = input;
  if (end - start < 4) return isAscii(input.bytes, start, end);
  // Text that is not ASCII mostly shows it at once.
  let seen = view.getInt32(start);
  if ((seen & 0x80808080) !== 0) return false;
  const last = end - 4;
  seen |= view.getInt32(last);
  let i = start + 4;
  for (; i < last - 12; i += 16) {
    seen |= view.getInt32(i) | view.getInt32(i + 4) | view.getInt32(i + 8) | view.getInt32(i + 12);
  }
  for (; i < last; i += 4) seen |= view.getInt32(i);
  return (seen & 0x80808080) === 0;
}

function moveWindow(position: number, latin1: NonNullable<typeof readLatin1>): void {
  const size = windowEnd === 0 ? FIRST_WINDOW_BYTES : Math.min(2 * (windowEnd - windowStart), LAST_WINDOW_BYTES);
  windowStart = position;
  windowEnd = Math.min(position + size, input.end);
  window = latin1(input.bytes, windowStart, windowEnd);
}

/** Reads a varint of 32 bits, as a signed integer. Sets `input.position`. */
export function takeVarint32(position: number): number {
  const { view } = input;
  let p = position;
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = view.getUint8(p++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      input.position = p;
      return value;
    }
  }
  const fifth = view.getUint8(p);
  if (fifth > 0x0f) fail();
  input.position = p + 1;
  return value | (fifth << 28);
}

/** A view of the message. Not subarray(): it must not depend on the input being a Buffer. */
export function viewOf(start: number, end: number): Uint8Array {
  return new Uint8Array(input.bytes.buffer, start, end - start);
}
