/**
 * A connection as calls see it: requests out, each with an id, replies in, each to the call with its id.
 *
 *     attempt ──▶ seqid, encode, header ──▶ Connection ──▶ server
 *     attempt ◀── readReply ◀── seqid, header ◀── frame ◀──┘
 *
 * One that is shared has many calls at a time, whose replies come in any order; one that is not has one, and a reply to
 * anything else means that client and server no longer agree where they are.
 */

import type { ReceivedHeader, ServiceCodec } from "../../codec/message/service.js";
import { DeadlineError, ThriftError, TransportError, type Executed } from "../../errors.js";
import { ApplicationErrorType } from "../../protocol/message.js";
import { addAbortListener, removeAbortListener } from "../../transport/abort-listeners.js";
import { verifyChecksum } from "../../transport/checksum.js";
import type { Connection, ConnectionHandler } from "../../transport/connection.js";
import { isControlFrame } from "../../transport/control.js";
import type { WireProtocol } from "../../transport/detect.js";
import { openPayload } from "../../transport/payload.js";
import { badInput } from "../../transport/peer.js";
import type { Frame } from "../../transport/reassembly.js";
import { timers } from "../../transport/timer-wheel.js";
import type { TTHeader } from "../../transport/ttheader.js";
import { decodeTTHeader, LastInfo } from "../../transport/ttheader-read.js";
import { eventChannel } from "../events.js";
import { cancelled } from "../middleware/cancelled.js";
import type { Attempt } from "./attempt.js";
import type { ClientCodecs } from "./method.js";
import { mismatched, readReply, type Outcome, type ReceivedReply } from "./reply.js";
import type { SendRequest } from "./request.js";
import { Seqids } from "./seqid.js";

/** What all connections of a client share. */
export interface ClientConnectionSetup {
  readonly codecs: ClientCodecs;
  readonly sendRequest: SendRequest;
  /** Many calls at a time. */
  readonly isShared: boolean;
  /** No call waits on a connection, or it will take no more. */
  readonly onFree: (connection: ClientConnection) => void;
  /** A connection is over. */
  readonly onClosed: (connection: ClientConnection) => void;
}

/** Timeouts in a row, each of a call that was made after the one before, after which a silent connection is given up. */
const MAX_SILENT_TIMEOUTS = 3;

/** Replies to no call that a shared connection may bring in a minute. */
const MAX_STRAYS = 100;
const STRAY_WINDOW_MS = 60_000;

const writes = eventChannel("client.write");
const reads = eventChannel("client.read");
const decodes = eventChannel("client.decode");

/** One connection of a client. */
export class ClientConnection implements ConnectionHandler {
  readonly #setup: ClientConnectionSetup;
  readonly #connection: Connection;
  readonly #lastInfo = new LastInfo();
  readonly #pending = new Map<number, Attempt>();
  readonly #seqids = new Seqids(this.#pending);
  /** Those of the pending that wait for no reply, in the order in which they were sent. */
  readonly #oneways: Attempt[] = [];
  #isRetired = false;
  /** Requests that were sent. */
  #turn = 0;
  /** Timeouts since `#silentSince` bytes had come, and the last request that was sent when the last of them passed. */
  #silentTimeouts = 0;
  #silentSince = 0;
  #silentTurn = 0;
  #strays = 0;
  #strayWindowEnd = 0;

  /** @param open makes the connection, with this as its handler. */
  constructor(setup: ClientConnectionSetup, open: (handler: ConnectionHandler) => Connection) {
    this.#setup = setup;
    this.#connection = open(this);
  }

