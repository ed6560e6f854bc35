/** Random schemas, as IDL text: every combination of types, names that mean something to JavaScript, recursion, defaults. */

import type { JsonOptions } from "../../src/codec/json/options.js";
import type { CodecOptions, CodecProtocol } from "../../src/codec/options.js";
import type { Limits } from "../../src/protocol/limits.js";
import { protocolsAndJson } from "../support/backends.js";
import type { Random } from "../support/random-value.js";

const NAMES = [
  ..."a b c d e f g x1 y2 camelCase snake_case _ __ ".trim().split(" "),
  ..."__proto__ constructor prototype then toString valueOf hasOwnProperty isPrototypeOf toJSON".split(" "),
  ..."name message code stack cause length size get arguments eval undefined NaN Infinity".split(" "),
  ..."__defineGetter__ __lookupSetter__ o p v h view input output fail f0 c0 decode0 encode0".split(" "),
];

const SCALARS = ["bool", "i8", "i16", "i32", "i64", "double", "string", "binary", "uuid"] as const;

/** Texts of a string literal that would be code, or the end of a literal, a comment or a script, if they were spliced. */
const TEXTS = ["", "x", "'); throw 1; ('", "${f0}", "*/", "</script>", "`", "__proto__", "\u2028", "你好"];

/** @returns the text of one file whose structs are called S0, S1 and so on; `structs` is how many. */
export function randomIdl(random: Random): { text: string; structs: number } {
  return new IdlWriter(random).write();
}

class IdlWriter {
  readonly #random: Random;
  readonly #structs: number;
  readonly #enums: number;
  readonly #unions = new Set<number>();
  #defined = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#structs = 1 + random.below(5);
    this.#enums = 1 + random.below(2);
  }

  write(): { text: string; structs: number } {
    const enums = Array.from({ length: this.#enums }, (_, i) => this.#enum(i));
    const structs = Array.from({ length: this.#structs }, (_, i) => this.#struct(i));
    return { text: [...enums, ...structs].join("\n"), structs: this.#structs };
  }

  #enum(index: number): string {
    const names = this.#names(1 + this.#random.below(5));
    const members = names.map((name, i) =>
      i === 0 || this.#random.chance(0.3) ? `${name} = ${String(this.#random.uint32() | 0)}` : name,
    );
    // The number that follows 2^31 - 1 is none; such luck is not worth a case.
    return `enum E${String(index)} { ${members.join(", ").replaceAll("2147483647", "7")} }`;
  }

  #names(count: number): string[] {
    const names = new Set<string>();
    while (names.size < count)
      names.add(this.#random.chance(0.9) ? this.#random.pick(NAMES) : `n${String(this.#random.below(1000))}`);
    return [...names];
  }

  #struct(index: number): string {
    this.#defined = index;
    const variant = this.#random.pick(["struct", "struct", "struct", "union", "exception"]);
    if (variant === "union") this.#unions.add(index);
    const count = this.#random.chance(0.05) ? 40 : this.#random.below(9) + (variant === "union" ? 1 : 0);
    const ids = this.#ids(count);
    const names = this.#names(count);
    const fields = names.map((name, i) => this.#field({ id: ids[i], name, variant, isFirst: i === 0 }));
    const annotation = this.#random.chance(0.2) ? ` (note = ${this.#literal()})` : "";
    return `/** ${this.#random.pick(TEXTS).replaceAll("*/", "* /")} */ ${variant} S${String(index)} {\n  ${fields.join("\n  ")}\n}${annotation}`;
  }

  #ids(count: number): number[] {
    const ids = new Set<number>();
    while (ids.size < count)
      ids.add(this.#random.pick([1 + ids.size, 1 + this.#random.below(50), 0, -1, 32767, -32768, 256]));
    return [...ids];
  }

  #field(field: { id: number; name: string; variant: string; isFirst: boolean }): string {
    const { id, name, variant, isFirst } = field;
    // The first member of a union ends any recursion.
    const type = variant === "union" && isFirst ? "i32" : this.#type(0);
    const isPlain = variant !== "union";
    const mayRepeat = /S\d/.test(type);
    const requiredness = !isPlain
      ? ""
      : this.#random.pick(mayRepeat ? ["", "optional "] : ["", "optional ", "required "]);
    const value = isPlain && this.#random.chance(0.3) ? this.#default(type) : undefined;
    return `${String(id)}: ${requiredness}${type} ${name}${value === undefined ? "" : ` = ${value}`}`;
  }

  #type(depth: number): string {
    const kind = this.#random.below(depth < 3 ? 16 : 11);
    if (kind < 9) return SCALARS[kind];
    if (kind === 9) return `E${String(this.#random.below(this.#enums))}`;
    if (kind === 10) return `S${String(this.#random.below(this.#structs))}`;
    if (kind < 13) return `list<${this.#type(depth + 1)}>`;
    if (kind < 14) return `set<${this.#type(depth + 1)}>`;
    return `map<${this.#type(depth + 1)}, ${this.#type(depth + 1)}>`;
  }

  /** A default in the text of the IDL; undefined for types whose constants are not worth writing. */
  #default(type: string): string | undefined {
    const list = /^(list|set)<([a-z0-9]+)>$/.exec(type);
    if (list !== null) {
      const item = this.#default(list[2]);
      return item === undefined ? "[]" : `[${item}]`;
    }
    if (/^map<[^<]*>$/.test(type)) return "{}";
    if (/^S\d$/.test(type) && Number(type.slice(1)) < this.#defined && !this.#unions.has(Number(type.slice(1))))
      return undefined;
    return this.#scalarDefault(type);
  }

  #scalarDefault(type: string): string | undefined {
    switch (type) {
      case "bool":
        return this.#random.pick(["true", "false"]);
      case "i8":
        return this.#random.pick(["0", "-128", "127"]);
      case "i16":
        return this.#random.pick(["0", "-32768", "7"]);
      case "i32":
        return this.#random.pick(["0", "2147483647", "-1"]);
      case "i64":
        return this.#random.pick(["0", "9007199254740993", "-9223372036854775808"]);
      case "double":
        return this.#random.pick(["0.0", "-1.5", "1e300"]);
      case "string":
      case "binary":
        return this.#literal();
      default:
        return undefined;
    }
  }

  #literal(): string {
    const text = this.#random.pick(TEXTS);
    return text.includes("'") ? `"${text}"` : `'${text}'`;
  }
}

