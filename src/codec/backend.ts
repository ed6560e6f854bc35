/**
 * What a back end gives for a plan, and what the codec builds upon. The closure back end throws errors for users; the
 * source back end throws mute ones, of which the codec learns more by running the other.
 */

import { ThriftError } from "../errors.js";
import type { MessageHeader } from "../protocol/protocol.js";

export interface Backend {
  readonly name: "source" | "closure";
  /** @returns the bytes, in memory of their own. */
  encode(value: unknown): Uint8Array;
  /** Writes into the target. @returns the number of bytes written. @throws where the target is too small, which is then as it was. */
  encodeInto(value: unknown, target: Uint8Array, offset: number): number;
  /** @returns the number of bytes that encode would give. */
  encodedSize(value: unknown): number;
  decode(bytes: Uint8Array): unknown;
  /** Compiles both directions now instead of when first used. */
  warm(): void;
}

/** The same for structs that stand in messages: arguments and results. */
export interface MessageBackend {
  /** @returns a message: header, struct and what ends it, in memory of their own. */
  encode(value: unknown, header: MessageHeader): Uint8Array;
  /** Decodes the struct that starts at an offset, behind the header, up to the end of the message. */
  decode(bytes: Uint8Array, bodyOffset: number): unknown;
  /** As {@link Backend.warm}. */
  warm(): void;
}

/** The error for an input that one back end refuses and the closure back end, which should say why, takes. */
export function contradiction(cause: unknown): ThriftError {
  const message =
    "a back end failed where the one that explains did not: the input changed meanwhile, or this is a bug";
  return new ThriftError("ERR_THRIFT_INTERNAL", message, { cause });
}
