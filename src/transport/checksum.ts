/**
 * The checksum that a TTHeader may carry: CRC-32C (Castagnoli) of all that stands behind the header, the inner length
 * included, as eight hex digits. node:zlib has CRC-32 alone, which has another polynomial.
 */

import { framePrefix } from "./framed.js";
import { badInput, type Peer } from "./peer.js";
import type { TTHeader } from "./ttheader.js";
import { StringKey } from "./ttheader-keys.js";

/** The polynomial 0x1EDC6F41, its bits in reverse. */
const POLYNOMIAL = 0x82f6_3b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
});

/** @returns the CRC-32C of some bytes; of them and those before, when `previous` is the CRC-32C of those. */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous;
  for (let i = 0; i < bytes.length; i++) crc = TABLE[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** @returns the value of the key `crc32c` for a message that goes out with a length of its own or without. */
export function checksumOf(message: Uint8Array, framed: boolean, peer: Peer): string {
  const prefix = framed ? crc32c(framePrefix(message.length, peer)) : 0;
  return toText(crc32c(message, prefix));
}

/**
 * Compares a payload with the checksum in its header. A header without one is taken, as Kitex does.
 *
 * @throws TransportError BAD_CHECKSUM when they differ.
 */
export function verifyChecksum(header: TTHeader, payload: Uint8Array, peer: Peer): void {
  const expected = header.strings.get(StringKey.CHECKSUM);
  if (expected === undefined || expected === toText(crc32c(payload))) return;
  throw badInput(
    peer,
    "ERR_THRIFT_BAD_CHECKSUM",
    "expected a payload that has the checksum in its TTHeader, found another",
  );
}

function toText(crc: number): string {
  return crc.toString(16).padStart(8, "0");
}
