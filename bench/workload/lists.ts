/** A thousand numbers of each kind (`lists.thrift`), of all magnitudes alike: half of the i64 take 32 bits or more. */

import { Random } from "./mixed.js";
import { list, type Scalar, struct, type StructShape } from "./shape.js";
import type { Value } from "./value.js";

interface NumberList {
  readonly kind: Scalar;
  readonly shape: StructShape;
  readonly value: Value;
}

const LENGTH = 1000;

export function numberLists(): NumberList[] {
  const random = new Random(7);
  const numbers = <T extends Value>(make: () => T): T[] => Array.from({ length: LENGTH }, make);
  // Plus 0, so that none is -0.
  const signed = (bits: number): number => Math.trunc((random.next() * 2 - 1) * 2 ** random.integer(1, bits - 1)) + 0;
  return [
    numberList(
      "i8",
      "I8List",
      numbers(() => random.integer(-128, 127)),
    ),
    numberList(
      "i16",
      "I16List",
      numbers(() => signed(16)),
    ),
    numberList(
      "i32",
      "I32List",
      numbers(() => signed(32)),
    ),
    numberList(
      "i64",
      "I64List",
      numbers(() => BigInt(signed(63))),
    ),
    numberList(
      "double",
      "DoubleList",
      numbers(() => random.next() * 1e6),
    ),
  ];
}

function numberList(kind: Scalar, name: string, values: Value[]): NumberList {
  return { kind, shape: struct(name, { values: list(kind) }), value: { values } };
}
