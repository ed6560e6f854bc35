/**
 * The framed transport: a length in front of each message. TTHeader frames begin with the same word.
 *
 *     | length 4, big-endian, unsigned, does not count itself | payload ... |
 *
 * A length that cannot be ends the connection: where the next frame would start is unknown.
 */

import { badInput, badOutput, type Peer } from "./peer.js";

/** Bytes of the length in front of a frame. */
export const LENGTH_BYTES = 4;

/** Largest length that every reader takes for a positive number. */
const MAX_LENGTH = 0x7fff_ffff;

/** Reads 32 bits, big-endian, as an unsigned number. The bytes must be there. */
export function readUint32(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] << 24) | (bytes[offset + 1] << 16) | (bytes[offset + 2] << 8) | bytes[offset + 3]) >>> 0;
}

/** Writes 32 bits, big-endian. The room must be there. */
export function writeUint32(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value >>> 24;
  target[offset + 1] = value >>> 16;
  target[offset + 2] = value >>> 8;
  target[offset + 3] = value;
}

/**
 * Reads the length of the frame that starts at an offset. The four bytes must be there.
 *
 * @throws TransportError BAD_FRAME on 0, SIZE_LIMIT on more than `maxFrameBytes`.
 */
export function readFrameLength(bytes: Uint8Array, offset: number, peer: Peer): number {
  const length = readUint32(bytes, offset);
  if (length === 0) throw badInput(peer, "ERR_THRIFT_BAD_FRAME", "expected a frame, found one of length 0");
  if (length > Math.min(peer.limits.maxFrameBytes, MAX_LENGTH)) {
    throw badInput(peer, "ERR_THRIFT_SIZE_LIMIT", "expected a frame, found a length over maxFrameBytes");
  }
  return length;
}

/**
 * Writes the length of a payload into the four bytes in front of it, which the encoder has left free: no byte of the
 * payload moves.
 *
 * @throws TransportError BAD_FRAME on 0, SIZE_LIMIT on more than `maxFrameBytes`; nothing is written then.
 */
export function writeFrameLength(target: Uint8Array, offset: number, payloadBytes: number, peer: Peer): void {
  checkOutgoingLength(payloadBytes, peer);
  writeUint32(target, offset, payloadBytes);
}

/**
 * The length as bytes of their own, to be written before a payload that stands in memory of its own.
 *
 * @throws TransportError BAD_FRAME on 0, SIZE_LIMIT on more than `maxFrameBytes`.
 */
export function framePrefix(payloadBytes: number, peer: Peer): Uint8Array {
  const prefix = Buffer.allocUnsafe(LENGTH_BYTES);
  writeFrameLength(prefix, 0, payloadBytes, peer);
  return prefix;
}

/** @throws TransportError on a length that no peer, or this one's limit, would take. */
export function checkOutgoingLength(length: number, peer: Peer): void {
  if (length === 0) throw badOutput(peer, "ERR_THRIFT_BAD_FRAME", "expected a payload to frame, found no bytes");
  if (length > Math.min(peer.limits.maxFrameBytes, MAX_LENGTH)) {
    throw badOutput(peer, "ERR_THRIFT_SIZE_LIMIT", "expected a frame of at most maxFrameBytes, found a longer one");
  }
}
