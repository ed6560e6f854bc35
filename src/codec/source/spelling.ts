/** How the functions of a unit are spelled: one implementation for the protocols of Apache Thrift, one for plain JSON. */

import type { Plan, StructPlan } from "../plan.js";
import type { Code } from "./code.js";
import type { Constants } from "./constants.js";

export interface Spelling {
  encodeFunction(struct: StructPlan, plan: Plan, constants: Constants): Code;
  encodeRuntime(plan: Plan): Record<string, unknown>;
  decodeFunction(struct: StructPlan, plan: Plan, constants: Constants): Code;
  decodeRuntime(plan: Plan): Record<string, unknown>;
  /** What the unit of a decoder returns: a function that reads the root. */
  decodeRoot(root: StructPlan): Code;
}
