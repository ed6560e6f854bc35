/**
 * The waist of the codec: lowers a struct, once, to everything that the back ends need to know. Which fields in which
 * order, what an absent field means, which value a default gives, how many bytes and how much heap a value takes at
 * least, how each type looks in JavaScript: all decided here. Back ends only spell it.
 */

import { HEAP_BYTES } from "../protocol/limits.js";
import { PROTOCOLS, type ProtocolName } from "../protocol/protocols.js";
import { JSON_MINIMUM, TType, type MinimumBytes, type ValueTType } from "../protocol/ttype.js";
import {
  resolveType,
  type EnumDescriptor,
  type FieldDescriptor,
  type ResolvedType,
  type StructDescriptor,
  type Type,
} from "../schema/descriptor.js";
import { defaultFactory, emptyFactory, type DefaultFactory } from "./default.js";
import { checkMemberNames, isTextField, memberName } from "./json/member.js";
import type { CodecProtocol, ResolvedOptions } from "./options.js";
import { bytesPerElement, typedListKind, type TypedKind } from "./typed-list.js";

/** A codec's worth of struct plans: the root and all it reaches, each once. */
export interface Plan {
  root: StructPlan;
  /** In the order found; `structs[i].index === i`. */
  structs: StructPlan[];
  options: ResolvedOptions;
  /** The protocol whose unknown fields are kept and written again; undefined where none are. */
  keeps: ProtocolName | undefined;
}

export interface StructPlan {
  index: number;
  descriptor: StructDescriptor;
  /** In wire order: ascending id, as Apache's libraries write them. */
  fields: FieldPlan[];
  /** In declared order: the order of properties in decoded values. */
  properties: FieldPlan[];
  /** Charged to the heap budget when a struct begins. */
  heapBytes: number;
  /** Nesting must be counted: the type contains itself, or is nested deeper than `maxDepth` by its schema alone. */
  countsDepth: boolean;
}

export interface FieldPlan {
  name: string;
  id: number;
  /** What plain JSON calls it. */
  member: string;
  value: ValuePlan;
  /**
   * Encoders take the value from an own property only: every object inherits something under this name (`constructor`,
   * `toString`, `__proto__`; `name` and `message` for errors), which is not a value of the field.
   */
  ownOnly: boolean;
  /** Decoding a message without it: an error, its default, or `undefined`. */
  whenAbsent: "error" | "default" | "undefined";
  /** Encoding an object where it is `undefined` or `null`: an error, its default is written, or nothing is. */
  whenUnset: "error" | "default" | "skip";
  /** Plain JSON writes `null` where others skip. */
  nullWhenUnset: boolean;
  /** A fresh value of the default on each call, as decoders give it; present when `whenAbsent` says `"default"`. */
  makeDefault: DefaultFactory | undefined;
  /** The default in a form that always encodes exactly; present when `whenUnset` says `"default"`. */
  makeWritten: DefaultFactory | undefined;
}

interface Shape {
  ttype: ValueTType;
  /** Fewest bytes on the wire, never 0. */
  minBytes: number;
  /** Plain JSON writes the number as text. */
  asText: boolean;
}

/** How one value is read, written and represented. Containers hold the plan of their elements. */
export type ValuePlan = Shape &
  (
    | { kind: "bool" | "i8" | "i16" | "i32" | "double" | "string" | "uuid" }
    | { kind: "i64"; as: "bigint" | "number" | "string" }
    | { kind: "enum"; as: "number" | "name"; descriptor: EnumDescriptor }
    | { kind: "binary"; as: "view" | "copy" }
    | {
        kind: "list";
        /** Decoders give a typed array of this kind; undefined for an array. */
        typed: TypedKind | undefined;
        element: ValuePlan;
        maxLength: number;
        cost: ContainerCost;
      }
    | { kind: "set"; as: "set" | "array"; element: ValuePlan; maxLength: number; cost: ContainerCost; guarded: boolean }
    | {
        kind: "map";
        as: "map" | "object" | "entries";
        key: ValuePlan;
        value: ValuePlan;
        maxLength: number;
        cost: ContainerCost;
        /** Keys are numbers or bigints in a Map: V8 hashes them without a seed, so collisions must be watched for. */
        guarded: boolean;
      }
    | { kind: "struct"; struct: StructPlan }
  );

export type ValueKind = ValuePlan["kind"];

/** What a container charges to the heap budget at its header: `own + length * each`. */
export interface ContainerCost {
  own: number;
  each: number;
}

/** Lowers a struct and all it reaches. */
export function planStruct(descriptor: StructDescriptor, options: ResolvedOptions): Plan {
  const builder = new PlanBuilder(options);
  const root = builder.struct(descriptor);
  builder.lowerPending();
  markCountedDepth(root, builder.structs, options.limits.maxDepth);
  const { unknownFields, protocol } = options;
  const keeps = unknownFields === "keep" && protocol !== "json" ? protocol : undefined;
  return { root, structs: builder.structs, options, keeps };
}

