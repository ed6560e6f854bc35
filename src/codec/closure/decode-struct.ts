/** What every decoder of structs does, whatever it reads. */

import { ProtocolError } from "../../protocol/protocol.js";
import { makeException } from "../../schema/exception.js";
import type { FieldPlan, StructPlan } from "../plan.js";
import { locate, overBudget } from "./failure.js";

/** Begins a struct, one level deeper, and charges for it. @throws ProtocolError DEPTH_LIMIT or SIZE_LIMIT. */
export function enterStruct(
  context: { depth: number; heap: number },
  { countsDepth, heapBytes }: StructPlan,
  maxDepth: number,
  offset: number,
): void {
  if (countsDepth && ++context.depth > maxDepth) {
    throw new ProtocolError("ERR_THRIFT_DEPTH_LIMIT", offset, "structs are nested deeper than maxDepth");
  }
  if ((context.heap -= heapBytes) < 0) throw overBudget(offset);
}

/**
 * How a struct starts: every declared field there, in declared order, undefined. Decoding assigns to them; that is
 * safe for a field called `__proto__` too, as it is an own property by then.
 */
export function compileCreate(struct: StructPlan): () => Record<string, unknown> {
  const { descriptor, properties } = struct;
  if (descriptor.variant === "exception") return makeException(descriptor);
  // fromEntries and spread define properties, where assigning would call the setter of __proto__.
  const template = Object.fromEntries(properties.map(({ name }): [string, unknown] => [name, undefined]));
  return () => ({ ...template });
}

/** Gives the fields that were absent what the plan says: an error or a default. */
export function fillAbsent(
  context: { readonly path: string[] },
  object: Record<string, unknown>,
  fields: readonly FieldPlan[],
  offset: number,
): void {
  for (const field of fields) {
    if (object[field.name] !== undefined) continue;
    try {
      object[field.name] = absentValue(field, offset);
    } catch (error) {
      throw locate(error, context, `.${field.name}`);
    }
  }
}

function absentValue(field: FieldPlan, offset: number): unknown {
  if (field.makeDefault === undefined) {
    throw new ProtocolError(
      "ERR_THRIFT_REQUIRED_MISSING",
      offset,
      "expected a required field, found the end of the struct",
    );
  }
  try {
    return field.makeDefault();
  } catch (error) {
    throw error instanceof ProtocolError ? new ProtocolError(error.code, offset, error.message) : error;
  }
}
