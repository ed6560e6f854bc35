/** The bytes of a program: names, heads of fields, defaults. What is the same stands there once. */

/** Where bytes stand: offset from the start of the blob, and length. */
export type Place = readonly [offset: number, length: number];

const encoder = new TextEncoder();

export class Blob {
  readonly #bytes: number[] = [];
  readonly #places = new Map<string, Place>();

  addText(text: string): Place {
    return this.add(encoder.encode(text));
  }

  add(bytes: Uint8Array): Place {
    const key = bytes.join();
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place: Place = [this.#bytes.length, bytes.length];
    for (const byte of bytes) this.#bytes.push(byte);
    this.#places.set(key, place);
    return place;
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}
