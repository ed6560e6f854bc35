/** @returns a plain view of some bytes. Not subarray(): what users get must not depend on the socket giving Buffers. */
export function viewOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}
