/** Ids of the requests of one connection. */

/** Ids of calls that nobody waits for which are remembered; their replies are late, not wrong. */
const MAX_ABANDONED = 10_000;

/** Gives out ids that no reply can be mistaken for. */
export class Seqids {
  readonly #pending: ReadonlyMap<number, unknown>;
  readonly #abandoned = new Set<number>();
  #last: number;

  /** @param pending the calls that wait, by their ids. */
  constructor(pending: ReadonlyMap<number, unknown>, last = 0) {
    this.#pending = pending;
    this.#last = last;
  }

  /** @returns a signed 32-bit integer other than 0, which Kitex keeps for control frames, that belongs to no other call. */
  next(): number {
    do this.#last = (this.#last + 1) | 0;
    while (this.#last === 0 || this.#pending.has(this.#last) || this.#abandoned.has(this.#last));
    return this.#last;
  }

  /** Says that nobody waits for the reply anymore, which may still come. */
  abandon(seqid: number): void {
    if (this.#abandoned.size >= MAX_ABANDONED) {
      const [oldest] = this.#abandoned;
      this.#abandoned.delete(oldest);
    }
    this.#abandoned.add(seqid);
  }

  /** @returns whether a reply is one that nobody waits for anymore. It is not expected another time. */
  isLate(seqid: number): boolean {
    return this.#abandoned.delete(seqid);
  }
}
