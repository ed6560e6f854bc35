/**
 * Values of Thrift as JSON, for people and pipes. Both directions of one mapping:
 *
 *     bool, i8, i16, i32   as they are
 *     i64                  number where a double holds it exactly, else string
 *     double               number, or "NaN", "Infinity", "-Infinity"
 *     enum                 name of the member, or number when it has none
 *     string, uuid         string
 *     binary               base64
 *     list, set            array
 *     map                  object where keys are numbers, text, bool or enum; else array of [key, value]
 *     struct               object without the fields that are not set
 */

import { EncodeError, type ErrorCode } from "../errors.js";
import { didYouMean } from "../schema/problems.js";
import { resolveType, type MapType, type StructDescriptor, type Type } from "../schema/descriptor.js";
import { parseBase64 } from "./bytes.js";
import type { Json } from "./json-text.js";

/** Writes what a codec with default options decodes. `indent` 0 gives one line. */
export function toJson(value: unknown, type: Type, indent: number): string {
  return new JsonWriter(indent).value(value, type, "\n");
}

class JsonWriter {
  readonly #step: string;

  constructor(indent: number) {
    this.#step = " ".repeat(indent);
  }

  /** `margin` is what a line at this level begins with: a newline and blanks. */
  value(value: unknown, type: Type, margin: string): string {
    const resolved = resolveType(type);
    switch (resolved.kind) {
      case "struct":
        return this.#struct(value as Record<string, unknown>, resolved, margin);
      case "list":
      case "set":
        return this.#items("[]", Array.from(value as Iterable<unknown>), margin, (item, inner) =>
          this.value(item, resolved.element, inner),
        );
      case "map":
        return this.#map(value as Map<unknown, unknown>, resolved, margin);
      case "i64":
        return i64Text(value as bigint);
      case "double":
        return doubleText(value as number);
      case "enum":
        return resolved.nameOf.has(value as number) ? quote(resolved.nameOf.get(value as number)!) : String(value);
      case "binary":
        return JSON.stringify(Buffer.from(value as Uint8Array).toString("base64"));
      default:
        return typeof value === "string" ? quote(value) : String(value);
    }
  }

  #struct(value: Record<string, unknown>, descriptor: StructDescriptor, margin: string): string {
    const set = descriptor.fields.filter(({ name }) => value[name] !== undefined);
    return this.#items("{}", set, margin, ({ name, type }, inner) =>
      this.#property(name, this.value(value[name], type, inner)),
    );
  }

  #map(map: Map<unknown, unknown>, { key, value }: MapType, margin: string): string {
    const keyType = resolveType(key);
    if (!TEXT_KEYS.has(keyType.kind)) {
      return this.#items("[]", [...map], margin, ([name, item], inner) =>
        this.#items("[]", [0, 1], inner, (i, deep) =>
          i === 0 ? this.value(name, key, deep) : this.value(item, value, deep),
        ),
      );
    }
    return this.#items("{}", [...map], margin, ([name, item], inner) => {
      const text = keyType.kind === "enum" ? (keyType.nameOf.get(name as number) ?? name) : name;
      return this.#property(String(text), this.value(item, value, inner));
    });
  }

  #property(name: string, text: string): string {
    return `${quote(name)}:${this.#step === "" ? "" : " "}${text}`;
  }

  #items<T>(
    brackets: "[]" | "{}",
    items: readonly T[],
    margin: string,
    write: (item: T, margin: string) => string,
  ): string {
    if (items.length === 0) return brackets;
    const inner = margin + this.#step;
    const isOneLine = this.#step === "";
    const texts = items.map((item) => (isOneLine ? "" : inner) + write(item, inner)).join(",");
    return `${brackets.charAt(0)}${texts}${isOneLine ? "" : margin}${brackets.charAt(1)}`;
  }
}

/** Kinds of map keys that have one obvious spelling as property name. */
const TEXT_KEYS: ReadonlySet<string> = new Set(["bool", "i8", "i16", "i32", "i64", "double", "enum", "string", "uuid"]);

function i64Text(value: bigint): string {
  return Number.isSafeInteger(Number(value)) ? value.toString() : `"${value.toString()}"`;
}

function doubleText(value: number): string {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? JSON.stringify(value) : `"${String(value)}"`;
}

