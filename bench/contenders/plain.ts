/** Values for the rivals without a schema, which take whatever object they are given. */

import { isStruct, type MapShape, read, spell, type StructShape } from "../workload/shape.js";
import type { Value } from "../workload/value.js";
import type { Workload } from "../workload/workload.js";

/** i64 as a number where the workload has only safe ones; maps as objects unless kept; struct keys as entries in any case. */
export function spellPlain({ safeIntegers }: Workload, { keepMaps = false } = {}) {
  const spelling = {
    ...(safeIntegers && { i64: Number }),
    binary: (bytes: Uint8Array) => Buffer.from(bytes),
    map: (entries: [unknown, unknown][], { key }: MapShape) => {
      if (isStruct(key)) return entries;
      return keepMaps ? new Map(entries) : Object.fromEntries(entries);
    },
  };
  return (shape: StructShape, value: Value): unknown => spell(shape, value, spelling);
}

export function readPlain(shape: StructShape, decoded: unknown): Value {
  return read(shape, decoded, {});
}
