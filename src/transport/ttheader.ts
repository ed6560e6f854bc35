/**
 * TTHeader, the transport of Kitex that carries key-value pairs with a message. All integers are big-endian; offsets
 * count from the length, as in its specification.
 *
 *      0  u32  length, does not count itself
 *      4  u16  0x1000
 *      6  u16  flags
 *      8  i32  seqid
 *     12  u16  header size, in words of 4 bytes, from offset 14 to the payload
 *     14  u8   protocol id
 *     15  u8   number of transforms, always 0
 *     16       info blocks in any order, each with its id in front, padded with zeros to a multiple of 4
 *              00  padding, one byte
 *              01  u16 count, count times (u16 length, key, u16 length, value)
 *              10  u16 count, count times (u16 key, u16 length, value)
 *              11  u16 length, ACL token
 *     ..       payload: a message, or a frame with one
 *
 * ttheader-read.ts and ttheader-write.ts follow it.
 */

/** What a TTHeader says beside its payload. */
export interface TTHeader {
  /** Bits as in `Flag`, 16 of them. */
  readonly flags: number;
  /** A signed 32-bit integer that a reply repeats; 0 is for control frames. */
  readonly seqid: number;
  /** One of `ProtocolId`. */
  readonly protocolId: number;
  /** Pairs with integer keys, 0 to 65,535. */
  readonly ints: ReadonlyMap<number, string>;
  /** Pairs with string keys. Keys come from the peer: look them up, never make them properties. */
  readonly strings: ReadonlyMap<string, string>;
  /** A secret: not for logs, nor for other peers. */
  readonly aclToken?: string;
}

/** The word at offset 4, without the flags. */
export const MAGIC = 0x1000;

/** Bytes from the magic to the header size, both included. */
export const FIXED_BYTES = 10;

/** Ids of info blocks. */
export const InfoId = {
  PADDING: 0x00,
  STRINGS: 0x01,
  INTS: 0x10,
  ACL_TOKEN: 0x11,
} as const;

/** A length, a count or a key on the wire has 16 bits. */
export const MAX_UINT16 = 0xffff;
