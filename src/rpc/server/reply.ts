/** Messages that go back to a caller, and what goes in front of them. */

import { MessageType } from "../../protocol/protocol.js";
import { PROTOCOLS } from "../../protocol/protocols.js";
import { checksumOf } from "../../transport/checksum.js";
import type { WireProtocol } from "../../transport/detect.js";
import type { Peer } from "../../transport/peer.js";
import { IntKey, ProtocolId, StringKey } from "../../transport/ttheader-keys.js";
import { encodeTTHeader, stampTTHeader, type TTHeaderFields } from "../../transport/ttheader-write.js";
import type { Way } from "./way.js";

/** A message and what stands in front of it, ready to be sent. */
export interface Outgoing {
  readonly message: Uint8Array;
  /** A TTHeader; undefined where there is none. */
  readonly prefix: Uint8Array | undefined;
  /** Whether a length goes in front, and nothing else. */
  readonly isFramed: boolean;
}

/** What a reply says beside its message. */
export interface ReplyPairs {
  readonly isException: boolean;
  /** Pairs of the TTHeader. */
  readonly strings: ReadonlyMap<string, string> | undefined;
  /** Whether the server is about to close the connection. */
  readonly willReset: boolean;
}

/**
 * Puts in front of a reply what stood in front of its request.
 *
 * @throws TransportError when the reply or its pairs are over a limit.
 */
export function wrapReply(message: Uint8Array, way: Way, pairs: ReplyPairs, peer: Peer): Outgoing {
  const { header } = way;
  if (header === undefined) return { message, prefix: undefined, isFramed: way.transport === "framed" };
  const framed = way.transport === "ttheader-framed";
  const isPlain = !pairs.willReset && (pairs.strings === undefined || pairs.strings.size === 0);
  const place = { bytes: message.length, framed };
  if (isPlain && header.protocolId === ProtocolId.BINARY && !header.strings.has(StringKey.CHECKSUM)) {
    const prefix = plainPrefix(pairs.isException, framed, peer);
    stampTTHeader(prefix, header.seqid, place, peer);
    return { message, prefix, isFramed: false };
  }
  const strings = new Map(pairs.strings);
  if (pairs.willReset) strings.set(StringKey.CONNECTION_WILL_RESET, "1");
  if (header.strings.has(StringKey.CHECKSUM)) strings.set(StringKey.CHECKSUM, checksumOf(message, framed, peer));
  const fields = { ...headerFields(pairs.isException), seqid: header.seqid, protocolId: header.protocolId, strings };
  return { message, prefix: encodeTTHeader(fields, place, peer), isFramed: false };
}

function headerFields(isException: boolean): TTHeaderFields {
  const type = isException ? MessageType.EXCEPTION : MessageType.REPLY;
  return { seqid: 0, ints: new Map([[IntKey.MESSAGE_TYPE, String(type)]]) };
}

/** TTHeaders of replies that have nothing to say but what they are, made once. */
const plainPrefixes: (Uint8Array | undefined)[] = [];

/** @returns a copy, to be stamped. */
function plainPrefix(isException: boolean, framed: boolean, peer: Peer): Uint8Array {
  const index = (isException ? 2 : 0) + (framed ? 1 : 0);
  const made = (plainPrefixes[index] ??= encodeTTHeader(headerFields(isException), { bytes: 1, framed }, peer));
  const copy = Buffer.allocUnsafe(made.length);
  copy.set(made);
  return copy;
}

/** A reply with neither a result nor an exception: what goes with a business status. */
export function encodeEmptyReply(name: string, seqid: number, protocol: WireProtocol): Uint8Array {
  const writer = PROTOCOLS[protocol].createWriter({ strictUtf8: false });
  writer.reset();
  writer.writeMessageBegin({ name, type: MessageType.REPLY, seqid });
  writer.writeStructBegin();
  writer.writeFieldStop();
  writer.writeStructEnd();
  writer.writeMessageEnd();
  return writer.finish();
}
