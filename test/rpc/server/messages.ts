/** Messages by the byte, good ones and others, in every protocol. */

import type { ProtocolName } from "../../../src/protocol/protocols.js";
import type { StructDescriptor } from "../../../src/schema/descriptor.js";
import { spell } from "../../support/wire/spell.js";
import type { Struct } from "../../support/wire/node.js";

/** What stands around a struct. */
export interface MessageParts {
  readonly name: string;
  /** 1 is a call, 2 a reply, 3 an exception, 4 oneway. */
  readonly type?: number;
  readonly seqid?: number;
  readonly version?: number;
}

const END = { binary: "", compact: "", tjson: "]" };

/** Puts a header in front of the bytes of a struct. */
export function messageOf(protocol: ProtocolName, parts: MessageParts, struct: Uint8Array): Uint8Array {
  return Buffer.concat([headerOf(protocol, parts), struct, Buffer.from(END[protocol])]);
}

function headerOf(protocol: ProtocolName, { name, type = 1, seqid = 1, version = 1 }: MessageParts): Uint8Array {
  const bytes = Buffer.from(name);
  switch (protocol) {
    case "binary":
      return Buffer.concat([int32(0x8000_0000 | (version << 16) | type), int32(bytes.length), bytes, int32(seqid)]);
    case "compact":
      return Buffer.concat([
        Buffer.from([0x82, (type << 5) | version, ...varint(seqid), ...varint(bytes.length)]),
        bytes,
      ]);
    case "tjson":
      return Buffer.from(`[${String(version)},${JSON.stringify(name)},${String(type)},${String(seqid)},`);
  }
}

/** A call with arguments as they are spelled, whatever they claim to be. */
export function callOf(
  protocol: ProtocolName,
  parts: MessageParts,
  args: Struct,
  descriptor: StructDescriptor,
): Uint8Array {
  return messageOf(protocol, parts, spell(protocol, args, descriptor).bytes);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
