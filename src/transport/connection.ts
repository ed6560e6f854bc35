/**
 * One connection: bytes in become frames, messages become bytes out, and a peer that misbehaves costs only itself.
 *
 *     socket ──▶ reassembly ──▶ handler.onFrame        for at most 2 ms, then others have their turn
 *     socket ◀── writer     ◀── send                   what is sent in one turn leaves together
 *                supervision                           frames that stall, replies that nobody takes, silence
 */

import type { Duplex } from "node:stream";
import { TransportError } from "../errors.js";
import type { BufferBudget, BufferHolder } from "./budget.js";
import { checkOutgoingLength } from "./framed.js";
import type { Peer } from "./peer.js";
import { type FindEnd, type Frame, Reassembly } from "./reassembly.js";
import { type Supervised, Supervision } from "./supervision.js";
import { timers as sharedTimers, type Timer, type TimerWheel } from "./timer-wheel.js";
import { Writer } from "./writer.js";

/** What the owner of a connection is told. Called synchronously; what it throws ends this connection and nothing else. */
export interface ConnectionHandler {
  /** A frame, or a message without one, is all there. */
  onFrame(frame: Frame, connection: Connection): void;
  /** The connection is over: exactly once, and nothing is called afterwards. `undefined` when both ends closed in order. */
  onClose(error: TransportError | undefined, connection: Connection): void;
  /** The operating system has taken some of what was sent. */
  onSent?(connection: Connection): void;
  /** Less than `writeHighWaterBytes` wait to be sent, after it was more. */
  onDrain?(connection: Connection): void;
  /** The peer will send no more, but may still read. Without this the connection ends at once. */
  onEnd?(connection: Connection): void;
  /** No byte came or went for `idleTimeoutMs`; called again after as long again. Without this nothing happens. */
  onIdle?(connection: Connection): void;
}

/** What a connection may be given beside its peer, whose limits it follows. */
export interface ConnectionOptions {
  /** Finds the end of messages that come without a frame; without it they are an error. */
  readonly findEnd?: FindEnd | undefined;
  /** Bounds what all connections of a listener hold of frames that are not all there. */
  readonly budget?: BufferBudget | undefined;
  /** Milliseconds that the peer has to close after `end()`. Default 1,000. */
  readonly graceMs?: number | undefined;
  readonly timers?: TimerWheel | undefined;
}

/**
 * Milliseconds after which others have a turn. Frames are not counted: a server that may hand out 64 in a turn, while the
 * handlers of those keep the loop busy, lets the rest grow old in the socket, where it can neither refuse nor forget them.
 * Under three times the load that it could run it answered 7 % of its peak in time; by time alone it answers 97 %.
 */
const MAX_TURN_MS = 2;

const DEFAULT_GRACE_MS = 1000;

/** One socket, pipe or loopback, from the first byte to the last. */
export class Connection implements Supervised, BufferHolder {
  /** Who is at the other end, and the limits that hold. */
  readonly peer: Peer;
  readonly #socket: Duplex;
  readonly #handler: ConnectionHandler;
  readonly #options: ConnectionOptions;
  readonly #timers: TimerWheel;
  readonly #reassembly: Reassembly;
  readonly #writer: Writer;
  readonly #supervision: Supervision;
  #state: "open" | "ended" | "destroyed" | "closed" = "open";
  #error: TransportError | undefined;
  #receivedBytes = 0;
  #receivedFrames = 0;
  #isPaused = false;
  /** Whether the budget makes the peer wait. */
  #isHeldBack = false;
  /** Whether frames are being handed out right now. */
  #isReading = false;
  /** Whether that goes on by itself in a moment. */
  #willRead = false;
  #hasPeerEnded = false;
  /** Whether all was read that the peer has sent, and its end. */
  #hasReadAll = false;
  #isOverHighWater = false;
  #graceTimer: Timer | undefined;

