/** `rawCodec()`: messages checked, read and changed in places, as bytes, without decoding them. */

import { contradiction } from "../codec/backend.js";
import { compile, toInput, type Codec } from "../codec/codec.js";
import { resolveOptions, type CodecOptions, type ResolvedOptions } from "../codec/options.js";
import { DecodeError } from "../errors.js";
import { ProtocolError } from "../protocol/protocol.js";
import type { StructDescriptor } from "../schema/descriptor.js";
import type { ExceptionClass } from "../schema/exception.js";
import { REFUSED, type BackendFactory, type TranscodeBackend } from "./backend.js";
import type { Found, ValuePlace } from "./find.js";
import { JsonFinder } from "./find-json.js";
import { ThriftFinder } from "./find-thrift.js";
import { lower } from "./lower.js";
import { resolvePair, type TranscoderOptions } from "./options.js";
import { parsePath, type Step } from "./path.js";
import { Patch } from "./patch.js";
import { sourceBackend } from "./source/backend.js";
import { loadProgram } from "./transcoder.js";

/** Options of `rawCodec()`: those of `compile()`. They choose what paths give, and what is refused. */
export interface RawOptions extends Omit<CodecOptions, "backend"> {
  /**
   * Forces a back end. Default: for each task the fastest that is there. Native code checks messages of every protocol and
   * steps through binary and compact, generated code (`"source"`) checks these two; values are made in JavaScript, and what
   * is refused JavaScript looks at again, to say why.
   */
  backend?: "interpreter" | "source" | "native";
}

/** Checks, reads and changes messages of one type. Stateless: one serves a whole program. */
export interface RawCodec {
  /** The type of the messages. */
  readonly descriptor: StructDescriptor;
  /**
   * Checks all that decoding checks, without making a value.
   *
   * @throws DecodeError as a codec of the same options that gives sets and maps as arrays.
   */
  validate(bytes: Uint8Array): void;
  /**
   * Steps over one message that starts at an offset (default 0), by the rules of the protocol alone.
   *
   * @returns the offset behind it. @throws DecodeError
   */
  skip(bytes: Uint8Array, offset?: number): number;
  /**
   * Prepares the way to a value: `ListSimple[3].I32Field`, `Scores["ann"]`. Do it once and use it for many messages.
   *
   * @throws RangeError on a path that leads nowhere in the type.
   */
  at(path: string): RawPath;
}

/** The way to a value in messages of one type. */
export interface RawPath {
  /** As it was given. */
  readonly path: string;
  /**
   * Decodes the value alone; `undefined` where the message does not have it: defaults are not filled in. Of what comes
   * twice the last counts, as for decoders. What the path does not lead through is stepped over, not checked.
   *
   * @throws DecodeError where the message cannot be stepped through or the value is wrong: that of decoding all of it.
   */
  get(bytes: Uint8Array): unknown;
  /**
   * A message with another value there. A field or key that is not there is added to its struct or map, and takes the place
   * of what a union had; the rest stays as it is, byte for byte.
   *
   * @throws EncodeError where the value does not fit its type, and ERR_THRIFT_REQUIRED_MISSING where there is nothing to add
   * it to: an element that a list does not have, a field of a struct that is absent.
   * @throws DecodeError as `get`.
   */
  set(bytes: Uint8Array, value: unknown): Uint8Array;
}

/** The `rawCodec()` of an entry of the package. @param native loads programs where the addon is there. */
export function makeRawCodec(
  type: StructDescriptor | ExceptionClass,
  options: RawOptions,
  native?: BackendFactory,
): RawCodec {
  return new ByteCodec(typeof type === "function" ? type.descriptor : type, options, native);
}

class ByteCodec implements RawCodec {
  readonly descriptor: StructDescriptor;
  readonly #backend: TranscodeBackend;
  readonly #checker: TranscodeBackend;
  /** Of what is refused it says why. */
  readonly #judge: Codec;
  /** Finds what the back end does not, and in messages that are refused. */
  readonly #finder: ThriftFinder | JsonFinder;
  readonly #options: CodecOptions;
  readonly #resolved: ResolvedOptions;

