/** The back ends of transcoding, and what they must agree with. */

import { describe } from "vitest";
import { compile } from "../../src/codec/codec.js";
import type { CodecProtocol } from "../../src/codec/options.js";
import { resolveLimits } from "../../src/protocol/limits.js";
import { resolveType, type ConstantValue, type StructDescriptor, type Type } from "../../src/schema/descriptor.js";
import type { BackendFactory, TranscodeBackend } from "../../src/transcode/backend.js";
import { lower } from "../../src/transcode/lower.js";
import { nativeBackend, nativeStatus } from "../../src/transcode/native.js";
import { decoderOptions, encoderOptions, resolvePair, type TranscoderOptions } from "../../src/transcode/options.js";
import { protocolsAndJson } from "./backends.js";
import { loadProgram, makeTranscoder, type Transcoder } from "../../src/transcode/transcoder.js";

export interface TranscoderBackend {
  readonly name: TranscodeBackend["name"];
  /** What of the options forces it: `source` is what serves its protocols where nothing is forced and nothing native. */
  readonly forced: { readonly backend?: "interpreter" | "native" };
  readonly factory: BackendFactory | undefined;
  /** The protocols that it is for. */
  readonly protocols: readonly CodecProtocol[];
}

const native = nativeStatus();

const NATIVE: TranscoderBackend = {
  name: "native",
  forced: { backend: "native" },
  factory: nativeBackend,
  protocols: protocolsAndJson,
};

/** One row each; those that cannot run here are left out. */
export const transcoderBackends: readonly TranscoderBackend[] = [
  { name: "interpreter", forced: { backend: "interpreter" }, factory: undefined, protocols: protocolsAndJson },
  { name: "source", forced: {}, factory: undefined, protocols: ["binary", "compact"] },
  ...(native.isActive ? [NATIVE] : []),
];

/** Registers the tests once for each back end. */
export function forEachTranscoderBackend(register: (backend: TranscoderBackend) => void): void {
  for (const backend of transcoderBackends) {
    describe(`backend ${backend.name}`, () => {
      register(backend);
    });
  }
  if (!native.isActive) describe.skip(`backend native: ${native.reason}`, () => undefined);
}

/** A transcoder that runs in the back end. */
export function transcoderIn(
  { forced, factory }: TranscoderBackend,
  descriptor: StructDescriptor,
  options: TranscoderOptions,
): Transcoder {
  return makeTranscoder(descriptor, { ...options, ...forced }, factory);
}

/** The back end alone, without the codecs that take over what it refuses. */
export function programIn(
  { forced, factory }: TranscoderBackend,
  descriptor: StructDescriptor,
  options: TranscoderOptions,
): TranscodeBackend {
  return loadProgram(lower(descriptor, resolvePair(options)), forced.backend, factory);
}

/** Every pair of what is read and what is written. */
export function pairsOf<P extends CodecProtocol>(protocols: readonly P[]): { from: P; to: P }[] {
  return protocols.flatMap((from) => protocols.map((to) => ({ from, to })));
}

/**
 * What a conversion must give: what one codec encodes of what another decodes. Between binary and compact text passes as
 * it stands, as binary does.
 */
export function referenceFor(
  descriptor: StructDescriptor,
  options: TranscoderOptions,
): (bytes: Uint8Array) => Uint8Array {
  const decoder = compile(descriptor, decoderOptions(options));
  const encoder = compile(descriptor, encoderOptions(options));
  if (!isBytes(options.from) || !isBytes(options.to)) return (bytes) => encoder.encode(decoder.decode(bytes));
  const type = withTextAsBytes(descriptor);
  // The same bytes cost more memory than text does.
  const limits = { ...resolveLimits(options.limits), maxHeapBytes: Infinity };
  const [reader, writer] = [decoderOptions, encoderOptions].map((of) => compile(type, { ...of(options), limits }));
  return (bytes) => {
    encoder.encode(decoder.decode(bytes));
    return writer.encode(reader.decode(bytes));
  };
}

/** What an output means: text as bytes where it passes as it stands. */
export function meaningOf(descriptor: StructDescriptor, protocol: CodecProtocol): (bytes: Uint8Array) => unknown {
  const type = isBytes(protocol) ? withTextAsBytes(descriptor) : descriptor;
  const codec = compile(type, decoderOptions({ from: protocol, to: protocol }));
  return (bytes) => codec.decode(bytes);
}

function isBytes(protocol: CodecProtocol): boolean {
  return protocol === "binary" || protocol === "compact";
}

/** The same type with binary in the place of every string: the same bytes on the wire. */
function withTextAsBytes(root: StructDescriptor): StructDescriptor {
  const known = new Map<StructDescriptor, StructDescriptor>();
  const ofType = (declared: Type): Type => {
    const type = resolveType(declared);
    switch (type.kind) {
      case "string":
        return { ...type, kind: "binary" };
      case "list":
      case "set":
        return { ...type, element: ofType(type.element) };
      case "map":
        return { ...type, key: ofType(type.key), value: ofType(type.value) };
      case "struct":
        return ofStruct(type);
      default:
        return type;
    }
  };
  const ofStruct = (struct: StructDescriptor): StructDescriptor => {
    const made = known.get(struct);
    if (made !== undefined) return made;
    const fields: StructDescriptor["fields"][number][] = [];
    const copy = { ...struct, variant: struct.variant === "exception" ? "struct" : struct.variant, fields } as const;
    known.set(struct, copy);
    for (const field of struct.fields) {
      const { defaultValue: value } = field;
      const defaultValue = value === undefined ? undefined : constantWithBytes(field.type, value);
      fields.push({ ...field, type: ofType(field.type), defaultValue });
    }
    return copy;
  };
  return ofStruct(root);
}

function constantWithBytes(declared: Type, value: ConstantValue): ConstantValue {
  const type = resolveType(declared);
  switch (type.kind) {
    case "string":
      return new TextEncoder().encode(value as string);
    case "list":
      return (value as ConstantValue[]).map((item) => constantWithBytes(type.element, item));
    case "set":
      return new Set(Array.from(value as Set<ConstantValue>, (item) => constantWithBytes(type.element, item)));
    case "map":
      return new Map(
        Array.from(value as Map<ConstantValue, ConstantValue>, ([key, item]) => [
          constantWithBytes(type.key, key),
          constantWithBytes(type.value, item),
        ]),
      );
    case "struct":
      return Object.fromEntries(
        type.fields
          .filter(({ name }) => Object.hasOwn(value as object, name))
          .map(({ name, type: fieldType }) => [
            name,
            constantWithBytes(fieldType, (value as Record<string, ConstantValue>)[name]),
          ]),
      );
    default:
      return value;
  }
}
