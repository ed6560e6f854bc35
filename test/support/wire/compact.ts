/** TCompactProtocol. Varints may be longer than need be, ids and sizes may take their long form, false has two codes. */

import { TType, type ValueTType } from "../../../src/protocol/ttype.js";
import type { Elements, Entries, Field, Node, Scalar, Struct, Text } from "./node.js";
import { countOf, Speller, type Ink } from "./speller.js";

/** By type of TBinaryProtocol. */
const CODES: Readonly<Record<ValueTType, number>> = {
  [TType.BOOL]: 1,
  [TType.I8]: 3,
  [TType.I16]: 4,
  [TType.I32]: 5,
  [TType.I64]: 6,
  [TType.DOUBLE]: 7,
  [TType.STRING]: 8,
  [TType.LIST]: 9,
  [TType.SET]: 10,
  [TType.MAP]: 11,
  [TType.STRUCT]: 12,
  [TType.UUID]: 13,
};

const FALSE = 2;
const LONGEST = { 16: 5, 32: 5, 64: 10 } as const;

/** Writes a varint of at least so many bytes. */
function putVarint(ink: Ink, value: bigint, atLeast = 1): void {
  let rest = value;
  for (let n = 1; rest > 0x7fn || n < atLeast; n++) {
    ink.put(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  ink.put(Number(rest));
}

function putSize(ink: Ink, size: number): void {
  putVarint(ink, BigInt.asUintN(32, BigInt(size)));
}

export class CompactSpeller extends Speller {
  #lastId = 0;
  readonly #outerIds: number[] = [];

  protected override scalar({ type, value }: Scalar): void {
    switch (type) {
      case TType.BOOL:
        return this.ink.put(typeof value === "boolean" ? this.#boolElement(value) : Number(value));
      case TType.I8:
        return this.ink.bigEndian(value as number, 1);
      case TType.I16:
        return this.#integer(BigInt(value), 16);
      case TType.I32:
        return this.#integer(BigInt(value), 32);
      case TType.I64:
        return this.#integer(BigInt(value), 64);
      case TType.DOUBLE:
        return this.ink.double(value as number, true);
      case TType.UUID:
        return this.ink.bigEndian(BigInt(`0x${(value as string).replaceAll("-", "")}`), 16);
    }
  }

  protected override text(node: Text): void {
    this.size(node, node.size ?? node.bytes.length, putSize);
    this.ink.copy(node.bytes);
  }

  protected override elements(node: Elements): void {
    const code = this.#elementCode(node);
    const size = countOf(node);
    const isLong = size < 0 || size > 14 || this.isOdd();
    if (isLong) {
      this.ink.put(0xf0 | code);
      this.size(node, size, putSize);
    } else {
      this.size(node, size, (ink, other) => {
        if (other >= 0 && other < 15) return ink.put((other << 4) | code);
        ink.put(0xf0 | code);
        putSize(ink, other);
      });
    }
    this.items(node);
  }

  protected override map(node: Entries): void {
    const size = countOf(node);
    this.size(node, size, putSize);
    if (size !== 0) this.ink.put((CODES[node.keyType] << 4) | CODES[node.valueType]);
    for (const part of node.entries.flat()) this.value(part);
  }

  protected override structBegin({ fields }: Struct): Field[] {
    this.#outerIds.push(this.#lastId);
    this.#lastId = 0;
    return fields;
  }

  protected override field(field: Field): void {
    this.mark(field, "start");
    this.mark(field, "type");
    const { id, type, value } = field;
    const isBool = type === TType.BOOL;
    const code = isBool && isFalse(value) ? FALSE : CODES[type];
    const delta = id - this.#lastId;
    this.#lastId = id;
    if (delta > 0 && delta < 16 && !this.isOdd()) {
      this.ink.put((delta << 4) | code);
    } else {
      this.ink.put(code);
      this.#integer(BigInt(id), 16);
    }
    if (isBool) this.mark(value, "start");
    else this.value(value);
  }

  protected override structEnd(): void {
    // Readers do not look at the delta of a STOP.
    this.ink.put(this.isOdd() ? this.below(16) << 4 : TType.STOP);
    this.#lastId = this.#outerIds.pop() ?? 0;
  }

  #boolElement(value: boolean): number {
    return value ? 1 : this.isOdd() ? 0 : FALSE;
  }

  #elementCode({ elementType, size, items }: Elements): number {
    if (elementType === TType.BOOL && this.isOdd()) return FALSE;
    return size === undefined && items.length === 0 && this.isOdd() ? this.below(16) : CODES[elementType];
  }

  /** Of 64 bits modulo 2^64; of fewer bits as it is, in range or not. */
  #integer(value: bigint, bits: 16 | 32 | 64): void {
    const zigzag = value >= 0n ? value << 1n : (-value << 1n) - 1n;
    const atLeast = this.isOdd() ? 1 + this.below(LONGEST[bits]) : 1;
    putVarint(this.ink, BigInt.asUintN(64, zigzag), atLeast);
  }
}

/** What a header of a bool says for a value that is perhaps none. */
function isFalse(value: Node): boolean {
  return value.kind !== "scalar" || value.value !== true;
}