/** The options under which plain JSON holds every value. */
export const PLAIN_JSON: JsonOptions = { nonFinite: "string" };

function randomJsonOptions(random: Random): JsonOptions {
  return {
    names: random.pick(["idl", "alias"]),
    unset: random.pick(["omit", "null", "default"]),
    nonFinite: random.pick(["refuse", "string", "null"]),
    string2Int64: random.chance(0.5),
    valueMapping: random.chance(0.5),
    noBase64Binary: random.chance(0.5),
    byteAsUint8: random.chance(0.5),
  };
}

/** Random options of `compile()`, but for the back end. */
export function randomOptions(random: Random): CodecOptions & { protocol: CodecProtocol } {
  const protocol = random.pick(protocolsAndJson);
  const json = protocol === "json" ? { json: random.chance(0.6) ? PLAIN_JSON : randomJsonOptions(random) } : {};
  if (random.chance(0.3)) return { protocol, ...json };
  return {
    protocol,
    ...json,
    int64: random.pick(["bigint", "number", "string"]),
    maps: random.pick(["map", "object", "entries"]),
    sets: random.pick(["set", "array"]),
    lists: random.pick(["array", "typed"]),
    enums: random.pick(["number", "name"]),
    unknownFields: random.pick(["skip", "skip", protocol === "json" ? "refuse" : "keep"]),
    binary: random.pick(["view", "copy"]),
    utf8: random.pick(["lossy", "strict"]),
    trailingBytes: random.pick(["refuse", "ignore"]),
    ...(random.chance(0.5)
      ? { limits: random.pick<CodecOptions["limits"] & {}>(["untrusted", tightLimits(random)]) }
      : {}),
  };
}

function tightLimits(random: Random): Partial<Limits> {
  // Names are in headers of messages only.
  const all: Omit<Limits, "maxNameBytes"> = {
    maxDepth: 1 + random.below(4),
    maxSkipDepth: 1 + random.below(3),
    maxMessageBytes: 50 + random.below(500),
    maxStringBytes: 1 + random.below(60),
    maxContainerLength: 1 + random.below(6),
    maxSetLength: 1 + random.below(6),
    maxMapLength: 1 + random.below(6),
    maxHeapBytes: 100 + random.below(5000),
  };
  return Object.fromEntries(Object.entries(all).filter(() => random.chance(0.4)));
}
