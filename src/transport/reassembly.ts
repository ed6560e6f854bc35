/**
 * Cuts the bytes of one connection into frames, whatever the pieces they come in.
 *
 *     chunk   | frame | frame | fra          ──▶ two views of the chunk; "fra" is copied
 *     chunk   me | frame |                   ──▶ "me" is copied behind it, a view of that; a view of the chunk
 *
 * A frame that arrives whole is never copied. One that does not is gathered in memory of its own, which grows with what
 * has arrived and not with what the peer declares. Each byte is copied a bounded number of times however it trickles in,
 * and no memory that was handed out is written to again.
 */

import { type Detected, detect, JUNK, type WireProtocol } from "./detect.js";
import { LENGTH_BYTES, readFrameLength } from "./framed.js";
import { badInput, type Peer } from "./peer.js";
import { viewOf } from "./view.js";

/** One frame, or one message that came without. */
export interface Frame {
  readonly transport: "framed" | "buffered" | "ttheader";
  /** By the first bytes; undefined behind a TTHeader, where `openPayload` tells. */
  readonly protocol: WireProtocol | undefined;
  /**
   * The bytes without the length in front: a message, or what `decodeTTHeader` takes. They stay what they are for as
   * long as they are held. Not to be written to: their memory may be that of frames around them, too.
   */
  readonly bytes: Uint8Array;
}

/**
 * Finds the end of a message that has no length.
 *
 * `message` is all that has arrived since its start, and possibly more messages behind it. The first `seen` bytes were
 * shown before: 0 at the start of a message, else a finder that remembers where it was may go on from there. The bytes
 * are the same, but may have moved.
 *
 * @returns the length of the message, 1 or more; undefined while it is not all there.
 * @throws anything when the bytes cannot be a message.
 */
export type FindEnd = (message: Uint8Array, seen: number, protocol: WireProtocol) => number | undefined;

/** Memory that a frame is first given, unless it is smaller or more of it has arrived. */
const INITIAL_CAPACITY = 16 * 1024;

/** Enough to tell what anything is. No frame is shorter with its length, so no byte of the next is among them. */
const HEAD_BYTES = 8;

/** Enough to tell what comes without a length, and less than any such message. */
const SHORT_HEAD_BYTES = 4;

const NO_BYTES = new Uint8Array(0);

/** The receive buffer of one connection. */
export class Reassembly {
  readonly #peer: Peer;
  readonly #findEnd: FindEnd | undefined;
  #chunk = NO_BYTES;
  #position = 0;
  #waiting: Uint8Array[] = [];
  /** The start of a frame whose rest has not arrived. */
  #partial = NO_BYTES;
  #filled = 0;
  /** What the partial frame is; undefined while there is too little of it to tell. */
  #detected: Detected | undefined;
  /** Bytes of the partial frame with its length; 0 when only reading it will tell. */
  #total = 0;
  /** Bytes of the partial message that the finder was shown. */
  #seen = 0;
  #failure: unknown;

  /** Without a finder, a message without a frame is an error. */
  constructor(peer: Peer, findEnd?: FindEnd) {
    this.#peer = peer;
    this.#findEnd = findEnd;
  }

  /** Bytes that have arrived of a frame that is not all there: more than 0 for long means a slow or lost peer. */
  get partialBytes(): number {
    return this.#filled;
  }

  /** Bytes of memory that are held for a frame that is not all there: what counts towards a cap over all connections. */
  get heldBytes(): number {
    return this.#partial.length;
  }

  /** Whether there are bytes that no frame was made of yet. */
  get hasMore(): boolean {
    return this.#position < this.#chunk.length || this.#waiting.length > 0;
  }

