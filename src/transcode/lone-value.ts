/**
 * Values that stand alone: of one field of a message, of a default. Codecs are for structs, so a struct of one field is
 * put around them, or taken off:
 *
 *     binary    | type 1 | 0 1 | value | STOP |
 *     compact   | 1 4 bits, type 4 bits | value | STOP |     of a bool the value is its type, 1 or 2
 *     tjson     {"1":{"i32": value }}
 *     json      {"name": value }
 */

import { compileScalar } from "../codec/closure/decode.js";
import { compile, type Codec } from "../codec/codec.js";
import { resolveOptions, type CodecOptions, type CodecProtocol, type ResolvedOptions } from "../codec/options.js";
import { planStruct, type FieldPlan, type ValuePlan } from "../codec/plan.js";
import { allocate, memoryOf } from "../protocol/buffer.js";
import { PROTOCOLS } from "../protocol/protocols.js";
import { COMPACT_CODES, COMPACT_TRUE, TType } from "../protocol/ttype.js";
import type { FieldDescriptor, StructDescriptor } from "../schema/descriptor.js";
import { fieldHead } from "./field-head.js";
import type { ValuePlace } from "./find.js";
import type { Output } from "./program.js";

/** A struct of the one field, which must be there. @param like gives its name. */
export function structOf(field: FieldDescriptor, like: StructDescriptor): StructDescriptor {
  const alone: FieldDescriptor = { ...field, id: 1, requiredness: "required", defaultValue: undefined };
  return { ...like, variant: "struct", fields: [alone] };
}

/** The bytes around the value of the field of such a struct. */
function around(protocol: Output, field: FieldPlan): { head: Uint8Array; tail: Uint8Array } {
  const head = fieldHead(protocol, field);
  switch (protocol) {
    case "compact":
      return { head: Uint8Array.of(0x10 | COMPACT_CODES[field.value.ttype]), tail: STOP };
    case "tjson":
      return { head: joined(OPEN_BRACE, head), tail: joined(CLOSE_BRACE, CLOSE_BRACE) };
    case "json":
      return { head: joined(OPEN_BRACE, head), tail: CLOSE_BRACE };
    default:
      return { head, tail: STOP };
  }
}

const STOP = Uint8Array.of(TType.STOP);
const OPEN_BRACE = Uint8Array.of(0x7b);
const CLOSE_BRACE = Uint8Array.of(0x7d);

/** The value in an encoded struct of one field. */
export function cutValue(protocol: Output, bytes: Uint8Array, field: FieldPlan): Uint8Array {
  if (isFolded(protocol, field)) return Uint8Array.of(bytes[0] & 0x0f);
  const { head, tail } = around(protocol, field);
  return bytes.slice(head.length, bytes.length - tail.length);
}

/** An encoded struct of one field, around a value. */
export function wrapValue(protocol: Output, value: Uint8Array, field: FieldPlan): Uint8Array {
  if (isFolded(protocol, field)) return Uint8Array.of(0x10 | (value[0] === 1 ? 1 : 2), TType.STOP);
  const { head, tail } = around(protocol, field);
  return joined(head, value, tail);
}

function isFolded(protocol: Output, field: FieldPlan): boolean {
  return protocol === "compact" && field.value.ttype === TType.BOOL;
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = allocate(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Reads a value where it stands in a message: what needs no struct around it, as it holds nothing. */
function scalarReader(plan: ValuePlan, { protocol, limits, utf8 }: ResolvedOptions): ReadAt | undefined {
  if (protocol === "json") return undefined;
  const read = compileScalar(plan);
  if (read === undefined) return undefined;
  const { maxStringBytes, maxHeapBytes } = limits;
  const { createReader } = PROTOCOLS[protocol];
  const reader = createReader({ maxStringBytes, strictUtf8: utf8 === "strict" });
  const context = { reader, depth: 0, heap: maxHeapBytes, path: [] };
  return ({ buffer, byteOffset }, start, end) => {
    const memory = memoryOf(buffer);
    reader.reset(memory.bytes, memory.view, byteOffset + end);
    reader.position = byteOffset + start;
    try {
      return read(context);
    } finally {
      reader.release();
    }
  };
}

type ReadAt = (bytes: Uint8Array, start: number, end: number) => unknown;

/** Encodes and decodes values of one type alone. */
export class LoneCodec {
  readonly #protocol: CodecProtocol;
  readonly #name: string;
  readonly #field: FieldPlan;
  readonly #codec: Codec<Record<string, unknown>>;
  readonly #readScalar: ReadAt | undefined;

  /** @param field its type is that of the values, and its name what errors call them in the struct. */
  constructor(field: FieldDescriptor, like: StructDescriptor, options: CodecOptions) {
    const descriptor = structOf(field, like);
    const resolved = resolveOptions(options);
    this.#protocol = resolved.protocol;
    this.#name = field.name;
    this.#field = planStruct(descriptor, resolved).root.fields[0];
    this.#codec = compile(descriptor, options);
    this.#readScalar = scalarReader(this.#field.value, resolved);
  }

  /** @throws EncodeError */
  encode(value: unknown): Uint8Array {
    return cutValue(this.#protocol, this.#codec.encode({ [this.#name]: value }), this.#field);
  }

  /** Decodes `bytes[start, end)`. @throws DecodeError, or ProtocolError, with offsets that count from somewhere else. */
  decode(bytes: Uint8Array, { start, end, isFolded }: ValuePlace): unknown {
    if (isFolded) return (bytes[start] & 0x0f) === COMPACT_TRUE;
    if (this.#readScalar !== undefined) return this.#readScalar(bytes, start, end);
    return this.#codec.decode(wrapValue(this.#protocol, bytes.subarray(start, end), this.#field))[this.#name];
  }
}
