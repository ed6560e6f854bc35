/**
 * Listeners to signals, of which a program may give the same one to hundreds of calls. Node.js warns of a leak from the
 * eleventh listener on, so it is shown one for each signal.
 */

/** What is to be called when a signal is aborted. */
type Listener = () => void;

interface Listeners {
  readonly all: Set<Listener>;
  /** The one that Node.js sees. */
  readonly one: Listener;
}

const listenersOf = new WeakMap<AbortSignal, Listeners>();

/** Calls back once when the signal is aborted; never for one that already is. A listener that is added twice is called once. */
export function addAbortListener(signal: AbortSignal, listener: Listener): void {
  let listeners = listenersOf.get(signal);
  if (listeners === undefined) {
    const all = new Set<Listener>();
    listeners = { all, one: () => callAll(signal, all) };
    listenersOf.set(signal, listeners);
    signal.addEventListener("abort", listeners.one);
  }
  listeners.all.add(listener);
}

/** Takes back what was added; does nothing when it was called, or was not added. */
export function removeAbortListener(signal: AbortSignal, listener: Listener): void {
  const listeners = listenersOf.get(signal);
  if (listeners === undefined || !listeners.all.delete(listener) || listeners.all.size > 0) return;
  listenersOf.delete(signal);
  signal.removeEventListener("abort", listeners.one);
}

/** A listener may remove others that are still to be called. */
function callAll(signal: AbortSignal, all: Set<Listener>): void {
  for (const listener of all) {
    removeAbortListener(signal, listener);
    listener();
  }
}
