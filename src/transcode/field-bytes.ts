/** What a field looks like in the output, as far as that is known beforehand: what stands before its value, and the value that stands for an absent one. */

import { closureBackend } from "../codec/closure/backend.js";
import type { ResolvedOptions } from "../codec/options.js";
import { planStruct, type FieldPlan, type ValuePlan } from "../codec/plan.js";
import { EncodeError } from "../errors.js";
import { jsonStringRoom, writeJsonString } from "../protocol/json/printer.js";
import { COMPACT_CODES, TJSON_NAMES, TType, type ValueTType } from "../protocol/ttype.js";
import { writeVarint32, zigzag32 } from "../protocol/varint.js";
import type { FieldDescriptor, StructDescriptor } from "../schema/descriptor.js";
import { Absent, type Output } from "./program.js";

const NO_BYTES = new Uint8Array(0);
const encoder = new TextEncoder();
const COLON = 0x3a;

/** What stands before the value of a field; see the layout of `field` in program.ts. */
export function fieldHead(output: Output, { id, member, value: { ttype } }: FieldPlan): Uint8Array {
  switch (output) {
    case "binary":
      return Uint8Array.of(ttype, id >> 8, id);
    case "compact":
      return compactHead(ttype, id);
    case "tjson":
      return encoder.encode(`"${String(id)}":{"${TJSON_NAMES[ttype]}":`);
    case "json":
      return Uint8Array.of(...jsonText(member), COLON);
    case "none":
      return NO_BYTES;
  }
}

/** Text as JSON, with its quotes. */
export function jsonText(text: string): Uint8Array {
  const bytes = new Uint8Array(jsonStringRoom(text));
  return bytes.slice(0, writeJsonString(text, bytes, 0));
}

function compactHead(ttype: ValueTType, id: number): Uint8Array {
  const bytes = new Uint8Array(6);
  bytes[0] = COMPACT_CODES[ttype];
  return bytes.slice(0, writeVarint32(bytes, 1, zigzag32(id)));
}

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

/** The encoder itself spells the default: it encodes a struct of the one field, around whose value the rest is cut off. */
function writtenDefault(output: Output, pair: FieldPair, { struct, options, value }: Default): AbsentField {
  const field: FieldDescriptor = { ...pair.descriptor, id: 1, requiredness: "required", defaultValue: undefined };
  const alone: StructDescriptor = { ...struct, variant: "struct", fields: [field] };
  const limits = { ...options.limits, maxDepth: Infinity };
  const plan = planStruct(alone, { ...options, limits });
  try {
    const bytes = closureBackend(plan).encode({ [field.name]: value });
    const depth = depthOf(pair.to.value, value);
    return { absent: Absent.WRITE, bytes: cutValue(output, bytes, plan.root.fields[0]), depth };
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    return { absent: Absent.FAIL, bytes: NO_BYTES, depth: 0 };
  }
}

/** The value of a field that stands alone in its struct. */
function cutValue(output: Output, bytes: Uint8Array, field: FieldPlan): Uint8Array {
  switch (output) {
    case "compact":
      // The header of the first field has its id as delta; a bool is all header.
      return field.value.ttype === TType.BOOL ? Uint8Array.of(bytes[0] & 0x0f) : bytes.slice(1, -1);
    case "tjson":
      return bytes.slice(1 + fieldHead(output, field).length, -2);
    case "json":
      return bytes.slice(1 + fieldHead(output, field).length, -1);
    default:
      return bytes.slice(fieldHead(output, field).length, -1);
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
