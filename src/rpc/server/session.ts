/**
 * One connection of a server: requests in, each given to its handler, replies out.
 *
 *     frame ──▶ TTHeader ──▶ message header ──▶ route ──▶ admission ──▶ arguments ──▶ middleware ──▶ handler
 *                                                                                                      │
 *     frame ◀── TTHeader ◀── reply or exception ◀── in order, or as they are done ◀────────────────────┘
 *
 * Nothing of a call is decoded before it is known that it can be taken. A handler that answers at once is answered at
 * once: no promise is made.
 */

import type { Duplex } from "node:stream";
import type { ReceivedHeader } from "../../codec/message/service.js";
import { DeadlineError, type DecodeError, ThriftError, TransportError } from "../../errors.js";
import { ApplicationErrorType } from "../../protocol/message.js";
import { messageEndFinder } from "../../protocol/message-end.js";
import type { BufferBudget } from "../../transport/budget.js";
import { verifyChecksum } from "../../transport/checksum.js";
import { Connection, type ConnectionHandler } from "../../transport/connection.js";
import { encodeControlFrame } from "../../transport/control.js";
import type { PeerInfo } from "../../transport/listener.js";
import { badInput, type Peer } from "../../transport/peer.js";
import type { Frame } from "../../transport/reassembly.js";
import { timers } from "../../transport/timer-wheel.js";
import { Flag, StringKey } from "../../transport/ttheader-keys.js";
import { decodeTTHeader, LastInfo } from "../../transport/ttheader-read.js";
import { eventChannel } from "../events.js";
import type { Answers, Destination } from "./answers.js";
import { echo, readNamelessCall } from "./bad-header.js";
import { RequestContext } from "./context.js";
import type { Endpoint } from "./endpoint.js";
import { type Failure, malformed, refused } from "./failure.js";
import { invoke } from "./invoke.js";
import type { Load } from "./load.js";
import { isObserved, Observation } from "./observation.js";
import type { ResolvedServerOptions } from "./options.js";
import { PerMinute } from "./per-minute.js";
import type { Outgoing } from "./reply.js";
import { ReplyOrder } from "./reply-order.js";
import type { NoRoute, Routes } from "./routes.js";
import { RunningCall } from "./running-call.js";
import { openRequest, PLAIN_WAYS, type Way } from "./way.js";

/** What all connections of a server share. */
export interface SessionSetup {
  readonly options: ResolvedServerOptions;
  readonly routes: Routes;
  readonly answers: Answers;
  readonly load: Load;
  readonly budget: BufferBudget;
  /** A connection is over. */
  readonly onClosed: (session: Session, error: TransportError | undefined) => void;
}

/** The exception of Kitex for a service that there is not. */
const UNKNOWN_SERVICE = 20;

/** Milliseconds without a request after which a peer of a server that is being closed is taken to have none. */
const QUIET_MS = 100;

const reads = eventChannel("server.read");

export class Session implements ConnectionHandler {
  readonly #setup: SessionSetup;
  readonly #from: PeerInfo;
  readonly #peer: Peer;
  readonly #connection: Connection;
  readonly #lastInfo = new LastInfo();
  readonly #order = new ReplyOrder((outgoing) => this.#send(outgoing));
  readonly #running = new Set<RunningCall>();
  readonly #malformed = new PerMinute();
  readonly #unknownMethods = new PerMinute();
  /** Calls whose peers wait for an answer. */
  #unanswered = 0;
  /** Whether the peer says that it has several calls on the connection, and so knows control frames. */
  #isMultiplexed = false;
  /** `"refusing"`: calls are answered with DRAINING. `"leaving"`: nothing more is read. Both end with the last answer. */
  #state: "open" | "refusing" | "leaving" | "closed" = "open";
  #hasPeerEnded = false;
  /** Whether a call was answered with DRAINING: the peer knows, and sends no more. */
  #hasRefused = false;
  /** Frames that had arrived when the peer was last looked at on the way to be closed. */
  #framesBefore = -1;
  #isPaused = false;

