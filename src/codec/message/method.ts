/** The messages of one method: calls, replies with a result, replies with a declared exception. */

import { ApplicationError, DecodeError, EncodeError } from "../../errors.js";
import { MessageType } from "../../protocol/protocol.js";
import { ApplicationErrorType } from "../../protocol/message.js";
import { resolveType, type MethodDescriptor, type StructDescriptor } from "../../schema/descriptor.js";
import { exceptionClass, type DeclaredException, type ExceptionClass } from "../../schema/exception.js";
import { describe } from "../accept.js";
import { BodyCodec, type MessageSetup } from "./body.js";
import { toSeqid } from "./seqid.js";

/** Where the struct of a message starts, as {@link ServiceCodec.readHeader} says it. */
export interface BodyPlace {
  /** Bytes from the start of the message. */
  readonly bodyOffset: number;
}

/** What a method answered: a result, which is `undefined` for a void method, or one of its declared exceptions. */
export type Reply = SuccessReply | ExceptionReply;

/** The result of a method. */
export interface SuccessReply {
  /** `undefined` for a void method. */
  readonly success: unknown;
  /** Never there. */
  readonly exception?: undefined;
}

/** A declared exception that a method has thrown. */
export interface ExceptionReply {
  /** An instance of the schema's class. */
  readonly exception: DeclaredException;
  /** Never there. */
  readonly success?: undefined;
}

/**
 * Encodes and decodes the messages of one method, for callers that know the method: an RPC client, a server that has
 * read the header. `bytes` is a message from its first byte on; paths in errors read `Everything.grow args.seed.name`.
 */
export interface MethodCodec {
  /** The method. */
  readonly descriptor: MethodDescriptor;
  /**
   * A call, or for a oneway method a oneway message.
   *
   * @param args an object with the arguments by name.
   * @throws EncodeError when an argument does not fit its type, or the seqid 32 bits.
   */
  encodeCall(args: Readonly<Record<string, unknown>>, seqid: number): Uint8Array;
  /** The arguments of a call or oneway message by name, in declared order. @throws DecodeError */
  decodeArgs(bytes: Uint8Array, place: BodyPlace): Record<string, unknown>;
  /** A reply with a result; `undefined` for a void method. @throws EncodeError, also for a oneway method. */
  encodeReply(success: unknown, seqid: number): Uint8Array;
  /**
   * A reply with an exception that the method declares, an instance of the schema's class or of one derived from it.
   *
   * @throws EncodeError, also for any other exception and for a oneway method.
   */
  encodeException(exception: unknown, seqid: number): Uint8Array;
  /** True for what {@link MethodCodec.encodeException} takes. */
  declares(exception: unknown): boolean;
  /**
   * What a reply holds; the exception where it holds both.
   *
   * @throws DecodeError, also for a oneway method.
   * @throws ApplicationError of type 5 (missing result) when it holds neither and the method is not void.
   */
  decodeReply(bytes: Uint8Array, place: BodyPlace): Reply;
  /** Compiles all now instead of when first used. */
  warm(): void;
}

interface Thrown {
  readonly name: string;
  readonly class: ExceptionClass;
}

/** A reply of a void method as Kitex's generic servers write it in binary: a field of type VOID, which Thrift has not, with an empty struct. */
const KITEX_VOID = [1, 0, 0, 0, 0];

export class CompiledMethod implements MethodCodec {
  readonly descriptor: MethodDescriptor;
  /** `Everything.grow` */
  readonly path: string;
  /** The name of the method in calls. */
  readonly #callName: string;
  readonly #args: BodyCodec;
  readonly #result: BodyCodec | undefined;
  readonly #thrown: readonly Thrown[];
  readonly #isVoid: boolean;
  readonly #takesKitexVoid: boolean;

