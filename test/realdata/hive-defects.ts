/** What the generated JavaScript of hive-driver, over npm `thrift`, gets wrong. */

import { resolveType, type Type } from "../../src/schema/descriptor.js";
import { rebuild, type Change } from "../support/rebuild.js";
import type { PeerProtocol } from "./hive.js";

type Direction = "writes" | "reads";

/** One of them. That i64s are Int64 objects is none: those hold all 64 bits, and hive.ts turns them into bigints. */
interface Defect {
  reason: string;
  protocols: readonly PeerProtocol[];
  directions: readonly Direction[];
  /** A value that suffers from it. */
  struct: string;
  probe: object;
  /** Takes it out of a value, and of all within. */
  avoid: Change;
}

const BOTH = ["binary", "compact"] as const;

/** An entry that is needed no longer fails a test. */
export const DEFECTS: readonly Defect[] = [
  {
    reason: "maps are objects, which put keys of digits first",
    protocols: BOTH,
    directions: ["writes", "reads"],
    struct: "TStructTypeEntry",
    probe: { nameToTypePtr: new Map([["a", 1]]).set("7", 2) },
    avoid: (type, value) =>
      type.kind === "map" ? new Map(Array.from(value as Map<string, unknown>, notDigits)) : value,
  },
  {
    reason: "writeDouble takes the sign from v < 0, which -0 is not",
    protocols: BOTH,
    directions: ["writes"],
    struct: "TDoubleValue",
    probe: { value: -0 },
    avoid: (type, value) => (type.kind === "double" && value === 0 ? 0 : value),
  },
  {
    reason: "readBool of an element reads the property `value` of a number, and so is false always",
    protocols: ["compact"],
    directions: ["reads"],
    struct: "TBoolColumn",
    probe: { values: [true, false, true], nulls: Uint8Array.of(5) },
    avoid: (type, value) =>
      type.kind === "list" && resolveType(type.element).kind === "bool" ? (value as boolean[]).map(() => false) : value,
  },
];

function notDigits([key, item]: [string, unknown]): [string, unknown] {
  return [/^\d+$/.test(key) ? `${key} ` : key, item];
}

/** Rebuilds a value without the defects of one direction. */
export function avoiding(direction: Direction, protocol: PeerProtocol, declared: Type, value: unknown): unknown {
  return DEFECTS.filter(
    (defect) => defect.directions.includes(direction) && defect.protocols.includes(protocol),
  ).reduce((left, { avoid }) => rebuild(declared, left, avoid), value);
}
