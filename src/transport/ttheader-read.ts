/** Reads the TTHeader of a frame, whose bytes may be anything. ttheader.ts has the layout. */

import { isUtf8 } from "node:buffer";
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

/**
 * Reads a frame, given without its length. Of a key that stands there twice the last value counts.
 *
 * @throws TransportError SIZE_LIMIT on a header over `maxHeaderBytes` or `maxHeaderPairs`, BAD_FRAME on any other that breaks a rule.
 */
export function decodeTTHeader(frame: Uint8Array, peer: Peer): TTHeaderFrame {
  if (frame.length < FIXED_BYTES) throw malformed(peer, "a TTHeader", "a shorter frame");
  const fixed = Buffer.from(frame.buffer, frame.byteOffset, FIXED_BYTES);
  if (fixed.readUInt16BE(0) !== MAGIC) throw malformed(peer, "the magic of TTHeader", "another");
  const size = fixed.readUInt16BE(8) * 4;
  if (size === 0) throw malformed(peer, "a TTHeader with a protocol id", "a header size of 0");
  if (size > frame.length - FIXED_BYTES) {
    throw malformed(peer, "a TTHeader within its frame", "a header size beyond the end of the frame");
  }
  if (size > peer.limits.maxHeaderBytes) {
    throw badInput(peer, "ERR_THRIFT_SIZE_LIMIT", "expected a TTHeader, found a header size over maxHeaderBytes");
  }
  const end = FIXED_BYTES + size;
  // The parser of the blocks cannot look beyond them, whatever a length in them says.
  const info = Buffer.from(frame.buffer, frame.byteOffset + FIXED_BYTES, size);
  const blocks = new InfoReader(info, peer).read();
  return {
    header: { flags: fixed.readUInt16BE(2), seqid: fixed.readInt32BE(4), ...blocks },
    payload: viewOf(frame, end, frame.length),
  };
}

/** Reads what follows the header size, up to the payload. */
class InfoReader {
  readonly #bytes: Buffer;
  readonly #peer: Peer;
  readonly #ints = new Map<number, string>();
  readonly #strings = new Map<string, string>();
  #aclToken: string | undefined;
  #position = 2;
  #pairs = 0;

  constructor(bytes: Buffer, peer: Peer) {
    this.#bytes = bytes;
    this.#peer = peer;
  }

  read(): Omit<TTHeader, "flags" | "seqid"> {
    const protocolId = this.#bytes[0];
    if (!PROTOCOL_IDS.has(protocolId)) throw malformed(this.#peer, "a known protocol id", `0x${toHex(protocolId)}`);
    // Transforms change the payload, and none is defined: to go on would be to read something else than was meant.
    if (this.#bytes[1] !== 0) throw malformed(this.#peer, "a TTHeader without transforms", "some");
    while (this.#position < this.#bytes.length) this.#readBlock(this.#bytes[this.#position++]);
    const read = { protocolId, ints: this.#ints, strings: this.#strings };
    return this.#aclToken === undefined ? read : { ...read, aclToken: this.#aclToken };
  }

  #readBlock(id: number): void {
    switch (id) {
      case InfoId.PADDING:
        return;
      case InfoId.STRINGS:
        for (let left = this.#readCount(); left > 0; left--) {
          const key = this.#readKey();
          this.#strings.set(key, this.#readString());
        }
        return;
      case InfoId.INTS:
        for (let left = this.#readCount(); left > 0; left--) {
          const key = this.#readUint16();
          this.#ints.set(key, this.#readString());
        }
        return;
      case InfoId.ACL_TOKEN:
        this.#aclToken = this.#readString();
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
    return this.#bytes.toString("utf8", start, this.#position);
  }

  #readUint16(): number {
    const start = this.#position;
    this.#need(2);
    return this.#bytes.readUInt16BE(start);
  }

  /** Steps over bytes that the header must still have. */
  #need(count: number): void {
    if (count > this.#bytes.length - this.#position) {
      throw malformed(this.#peer, "the rest of an info block", "the end of the TTHeader");
    }
    this.#position += count;
  }
}

function malformed(peer: Peer, expected: string, found: string): Error {
  return badInput(peer, "ERR_THRIFT_BAD_FRAME", `expected ${expected}, found ${found}`);
}

function toHex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
