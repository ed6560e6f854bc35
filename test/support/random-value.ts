/** Random values of a type, the same for the same seed: for round trips, fuzzing and benchmarks. */

import { Random } from "../../src/cli/mock/random.js";
import { resolveType, type ResolvedType, type StructDescriptor, type Type } from "../../src/schema/descriptor.js";

export { Random };

/** Bounds on what {@link randomStruct} makes. */
export interface RandomOptions {
  /** Structs inside each other; deeper ones are left out where the type allows. Default 4. */
  maxDepth?: number;
  /** Elements of a container. Default 6. */
  maxLength?: number;
  /** Probability that a field that may be left out is set. Default 0.7. */
  density?: number;
}

/**
 * A value of a struct, union or exception in the representation that decoders give by default, with every declared
 * property, unset ones undefined. Optional fields with a default are set always, since decoding fills them.
 *
 * A type that must contain itself (a required field of its own type) has no finite value: RangeError.
 */
export function randomStruct(
  descriptor: StructDescriptor,
  random: Random,
  options: RandomOptions = {},
): Record<string, unknown> {
  const { maxDepth = 4, maxLength = 6, density = 0.7 } = options;
  return new Generator(random, { maxDepth, maxLength, density }).struct(descriptor, 0);
}

/** A value of any type, as {@link randomStruct} makes them, of small ones. */
export function randomValue(type: Type, random: Random): unknown {
  return new Generator(random, { maxDepth: 1, maxLength: 3, density: 0.7 }).value(type, 0);
}

/** Runs a check for many seeds, and names the seed of the one that fails. */
export function forEachSeed(count: number, check: (random: Random, seed: number) => void): void {
  const first = Number(process.env["SCRIMP_SEED"] ?? 1);
  for (let seed = first; seed < first + count; seed++) {
    try {
      check(new Random(seed), seed);
    } catch (error) {
      throw new Error(`fails with SCRIMP_SEED=${String(seed)}: ${String(error)}`, { cause: error });
    }
  }
}

class Generator {
  readonly #random: Random;
  readonly #options: Required<RandomOptions>;

  constructor(random: Random, options: Required<RandomOptions>) {
    this.#random = random;
    this.#options = options;
  }

  struct(descriptor: StructDescriptor, depth: number): Record<string, unknown> {
    if (depth > this.#options.maxDepth + 60) throw new RangeError(`${descriptor.name} has no finite value`);
    const chosen = descriptor.variant === "union" ? this.#unionField(descriptor, depth) : undefined;
    const entries = descriptor.fields.map((field): [string, unknown] => {
      const isSet =
        chosen === undefined
          ? field.requiredness === "required" || field.defaultValue !== undefined || this.#mayFill(field.type, depth)
          : field === chosen;
      return [field.name, isSet ? this.value(field.type, depth) : undefined];
    });
    return Object.fromEntries(entries);
  }

  value(declared: Type, depth: number): unknown {
    const type = resolveType(declared);
    const make = this.#makers[type.kind] as (type: ResolvedType, depth: number) => unknown;
    return make(type, depth);
  }

  #mayFill(type: Type, depth: number): boolean {
    return !(depth >= this.#options.maxDepth && nests(type)) && this.#random.chance(this.#options.density);
  }

  #unionField(descriptor: StructDescriptor, depth: number): StructDescriptor["fields"][number] {
    const flat = descriptor.fields.filter((field) => !nests(field.type));
    return this.#random.pick(depth >= this.#options.maxDepth && flat.length > 0 ? flat : descriptor.fields);
  }

  /** Empty when it would nest too deep. */
  #length(element: Type, depth: number): number {
    return depth >= this.#options.maxDepth && nests(element) ? 0 : this.#random.below(this.#options.maxLength + 1);
  }

  #elements(element: Type, depth: number): unknown[] {
    return Array.from({ length: this.#length(element, depth) }, () => this.value(element, depth));
  }

  #integer(bits: number): number {
    const corners = [0, 1, -1, 2 ** (bits - 1) - 1, -(2 ** (bits - 1))];
    return this.#random.chance(0.2) ? this.#random.pick(corners) : this.#random.uint32() >> (32 - bits);
  }

  #i64(): bigint {
    if (this.#random.chance(0.2)) return this.#random.pick([0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 9007199254740993n]);
    return BigInt.asIntN(64, (BigInt(this.#random.uint32()) << 32n) | BigInt(this.#random.uint32()));
  }

  #double(): number {
    if (this.#random.chance(0.2)) return this.#random.pick([0, -1.5, Infinity, -Infinity, 5e-324, 1e307, 2 ** 53]);
    return (this.#random.uint32() - 2 ** 31) / 997;
  }

  #text(): string {
    const alphabet = this.#random.pick(["abcdefghij 0123", "äöüßéñ", "你好世界文字", "🙂🚀é你a\u0000\ufeff"]);
    const characters = Array.from(alphabet);
    return Array.from({ length: this.#random.below(40) }, () => this.#random.pick(characters)).join("");
  }

  #bytes(): Uint8Array {
    return Uint8Array.from({ length: this.#random.below(40) }, () => this.#random.below(256));
  }

  #uuid(): string {
    const digits = Array.from({ length: 4 }, () => this.#random.uint32().toString(16).padStart(8, "0")).join("");
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  readonly #makers: {
    readonly [K in ResolvedType["kind"]]: (type: ResolvedType & { kind: K }, depth: number) => unknown;
  } = {
    bool: () => this.#random.chance(0.5),
    i8: () => this.#integer(8),
    i16: () => this.#integer(16),
    i32: () => this.#integer(32),
    i64: () => this.#i64(),
    double: () => this.#double(),
    string: () => this.#text(),
    binary: () => this.#bytes(),
    uuid: () => this.#uuid(),
    enum: ({ members }) =>
      members.length === 0 || this.#random.chance(0.1) ? this.#integer(32) : this.#random.pick(members).value,
    list: ({ element }, depth) => this.#elements(element, depth),
    set: ({ element }, depth) => new Set(this.#elements(element, depth)),
    map: ({ key, value }, depth) => {
      const length = Math.min(this.#length(key, depth), this.#length(value, depth));
      return new Map(Array.from({ length }, () => [this.value(key, depth), this.value(value, depth)]));
    },
    struct: (type, depth) => this.struct(type, depth + 1),
  };
}

/** True when a struct stands anywhere in the type. */
function nests(declared: Type): boolean {
  const type = resolveType(declared);
  if (type.kind === "map") return nests(type.key) || nests(type.value);
  return type.kind === "struct" || ((type.kind === "list" || type.kind === "set") && nests(type.element));
}
