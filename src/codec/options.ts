/** How values look in JavaScript: the options of `compile()` and their defaults. */

import { resolveLimits, type Limits, type LimitsOption } from "../protocol/limits.js";
import { PROTOCOLS, type ProtocolName } from "../protocol/protocols.js";
import { resolveJsonOptions, type JsonOptions, type ResolvedJsonOptions } from "./json/options.js";

/** What a codec may write and read: the protocols of Apache Thrift, and plain JSON, which is none of them. */
export type CodecProtocol = ProtocolName | "json";

/** In the order in which people look for them. */
export const CODEC_PROTOCOLS: readonly CodecProtocol[] = [...(Object.keys(PROTOCOLS) as ProtocolName[]), "json"];

/** Options of `compile()`. All are optional. Encoders accept every form whatever the option says; options choose what decoders give. */
export interface CodecOptions {
  /** Wire protocol, or `"json"` for plain JSON as HTTP APIs have it. Default `"binary"`. */
  protocol?: CodecProtocol;
  /** Forces a back end. Default: `"source"` where code may be generated at run time, else `"closure"`. */
  backend?: "source" | "closure";
  /** i64 as bigint (default), as number (decoding throws ERR_THRIFT_OUT_OF_RANGE beyond ±(2^53 - 1)), or as decimal string. */
  int64?: "bigint" | "number" | "string";
  /** map as Map (default), as null-prototype object where keys are strings, or as array of [key, value] pairs. */
  maps?: "map" | "object" | "entries";
  /** set as Set (default) or as array. */
  sets?: "set" | "array";
  /**
   * list as array (default), or a list of numbers as typed array: Int8Array, Int16Array, Int32Array, Float64Array, and
   * with `int64: "bigint"` BigInt64Array. Other lists stay arrays.
   */
  lists?: "array" | "typed";
  /** enum as number (default), or as member name (a number the enum lacks stays a number). */
  enums?: "number" | "name";
  /** binary as a view of the input (default) or as a copy of its own. A view keeps the whole input alive. */
  binary?: "view" | "copy";
  /** Invalid UTF-8 and lone surrogates: replaced by U+FFFD (default) or refused. */
  utf8?: "lossy" | "strict";
  /** Bytes after the value: refused (default) or ignored. */
  trailingBytes?: "refuse" | "ignore";
  /**
   * Fields that the IDL does not have, or has with another type: skipped (default), or kept under the symbol
   * `unknownFields` of the value, and written again by encoders that keep them. Plain JSON skips them or refuses them.
   */
  unknownFields?: "skip" | "keep" | "refuse";
  /** How plain JSON looks; for `protocol: "json"` only. */
  json?: JsonOptions;
  /** Limits on decoded input. Default `"internal"`. */
  limits?: LimitsOption;
}

/** Options with every default filled in. */
export interface ResolvedOptions extends Required<Omit<CodecOptions, "backend" | "limits" | "json">> {
  json: ResolvedJsonOptions;
  limits: Readonly<Limits>;
}

const CHOICES = {
  protocol: CODEC_PROTOCOLS,
  int64: ["bigint", "number", "string"],
  maps: ["map", "object", "entries"],
  sets: ["set", "array"],
  lists: ["array", "typed"],
  enums: ["number", "name"],
  binary: ["view", "copy"],
  utf8: ["lossy", "strict"],
  trailingBytes: ["refuse", "ignore"],
  unknownFields: ["skip", "keep", "refuse"],
} as const;

/** @throws RangeError on an option or value that does not exist, so that a typing mistake is not a silent default. */
export function resolveOptions(options: CodecOptions): ResolvedOptions {
  const resolved: Record<string, unknown> = {
    limits: resolveLimits(options.limits),
    json: resolveJsonOptions(options.json),
  };
  for (const [name, choices] of Object.entries(CHOICES)) {
    const value = options[name as keyof typeof CHOICES] ?? choices[0];
    if (!(choices as readonly string[]).includes(value)) {
      throw new RangeError(`option ${name} must be one of ${choices.join(", ")}`);
    }
    resolved[name] = value;
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(resolved, name) && name !== "backend") throw new RangeError(`unknown option ${name}`);
  }
  refuseOutsideJson(options);
  return resolved as unknown as ResolvedOptions;
}

/** An option that would change nothing is a mistake. */
function refuseOutsideJson({ protocol, json, unknownFields }: CodecOptions): void {
  if (protocol === "json") {
    if (unknownFields === "keep") throw new RangeError('option unknownFields "keep" is not for protocol "json"');
    return;
  }
  if (json !== undefined) throw new RangeError('option json is for protocol "json" only');
  if (unknownFields === "refuse") throw new RangeError('option unknownFields "refuse" is for protocol "json" only');
}
