/** The golden vectors: values that Apache Thrift's own Python library encoded. See testdata/golden/README.md. */

import { readFileSync } from "node:fs";
import { resolveType, type StructDescriptor, type Type } from "../../src/schema/descriptor.js";
import { exceptionClass } from "../../src/schema/exception.js";
import { parseSchema } from "../../src/schema/parse.js";
import type { Schema } from "../../src/schema/schema.js";
import { hex } from "./hex.js";

const folder = new URL("../testdata/golden/", import.meta.url);

/** One vector, its value spelled as the head of make.py says. */
export interface GoldenVector {
  /** Line of the file. */
  line: number;
  struct: string;
  value: Spelled;
  binary: Uint8Array;
  compact: Uint8Array;
  /** TJSONProtocol as Python writes it, which pads base64. */
  tjson: Uint8Array;
}

/** A value as make.py spells it. */
export type Spelled = null | boolean | number | string | Spelled[] | { [name: string]: Spelled };

/** The schema of the vectors, from memory. */
export function goldenSchema(): Schema {
  const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");
  return parseSchema(
    { "everything.thrift": read("everything.thrift"), "base.thrift": read("base.thrift") },
    { entry: "everything.thrift" },
  );
}

/** The struct of a vector; two of them live in the included file. */
export function goldenStruct(schema: Schema, name: string): StructDescriptor {
  return schema.structs.find((struct) => struct.name === name)!;
}

export const goldenVectors: readonly GoldenVector[] = readFileSync(new URL("golden.jsonl", folder), "utf8")
  .trim()
  .split("\n")
  .map((text, index) => {
    const { struct, value, binary, compact, json } = JSON.parse(text) as Record<string, string> & { value: Spelled };
    const tjson = new TextEncoder().encode(json);
    return { line: index + 1, struct, value, binary: hex`${binary}`, compact: hex`${compact}`, tjson };
  });

/** The value that a spelling stands for, as decoders give it: every declared field, unset ones undefined. Defaults are not filled in. */
export function spelledOut(declared: Type, spelled: Spelled): unknown {
  const type = resolveType(declared);
  switch (type.kind) {
    case "i64":
      return BigInt((spelled as { i64: string }).i64);
    case "double":
      return typeof spelled === "number" ? spelled : Number((spelled as { double: string }).double);
    case "binary":
      // Not a Buffer: what is decoded is a plain Uint8Array.
      return Uint8Array.from(Buffer.from((spelled as { base64: string }).base64, "base64"));
    case "list":
      return (spelled as Spelled[]).map((item) => spelledOut(type.element, item));
    case "set":
      return new Set((spelled as { set: Spelled[] }).set.map((item) => spelledOut(type.element, item)));
    case "map":
      return new Map(
        (spelled as { map: [Spelled, Spelled][] }).map.map(([key, item]) => [
          spelledOut(type.key, key),
          spelledOut(type.value, item),
        ]),
      );
    case "struct":
      return spelledStruct(type, spelled as { [name: string]: Spelled });
    default:
      return spelled;
  }
}

function spelledStruct(type: StructDescriptor, spelled: { [name: string]: Spelled }): object {
  const fields = Object.fromEntries(
    type.fields.map(({ name, type: fieldType }) => [
      name,
      name in spelled ? spelledOut(fieldType, spelled[name]) : undefined,
    ]),
  );
  if (type.variant !== "exception") return fields;
  const error = new (exceptionClass(type))();
  // The class fills defaults in; a spelling says exactly what is set.
  return Object.assign(error, fields);
}
