/**
 * Which fields of the open structs have been seen and written, and where: fields may come in any order, and more than once,
 * while the output has each once, in its order. One log serves a message; structs nest in it as they nest there. What it
 * takes depends on the types alone, however often a field comes.
 *
 *     | seen: a bit for each field | written: a bit for each field | start, end of each field, by place |
 */

import { FIELD_WORDS, Struct } from "./program.js";
import type { Segments } from "./output/output.js";

/** An open struct. */
export interface LoggedStruct {
  /** The word at which it starts in the program. */
  readonly at: number;
  /** What {@link FieldLog.open} gave. */
  readonly frame: number;
}

export class FieldLog {
  readonly #words: Int32Array;
  /** Doubles, since positions may be beyond 2^31; the sets are 32 bits of each. */
  #log = new Float64Array(1024);
  #top = 0;

  /** @param words of the program. */
  constructor(words: Int32Array) {
    this.#words = words;
  }

  reset(): void {
    this.#top = 0;
  }

  /** Opens a struct, none of whose fields was seen. @returns the frame by which the other calls know it. */
  open(struct: number): number {
    const frame = this.#top;
    const sets = 2 * this.#words[struct + Struct.SET_WORDS];
    this.#top = frame + sets + 2 * this.#words[struct + Struct.COUNT];
    if (this.#top > this.#log.length) {
      const grown = new Float64Array(2 * this.#top);
      grown.set(this.#log);
      this.#log = grown;
    }
    this.#log.fill(0, frame, frame + sets);
    return frame;
  }

  close(frame: number): void {
    this.#top = frame;
  }

  see({ frame }: LoggedStruct, place: number): void {
    this.#log[frame + (place >> 5)] |= 1 << (place & 31);
  }

  forget({ frame }: LoggedStruct, place: number): void {
    this.#log[frame + (place >> 5)] &= ~(1 << (place & 31));
  }

  hasSeen({ frame }: LoggedStruct, place: number): boolean {
    return ((this.#log[frame + (place >> 5)] >> (place & 31)) & 1) === 1;
  }

  /** True where all required fields were seen. */
  isComplete({ at, frame }: LoggedStruct): boolean {
    const required = this.#words[at + Struct.REQUIRED];
    const count = this.#words[at + Struct.SET_WORDS];
    for (let i = 0; i < count; i++) {
      const bits = this.#words[required + i];
      if ((this.#log[frame + i] & bits) !== bits) return false;
    }
    return true;
  }

  /** How many fields were seen, up to two. */
  countSeen({ at, frame }: LoggedStruct): number {
    const words = this.#words[at + Struct.SET_WORDS];
    let count = 0;
    for (let i = 0; i < words; i++) {
      const bits = this.#log[frame + i];
      if (bits !== 0) count += (bits & (bits - 1)) === 0 ? 1 : 2;
    }
    return Math.min(count, 2);
  }

  /** Records where a field was written; what was written of it before is void. */
  wrote({ at, frame }: LoggedStruct, place: number, start: number, end: number): void {
    const setWords = this.#words[at + Struct.SET_WORDS];
    const log = this.#log;
    log[frame + setWords + (place >> 5)] |= 1 << (place & 31);
    const entry = frame + 2 * (setWords + place);
    log[entry] = start;
    log[entry + 1] = end;
  }

  /** What was written of a field is void. */
  unwrite({ at, frame }: LoggedStruct, place: number): void {
    this.#log[frame + this.#words[at + Struct.SET_WORDS] + (place >> 5)] &= ~(1 << (place & 31));
  }

  /** What was written, in the order of the output. */
  segments({ at, frame }: LoggedStruct): Segments {
    const words = this.#words;
    const setWords = words[at + Struct.SET_WORDS];
    const segments: number[] = [];
    for (let place = 0; place < words[at + Struct.COUNT]; place++) {
      if (((this.#log[frame + setWords + (place >> 5)] >> (place & 31)) & 1) === 0) continue;
      const entry = frame + 2 * (setWords + place);
      segments.push(words[at + Struct.FIELDS] + place * FIELD_WORDS, this.#log[entry], this.#log[entry + 1]);
    }
    return segments;
  }
}
