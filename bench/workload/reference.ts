/** The plainest possible writer of the Thrift binary protocol: slow, and so short that its bytes can be checked by eye. */

import type { Scalar, Shape } from "./shape.js";
import type { Value } from "./value.js";

const WIRE_TYPE: Record<Scalar | "list" | "map" | "struct", number> = {
  bool: 2,
  i8: 3,
  double: 4,
  i16: 6,
  i32: 8,
  enum: 8,
  i64: 10,
  string: 11,
  binary: 11,
  struct: 12,
  map: 13,
  list: 15,
};

/** The message as Thrift's binary protocol has it: what Go Frugal decodes, and what the tests compare scrimp with. */
export function referenceBytes(shape: Shape, value: Value): Buffer {
  return Buffer.concat([...write(shape, value)]);
}

function* write(shape: Shape, value: Value): Generator<Buffer> {
  if (typeof shape === "string") {
    yield* writeScalar(shape, value);
  } else if (shape.kind === "list") {
    const elements = value as Value[];
    yield Buffer.of(wireType(shape.element));
    yield int(4, elements.length);
    for (const element of elements) yield* write(shape.element, element);
  } else if (shape.kind === "map") {
    const entries = value as Map<Value, Value>;
    yield Buffer.of(wireType(shape.key), wireType(shape.value));
    yield int(4, entries.size);
    for (const [key, element] of entries) {
      yield* write(shape.key, key);
      yield* write(shape.value, element);
    }
  } else {
    for (const field of shape.fields) {
      yield Buffer.of(wireType(field.shape));
      yield int(2, field.id);
      yield* write(field.shape, (value as Record<string, Value>)[field.name]);
    }
    yield Buffer.of(0);
  }
}

function* writeScalar(shape: Scalar, value: Value): Generator<Buffer> {
  switch (shape) {
    case "bool":
      return yield int(1, value ? 1 : 0);
    case "i8":
      return yield int(1, value as number);
    case "i16":
      return yield int(2, value as number);
    case "i32":
    case "enum":
      return yield int(4, value as number);
    case "i64": {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64BE(value as bigint);
      return yield bytes;
    }
    case "double": {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleBE(value as number);
      return yield bytes;
    }
    case "string":
    case "binary": {
      const bytes = Buffer.from(value as string);
      yield int(4, bytes.length);
      return yield bytes;
    }
  }
}

function wireType(shape: Shape): number {
  return WIRE_TYPE[typeof shape === "string" ? shape : shape.kind];
}

function int(size: number, value: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeIntBE(value, 0, size);
  return bytes;
}
