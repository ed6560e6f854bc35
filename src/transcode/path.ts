/**
 * Paths to a value inside a message: names of fields behind dots, and in brackets the index of an element, from 0, or the
 * key of an entry:
 *
 *     ListNesting[3].MapStringSimple["7"].I32Field        keys that are text: as JSON has it
 *     Scores[-7]   Flags[true]   Colours[RED]             keys that are integers, bools, or members of an enum
 */

import {
  resolveType,
  type FieldDescriptor,
  type MapType,
  type ResolvedType,
  type StructDescriptor,
  type Type,
} from "../schema/descriptor.js";

/** The key of an entry, as decoders give it; enums as numbers, i64 as bigints. */
export type PathKey = string | number | bigint | boolean;

/** One part of a path, with the type that it leads to. */
export type Step =
  | {
      readonly kind: "field";
      readonly struct: StructDescriptor;
      readonly field: FieldDescriptor;
      readonly type: ResolvedType;
    }
  | { readonly kind: "index"; readonly index: number; readonly of: "list" | "set"; readonly type: ResolvedType }
  | { readonly kind: "key"; readonly key: PathKey; readonly map: MapType; readonly type: ResolvedType };

const NAME = /\.?([^.[\]]+)/y;
const BRACKET = /\[(?:("(?:[^"\\]|\\.)*")|([^\]"]+))\]/y;

/** @throws RangeError on a path that leads nowhere in the type. */
export function parsePath(root: StructDescriptor, text: string): Step[] {
  const steps: Step[] = [];
  let type: ResolvedType = root;
  for (let at = 0; at < text.length;) {
    const isBracket = text[at] === "[";
    const pattern = isBracket ? BRACKET : NAME;
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    const isDotted = text[at] === ".";
    if (found === null || (!isBracket && isDotted !== at > 0)) throw wrong(text, at, "a name or a bracket");
    const step: Step = isBracket
      ? (bracketStep(type, found[1], found[2]) ?? failAt(text, at))
      : (fieldStep(type, found[1]) ?? failAt(text, at));
    steps.push(step);
    type = step.type;
    at = pattern.lastIndex;
  }
  if (steps.length === 0) throw wrong(text, 0, "the name of a field");
  return steps;
}

function fieldStep(type: ResolvedType, name: string): Step | undefined {
  if (type.kind !== "struct") return undefined;
  const field = type.fields.find((each) => each.name === name);
  return field && { kind: "field", struct: type, field, type: resolveType(field.type) };
}

function bracketStep(type: ResolvedType, quoted: string | undefined, plain: string | undefined): Step | undefined {
  if (type.kind === "list" || type.kind === "set") {
    const index = /^[0-9]{1,10}$/.test(plain ?? "") ? Number(plain) : undefined;
    return index === undefined ? undefined : { kind: "index", index, of: type.kind, type: resolveType(type.element) };
  }
  if (type.kind !== "map") return undefined;
  const key = parseKey(type.key, quoted, plain ?? "");
  return key === undefined ? undefined : { kind: "key", key, map: type, type: resolveType(type.value) };
}

function parseKey(declared: Type, quoted: string | undefined, plain: string): PathKey | undefined {
  const type = resolveType(declared);
  switch (type.kind) {
    case "string":
    case "uuid":
      return quoted === undefined ? undefined : parseText(quoted);
    case "bool":
      return plain === "true" ? true : plain === "false" ? false : undefined;
    case "enum":
      return type.numberOf.get(plain) ?? parseInteger(plain, 32);
    case "i8":
      return parseInteger(plain, 8);
    case "i16":
      return parseInteger(plain, 16);
    case "i32":
      return parseInteger(plain, 32);
    case "i64":
      return /^-?[0-9]{1,19}$/.test(plain) && BigInt.asIntN(64, BigInt(plain)) === BigInt(plain)
        ? BigInt(plain)
        : undefined;
    default:
      return undefined;
  }
}

function parseText(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}

function parseInteger(text: string, bits: number): number | undefined {
  const value = /^-?[0-9]{1,10}$/.test(text) ? Number(text) : NaN;
  return value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1) ? value : undefined;
}

function failAt(text: string, at: number): never {
  throw wrong(text, at, "a part that the type has");
}

function wrong(text: string, at: number, expected: string): RangeError {
  return new RangeError(`path of ${text.length} characters: expected ${expected} at character ${at}`);
}
