/**
 * Values of constants and defaults, checked against their types.
 *
 * Apache's compiler is the model: `true` is 1 where a number is wanted, an integer is good for a double, an enum takes the
 * number of a member or any dotted name that ends in a member's. It also lets pass what no peer can send, and there the
 * generated code of its targets decides: integers wrap to their width, a bool is true unless 0. Those are warnings.
 * A reference to another constant is read as if its text stood there, so that an i32 serves as a double.
 */

import type { FieldSyntax, Span, ValueSyntax } from "../idl/syntax.js";
import {
  resolveType,
  type BaseKind,
  type ConstantValue,
  type EnumDescriptor,
  type MapType,
  type StructDescriptor,
  type Type,
} from "./descriptor.js";
import type { Problems } from "./problems.js";
import { findValue, reportValue, warnIfLater, type ConstantEntry, type Scope } from "./scope.js";
import { BROKEN_TYPE, typeName } from "./type.js";

/** Deepest nesting of values and of references between constants. */
export const MAX_DEPTH = 200;

/** Most values that references may multiply into: `[A, A]` of `[B, B]` of ... doubles with each step. */
export const MAX_VALUES = 1_000_000;

const UUID = /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?$/i;

/** Where a value stands and what it is for. */
interface Site {
  readonly scope: Scope;
  /** Constant, field or argument, for messages. */
  readonly subject: string;
  readonly depth: number;
  /** Inside the text of a referenced constant: the reference, which is where a mistake is shown. */
  readonly reference: { readonly scope: Scope; readonly span: Span } | undefined;
}

type Evaluated = ConstantValue | undefined;

/** Evaluates the constants and defaults of one schema. */
export class Constants {
  readonly #problems: Problems;
  readonly #fieldsOf = new WeakMap<StructDescriptor, Map<string, number>>();
  readonly #path: ConstantEntry[] = [];
  /** Values of the constant or default at hand so far. */
  #values = 0;
  /** Values that references shared or repeated, over the whole schema. */
  #copied = 0;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  /** The value of a default; undefined after a mistake was recorded. */
  default(scope: Scope, syntax: FieldSyntax, type: Type): Evaluated {
    const site = { scope, subject: syntax.name.text, depth: 0, reference: undefined };
    return syntax.defaultValue && this.#evaluate(type, syntax.defaultValue, site);
  }

  /** Evaluates a constant, once. */
  constant(entry: ConstantEntry): Evaluated {
    if (entry.state === "done") return entry.value;
    if (entry.state === "busy") {
      this.#reportCycle(entry);
      return undefined;
    }
    entry.state = "busy";
    this.#path.push(entry);
    const outer = this.#values;
    this.#values = 0;
    const site = {
      scope: entry.scope,
      subject: entry.syntax.name.text,
      depth: this.#path.length,
      reference: undefined,
    };
    const value = this.#evaluate(entry.descriptor.type, entry.syntax.value, site);
    this.#path.pop();
    entry.state = "done";
    entry.value = value;
    entry.weight = this.#values;
    this.#values = outer;
    return value;
  }

