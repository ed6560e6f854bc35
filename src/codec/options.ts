/** How values look in JavaScript: the options of `compile()` and their defaults. */

import { resolveLimits, type Limits, type LimitsOption } from "../protocol/limits.js";
import { PROTOCOLS, type ProtocolName } from "../protocol/protocols.js";

/** Options of `compile()`. All are optional. Encoders accept every form whatever the option says; options choose what decoders give. */
export interface CodecOptions {
  /** Wire protocol. Default `"binary"`. */
  protocol?: ProtocolName;
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
  /** Limits on decoded input. Default `"internal"`. */
  limits?: LimitsOption;
}

/** Options with every default filled in. */
export interface ResolvedOptions extends Required<Omit<CodecOptions, "backend" | "limits">> {
  limits: Readonly<Limits>;
}

const CHOICES = {
  protocol: Object.keys(PROTOCOLS) as ProtocolName[],
  int64: ["bigint", "number", "string"],
  maps: ["map", "object", "entries"],
  sets: ["set", "array"],
  lists: ["array", "typed"],
  enums: ["number", "name"],
  binary: ["view", "copy"],
  utf8: ["lossy", "strict"],
  trailingBytes: ["refuse", "ignore"],
} as const;

/** @throws RangeError on an option or value that does not exist, so that a typing mistake is not a silent default. */
export function resolveOptions(options: CodecOptions): ResolvedOptions {
  const resolved: Record<string, unknown> = { limits: resolveLimits(options.limits) };
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
  return resolved as unknown as ResolvedOptions;
}