  /** Takes the socket over, which must be connected. Nothing is called before the next turn of the event loop. */
  constructor(socket: Duplex, peer: Peer, handler: ConnectionHandler, options: ConnectionOptions = {}) {
    this.peer = peer;
    this.#socket = socket;
    this.#handler = handler;
    this.#options = options;
    this.#timers = options.timers ?? sharedTimers;
    this.#reassembly = new Reassembly(peer, options.findEnd);
    this.#writer = new Writer(socket, () => this.#onSent());
    this.#supervision = new Supervision(this, { timers: this.#timers, watchesIdle: handler.onIdle !== undefined });
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("end", () => this.#onPeerEnd());
    socket.on("error", (cause: Error) => this.destroy(this.#failure("the connection broke", cause)));
    socket.on("close", () => this.#onClose());
    socket.resume();
  }

  /** Whether messages may be sent and may be answered: false once either end has ended it. */
  get isOpen(): boolean {
    return this.#state === "open" && !this.#hasPeerEnded;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  get receivedFrames(): number {
    return this.#receivedFrames;
  }

  /** Bytes that have arrived of a frame that is not all there. */
  get partialBytes(): number {
    return this.#reassembly.partialBytes;
  }

  /** Bytes of memory that are held for a frame that is not all there. */
  get heldBytes(): number {
    return this.#reassembly.heldBytes;
  }

  /** All bytes that were ever sent, whether they have left or not. */
  get queuedBytes(): number {
    return this.#writer.queuedBytes;
  }

  /**
   * Those of `queuedBytes` that were given to the operating system. When a connection is lost, a message whose first byte
   * was queued at this count or later has not been seen by the peer.
   */
  get writtenBytes(): number {
    return this.#writer.writtenBytes;
  }

  /** Those of `queuedBytes` that the operating system has taken. */
  get sentBytes(): number {
    return this.#writer.sentBytes;
  }

  /** Those of `queuedBytes` that wait for the peer to read. */
  get unsentBytes(): number {
    return this.#writer.unsentBytes;
  }

  /** Whether reading has been stopped from this side. */
  get isHeldBack(): boolean {
    return this.#isPaused || this.#isHeldBack;
  }

  /**
   * Sends a message, behind what is to stand in front of it. It leaves at the end of this turn of the event loop at the
   * latest, together with what else is sent in it. Its bytes are not copied before and must not change. Without effect once the connection ended.
   */
  send(message: Uint8Array, prefix?: Uint8Array): void {
    if (!this.#maySend()) return;
    this.#writer.add(message, prefix);
    this.#onQueued();
  }

  /**
   * Sends a message in a frame, otherwise as {@link send} does.
   *
   * @throws TransportError BAD_FRAME on an empty message, SIZE_LIMIT on one of more than `maxFrameBytes`; nothing is sent then.
   */
  sendFramed(message: Uint8Array): void {
    checkOutgoingLength(message.length, this.peer);
    if (!this.#maySend()) return;
    this.#writer.addFramed(message);
    this.#onQueued();
  }

  /** Sends what waits now: for those who know that nothing else will be sent in this turn. */
  flush(): void {
    this.#writer.flush();
  }

  /** Hands out no more frames and soon reads no more, so that the peer has to wait. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Goes on where it was paused, later in this turn of the event loop. */
  resume(): void {
    this.#isPaused = false;
    this.#readSoon();
  }

  /** @internal Called by the budget. */
  holdBack(isHeldBack: boolean): void {
    this.#isHeldBack = isHeldBack;
    if (!isHeldBack) this.#readSoon();
  }

  /**
   * Sends what waits, then tells the peer that no more will come. What still arrives is thrown away. A peer that has not
   * closed the connection within the grace time is cut off.
   */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#writer.end(() => this.#onEnded());
    // Unread bytes would keep the end of the peer from being seen, and make the operating system reset the connection.
    this.#socket.resume();
  }

  /** Cuts the connection off; what waits is lost. `onClose` is called with the error, soon but not before this returns. */
  destroy(error?: TransportError): void {
    if (this.#state === "closed") return;
    this.#state = "destroyed";
    this.#error ??= error;
    this.#socket.destroy();
  }

  /** @internal */
  onStalled(error: TransportError): void {
    this.destroy(error);
  }

  /** @internal */
  onIdle(): void {
    this.#call(() => this.#handler.onIdle?.(this));
  }

  #onQueued(): void {
    if (this.#writer.unsentBytes >= this.peer.limits.writeHighWaterBytes) this.#isOverHighWater = true;
    this.#supervision.wake();
    // What is sent while frames are handed out leaves behind the last of them.
    if (!this.#isReading) this.#writer.flushSoon();
  }

  /** A peer that lets too much wait is cut off, but any one message may be sent. */
  #maySend(): boolean {
    if (this.#state !== "open") return false;
    if (this.#writer.unsentBytes <= this.peer.limits.maxUnsentBytes) return true;
    this.destroy(
      new TransportError(
        { address: this.peer.address, executed: "maybe", code: "ERR_THRIFT_SIZE_LIMIT" },
        "expected a peer that reads, found more than maxUnsentBytes waiting for it",
      ),
    );
    return false;
  }

  #onSent(): void {
    if (this.#handler.onSent !== undefined) this.#call(() => this.#handler.onSent?.(this));
    if (!this.#isOverHighWater || this.unsentBytes >= this.peer.limits.writeHighWaterBytes) return;
    this.#isOverHighWater = false;
    if (this.#state === "open") this.#call(() => this.#handler.onDrain?.(this));
  }

  #onData(chunk: Buffer): void {
    this.#receivedBytes += chunk.length;
    if (this.#state !== "open") return;
    this.#reassembly.push(chunk);
    if (this.#willRead || this.#isReading || this.isHeldBack) this.#socket.pause();
    else this.#read();
  }

  #readSoon(): void {
    if (this.#state !== "open" || this.#willRead || this.#isReading || this.isHeldBack) return;
    this.#willRead = true;
    process.nextTick(this.#readOn);
  }

  readonly #readOn = (): void => {
    this.#willRead = false;
    if (this.#state === "open" && !this.isHeldBack) this.#read();
  };

  #read(): void {
    this.#isReading = true;
    const isAllRead = this.#call(() => this.#handOut()) ?? false;
    this.#isReading = false;
    this.#afterReading(isAllRead);
    this.#writer.flush();
  }

  #afterReading(isAllRead: boolean): void {
    if (this.#state !== "open") return;
    this.#options.budget?.update(this, this.heldBytes);
    if (this.partialBytes > 0) this.#supervision.wake();
    if (!isAllRead) return;
    if (this.#hasPeerEnded) this.#call(() => this.#finishReading());
    else if (this.#socket.isPaused() && !this.isHeldBack) this.#socket.resume();
  }

  /** @returns whether no whole frame is left. */
  #handOut(): boolean {
    let endOfTurn = 0;
    for (;;) {
      const frame = this.#reassembly.next();
      if (frame === undefined) return true;
      // A frame that comes alone is not worth a look at the clock.
      if (endOfTurn === 0 && this.#reassembly.hasMore) endOfTurn = performance.now() + MAX_TURN_MS;
      this.#receivedFrames++;
      this.#handler.onFrame(frame, this);
      if (this.#state !== "open" || this.isHeldBack) return false;
      if (!this.#reassembly.hasMore || performance.now() < endOfTurn) continue;
      this.#willRead = true;
      setImmediate(this.#readOn);
      return false;
    }
  }

  /** The peer sends no more, but frames may be left to be handed out. */
  #onPeerEnd(): void {
    this.#hasPeerEnded = true;
    if (this.#state === "open" && !this.#isReading) this.#readSoon();
  }

  #finishReading(): void {
    if (this.#hasReadAll) return;
    this.#hasReadAll = true;
    this.#reassembly.end();
    if (this.#handler.onEnd === undefined) this.end();
    else this.#handler.onEnd(this);
  }

  #onEnded(): void {
    if (this.#hasPeerEnded || this.#state === "closed") return;
    const graceMs = this.#options.graceMs ?? DEFAULT_GRACE_MS;
    this.#graceTimer = this.#timers.add(graceMs, (socket: Duplex) => socket.destroy(), this.#socket);
  }

  #onClose(): void {
    if (this.#state === "closed") return;
    const isLost = this.#state === "open" && !this.#hasPeerEnded;
    this.#state = "closed";
    this.#timers.cancel(this.#graceTimer);
    this.#supervision.stop();
    this.#writer.destroy();
    this.#options.budget?.update(this, 0);
    if (isLost) this.#error ??= this.#failure("the connection was lost");
    this.#call(() => this.#handler.onClose(this.#error, this));
  }

  /** Runs code of the owner, or that meets bytes of the peer. What it throws ends the connection. */
  #call<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      this.destroy(
        error instanceof TransportError ? error : this.#failure("a handler of the connection failed", error),
      );
      return undefined;
    }
  }

  #failure(message: string, cause?: unknown): TransportError {
    const code = (cause as NodeJS.ErrnoException | undefined)?.code;
    const reason = typeof code === "string" ? ` (${code})` : "";
    return new TransportError({ address: this.peer.address, executed: "maybe" }, message + reason, { cause });
  }
}
