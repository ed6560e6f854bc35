/** Random paths into a value: most lead somewhere, some beside it. */

import type { PathKey, Step } from "../../src/transcode/path.js";
import { resolveType, type ResolvedType, type StructDescriptor } from "../../src/schema/descriptor.js";
import { type Random, randomValue } from "./random-value.js";

/** How to get on from a value of a type. @returns undefined where the path must end: at scalars, keys that no path names. */
function randomStep(type: ResolvedType, value: unknown, random: Random): Step | undefined {
  switch (type.kind) {
    case "struct": {
      if (type.fields.length === 0) return undefined;
      const field = random.pick(type.fields);
      return { kind: "field", struct: type, field, type: resolveType(field.type) };
    }
    case "list":
    case "set":
      return { kind: "index", index: random.below(5), of: type.kind, type: resolveType(type.element) };
    case "map": {
      const keys = value instanceof Map && random.chance(0.8) ? [...value.keys()] : [];
      const key: unknown = keys.length > 0 ? random.pick(keys) : randomValue(type.key, random);
      const isKey = ["string", "number", "bigint", "boolean"].includes(typeof key);
      if (!isKey || resolveType(type.key).kind === "double") return undefined;
      return { kind: "key", key: key as PathKey, map: type, type: resolveType(type.value) };
    }
    default:
      return undefined;
  }
}

/** What a step leads to in a decoded value; undefined where it leads to nothing. */
function follow(value: unknown, step: Step): unknown {
  if (value === undefined) return undefined;
  switch (step.kind) {
    case "field":
      return (value as Record<string, unknown>)[step.field.name];
    case "index":
      return [...(value as Iterable<unknown>)][step.index];
    case "key":
      return (value as Map<unknown, unknown>).get(step.key);
  }
}

/** A path of at least one step, and the value that it leads to. @returns undefined for a struct without fields. */
export function randomPath(
  root: StructDescriptor,
  value: unknown,
  random: Random,
): { steps: Step[]; value: unknown } | undefined {
  const steps: Step[] = [];
  let type: ResolvedType = root;
  let found = value;
  while (steps.length < 12) {
    const step = randomStep(type, found, random);
    if (step === undefined) break;
    steps.push(step);
    type = step.type;
    found = follow(found, step);
    if (random.chance(0.15)) break;
  }
  return steps.length === 0 ? undefined : { steps, value: found };
}

/** A path as people write it. */
export function pathText(steps: readonly Step[]): string {
  const parts = steps.map((step) => {
    if (step.kind === "field") return `.${step.field.name}`;
    if (step.kind === "index") return `[${String(step.index)}]`;
    return `[${typeof step.key === "string" ? JSON.stringify(step.key) : String(step.key)}]`;
  });
  return parts.join("").slice(1);
}
