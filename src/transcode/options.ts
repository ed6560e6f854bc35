/** Options of transcoding: those of `compile()` that mean something where no values are made. */

import { resolveOptions, type CodecOptions, type CodecProtocol, type ResolvedOptions } from "../codec/options.js";

/**
 * Options of `transcoder()`. They mean what they mean for `compile()`. `unknownFields: "keep"` is for conversions that
 * stay within a protocol, `"refuse"` for those from plain JSON; `json` for those from or to it.
 */
export interface TranscoderOptions extends Pick<
  CodecOptions,
  "enums" | "utf8" | "trailingBytes" | "unknownFields" | "json" | "limits"
> {
  /** What the input is. */
  from: CodecProtocol;
  /** What the output is. The same as `from` gives the message in canonical form. */
  to: CodecProtocol;
  /**
   * A field mask: what to convert, by paths of IDL names, `["user.name", "friends.id"]`, through elements of lists and
   * values of maps. The rest is as unknown as what the IDL does not have. Default: all.
   */
  fields?: readonly string[];
  /** How plain JSON has i64: a number where a double holds it exactly, else text (default `"bigint"`), or text always (`"string"`). */
  int64?: "bigint" | "string";
  /**
   * Forces a back end. Default: `"native"` where its addon is there, else `"source"`, which is for conversions between
   * binary and compact where code may be generated, else `"interpreter"`.
   */
  backend?: "interpreter" | "source" | "native";
}

/** The options of the two codecs that a conversion stands for: the output is what one encodes of what the other decodes. */
export interface CodecPair {
  readonly from: ResolvedOptions;
  readonly to: ResolvedOptions;
}

/** As codecs see the options: sets and maps are sequences, since no entry is looked at, let alone dropped. */
const SEQUENCES = { sets: "array", maps: "entries" } as const satisfies CodecOptions;

/** The options of the decoder of a pair. @throws RangeError on an option or value that does not exist. */
export function decoderOptions(given: TranscoderOptions): CodecOptions {
  checkOptions(given);
  const { from, to: _, backend: __, fields: ___, json, ...rest } = given;
  return { ...rest, ...SEQUENCES, ...(from === "json" && json && { json }), protocol: from };
}

/** The options of the encoder of a pair. @throws RangeError as {@link decoderOptions}. */
export function encoderOptions(given: TranscoderOptions): CodecOptions {
  checkOptions(given);
  const { from: _, to, backend: __, fields: ___, json, unknownFields, ...rest } = given;
  const keeps = unknownFields === "keep" && { unknownFields };
  return { ...rest, ...SEQUENCES, ...keeps, ...(to === "json" && json && { json }), protocol: to };
}

/** @throws RangeError on an option or value that does not exist, or that would change nothing. */
export function resolvePair(options: TranscoderOptions): CodecPair {
  return { from: resolveOptions(decoderOptions(options)), to: resolveOptions(encoderOptions(options)) };
}

const NAMES: readonly (keyof TranscoderOptions)[] = [
  ...(["from", "to", "fields", "backend", "int64", "enums", "utf8"] as const),
  ...(["trailingBytes", "unknownFields", "json", "limits"] as const),
];

const BACKENDS: readonly string[] = ["interpreter", "source", "native"];

function checkOptions(options: TranscoderOptions): void {
  const { from, to, int64, backend, json, unknownFields } = options;
  for (const name of Object.keys(options)) {
    if (!(NAMES as readonly string[]).includes(name)) throw new RangeError(`unknown option ${name}`);
  }
  if (from === undefined || to === undefined) throw new RangeError("options from and to must name a protocol each");
  if (int64 !== undefined && int64 !== "bigint" && int64 !== "string") {
    throw new RangeError("option int64 must be one of bigint, string");
  }
  if (backend !== undefined && !BACKENDS.includes(backend)) {
    throw new RangeError("option backend must be one of interpreter, source, native");
  }
  if (json !== undefined && from !== "json" && to !== "json") {
    throw new RangeError('option json is for conversions from or to "json" only');
  }
  if (unknownFields === "keep" && from !== to) {
    throw new RangeError('option unknownFields "keep" is for conversions within one protocol only');
  }
}
