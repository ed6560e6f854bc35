/** What the spellers of all protocols share: ink, marks, and where the sizes stand. */

import type { Random } from "../random-value.js";
import type { Elements, Entries, Field, Marked, Node, Scalar, Struct, Text } from "./node.js";

/** A message in the bytes of one protocol. */
export interface Spelling {
  bytes: Uint8Array;
  /** Where the piece that has a mark stands; -1 without one. */
  here: number;
  sizes: SizePlace[];
}

/** A length or count in a spelling. */
export interface SizePlace {
  start: number;
  end: number;
  /** What it says. */
  size: number;
  /** The bytes that say another size at this place. */
  spell: (size: number) => Uint8Array;
}

/** A piece of memory that grows. */
export class Ink {
  position = 0;
  #bytes = new Uint8Array(64);

  put(...bytes: number[]): void {
    this.copy(bytes);
  }

  copy(bytes: ArrayLike<number>): void {
    const start = this.#reserve(bytes.length);
    this.#bytes.set(bytes, start);
  }

  ascii(text: string): void {
    const start = this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) this.#bytes[start + i] = text.charCodeAt(i);
  }

  /** Writes an integer of so many bytes, highest first. Takes it modulo what they hold. */
  bigEndian(value: number | bigint, bytes: number): void {
    const bits = BigInt.asUintN(8 * bytes, BigInt(value));
    for (let shift = 8 * (bytes - 1); shift >= 0; shift -= 8) this.put(Number((bits >> BigInt(shift)) & 0xffn));
  }

  double(value: number, isLittleEndian: boolean): void {
    const start = this.#reserve(8);
    new DataView(this.#bytes.buffer).setFloat64(start, value, isLittleEndian);
  }

  /** Writes what stands behind `start` again and again. */
  repeat(start: number, times: number): void {
    const length = this.position - start;
    const end = this.position + length * times;
    this.#reserve(length * times);
    // Twice as much at a time.
    for (let at = start + length; at < end; at += at - start) {
      this.#bytes.copyWithin(at, start, Math.min(at, start + end - at));
    }
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.position);
  }

  #reserve(count: number): number {
    const start = this.position;
    this.position += count;
    if (this.position > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.position);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return start;
  }
}

/** Spells one message. With a style, which is chance, it picks among all the forms that mean the same. */
export abstract class Speller {
  protected readonly ink = new Ink();
  readonly #style: Random | undefined;
  readonly #sizes: SizePlace[] = [];
  #here = -1;

  constructor(style: Random | undefined) {
    this.#style = style;
  }

  spell(message: Struct): Spelling {
    this.value(message);
    return { bytes: this.ink.finish(), here: this.#here, sizes: this.#sizes };
  }

  protected value(node: Node): void {
    this.begin(node);
    switch (node.kind) {
      case "scalar":
        return this.scalar(node);
      case "text":
        return this.text(node);
      case "elements":
        return this.elements(node);
      case "map":
        return this.map(node);
      case "struct":
        for (const field of this.structBegin(node)) this.field(field);
        this.mark(node, "end");
        return this.structEnd();
    }
  }

  protected abstract scalar(node: Scalar): void;
  protected abstract text(node: Text): void;
  protected abstract elements(node: Elements): void;
  protected abstract map(node: Entries): void;
  protected abstract structBegin(node: Struct): Iterable<Field>;
  protected abstract field(field: Field): void;
  protected abstract structEnd(): void;

  protected mark(piece: Marked, place: Marked["here"]): void {
    if (piece.here === place) this.#here = this.ink.position;
  }

  /** Writes a size, and remembers where it stands. */
  protected size(piece: Marked, size: number, write: (ink: Ink, size: number) => void): void {
    this.mark(piece, "size");
    const start = this.ink.position;
    write(this.ink, size);
    const spell = (other: number): Uint8Array => {
      const ink = new Ink();
      write(ink, other);
      return ink.finish();
    };
    this.#sizes.push({ start, end: this.ink.position, size, spell });
  }

  /** Writes the elements behind the header. */
  protected items({ items, times }: Elements): void {
    const start = this.ink.position;
    for (const item of items) {
      this.beforeItem();
      this.value(item);
    }
    if (times !== undefined) this.ink.repeat(start, times - 1);
  }

  /** Comes before every value: reading starts here. */
  protected begin(node: Node): void {
    this.mark(node, "start");
  }

  protected beforeItem(): void {
    // Nothing on the wire of binary protocols.
  }

  /** True, now and then, where there is a style: write a form that is not the usual one. */
  protected isOdd(): boolean {
    return this.#style?.chance(0.2) ?? false;
  }

  protected below(end: number): number {
    return this.#style?.below(end) ?? 0;
  }
}

/** The count of a container, or what it claims. */
export function countOf(node: Elements | Entries): number {
  if (node.size !== undefined) return node.size;
  return node.kind === "map" ? node.entries.length : (node.times ?? node.items.length);
}
