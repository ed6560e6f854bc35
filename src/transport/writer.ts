/**
 * The way out of one connection: what is sent in one turn of the event loop leaves together.
 *
 *     add     | a | b | LARGE | c |            messages wait as they are
 *     flush   | 4 a 4 b | LARGE | 4 c |        small ones are joined, with what stands in front of them; large ones are not copied
 *     socket  one write at a time; what is added meanwhile leaves with the next
 *
 * A system call costs more than encoding a small message, so joining them decides how fast calls are. Measured with frames
 * of 100 bytes, 32 in flight on one connection, as frames for each second of processor time: joined into one piece at the
 * next tick 1.38 million, as several pieces of one system call 0.98, written at once 0.99. setImmediate and queueMicrotask are
 * level with nextTick there, but the one makes a lone call wait and the other leaves before calls made by later promises.
 */

import type { Duplex } from "node:stream";
import { LENGTH_BYTES, writeUint32 } from "./framed.js";

/** Messages from this size on are not copied: a system call takes several pieces at once. */
const LARGE_BYTES = 16 * 1024;

/**
 * So many do not wait for the end of the turn: the peer works on them while the others are made, where it would else stand
 * idle. Both ends then make 1.6 times as many calls with 32 in flight on one connection, as with 128; with 64 instead of 16
 * it is 1.8 times with 128, and nothing with 32.
 */
const MANY_MESSAGES = 16;

/** Bytes that are given to the socket at once, so that a slow peer can be seen to make progress. */
const MAX_WRITE_BYTES = 256 * 1024;

const NO_BYTES = new Uint8Array(0);

/** Stands for the length of the message behind it. */
const LENGTH_PREFIX = new Uint8Array(LENGTH_BYTES);

/** Gathers and sends what goes out on one socket. */
export class Writer {
  readonly #socket: Duplex;
  readonly #onProgress: () => void;
  #messages: Uint8Array[] = [];
  #prefixes: Uint8Array[] = [];
  /** Bytes of the write that the socket has not confirmed; 0 when there is none. */
  #writing = 0;
  #isScheduled = false;
  #onEnded: (() => void) | undefined;
  #queuedBytes = 0;
  #writtenBytes = 0;
  #sentBytes = 0;

  /** `onProgress` is called whenever the socket has taken something. */
  constructor(socket: Duplex, onProgress: () => void) {
    this.#socket = socket;
    this.#onProgress = onProgress;
  }

  /** All bytes that were ever added. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Those of them that were given to the socket: the peer cannot have seen what was added behind them. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /** Bytes that the socket has taken. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Bytes that it has not taken: many of them mean that the peer does not read. */
  get unsentBytes(): number {
    return this.#queuedBytes - this.#sentBytes;
  }

