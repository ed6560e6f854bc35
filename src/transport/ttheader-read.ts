/** Reads the TTHeader of a frame, whose bytes may be anything. ttheader.ts has the layout. */

import { isAscii, isUtf8 } from "node:buffer";
import { readUint32 } from "./framed.js";
import { badInput, type Peer } from "./peer.js";
import { FIXED_BYTES, InfoId, MAGIC, type TTHeader } from "./ttheader.js";
import { ProtocolId } from "./ttheader-keys.js";
import { viewOf } from "./view.js";

/** A TTHeader and what stands behind it. */
export interface TTHeaderFrame {
  readonly header: TTHeader;
  /** A view of the frame; may be empty. `openPayload` finds the message in it. */
  readonly payload: Uint8Array;
}

/** Fewest bytes of a pair: with an integer key, two words of 16 bits; with a string key, two empty strings. */
const MIN_PAIR_BYTES = 4;

const PROTOCOL_IDS: ReadonlySet<number> = new Set(Object.values(ProtocolId));

/** What stands behind the header size, as far as it is understood. */
type Info = Pick<TTHeader, "protocolId" | "ints" | "strings" | "aclToken">;

/** More bytes than that are not remembered: connections are many, and most of their headers short. */
const MAX_REMEMBERED_BYTES = 512;

const NO_BYTES = new Uint8Array(0);

/**
 * The last header of a connection. The next mostly differs from it in nothing but the seqid, and comparing bytes is cheaper
 * than reading them: a call among 128 on one connection takes a sixth less of both processors.
 */
export class LastInfo {
  #bytes: Uint8Array = NO_BYTES;
  #info: Info | undefined;

  /** @returns what the same bytes were read as that stand in a frame up to an end. */
  find(frame: Uint8Array, end: number): Info | undefined {
    const bytes = this.#bytes;
    if (end - FIXED_BYTES !== bytes.length) return undefined;
    for (let i = 0; i < bytes.length; i++) if (frame[FIXED_BYTES + i] !== bytes[i]) return undefined;
    return this.#info;
  }

  remember(bytes: Uint8Array, info: Info): void {
    if (bytes.length > MAX_REMEMBERED_BYTES) return;
    this.#bytes = Uint8Array.from(bytes);
    this.#info = info;
  }
}

/**
 * Reads a frame, given without its length. Of a key that stands there twice the last value counts. With the `last` header of
 * the connection, headers that say the same share their pairs.
 *
 * @throws TransportError SIZE_LIMIT on a header over `maxHeaderBytes` or `maxHeaderPairs`, BAD_FRAME on any other that breaks a rule.
 */
export function decodeTTHeader(frame: Uint8Array, peer: Peer, last?: LastInfo): TTHeaderFrame {
  if (frame.length < FIXED_BYTES) throw malformed(peer, "a TTHeader", "a shorter frame");
  if (readUint16(frame, 0) !== MAGIC) throw malformed(peer, "the magic of TTHeader", "another");
  const size = readUint16(frame, 8) * 4;
  if (size === 0) throw malformed(peer, "a TTHeader with a protocol id", "a header size of 0");
  if (size > frame.length - FIXED_BYTES) {
    throw malformed(peer, "a TTHeader within its frame", "a header size beyond the end of the frame");
  }
  if (size > peer.limits.maxHeaderBytes) {
    throw badInput(peer, "ERR_THRIFT_SIZE_LIMIT", "expected a TTHeader, found a header size over maxHeaderBytes");
  }
  const end = FIXED_BYTES + size;
  const info = last?.find(frame, end) ?? readInfo(frame, end, peer, last);
  const { protocolId, ints, strings, aclToken } = info;
  const header = { flags: readUint16(frame, 2), seqid: readUint32(frame, 4) | 0, protocolId, ints, strings };
  return {
    header: aclToken === undefined ? header : { ...header, aclToken },
    payload: viewOf(frame, end, frame.length),
  };
}

