/**
 * Which fields of the open structs have been seen and written, and where: fields may come in any order, and more than once,
 * while the output has each once, in its order. One log serves a message; structs nest in it as they nest there. What it
 * takes depends on the types alone, however often a field comes.
 *
 *     sets     | seen: a bit for each field | written: a bit for each field |      of each open struct
 *     spans    | start, end of each field, by place |                              likewise
 */

import { FIELD_WORDS, Struct } from "./program.js";
import type { Segments } from "./output/output.js";

/** An open struct. */
export interface LoggedStruct {
  /** The word at which it starts in the program. */
  readonly at: number;
  /** Where the log has its sets and its spans. */
  readonly sets: number;
  readonly spans: number;
}

export class FieldLog {
  readonly #words: Int32Array;
  #sets = new Int32Array(64);
  /** Doubles, since positions may be beyond 2^31. */
  #spans = new Float64Array(512);
  /** Where the next struct will have its own. */
  setsTop = 0;
  spansTop = 0;

  /** @param words of the program. */
  constructor(words: Int32Array) {
    this.#words = words;
  }

  reset(): void {
    this.setsTop = 0;
    this.spansTop = 0;
  }

  /** Opens a struct at the tops, none of whose fields was seen. */
  open(struct: number): void {
    const from = this.setsTop;
    const to = from + 2 * this.#words[struct + Struct.SET_WORDS];
    const spans = this.spansTop + 2 * this.#words[struct + Struct.COUNT];
    if (to > this.#sets.length) this.#sets = grown(this.#sets, new Int32Array(2 * to));
    if (spans > this.#spans.length) this.#spans = grown(this.#spans, new Float64Array(2 * spans));
    for (let i = from; i < to; i++) this.#sets[i] = 0;
    this.setsTop = to;
    this.spansTop = spans;
  }

  close({ sets, spans }: LoggedStruct): void {
    this.setsTop = sets;
    this.spansTop = spans;
  }

  see({ sets }: LoggedStruct, place: number): void {
    this.#sets[sets + (place >> 5)] |= 1 << (place & 31);
  }

  forget({ sets }: LoggedStruct, place: number): void {
    this.#sets[sets + (place >> 5)] &= ~(1 << (place & 31));
  }

  hasSeen({ sets }: LoggedStruct, place: number): boolean {
    return ((this.#sets[sets + (place >> 5)] >> (place & 31)) & 1) === 1;
  }

  /** True where all required fields were seen. */
  isComplete({ at, sets }: LoggedStruct): boolean {
    const required = this.#words[at + Struct.REQUIRED];
    const count = this.#words[at + Struct.SET_WORDS];
    for (let i = 0; i < count; i++) {
      const bits = this.#words[required + i];
      if ((this.#sets[sets + i] & bits) !== bits) return false;
    }
    return true;
  }

  /** How many fields were seen, up to two. */
  countSeen({ at, sets }: LoggedStruct): number {
    const words = this.#words[at + Struct.SET_WORDS];
    let count = 0;
    for (let i = 0; i < words; i++) {
      const bits = this.#sets[sets + i];
      if (bits !== 0) count += (bits & (bits - 1)) === 0 ? 1 : 2;
    }
    return Math.min(count, 2);
  }

  /** Records where a field was written; what was written of it before is void. */
  wrote({ at, sets, spans }: LoggedStruct, place: number, start: number, end: number): void {
    this.#sets[sets + this.#words[at + Struct.SET_WORDS] + (place >> 5)] |= 1 << (place & 31);
    this.#spans[spans + 2 * place] = start;
    this.#spans[spans + 2 * place + 1] = end;
  }

  /** What was written of a field is void. */
  unwrite({ at, sets }: LoggedStruct, place: number): void {
    this.#sets[sets + this.#words[at + Struct.SET_WORDS] + (place >> 5)] &= ~(1 << (place & 31));
  }

  /** What was written, in the order of the output. */
  segments({ at, sets, spans }: LoggedStruct): Segments {
    const words = this.#words;
    const written = sets + words[at + Struct.SET_WORDS];
    const segments: number[] = [];
    for (let place = 0; place < words[at + Struct.COUNT]; place++) {
      if (((this.#sets[written + (place >> 5)] >> (place & 31)) & 1) === 0) continue;
      const field = words[at + Struct.FIELDS] + place * FIELD_WORDS;
      segments.push(field, this.#spans[spans + 2 * place], this.#spans[spans + 2 * place + 1]);
    }
    return segments;
  }
}

/** The larger memory, which begins with what stood in the old. */
function grown<T extends Int32Array | Float64Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
