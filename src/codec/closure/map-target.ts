/** What the entries of a map are gathered into. */

import type { ValuePlan } from "../plan.js";
import { flood } from "./failure.js";

/** A map that is being read, and how an entry gets there. */
export interface MapTarget {
  readonly entries: unknown;
  /** @throws ProtocolError INVALID_DATA at the offset when the keys collide too often to be an accident. */
  readonly add: (key: unknown, value: unknown, offset: number) => void;
}

/** Counts a key that is about to be added. @returns true for a flood of keys that collide. */
export type CountKey = (key: unknown, entries: ReadonlyMap<unknown, unknown>) => boolean;

/** An empty map in the representation of the plan. @param countKey for keys that must be watched. */
export function mapTarget(as: (ValuePlan & { kind: "map" })["as"], countKey?: CountKey): MapTarget {
  switch (as) {
    case "map":
      return newMap(countKey);
    case "object": {
      // Without prototype, so that no key means anything to it.
      const entries = Object.create(null) as Record<string, unknown>;
      return { entries, add: (key, value) => void (entries[key as string] = value) };
    }
    case "entries": {
      const entries: [unknown, unknown][] = [];
      return { entries, add: (key, value) => entries.push([key, value]) };
    }
  }
}

function newMap(countKey: CountKey | undefined): MapTarget {
  const entries = new Map<unknown, unknown>();
  if (countKey === undefined) return { entries, add: (key, value) => entries.set(key, value) };
  const add = (key: unknown, value: unknown, offset: number): void => {
    if (countKey(key, entries)) throw flood(offset);
    entries.set(key, value);
  };
  return { entries, add };
}
