/** Frugal's benchmark messages (`frugal.thrift`): 583, 17,518 and 303,652 bytes, with Chinese text and with ASCII text of that size. */

import { list, map, struct } from "./shape.js";
import { flat, type Value } from "./value.js";

export const simpleShape = struct("Simple", {
  ByteField: "i8",
  I64Field: "i64",
  DoubleField: "double",
  I32Field: "i32",
  StringField: "string",
  BinaryField: "binary",
  EnumField: "enum",
});

export const nestingShape = struct("Nesting", {
  String: "string",
  ListSimple: list(simpleShape),
  Double: "double",
  I32: "i32",
  ListI32: list("i32"),
  I64: "i64",
  MapStringString: map("string", "string"),
  SimpleStruct: simpleShape,
  MapI32I64: map("i32", "i64"),
  ListString: list("string"),
  Binary: "binary",
  MapI64String: map("i64", "string"),
  ListI64: list("i64"),
  Byte: "i8",
  MapStringSimple: map("string", simpleShape),
});

export const nesting2Shape = struct(
  "Nesting2",
  {
    MapSimpleNesting: map(simpleShape, nestingShape),
    SimpleStruct: simpleShape,
    Byte: "i8",
    Double: "double",
    ListNesting: list(nestingShape),
    I64: "i64",
    NestingStruct: nestingShape,
    Binary: "binary",
    String: "string",
    I32: "i32",
  },
  [10],
);

/** Both are 272 bytes of UTF-8; the Chinese one is 144 UTF-16 units. */
export const texts = {
  chinese: flat("你好,\b\n\r\t世界".repeat(16)),
  ascii: flat("hi, \b\n\r\tworlds..".repeat(17)),
} as const;

const ELEMENTS = 8;
const MAX_I64 = 2n ** 63n - 1n;
const MIN_I64 = -(2n ** 63n);
const MAX_I32 = 2 ** 31 - 1;
const MIN_I32 = -(2 ** 31);
const BYTES = Uint8Array.from({ length: 256 }, (_, index) => index % 16);

/** The small message. */
export function simple(text: string): Value {
  return {
    ByteField: 127,
    I64Field: MAX_I64,
    DoubleField: Number.MAX_VALUE,
    I32Field: MAX_I32,
    StringField: text,
    BinaryField: BYTES,
    EnumField: 0,
  };
}

/** The medium message. */
export function nesting(text: string): Value {
  return {
    String: text,
    ListSimple: times(() => simple(text)),
    Double: Number.MAX_VALUE,
    I32: MAX_I32,
    ListI32: times(() => MIN_I32),
    I64: MAX_I64,
    MapStringString: new Map(times((index) => [String(index), text])),
    SimpleStruct: simple(text),
    MapI32I64: new Map(times((index) => [index, MIN_I64])),
    ListString: times(() => text),
    Binary: BYTES,
    MapI64String: new Map(times((index) => [BigInt(index), text])),
    ListI64: times(() => MIN_I64),
    Byte: 127,
    MapStringSimple: new Map(times((index) => [String(index), simple(text)])),
  };
}

/** The large message. */
export function nesting2(text: string): Value {
  return {
    MapSimpleNesting: new Map(times(() => [simple(text), nesting(text)])),
    SimpleStruct: simple(text),
    Byte: 127,
    Double: Number.MAX_VALUE,
    ListNesting: times(() => nesting(text)),
    I64: MAX_I64,
    NestingStruct: nesting(text),
    Binary: BYTES,
    String: text,
    I32: MAX_I32,
  };
}

function times<T>(make: (index: number) => T): T[] {
  return Array.from({ length: ELEMENTS }, (_, index) => make(index));
}
