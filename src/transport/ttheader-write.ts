/** Writes what stands in front of a message in a TTHeader frame. ttheader.ts has the layout. */

import { checkOutgoingLength, LENGTH_BYTES, writeUint32 } from "./framed.js";
import { badOutput, type Peer } from "./peer.js";
import { FIXED_BYTES, InfoId, MAGIC, MAX_UINT16, type TTHeader } from "./ttheader.js";
import { ProtocolId } from "./ttheader-keys.js";

/** A header to write: only the seqid must be given; flags and protocol id are 0 without. */
export type TTHeaderFields = Pick<TTHeader, "seqid"> & Partial<TTHeader>;

/** What will stand behind the header. */
export interface OutgoingMessage {
  /** How long the message is. */
  readonly bytes: number;
  /** Puts a length between header and message: TTHeaderFramed. */
  readonly framed: boolean;
}

/** As many words of 4 bytes as the header size can count. */
const MAX_INFO_BYTES = MAX_UINT16 * 4;

/**
 * Makes the bytes that go in front of a message: length, header and, when the message is framed, its length. The
 * message itself is not touched and may be written from where it is. Blocks stand in the order that Kitex writes them
 * in, pairs in that of the maps.
 *
 * @throws TransportError OUT_OF_RANGE on a number that has no place on the wire; SIZE_LIMIT on text over 65,535 bytes and
 * on a header or frame over the limits of the peer.
 */
export function encodeTTHeader(header: TTHeaderFields, message: OutgoingMessage, peer: Peer): Uint8Array {
  const { seqid, flags = 0, protocolId = ProtocolId.BINARY } = header;
  if (!isUint(flags, MAX_UINT16)) throw outOfRange(peer, "flags of 16 bits");
  if (!isUint(protocolId, 0xff)) throw outOfRange(peer, "a protocol id of 8 bits");
  const info = sizeOfInfo(header, peer);
  const padded = Math.ceil(info / 4) * 4;
  if (padded > Math.min(peer.limits.maxHeaderBytes, MAX_INFO_BYTES)) {
    throw badOutput(peer, "ERR_THRIFT_SIZE_LIMIT", "expected a TTHeader of at most maxHeaderBytes, found a longer one");
  }
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES + FIXED_BYTES + padded + (message.framed ? LENGTH_BYTES : 0));
  writeUint16(bytes, 4, MAGIC);
  writeUint16(bytes, 6, flags);
  writeUint16(bytes, 12, padded / 4);
  bytes[14] = protocolId;
  bytes[15] = 0;
  const end = writeBlocks(header, bytes, 16);
  bytes.fill(0, end, end + padded - info);
  stampTTHeader(bytes, seqid, message, peer);
  return bytes;
}

/**
 * Makes what {@link encodeTTHeader} made fit another message, in place: calls that differ in nothing else need not write
 * the pairs again. `framed` is to be what it was then.
 *
 * @throws TransportError OUT_OF_RANGE on a seqid beyond 32 bits, SIZE_LIMIT on a frame over the limit; nothing is written then.
 */
export function stampTTHeader(prefix: Uint8Array, seqid: number, message: OutgoingMessage, peer: Peer): void {
  if (seqid !== (seqid | 0)) throw outOfRange(peer, "a seqid of 32 bits");
  const frameBytes = prefix.length - LENGTH_BYTES + message.bytes;
  checkOutgoingLength(frameBytes, peer);
  if (message.framed) {
    checkOutgoingLength(message.bytes, peer);
    writeUint32(prefix, prefix.length - LENGTH_BYTES, message.bytes);
  }
  writeUint32(prefix, 0, frameBytes);
  writeUint32(prefix, 8, seqid);
}

/** @returns bytes from the protocol id to the end of the blocks, without padding, all of which the wire can hold. */
function sizeOfInfo({ aclToken, strings, ints }: TTHeaderFields, peer: Peer): number {
  const pairs = (strings?.size ?? 0) + (ints?.size ?? 0);
  if (pairs > Math.min(peer.limits.maxHeaderPairs, MAX_UINT16)) {
    throw badOutput(peer, "ERR_THRIFT_SIZE_LIMIT", "expected at most maxHeaderPairs in a TTHeader, found more");
  }
  let size = 2;
  if (aclToken !== undefined) size += 1 + sizeOfString(aclToken, peer);
  if (strings !== undefined && strings.size > 0) {
    size += 3;
    for (const [key, value] of strings) size += sizeOfString(key, peer) + sizeOfString(value, peer);
  }
  if (ints !== undefined && ints.size > 0) {
    size += 3;
    for (const [key, value] of ints) {
      if (!isUint(key, MAX_UINT16)) throw outOfRange(peer, "integer keys of 16 bits");
      size += 2 + sizeOfString(value, peer);
    }
  }
  return size;
}

function sizeOfString(text: string, peer: Peer): number {
  const length = isShortAscii(text) ? text.length : Buffer.byteLength(text);
  if (length > MAX_UINT16) {
    throw badOutput(
      peer,
      "ERR_THRIFT_SIZE_LIMIT",
      "expected at most 65535 bytes of text in a TTHeader, found longer text",
    );
  }
  return 2 + length;
}

/** @returns the position behind the last block. */
function writeBlocks({ aclToken, strings, ints }: TTHeaderFields, bytes: Buffer, start: number): number {
  let position = start;
  if (aclToken !== undefined) {
    bytes[position] = InfoId.ACL_TOKEN;
    position = writeString(aclToken, bytes, position + 1);
  }
  if (strings !== undefined && strings.size > 0) {
    bytes[position] = InfoId.STRINGS;
    position = writeUint16(bytes, position + 1, strings.size);
    for (const [key, value] of strings) position = writeString(value, bytes, writeString(key, bytes, position));
  }
  if (ints !== undefined && ints.size > 0) {
    bytes[position] = InfoId.INTS;
    position = writeUint16(bytes, position + 1, ints.size);
    for (const [key, value] of ints) position = writeString(value, bytes, writeUint16(bytes, position, key));
  }
  return position;
}

/** @returns the position behind the text. */
function writeString(text: string, bytes: Buffer, position: number): number {
  const start = position + 2;
  if (!isShortAscii(text)) {
    const length = bytes.write(text, start);
    writeUint16(bytes, position, length);
    return start + length;
  }
  writeUint16(bytes, position, text.length);
  for (let i = 0; i < text.length; i++) bytes[start + i] = text.charCodeAt(i);
  return start + text.length;
}

/** Text up to this length is written in JavaScript: a call out of it takes longer. */
const SHORT_TEXT = 64;

function isShortAscii(text: string): boolean {
  if (text.length > SHORT_TEXT) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** @returns the position behind the number. */
function writeUint16(bytes: Uint8Array, position: number, value: number): number {
  bytes[position] = value >>> 8;
  bytes[position + 1] = value;
  return position + 2;
}

function isUint(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

function outOfRange(peer: Peer, expected: string): Error {
  return badOutput(peer, "ERR_THRIFT_OUT_OF_RANGE", `expected ${expected} in a TTHeader, found another number`);
}
