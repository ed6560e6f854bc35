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
import { PROTOCOLS } from "../../protocol/protocols.js";
import type { Backend } from "../backend.js";
import type { Plan } from "../plan.js";
import { compileDecoder, type DecodeContext, type Read } from "./decode.js";
import { compileEncoder, type EncodeContext, type Write } from "./encode.js";

/**
 * Compiles a plan into closures.
 *
 * Its methods throw EncodeError and DecodeError, and what getters of the caller's values throw as it is.
 */
export function closureBackend(plan: Plan): Backend {
  return new ClosureBackend(plan);
}

class ClosureBackend implements Backend {
  readonly name = "closure";
  readonly #plan: Plan;
  #write: Write | undefined;
  #read: Read | undefined;
  #idleEncode: EncodeContext | undefined;
  #idleDecode: DecodeContext | undefined;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  warm(): void {
    this.#write ??= compileEncoder(this.#plan);
    this.#read ??= compileDecoder(this.#plan);
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
    const context = this.#idleDecode ?? this.#newDecodeContext();
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
      const { bytes: all, view } = memoryOf(bytes.buffer);
      reader.reset(all, view, start + bytes.length);
      reader.position = start;
      this.#read ??= compileDecoder(this.#plan);
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

  #withWritten<T>(value: unknown, use: (context: EncodeContext) => T): T {
    // A getter of the caller's may encode with this very codec: it finds no idle context then and makes one.
    const context = this.#idleEncode ?? this.#newEncodeContext();
    this.#idleEncode = undefined;
    context.depth = 0;
    context.writer.reset();
    try {
      this.#write ??= compileEncoder(this.#plan);
      this.#write(context, value);
    } catch (error) {
      throw this.#explainEncode(error, context);
    } finally {
      this.#idleEncode = context;
    }
    // Nothing below runs code of the caller's, so the context is still as it was written.
    return use(context);
  }

  #newEncodeContext(): EncodeContext {
    const { protocol, utf8 } = this.#plan.options;
    const writer = PROTOCOLS[protocol].createWriter({ strictUtf8: utf8 === "strict" });
    return { writer, depth: 0, path: [] };
  }

  #newDecodeContext(): DecodeContext {
    const { protocol, limits, utf8 } = this.#plan.options;
    const { maxStringBytes } = limits;
    const reader = PROTOCOLS[protocol].createReader({ maxStringBytes, strictUtf8: utf8 === "strict" });
    return { reader, depth: 0, heap: 0, path: [] };
  }

  #explainEncode(error: unknown, context: EncodeContext): unknown {
    const path = this.#takePath(context);
    if (error instanceof ProtocolError) return new EncodeError(error.code, path, error.message);
    if (isStackOverflow(error))
      return new EncodeError("ERR_THRIFT_DEPTH_LIMIT", path, "the value is nested deeper than the stack allows");
    return error;
  }

  #explainDecode(error: unknown, context: DecodeContext, start: number): unknown {
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
function isStackOverflow(error: unknown): boolean {
  return (
    error instanceof Error &&
    /maximum call stack|too much recursion/i.test(error.message) &&
    !(error instanceof TypeError)
  );
}
