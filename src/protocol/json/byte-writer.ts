/** A writer of JSON as bytes: punctuation, and text that is bytes already. */

import { ByteWriter } from "../bytes.js";
import { JSON_UNIT_BYTES, writeEscapedBytes } from "./printer.js";

const QUOTE = 0x22;

/** Text is escaped in pieces of so many bytes, so that room for the worst case is made for one of them only. */
const PIECE = 4096;

export abstract class JsonByteWriter extends ByteWriter {
  protected put(character: number): void {
    const start = this.reserve(1);
    this.bytes[start] = character;
  }

  /** Writes `bytes[start, end)`, which is UTF-8, as a string; invalid bytes become U+FFFD. */
  protected putText(bytes: Uint8Array, start: number, end: number): void {
    this.put(QUOTE);
    for (let p = start; p < end;) {
      const stop = end - p > PIECE ? characterStart(bytes, p + PIECE) : end;
      const at = this.reserve(JSON_UNIT_BYTES * (stop - p));
      this.written = writeEscapedBytes(bytes, [p, stop], this.bytes, at);
      p = stop;
    }
    this.put(QUOTE);
  }
}

/** Where the character starts that a place lies in. Of what is no UTF-8 every place is as good. */
function characterStart(bytes: Uint8Array, place: number): number {
  let p = place;
  while (place - p < 3 && (bytes[p] & 0xc0) === 0x80) p--;
  return p;
}
