/** Everything of scrimp that needs no Node.js: schemas from memory, codecs, errors. Browsers and bundlers get this entry. */

export type { IdlLimits } from "./idl/limits.js";
export type { LinkOptions } from "./schema/link.js";
export { parseSchema, type ParseSchemaOptions } from "./schema/parse.js";
export { schemaFromJSON } from "./schema/restore.js";
export type {
  AnnotatedSnapshot,
  DefinitionSnapshot,
  FieldSnapshot,
  FileSnapshot,
  MethodSnapshot,
  NamespaceSnapshot,
  SchemaSnapshot,
  TypeSnapshot,
  ValueSnapshot,
} from "./schema/snapshot.js";
export type { Schema } from "./schema/schema.js";
export type { DeclaredException, ExceptionClass } from "./schema/exception.js";
export type * from "./schema/descriptor.js";

export { compile, type Codec } from "./codec/codec.js";
export type { JsonOptions } from "./codec/json/options.js";
export type { CodecOptions, CodecProtocol } from "./codec/options.js";
export {
  compileService,
  type CallId,
  type CallMessage,
  type ExceptionMessage,
  type Message,
  type ReceivedHeader,
  type ReplyMessage,
  type ServiceCodec,
  type ServiceOptions,
} from "./codec/message/service.js";
export type { BodyPlace, ExceptionReply, MethodCodec, Reply, SuccessReply } from "./codec/message/method.js";
export { unknownFields, type UnknownField, type UnknownFields } from "./codec/unknown.js";
export { messageTranscoder, rawCodec, transcoder } from "./transcode/portable.js";
export type { MessageIdentity, MessageTranscoder, MessageTranscoderOptions } from "./transcode/messages.js";
export type { TranscoderOptions } from "./transcode/options.js";
export type { RawCodec, RawOptions, RawPath } from "./transcode/raw.js";
export type { Transcoder } from "./transcode/transcoder.js";
export type { Limits, LimitsOption } from "./protocol/limits.js";
export type { ProtocolName } from "./protocol/protocols.js";
export { TType, type ValueTType } from "./protocol/ttype.js";

export {
  ApplicationError,
  BizStatusError,
  DeadlineError,
  DecodeError,
  EncodeError,
  ERROR_CODES,
  IdlError,
  SchemaError,
  ThriftError,
  ThriftException,
  TransportError,
  type ErrorCode,
  type Executed,
  type Problem,
  type SourceLocation,
} from "./errors.js";
