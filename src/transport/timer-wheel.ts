/**
 * All deadlines of a process on one timer.
 *
 *     slot   0     1     2         1023        a slot is 10 ms; a deadline further away than 10.24 s stays in
 *          [   ] [ t ] [   ] ... [ t t ]       its slot while the wheel goes round
 *
 * Adding and cancelling is O(1), which a setTimeout for each call is not. The timer sleeps until the first slot that is
 * taken, and does not keep the process alive unless somebody says that it must.
 */

const TICK_MS = 10;
const SLOTS = 1024;

/** One deadline; give it to `cancel`. */
export interface Timer {
  /** Whether the deadline is still to come. */
  readonly isPending: boolean;
}

/** A deadline as a link of the ring of its slot; the ring of a slot begins and ends with a link that is no deadline. */
class Entry<T> implements Timer {
  tick = 0;
  next: Entry<never> | undefined;
  previous: Entry<never> | undefined;
  readonly callback: (subject: T) => void;
  readonly subject: T;

  constructor(callback: (subject: T) => void, subject: T) {
    this.callback = callback;
    this.subject = subject;
  }

  get isPending(): boolean {
    return this.next !== undefined;
  }
}

type AnyEntry = Entry<never>;

/** Deadlines to within 10 ms, never early. Time is monotonic. */
export class TimerWheel {
  readonly #slots: (AnyEntry | undefined)[] = new Array<AnyEntry | undefined>(SLOTS).fill(undefined);
  /** What has expired and waits for the poll phase to pass. */
  readonly #expired = createRing();
  /** All ticks up to this one have been dealt with. */
  #tick = 0;
  #size = 0;
  #timeout: NodeJS.Timeout | undefined;
  /** When the timeout fires. */
  #wakeTick = Infinity;
  /** Those who wait for a deadline and for nothing else. */
  #holders = 0;

  /** Deadlines that are still to come. */
  get size(): number {
    return this.#size;
  }

  /**
   * Calls back once `delayMs` have passed, unless cancelled.
   *
   * What has expired is called one turn of the event loop later: after a loop that was blocked, replies that have long
   * been waiting in the kernel are read first, and cancel their deadlines.
   */
  add<T = undefined>(delayMs: number, callback: (subject: T) => void, subject?: T): Timer {
    const now = currentTick();
    if (this.#size === 0) this.#tick = Math.floor(now);
    const entry = new Entry(callback, subject as T) as unknown as AnyEntry;
    entry.tick = Math.max(Math.ceil(now + delayMs / TICK_MS), this.#tick + 1);
    const slot = entry.tick % SLOTS;
    link((this.#slots[slot] ??= createRing()), entry);
    this.#size++;
    // A wake that is overdue will not come when the clock was replaced, as tests do; after a loop that was blocked it costs nothing.
    if (entry.tick < this.#wakeTick || this.#wakeTick < now) this.#sleepUntil(Math.min(entry.tick, this.#wakeTick));
    return entry;
  }

  /** Does nothing when the deadline has passed or is cancelled already. */
  cancel(timer: Timer | undefined): void {
    const entry = timer as AnyEntry | undefined;
    if (entry?.next === undefined) return;
    unlink(entry);
    if (--this.#size === 0) this.#sleepUntil(Infinity);
  }

  /**
   * Keeps the process alive as long as there are deadlines: for those who have nothing else that would, such as a call
   * that waits until an address may be tried again. Each `hold()` needs a `letGo()`.
   */
  hold(): void {
    if (++this.#holders === 1) this.#timeout?.ref();
  }

  letGo(): void {
    if (--this.#holders === 0) this.#timeout?.unref();
  }

  #sleepUntil(tick: number): void {
    clearTimeout(this.#timeout);
    this.#wakeTick = tick;
    if (tick === Infinity) {
      this.#timeout = undefined;
      return;
    }
    this.#timeout = setTimeout(this.#onWake, Math.max(1, Math.ceil((tick - currentTick()) * TICK_MS)));
    if (this.#holders === 0) this.#timeout.unref();
  }

  readonly #onWake = (): void => {
    const now = Math.floor(currentTick());
    // After a long sleep each slot is looked at once.
    const first = Math.max(this.#tick + 1, now - SLOTS + 1);
    for (let tick = first; tick <= now; tick++) this.#expire(tick % SLOTS, now);
    this.#tick = now;
    if (this.#expired.next !== this.#expired) setImmediate(this.#onConfirmed);
    this.#sleepUntil(this.#nextTick());
  };

  #expire(slot: number, now: number): void {
    const ring = this.#slots[slot];
    if (ring === undefined) return;
    for (let entry = ring.next!; entry !== ring;) {
      const next = entry.next!;
      if (entry.tick <= now) {
        unlink(entry);
        link(this.#expired, entry);
      }
      entry = next;
    }
    if (ring.next === ring) this.#slots[slot] = undefined;
  }

  /** The first tick to come whose slot is taken, if only by deadlines of later rounds. */
  #nextTick(): number {
    if (this.#size === 0) return Infinity;
    for (let tick = this.#tick + 1; tick <= this.#tick + SLOTS; tick++) {
      const ring = this.#slots[tick % SLOTS];
      if (ring !== undefined && ring.next !== ring) return tick;
    }
    return Infinity;
  }

  readonly #onConfirmed = (): void => {
    try {
      for (let entry = this.#expired.next!; entry !== this.#expired; entry = this.#expired.next!) {
        this.cancel(entry);
        entry.callback(entry.subject);
      }
    } finally {
      // A callback that throws is a bug to be seen, but no reason for the others to be forgotten.
      if (this.#expired.next !== this.#expired) setImmediate(this.#onConfirmed);
    }
  };
}

/** The wheel of this process, unless another is given. */
export const timers = new TimerWheel();

/** Ticks since the process started, with a fraction. Looked up each time, so that tests may put a clock of their own in place. */
function currentTick(): number {
  return performance.now() / TICK_MS;
}

function createRing(): AnyEntry {
  const ring: AnyEntry = new Entry<never>(() => undefined, undefined as never);
  ring.next = ring;
  ring.previous = ring;
  return ring;
}

function link(ring: AnyEntry, entry: AnyEntry): void {
  const last = ring.previous!;
  entry.previous = last;
  entry.next = ring;
  last.next = entry;
  ring.previous = entry;
}

function unlink(entry: AnyEntry): void {
  entry.previous!.next = entry.next;
  entry.next!.previous = entry.previous;
  entry.next = undefined;
  entry.previous = undefined;
}