  constructor(setup: SessionSetup, socket: Duplex, from: PeerInfo) {
    const { limits, codec } = setup.options;
    this.#setup = setup;
    this.#from = from;
    this.#peer = { address: from.address, limits };
    const findEnd = messageEndFinder({ limits, strictRead: codec.strictRead ?? true });
    this.#connection = new Connection(socket, this.#peer, this, { findEnd, budget: setup.budget });
  }

  get isMultiplexed(): boolean {
    return this.#isMultiplexed;
  }

  // What the connection says.

  onFrame(frame: Frame): void {
    if (reads.hasSubscribers) reads.publish({ address: this.#from.address, bytes: frame.bytes.length });
    if (frame.transport === "ttheader") this.#onTTHeader(frame.bytes);
    else this.#onMessage(PLAIN_WAYS[frame.transport][frame.protocol!], frame.bytes);
  }

  onClose(error: TransportError | undefined): void {
    this.#state = "closed";
    this.#unanswered = 0;
    const { address } = this.#peer;
    const reason = error ?? new TransportError({ address, executed: "maybe" }, "the caller closed the connection");
    for (const running of this.#running) {
      running.isAnswered = true;
      running.context.abort(reason);
    }
    this.#setup.onClosed(this, error);
  }

  onDrain(): void {
    this.#updateReading();
  }

  /** A peer that has sent its last request may still wait for replies. */
  onEnd(): void {
    this.#hasPeerEnded = true;
    this.#endIfDone();
  }

  onIdle(): void {
    if (this.#running.size === 0) this.#connection.end();
  }

  // What the server says, on its way to be closed.

  /** Tells a peer that has several calls on the connection to send no more. Others read it in their replies. */
  announceReset(): void {
    this.#framesBefore = this.#connection.receivedFrames;
    if (this.#isMultiplexed) this.#connection.send(encodeControlFrame(this.#peer));
  }

  /**
   * Answers what is running, refuses what still comes, and then ends. A peer that is about to send its next request must
   * not find the connection closed: it could not tell whether that was run. So the end comes behind a refusal, or when
   * the peer has been quiet.
   */
  refuse(): void {
    if (this.#state !== "open") return;
    this.#state = "refusing";
    this.#endWhenQuiet();
  }

  readonly #endWhenQuiet = (): void => {
    if (this.#state !== "refusing") return;
    const { receivedFrames } = this.#connection;
    if (receivedFrames === this.#framesBefore && this.#unanswered === 0) return this.#connection.end();
    this.#framesBefore = receivedFrames;
    timers.add(QUIET_MS, this.#endWhenQuiet);
  };

  /** Tells handlers that their time is over. */
  abort(reason: Error): void {
    for (const running of this.#running) running.context.abort(reason);
  }

  /** Answers what is still running in place of its handlers, and ends. @returns how many calls that were. */
  giveUp(why: string): number {
    let count = 0;
    for (const running of this.#running) {
      if (running.isAnswered) continue;
      count++;
      this.#guard(() => this.#answer(running, this.#exception(running.context, refused("aborted", why))));
    }
    this.#connection.end();
    return count;
  }

  // Requests.

  #onTTHeader(frame: Uint8Array): void {
    const opened = decodeTTHeader(frame, this.#peer, this.#lastInfo);
    const { way, message } = openRequest(opened, this.#peer);
    if ((opened.header.flags & Flag.OUT_OF_ORDER) !== 0) this.#isMultiplexed = true;
    try {
      verifyChecksum(opened.header, opened.payload, this.#peer);
    } catch {
      const header = this.#readHeader(way, message);
      if (header !== undefined)
        this.#onMalformed(way, header, "expected the payload that the checksum is of, found another");
      return;
    }
    this.#onMessage(way, message);
  }

  #onMessage(way: Way, message: Uint8Array): void {
    const header = this.#readHeader(way, message);
    if (header === undefined) return;
    const found = this.#setup.routes.find(header.name, way.header?.strings.get(StringKey.IDL_SERVICE_NAME));
    if (!("handler" in found)) return this.#onNoRoute(way, header, found);
    const refusal = this.#refusal();
    if (refusal === undefined) return this.#start(found, way, header, message);
    if (found.method.oneway) return;
    this.#hasRefused = this.#state === "refusing";
    this.#reply(way, this.#exception(destinationOf(way, header, found), refusal));
    this.#endIfDone();
  }

  /**
   * @returns undefined when the message was answered already.
   * @throws what ends the connection: after bytes that are no call there is no telling what the peer expects.
   */
  #readHeader(way: Way, message: Uint8Array): ReceivedHeader | undefined {
    const { codecs } = this.#setup.routes;
    let header: ReceivedHeader;
    try {
      header = codecs[way.protocol].readHeader(message);
    } catch (error) {
      const { strictRead = true } = this.#setup.options.codec;
      const nameless = readNamelessCall(message, way.protocol, strictRead);
      if (nameless === undefined) throw this.#notACall(error as ThriftError);
      this.#onMalformed(
        way,
        { ...nameless, type: "call" },
        "expected a method name within maxNameBytes, found another",
      );
      return undefined;
    }
    if (header.type === "call" || header.type === "oneway") return header;
    throw this.#notACall();
  }

  #notACall(cause?: ThriftError): TransportError {
    const code = cause?.code ?? "ERR_THRIFT_INVALID_DATA";
    return badInput(this.#peer, code, "expected a call, found another message", { cause });
  }

  #onNoRoute(way: Way, { type, seqid }: ReceivedHeader, { isServiceUnknown, methodName }: NoRoute): void {
    const { maxUnknownMethodsPerMinute } = this.#setup.options.limits;
    if (this.#unknownMethods.exceeds(maxUnknownMethodsPerMinute)) this.#leave();
    if (type === "oneway") return this.#endIfDone();
    const failure = isServiceUnknown
      ? { typeId: UNKNOWN_SERVICE, message: "unknown service" }
      : { typeId: ApplicationErrorType.UNKNOWN_METHOD, message: "unknown method" };
    this.#reply(way, this.#exception({ way, name: echo(methodName), seqid }, failure));
    this.#endIfDone();
  }

  #onMalformed(way: Way, { type, name, seqid }: Pick<ReceivedHeader, "type" | "name" | "seqid">, reason: string): void {
    if (this.#malformed.exceeds(this.#setup.options.limits.maxMalformedPerMinute)) this.#leave();
    if (type === "call")
      this.#reply(way, this.#exception({ way, name, seqid }, malformed(reason, this.#setup.options)));
    this.#endIfDone();
  }

  /** @returns why no call can be taken now. */
  #refusal(): Failure | undefined {
    if (this.#state === "refusing") return refused("draining", "the server is about to close");
    const { overload } = this.#setup.load;
    return overload === undefined ? undefined : refused("overloaded", overload);
  }

  // Calls.

  #start(endpoint: Endpoint, way: Way, header: ReceivedHeader, message: Uint8Array): void {
    const context = new RequestContext(endpoint, way, header.seqid, this.#from);
    const observation = isObserved() ? new Observation(context) : undefined;
    if (!this.#isAllowed(context)) return this.#forbid(context, observation);
    let args: Record<string, unknown>;
    try {
      args = endpoint.codecs[way.protocol].decodeArgs(message, header);
    } catch (error) {
      observation?.decoded(error);
      const type = endpoint.method.oneway ? "oneway" : "call";
      this.#onMalformed(way, { type, name: context.name, seqid: header.seqid }, (error as DecodeError).message);
      return observation?.finished(error);
    }
    observation?.decoded();
    let result: unknown;
    let isPromise: boolean;
    try {
      result = invoke(context, args, this.#setup.options.middleware);
      isPromise = isThenable(result);
    } catch (error) {
      return this.#finishNow(context, observation, { error });
    }
    if (isPromise) this.#wait(context, observation, result);
    else if (observation === undefined && !endpoint.method.oneway) this.#reply(way, this.#result(context, result));
    else this.#finishNow(context, observation, { result });
  }

  #isAllowed(context: RequestContext): boolean {
    const { authorize, log } = this.#setup.options;
    if (authorize === undefined) return true;
    try {
      // Not what is like true: a promise is.
      return (authorize(context.toAccessRequest()) as unknown) === true;
    } catch (error) {
      log({ level: "error", message: "authorize() failed", method: context.endpoint.path, error });
      return false;
    }
  }

  #forbid(context: RequestContext, observation: Observation | undefined): void {
    const { way, method, endpoint } = context;
    const why = "the caller may not call the method";
    if (!method.oneway) this.#reply(way, this.#exception(context, refused("forbidden", why)));
    observation?.finished(new ThriftError("ERR_THRIFT_FORBIDDEN", `${endpoint.path}: ${why}`));
  }

  /** The handler has returned or thrown at once. */
  #finishNow(context: RequestContext, observation: Observation | undefined, outcome: Outcome): void {
    const error = observe(observation, outcome);
    if (!context.method.oneway) {
      const outgoing = this.#outgoing(context, outcome);
      this.#reply(context.way, outgoing);
      observation?.written(outgoing.message.length);
    } else if ("error" in outcome) {
      this.#logOneway(context, outcome.error);
    }
    observation?.finished(error);
  }

  /** The handler has returned a promise. */
  #wait(context: RequestContext, observation: Observation | undefined, promise: unknown): void {
    const { options, load } = this.#setup;
    const { oneway } = context.method;
    const turn = oneway || this.#isOutOfOrder(context.way) ? undefined : this.#order.add();
    const running = new RunningCall(context, turn, observation);
    this.#running.add(running);
    load.begin();
    if (!oneway) this.#unanswered++;
    const timeoutMs = Math.min(options.handlerTimeoutMs, context.deadline?.remainingMs() ?? Infinity);
    if (timeoutMs !== Infinity)
      running.timer = timers.add(timeoutMs, (late: RunningCall) => this.#onTimeout(late), running);
    if (this.#running.size >= options.limits.maxInFlightPerConnection) this.#updateReading();
    // A promise of the language is taken as it is; whatever else has a `then` is made to settle once.
    Promise.resolve(promise).then(
      (result: unknown) => this.#onSettled(running, { result }),
      (error: unknown) => this.#onSettled(running, { error }),
    );
  }

  #onSettled(running: RunningCall, outcome: Outcome): void {
    if (running.isOver) return;
    this.#release(running);
    const { context, observation } = running;
    const error = observe(observation, outcome);
    this.#guard(() => {
      if (!running.isAnswered) this.#answer(running, this.#outgoing(context, outcome));
      else if (context.method.oneway && "error" in outcome) this.#logOneway(context, outcome.error);
      this.#updateReading();
    });
    observation?.finished(error);
  }

  /** The call has taken too long: it is answered in place of its handler, which may take room for as long again. */
  #onTimeout(running: RunningCall): void {
    const { context, observation } = running;
    const { handlerTimeoutMs } = this.#setup.options;
    const timeoutMs = Math.min(handlerTimeoutMs, context.deadline?.timeoutMs ?? Infinity);
    const error = new DeadlineError({ timeoutMs, executed: "maybe" }, "the handler did not answer in time");
    if (handlerTimeoutMs !== Infinity) running.timer = timers.add(handlerTimeoutMs, this.#lose, running);
    context.abort(error);
    const failure = refused("timeout", "the handler did not answer in time");
    if (!running.isAnswered) this.#guard(() => this.#answer(running, this.#lateAnswer(context, failure)));
    observation?.finished(error);
  }

  /** Where a caller has stopped waiting and may have other calls on the connection, a reply would be one to nothing. */
  #lateAnswer(context: RequestContext, failure: Failure): Outgoing | undefined {
    const isAwaited = context.deadline === undefined || context.deadline.remainingMs() > 0;
    return isAwaited || !this.#isOutOfOrder(context.way) ? this.#exception(context, failure) : undefined;
  }

  /** A handler that never settles must not take room for ever. */
  readonly #lose = (running: RunningCall): void => {
    const { path } = running.context.endpoint;
    this.#setup.options.log({ level: "error", message: "a handler has not settled and was given up", method: path });
    this.#release(running);
    this.#updateReading();
  };

  #release(running: RunningCall): void {
    running.isOver = true;
    timers.cancel(running.timer);
    this.#running.delete(running);
    this.#setup.load.end();
  }

  #logOneway(context: RequestContext, error: unknown): void {
    this.#setup.options.log({ level: "error", message: "a handler failed", method: context.endpoint.path, error });
  }