  constructor(descriptor: StructDescriptor, { backend, ...options }: RawOptions, native: BackendFactory | undefined) {
    this.descriptor = descriptor;
    this.#options = options;
    this.#resolved = resolveOptions(options);
    const { protocol, limits, json } = this.#resolved;
    const pair = resolvePair(conversionOf(options));
    const program = lower(descriptor, pair, "none");
    this.#backend = loadProgram(program, backend, native);
    // Generated code checks binary and compact in half the time of native code, which then is for what it does not take.
    const isChosen = backend === undefined && this.#backend.name === "native";
    this.#checker = (isChosen ? sourceBackend(program, this.#backend) : undefined) ?? this.#backend;
    this.#judge = compile(descriptor, { ...options, sets: "array", maps: "entries", backend: "closure" });
    this.#finder = protocol === "json" ? new JsonFinder(json, limits) : new ThriftFinder(protocol, limits);
  }

  validate(bytes: Uint8Array): void {
    const input = toInput(bytes);
    if (this.#checker.convertInto(input, NO_BYTES, 0) === REFUSED) this.#judge.decode(input);
  }

  skip(bytes: Uint8Array, offset = 0): number {
    if (!(Number.isInteger(offset) && offset >= 0 && offset <= bytes.length)) {
      throw new RangeError("offset must be an integer within the bytes");
    }
    const input = toInput(bytes);
    const end = this.#backend.skip?.(input, offset) ?? REFUSED;
    return end === REFUSED ? this.#skipByRules(input, offset) : end;
  }

  #skipByRules(bytes: Uint8Array, offset: number): number {
    try {
      return this.#finder.skip(bytes, offset);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const where = { path: this.descriptor.name, offset: error.offset - bytes.byteOffset };
      throw new DecodeError(error.code, where, error.message);
    }
  }

  at(path: string): RawPath {
    const steps = parsePath(this.descriptor, path);
    const patch = new Patch(this.descriptor, { path, steps }, this.#options);
    const findNatively = this.#backend.finder?.(steps);
    const find = (input: Uint8Array): Found => findNatively?.(input) ?? this.#find(input, steps);
    return {
      path,
      get: (bytes) => {
        const input = toInput(bytes);
        const found = find(input);
        return found.kind === "value" ? this.#decode(patch, found, input) : undefined;
      },
      set: (bytes, value) => {
        const input = toInput(bytes);
        return patch.apply(input, find(input), value);
      },
    };
  }

  #find(bytes: Uint8Array, steps: readonly Step[]): Found {
    const { limits, trailingBytes } = this.#resolved;
    if (bytes.length > limits.maxMessageBytes) return this.#explain(bytes);
    try {
      const { found, end } = this.#finder.find(bytes, steps);
      if (end < bytes.length && trailingBytes === "refuse") this.#explain(bytes);
      return found;
    } catch (error) {
      if (error instanceof ProtocolError) return this.#explain(bytes, error);
      throw error;
    }
  }

  #decode(patch: Patch, place: ValuePlace, bytes: Uint8Array): unknown {
    try {
      return patch.decode(bytes, place);
    } catch (error) {
      if (error instanceof DecodeError || error instanceof ProtocolError) return this.#explain(bytes, error);
      throw error;
    }
  }

  /** What cannot be stepped through cannot be decoded either. */
  #explain(bytes: Uint8Array, cause?: unknown): never {
    this.#judge.decode(bytes);
    throw contradiction(cause);
  }
}

const NO_BYTES = new Uint8Array(0);

/** Of the options those that a program knows. */
function conversionOf(options: CodecOptions): TranscoderOptions {
  const { protocol = "binary", enums, utf8, trailingBytes, unknownFields, json, limits } = options;
  return {
    from: protocol,
    to: protocol,
    ...(enums && { enums }),
    ...(utf8 && { utf8 }),
    ...(trailingBytes && { trailingBytes }),
    ...(unknownFields && { unknownFields }),
    ...(json && { json }),
    ...(limits !== undefined && { limits }),
  };
}
