/**
 * A plan as closures that write plain JSON: one kind of value, one function that compiles it.
 *
 *     bool            true, false                 i8 to i32, double      numbers
 *     i64             number where safe, else text                       enum  number, or name of the member
 *     string, uuid    text                        binary                 base64
 *     list, set       [a, b]                      struct, exception, union   {"field": value} in declared order
 *     map             {"key": value} where keys are bool, numbers, enums or text, else [[key, value]]
 */

import { ProtocolError } from "../../protocol/protocol.js";
import type { JsonWriter } from "../../protocol/json/writer.js";
import { isWellFormed } from "../../protocol/text.js";
import { formatUuid, parseUuid } from "../../protocol/uuid.js";
import { toBytes, toElements, toEntries, toEnumNumber, toI64, toInteger, wrongType } from "../accept.js";
import { enterStruct, fillUnset, findUnionField, readProperty } from "../closure/encode-struct.js";
import { locate, unionNotOne } from "../closure/failure.js";
import type { FieldPlan, Plan, StructPlan, ValueKind, ValuePlan } from "../plan.js";
import { isScalar, toUtf8Text } from "./value.js";

/** What one run of an encoder needs. */
export interface EncodeContext {
  readonly writer: JsonWriter;
  /** Structs around the value being written. */
  depth: number;
  /** Where a failure stands, innermost part first; empty until there is one. */
  readonly path: string[];
}

export type Write = (context: EncodeContext, value: unknown) => void;

/** Compiles the root of a plan. */
export function compileEncoder(plan: Plan): Write {
  const compiler: Compiler = { writers: [], plan };
  // Structs refer to each other by index, so recursive and deeply linked types need no recursion here.
  compiler.writers.push(...plan.structs.map((struct) => compileStruct(struct, compiler)));
  return compiler.writers[plan.root.index];
}

interface Compiler {
  /** By index of the struct; filled when the first message is written. */
  readonly writers: Write[];
  readonly plan: Plan;
}

type PlanOf<K extends ValueKind> = ValuePlan & { kind: K };

function compileValue(value: ValuePlan, compiler: Compiler): Write {
  const compile = COMPILE[value.kind] as (value: ValuePlan, compiler: Compiler) => Write;
  const write = compile(value, compiler);
  return value.asText && value.kind in TEXT_KINDS ? quoted(write) : write;
}

/** Numbers that `asText` puts into quotes; i64 and double see to it themselves, since some of theirs are text anyway. */
const TEXT_KINDS = { i8: true, i16: true, i32: true };

/** The name of a member: what it holds, in quotes if it has none. */
function compileKey(key: ValuePlan, compiler: Compiler): Write {
  switch (key.kind) {
    case "bool":
      return quoted(compileValue(key, compiler));
    case "i8":
    case "i16":
    case "i32":
    case "i64":
      return compileValue({ ...key, asText: true }, compiler);
    case "double":
      return doubleWriter(compiler.plan, "name");
    case "enum": {
      const { as, descriptor } = key;
      return (context, value) => {
        const number = toEnumNumber(value, descriptor);
        context.writer.writeString((as === "name" ? descriptor.nameOf.get(number) : undefined) ?? String(number));
      };
    }
    default:
      return compileValue(key, compiler);
  }
}

function quoted(write: Write): Write {
  return (context, value) => {
    context.writer.writeRaw('"');
    write(context, value);
    context.writer.writeRaw('"');
  };
}

const COMPILE: { readonly [K in ValueKind]: (value: PlanOf<K>, compiler: Compiler) => Write } = {
  bool: () => (context, value) => {
    if (typeof value !== "boolean") throw wrongType("bool", value);
    context.writer.writeRaw(value ? "true" : "false");
  },
  i8: (_, { plan }) => {
    const isUnsigned = plan.options.json.byteAsUint8;
    return (context, value) => {
      const number = toInteger(value, "i8");
      context.writer.writeInteger(isUnsigned ? number & 0xff : number);
    };
  },
  i16: () => (context, value) => context.writer.writeInteger(toInteger(value, "i16")),
  i32: () => (context, value) => context.writer.writeInteger(toInteger(value, "i32")),
  i64: ({ asText }) => {
    return (context, value) => {
      const integer = toI64(value);
      const isText = asText || !Number.isSafeInteger(Number(integer));
      if (isText) context.writer.writeRaw('"');
      context.writer.writeI64(integer);
      if (isText) context.writer.writeRaw('"');
    };
  },
  double: ({ asText }, { plan }) => doubleWriter(plan, asText ? "text" : "number"),
  string: (_, { plan }) => {
    const isStrict = plan.options.utf8 === "strict";
    return (context, value) => {
      if (typeof value !== "string") throw wrongType("string", value);
      if (isStrict && !isWellFormed(value)) throw loneSurrogate();
      context.writer.writeString(value);
    };
  },
  uuid: () => (context, value) => {
    if (typeof value !== "string") throw wrongType("uuid", value);
    if (!parseUuid(value, uuidBytes, 0)) {
      throw new ProtocolError("ERR_THRIFT_WRONG_TYPE", -1, "expected uuid, found other text");
    }
    context.writer.writeString(formatUuid(uuidBytes, 0));
  },
  binary: (_, { plan }) =>
    plan.options.json.noBase64Binary
      ? (context, value) => context.writer.writeString(toUtf8Text(toBytes(value)))
      : (context, value) => context.writer.writeBase64(toBytes(value)),
  enum:
    ({ as, descriptor }) =>
    (context, value) => {
      const number = toEnumNumber(value, descriptor);
      const name = as === "name" ? descriptor.nameOf.get(number) : undefined;
      if (name === undefined) context.writer.writeInteger(number);
      else context.writer.writeString(name);
    },
  list: compileElements,
  set: compileElements,
  map: compileMap,
  struct:
    ({ struct: { index } }, { writers }) =>
    (context, value) =>
      writers[index](context, value),
};