function readInfo(frame: Uint8Array, end: number, peer: Peer, last: LastInfo | undefined): Info {
  // The parser of the blocks cannot look beyond them, whatever a length in them says.
  const bytes = viewOf(frame, FIXED_BYTES, end);
  const { protocolId, ints, strings, aclToken } = new InfoReader(bytes, peer).read();
  const info = { protocolId, ints, strings, ...(aclToken !== undefined && { aclToken }) };
  last?.remember(bytes, info);
  return info;
}

/** Reads what follows the header size, up to the payload. */
class InfoReader {
  readonly ints = new Map<number, string>();
  readonly strings = new Map<string, string>();
  protocolId = 0;
  aclToken: string | undefined;
  readonly #bytes: Uint8Array;
  readonly #peer: Peer;
  #position = 2;
  #pairs = 0;
  /** All of the bytes as text, to cut strings from: one call out of JavaScript instead of one a string. Empty when not all are ASCII. */
  #ascii: string | undefined;

  constructor(bytes: Uint8Array, peer: Peer) {
    this.#bytes = bytes;
    this.#peer = peer;
  }

  read(): this {
    const bytes = this.#bytes;
    this.protocolId = bytes[0];
    if (!PROTOCOL_IDS.has(bytes[0])) throw malformed(this.#peer, "a known protocol id", `0x${toHex(bytes[0])}`);
    // Transforms change the payload, and none is defined: to go on would be to read something else than was meant.
    if (bytes[1] !== 0) throw malformed(this.#peer, "a TTHeader without transforms", "some");
    while (this.#position < bytes.length) this.#readBlock(bytes[this.#position++]);
    return this;
  }

  #readBlock(id: number): void {
    switch (id) {
      case InfoId.PADDING:
        return;
      case InfoId.STRINGS:
        for (let left = this.#readCount(); left > 0; left--) {
          const key = this.#readKey();
          this.strings.set(key, this.#readString());
        }
        return;
      case InfoId.INTS:
        for (let left = this.#readCount(); left > 0; left--) {
          const key = this.#readUint16();
          this.ints.set(key, this.#readString());
        }
        return;
      case InfoId.ACL_TOKEN:
        this.aclToken = this.#readString();
        return;
      default:
        throw malformed(this.#peer, "a known info block", `0x${toHex(id)}`);
    }
  }

  #readCount(): number {
    const count = this.#readUint16();
    if (count * MIN_PAIR_BYTES > this.#bytes.length - this.#position) {
      throw malformed(this.#peer, "as many pairs as the TTHeader can hold", "a greater count");
    }
    this.#pairs += count;
    if (this.#pairs > this.#peer.limits.maxHeaderPairs) {
      throw badInput(this.#peer, "ERR_THRIFT_SIZE_LIMIT", "expected a TTHeader, found pairs over maxHeaderPairs");
    }
    return count;
  }

  /** Text that is not UTF-8 would be replaced by U+FFFD, and different keys would become the same. */
  #readKey(): string {
    const start = this.#position + 2;
    const key = this.#readString();
    if (key.includes("\ufffd") && !isUtf8(this.#bytes.subarray(start, this.#position))) {
      throw malformed(this.#peer, "a key in UTF-8", "one that is not");
    }
    return key;
  }

  #readString(): string {
    const length = this.#readUint16();
    const start = this.#position;
    this.#need(length);
    this.#ascii ??= asciiOf(this.#bytes);
    return this.#ascii === ""
      ? bufferOf(this.#bytes).toString("utf8", start, this.#position)
      : this.#ascii.slice(start, this.#position);
  }

  #readUint16(): number {
    const start = this.#position;
    this.#need(2);
    return readUint16(this.#bytes, start);
  }

  /** Steps over bytes that the header must still have. */
  #need(count: number): void {
    if (count > this.#bytes.length - this.#position) {
      throw malformed(this.#peer, "the rest of an info block", "the end of the TTHeader");
    }
    this.#position += count;
  }
}

function asciiOf(bytes: Uint8Array): string {
  return isAscii(bytes) ? bufferOf(bytes).toString("latin1") : "";
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function readUint16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] << 8) | bytes[offset + 1];
}

function malformed(peer: Peer, expected: string, found: string): Error {
  return badInput(peer, "ERR_THRIFT_BAD_FRAME", `expected ${expected}, found ${found}`);
}

function toHex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
