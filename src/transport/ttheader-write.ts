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
  checkNumbers(header, peer);
  const info = sizeOfInfo(header, peer);
  const padded = Math.ceil(info / 4) * 4;
  if (padded > Math.min(peer.limits.maxHeaderBytes, MAX_INFO_BYTES)) {
    throw badOutput(peer, "ERR_THRIFT_SIZE_LIMIT", "expected a TTHeader of at most maxHeaderBytes, found a longer one");
  }
  const total = LENGTH_BYTES + FIXED_BYTES + padded + (message.framed ? LENGTH_BYTES : 0);
  const frameBytes = total - LENGTH_BYTES + message.bytes;
  checkOutgoingLength(frameBytes, peer);
  if (message.framed) checkOutgoingLength(message.bytes, peer);
  const bytes = Buffer.allocUnsafe(total);
  bytes.writeUInt32BE(frameBytes, 0);
  bytes.writeUInt16BE(MAGIC, 4);
  bytes.writeUInt16BE(header.flags ?? 0, 6);
  bytes.writeInt32BE(header.seqid, 8);
  bytes.writeUInt16BE(padded / 4, 12);
  bytes[14] = header.protocolId ?? ProtocolId.BINARY;
  bytes[15] = 0;
  const end = writeBlocks(header, bytes, 16);
  bytes.fill(0, end, end + padded - info);
  if (message.framed) writeUint32(bytes, total - LENGTH_BYTES, message.bytes);
  return bytes;
}

function checkNumbers(header: TTHeaderFields, peer: Peer): void {
  const { seqid, flags = 0, protocolId = ProtocolId.BINARY } = header;
  if (seqid !== (seqid | 0)) throw outOfRange(peer, "a seqid of 32 bits");
  if (!isUint(flags, MAX_UINT16)) throw outOfRange(peer, "flags of 16 bits");
  if (!isUint(protocolId, 0xff)) throw outOfRange(peer, "a protocol id of 8 bits");
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
  const length = Buffer.byteLength(text);
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
    position = bytes.writeUInt16BE(strings.size, position + 1);
    for (const [key, value] of strings) position = writeString(value, bytes, writeString(key, bytes, position));
  }
  if (ints !== undefined && ints.size > 0) {
    bytes[position] = InfoId.INTS;
    position = bytes.writeUInt16BE(ints.size, position + 1);
    for (const [key, value] of ints) position = writeString(value, bytes, bytes.writeUInt16BE(key, position));
  }
  return position;
}

/** @returns the position behind the text. */
function writeString(text: string, bytes: Buffer, position: number): number {
  const start = position + 2;
  const length = bytes.write(text, start);
  bytes.writeUInt16BE(length, position);
  return start + length;
}

function isUint(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

function outOfRange(peer: Peer, expected: string): Error {
  return badOutput(peer, "ERR_THRIFT_OUT_OF_RANGE", `expected ${expected} in a TTHeader, found another number`);
}
