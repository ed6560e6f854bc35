/** Random values for peers, and how two values compare when the order in sets and maps says nothing. */

import {
  copyConstant,
  resolveType,
  type ResolvedType,
  type StructDescriptor,
  type Type,
} from "../../../src/schema/descriptor.js";
import { exceptionClass } from "../../../src/schema/exception.js";
import { difference } from "../../support/outcome.js";
import type { Random } from "../../support/random-value.js";
import { randomStruct } from "../../support/random-value.js";

/** Depths and lengths that make values which are deep, or wide, but not both. */
const BOUNDS = [
  { maxDepth: 1, maxLength: 3 },
  { maxDepth: 1, maxLength: 18 },
  { maxDepth: 2, maxLength: 3 },
  { maxDepth: 3, maxLength: 2 },
];

/** A random value in the form that decoders give: exceptions as instances, no two keys that are equal to a peer. */
export function randomDecoded(type: StructDescriptor, random: Random): Record<string, unknown> {
  const value = randomStruct(type, random, random.pick(BOUNDS));
  return ordered(type, seasoned(type, value, random)) as Record<string, unknown>;
}

/** Puts in what plain random values lack, and takes out keys that are objects of their own here but equal elsewhere. */
function seasoned(declared: Type, value: unknown, random: Random): unknown {
  const type = resolveType(declared);
  switch (type.kind) {
    case "double":
      return random.chance(0.2) ? random.pick([-0, NaN, 0.1, 1e21, -1e-7, 123456789, Number.MAX_VALUE]) : value;
    case "string":
      return random.chance(0.02) ? "__proto__" : value;
    case "list":
      return (value as unknown[]).map((item) => seasoned(type.element, item, random));
    case "set": {
      const members = [...(value as Set<unknown>)].map((item) => seasoned(type.element, item, random));
      return new Set(distinct(type.element, members).values());
    }
    case "map": {
      const pairs = [...(value as Map<unknown, unknown>)];
      const keys = pairs.map(([key]) => seasoned(type.key, key, random));
      return new Map(
        [...distinct(type.key, keys)].map(([at, key]) => [key, seasoned(type.value, pairs[at][1], random)]),
      );
    }
    case "struct":
      return seasonedStruct(type, value as Record<string, unknown>, random);
    default:
      return value;
  }
}

/** Those of the keys that are not equal to an earlier one, by their places. To peers zero equals minus zero. */
function distinct(type: Type, keys: readonly unknown[]): Map<number, unknown> {
  const seen = new Set<string>();
  const kept = new Map<number, unknown>();
  keys.forEach((key, at) => {
    const text = canonicalText(ordered(type, key)).replaceAll('"double:-0"', '"double:0"');
    if (!seen.has(text)) kept.set(at, key);
    seen.add(text);
  });
  return kept;
}

/** Some fields get the default of the IDL, so that they may be left out: {@link withoutDefaults}. */
function seasonedStruct(type: StructDescriptor, value: Record<string, unknown>, random: Random): unknown {
  const fields = Object.fromEntries(
    type.fields.map(({ name, type: fieldType, defaultValue }): [string, unknown] => {
      if (value[name] === undefined) return [name, undefined];
      const isDefault = defaultValue !== undefined && random.chance(0.3);
      return [
        name,
        isDefault ? decodedDefault(fieldType, copyConstant(defaultValue)) : seasoned(fieldType, value[name], random),
      ];
    }),
  );
  return instance(type, fields);
}

function instance(type: StructDescriptor, fields: Record<string, unknown>): Record<string, unknown> {
  return type.variant === "exception" ? Object.assign(new (exceptionClass(type))(), fields) : fields;
}

/** A struct constant names only the fields that it sets; a decoded struct has them all. */
function decodedDefault(declared: Type, value: unknown): unknown {
  const type = resolveType(declared);
  switch (type.kind) {
    case "list":
      return (value as unknown[]).map((item) => decodedDefault(type.element, item));
    case "set":
      return new Set([...(value as Set<unknown>)].map((item) => decodedDefault(type.element, item)));
    case "map":
      return new Map(
        [...(value as Map<unknown, unknown>)].map(([key, item]) => [
          decodedDefault(type.key, key),
          decodedDefault(type.value, item),
        ]),
      );
    case "struct": {
      const given = value as Record<string, unknown>;
      return Object.fromEntries(
        type.fields.map(({ name, type: fieldType }) => [
          name,
          given[name] === undefined ? undefined : decodedDefault(fieldType, given[name]),
        ]),
      );
    }
    default:
      return value;
  }
}

/** The value, its outermost fields left out where they hold the default of the IDL: a reader must fill those in. */
export function withoutDefaults(type: StructDescriptor, value: Record<string, unknown>): Record<string, unknown> {
  const fields = type.fields.map(({ name, type: fieldType, requiredness, defaultValue }): [string, unknown] => {
    if (defaultValue === undefined || requiredness !== "optional") return [name, value[name]];
    const filled = ordered(fieldType, decodedDefault(fieldType, copyConstant(defaultValue)));
    return [name, difference(value[name], filled) === undefined ? undefined : value[name]];
  });
  return instance(type, Object.fromEntries(fields));
}

/** The value with sets and maps in an order of ours. */
export function ordered(declared: Type, value: unknown): unknown {
  const type = resolveType(declared);
  if (value === undefined) return undefined;
  switch (type.kind) {
    case "list":
      return (value as unknown[]).map((item) => ordered(type.element, item));
    case "set":
      return new Set(sorted([...(value as Set<unknown>)].map((item) => ordered(type.element, item))));
    case "map": {
      const pairs = [...(value as Map<unknown, unknown>)];
      return new Map(
        sorted(pairs.map(([key, item]): unknown => [ordered(type.key, key), ordered(type.value, item)])) as [
          unknown,
          unknown,
        ][],
      );
    }
    case "struct": {
      const given = value as Record<string, unknown>;
      const fields = type.fields.map(({ name, type: fieldType }) => [name, ordered(fieldType, given[name])] as const);
      return instance(type, Object.fromEntries(fields));
    }
    default:
      return value;
  }
}

function sorted(items: readonly unknown[]): unknown[] {
  const texts = new Map(items.map((item) => [item, canonicalText(item)]));
  return [...items].sort((a, b) => (texts.get(a)! < texts.get(b)! ? -1 : 1));
}

/** A text that is the same for equal values, and no other's. Sets and maps inside must be in order. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_name, item: unknown) => {
    if (typeof item === "number") return `double:${Object.is(item, -0) ? "-0" : String(item)}`;
    if (typeof item === "bigint") return `i64:${String(item)}`;
    if (item instanceof Uint8Array) return { bytes: Buffer.from(item).toString("hex") };
    if (item instanceof Set) return { set: [...item] };
    if (item instanceof Map) return { map: [...item] };
    return item;
  });
}

/** Calls the visitor for a value and all that is in it. */
export function visit(type: ResolvedType, value: unknown, visitor: (type: ResolvedType, value: unknown) => void): void {
  visitor(type, value);
  if (type.kind === "list" || type.kind === "set") {
    for (const item of value as Iterable<unknown>) visit(resolveType(type.element), item, visitor);
  } else if (type.kind === "map") {
    for (const [key, item] of value as Map<unknown, unknown>) {
      visit(resolveType(type.key), key, visitor);
      visit(resolveType(type.value), item, visitor);
    }
  } else if (type.kind === "struct") {
    for (const { name, type: fieldType } of type.fields) {
      const field = (value as Record<string, unknown>)[name];
      if (field !== undefined) visit(resolveType(fieldType), field, visitor);
    }
  }
}