  // Replies.

  #outgoing(context: RequestContext, outcome: Outcome): Outgoing {
    return "error" in outcome
      ? this.#setup.answers.error(context, outcome.error, this.#peer)
      : this.#result(context, outcome.result);
  }

  #result(context: RequestContext, result: unknown): Outgoing {
    return this.#setup.answers.result(context, result, this.#peer);
  }

  #exception(destination: Destination, failure: Failure): Outgoing {
    return this.#setup.answers.exception(destination, failure, this.#peer);
  }

  /** Replies to a call that was done at once. */
  #reply(way: Way, outgoing: Outgoing): void {
    if (this.#order.isEmpty || this.#isOutOfOrder(way)) this.#send(outgoing);
    else this.#order.complete(this.#order.add(), outgoing);
    if (this.#waitingBytes > this.#peer.limits.writeHighWaterBytes) this.#updateReading();
  }

  /** Replies to a call that was waited for; `undefined` when it gets no reply. */
  #answer(running: RunningCall, outgoing: Outgoing | undefined): void {
    running.isAnswered = true;
    this.#unanswered--;
    if (running.turn !== undefined) this.#order.complete(running.turn, outgoing);
    else if (outgoing !== undefined) this.#send(outgoing);
    if (outgoing !== undefined) running.observation?.written(outgoing.message.length);
    this.#endIfDone();
  }

  #send({ message, prefix, isFramed }: Outgoing): void {
    if (isFramed) this.#connection.sendFramed(message);
    else this.#connection.send(message, prefix);
  }

  #isOutOfOrder({ header }: Way): boolean {
    return header !== undefined && ((header.flags & Flag.OUT_OF_ORDER) !== 0 || this.#setup.options.outOfOrder);
  }

  // The connection.

  /** Bytes of replies that the peer has not taken, or cannot have before others. */
  get #waitingBytes(): number {
    return this.#connection.unsentBytes + this.#order.heldBytes;
  }

  /** Makes the peer wait while it has as much on the way as it may. */
  #updateReading(): void {
    const { maxInFlightPerConnection, writeHighWaterBytes } = this.#setup.options.limits;
    const mustWait =
      this.#state === "leaving" ||
      this.#running.size >= maxInFlightPerConnection ||
      this.#waitingBytes > writeHighWaterBytes;
    if (mustWait === this.#isPaused) return;
    this.#isPaused = mustWait;
    if (mustWait) this.#connection.pause();
    else this.#connection.resume();
  }

  /** The peer has done something too often: it gets its answers, and nothing more is taken from it. */
  #leave(): void {
    this.#state = "leaving";
    this.#updateReading();
    const { address } = this.#peer;
    this.#setup.options.log({ level: "warn", message: "a peer sent too much that cannot be served", address });
  }

  #endIfDone(): void {
    if (this.#unanswered > 0) return;
    if (this.#hasPeerEnded || this.#hasRefused || this.#state === "leaving") this.#connection.end();
  }

  /** What goes wrong outside of the calls of the connection ends it, as it would inside. */
  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      const { address } = this.#peer;
      const cause = error as Error;
      this.#connection.destroy(
        cause instanceof TransportError
          ? cause
          : new TransportError({ address, executed: "maybe" }, "a reply could not be made", { cause }),
      );
    }
  }
}

/** How a call ended. */
type Outcome = { readonly result: unknown } | { readonly error: unknown };

/** Tells listeners how the handler did. @returns the error for them, which is one even where nothing was thrown as error. */
function observe(observation: Observation | undefined, outcome: Outcome): unknown {
  if (observation === undefined) return undefined;
  const error = "error" in outcome ? (outcome.error ?? new Error("a handler threw nothing")) : undefined;
  observation.handled(error);
  return error;
}

function destinationOf(way: Way, { seqid }: ReceivedHeader, endpoint: Endpoint): Destination {
  return { way, name: endpoint.method.name, seqid };
}

function isThenable(result: unknown): boolean {
  return typeof result === "object" && result !== null && typeof (result as { then?: unknown }).then === "function";
}
