/** `compile()`: a struct descriptor and options become a codec. */

import type { StructDescriptor } from "../schema/descriptor.js";
import type { ExceptionClass } from "../schema/exception.js";
import { contradiction, type Backend } from "./backend.js";
import { closureBackend } from "./closure/backend.js";
import { resolveOptions, type CodecOptions } from "./options.js";
import { planStruct, type Plan } from "./plan.js";
import { isMute, sourceBackend } from "./source/backend.js";
import { canGenerate } from "./source/unit.js";

/** Encodes and decodes one struct, union or exception. Stateless: one codec serves a whole program. */
export interface Codec<T = unknown> {
  /**
   * Turns a value into bytes (a Buffer in Node.js), in memory of their own.
   *
   * @throws EncodeError when the value does not fit the type; no bytes of it exist then.
   */
  encode(value: T): Uint8Array;
  /**
   * Writes a value into `target` from `offset` (default 0) on.
   *
   * @returns the number of bytes written.
   * @throws EncodeError as `encode`, and ERR_THRIFT_NO_SPACE when the target is too small; the target is then unchanged.
   */
  encodeInto(value: T, target: Uint8Array, offset?: number): number;
  /** The number of bytes that `encode` gives for the value. As costly as encoding. @throws EncodeError as `encode`. */
  encodedSize(value: T): number;
  /**
   * Turns bytes into a value: exactly one, with nothing behind it unless `trailingBytes: "ignore"`.
   *
   * @throws DecodeError with code, path and byte offset when the bytes are not such a value or exceed a limit.
   */
  decode(bytes: Uint8Array): T;
  /** Compiles both directions now, not when each is first used: for servers that want their first call fast. */
  warm(): this;
  /** What does the work: generated source, or closures where code cannot be generated. */
  readonly backend: "source" | "closure";
  /** The type that is encoded. */
  readonly descriptor: StructDescriptor;
}

/**
 * Compiles a type of a schema. Costs next to nothing: each direction is compiled when it is first used.
 *
 * @param type what `schema.struct()` gives, or the class that `schema.exception()` gives.
 * @throws RangeError on an option that does not exist.
 */
export function compile<T = unknown>(type: StructDescriptor | ExceptionClass, options: CodecOptions = {}): Codec<T> {
  const descriptor = typeof type === "function" ? type.descriptor : type;
  return new CompiledCodec<T>(descriptor, options);
}

class CompiledCodec<T> implements Codec<T> {
  readonly descriptor: StructDescriptor;
  readonly backend: "source" | "closure";
  readonly #options: ReturnType<typeof resolveOptions>;
  #plan: Plan | undefined;
  #closure: Backend | undefined;
  #used: Backend | undefined;

  constructor(descriptor: StructDescriptor, options: CodecOptions) {
    this.descriptor = descriptor;
    this.#options = resolveOptions(options);
    this.backend = chooseBackend(options.backend);
  }

  encode(value: T): Uint8Array {
    const backend = (this.#used ??= this.#make());
    try {
      return backend.encode(value);
    } catch (error) {
      return this.#explain(error, (closure) => closure.encode(value));
    }
  }

  encodeInto(value: T, target: Uint8Array, offset = 0): number {
    if (!(Number.isInteger(offset) && offset >= 0 && offset <= target.length)) {
      throw new RangeError("offset must be an integer within the target");
    }
    const backend = (this.#used ??= this.#make());
    try {
      return backend.encodeInto(value, target, offset);
    } catch (error) {
      return this.#explain(error, (closure) => closure.encodeInto(value, target, offset));
    }
  }

  encodedSize(value: T): number {
    const backend = (this.#used ??= this.#make());
    try {
      return backend.encodedSize(value);
    } catch (error) {
      return this.#explain(error, (closure) => closure.encodedSize(value));
    }
  }

  decode(bytes: Uint8Array): T {
    const input = toInput(bytes);
    const backend = (this.#used ??= this.#make());
    try {
      return backend.decode(input) as T;
    } catch (error) {
      return this.#explain(error, (closure) => closure.decode(input)) as T;
    }
  }

  warm(): this {
    (this.#used ??= this.#make()).warm();
    return this;
  }

  #make(): Backend {
    const plan = (this.#plan ??= planStruct(this.descriptor, this.#options));
    return this.backend === "source" ? sourceBackend(plan) : (this.#closure ??= closureBackend(plan));
  }

  /** Fast paths fail mute: the closure back end goes over the same input to say what is wrong, and throws it. */
  #explain<R>(error: unknown, again: (closure: Backend) => R): R {
    if (this.backend === "closure" || !isMute(error)) throw error;
    this.#closure ??= closureBackend(this.#plan!);
    again(this.#closure);
    throw contradiction(error);
  }
}

/** A Uint8Array of another realm (a vm context, a test environment) is none to `instanceof`. */
export function toInput(bytes: unknown): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  if (Object.prototype.toString.call(bytes) !== "[object Uint8Array]") throw new TypeError("decode takes a Uint8Array");
  const { buffer, byteOffset, byteLength } = bytes as Uint8Array;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export function chooseBackend(forced: CodecOptions["backend"]): "source" | "closure" {
  if (forced !== undefined && forced !== "source" && forced !== "closure") {
    throw new RangeError("option backend must be one of source, closure");
  }
  if (forced === "source" && !canGenerate) {
    throw new RangeError('backend "source" needs code generation, which is forbidden here');
  }
  return forced ?? (canGenerate ? "source" : "closure");
}
