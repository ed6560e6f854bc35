/** What generated decoders make of what they have read: the same in every protocol. The value of property i is in the variable fi. */

import { makeException } from "../../schema/exception.js";
import type { FieldPlan, StructPlan } from "../plan.js";
import { join, js, NOTHING, quote, type Code } from "./code.js";
import type { Constants } from "./constants.js";

/** Statements that refuse a struct without a required field, and a union with two fields. */
export function presenceChecks({ properties, descriptor }: StructPlan): Code {
  const missing = properties.flatMap((field, i) => (field.whenAbsent === "error" ? [js`f${i} === undefined`] : []));
  const required = missing.length === 0 ? NOTHING : js`  if (${join(missing, "||")}) fail();\n`;
  if (descriptor.variant !== "union" || properties.length < 2) return required;
  const set = properties.map((_, i) => js` + (f${i} !== undefined)`);
  return js`${required}  if (0${join(set, "")} > 1) fail();\n`;
}

/** An expression that is the decoded object, defaults filled in. */
export function structResult({ properties, descriptor }: StructPlan, constants: Constants): Code {
  const literal = js`{ ${join(
    properties.map((field, i) => property(field, js`f${i}`, constants)),
    ",",
  )} }`;
  return descriptor.variant === "exception"
    ? js`fillException(${constants.of(makeException(descriptor))}, ${literal})`
    : literal;
}

function property({ name, whenAbsent, makeDefault }: FieldPlan, local: Code, constants: Constants): Code {
  const value =
    whenAbsent === "default" ? js`${local} === undefined ? ${constants.of(makeDefault)}() : ${local}` : local;
  // A plain "__proto__" in a literal would set the prototype.
  return name === "__proto__" ? js`["__proto__"]: ${value}` : js`${quote(name)}: ${value}`;
}

/** An expression that is an empty map, by representation. */
export const EMPTY_MAP = { map: js`new Map()`, object: js`{ __proto__: null }`, entries: js`[]` } as const;

/** A statement that adds an entry to a map, by representation. */
export const addEntry = {
  map: (map: Code, key: Code, value: Code) => js`${map}.set(${key}, ${value});`,
  object: (map: Code, key: Code, value: Code) => js`${map}[${key}] = ${value};`,
  entries: (map: Code, key: Code, value: Code) => js`${map}.push([${key}, ${value}]);`,
} as const;
