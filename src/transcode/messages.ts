/** `messageTranscoder()`: calls and replies of a service from one protocol to another. */

import { toInput } from "../codec/codec.js";
import { isKitexVoid } from "../codec/message/method.js";
import { toSeqid } from "../codec/message/seqid.js";
import {
  compileService,
  type CallId,
  type Message,
  type ReceivedHeader,
  type ServiceCodec,
} from "../codec/message/service.js";
import { ApplicationError, DecodeError, EncodeError } from "../errors.js";
import { allocate } from "../protocol/buffer.js";
import { ApplicationErrorType } from "../protocol/message.js";
import { MessageType, ProtocolError, type ProtocolWriter } from "../protocol/protocol.js";
import { PROTOCOLS } from "../protocol/protocols.js";
import type { FieldDescriptor, ServiceDescriptor, StructDescriptor } from "../schema/descriptor.js";
import { NO_ANNOTATIONS } from "../schema/type.js";
import type { BackendFactory } from "./backend.js";
import { decoderOptions, encoderOptions, type TranscoderOptions } from "./options.js";
import { makeTranscoder, type Transcoder } from "./transcoder.js";

/** Options of {@link MessageTranscoder}s: those of `transcoder()`; a message ends where its bytes end. */
export type MessageTranscoderOptions = Omit<TranscoderOptions, "trailingBytes" | "fields">;

/** What a header says. */
export interface MessageIdentity extends CallId {
  /** What the message is. */
  readonly type: Message["type"];
}

/**
 * Converts messages of a service. Between the protocols of Apache Thrift a message becomes a message. Plain JSON has no
 * messages: there it is the struct alone, arguments by name or a result, `{"success":1}`, and exceptions that no IDL
 * declares are `{"message":"","type":6}`.
 *
 * A reply passes as it is, also one with neither result nor exception: that is for the caller to judge.
 */
export interface MessageTranscoder {
  /** The service. */
  readonly descriptor: ServiceDescriptor;
  /**
   * Converts a message, or from plain JSON the struct of one.
   *
   * @param identity the header of the message; from plain JSON only, which has none.
   * @throws DecodeError, EncodeError as `Transcoder.convert`.
   * @throws ApplicationError of type 1 when the service has no such method.
   */
  convert(bytes: Uint8Array, identity?: MessageIdentity): Uint8Array;
}

/** The `messageTranscoder()` of an entry of the package. @param native loads programs where the addon is there. */
export function makeMessageTranscoder(
  service: ServiceDescriptor,
  options: MessageTranscoderOptions,
  native?: BackendFactory,
): MessageTranscoder {
  if (options.from === "json" && options.to === "json") {
    throw new RangeError('options from and to must not both be "json", which has no messages');
  }
  return new ServiceTranscoder(service, options, native);
}

const NOWHERE = { doc: undefined, annotations: NO_ANNOTATIONS, location: { file: "", line: 0, column: 0 } };

const TYPES = {
  call: MessageType.CALL,
  oneway: MessageType.ONEWAY,
  reply: MessageType.REPLY,
  exception: MessageType.EXCEPTION,
} as const;

const STRUCT_NAMES = { call: "args", oneway: "args", reply: "result", exception: "exception" } as const;

const CLOSE_BRACKET = 0x5d;
const BLANKS: readonly number[] = [0x20, 0x09, 0x0a, 0x0d];
const EMPTY_STRUCT = Uint8Array.of(0);

/** TApplicationException: of what is absent `readApplicationError` takes the same. */
const APPLICATION_EXCEPTION: StructDescriptor = {
  ...NOWHERE,
  kind: "struct",
  variant: "struct",
  name: "TApplicationException",
  qualifiedName: "TApplicationException",
  fields: [applicationField(1, "message", "string", ""), applicationField(2, "type", "i32", 0)],
};

function applicationField(
  id: number,
  name: string,
  kind: "string" | "i32",
  defaultValue: string | number,
): FieldDescriptor {
  return { ...NOWHERE, id, name, requiredness: "default", type: { kind, annotations: NO_ANNOTATIONS }, defaultValue };
}

class ServiceTranscoder implements MessageTranscoder {
  readonly descriptor: ServiceDescriptor;
  readonly #options: MessageTranscoderOptions;
  readonly #native: BackendFactory | undefined;
  /** Knows the methods; reads headers and says what is wrong with messages, where the input has any. */
  readonly #codec: ServiceCodec;
  readonly #writer: ProtocolWriter | undefined;
  /** By what a struct is called in errors: `Everything.grow args`. Made when first used. */
  readonly #bodies = new Map<string, Transcoder>();

