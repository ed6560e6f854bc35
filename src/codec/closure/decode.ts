/** A plan as closures that read: one kind of value, one function that compiles it. */

import { ProtocolError, type ProtocolReader } from "../../protocol/protocol.js";
import { guardFor } from "../../protocol/hash-guard.js";
import { skip } from "../../protocol/skip.js";
import type { ProtocolName } from "../../protocol/protocols.js";
import { ttypeName, type ValueTType } from "../../protocol/ttype.js";
import {
  type ContainerCost,
  type FieldPlan,
  type Plan,
  type StructPlan,
  type ValueKind,
  type ValuePlan,
} from "../plan.js";
import { newTypedArray, type TypedKind } from "../typed-list.js";
import { UNKNOWN_FIELD_COST, unknownFields, UnknownFields, type UnknownField } from "../unknown.js";
import { compileCreate, enterStruct, fillAbsent } from "./decode-struct.js";
import { flood, locate, overBudget, secondOfUnion } from "./failure.js";
import { mapTarget, type CountKey } from "./map-target.js";

/** What one run of a decoder needs. */
export interface DecodeContext {
  readonly reader: ProtocolReader;
  /** Structs around the value being read. */
  depth: number;
  /** What is left of the heap budget, in bytes. */
  heap: number;
  /** Where a failure stands, innermost part first; empty until there is one. */
  readonly path: string[];
}

export type Read = (context: DecodeContext) => unknown;

/** Compiles the root of a plan. */
export function compileDecoder(plan: Plan): Read {
  const { maxDepth, maxSkipDepth } = plan.options.limits;
  const compiler: Compiler = { readers: [], maxDepth, maxSkipDepth, keeps: keepsOf(plan) };
  // Structs refer to each other by index, so recursive and deeply linked types need no recursion here.
  compiler.readers.push(...plan.structs.map((struct) => compileStruct(struct, compiler)));
  return compiler.readers[plan.root.index];
}

interface Compiler {
  readonly keeps: Keeps;
  /** By index of the struct; filled when the first message is read. */
  readonly readers: Read[];
  readonly maxDepth: number;
  readonly maxSkipDepth: number;
}

type PlanOf<K extends ValueKind> = ValuePlan & { kind: K };

/** How a value is read that holds no others. @returns undefined for structs and containers. */
export function compileScalar(plan: ValuePlan): Read | undefined {
  switch (plan.kind) {
    case "struct":
    case "list":
    case "set":
    case "map":
      return undefined;
    default:
      return compileValue(plan, NO_STRUCTS);
  }
}

const NO_STRUCTS: Compiler = { readers: [], maxDepth: 0, maxSkipDepth: 0, keeps: false };

function compileValue(plan: ValuePlan, compiler: Compiler): Read {
  const compile = COMPILE[plan.kind] as (plan: ValuePlan, compiler: Compiler) => Read;
  return compile(plan, compiler);
}

const COMPILE: { readonly [K in ValueKind]: (plan: PlanOf<K>, compiler: Compiler) => Read } = {
  bool: () => (context) => context.reader.readBool(),
  i8: () => (context) => context.reader.readI8(),
  i16: () => (context) => context.reader.readI16(),
  i32: () => (context) => context.reader.readI32(),
  i64: ({ as }) => READ_I64[as],
  double: () => (context) => context.reader.readDouble(),
  string: () => (context) => context.reader.readString(),
  uuid: () => (context) => context.reader.readUuid(),
  binary: ({ as }) =>
    as === "copy" ? (context) => new Uint8Array(context.reader.readBinary()) : (context) => context.reader.readBinary(),
  enum: ({ as, descriptor: { nameOf } }) => {
    if (as === "number") return (context) => context.reader.readI32();
    return (context) => {
      const number = context.reader.readI32();
      return nameOf.get(number) ?? number;
    };
  },
  list: compileList,
  set: compileSet,
  map: compileMap,
  struct:
    ({ struct: { index } }, { readers }) =>
    (context) =>
      readers[index](context),
};

const READ_I64: Readonly<Record<PlanOf<"i64">["as"], Read>> = {
  bigint: (context) => context.reader.readI64(),
  string: (context) => context.reader.readI64().toString(),
  number: (context) => {
    const offset = context.reader.position;
    const number = Number(context.reader.readI64());
    if (Number.isSafeInteger(number)) return number;
    throw new ProtocolError(
      "ERR_THRIFT_OUT_OF_RANGE",
      offset,
      "expected an i64 that a number holds exactly, found one beyond 2^53 - 1",
    );
  },
};

