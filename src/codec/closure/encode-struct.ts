/** What every encoder of structs does, whatever it writes. */

import { ProtocolError } from "../../protocol/protocol.js";
import { toStruct } from "../accept.js";
import type { FieldPlan, StructPlan } from "../plan.js";
import { unionNotOne } from "./failure.js";

/** Begins a struct, one level deeper. @throws ProtocolError WRONG_TYPE or DEPTH_LIMIT. */
export function enterStruct(
  context: { depth: number },
  { countsDepth }: StructPlan,
  maxDepth: number,
  value: unknown,
): Record<string, unknown> {
  const object = toStruct(value);
  if (countsDepth && ++context.depth > maxDepth) {
    const found = "structs are nested deeper than maxDepth, or refer to themselves";
    throw new ProtocolError("ERR_THRIFT_DEPTH_LIMIT", -1, found);
  }
  return object;
}

export function readProperty(object: Record<string, unknown>, { name, ownOnly }: FieldPlan): unknown {
  return ownOnly && !Object.hasOwn(object, name) ? undefined : object[name];
}

/** The value of a field that is unset and may not stay so. @throws ProtocolError REQUIRED_MISSING. */
export function fillUnset(field: FieldPlan): unknown {
  if (field.makeWritten !== undefined) return field.makeWritten();
  throw new ProtocolError("ERR_THRIFT_REQUIRED_MISSING", -1, "expected a value for a required field, found none");
}

/** The one field of a union that is set, with its value; undefined when none is. @throws ProtocolError UNION_NOT_ONE. */
export function findUnionField<F extends { readonly plan: FieldPlan }>(
  object: Record<string, unknown>,
  fields: readonly F[],
): { field: F; value: unknown } | undefined {
  let found: { field: F; value: unknown } | undefined;
  for (const field of fields) {
    const value = readProperty(object, field.plan);
    if (value === undefined || value === null) continue;
    if (found !== undefined) throw unionNotOne(`found both ${found.field.plan.name} and ${field.plan.name}`);
    found = { field, value };
  }
  return found;
}
