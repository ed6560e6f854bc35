/**
 * What the interpreter reads from: the readers of the protocols, which hold the input to every rule, with calls that leave
 * values where they stand instead of making strings and bigints of them.
 *
 * Every call throws a ProtocolError, or {@link REFUSAL}, where the input is refused.
 */

import type { TextSource } from "../../protocol/json/byte-writer.js";
import { ProtocolError, type ProtocolReader } from "../../protocol/protocol.js";

/** Reads scalars. What was read last as text, bytes or uuid stands in the source until the next call. `type` is the word at which a type starts; plain JSON alone needs it. */
export interface Input extends TextSource {
  /** Offset of the next byte. */
  position: number;
  /** Starts on a message. */
  start(bytes: Uint8Array): void;
  /** Steps over what may stand behind the value and means nothing: blanks. */
  skipEnd(): void;
  /** Lets go of the message. */
  release(): void;
  readBool(type: number): boolean;
  readI8(type: number): number;
  readI16(type: number): number;
  readI32(type: number): number;
  /** Leaves the integer in `words64` of protocol/varint.ts. */
  readI64Words(type: number): void;
  readDouble(type: number): number;
  /** Leaves UTF-8 in `text`: valid where it came as JSON. */
  readText(): void;
  /** Leaves bytes in `text`. */
  readBytes(): void;
  /** Leaves 16 bytes in `text`. */
  readUuidBytes(): void;
  readEnum(type: number): number;
}

/** Inputs in a protocol of Apache Thrift. */
export type ThriftInput = Input &
  ProtocolReader & {
    /** Leaves so many bytes in `text`; for types of fixed width. */
    readFixedContent(count: number): void;
  };

/** What is thrown by those who have nothing to say: the codecs will say it. */
export const REFUSAL = new ProtocolError("ERR_THRIFT_INTERNAL", -1, "refused");

export function refuse(): never {
  throw REFUSAL;
}