/** Arrays up to this length are made at once; longer ones grow as elements arrive. */
const MAX_PREALLOCATED = 4096;

function newArray(size: number): unknown[] {
  return size <= MAX_PREALLOCATED ? new Array<unknown>(size) : [];
}

function compileList(plan: PlanOf<"list">, compiler: Compiler): Read {
  const make = plan.typed === undefined ? newArray : typedArrayOf(plan.typed);
  return compileArray(plan, compileValue(plan.element, compiler), make);
}

function typedArrayOf(kind: TypedKind): (size: number) => unknown[] {
  // Elements are assigned only: a typed array serves as well.
  return (size) => newTypedArray(kind, size) as unknown as unknown[];
}

/** A list, or a set that is given as array. */
function compileArray(plan: PlanOf<"list" | "set">, read: Read, make: (size: number) => unknown[]): Read {
  return (context) => {
    const size = beginElements(context, plan);
    const elements = make(size);
    let i = 0;
    try {
      for (; i < size; i++) elements[i] = read(context);
      endElements(context, plan);
    } catch (error) {
      throw locate(error, context, `[${String(i)}]`);
    }
    return elements;
  };
}

function compileSet(plan: PlanOf<"set">, compiler: Compiler): Read {
  const read = compileValue(plan.element, compiler);
  if (plan.as === "array") return compileArray(plan, read, newArray);
  return (context) => {
    const size = beginElements(context, plan);
    const elements = new Set<unknown>();
    const guard = plan.guarded ? guardFor(size) : undefined;
    let i = 0;
    try {
      for (; i < size; i++) {
        const offset = context.reader.position;
        const element = read(context);
        if (guard?.add(element as number | bigint | string, elements.size) === true) throw flood(offset);
        elements.add(element);
      }
      context.reader.readSetEnd();
    } catch (error) {
      throw locate(error, context, `[${String(i)}]`);
    }
    return elements;
  };
}

function beginElements(context: DecodeContext, plan: PlanOf<"list" | "set">): number {
  const { reader } = context;
  const start = reader.position;
  if (plan.kind === "list") reader.readListBegin();
  else reader.readSetBegin();
  const { size, elementType } = reader;
  if (size > 0) {
    if (elementType !== plan.element.ttype) {
      throw mismatch(
        start,
        `${plan.kind}<${ttypeName(plan.element.ttype)}>`,
        `${plan.kind}<${ttypeName(elementType)}>`,
      );
    }
    reader.checkSize(plan.element.minBytes, plan.maxLength);
  }
  charge(context, start, plan.cost, size);
  return size;
}

function endElements({ reader }: DecodeContext, plan: PlanOf<"list" | "set">): void {
  if (plan.kind === "list") reader.readListEnd();
  else reader.readSetEnd();
}

function compileMap(plan: PlanOf<"map">, compiler: Compiler): Read {
  const readKey = compileValue(plan.key, compiler);
  const readValue = compileValue(plan.value, compiler);
  return (context) => {
    const size = beginMap(context, plan);
    const { entries, add } = mapTarget(plan.as, plan.guarded ? keyCounter(size) : undefined);
    let i = 0;
    let part = "";
    try {
      for (; i < size; i++) {
        part = "key ";
        const offset = context.reader.position;
        const key = readKey(context);
        part = "";
        add(key, readValue(context), offset);
      }
      context.reader.readMapEnd();
    } catch (error) {
      throw locate(error, context, `{${part}${String(i)}}`);
    }
    return entries;
  };
}

function keyCounter(size: number): CountKey | undefined {
  const guard = guardFor(size);
  return guard && ((key, entries) => guard.add(key as number | bigint | string, entries.size));
}

function beginMap(context: DecodeContext, plan: PlanOf<"map">): number {
  const { reader } = context;
  const start = reader.position;
  reader.readMapBegin();
  const { size, keyType, elementType } = reader;
  if (size > 0) {
    if (keyType !== plan.key.ttype || elementType !== plan.value.ttype) {
      const expected = `map<${ttypeName(plan.key.ttype)},${ttypeName(plan.value.ttype)}>`;
      throw mismatch(start, expected, `map<${ttypeName(keyType)},${ttypeName(elementType)}>`);
    }
    reader.checkSize(plan.key.minBytes + plan.value.minBytes, plan.maxLength);
  }
  charge(context, start, plan.cost, size);
  return size;
}