  /** Takes the next piece from the connection. It belongs to the reassembly and the frames in it from then on. */
  push(chunk: Uint8Array): void {
    if (this.#failure === undefined && chunk.length > 0) this.#waiting.push(chunk);
  }

  /**
   * @returns the next frame, undefined when none is all there.
   * @throws TransportError on bytes that are no frame, and the same again ever after: there is no telling where another starts.
   */
  next(): Frame | undefined {
    if (this.#failure !== undefined) throw this.#failure as Error;
    try {
      while (this.#position < this.#chunk.length || this.#takeWaiting()) {
        const frame = this.#filled === 0 ? this.#readWhole() : this.#readRest();
        if (frame !== undefined) return frame;
      }
      return undefined;
    } catch (error) {
      this.#failure = error;
      this.#waiting = [];
      this.#setChunk(NO_BYTES);
      this.#dropPartial();
      throw error;
    }
  }

  /**
   * Says that the connection has ended, after the last frame was taken.
   *
   * @throws TransportError TRUNCATED when it ended within a frame.
   */
  end(): void {
    if (this.#filled === 0) return;
    throw badInput(this.#peer, "ERR_THRIFT_TRUNCATED", "expected the rest of a frame, found the end of the connection");
  }

  /** Lets go of a chunk that is read, which an idle connection would otherwise keep alive. */
  #takeWaiting(): boolean {
    const chunk = this.#waiting.shift();
    this.#setChunk(chunk ?? NO_BYTES);
    return chunk !== undefined;
  }

  #setChunk(chunk: Uint8Array): void {
    this.#chunk = chunk as Uint8Array<ArrayBuffer>;
    this.#position = 0;
  }

  /** Starts on a frame. @returns it when the chunk has all of it; otherwise the chunk is used up. */
  #readWhole(): Frame | undefined {
    const start = this.#position;
    const end = this.#chunk.length;
    const detected = this.#detect(this.#chunk, start, end);
    if (detected?.transport === "buffered") return this.#findIn(detected, 0);
    const total = detected === undefined ? 0 : LENGTH_BYTES + readFrameLength(this.#chunk, start, this.#peer);
    if (detected !== undefined && total <= end - start) {
      this.#position = start + total;
      return frameOf(detected, viewOf(this.#chunk, start + LENGTH_BYTES, this.#position));
    }
    this.#detected = detected;
    this.#total = total;
    this.#append(end - start);
    return undefined;
  }

  /** Goes on with the partial frame. */
  #readRest(): Frame | undefined {
    if (this.#detected === undefined) return this.#readHead();
    if (this.#detected.transport === "buffered") return this.#readMore(this.#detected);
    this.#append(Math.min(this.#total - this.#filled, this.#chunk.length - this.#position));
    if (this.#filled < this.#total) return undefined;
    const frame = frameOf(this.#detected, viewOf(this.#partial, LENGTH_BYTES, this.#total));
    this.#dropPartial();
    return frame;
  }

  /** Gathers no more bytes than surely belong to this frame, until it is clear what it is. */
  #readHead(): Frame | undefined {
    const needed = this.#filled < SHORT_HEAD_BYTES ? SHORT_HEAD_BYTES : HEAD_BYTES;
    this.#append(Math.min(needed - this.#filled, this.#chunk.length - this.#position));
    const detected = this.#detect(this.#partial, 0, this.#filled);
    if (detected === undefined) return undefined;
    this.#detected = detected;
    if (detected.transport === "buffered") return this.#readMore(detected);
    this.#total = LENGTH_BYTES + readFrameLength(this.#partial, 0, this.#peer);
    return this.#readRest();
  }

  /** Joins the rest of the chunk to the partial message, where its end is to be found. */
  #readMore(detected: Detected): Frame | undefined {
    this.#append(this.#chunk.length - this.#position);
    this.#setChunk(viewOf(this.#partial, 0, this.#filled));
    return this.#findIn(detected, this.#seen);
  }

  /** Looks for the end of a message that starts at the position in the chunk. */
  #findIn(detected: Detected, seen: number): Frame | undefined {
    const message = viewOf(this.#chunk, this.#position, this.#chunk.length);
    const length = this.#find(message, seen, detected.protocol!);
    if (length === undefined) {
      this.#detected = detected;
      this.#seen = message.length;
      if (this.#filled === 0) this.#append(message.length);
      this.#setChunk(NO_BYTES);
      return undefined;
    }
    this.#position += length;
    this.#dropPartial();
    return frameOf(detected, viewOf(message, 0, length));
  }

  #find(message: Uint8Array, seen: number, protocol: WireProtocol): number | undefined {
    if (this.#findEnd === undefined) {
      throw badInput(this.#peer, "ERR_THRIFT_BAD_FRAME", "expected a frame, found a message without one");
    }
    let length: number | undefined;
    try {
      length = this.#findEnd(message, seen, protocol);
    } catch (cause) {
      throw badInput(this.#peer, "ERR_THRIFT_INVALID_DATA", "expected a message, found bytes that cannot be one", {
        cause,
      });
    }
    if ((length ?? message.length + 1) > this.#peer.limits.maxMessageBytes) {
      throw badInput(this.#peer, "ERR_THRIFT_SIZE_LIMIT", "expected a message of at most maxMessageBytes, found more");
    }
    if (length !== undefined && !(length > 0 && length <= message.length)) {
      throw badInput(this.#peer, "ERR_THRIFT_INTERNAL", "expected the end of a message within it, found it elsewhere");
    }
    return length;
  }

  /** @returns what starts there; undefined while that cannot be told. */
  #detect(bytes: Uint8Array, start: number, end: number): Detected | undefined {
    const detected = detect(bytes, start, end, this.#peer.limits.maxFrameBytes);
    if (detected?.transport !== "foreign") return detected;
    // A length that cannot be is what junk mostly looks like.
    if (detected === JUNK) readFrameLength(bytes, start, this.#peer);
    throw badInput(this.#peer, "ERR_THRIFT_NOT_THRIFT", `expected Thrift, found ${detected.wording}`);
  }

  /** Moves bytes from the chunk to the end of the partial frame. */
  #append(count: number): void {
    const needed = this.#filled + count;
    if (needed > this.#partial.length) this.#grow(needed);
    this.#partial.set(this.#chunk.subarray(this.#position, this.#position + count), this.#filled);
    this.#filled = needed;
    this.#position += count;
  }

  /** Doubles, so that growing copies no more than twice the frame; up to what is declared, so that nothing is left over. */
  #grow(needed: number): void {
    const least = this.#total > 0 ? INITIAL_CAPACITY : HEAD_BYTES;
    const doubled = Math.max(needed, least, this.#partial.length * 2);
    const grown = Buffer.allocUnsafe(this.#total > 0 ? Math.min(this.#total, doubled) : doubled);
    grown.set(this.#partial.subarray(0, this.#filled));
    this.#partial = grown;
  }

  #dropPartial(): void {
    this.#partial = NO_BYTES;
    this.#filled = 0;
    this.#detected = undefined;
    this.#total = 0;
    this.#seen = 0;
  }
}

function frameOf({ transport, protocol }: Detected, bytes: Uint8Array): Frame {
  return { transport: transport as Frame["transport"], protocol, bytes };
}