  constructor(service: string, descriptor: MethodDescriptor, setup: MessageSetup) {
    const { name, args, result, throws, returnType } = descriptor;
    this.descriptor = descriptor;
    this.path = `${service}.${name}`;
    this.#callName = setup.callPrefix + name;
    this.#args = new BodyCodec(args, `${this.path} args`, setup);
    this.#result = result && new BodyCodec(result, `${this.path} result`, setup);
    // What a method throws are exceptions: the linker has checked it.
    this.#thrown = throws.map((field) => ({
      name: field.name,
      class: exceptionClass(resolveType(field.type) as StructDescriptor),
    }));
    this.#isVoid = returnType === undefined;
    this.#takesKitexVoid = this.#isVoid && setup.protocol === "binary";
  }

  encodeCall(args: Readonly<Record<string, unknown>>, seqid: number): Uint8Array {
    return this.encodeCallAs(this.descriptor.oneway ? MessageType.ONEWAY : MessageType.CALL, args, seqid);
  }

  /** A call under a type of message: some clients call oneway methods with an ordinary one. */
  encodeCallAs(type: typeof MessageType.CALL | typeof MessageType.ONEWAY, args: unknown, seqid: number): Uint8Array {
    if (type === MessageType.ONEWAY && !this.descriptor.oneway) {
      throw new EncodeError("ERR_THRIFT_WRONG_TYPE", this.path, "expected a call, found a oneway message");
    }
    return this.#args.encode(args, { name: this.#callName, type, seqid: toSeqid(seqid, this.path) });
  }

  decodeArgs(bytes: Uint8Array, { bodyOffset }: BodyPlace): Record<string, unknown> {
    return this.#args.decode(bytes, bodyOffset) as Record<string, unknown>;
  }

  encodeReply(success: unknown, seqid: number): Uint8Array {
    const isUnset = success === undefined || success === null;
    if (isUnset !== this.#isVoid && this.#result !== undefined) throw this.#wrongResult(success);
    return this.#encodeResult(isUnset ? {} : { success }, seqid);
  }

  encodeException(exception: unknown, seqid: number): Uint8Array {
    const thrown = this.#thrownFor(exception);
    if (thrown === undefined) {
      throw new EncodeError(
        "ERR_THRIFT_WRONG_TYPE",
        `${this.path} result`,
        `expected an exception that the method declares, found ${exception instanceof Error ? "another" : describe(exception)}`,
      );
    }
    return this.#encodeResult({ [thrown.name]: exception }, seqid);
  }

  declares(exception: unknown): boolean {
    return this.#thrownFor(exception) !== undefined;
  }

  decodeReply(bytes: Uint8Array, { bodyOffset }: BodyPlace): Reply {
    if (this.#result === undefined) {
      const where = { path: this.path, offset: 0 };
      throw new DecodeError("ERR_THRIFT_INVALID_DATA", where, "expected no reply of a oneway method, found one");
    }
    if (this.#takesKitexVoid && isKitexVoid(bytes, bodyOffset)) return { success: undefined };
    const result = this.#result.decode(bytes, bodyOffset) as Record<string, unknown>;
    for (const { name } of this.#thrown) {
      const exception = result[name];
      if (exception !== undefined) return { exception: exception as DeclaredException };
    }
    if (this.#isVoid) return { success: undefined };
    const { success } = result;
    if (success === undefined) {
      const message = `${this.path}: the reply holds neither a result nor an exception`;
      throw new ApplicationError(ApplicationErrorType.MISSING_RESULT, message);
    }
    return { success };
  }

  warm(): void {
    this.#args.warm();
    this.#result?.warm();
  }

  #encodeResult(result: object, seqid: number): Uint8Array {
    if (this.#result === undefined) {
      throw new EncodeError("ERR_THRIFT_WRONG_TYPE", this.path, "expected no reply of a oneway method, found one");
    }
    const { name } = this.descriptor;
    return this.#result.encode(result, { name, type: MessageType.REPLY, seqid: toSeqid(seqid, this.path) });
  }

  #thrownFor(exception: unknown): Thrown | undefined {
    for (const thrown of this.#thrown) if (exception instanceof thrown.class) return thrown;
    return undefined;
  }

  #wrongResult(success: unknown): EncodeError {
    const path = `${this.path} result.success`;
    return this.#isVoid
      ? new EncodeError("ERR_THRIFT_WRONG_TYPE", path, `expected nothing of a void method, found ${describe(success)}`)
      : new EncodeError("ERR_THRIFT_REQUIRED_MISSING", path, "expected a result, found none");
  }
}

export function isKitexVoid(bytes: Uint8Array, bodyOffset: number): boolean {
  return (
    bytes.length === bodyOffset + KITEX_VOID.length && KITEX_VOID.every((byte, i) => bytes[bodyOffset + i] === byte)
  );
}
