/** `compileService()`: a service descriptor and options become a codec for messages. */

import { ApplicationError, DecodeError, EncodeError } from "../../errors.js";
import { memoryOf } from "../../protocol/buffer.js";
import { ApplicationErrorType, readApplicationError, writeApplicationError } from "../../protocol/message.js";
import {
  type MessageOptions,
  MessageType,
  ProtocolError,
  type ProtocolReader,
  type ProtocolWriter,
} from "../../protocol/protocol.js";
import { PROTOCOLS, type ProtocolName } from "../../protocol/protocols.js";
import { skip } from "../../protocol/skip.js";
import { TType } from "../../protocol/ttype.js";
import type { MethodDescriptor, ServiceDescriptor } from "../../schema/descriptor.js";
import { toInteger, wrongType } from "../accept.js";
import { chooseBackend, toInput } from "../codec.js";
import { resolveOptions, type CodecOptions } from "../options.js";
import { checkOffset, type MessageSetup } from "./body.js";
import { CompiledMethod, type BodyPlace, type MethodCodec, type Reply } from "./method.js";
import { toSeqid } from "./seqid.js";

/** Options of {@link compileService}: those of `compile()`, with a protocol of Apache Thrift, and one of its own. */
export interface ServiceOptions extends CodecOptions {
  /** Refuse the binary header that Thrift had before 2008, which carries no version. Default true. It is never written. */
  strictRead?: boolean;
  /**
   * Name of a service that stands, with a colon, in front of the methods in calls, as clients with Apache's
   * TMultiplexedProtocol write them. Replies do without. Default: none.
   */
  multiplexed?: string | undefined;
}

/** What the header of a message says, and where its struct starts. */
export interface ReceivedHeader extends CallId, BodyPlace {
  /** Servers get calls and oneway messages, clients replies and exceptions. */
  readonly type: Message["type"];
  /** The method, which the service may not have. Where peers multiplex, the name of a service and a colon stand before it. */
  readonly name: string;
}

/** What tells calls apart. */
export interface CallId {
  /** The method. */
  readonly name: string;
  /** A signed 32-bit integer that a reply repeats. */
  readonly seqid: number;
}

/** A message as a value. A reply has a result (`undefined` for void methods) or an exception that the IDL declares. */
export type Message = CallMessage | ReplyMessage | ExceptionMessage;

/** A call, or a oneway message, which nobody answers. */
export interface CallMessage extends CallId {
  /** Which of both. */
  readonly type: "call" | "oneway";
  /** The arguments by name. */
  readonly args: Readonly<Record<string, unknown>>;
}

/** What a method answered. */
export type ReplyMessage = CallId & {
  /** Tells it from other messages. */
  readonly type: "reply";
} & Reply;

/** The answer to a call that could not be run. */
export interface ExceptionMessage extends CallId {
  /** Tells it from other messages. */
  readonly type: "exception";
  /** Why. */
  readonly error: ApplicationError;
}

/**
 * Encodes and decodes the messages of a service. Stateless: one codec serves a whole program.
 *
 * In every call `bytes` is one message, from its first byte to its last; `limits.maxMessageBytes` bounds all of it.
 */
export interface ServiceCodec {
  /** The service. */
  readonly descriptor: ServiceDescriptor;
  /** The wire protocol. */
  readonly protocol: ProtocolName;
  /** What does the work: generated source, or closures. */
  readonly backend: "source" | "closure";
  /** Codecs of all methods by name, those of the services it extends included. */
  readonly methods: ReadonlyMap<string, MethodCodec>;
  /**
   * Turns a message into bytes.
   *
   * @throws EncodeError when it does not fit the method, or the service has no such method (ERR_THRIFT_UNKNOWN_NAME).
   */
  encodeMessage(message: Message): Uint8Array;
  /**
   * Turns bytes into a message.
   *
   * @throws DecodeError when they are none, or exceed a limit.
   * @throws ApplicationError of type 1 when the service has no such method, of type 5 when a reply lacks its result.
   */
  decodeMessage(bytes: Uint8Array): Message;
  /** Reads the header alone: what a server needs to know before it decodes, authorises or refuses a call. @throws DecodeError */
  readHeader(bytes: Uint8Array): ReceivedHeader;
  /** Steps over the struct of a message that nobody wants. @returns where the message ends. @throws DecodeError */
  skipBody(bytes: Uint8Array, place: BodyPlace): number;
  /** The answer to a call that could not be run; the service need not have its method. @throws EncodeError */
  encodeError(call: CallId, error: Pick<ApplicationError, "message" | "typeId">): Uint8Array;
  /** What an exception message says. @throws DecodeError */
  decodeError(bytes: Uint8Array, place: BodyPlace): ApplicationError;
  /** Compiles all methods now instead of each when first used. */
  warm(): this;
}