  #evaluate(type: Type, value: ValueSyntax, site: Site): Evaluated {
    this.#values++;
    const resolved = resolveType(type);
    if (resolved === BROKEN_TYPE) return undefined;
    if (site.depth > MAX_DEPTH)
      return this.#fail(value, site, `values and references nest deeper than ${String(MAX_DEPTH)}`);
    if (value.kind === "identifier") {
      const isLiteral = value.name === "true" || value.name === "false";
      if (!isLiteral) return this.#identifier(type, value, site);
      const truth = { ...value, kind: "integer", value: value.name === "true" ? 1n : 0n } as const;
      if (resolved.kind === "bool" || resolved.kind === "double" || isInteger(resolved.kind))
        return this.#evaluate(type, truth, site);
      return this.#mismatch(type, value, site);
    }
    switch (resolved.kind) {
      case "list":
      case "set": {
        const elements = this.#elements(resolved.element, value, { type, site });
        return elements === undefined || resolved.kind === "list" ? elements : new Set(elements);
      }
      case "map":
        return this.#map(resolved, value, site);
      case "struct":
        return this.#struct(resolved, value, site);
      case "enum":
        return this.#enum(resolved, value, site);
      default:
        return this.#base(resolved.kind, value, site);
    }
  }

  #base(kind: BaseKind, value: ValueSyntax, site: Site): Evaluated {
    if (value.kind === "integer") {
      if (kind === "bool") return this.#bool(value, site);
      if (kind === "double") return Number(value.value);
      if (isInteger(kind)) return this.#integer(INTEGER_BITS[kind], value, site);
    }
    if (value.kind === "double" && kind === "double") return value.value;
    if (value.kind === "string") {
      if (kind === "string") return value.value;
      if (kind === "binary") return new TextEncoder().encode(value.value);
      if (kind === "uuid") {
        const uuid = UUID.exec(value.value)?.[1];
        return (
          uuid?.toLowerCase() ??
          this.#fail(value, site, "expected a uuid such as 00112233-4455-6677-8899-aabbccddeeff, found another string")
        );
      }
    }
    return this.#mismatch({ kind, annotations: new Map() }, value, site);
  }

  #bool(value: ValueSyntax & { kind: "integer" }, site: Site): boolean {
    if (value.value !== 0n && value.value !== 1n) this.#warn(value, site, "a bool other than 0 and 1 is read as true");
    return value.value !== 0n;
  }

  #integer(bits: number, value: ValueSyntax & { kind: "integer" }, site: Site): Evaluated {
    const exact = value.value;
    if (BigInt.asIntN(64, exact) !== exact) return this.#fail(value, site, "the number does not fit 64 bits");
    const wrapped = BigInt.asIntN(bits, exact);
    if (wrapped !== exact)
      this.#warn(value, site, `the number does not fit i${String(bits)} and wraps to ${String(wrapped)}`);
    return bits === 64 ? wrapped : Number(wrapped);
  }

  #enum(type: EnumDescriptor, value: ValueSyntax, site: Site): Evaluated {
    if (value.kind !== "integer") return this.#mismatch(type, value, site);
    const number = Number(value.value);
    if (type.nameOf.has(number)) return number;
    return this.#fail(value, site, `no member of enum ${type.name} has this number`);
  }

  /** Elements of a list or set. Compilers take `{}` for an empty one. */
  #elements(
    element: Type,
    value: ValueSyntax,
    { type, site }: { type: Type; site: Site },
  ): ConstantValue[] | undefined {
    if (value.kind === "map" && value.entries.length === 0) return [];
    if (value.kind !== "list") return this.#mismatch(type, value, site);
    const inner = { ...site, depth: site.depth + 1 };
    const elements = value.elements.map((item) => this.#evaluate(element, item, inner));
    return elements.every((item) => item !== undefined) ? elements : undefined;
  }

  #map(type: MapType, value: ValueSyntax, site: Site): Evaluated {
    if (value.kind === "list" && value.elements.length === 0) return new Map();
    if (value.kind !== "map") return this.#mismatch(type, value, site);
    const inner = { ...site, depth: site.depth + 1 };
    const map = new Map<ConstantValue, ConstantValue>();
    let isComplete = true;
    for (const entry of value.entries) {
      const key = this.#evaluate(type.key, entry.key, inner);
      const item = this.#evaluate(type.value, entry.value, inner);
      if (key === undefined || item === undefined) isComplete = false;
      else map.set(key, item);
    }
    return isComplete ? map : undefined;
  }

  #struct(type: StructDescriptor, value: ValueSyntax, site: Site): Evaluated {
    if (value.kind !== "map") return this.#mismatch(type, value, site);
    const indexes = this.#fieldIndexes(type);
    const given = new Map<number, ConstantValue>();
    let isComplete = true;
    for (const { key, value: item } of value.entries) {
      const index = key.kind === "string" ? indexes.get(key.value) : undefined;
      if (index === undefined) {
        this.#unknownField(type, key, site);
        isComplete = false;
        continue;
      }
      const field = type.fields[index];
      const result = this.#evaluate(field.type, item, {
        ...site,
        subject: `${site.subject}.${field.name}`,
        depth: site.depth + 1,
      });
      if (result === undefined) isComplete = false;
      else given.set(index, result);
    }
    if (!isComplete) return undefined;
    if (type.variant === "union" && given.size !== 1)
      this.#warn(value, site, `a union has one field, this has ${String(given.size)}`);
    const inOrder = [...given].sort(([a], [b]) => a - b);
    // fromEntries defines own properties, also for a field called __proto__.
    return Object.fromEntries(inOrder.map(([index, item]) => [type.fields[index].name, item]));
  }

  #fieldIndexes(type: StructDescriptor): Map<string, number> {
    let indexes = this.#fieldsOf.get(type);
    if (indexes === undefined) {
      indexes = new Map(type.fields.map((field, index) => [field.name, index]));
      this.#fieldsOf.set(type, indexes);
    }
    return indexes;
  }

  #unknownField(type: StructDescriptor, key: ValueSyntax, site: Site): void {
    if (key.kind !== "string") {
      this.#fail(key, site, `a field of ${type.name} is named by a string, found ${describe(key)}`);
      return;
    }
    const names = type.fields.map((field) => field.name);
    this.#fail(key, site, `${type.name} has no field "${key.value}"${this.#problems.didYouMean(key.value, names)}`);
  }

  #identifier(type: Type, value: ValueSyntax & { kind: "identifier" }, site: Site): Evaluated {
    const resolved = resolveType(type);
    if (resolved.kind === "enum") {
      const member = this.#memberOf(resolved, value, site);
      if (member !== undefined) return member;
    }
    const found = findValue(site.scope, value.name);
    const reference = found[0];
    if (reference === undefined || found.length > 1) {
      this.#unknownIdentifier(type, value, site);
      return undefined;
    }
    if (reference.kind === "member") {
      if (resolved.kind === "enum")
        return this.#fail(value, site, `"${value.name}" is not a member of enum ${resolved.name}`);
      return this.#evaluate(type, { ...value, kind: "integer", value: BigInt(reference.value) }, site);
    }
    return this.#reference(type, reference.entry, { value, site });
  }

  /** As Apache's compiler: of a dotted name only what follows the last dot counts. */
  #memberOf(type: EnumDescriptor, { name, start, end }: { name: string } & Span, site: Site): number | undefined {
    const dot = name.lastIndexOf(".");
    const member = dot < 0 ? undefined : type.numberOf.get(name.slice(dot + 1));
    if (member === undefined) return undefined;
    const owner = name.slice(0, dot);
    const isOwn = owner === type.name || owner.endsWith(`.${type.name}`) || isAliasOf(type, owner, site.scope);
    if (!isOwn)
      this.#warn(
        { start, end },
        site,
        `"${owner}" is not enum ${type.name}; compilers take ${type.name}.${name.slice(dot + 1)}`,
      );
    return member;
  }

  #unknownIdentifier(type: Type, value: ValueSyntax & { kind: "identifier" }, site: Site): void {
    const resolved = resolveType(type);
    if (resolved.kind === "enum" && resolved.numberOf.has(value.name)) {
      this.#fail(value, site, `an enum member is written with its enum: ${resolved.name}.${value.name}`);
    } else if (site.reference === undefined) {
      reportValue(site.scope, value.name, value, this.#problems);
    }
  }

  #reference(
    type: Type,
    entry: ConstantEntry,
    { value, site }: { value: ValueSyntax & { kind: "identifier" }; site: Site },
  ): Evaluated {
    if (site.reference === undefined) warnIfLater(site.scope, { ...value, text: value.name }, entry, this.#problems);
    if (this.#path.length + site.depth > MAX_DEPTH)
      return this.#fail(value, site, `values and references nest deeper than ${String(MAX_DEPTH)}`);
    const own = this.constant(entry);
    if (own === undefined) return undefined;
    if (!isAlike(type, entry.descriptor.type))
      return this.#fail(
        value,
        site,
        `expected ${typeName(type)}, found a constant of type ${typeName(entry.descriptor.type)}`,
      );
    this.#copied += entry.weight - 1;
    if (this.#copied > MAX_VALUES)
      return this.#fail(value, site, `references between constants add up to more than ${String(MAX_VALUES)} values`);
    if (isSameType(type, entry.descriptor.type)) {
      this.#values += entry.weight - 1;
      return own;
    }
    const reference = site.reference ?? { scope: site.scope, span: value };
    return this.#evaluate(type, entry.syntax.value, { ...site, scope: entry.scope, depth: site.depth + 1, reference });
  }

  #reportCycle(entry: ConstantEntry): void {
    const cycle = this.#path.slice(this.#path.indexOf(entry));
    const path = [...cycle, entry].map((step) => step.syntax.name.text).join(" -> ");
    this.#problems.error(
      "ERR_THRIFT_CYCLE",
      { document: entry.scope.document, span: entry.syntax.name },
      `constants refer to each other in a circle: ${path}`,
    );
  }

  #mismatch(type: Type, value: ValueSyntax, site: Site): undefined {
    return this.#fail(value, site, `expected ${typeName(type)}, found ${describe(value)}`);
  }

  #fail(span: Span, site: Site, message: string): undefined {
    const { scope, span: shown } = site.reference ?? { scope: site.scope, span };
    this.#problems.error(
      "ERR_THRIFT_BAD_CONSTANT",
      { document: scope.document, span: shown },
      `bad value for "${site.subject}": ${message}`,
    );
    return undefined;
  }

  #warn(span: Span, site: Site, message: string): void {
    const { scope, span: shown } = site.reference ?? { scope: site.scope, span };
    this.#problems.warn(
      "ERR_THRIFT_BAD_CONSTANT",
      { document: scope.document, span: shown },
      `value for "${site.subject}": ${message}`,
    );
  }
}

