/** Made-up values of a type, for people to look at: small numbers, short texts that say which field they are, no corner cases. */

import { resolveType, type ResolvedType, type StructDescriptor, type Type } from "../../schema/descriptor.js";
import type { Random } from "./random.js";

/** Structs inside each other; deeper ones are left out where the type allows. */
const MAX_DEPTH = 4;

/** Structs of a value; where there are as many, the rest is left out where the type allows. */
const MAX_STRUCTS = 200;

/** A type that must contain itself has no value that ends. */
const ENDLESS_DEPTH = 64;

/**
 * A value as decoders give it. Every field is set that may be, but for those that would nest too deep.
 *
 * @param name what texts begin with.
 * @throws RangeError on a type that must contain itself.
 */
export function mockValue(type: Type, name: string, random: Random): unknown {
  return new Generator(random).value(type, name, 0);
}

class Generator {
  readonly #random: Random;
  #structs = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  value(declared: Type, name: string, depth: number): unknown {
    const type = resolveType(declared);
    const make = this.#makers[type.kind] as (type: ResolvedType, name: string, depth: number) => unknown;
    return make(type, name, depth);
  }

  #struct({ fields, name, variant }: StructDescriptor, depth: number): Record<string, unknown> {
    if (depth > ENDLESS_DEPTH) throw new RangeError(`${name} must contain itself, so it has no value`);
    this.#structs++;
    const isFull = this.#isFull(depth);
    const flat = fields.filter(({ type }) => !nests(type));
    const member = variant === "union" ? this.#random.pick(isFull && flat.length > 0 ? flat : fields) : undefined;
    const entries = fields.map((field): [string, unknown] => {
      const isWanted = member === undefined ? !isFull || !nests(field.type) : field === member;
      const isSet = isWanted || field.requiredness === "required";
      return [field.name, isSet ? this.value(field.type, field.name, depth) : undefined];
    });
    return Object.fromEntries(entries);
  }

  #elements<T>(nested: boolean, depth: number, make: () => T): T[] {
    const length = nested && this.#isFull(depth) ? 0 : 1 + this.#random.below(3);
    return Array.from({ length }, make);
  }

  #isFull(depth: number): boolean {
    return depth >= MAX_DEPTH || this.#structs >= MAX_STRUCTS;
  }

  #uuid(): string {
    const digits = Array.from({ length: 4 }, () => this.#random.uint32().toString(16).padStart(8, "0")).join("");
    return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
  }

  readonly #makers: {
    readonly [K in ResolvedType["kind"]]: (type: ResolvedType & { kind: K }, name: string, depth: number) => unknown;
  } = {
    bool: () => this.#random.chance(0.5),
    i8: () => this.#random.below(100),
    i16: () => this.#random.below(1000),
    i32: () => this.#random.below(1000),
    i64: () => BigInt(this.#random.below(1_000_000)),
    double: () => this.#random.below(100_000) / 100,
    string: (_, name) => `${name}-${this.#random.below(1000)}`,
    binary: () => Uint8Array.from({ length: 8 }, () => this.#random.below(256)),
    uuid: () => this.#uuid(),
    enum: ({ members }) => (members.length === 0 ? 0 : this.#random.pick(members).value),
    list: ({ element }, name, depth) => this.#elements(nests(element), depth, () => this.value(element, name, depth)),
    set: ({ element }, name, depth) =>
      new Set(this.#elements(nests(element), depth, () => this.value(element, name, depth))),
    map: ({ key, value }, name, depth) => {
      const pair = (): [unknown, unknown] => [this.value(key, name, depth), this.value(value, name, depth)];
      return new Map(this.#elements(nests(key) || nests(value), depth, pair));
    },
    struct: (type, _, depth) => this.#struct(type, depth + 1),
  };
}

/** True when a struct stands anywhere in the type. */
function nests(declared: Type): boolean {
  const type = resolveType(declared);
  if (type.kind === "map") return nests(type.key) || nests(type.value);
  return type.kind === "struct" || ((type.kind === "list" || type.kind === "set") && nests(type.element));
}
