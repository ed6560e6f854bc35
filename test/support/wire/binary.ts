/** TBinaryProtocol. There is one form of everything but of what is empty. */

import { TType } from "../../../src/protocol/ttype.js";
import type { Elements, Entries, Field, Scalar, Struct, Text } from "./node.js";
import { countOf, Speller, type Ink } from "./speller.js";

const putSize = (ink: Ink, size: number): void => {
  ink.bigEndian(size, 4);
};

export class BinarySpeller extends Speller {
  protected override scalar({ type, value }: Scalar): void {
    switch (type) {
      case TType.BOOL:
        return this.ink.put(value === true ? 1 : value === false ? 0 : Number(value));
      case TType.I8:
        return this.ink.bigEndian(value as number, 1);
      case TType.I16:
        return this.ink.bigEndian(value as number, 2);
      case TType.I32:
        return this.ink.bigEndian(value as number, 4);
      case TType.I64:
        return this.ink.bigEndian(value as bigint, 8);
      case TType.DOUBLE:
        return this.ink.double(value as number, false);
      case TType.UUID:
        return this.ink.bigEndian(BigInt(`0x${(value as string).replaceAll("-", "")}`), 16);
    }
  }

  protected override text(node: Text): void {
    this.size(node, node.size ?? node.bytes.length, putSize);
    this.ink.copy(node.bytes);
  }

  protected override elements(node: Elements): void {
    const size = countOf(node);
    this.ink.put(size === 0 && this.isOdd() ? this.below(256) : node.elementType);
    this.size(node, size, putSize);
    this.items(node);
  }

  protected override map(node: Entries): void {
    this.ink.put(node.keyType, node.valueType);
    this.size(node, countOf(node), putSize);
    for (const part of node.entries.flat()) this.value(part);
  }

  protected override structBegin({ fields }: Struct): Field[] {
    return fields;
  }

  protected override field(field: Field): void {
    this.mark(field, "start");
    this.mark(field, "type");
    this.ink.put(field.type);
    this.ink.bigEndian(field.id, 2);
    this.value(field.value);
  }

  protected override structEnd(): void {
    this.ink.put(TType.STOP);
  }
}
