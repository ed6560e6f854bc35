/** Transcoding in native code where its addon is there: what Node.js gets. */

import type { ServiceDescriptor, StructDescriptor } from "../schema/descriptor.js";
import type { ExceptionClass } from "../schema/exception.js";
import { makeMessageTranscoder, type MessageTranscoder, type MessageTranscoderOptions } from "./messages.js";
import { nativeBackend } from "./native.js";
import type { TranscoderOptions } from "./options.js";
import { makeRawCodec, type RawCodec, type RawOptions } from "./raw.js";
import { makeTranscoder, type Transcoder } from "./transcoder.js";

/**
 * Makes a conversion of a type from one protocol to another, bytes to bytes.
 *
 * @param type what `schema.struct()` gives, or the class that `schema.exception()` gives; arguments and results of methods
 * are structs too.
 * @throws RangeError on an option that does not exist.
 */
export function transcoder(type: StructDescriptor | ExceptionClass, options: TranscoderOptions): Transcoder {
  return makeTranscoder(type, options, nativeBackend);
}

/** Makes a conversion of the messages of a service. @throws RangeError on an option that does not exist. */
export function messageTranscoder(service: ServiceDescriptor, options: MessageTranscoderOptions): MessageTranscoder {
  return makeMessageTranscoder(service, options, nativeBackend);
}

/** Makes what checks, reads and changes messages of a type as bytes. @throws RangeError on an option that does not exist. */
export function rawCodec(type: StructDescriptor | ExceptionClass, options: RawOptions = {}): RawCodec {
  return makeRawCodec(type, options, nativeBackend);
}