/** A JSON string in which nothing steers a terminal: control characters and marks of writing direction are escaped. */
export function quote(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Where a value stands: for messages, and so that nesting is bounded. */
interface Place {
  path: string;
  /** Structs around the value. */
  depth: number;
}

/** As deep as the codec itself goes. */
const MAX_DEPTH = 64;

/**
 * Makes the value that a codec encodes. What does not fit is left as it is where the codec will refuse it.
 *
 * @throws EncodeError on fields that the struct does not have, on text that is no base64, and when nested too deep.
 */
export function fromJson(json: Json, descriptor: StructDescriptor): unknown {
  return convert(json, descriptor, { path: descriptor.name, depth: 0 });
}

function convert(json: Json, type: Type, place: Place): unknown {
  if (json === null) return undefined;
  const resolved = resolveType(type);
  switch (resolved.kind) {
    case "struct":
      return json instanceof Map ? convertStruct(json, resolved, place) : json;
    case "list":
    case "set":
      return Array.isArray(json)
        ? json.map((item, i) => convert(item, resolved.element, at(place, `[${String(i)}]`)))
        : plain(json);
    case "map":
      return convertMap(json, resolved, place);
    case "i64":
      return plain(json);
    case "double":
      return typeof json === "string" && NOT_FINITE.has(json) ? Number(json) : plainNumber(json);
    case "binary":
      return typeof json === "string"
        ? (parseBase64(json) ?? refuse(place, "expected base64, found other text"))
        : plain(json);
    default:
      return plainNumber(json);
  }
}

function convertStruct(json: Map<string, Json>, descriptor: StructDescriptor, { path, depth }: Place): unknown {
  if (depth >= MAX_DEPTH) refuse({ path, depth }, "structs are nested deeper than maxDepth", "ERR_THRIFT_DEPTH_LIMIT");
  const fields = new Map(descriptor.fields.map((field) => [field.name, field]));
  const entries = Array.from(json, ([name, item]): [string, unknown] => {
    const field = fields.get(name);
    if (field === undefined) {
      const message = `${descriptor.name} has no field "${name}"${didYouMean(name, fields.keys())}`;
      return refuse({ path, depth }, message, "ERR_THRIFT_UNKNOWN_NAME");
    }
    return [name, convert(item, field.type, { path: `${path}.${name}`, depth: depth + 1 })];
  });
  // fromEntries defines own properties, also for a field called __proto__.
  return Object.fromEntries(entries);
}

function convertMap(json: Json, { key, value }: MapType, place: Place): unknown {
  if (!Array.isArray(json) && !(json instanceof Map)) return json;
  const pairs = json instanceof Map ? Array.from(json, ([name, item]): Json[] => [keyFromText(name, key), item]) : json;
  return pairs.map((pair, i) => {
    if (!Array.isArray(pair) || pair.length !== 2) return plain(pair);
    const keyPlace = at(place, `{key ${String(i)}}`);
    return [convert(pair[0], key, keyPlace), convert(pair[1], value, at(place, `{${String(i)}}`))];
  });
}

/** A property name as the key it stands for; left as text where it stands for none, for the codec to refuse. */
function keyFromText(text: string, type: Type): Json {
  switch (resolveType(type).kind) {
    case "bool":
      return text === "true" ? true : text === "false" ? false : text;
    case "i8":
    case "i16":
    case "i32":
    case "enum":
      return /^-?[0-9]+$/.test(text) ? Number(text) : text;
    case "double":
      return text.trim() !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
    default:
      return text;
  }
}

const NOT_FINITE: ReadonlySet<string> = new Set(["NaN", "Infinity", "-Infinity"]);

/** Where an object does not belong, the codec shall call it an object. */
function plain(json: Json): unknown {
  return json instanceof Map ? Object.fromEntries(json) : json;
}

function plainNumber(json: Json): unknown {
  return typeof json === "bigint" ? Number(json) : plain(json);
}

function at({ path, depth }: Place, part: string): Place {
  return { path: path + part, depth };
}

function refuse(place: Place, message: string, code: ErrorCode = "ERR_THRIFT_WRONG_TYPE"): never {
  throw new EncodeError(code, place.path, message);
}
