/**
 * Replies in the order of their requests, for peers that tell them apart by nothing else: calls run side by side, and
 * what is done too early waits.
 *
 *     requests   1   2   3          1 is running: 2 and 3 are held
 *     replies    .   2   3          1 is done: 1, 2 and 3 leave
 */

import type { Outgoing } from "./reply.js";

/** The place of one reply. */
export interface Turn {
  /** Undefined while the call runs, and for a reply that is not to be sent. */
  outgoing: Outgoing | undefined;
  isDone: boolean;
  next: Turn | undefined;
}

/** The replies that one connection owes. */
export class ReplyOrder {
  readonly #send: (outgoing: Outgoing) => void;
  #first: Turn | undefined;
  #last: Turn | undefined;
  #heldBytes = 0;

  constructor(send: (outgoing: Outgoing) => void) {
    this.#send = send;
  }

  /** Whether a reply may leave at once. */
  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** Bytes of replies that wait for others. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Takes the next place. */
  add(): Turn {
    const turn: Turn = { outgoing: undefined, isDone: false, next: undefined };
    if (this.#last === undefined) this.#first = turn;
    else this.#last.next = turn;
    this.#last = turn;
    return turn;
  }

  /** Gives the reply for a place, undefined for none: it leaves as soon as all before it have. */
  complete(turn: Turn, outgoing: Outgoing | undefined): void {
    turn.outgoing = outgoing;
    turn.isDone = true;
    this.#heldBytes += outgoing?.message.length ?? 0;
    for (let first = this.#first; first?.isDone === true; first = this.#first) {
      this.#first = first.next;
      if (first.next === undefined) this.#last = undefined;
      this.#heldBytes -= first.outgoing?.message.length ?? 0;
      if (first.outgoing !== undefined) this.#send(first.outgoing);
    }
  }
}
