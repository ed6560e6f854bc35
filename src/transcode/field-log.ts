/**
 * Which fields of the open structs have been written, and where: fields may come in any order, and more than once, while
 * the output has each once, in its order. One log serves a message; structs nest in it as they nest there.
 */

import { Field } from "./program.js";
import type { Segments } from "./output/output.js";

/** Words of an entry: field, start, end. */
const ENTRY = 3;

export class FieldLog {
  readonly #words: Int32Array;
  /** Field, start, end of each field of the open structs, in the order of writing. */
  #entries = new Int32Array(ENTRY * 256);
  #top = 0;
  /** Sets of the fields that were seen, a bit each by place. */
  #sets = new Int32Array(256);
  #setTop = 0;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  reset(): void {
    this.#top = 0;
    this.#setTop = 0;
  }

  /** Opens an empty set of fields. @returns its place. */
  openSet(words: number): number {
    const place = this.#setTop;
    if (place + words > this.#sets.length) this.#sets = grown(this.#sets, place + words);
    this.#sets.fill(0, place, place + words);
    this.#setTop = place + words;
    return place;
  }

  closeSet(place: number): void {
    this.#setTop = place;
  }

  add(set: number, member: number): void {
    this.#sets[set + (member >> 5)] |= 1 << (member & 31);
  }

  remove(set: number, member: number): void {
    this.#sets[set + (member >> 5)] &= ~(1 << (member & 31));
  }

  has(set: number, member: number): boolean {
    return ((this.#sets[set + (member >> 5)] >> (member & 31)) & 1) === 1;
  }

  /** True where the set holds all of another, which stands in the program. */
  hasAll(set: number, others: number, words: number): boolean {
    for (let i = 0; i < words; i++) {
      const required = this.#words[others + i];
      if ((this.#sets[set + i] & required) !== required) return false;
    }
    return true;
  }

  /** How many members the set has, up to two. */
  count(set: number, words: number): number {
    let count = 0;
    for (let i = 0; i < words; i++) {
      const bits = this.#sets[set + i];
      if (bits !== 0) count += (bits & (bits - 1)) === 0 ? 1 : 2;
    }
    return Math.min(count, 2);
  }

  /** Where the entries of a struct start that is opened now. */
  get top(): number {
    return this.#top;
  }

  /** Records that a field was written. An empty stretch takes back what was written of it before. */
  wrote(field: number, start: number, end: number): void {
    const top = this.#top;
    if (top + ENTRY > this.#entries.length) this.#entries = grown(this.#entries, top + ENTRY);
    const entries = this.#entries;
    entries[top] = field;
    entries[top + 1] = start;
    entries[top + 2] = end;
    this.#top = top + ENTRY;
  }

  /** Closes a struct. */
  close(top: number): void {
    this.#top = top;
  }

  /** The entries since `first` in the order of the output, the last alone of each field. */
  arranged(first: number): Segments {
    const words = this.#words;
    const latest = new Map<number, number>();
    for (let at = first; at < this.#top; at += ENTRY) latest.set(this.#entries[at], at);
    const order = [...latest.keys()].sort((a, b) => words[a + Field.PLACE] - words[b + Field.PLACE]);
    return order.flatMap((field) => {
      const at = latest.get(field)!;
      const [start, end] = [this.#entries[at + 1], this.#entries[at + 2]];
      return end > start ? [field, start, end] : [];
    });
  }

  /** Where the first entry since `first` starts. */
  startOf(first: number): number {
    return this.#entries[first + 1];
  }
}

function grown(array: Int32Array<ArrayBuffer>, needed: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(Math.max(needed, 2 * array.length));
  copy.set(array);
  return copy;
}
