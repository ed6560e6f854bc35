/**
 * The TTHeader of requests, as Kitex's client with its meta handler writes it.
 *
 *     integers   1 transport type   3 from service   6 to service   9 method   12 milliseconds left   20 from method   22 message type
 *     strings    isn                headers          metainfo       crc32c
 *
 * All calls of a method have the same header but for the seqid, unless they carry pairs of their own, a checksum, or
 * another time: so it is kept, and stamped.
 */

import { MessageType } from "../../protocol/protocol.js";
import { checksumOf } from "../../transport/checksum.js";
import type { Peer } from "../../transport/peer.js";
import { Flag, IntKey, StringKey } from "../../transport/ttheader-keys.js";
import { encodeTTHeader, stampTTHeader, type OutgoingMessage } from "../../transport/ttheader-write.js";
import { writeMetainfo } from "../metainfo.js";
import type { Attempt, AttemptPairs, AttemptTask } from "./attempt.js";
import type { ClientMethod } from "./method.js";

/** What all requests of a client say. */
export interface RequestHeaderOptions {
  /** Whether a length stands between header and message. */
  readonly framed: boolean;
  /** Replies may come in any order. */
  readonly outOfOrder: boolean;
  readonly checksum: boolean;
  readonly caller: string | undefined;
  readonly callee: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** A header that was written for one time left. */
interface Kept {
  readonly milliseconds: number;
  readonly prefix: Uint8Array;
}

/** Writes what stands in front of the messages of a client. */
export class RequestHeader {
  readonly #options: RequestHeaderOptions;
  readonly #kept = new Map<ClientMethod, Kept>();

  constructor(options: RequestHeaderOptions) {
    this.#options = options;
  }

  /** @throws TransportError on pairs, or a message, over the limits of the peer. */
  prefixOf(attempt: Attempt, message: Uint8Array, peer: Peer): Uint8Array {
    const { framed, checksum } = this.#options;
    const outgoing = { bytes: message.length, framed };
    const { method, details } = attempt.task;
    const milliseconds = wholeMilliseconds(attempt.remainingMs);
    if (checksum || details?.pairs !== undefined) {
      const sum = checksum ? checksumOf(message, framed, peer) : undefined;
      return this.#write(attempt, { outgoing, sum, peer });
    }
    let kept = this.#kept.get(method);
    if (kept?.milliseconds !== milliseconds) {
      kept = { milliseconds, prefix: this.#write(attempt, { outgoing, sum: undefined, peer }) };
      this.#kept.set(method, kept);
    }
    // The bytes must stay what they are until they are sent, so each message has its own.
    const prefix = Buffer.allocUnsafe(kept.prefix.length);
    prefix.set(kept.prefix);
    stampTTHeader(prefix, attempt.seqid, outgoing, peer);
    return prefix;
  }

  #write(
    { task, seqid, remainingMs }: Attempt,
    { outgoing, sum, peer }: { outgoing: OutgoingMessage; sum: string | undefined; peer: Peer },
  ): Uint8Array {
    const flags = this.#options.outOfOrder ? Flag.OUT_OF_ORDER : 0;
    const strings = this.#strings(task.method, task.details?.pairs);
    if (sum !== undefined) strings.set(StringKey.CHECKSUM, sum);
    return encodeTTHeader({ seqid, flags, strings, ints: this.#ints(task, remainingMs) }, outgoing, peer);
  }

  /** Pairs of the transport are set last: no header of a user may take their place. */
  #strings(method: ClientMethod, pairs: AttemptPairs | undefined): Map<string, string> {
    const strings = new Map(pairs?.headers ?? this.#options.headers);
    if (pairs !== undefined) writeMetainfo(pairs.metainfo, strings);
    strings.set(StringKey.IDL_SERVICE_NAME, method.service.name);
    return strings;
  }

  #ints({ method, details }: AttemptTask, remainingMs: number): Map<number, string> {
    const { framed, caller, callee } = this.#options;
    const ints = new Map<number, string>([
      [IntKey.TRANSPORT_TYPE, framed ? "framed" : "unframed"],
      [IntKey.TO_SERVICE, callee],
      [IntKey.TO_METHOD, method.descriptor.name],
      [IntKey.FROM_METHOD, details?.pairs?.fromMethod ?? ""],
      [IntKey.MESSAGE_TYPE, String(method.oneway ? MessageType.ONEWAY : MessageType.CALL)],
    ]);
    if (caller !== undefined) ints.set(IntKey.FROM_SERVICE, caller);
    if (remainingMs !== Infinity) ints.set(IntKey.RPC_TIMEOUT, String(wholeMilliseconds(remainingMs)));
    return ints;
  }
}

/** What servers are told: rounded up, so that the moments that a call has taken so far do not make each another. 0 would mean none. */
function wholeMilliseconds(remainingMs: number): number {
  return Math.max(1, Math.ceil(remainingMs));
}
