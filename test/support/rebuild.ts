/** Values taken apart and put together again beside their type, to change what stands in them. */

import { resolveType, type ResolvedType, type StructDescriptor, type Type } from "../../src/schema/descriptor.js";
import { exceptionClass } from "../../src/schema/exception.js";

/** Gives what shall stand in the place of a value; what is inside of it has been changed already. */
export type Change = (type: ResolvedType, value: unknown) => unknown;

/** A copy of a value, in the representation that decoders give by default, with every part changed. */
export function rebuild(declared: Type, value: unknown, change: Change): unknown {
  if (value === undefined) return undefined;
  const type = resolveType(declared);
  return change(type, rebuildInside(type, value, change));
}

function rebuildInside(type: ResolvedType, value: unknown, change: Change): unknown {
  switch (type.kind) {
    case "list":
      return (value as unknown[]).map((element) => rebuild(type.element, element, change));
    case "set":
      return new Set(Array.from(value as Set<unknown>, (element) => rebuild(type.element, element, change)));
    case "map":
      return new Map(
        Array.from(value as Map<unknown, unknown>, ([key, item]) => [
          rebuild(type.key, key, change),
          rebuild(type.value, item, change),
        ]),
      );
    case "struct":
      return rebuildStruct(type, value as Record<string, unknown>, change);
    default:
      return value;
  }
}

function rebuildStruct(type: StructDescriptor, value: Record<string, unknown>, change: Change): object {
  const fields = Object.fromEntries(
    type.fields.map(({ name, type: fieldType }) => [name, rebuild(fieldType, value[name], change)]),
  );
  // Assigned, for the class would fill defaults in.
  return type.variant === "exception" ? Object.assign(new (exceptionClass(type))(), fields) : fields;
}