/** What happens to unknown fields: they are skipped, or kept as views or copies of the input. */
type Keeps = false | { protocol: ProtocolName; as: "view" | "copy" };

function keepsOf({ keeps, options }: Plan): Keeps {
  return keeps === undefined ? false : { protocol: keeps, as: options.binary };
}

interface FieldReader {
  readonly id: number;
  readonly name: string;
  readonly ttype: ValueTType;
  readonly read: Read;
  /** Index of the field that follows in wire order. */
  readonly next: number;
  /** Its bit among the fields that must not stay absent; 0 when it may, or when there are too many for one integer. */
  readonly bit: number;
}

function compileStruct(struct: StructPlan, compiler: Compiler): Read {
  const { maxDepth } = compiler;
  const { countsDepth } = struct;
  const readFields = compileFields(struct, compiler);
  return (context) => {
    const { reader } = context;
    enterStruct(context, struct, maxDepth, reader.position);
    reader.readStructBegin();
    const object = readFields(context);
    reader.readStructEnd();
    if (countsDepth) context.depth--;
    return object;
  };
}

function compileFields(struct: StructPlan, compiler: Compiler): Read {
  const absent = struct.fields.filter((field) => field.whenAbsent !== "undefined");
  const bitOf = (plan: FieldPlan): number =>
    absent.length <= 31 && absent.includes(plan) ? 1 << absent.indexOf(plan) : 0;
  const fields = struct.fields.map((plan, i): FieldReader => {
    const { id, name, value } = plan;
    return { id, name, ttype: value.ttype, read: compileValue(value, compiler), next: i + 1, bit: bitOf(plan) };
  });
  // One comparison tells that nothing is absent, as is usual; with over 31 bits it never does, and each field is looked at.
  const allBits = absent.length <= 31 ? fields.reduce((bits, field) => bits | field.bit, 0) : -1;
  const byId = new Map(fields.map((field) => [field.id, field]));
  const create = compileCreate(struct);
  const isUnion = struct.descriptor.variant === "union";
  const { maxSkipDepth, keeps } = compiler;
  return (context) => {
    const { reader } = context;
    const object = create();
    // Peers write fields in the order of their ids, so the next one is usually the one after the last.
    let next = 0;
    let seen = 0;
    let reading: FieldReader | undefined;
    let last: FieldReader | undefined;
    let unknown: UnknownField[] | undefined;
    let offset = reader.position;
    try {
      while (reader.readFieldBegin()) {
        const { fieldId, fieldType } = reader;
        let field: FieldReader | undefined = fields[next];
        if (field?.id !== fieldId) field = byId.get(fieldId);
        if (field === undefined || field.ttype !== fieldType) {
          if (keeps === false) skip(reader, fieldType, maxSkipDepth);
          else (unknown ??= []).push(readUnknown(context, keeps, maxSkipDepth));
        } else {
          next = field.next;
          seen |= field.bit;
          reading = field;
          if (isUnion && last !== undefined && last !== field) throw secondOfUnion(offset);
          object[field.name] = field.read(context);
          last = field;
          reading = undefined;
        }
        reader.readFieldEnd();
        offset = reader.position;
      }
    } catch (error) {
      throw reading === undefined ? error : locate(error, context, `.${reading.name}`);
    }
    if (seen !== allBits) fillAbsent(context, object, absent, offset);
    if (keeps !== false && unknown !== undefined) {
      (object as Record<symbol, unknown>)[unknownFields] = new UnknownFields(keeps.protocol, unknown);
    }
    return object;
  };
}

function readUnknown(context: DecodeContext, keeps: Keeps & object, maxSkipDepth: number): UnknownField {
  const { reader } = context;
  const { fieldId: id, fieldType: type, position } = reader;
  charge(context, position, UNKNOWN_FIELD_COST, 1);
  const bytes = reader.readRaw(type, maxSkipDepth);
  return { id, type, bytes: keeps.as === "copy" ? bytes.slice() : bytes };
}

function charge(context: DecodeContext, offset: number, cost: ContainerCost, size: number): void {
  context.heap -= cost.own + size * cost.each;
  if (context.heap < 0) throw overBudget(offset);
}

function mismatch(offset: number, expected: string, found: string): ProtocolError {
  return new ProtocolError("ERR_THRIFT_INVALID_DATA", offset, `expected ${expected}, found ${found}`);
}
