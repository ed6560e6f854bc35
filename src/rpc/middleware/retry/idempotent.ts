/** Which methods may be run twice. */

import type { MethodDescriptor } from "../../../schema/descriptor.js";

/** The annotation of a method that says so in the IDL: `Product get(1: string sku) (scrimp.idempotent = "true")`. */
const ANNOTATION = "scrimp.idempotent";

/** `true` for all methods, `false` for none, or the names of those that are; undefined leaves it to the IDL. */
export type IdempotentOption = boolean | readonly string[] | undefined;

/**
 * Whether a method does no more when it is run twice, by the option of a client, or else by the IDL. What a call says
 * itself comes before both. A oneway method never is, since nobody hears how it went.
 */
export function idempotence(option: IdempotentOption): (method: MethodDescriptor) => boolean {
  if (typeof option === "boolean") return ({ oneway }) => option && !oneway;
  if (option === undefined) return ({ oneway, annotations }) => annotations.get(ANNOTATION) === "true" && !oneway;
  const names = new Set(option);
  return ({ name, oneway }) => names.has(name) && !oneway;
}
