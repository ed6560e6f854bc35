/**
 * What stands around the struct in the messages of one method: the same bytes each time but for the seqid, so they are
 * made once, from what a writer writes.
 *
 *     binary   | version, type, name ... | seqid 4 |                | struct ... |
 *     compact  | version, type | seqid 1 to 5 | name ...            | struct ... |
 *     tjson    | [1,"name",type, | seqid 1 to 11 | ,                | struct ... | ]
 */

import { writeJsonInteger } from "./json/printer.js";
import type { MessageHeader, MessageType } from "./protocol.js";
import { PROTOCOLS, type ProtocolName } from "./protocols.js";
import { writeVarint32 } from "./varint.js";

interface SeqidForm {
  /** Where a seqid of 0 starts and ends in a header of `length` bytes. */
  readonly place: (length: number) => readonly [start: number, end: number];
  /** Writes a seqid. @returns the position behind it. */
  readonly write: (seqid: number, bytes: Uint8Array, position: number) => number;
}

const SEQIDS: Readonly<Record<ProtocolName, SeqidForm>> = {
  binary: { place: (length) => [length - 4, length], write: writeInt32 },
  compact: { place: () => [2, 3], write: (seqid, bytes, position) => writeVarint32(bytes, position, seqid) },
  tjson: { place: (length) => [length - 2, length - 1], write: writeJsonInteger },
};

/** Headers and ends of messages of one method and type. */
export class Envelope {
  readonly name: string;
  readonly type: MessageType;
  readonly #before: Uint8Array;
  readonly #after: Uint8Array;
  readonly #end: Uint8Array;
  readonly #writeSeqid: SeqidForm["write"];

  /** @throws ProtocolError OUT_OF_RANGE on a name that is empty or over 512 bytes. */
  constructor(protocol: ProtocolName, { name, type }: Pick<MessageHeader, "name" | "type">) {
    this.name = name;
    this.type = type;
    const { place, write } = SEQIDS[protocol];
    const writer = PROTOCOLS[protocol].createWriter({ strictUtf8: false });
    writer.writeMessageBegin({ name, type, seqid: 0 });
    const { position } = writer;
    writer.writeMessageEnd();
    const bytes = writer.finish();
    const [start, end] = place(position);
    this.#before = bytes.slice(0, start);
    this.#after = bytes.slice(end, position);
    this.#end = bytes.slice(position);
    this.#writeSeqid = write;
  }

  /** Writes the header, less than 4 KiB: 512 bytes of a name, all of them escaped in JSON, and what is around it. @returns the position behind it. */
  begin(bytes: Uint8Array, position: number, seqid: number): number {
    const behind = this.#writeSeqid(seqid, bytes, put(this.#before, bytes, position));
    return put(this.#after, bytes, behind);
  }

  /** Writes what follows the struct, at most a byte. @returns the position behind it. */
  end(bytes: Uint8Array, position: number): number {
    return put(this.#end, bytes, position);
  }
}

/** Byte by byte: for so few, `set` takes longer. */
function put(source: Uint8Array, bytes: Uint8Array, position: number): number {
  for (let i = 0; i < source.length; i++) bytes[position + i] = source[i];
  return position + source.length;
}

function writeInt32(value: number, bytes: Uint8Array, position: number): number {
  bytes[position] = value >> 24;
  bytes[position + 1] = value >> 16;
  bytes[position + 2] = value >> 8;
  bytes[position + 3] = value;
  return position + 4;
}
