/**
 * The closure back end: the plan as functions that call functions, without generated code. It serves where
 * `new Function` is forbidden, and it explains: the source back end fails with a bare signal, and this one, run over
 * the same input, says what was expected, what was found and where.
 *
 * Paths read `Nesting.ListSimple[3].StringField`. Sets count like lists. Entries of a map are counted too, since a key
 * is a value and messages never quote values: `attrs{2}` is the value of the third entry, `attrs{key 2}` its key.
 */

import { DecodeError, EncodeError } from "../../errors.js";
import { memoryOf } from "../../protocol/buffer.js";
import { ProtocolError } from "../../protocol/protocol.js";
import { PROTOCOLS, type ProtocolName } from "../../protocol/protocols.js";
import type { Backend } from "../backend.js";
import { JSON_FORMAT } from "../json/closure.js";
import type { ResolvedOptions } from "../options.js";
import type { Plan } from "../plan.js";
import { compileDecoder, type DecodeContext } from "./decode.js";
import { compileEncoder, type EncodeContext } from "./encode.js";
import type { ClosureFormat, DecodeState, EncodeState } from "./format.js";

/**
 * Compiles a plan into closures.
 *
 * Its methods throw EncodeError and DecodeError, and what getters of the caller's values throw as it is.
 */
export function closureBackend(plan: Plan): Backend {
  const { protocol } = plan.options;
  return protocol === "json" ? new ClosureBackend(plan, JSON_FORMAT) : new ClosureBackend(plan, thriftFormat(protocol));
}

/** The protocols of Apache Thrift. */
export function thriftFormat(protocol: ProtocolName): ClosureFormat<EncodeContext, DecodeContext> {
  const { createReader, createWriter } = PROTOCOLS[protocol];
  const isStrict = ({ utf8 }: ResolvedOptions): boolean => utf8 === "strict";
  return {
    compileEncoder,
    compileDecoder,
    newEncodeContext: (options) => ({ writer: createWriter({ strictUtf8: isStrict(options) }), depth: 0, path: [] }),
    newDecodeContext: (options) => {
      const { maxStringBytes } = options.limits;
      const reader = createReader({ maxStringBytes, strictUtf8: isStrict(options) });
      return { reader, depth: 0, heap: 0, path: [] };
    },
    start: ({ reader }, { bytes, view }, [start, end]) => {
      reader.reset(bytes, view, end);
      reader.position = start;
    },
  };
}

export class ClosureBackend<E extends EncodeState, D extends DecodeState> implements Backend {
  readonly name = "closure";
  readonly #plan: Plan;
  readonly #format: ClosureFormat<E, D>;
  #write: ((context: E, value: unknown) => void) | undefined;
  #read: ((context: D) => unknown) | undefined;
  #idleEncode: E | undefined;
  #idleDecode: D | undefined;

  constructor(plan: Plan, format: ClosureFormat<E, D>) {
    this.#plan = plan;
    this.#format = format;
  }

  warm(): void {
    this.#write ??= this.#format.compileEncoder(this.#plan);
    this.#read ??= this.#format.compileDecoder(this.#plan);
  }

  encode(value: unknown): Uint8Array {
    return this.#withWritten(value, (context) => context.writer.finish());
  }

  encodeInto(value: unknown, target: Uint8Array, offset: number): number {
    return this.#withWritten(value, ({ writer }) => {
      const size = writer.position;
      if (size > target.length - offset) {
        const { name } = this.#plan.root.descriptor;
        const room = Math.max(0, target.length - offset);
        throw new EncodeError(
          "ERR_THRIFT_NO_SPACE",
          name,
          `expected room for ${String(size)} bytes, found ${String(room)}`,
        );
      }
      writer.copyInto(target, offset);
      return size;
    });
  }

  encodedSize(value: unknown): number {
    return this.#withWritten(value, (context) => context.writer.position);
  }

  decode(bytes: Uint8Array): unknown {
    const { options } = this.#plan;
    const context = this.#idleDecode ?? this.#format.newDecodeContext(options);
    this.#idleDecode = undefined;
    context.depth = 0;
    context.heap = options.limits.maxHeapBytes;
    const { reader } = context;
    const start = bytes.byteOffset;
    try {
      if (bytes.length > options.limits.maxMessageBytes) {
        throw new ProtocolError(
          "ERR_THRIFT_SIZE_LIMIT",
          start,
          "expected a message no longer than maxMessageBytes, found a longer one",
        );
      }
      this.#format.start(context, memoryOf(bytes.buffer), [start, start + bytes.length]);
      this.#read ??= this.#format.compileDecoder(this.#plan);
      const value = this.#read(context);
      if (reader.position < start + bytes.length && options.trailingBytes === "refuse") {
        throw new ProtocolError(
          "ERR_THRIFT_INVALID_DATA",
          reader.position,
          "expected the end of the input, found more bytes",
        );
      }
      return value;
    } catch (error) {
      throw this.#explainDecode(error, context, start);
    } finally {
      reader.release();
      this.#idleDecode = context;
    }
  }

  #withWritten<T>(value: unknown, use: (context: E) => T): T {
    // A getter of the caller's may encode with this very codec: it finds no idle context then and makes one.
    const context = this.#idleEncode ?? this.#format.newEncodeContext(this.#plan.options);
    this.#idleEncode = undefined;
    context.depth = 0;
    context.writer.reset();
    try {
      this.#write ??= this.#format.compileEncoder(this.#plan);
      this.#write(context, value);
    } catch (error) {
      throw this.#explainEncode(error, context);
    } finally {
      this.#idleEncode = context;
    }
    // Nothing below runs code of the caller's, so the context is still as it was written.
    return use(context);
  }

  #explainEncode(error: unknown, context: EncodeState): unknown {
    const path = this.#takePath(context);
    if (error instanceof ProtocolError) return new EncodeError(error.code, path, error.message);
    if (isStackOverflow(error))
      return new EncodeError("ERR_THRIFT_DEPTH_LIMIT", path, "the value is nested deeper than the stack allows");
    return error;
  }

  #explainDecode(error: unknown, context: DecodeState, start: number): unknown {
    const path = this.#takePath(context);
    if (error instanceof ProtocolError)
      return new DecodeError(error.code, { path, offset: error.offset - start }, error.message);
    if (isStackOverflow(error)) {
      return new DecodeError(
        "ERR_THRIFT_DEPTH_LIMIT",
        { path, offset: context.reader.position - start },
        "the input is nested deeper than the stack allows",
      );
    }
    return error;
  }

  /** The path that was gathered, innermost first, while the failure unwound. */
  #takePath(context: { path: string[] }): string {
    const path = this.#plan.root.descriptor.name + context.path.reverse().join("");
    context.path.length = 0;
    return path;
  }
}

/** V8 and JavaScriptCore throw a RangeError, SpiderMonkey an InternalError; neither gives it a code. */
export function isStackOverflow(error: unknown): boolean {
  return (
    error instanceof Error &&
    /maximum call stack|too much recursion/i.test(error.message) &&
    !(error instanceof TypeError)
  );
}