class PlanBuilder {
  readonly structs: StructPlan[] = [];
  readonly #options: ResolvedOptions;
  readonly #minimum: MinimumBytes;
  readonly #byDescriptor = new Map<StructDescriptor, StructPlan>();

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#minimum = minimumBytesOf(options.protocol);
  }

  struct(descriptor: StructDescriptor): StructPlan {
    const known = this.#byDescriptor.get(descriptor);
    if (known !== undefined) return known;
    const plan: StructPlan = {
      index: this.structs.length,
      descriptor,
      fields: [],
      properties: [],
      // V8 leaves room for four properties in an object literal that has none.
      heapBytes: HEAP_BYTES.struct + HEAP_BYTES.slot * (descriptor.fields.length || 4),
      countsDepth: false,
    };
    this.#byDescriptor.set(descriptor, plan);
    this.structs.push(plan);
    return plan;
  }

  /** Lowers the fields of every struct found so far, and of those that are found on the way: a queue, so that recursive types end and deep schemas do not fill the stack. */
  lowerPending(): void {
    for (const plan of this.structs) {
      const { fields, variant } = plan.descriptor;
      plan.properties = fields.map((field) => this.#field(field, variant));
      if (this.#options.json.names === "alias") {
        checkMemberNames(
          plan.descriptor,
          plan.properties.map((property) => property.member),
        );
      }
      plan.fields = plan.properties.toSorted((a, b) => a.id - b.id);
    }
  }

  #field(field: FieldDescriptor, variant: StructDescriptor["variant"]): FieldPlan {
    const inUnion = variant === "union";
    const isException = variant === "exception";
    const value = this.#value(field.type, isTextField(field, this.#options.json));
    const required = field.requiredness === "required" && !inUnion;
    // A required field has to be there: its default is for people who make values.
    const hasDefault = field.defaultValue !== undefined && !inUnion && !required;
    return {
      name: field.name,
      id: field.id,
      member: memberName(field, this.#options.json),
      value,
      ownOnly: field.name in (isException ? Error.prototype : Object.prototype),
      whenAbsent: required ? "error" : hasDefault ? "default" : "undefined",
      makeDefault: hasDefault ? this.#default(field, this.#options) : undefined,
      ...this.#whenUnset(field, { inUnion, required, hasDefault }),
    };
  }

  #whenUnset(
    field: FieldDescriptor,
    { inUnion, required, hasDefault }: { inUnion: boolean; required: boolean; hasDefault: boolean },
  ): Pick<FieldPlan, "whenUnset" | "nullWhenUnset" | "makeWritten"> {
    if (required) return { whenUnset: "error", nullWhenUnset: false, makeWritten: undefined };
    // Plain JSON may be asked for a member of every field: with the default of the IDL, or what is empty or zero.
    const unset = inUnion ? "omit" : this.#options.json.unset;
    const isWritten = hasDefault && (field.requiredness === "default" || unset === "default");
    const makeWritten = isWritten
      ? this.#default(field, { ...this.#options, int64: "bigint" })
      : unset === "default"
        ? emptyFactory(field.type)
        : undefined;
    const whenUnset = makeWritten === undefined ? "skip" : "default";
    return { whenUnset, nullWhenUnset: whenUnset === "skip" && unset !== "omit", makeWritten };
  }

  #default({ type, defaultValue }: FieldDescriptor, options: ResolvedOptions): DefaultFactory | undefined {
    return defaultValue === undefined ? undefined : defaultFactory(resolveType(type), defaultValue, options);
  }

  #value(declared: Type, inTextField: boolean): ValuePlan {
    const type = resolveType(declared);
    const ttype = ttypeOf(type);
    const asText = inTextField || (type.kind === "i64" && this.#options.int64 === "string");
    const minBytes = this.#minimum[ttype];
    return { ttype, minBytes, asText, ...this.#representation(type, inTextField) } as ValuePlan;
  }

  #representation(type: ResolvedType, inTextField: boolean): Record<string, unknown> {
    const { int64, enums, binary, sets, limits } = this.#options;
    switch (type.kind) {
      case "i64":
        return { kind: "i64", as: int64 };
      case "enum":
        return { kind: "enum", as: enums, descriptor: type };
      case "binary":
        return { kind: "binary", as: binary };
      case "list":
        return this.#list(this.#value(type.element, inTextField));
      case "set": {
        const element = this.#value(type.element, inTextField);
        const own = sets === "set" ? HEAP_BYTES.set : HEAP_BYTES.list;
        const cost = { own, each: HEAP_BYTES.slot + leafBytes(element) };
        const guarded = sets === "set" && isUnseededKey(element);
        return { kind: "set", as: sets, element, maxLength: limits.maxSetLength, cost, guarded };
      }
      case "map":
        return this.#map(this.#value(type.key, inTextField), this.#value(type.value, inTextField));
      case "struct":
        return { kind: "struct", struct: this.struct(type) };
      default:
        return { kind: type.kind };
    }
  }

  #list(element: ValuePlan): Record<string, unknown> {
    const typed = typedListKind(element.kind, this.#options);
    const cost =
      typed === undefined
        ? { own: HEAP_BYTES.list, each: HEAP_BYTES.slot + leafBytes(element) }
        : { own: HEAP_BYTES.view, each: bytesPerElement(typed) };
    return { kind: "list", typed, element, maxLength: this.#options.limits.maxContainerLength, cost };
  }

  #map(key: ValuePlan, value: ValuePlan): Record<string, unknown> {
    const { maps, limits } = this.#options;
    // Objects have string keys only; a map with other keys stays a Map.
    const as = maps === "object" && key.kind !== "string" ? "map" : maps;
    const pair = as === "entries" ? HEAP_BYTES.list + 2 * HEAP_BYTES.slot : HEAP_BYTES.slot;
    const each = HEAP_BYTES.slot + pair + leafBytes(key) + leafBytes(value);
    const own = as === "entries" ? HEAP_BYTES.list : HEAP_BYTES.map;
    const guarded = as === "map" && isUnseededKey(key);
    return { kind: "map", as, key, value, maxLength: limits.maxMapLength, cost: { own, each }, guarded };
  }
}

