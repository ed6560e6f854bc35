/** What generated decoders read: the current message, and the text in it. */

import { isAscii, readLatin1, readLongUtf8, readShortAscii, SHORT_READ } from "../../protocol/text.js";

interface Input {
  bytes: Uint8Array;
  /** Over exactly the message: a read beyond its end throws a RangeError, which is one of the signals of failure. */
  view: DataView;
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

/** The current message. An object, not module variables: generated code reads it. */
export const input: Input = { bytes: NO_BYTES, view: NO_VIEW, end: 0, position: 0, heap: 0, depth: 0 };

/** Runs a decoder over the bytes. @returns its value; `input.position` is where it ended. */
export function decodeFrom(read: (position: number) => unknown, bytes: Uint8Array, heapBytes: number): unknown {
  input.bytes = bytes;
  input.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  input.end = bytes.length;
  input.heap = heapBytes;
  input.depth = 0;
  windowEnd = 0;
  try {
    return read(0);
  } finally {
    // The caller's bytes must not stay alive for as long as no other message comes.
    input.bytes = NO_BYTES;
    input.view = NO_VIEW;
    window = "";
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
const FIRST_WINDOW_BYTES = 512;
const LAST_WINDOW_BYTES = 8192;

/** Longer text is as fast by itself. */
const WINDOW_TEXT_BYTES = 128;

/** Reads text at a position; the caller has checked that `length` bytes are there. */
export function readText(position: number, length: number): string {
  const { bytes } = input;
  const end = position + length;
  if (length > WINDOW_TEXT_BYTES || !isAscii(bytes, position, end)) return readLongUtf8(bytes, position, end);
  if (length <= SHORT_READ) return readShortAscii(bytes, position, length);
  if (position < windowStart || end > windowEnd) {
    if (readLatin1 === undefined || input.end - position < 2 * length) return readLongUtf8(bytes, position, end);
    moveWindow(position, readLatin1);
  }
  return window.substring(position - windowStart, end - windowStart);
}

function moveWindow(position: number, latin1: NonNullable<typeof readLatin1>): void {
  const size = windowEnd === 0 ? FIRST_WINDOW_BYTES : Math.min(2 * (windowEnd - windowStart), LAST_WINDOW_BYTES);
  windowStart = position;
  windowEnd = Math.min(position + size, input.end);
  window = latin1(input.bytes, windowStart, windowEnd);
}