  /** Whether a call may be sent: false once either end has ended it, or the server has said that it will, or sends what no call asked for. */
  get isUsable(): boolean {
    if (!this.#connection.isOpen || this.#isRetired) return false;
    return this.#setup.isShared || this.#connection.partialBytes === 0;
  }

  /** The server, for messages. */
  get address(): string {
    return this.#connection.peer.address;
  }

  /** Calls that wait for a reply. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Sends a request. The attempt is settled in due course, whatever happens. Only for connections that are usable. */
  send(attempt: Attempt): void {
    attempt.seqid = this.#seqids.next();
    try {
      this.#write(attempt);
    } catch (error) {
      attempt.fail(error);
      return this.#afterCall();
    }
    attempt.end = this.#connection.queuedBytes;
    attempt.turn = ++this.#turn;
    this.#pending.set(attempt.seqid, attempt);
    if (attempt.remainingMs !== Infinity) attempt.timer = timers.add(attempt.remainingMs, this.#onTimeout, attempt);
    if (attempt.task.signal !== undefined) this.#listen(attempt, attempt.task.signal);
    if (attempt.task.method.oneway) this.#oneways.push(attempt);
    // No other call will join it.
    if (!this.#setup.isShared) this.#connection.flush();
  }

  /** Takes no more calls, and ends once those that wait have their replies. */
  close(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    this.#afterCall();
  }

  /** Ends it at once; calls that wait fail for this reason. */
  destroy(reason?: TransportError): void {
    this.#connection.destroy(reason);
  }

  onFrame(frame: Frame): void {
    if (frame.transport !== "ttheader") return this.#onMessage(frame.bytes, frame.protocol!, undefined);
    const { peer } = this.#connection;
    const { header, payload } = decodeTTHeader(frame.bytes, peer, this.#lastInfo);
    if (isControlFrame(header)) return this.#retire();
    verifyChecksum(header, payload, peer);
    const { message, protocol } = openPayload(payload, peer);
    this.#onMessage(message, protocol, header);
  }

  onClose(error: TransportError | undefined): void {
    this.#isRetired = true;
    for (const attempt of this.#pending.values()) {
      this.#take(attempt);
      attempt.fail(this.#lost(attempt, error));
    }
    this.#setup.onClosed(this);
  }

  /** The operating system has taken what was sent, or some of it: all that a oneway call waits for. */
  onSent(connection: Connection): void {
    const sent = connection.queuedBytes - connection.unsentBytes;
    while (this.#oneways.length > 0 && this.#oneways[0].end <= sent) {
      const attempt = this.#oneways.shift()!;
      if (!this.#take(attempt)) continue;
      attempt.succeed(undefined);
      // A server that takes one call at a time would let the next wait for this one; so Kitex does not use it again either.
      if (!this.#setup.isShared) this.#isRetired = true;
      this.#afterCall();
    }
  }

  /** @throws EncodeError; TransportError OVERLOADED, or on a message over a limit. Nothing is sent then. */
  #write(attempt: Attempt): void {
    const { peer, unsentBytes } = this.#connection;
    if (unsentBytes > peer.limits.maxUnsentBytes) {
      const refused = { address: peer.address, executed: "no", code: "ERR_THRIFT_OVERLOADED" } as const;
      throw new TransportError(refused, "expected a server that reads, found more than maxUnsentBytes waiting for it");
    }
    const { codec, method, args, details } = attempt.task;
    const message = codec.encodeCall(method.nameArgs(args), attempt.seqid);
    this.#setup.sendRequest(this.#connection, attempt, message);
    if (details !== undefined && writes.hasSubscribers) {
      writes.publish({ call: details.call, seqid: attempt.seqid, bytes: message.length });
    }
  }

  #onMessage(message: Uint8Array, protocol: WireProtocol, pairs: TTHeader | undefined): void {
    const codec = this.#setup.codecs.for(protocol);
    const header = this.#readHeader(codec, message);
    const attempt = this.#find(header, pairs);
    if (attempt === undefined) return this.#onStray(header.seqid);
    this.#take(attempt);
    const outcome = this.#read(attempt, { codec, pairs, header, message, isShared: this.#setup.isShared });
    if (outcome.then === "retire") this.#isRetired = true;
    if (outcome.then === "destroy")
      this.destroy(this.#badReply("expected a reply to a call, found another message", outcome.error));
    if (outcome.error === undefined) attempt.succeed(outcome.result);
    else attempt.fail(outcome.error);
    this.#afterCall();
  }

  #readHeader(codec: ServiceCodec, message: Uint8Array): ReceivedHeader {
    try {
      return codec.readHeader(message);
    } catch (error) {
      throw this.#badReply("expected a reply, found a message whose header cannot be read", error);
    }
  }

  /** @returns the call that a message is the reply to; undefined when there is none. */
  #find(header: ReceivedHeader, pairs: TTHeader | undefined): Attempt | undefined {
    // Proxies and old servers answer a call that they could not read with an exception of seqid 0.
    const isAnonymous = header.type === "exception" && header.seqid === 0;
    if (pairs !== undefined && pairs.seqid !== header.seqid && !isAnonymous) {
      throw this.#badReply("expected the seqid of its TTHeader in a message, found another");
    }
    const seqid = isAnonymous && pairs !== undefined ? pairs.seqid : header.seqid;
    const attempt = this.#pending.get(seqid) ?? (isAnonymous ? this.#onlyOne() : undefined);
    return attempt?.task.method.oneway === true ? undefined : attempt;
  }

  #onlyOne(): Attempt | undefined {
    if (this.#pending.size !== 1) return undefined;
    const [attempt] = this.#pending.values();
    return attempt;
  }

  #read(attempt: Attempt, reply: ReceivedReply): Outcome {
    const { call } = attempt.task.details ?? {};
    if (call === undefined) return readReply(attempt.task, reply);
    if (reads.hasSubscribers) reads.publish({ call, seqid: attempt.seqid, bytes: reply.message.length });
    const outcome = readReply(attempt.task, reply);
    if (decodes.hasSubscribers) {
      decodes.publish(outcome.error === undefined ? { call } : { call, error: outcome.error });
    }
    return outcome;
  }

  /** A reply to no call: on a shared connection a late or repeated one; on any other, both ends no longer mean the same. */
  #onStray(seqid: number): void {
    if (this.#setup.isShared) {
      if (!this.#seqids.isLate(seqid)) this.#countStray();
      return;
    }
    const attempt = this.#onlyOne();
    if (attempt === undefined) throw this.#badReply("expected nothing without a call, found a message");
    this.#take(attempt);
    const found = mismatched(
      ApplicationErrorType.BAD_SEQUENCE_ID,
      `expected the reply to ${attempt.task.method.path}, found one to another call`,
    );
    attempt.fail(found);
    throw this.#badReply("expected the reply to a call, found one to another");
  }

  #countStray(): void {
    const now = performance.now();
    if (now > this.#strayWindowEnd) {
      this.#strays = 0;
      this.#strayWindowEnd = now + STRAY_WINDOW_MS;
    }
    if (++this.#strays > MAX_STRAYS) throw this.#badReply("expected replies to calls, found too many to none");
  }

  #listen(attempt: Attempt, signal: AbortSignal): void {
    attempt.onAbort = () => {
      this.#giveUp(attempt, (executed) => cancelled({ address: this.address, executed }, signal));
    };
    addAbortListener(signal, attempt.onAbort);
  }

  readonly #onTimeout = (attempt: Attempt): void => {
    const { method, givenMs: timeoutMs } = attempt.task;
    this.#giveUp(attempt, (executed) => {
      const message = `${this.address}: expected a reply of ${method.path} within ${String(timeoutMs)} ms, found none`;
      return new DeadlineError({ timeoutMs, executed }, message);
    });
    this.#countSilence(attempt);
  };

  /** Ends a call early. What a shared connection has queued will be sent all the same; any other is cut off. */
  #giveUp(attempt: Attempt, errorOf: (executed: Executed) => Error): void {
    if (!this.#take(attempt)) return;
    if (this.#setup.isShared) this.#seqids.abandon(attempt.seqid);
    else this.destroy();
    attempt.fail(errorOf(this.#setup.isShared ? "maybe" : this.#executed(attempt)));
    this.#afterCall();
  }

  /** A peer that is gone without a word is found out in three times the time of a call, not when the system notices. */
  #countSilence(attempt: Attempt): void {
    const { receivedBytes } = this.#connection;
    if (receivedBytes !== this.#silentSince) {
      this.#silentSince = receivedBytes;
      this.#silentTimeouts = 0;
    } else if (attempt.turn <= this.#silentTurn) {
      return;
    }
    this.#silentTurn = this.#turn;
    if (++this.#silentTimeouts < MAX_SILENT_TIMEOUTS) return;
    const message = `expected a byte before ${String(MAX_SILENT_TIMEOUTS)} calls in a row timed out, found none`;
    this.destroy(new TransportError({ address: this.address, executed: "maybe" }, message));
  }

  /** Takes a call off those that wait. @returns false when it was settled before. */
  #take(attempt: Attempt): boolean {
    if (!this.#pending.delete(attempt.seqid)) return false;
    if (attempt.timer !== undefined) timers.cancel(attempt.timer);
    if (attempt.onAbort !== undefined) removeAbortListener(attempt.task.signal!, attempt.onAbort);
    return true;
  }

  /** Has the connection replaced before it is gone. */
  #retire(): void {
    this.#isRetired = true;
    this.#afterCall();
  }

  /** Tells the pool when no call waits, or no more will be taken; then ends once none waits. */
  #afterCall(): void {
    if (this.#pending.size === 0 || this.#isRetired) this.#setup.onFree(this);
    if (this.#pending.size === 0 && this.#isRetired) this.#connection.end();
  }

  /** A request of which a part was not even given to the operating system cannot have been run. */
  #executed(attempt: Attempt): Executed {
    return attempt.end > this.#connection.writtenBytes ? "no" : "maybe";
  }

  #lost(attempt: Attempt, cause: TransportError | undefined): TransportError {
    const peer = {
      address: this.address,
      executed: this.#executed(attempt),
      code: cause?.code ?? "ERR_THRIFT_TRANSPORT",
    };
    if (cause === undefined) return new TransportError(peer, "expected a reply, found the end of the connection");
    return new TransportError(peer, cause.message.slice(`${cause.address}: `.length), { cause });
  }

  #badReply(message: string, cause?: unknown): TransportError {
    const code = cause instanceof ThriftError ? cause.code : "ERR_THRIFT_INVALID_DATA";
    return badInput(this.#connection.peer, code, message, { cause });
  }
}