function minimumBytesOf(protocol: CodecProtocol): MinimumBytes {
  return protocol === "json" ? JSON_MINIMUM : PROTOCOLS[protocol].minimumBytes;
}

/** The wire type of a type in TBinaryProtocol's numbering, which is Thrift's own. */
export function ttypeOf(type: ResolvedType): ValueTType {
  return TTYPE_OF[type.kind];
}

const TTYPE_OF = {
  bool: TType.BOOL,
  i8: TType.I8,
  i16: TType.I16,
  i32: TType.I32,
  i64: TType.I64,
  double: TType.DOUBLE,
  string: TType.STRING,
  binary: TType.STRING,
  uuid: TType.UUID,
  enum: TType.I32,
  list: TType.LIST,
  set: TType.SET,
  map: TType.MAP,
  struct: TType.STRUCT,
} as const satisfies Record<ResolvedType["kind"], ValueTType>;

/** Heap bytes of an element beside its slot. Structs and containers charge for themselves when they begin. */
function leafBytes(value: ValuePlan): number {
  switch (value.kind) {
    case "i64":
      return value.as === "number" ? HEAP_BYTES.number : HEAP_BYTES.bigint;
    case "string":
    case "uuid":
      return HEAP_BYTES.string;
    case "binary":
      return HEAP_BYTES.view;
    case "struct":
    case "list":
    case "set":
    case "map":
      return 0;
    default:
      return HEAP_BYTES.number;
  }
}

/** True for keys that V8 hashes with a fixed mix: numbers and bigints. i8 and bool have too few values to collide in number. */
function isUnseededKey(key: ValuePlan): boolean {
  switch (key.kind) {
    case "i16":
    case "i32":
    case "double":
      return true;
    case "enum":
      return true;
    case "i64":
      return key.as !== "string";
    default:
      return false;
  }
}

/**
 * Only types whose nesting the schema does not bound need a counter at run time: the others cannot exceed `maxDepth`
 * whatever the input. A struct counts when a chain of structs through it can be longer than the limit.
 */
function markCountedDepth(root: StructPlan, structs: StructPlan[], maxDepth: number): void {
  if (maxDepth === Infinity || longestChain(root, new Map(), maxDepth) <= maxDepth) return;
  for (const struct of structs) struct.countsDepth = true;
}

/** Structs on the longest path from here; Infinity when a path returns to itself or is longer than `most`. */
function longestChain(struct: StructPlan, seen: Map<StructPlan, number>, most: number): number {
  const known = seen.get(struct);
  if (known !== undefined) return known;
  if (most === 0) return Infinity;
  seen.set(struct, Infinity);
  let longest = 0;
  for (const field of struct.fields) {
    for (const child of structsIn(field.value)) longest = Math.max(longest, longestChain(child, seen, most - 1));
  }
  seen.set(struct, longest + 1);
  return longest + 1;
}

function structsIn(value: ValuePlan): StructPlan[] {
  switch (value.kind) {
    case "struct":
      return [value.struct];
    case "list":
    case "set":
      return structsIn(value.element);
    case "map":
      return [...structsIn(value.key), ...structsIn(value.value)];
    default:
      return [];
  }
}
