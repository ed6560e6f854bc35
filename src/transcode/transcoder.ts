/** `transcoder()`: a struct descriptor and two protocols become a conversion of bytes to bytes. */

import { toInput } from "../codec/codec.js";
import { EncodeError } from "../errors.js";
import type { StructDescriptor } from "../schema/descriptor.js";
import type { ExceptionClass } from "../schema/exception.js";
import { NO_ROOM, type BackendFactory, type TranscodeBackend } from "./backend.js";
import { interpreter } from "./interpreter.js";
import { lower } from "./lower.js";
import { maskStruct } from "./mask.js";
import { resolvePair, type TranscoderOptions } from "./options.js";
import { Reference } from "./reference.js";
import { sourceBackend } from "./source/backend.js";

/**
 * Converts structs, unions and exceptions from one protocol to another without making values of them. Stateless: one
 * serves a whole program.
 *
 * The output is what a codec of `to` encodes of what a codec of `from` decodes, byte for byte (a NaN may keep its payload): fields in order, each once,
 * defaults filled in, unknown ones left out. Elements of sets and entries of maps pass as they come, equal ones too. Between
 * binary and compact text passes as it stands; plain JSON and TJSON have U+FFFD in the place of what is no UTF-8.
 */
export interface Transcoder {
  /**
   * Converts one value, with nothing behind it unless `trailingBytes: "ignore"`, to bytes that are the caller's (a Buffer in
   * Node.js).
   *
   * As with other Buffers the memory around them may belong to others: it stays alive with them, at most 8 KiB or 32 times
   * the size of the output; it cannot be transferred to another thread, and is cloned whole where the output is posted to
   * one. `new Uint8Array(output)` is a copy that stands alone.
   *
   * @throws DecodeError when the bytes are not such a value or exceed a limit.
   * @throws EncodeError when `to` cannot hold it: NaN in plain JSON, a union of which no field is known.
   */
  convert(bytes: Uint8Array): Uint8Array;
  /**
   * Converts into `target` from `offset` (default 0) on, which saves new memory for each output.
   * The two must not share memory. What stands from the offset on is lost, on failure and behind the output too.
   *
   * @returns the number of bytes written.
   * @throws as `convert`, and EncodeError ERR_THRIFT_NO_SPACE when the target is too small.
   */
  convertInto(bytes: Uint8Array, target: Uint8Array, offset?: number): number;
  /**
   * As `convert`. The native back end copies an input of 256 KiB or more, 1 MiB a turn of the event loop, and converts the
   * copy on another thread. Until the promise settles leave the bytes as they are: what has not been copied yet would be
   * converted as it is then, and errors are explained by reading the bytes again. Smaller inputs, and all inputs of the
   * other back ends, are converted before this returns.
   */
  convertAsync(bytes: Uint8Array): Promise<Uint8Array>;
  /** What does the work: native code, or JavaScript where that is not at hand. */
  readonly backend: TranscodeBackend["name"];
  /** The type that is converted, as a field mask leaves it. */
  readonly descriptor: StructDescriptor;
}

/** The `transcoder()` of an entry of the package. @param native loads programs where the addon is there. */
export function makeTranscoder(
  type: StructDescriptor | ExceptionClass,
  options: TranscoderOptions,
  native?: BackendFactory,
): Transcoder {
  const descriptor = typeof type === "function" ? type.descriptor : type;
  const { fields } = options;
  return new ProgramTranscoder(fields === undefined ? descriptor : maskStruct(descriptor, fields), options, native);
}

/** Runs a program in the back end that the options ask for, or the best. @throws RangeError where a forced one is not there. */
export function loadProgram(
  program: ArrayBuffer,
  forced: TranscoderOptions["backend"],
  native: BackendFactory | undefined,
): TranscodeBackend {
  if (forced === undefined) return native?.(program) ?? sourceBackend(program) ?? interpreter(program);
  const factory = { native, source: sourceBackend, interpreter }[forced];
  const backend = factory?.(program);
  if (backend === undefined) throw new RangeError(`backend "${forced}" is not at hand`);
  return backend;
}

class ProgramTranscoder implements Transcoder {
  readonly descriptor: StructDescriptor;
  readonly backend: TranscodeBackend["name"];
  readonly #backend: TranscodeBackend;
  readonly #reference: Reference;

  constructor(descriptor: StructDescriptor, options: TranscoderOptions, native: BackendFactory | undefined) {
    const pair = resolvePair(options);
    this.descriptor = descriptor;
    this.#backend = loadProgram(lower(descriptor, pair), options.backend, native);
    this.backend = this.#backend.name;
    this.#reference = new Reference(descriptor, options);
  }

  convert(bytes: Uint8Array): Uint8Array {
    const input = toInput(bytes);
    return this.#backend.convert(input) ?? this.#reference.convert(input);
  }

  convertInto(bytes: Uint8Array, target: Uint8Array, offset = 0): number {
    if (!(Number.isInteger(offset) && offset >= 0 && offset <= target.length)) {
      throw new RangeError("offset must be an integer within the target");
    }
    const input = toInput(bytes);
    const written = this.#backend.convertInto(input, target, offset);
    if (written >= 0) return written;
    const room = target.length - offset;
    const output = written === NO_ROOM ? undefined : this.#reference.convert(input);
    if (output === undefined || output.length > room) {
      throw new EncodeError("ERR_THRIFT_NO_SPACE", this.descriptor.name, `expected more room, found ${room} bytes`);
    }
    target.set(output, offset);
    return output.length;
  }

  async convertAsync(bytes: Uint8Array): Promise<Uint8Array> {
    if (this.#backend.convertAsync === undefined) return this.convert(bytes);
    const input = toInput(bytes);
    return (await this.#backend.convertAsync(input)) ?? this.#reference.convert(input);
  }
}