  /** The bytes are not copied yet: they must stay what they are until they are sent. */
  add(message: Uint8Array, prefix: Uint8Array = NO_BYTES): void {
    this.#queuedBytes += prefix.length + message.length;
    let rest = message;
    let before = prefix;
    for (; rest.length > MAX_WRITE_BYTES; rest = rest.subarray(MAX_WRITE_BYTES)) {
      this.#push(rest.subarray(0, MAX_WRITE_BYTES), before);
      before = NO_BYTES;
    }
    this.#push(rest, before);
    if (this.#messages.length >= MANY_MESSAGES) this.flush();
  }

  /** Adds a message with its length in front. */
  addFramed(message: Uint8Array): void {
    if (message.length <= MAX_WRITE_BYTES) return this.add(message, LENGTH_PREFIX);
    const length = Buffer.allocUnsafe(LENGTH_BYTES);
    writeUint32(length, 0, message.length);
    this.add(message, length);
  }

  /** Sends what waits when this turn of the event loop ends. */
  flushSoon(): void {
    if (this.#isScheduled || this.#writing > 0 || this.#messages.length === 0) return;
    this.#isScheduled = true;
    process.nextTick(this.#onTurnEnd);
  }

  /** Sends what waits now, or as soon as the socket has taken what was sent before. */
  flush(): void {
    if (this.#writing > 0 || this.#socket.destroyed) return;
    if (this.#messages.length > 0) return this.#write(this.#take());
    if (this.#onEnded !== undefined && !this.#socket.writableEnded) this.#socket.end(this.#onEnded);
  }

  /** Ends the writing side of the socket once all is written, and calls back then. Nothing may be added afterwards. */
  end(onEnded: () => void): void {
    this.#onEnded = onEnded;
    this.flush();
  }

  /** Forgets what waits. */
  destroy(): void {
    this.#messages = [];
    this.#prefixes = [];
  }

  #push(message: Uint8Array, prefix: Uint8Array): void {
    this.#messages.push(message);
    this.#prefixes.push(prefix);
  }

  readonly #onTurnEnd = (): void => {
    this.#isScheduled = false;
    this.flush();
  };

  #write(pieces: Uint8Array[]): void {
    for (const piece of pieces) this.#writing += piece.length;
    this.#writtenBytes += this.#writing;
    const last = pieces.length - 1;
    if (last === 0) {
      this.#socket.write(pieces[0], this.#onWritten);
      return;
    }
    this.#socket.cork();
    for (let i = 0; i < last; i++) this.#socket.write(pieces[i]);
    this.#socket.write(pieces[last], this.#onWritten);
    this.#socket.uncork();
  }

  readonly #onWritten = (error?: Error | null): void => {
    // A socket that fails says so itself.
    if (error instanceof Error) return;
    this.#sentBytes += this.#writing;
    this.#writing = 0;
    this.#onProgress();
    this.flush();
  };

  /** Takes the messages of one write off the queue. */
  #take(): Uint8Array[] {
    const count = this.#countOfOneWrite();
    const pieces: Uint8Array[] = [];
    let start = 0;
    for (let i = 0; i < count; i++) {
      if (this.#messages[i].length < LARGE_BYTES) continue;
      // What stands in front of a large message goes with the small ones before it.
      const before = this.#join(start, i, this.#prefixes[i]);
      if (before.length > 0) pieces.push(before);
      pieces.push(this.#messages[i]);
      start = i + 1;
    }
    if (start < count) pieces.push(this.#join(start, count, NO_BYTES));
    this.#drop(count);
    return pieces;
  }

  #countOfOneWrite(): number {
    let bytes = 0;
    for (let i = 0; i < this.#messages.length; i++) {
      bytes += this.#prefixes[i].length + this.#messages[i].length;
      if (bytes > MAX_WRITE_BYTES && i > 0) return i;
    }
    return this.#messages.length;
  }

  /** Copies some messages, with what stands in front of them and what is to stand behind them, into one piece. */
  #join(start: number, end: number, suffix: Uint8Array): Uint8Array {
    if (end - start === 1 && this.#prefixes[start].length === 0 && suffix.length === 0) return this.#messages[start];
    let bytes = suffix.length;
    for (let i = start; i < end; i++) bytes += this.#prefixes[i].length + this.#messages[i].length;
    const joined = Buffer.allocUnsafe(bytes);
    let offset = 0;
    for (let i = start; i < end; i++) {
      const message = this.#messages[i];
      offset = this.#copyPrefix(joined, offset, i);
      joined.set(message, offset);
      offset += message.length;
    }
    if (suffix.length > 0) this.#copyPrefix(joined, offset, end);
    return joined;
  }

  #copyPrefix(target: Uint8Array, offset: number, index: number): number {
    const prefix = this.#prefixes[index];
    if (prefix === LENGTH_PREFIX) writeUint32(target, offset, this.#messages[index].length);
    else if (prefix.length > 0) target.set(prefix, offset);
    return offset + prefix.length;
  }

  #drop(count: number): void {
    if (count === this.#messages.length) {
      this.#messages.length = 0;
      this.#prefixes.length = 0;
      return;
    }
    this.#messages = this.#messages.slice(count);
    this.#prefixes = this.#prefixes.slice(count);
  }
}