const INTEGER_BITS = { i8: 8, i16: 16, i32: 32, i64: 64 } as const;

function isInteger(kind: string): kind is keyof typeof INTEGER_BITS {
  return Object.hasOwn(INTEGER_BITS, kind);
}

function isAliasOf(type: EnumDescriptor, name: string, scope: Scope): boolean {
  const entry = scope.types.get(name);
  if (entry?.kind === "typedef") return resolveType(entry) === type;
  // The bare name of an included enum's file, as in `base.RED`, and aliases in included files pass as well.
  return scope.includes.has(name) || scope.includes.has(name.slice(0, Math.max(0, name.lastIndexOf("."))));
}

/** Base types and enums may stand for each other where the value fits; containers and structs for their own kind only. */
function isAlike(a: Type, b: Type): boolean {
  const left = resolveType(a);
  const right = resolveType(b);
  if (left.kind === "struct" || right.kind === "struct") return left === right;
  const isContainer = (kind: string): boolean => kind === "list" || kind === "set" || kind === "map";
  return left.kind === right.kind || (!isContainer(left.kind) && !isContainer(right.kind));
}

/** Cautious: when in doubt the value is evaluated again for the type at hand, which gives the same. */
function isSameType(a: Type, b: Type, depth = 0): boolean {
  const left = resolveType(a);
  const right = resolveType(b);
  if (left === right) return true;
  if (left.kind === "list" || left.kind === "set") {
    // Towers of typedefs would take exponential time to compare to the end.
    return right.kind === left.kind && depth < 8 && isSameType(left.element, right.element, depth + 1);
  }
  if (left.kind === "map") {
    return (
      right.kind === "map" &&
      depth < 8 &&
      isSameType(left.key, right.key, depth + 1) &&
      isSameType(left.value, right.value, depth + 1)
    );
  }
  return left.kind === right.kind && left.kind !== "enum" && left.kind !== "struct";
}

function describe(value: ValueSyntax): string {
  switch (value.kind) {
    case "integer":
      return "an integer";
    case "identifier":
      return `the name "${value.name}"`;
    default:
      return `a ${value.kind}`;
  }
}
