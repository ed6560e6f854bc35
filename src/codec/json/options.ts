/** How values look in plain JSON, beyond what the options of every protocol say. */

/**
 * Options of plain JSON alone. All are optional. Where dynamicgo has such an option, its name stands in brackets.
 *
 * The options of every protocol count too: `int64: "string"` writes every i64 as text (Int642String), by default those
 * that a number holds exactly are numbers; `enums: "name"` writes members by name; `unknownFields: "refuse"`
 * (DisallowUnknownField). Readers take both forms of either, whatever the option says.
 *
 * An exception is an object of its declared fields, whatever else an Error has; decoding gives an instance of the schema's class.
 */
export interface JsonOptions {
  /**
   * Names of members: those of the IDL (default), or for fields that have one the alias that an annotation gives them:
   * `api.body`, else `api.key`, else the json part of `go.tag`.
   */
  names?: "idl" | "alias";
  /**
   * Encoding, fields that are unset: left out (default), `null`, or `"default"`: the default of the IDL, else what is
   * empty or zero of the type, `null` for structs (WriteOptionalField, WriteDefaultField). Unions never have others than
   * their one field; a required field is never unset.
   */
  unset?: "omit" | "null" | "default";
  /**
   * NaN and infinities: refused (default); the text `"NaN"`, `"Infinity"`, `"-Infinity"`, read and written; or written as
   * `null` (EncodeNullJSONForInfOrNan), which is read as an unset field and refused inside containers.
   */
  nonFinite?: "refuse" | "string" | "null";
  /** Decoding: numbers of every type, not only i64, may stand in quotes. Default false. (String2Int64) */
  string2Int64?: boolean;
  /**
   * Numbers of fields annotated with `api.js_conv`, and of containers in such fields, are written as text and may be read
   * from either. Default false. (EnableValueMapping)
   */
  valueMapping?: boolean;
  /** binary is text as it is, which must be UTF-8, instead of base64. Default false. (NoBase64Binary) */
  noBase64Binary?: boolean;
  /** i8 is written as 0 to 255, and read from -128 to 255. Default false. (ByteAsUint8) */
  byteAsUint8?: boolean;
}

/** Options with every default filled in. */
export type ResolvedJsonOptions = Required<JsonOptions>;

const CHOICES: { readonly [name in keyof JsonOptions]-?: readonly [JsonOptions[name], ...JsonOptions[name][]] } = {
  names: ["idl", "alias"],
  unset: ["omit", "null", "default"],
  nonFinite: ["refuse", "string", "null"],
  string2Int64: [false, true],
  valueMapping: [false, true],
  noBase64Binary: [false, true],
  byteAsUint8: [false, true],
};

/** @throws RangeError on an option or value that does not exist. */
export function resolveJsonOptions(options: JsonOptions = {}): ResolvedJsonOptions {
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(CHOICES, name)) throw new RangeError(`unknown option json.${name}`);
  }
  const resolved: Record<string, unknown> = {};
  for (const [name, choices] of Object.entries(CHOICES)) {
    const value = options[name as keyof JsonOptions] ?? choices[0];
    if (!(choices as readonly unknown[]).includes(value)) {
      throw new RangeError(`option json.${name} must be one of ${choices.join(", ")}`);
    }
    resolved[name] = value;
  }
  return resolved as unknown as ResolvedJsonOptions;
}
