/**
 * Random schemas, as IDL text, that every Apache compiler takes and generates working code for: no names that mean
 * something to a language, no ids below 1, only such keys as Python can hash. The fuzzer has a wilder generator of its own.
 */

import type { Random } from "./random-value.js";

/** A type as the IDL spells it, and how to spell a random constant of it. */
interface RandomType {
  text: string;
  /** Undefined where constants are not worth writing. */
  constant: (() => string) | undefined;
  /** May be a key of a map or a member of a set. */
  isKey: boolean;
}

/** Makes generated Python classes and containers hashable; other languages ignore it. */
const HASHABLE = '(python.immutable = "")';

const TEXTS = ["", "plain", "naïve café", "你好,世界", "tab and 'single' quotes", "back\\\\slash"];

/** @returns the text of one file whose structs, unions and exceptions are called S0, S1 and so on; `structs` is how many. */
export function randomPeerIdl(random: Random, structs: number): string {
  return new PeerIdlWriter(random, structs).write();
}

class PeerIdlWriter {
  readonly #random: Random;
  readonly #structs: number;
  readonly #enums: RandomType[] = [];
  readonly #typedefs: RandomType[] = [];
  readonly #keyStructs: RandomType[] = [];

  constructor(random: Random, structs: number) {
    this.#random = random;
    this.#structs = structs;
  }

  write(): string {
    const lines: string[] = [];
    for (let i = 0; i < 2; i++) lines.push(this.#enum(i));
    for (let i = 0; i < 2; i++) lines.push(this.#keyStruct(i));
    for (let i = 0; i < 4; i++) lines.push(this.#typedef(i));
    for (let i = 0; i < this.#structs; i++) lines.push(this.#struct(i));
    return `${lines.join("\n")}\n`;
  }

  #enum(index: number): string {
    const name = `E${index}`;
    const numbers = [this.#random.below(10) - 5, 1000, 1001, 2147483647].slice(0, 1 + this.#random.below(4));
    const members = numbers.map((number, i) => `${name}_M${i} = ${number}`);
    const constant = (): string => `${name}.${name}_M${this.#random.below(numbers.length)}`;
    this.#enums.push({ text: name, constant, isKey: true });
    return `enum ${name} { ${members.join(", ")} }`;
  }

  /** A struct that may be a key: of scalars only, and immutable in Python. */
  #keyStruct(index: number): string {
    const types = [this.#scalar(), this.#scalar(), this.#enums[0]];
    const fields = types.map(({ text }, i) => `${i + 1}: ${text} k${i}`);
    const constant = (): string => `{${types.map((type, i) => `"k${i}": ${type.constant!()}`).join(", ")}}`;
    this.#keyStructs.push({ text: `K${index}`, constant, isKey: true });
    return `struct K${index} { ${fields.join(", ")} } ${HASHABLE}`;
  }

  #typedef(index: number): string {
    const target = this.#random.chance(0.5) ? this.#key(1) : this.#type(1);
    this.#typedefs.push({ ...target, text: `T${index}` });
    return `typedef ${target.text} T${index}`;
  }

  #struct(index: number): string {
    const variant = this.#random.pick(["struct", "struct", "struct", "union", "exception"]);
    const count = (variant === "union" ? 2 : 0) + this.#random.below(10);
    const ids = this.#ids(count);
    const fields = ids.map((id, i) => {
      // The first member of a union ends any recursion.
      const type = variant === "union" && i === 0 ? this.#scalar() : this.#type(0);
      const name = variant === "exception" && i === 0 ? "message" : `f${i}`;
      return `  ${id}: ${this.#qualifier(variant, type)}${type.text} ${name}${this.#default(variant, type)}`;
    });
    return `${variant} S${index} {\n${fields.join("\n")}\n}`;
  }

  /** Ids in any order, most of them near each other: compact has a short form for those. */
  #ids(count: number): number[] {
    const ids = new Set<number>();
    while (ids.size < count)
      ids.add(
        this.#random.chance(0.8) ? 1 + this.#random.below(3 * count) : this.#random.pick([255, 256, 4000, 32767]),
      );
    return [...ids];
  }

  #qualifier(variant: string, { text }: RandomType): string {
    if (variant === "union") return "";
    // A required field of a struct may make it contain itself for ever.
    const choices = /S\d|T\d/.test(text) ? ["", "optional "] : ["", "optional ", "required "];
    return this.#random.pick(choices);
  }

  #default(variant: string, { constant }: RandomType): string {
    return variant === "union" || constant === undefined || !this.#random.chance(0.3) ? "" : ` = ${constant()}`;
  }

  #type(depth: number): RandomType {
    const kind = this.#random.below(depth < 3 ? 20 : 12);
    if (kind < 9) return this.#scalar();
    if (kind < 10) return this.#random.pick([...this.#enums, ...this.#keyStructs]);
    if (kind < 11) return this.#typedefs.length > 0 ? this.#random.pick(this.#typedefs) : this.#scalar();
    if (kind < 12) return { text: `S${this.#random.below(this.#structs)}`, constant: undefined, isKey: false };
    if (kind < 15) return this.#list(this.#type(depth + 1));
    if (kind < 17) return this.#set(this.#key(depth + 1));
    return this.#map(this.#key(depth + 1), this.#type(depth + 1));
  }

  #key(depth: number): RandomType {
    const typedefs = this.#typedefs.filter(({ isKey }) => isKey);
    const kind = this.#random.below(depth < 2 ? 16 : 13);
    if (kind < 10) return this.#scalar();
    if (kind < 12) return this.#random.pick([...this.#enums, ...this.#keyStructs]);
    if (kind < 13) return typedefs.length > 0 ? this.#random.pick(typedefs) : this.#scalar();
    const inner = this.#key(depth + 1);
    return { ...(kind < 15 ? this.#list(inner, HASHABLE) : this.#set(inner, HASHABLE)), isKey: true };
  }

  #list(element: RandomType, annotation = ""): RandomType {
    return { text: `list<${element.text}>${annotation}`, constant: listOf(element), isKey: false };
  }

  #set(element: RandomType, annotation = ""): RandomType {
    return { text: `set<${element.text}>${annotation}`, constant: listOf(element), isKey: false };
  }

  #map(key: RandomType, value: RandomType): RandomType {
    const [keyConstant, valueConstant] = [key.constant, value.constant];
    // Of constants with keys that are not strings the compiler makes JavaScript that does not parse.
    const constant =
      key.text !== "string" || keyConstant === undefined || valueConstant === undefined
        ? undefined
        : () => `{${keyConstant()}: ${valueConstant()}}`;
    return { text: `map<${key.text}, ${value.text}>`, constant, isKey: false };
  }

  #scalar(): RandomType {
    const [text, constants] = this.#random.pick(SCALARS);
    return { text, constant: () => this.#random.pick(constants), isKey: true };
  }
}

function listOf({ constant }: RandomType): (() => string) | undefined {
  return constant === undefined ? undefined : () => `[${constant()}]`;
}

const SCALARS: readonly (readonly [string, readonly string[]])[] = [
  ["bool", ["true", "false"]],
  ["byte", ["0", "-128", "127"]],
  ["i16", ["0", "-32768", "7"]],
  ["i32", ["0", "2147483647", "-1"]],
  ["i64", ["0", "9007199254740993", "-9223372036854775807"]],
  ["double", ["0.0", "-1.5", "1e300"]],
  ["string", TEXTS.map((text) => `"${text}"`)],
  ["binary", ['"bytes"', '""']],
];