  constructor(service: ServiceDescriptor, options: MessageTranscoderOptions, native: BackendFactory | undefined) {
    this.descriptor = service;
    this.#options = options;
    this.#native = native;
    const { from, to } = options;
    this.#codec = compileService(service, from === "json" ? encoderOptions(options) : decoderOptions(options));
    this.#writer = to === "json" ? undefined : PROTOCOLS[to].createWriter({ strictUtf8: false });
  }

  convert(bytes: Uint8Array, identity?: MessageIdentity): Uint8Array {
    const input = toInput(bytes);
    if (this.#options.from !== "json") return this.#convertMessage(input);
    if (identity === undefined) throw new TypeError("convert needs the identity of the message from plain JSON");
    return this.#wrapped(identity, this.#body(identity).convert(input));
  }

  #convertMessage(bytes: Uint8Array): Uint8Array {
    const header = this.#codec.readHeader(bytes);
    const transcoder = this.#body(header);
    try {
      return this.#wrapped(header, transcoder.convert(this.#structOf(bytes, header)));
    } catch (error) {
      // Its offset counts from the start of the struct; that of the codec from the start of the message.
      if (error instanceof DecodeError) this.#codec.decodeMessage(bytes);
      throw error;
    }
  }

  /** The struct of a message; nothing where what ends the message is missing. */
  #structOf(bytes: Uint8Array, { bodyOffset, type }: ReceivedHeader): Uint8Array {
    const { from } = this.#options;
    if (from === "tjson") return bytes.subarray(bodyOffset, closingBracket(bytes, bodyOffset));
    const isVoid = from === "binary" && type === "reply" && isKitexVoid(bytes, bodyOffset);
    return isVoid ? EMPTY_STRUCT : bytes.subarray(bodyOffset);
  }

  #body({ type, name }: Pick<MessageIdentity, "type" | "name">): Transcoder {
    const path = `${this.descriptor.name}${type === "exception" ? "" : `.${name}`} ${STRUCT_NAMES[type]}`;
    const known = this.#bodies.get(path);
    if (known !== undefined) return known;
    const descriptor = { ...this.#structFor(type, name, path), name: path };
    const transcoder = makeTranscoder(descriptor, this.#options, this.#native);
    this.#bodies.set(path, transcoder);
    return transcoder;
  }

  #structFor(type: MessageIdentity["type"], name: string, path: string): StructDescriptor {
    if (type === "exception") return APPLICATION_EXCEPTION;
    const method = this.#codec.methods.get(name)?.descriptor;
    if (method === undefined) {
      const message = `service ${this.descriptor.name} has no method of that name`;
      throw new ApplicationError(ApplicationErrorType.UNKNOWN_METHOD, message);
    }
    const struct = type === "reply" ? method.result : method.args;
    if (struct !== undefined) return struct;
    const where = { path, offset: 0 };
    throw new DecodeError("ERR_THRIFT_INVALID_DATA", where, "expected no reply of a oneway method, found one");
  }

  #wrapped({ type, name, seqid }: MessageIdentity, struct: Uint8Array): Uint8Array {
    const writer = this.#writer;
    if (writer === undefined) return struct;
    const path = `${this.descriptor.name} header`;
    writer.reset();
    try {
      writer.writeMessageBegin({ type: TYPES[type], name, seqid: toSeqid(seqid, path) });
    } catch (error) {
      throw error instanceof ProtocolError ? new EncodeError(error.code, path, error.message) : error;
    }
    const start = writer.position;
    const isJson = this.#options.to === "tjson";
    const message = allocate(start + struct.length + (isJson ? 1 : 0));
    writer.copyInto(message, 0);
    message.set(struct, start);
    if (isJson) message[message.length - 1] = CLOSE_BRACKET;
    return message;
  }
}

/** Where the bracket stands that ends a message, behind which blanks may be; `start` where there is none. */
function closingBracket(bytes: Uint8Array, start: number): number {
  let p = bytes.length - 1;
  while (p > start && BLANKS.includes(bytes[p])) p--;
  return bytes[p] === CLOSE_BRACKET ? Math.max(p, start) : start;
}
