import avro, { type Schema } from "avsc";

import { read, type Shape, spell, type StructShape } from "../workload/shape.js";
import { type Contender, prepared } from "./contender.js";

export const contender: Contender = {
  title: "avsc",
  note: "i64 as number where safe (it throws beyond 2^53), else its bigint hook; maps with other keys than text are lists of entries",
  prepare(workload) {
    const type = avroType(workload.shape, workload.safeIntegers);
    return prepared<object>(workload, {
      spelled: (shape, value) =>
        spell(shape, value, {
          ...(workload.safeIntegers && { i64: Number }),
          binary: (bytes) => Buffer.from(bytes),
          map: (entries, { key }) =>
            key === "string"
              ? Object.fromEntries(entries)
              : entries.map(([name, element]) => ({ key: name, value: element })),
        }),
      encode: (input) => type.toBuffer(input),
      decode: (bytes) => type.fromBuffer(bytes),
      readBack: (shape, decoded) => read(shape, decoded, {}),
    });
  },
};

function avroType(shape: StructShape, safeIntegers: boolean): avro.Type {
  const schema = avroSchema(shape, new Set());
  if (safeIntegers) return avro.Type.forSchema(schema);
  return avro.Type.forSchema(schema, { registry: { long: bigintType() } });
}

function bigintType(): avro.Type {
  return avro.types.LongType.__with({
    fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
    toBuffer: (value: bigint) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(value);
      return bytes;
    },
    fromJSON: BigInt,
    toJSON: Number,
    isValid: (value: unknown) => typeof value === "bigint",
    compare: (left: bigint, right: bigint) => (left === right ? 0 : left < right ? -1 : 1),
  });
}

const PRIMITIVE = {
  bool: "boolean",
  i8: "int",
  i16: "int",
  i32: "int",
  enum: "int",
  i64: "long",
  double: "double",
  string: "string",
  binary: "bytes",
} as const;

/** A named type is spelled out once and named after that, as Avro wants it. */
function avroSchema(shape: Shape, named: Set<string>): Schema {
  if (typeof shape === "string") return PRIMITIVE[shape];
  switch (shape.kind) {
    case "list":
      return { type: "array", items: avroSchema(shape.element, named) };
    case "map":
      if (shape.key === "string") return { type: "map", values: avroSchema(shape.value, named) };
      return { type: "array", items: entrySchema(shape.key, shape.value, named) };
    case "struct": {
      if (named.has(shape.name)) return shape.name;
      named.add(shape.name);
      const fields = shape.fields.map((field) => ({ name: field.name, type: avroSchema(field.shape, named) }));
      return { type: "record", name: shape.name, fields };
    }
  }
}

function entrySchema(key: Shape, value: Shape, named: Set<string>): Schema {
  const name = `Entry${named.size}`;
  named.add(name);
  const fields = [
    { name: "key", type: avroSchema(key, named) },
    { name: "value", type: avroSchema(value, named) },
  ];
  return { type: "record", name, fields };
}