const CALL_TYPES = { call: MessageType.CALL, oneway: MessageType.ONEWAY } as const;

const TYPE_NAMES = {
  [MessageType.CALL]: "call",
  [MessageType.REPLY]: "reply",
  [MessageType.EXCEPTION]: "exception",
  [MessageType.ONEWAY]: "oneway",
} as const;

/**
 * Compiles a service of a schema. Costs next to nothing: each method is compiled when it is first used.
 *
 * @throws RangeError on an option that does not exist, and for `protocol: "json"`, which has no messages.
 */
export function compileService(service: ServiceDescriptor, options: ServiceOptions = {}): ServiceCodec {
  return new CompiledService(service, options);
}

class CompiledService implements ServiceCodec {
  readonly descriptor: ServiceDescriptor;
  readonly protocol: ProtocolName;
  readonly backend: "source" | "closure";
  readonly methods: ReadonlyMap<string, CompiledMethod>;
  readonly #setup: MessageSetup;
  readonly #headerOptions: MessageOptions;
  readonly #headers: ProtocolReader;
  #bodies: ProtocolReader | undefined;
  #errors: ProtocolWriter | undefined;

  constructor(service: ServiceDescriptor, { strictRead = true, multiplexed, ...codecOptions }: ServiceOptions) {
    const options = resolveOptions(codecOptions);
    if (typeof strictRead !== "boolean") throw new RangeError("option strictRead must be true or false");
    if (multiplexed === "") throw new RangeError("option multiplexed must be the name of a service");
    this.descriptor = service;
    this.protocol = messageProtocol(options.protocol);
    this.backend = chooseBackend(codecOptions.backend);
    const callPrefix = multiplexed === undefined ? "" : `${multiplexed}:`;
    this.#setup = { protocol: this.protocol, backend: this.backend, callPrefix, options };
    this.#headerOptions = { strictRead, maxNameBytes: options.limits.maxNameBytes };
    // Names have a limit of their own.
    this.#headers = this.#newReader(Infinity);
    this.methods = new Map(
      allMethods(service).map((method) => [method.name, new CompiledMethod(service.name, method, this.#setup)]),
    );
  }

  encodeMessage(message: Message): Uint8Array {
    const { name, seqid } = message;
    if (message.type === "exception") return this.encodeError(message, message.error);
    const method = this.methods.get(name);
    if (method === undefined) {
      const { name: service } = this.descriptor;
      throw new EncodeError("ERR_THRIFT_UNKNOWN_NAME", service, "expected a method of the service, found another name");
    }
    switch (message.type) {
      case "call":
      case "oneway":
        return method.encodeCallAs(CALL_TYPES[message.type], message.args, seqid);
      case "reply":
        return message.exception === undefined
          ? method.encodeReply(message.success, seqid)
          : method.encodeException(message.exception, seqid);
      default:
        throw new EncodeError(
          "ERR_THRIFT_WRONG_TYPE",
          method.path,
          'expected "call", "oneway", "reply" or "exception"',
        );
    }
  }

  decodeMessage(bytes: Uint8Array): Message {
    const header = this.readHeader(bytes);
    const { type, name, seqid } = header;
    if (type === "exception") return { type, name, seqid, error: this.decodeError(bytes, header) };
    const method = this.methods.get(name);
    if (method === undefined) {
      const message = `service ${this.descriptor.name} has no method of that name`;
      throw new ApplicationError(ApplicationErrorType.UNKNOWN_METHOD, message);
    }
    if (type === "reply") return { type, name, seqid, ...method.decodeReply(bytes, header) };
    return { type, name, seqid, args: method.decodeArgs(bytes, header) };
  }

  readHeader(bytes: Uint8Array): ReceivedHeader {
    const input = toInput(bytes);
    const reader = this.#headers;
    try {
      this.#begin(reader, input, 0);
      const { type, name, seqid } = reader.readMessageBegin(this.#headerOptions);
      return { type: TYPE_NAMES[type], name, seqid, bodyOffset: reader.position - input.byteOffset };
    } catch (error) {
      throw this.#explainDecode(error, input, "header");
    } finally {
      reader.release();
    }
  }

  skipBody(bytes: Uint8Array, { bodyOffset }: BodyPlace): number {
    const reader = (this.#bodies ??= this.#newReader());
    try {
      this.#begin(reader, bytes, bodyOffset);
      skip(reader, TType.STRUCT, this.#setup.options.limits.maxSkipDepth);
      reader.readMessageEnd();
      return reader.position - bytes.byteOffset;
    } catch (error) {
      throw this.#explainDecode(error, bytes, "body");
    } finally {
      reader.release();
    }
  }

  encodeError(call: CallId, error: Pick<ApplicationError, "message" | "typeId">): Uint8Array {
    const path = `${this.descriptor.name} exception`;
    const writer = (this.#errors ??= PROTOCOLS[this.protocol].createWriter({ strictUtf8: this.#isStrict }));
    writer.reset();
    try {
      writer.writeMessageBegin({ name: call.name, type: MessageType.EXCEPTION, seqid: toSeqid(call.seqid, path) });
      if (typeof error.message !== "string") throw wrongType("string", error.message);
      writeApplicationError(writer, { message: error.message, typeId: toInteger(error.typeId, "i32") });
      writer.writeMessageEnd();
    } catch (reason) {
      throw reason instanceof ProtocolError ? new EncodeError(reason.code, path, reason.message) : reason;
    }
    return writer.finish();
  }

  decodeError(bytes: Uint8Array, { bodyOffset }: BodyPlace): ApplicationError {
    const { limits, trailingBytes } = this.#setup.options;
    const reader = (this.#bodies ??= this.#newReader());
    try {
      this.#begin(reader, bytes, bodyOffset);
      const error = readApplicationError(reader, limits.maxSkipDepth);
      reader.readMessageEnd();
      if (trailingBytes === "refuse" && reader.position < bytes.byteOffset + bytes.length) {
        const found = "expected the end of the input, found more bytes";
        throw new ProtocolError("ERR_THRIFT_INVALID_DATA", reader.position, found);
      }
      return error;
    } catch (error) {
      throw this.#explainDecode(error, bytes, "exception");
    } finally {
      reader.release();
    }
  }

  warm(): this {
    for (const method of this.methods.values()) method.warm();
    return this;
  }

  get #isStrict(): boolean {
    return this.#setup.options.utf8 === "strict";
  }

  #newReader(maxStringBytes: number = this.#setup.options.limits.maxStringBytes): ProtocolReader {
    return PROTOCOLS[this.protocol].createReader({ maxStringBytes, strictUtf8: this.#isStrict });
  }

  #begin(reader: ProtocolReader, bytes: Uint8Array, offset: number): void {
    const start = bytes.byteOffset;
    if (bytes.length > this.#setup.options.limits.maxMessageBytes) {
      const found = "expected a message no longer than maxMessageBytes, found a longer one";
      throw new ProtocolError("ERR_THRIFT_SIZE_LIMIT", start, found);
    }
    const memory = memoryOf(bytes.buffer);
    reader.reset(memory.bytes, memory.view, start + bytes.length);
    reader.position = start + checkOffset(offset);
  }

  #explainDecode(error: unknown, bytes: Uint8Array, part: string): unknown {
    if (!(error instanceof ProtocolError)) return error;
    const where = { path: `${this.descriptor.name} ${part}`, offset: error.offset - bytes.byteOffset };
    return new DecodeError(error.code, where, error.message);
  }
}

function messageProtocol(protocol: CodecOptions["protocol"] & string): ProtocolName {
  if (protocol === "json") {
    throw new RangeError('protocol "json" is for values and has no messages: "tjson" is JSON with a message header');
  }
  return protocol;
}

/** Methods of a service, those it inherits first. */
function allMethods(service: ServiceDescriptor): MethodDescriptor[] {
  const services: ServiceDescriptor[] = [];
  for (let each: ServiceDescriptor | undefined = service; each !== undefined; each = each.extends)
    services.unshift(each);
  return services.flatMap(({ methods }) => methods);
}