const uuidBytes = new Uint8Array(16);

function doubleWriter({ options }: Plan, as: "number" | "text" | "name"): Write {
  const { nonFinite } = options.json;
  const writeFinite: Write = (context, value) => context.writer.writeDouble(value as number);
  const write = as === "number" ? writeFinite : quoted(writeFinite);
  return (context, value) => {
    if (typeof value !== "number") throw wrongType("double", value);
    if (Number.isFinite(value)) return write(context, value);
    if (nonFinite === "string") return context.writer.writeString(String(value));
    if (nonFinite === "null" && as !== "name") return context.writer.writeRaw("null");
    throw new ProtocolError("ERR_THRIFT_OUT_OF_RANGE", -1, "expected a finite number, found NaN or an infinity");
  };
}

function loneSurrogate(): ProtocolError {
  return new ProtocolError("ERR_THRIFT_WRONG_TYPE", -1, "expected text that UTF-8 can hold, found a lone surrogate");
}

function compileElements(plan: PlanOf<"list" | "set">, compiler: Compiler): Write {
  const { kind, element } = plan;
  const write = compileValue(element, compiler);
  return (context, value) => {
    const { writer } = context;
    const elements = toElements(value, kind);
    // Counted once: a getter of an element may change the array.
    const size = elements.length;
    writer.writeRaw("[");
    let i = 0;
    try {
      for (; i < size; i++) {
        if (i > 0) writer.writeRaw(",");
        write(context, elements[i]);
      }
    } catch (error) {
      throw locate(error, context, `[${String(i)}]`);
    }
    writer.writeRaw("]");
  };
}

function compileMap({ key, value }: PlanOf<"map">, compiler: Compiler): Write {
  const isObject = isScalar(key);
  const writeKey = isObject ? compileKey(key, compiler) : compileValue(key, compiler);
  const writeValue = compileValue(value, compiler);
  const [open, close, between, end] = isObject ? ["{", "}", ":", ""] : ["[", "]", ",", "]"];
  return (context, given) => {
    const { writer } = context;
    const entries = toEntries(given, key);
    const size = entries.length;
    writer.writeRaw(open);
    let i = 0;
    let part = "";
    try {
      for (; i < size; i++) {
        const entry = entries[i];
        if (i > 0) writer.writeRaw(",");
        if (!isObject) writer.writeRaw("[");
        part = "key ";
        writeKey(context, entry[0]);
        part = "";
        writer.writeRaw(between);
        writeValue(context, entry[1]);
        writer.writeRaw(end);
      }
    } catch (error) {
      throw locate(error, context, `{${part}${String(i)}}`);
    }
    writer.writeRaw(close);
  };
}

interface FieldWriter {
  readonly plan: FieldPlan;
  readonly write: Write;
}

function compileStruct(struct: StructPlan, compiler: Compiler): Write {
  const fields = struct.properties.map((plan): FieldWriter => ({ plan, write: compileValue(plan.value, compiler) }));
  const body = struct.descriptor.variant === "union" ? writeUnion : writeFields;
  const { maxDepth } = compiler.plan.options.limits;
  const { countsDepth } = struct;
  return (context, value) => {
    const object = enterStruct(context, struct, maxDepth, value);
    context.writer.writeRaw("{");
    body(context, object, fields);
    context.writer.writeRaw("}");
    if (countsDepth) context.depth--;
  };
}

function writeFields(context: EncodeContext, object: Record<string, unknown>, fields: readonly FieldWriter[]): void {
  const start = context.writer.position;
  let i = 0;
  try {
    for (; i < fields.length; i++) {
      const field = fields[i];
      let value = readProperty(object, field.plan);
      if (value === undefined || value === null) {
        if (field.plan.whenUnset === "skip") {
          if (field.plan.nullWhenUnset) writeNull(context, field, start);
          continue;
        }
        value = fillUnset(field.plan);
      }
      writeMember(context, field, start);
      field.write(context, value);
    }
  } catch (error) {
    throw locate(error, context, `.${fields[i].plan.name}`);
  }
}

function writeUnion(context: EncodeContext, object: Record<string, unknown>, fields: readonly FieldWriter[]): void {
  const found = findUnionField(object, fields);
  if (found === undefined) throw unionNotOne("found none");
  try {
    writeMember(context, found.field, context.writer.position);
    found.field.write(context, found.value);
  } catch (error) {
    throw locate(error, context, `.${found.field.plan.name}`);
  }
}

/** Writes a name and a colon, behind a comma where it is not the first of a struct, whose members start at `start`. */
function writeMember({ writer }: EncodeContext, field: FieldWriter, start: number): void {
  if (writer.position > start) writer.writeRaw(",");
  writer.writeString(field.plan.member);
  writer.writeRaw(":");
}

function writeNull(context: EncodeContext, field: FieldWriter, start: number): void {
  writeMember(context, field, start);
  context.writer.writeRaw("null");
}
