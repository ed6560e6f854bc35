/** A plan as closures that write: one kind of value, one function that compiles it. */

import type { ProtocolWriter } from "../../protocol/protocol.js";
import { toBytes, toElements, toEntries, toEnumNumber, toI64, toInteger, wrongType } from "../accept.js";
import type { ProtocolName } from "../../protocol/protocols.js";
import type { FieldPlan, Plan, StructPlan, ValueKind, ValuePlan } from "../plan.js";
import { keptFields, keptUnionField, unknownFields, type UnknownField } from "../unknown.js";
import { enterStruct, fillUnset, findUnionField, readProperty } from "./encode-struct.js";
import { locate, unionNotOne } from "./failure.js";

/** What one run of an encoder needs. */
export interface EncodeContext {
  readonly writer: ProtocolWriter;
  /** Structs around the value being written. */
  depth: number;
  /** Where a failure stands, innermost part first; empty until there is one. */
  readonly path: string[];
}

export type Write = (context: EncodeContext, value: unknown) => void;

/** Compiles the root of a plan. */
export function compileEncoder(plan: Plan): Write {
  const compiler: Compiler = { writers: [], maxDepth: plan.options.limits.maxDepth, keeps: plan.keeps };
  // Structs refer to each other by index, so recursive and deeply linked types need no recursion here.
  compiler.writers.push(...plan.structs.map((struct) => compileStruct(struct, compiler)));
  return compiler.writers[plan.root.index];
}

interface Compiler {
  /** By index of the struct; filled when the first message is written. */
  readonly writers: Write[];
  readonly maxDepth: number;
  /** The protocol whose unknown fields are written again; undefined when none are. */
  readonly keeps: ProtocolName | undefined;
}

type PlanOf<K extends ValueKind> = ValuePlan & { kind: K };

function compileValue(plan: ValuePlan, compiler: Compiler): Write {
  const compile = COMPILE[plan.kind] as (plan: ValuePlan, compiler: Compiler) => Write;
  return compile(plan, compiler);
}

const COMPILE: { readonly [K in ValueKind]: (plan: PlanOf<K>, compiler: Compiler) => Write } = {
  bool: () => (context, value) => {
    if (typeof value !== "boolean") throw wrongType("bool", value);
    context.writer.writeBool(value);
  },
  i8: () => (context, value) => context.writer.writeI8(toInteger(value, "i8")),
  i16: () => (context, value) => context.writer.writeI16(toInteger(value, "i16")),
  i32: () => (context, value) => {
    const fits = typeof value === "number" && (value | 0) === value;
    context.writer.writeI32(fits ? value : toInteger(value, "i32"));
  },
  i64: () => (context, value) => context.writer.writeI64(toI64(value)),
  double: () => (context, value) => {
    if (typeof value !== "number") throw wrongType("double", value);
    context.writer.writeDouble(value);
  },
  string: () => (context, value) => {
    if (typeof value !== "string") throw wrongType("string", value);
    context.writer.writeString(value);
  },
  uuid: () => (context, value) => {
    if (typeof value !== "string") throw wrongType("uuid", value);
    context.writer.writeUuid(value);
  },
  binary: () => (context, value) => context.writer.writeBinary(toBytes(value)),
  enum:
    ({ descriptor }) =>
    (context, value) =>
      context.writer.writeI32(toEnumNumber(value, descriptor)),
  list: compileElements,
  set: compileElements,
  map: compileMap,
  struct:
    ({ struct: { index } }, { writers }) =>
    (context, value) =>
      writers[index](context, value),
};

function compileElements(plan: PlanOf<"list" | "set">, compiler: Compiler): Write {
  const { kind, element } = plan;
  const write = compileValue(element, compiler);
  return (context, value) => {
    const elements = toElements(value, kind);
    // Counted once: a getter of an element may change the array.
    const size = elements.length;
    if (kind === "set") context.writer.writeSetBegin(element.ttype, size);
    else context.writer.writeListBegin(element.ttype, size);
    let i = 0;
    try {
      for (; i < size; i++) write(context, elements[i]);
      if (kind === "set") context.writer.writeSetEnd();
      else context.writer.writeListEnd();
    } catch (error) {
      throw locate(error, context, `[${String(i)}]`);
    }
  };
}

function compileMap(plan: PlanOf<"map">, compiler: Compiler): Write {
  const writeKey = compileValue(plan.key, compiler);
  const writeValue = compileValue(plan.value, compiler);
  return (context, value) => {
    const entries = toEntries(value, plan.key);
    const size = entries.length;
    context.writer.writeMapBegin(plan.key.ttype, plan.value.ttype, size);
    let i = 0;
    let part = "";
    try {
      for (; i < size; i++) {
        const entry = entries[i];
        part = "key ";
        writeKey(context, entry[0]);
        part = "";
        writeValue(context, entry[1]);
      }
      context.writer.writeMapEnd();
    } catch (error) {
      throw locate(error, context, `{${part}${String(i)}}`);
    }
  };
}

interface FieldWriter {
  readonly plan: FieldPlan;
  readonly write: Write;
}

function compileStruct(struct: StructPlan, compiler: Compiler): Write {
  const fields = struct.fields.map((plan): FieldWriter => ({ plan, write: compileValue(plan.value, compiler) }));
  const body = struct.descriptor.variant === "union" ? writeUnion : writeFields;
  const { maxDepth, keeps } = compiler;
  const { countsDepth } = struct;
  return (context, value) => {
    const object = enterStruct(context, struct, maxDepth, value);
    context.writer.writeStructBegin();
    body(context, object, fields, keeps);
    context.writer.writeFieldStop();
    context.writer.writeStructEnd();
    if (countsDepth) context.depth--;
  };
}

function writeFields(
  context: EncodeContext,
  object: Record<string, unknown>,
  fields: readonly FieldWriter[],
  keeps: Compiler["keeps"],
): void {
  let i = 0;
  try {
    for (; i < fields.length; i++) {
      const field = fields[i];
      let value = readProperty(object, field.plan);
      if (value === undefined || value === null) {
        if (field.plan.whenUnset === "skip") continue;
        value = fillUnset(field.plan);
      }
      writeField(context, field, value);
    }
  } catch (error) {
    throw locate(error, context, `.${fields[i].plan.name}`);
  }
  const kept = keeps === undefined ? undefined : (object as Record<symbol, unknown>)[unknownFields];
  if (kept !== undefined) writeUnknown(context, keptFields(kept, keeps!));
}

function writeUnknown({ writer }: EncodeContext, fields: readonly UnknownField[]): void {
  for (const { type, id, bytes } of fields) {
    writer.writeFieldBegin(type, id);
    writer.writeRaw(type, bytes);
    writer.writeFieldEnd();
  }
}

/** A known field alone is written where there is one: it has replaced what was kept. */
function writeUnion(
  context: EncodeContext,
  object: Record<string, unknown>,
  fields: readonly FieldWriter[],
  keeps: Compiler["keeps"],
): void {
  const found = findUnionField(object, fields);
  if (found === undefined) {
    if (keeps === undefined) throw unionNotOne("found none");
    return writeUnknown(context, keptUnionField((object as Record<symbol, unknown>)[unknownFields], keeps));
  }
  try {
    writeField(context, found.field, found.value);
  } catch (error) {
    throw locate(error, context, `.${found.field.plan.name}`);
  }
}

function writeField(context: EncodeContext, field: FieldWriter, value: unknown): void {
  context.writer.writeFieldBegin(field.plan.value.ttype, field.plan.id);
  field.write(context, value);
  context.writer.writeFieldEnd();
}
