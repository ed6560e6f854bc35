/** What becomes of a field that the input lacks. */

import { closureBackend } from "../codec/closure/backend.js";
import type { ResolvedOptions } from "../codec/options.js";
import { planStruct, type FieldPlan, type ValuePlan } from "../codec/plan.js";
import { EncodeError } from "../errors.js";
import type { FieldDescriptor, StructDescriptor } from "../schema/descriptor.js";
import { cutValue, structOf } from "./lone-value.js";
import { Absent, type Output } from "./program.js";

const NO_BYTES = new Uint8Array(0);
const encoder = new TextEncoder();

/** What the output has for a field that the input lacks. */
export interface AbsentField {
  readonly absent: (typeof Absent)[keyof typeof Absent];
  readonly bytes: Uint8Array;
  /** Structs inside each other in the value. */
  readonly depth: number;
}

/** A field as the decoder and the encoder see it. */
export interface FieldPair {
  readonly descriptor: FieldDescriptor;
  readonly from: FieldPlan;
  readonly to: FieldPlan;
}

/** Decides what a decoder would fill in and what an encoder would make of it. */
export function absentField(
  output: Output,
  pair: FieldPair,
  struct: StructDescriptor,
  options: ResolvedOptions,
): AbsentField {
  const { from, to } = pair;
  if (from.whenAbsent === "error") return { absent: Absent.REFUSE, bytes: NO_BYTES, depth: 0 };
  const make = from.makeDefault ?? to.makeWritten;
  if (output === "none") return { absent: Absent.SKIP, bytes: NO_BYTES, depth: 0 };
  if (make !== undefined) return writtenDefault(output, pair, { struct, options, value: make() });
  if (!to.nullWhenUnset || output !== "json") return { absent: Absent.SKIP, bytes: NO_BYTES, depth: 0 };
  return { absent: Absent.WRITE, bytes: encoder.encode("null"), depth: 0 };
}

interface Default {
  readonly struct: StructDescriptor;
  readonly options: ResolvedOptions;
  readonly value: unknown;
}

/** The encoder itself spells the default. */
function writtenDefault(output: Output, pair: FieldPair, { struct, options, value }: Default): AbsentField {
  const limits = { ...options.limits, maxDepth: Infinity };
  const plan = planStruct(structOf(pair.descriptor, struct), { ...options, limits });
  try {
    const bytes = closureBackend(plan).encode({ [pair.descriptor.name]: value });
    const depth = depthOf(pair.to.value, value);
    return { absent: Absent.WRITE, bytes: cutValue(output, bytes, plan.root.fields[0]), depth };
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    return { absent: Absent.FAIL, bytes: NO_BYTES, depth: 0 };
  }
}

/** Structs inside each other in a value in the representation that {@link FieldPlan.makeDefault} gives here: sets and maps are arrays. */
function depthOf(plan: ValuePlan, value: unknown): number {
  switch (plan.kind) {
    case "list":
    case "set":
      return deepest((value as unknown[]).map((item) => depthOf(plan.element, item)));
    case "map":
      return deepest(
        Array.from(value as Iterable<[unknown, unknown]>, ([key, item]) =>
          Math.max(depthOf(plan.key, key), depthOf(plan.value, item)),
        ),
      );
    case "struct": {
      const object = value as Record<string, unknown>;
      const set = plan.struct.fields.filter(({ name }) => object[name] !== undefined);
      return 1 + deepest(set.map((field) => depthOf(field.value, object[field.name])));
    }
    default:
      return 0;
  }
}

function deepest(depths: readonly number[]): number {
  return depths.reduce((most, depth) => Math.max(most, depth), 0);
}
