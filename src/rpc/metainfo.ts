/**
 * Values that travel with calls, beside arguments and results, by the rules of Kitex:
 *
 *     transient    from a caller to the server it calls, and no further
 *     persistent   from there on with every call that is made on the way of this one
 *     backward     from a server to its caller, with the reply
 *
 * They are pairs of strings in a TTHeader, the first two with a prefix before the name; other transports lose them. What
 * a call takes with it on the way is kept by AsyncLocalStorage, so that handlers need not pass it on by hand.
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { MethodDescriptor } from "../schema/descriptor.js";
import { PERSISTENT_PREFIX, TRANSIENT_PREFIX } from "../transport/ttheader-keys.js";
import type { Deadline } from "./deadline.js";

/** Values by name, as a program gives them. */
export type Pairs = ReadonlyMap<string, string> | Readonly<Record<string, string>>;

/** What travels forward. */
export interface Metainfo {
  /** To the next server. */
  readonly transient: ReadonlyMap<string, string>;
  /** To all servers behind it. */
  readonly persistent: ReadonlyMap<string, string>;
}

/** What calls inherit from what is around them. */
export interface CallScope {
  /** What they carry. */
  readonly metainfo: Metainfo;
  /** When the call that is being handled must be over; undefined where that is open, or there is none. */
  readonly deadline: Deadline | undefined;
  /** The method that is being handled; undefined where none is. */
  readonly method: Pick<MethodDescriptor, "name"> | undefined;
}

const NO_PAIRS: ReadonlyMap<string, string> = new Map();

/** No values. */
export const NO_METAINFO: Metainfo = { transient: NO_PAIRS, persistent: NO_PAIRS };

/** The persistent value that a retry carries: calls made on its behalf are not to be tried again. */
export const RETRY_KEY = "RetryReq";

/** What a Kitex server calls transient values that it is not to pass on. Nobody should send it. */
const STALE_PREFIX = `${TRANSIENT_PREFIX}UPSTREAM_`;

const scopes = new AsyncLocalStorage<CallScope>();

/**
 * Runs a function; calls that it makes, or what it awaits makes, carry these values beside those that they would carry anyhow.
 *
 * @throws RangeError on a name or value with a line break or NUL. Empty names and values are ignored.
 */
export function withMetainfo<T>(values: { transient?: Pairs; persistent?: Pairs }, run: () => T): T {
  const scope = currentScope();
  return scopes.run({ ...scope, metainfo: mergeMetainfo(scope.metainfo, values) }, run);
}

/** What a call made here would carry. What a request brought is in the context of its handler: its transient values end there. */
export function currentMetainfo(): Metainfo {
  return currentScope().metainfo;
}

/** What a call inherits that is made on behalf of no other. */
export const NO_SCOPE: CallScope = { metainfo: NO_METAINFO, deadline: undefined, method: undefined };

/** What a call made here inherits. */
export function currentScope(): CallScope {
  return scopes.getStore() ?? NO_SCOPE;
}

/**
 * Runs the handler of a request that brought something to pass on. Not for others: in Node.js 20 every promise of a
 * process costs more from the first use on.
 */
export function runInScope<T>(received: CallScope, run: () => T): T {
  const { metainfo, deadline, method } = received;
  return scopes.run({ metainfo: { transient: NO_PAIRS, persistent: metainfo.persistent }, deadline, method }, run);
}

/**
 * Values over others.
 *
 * @throws RangeError on a name or value with a line break or NUL. Empty names and values are ignored.
 */
export function mergeMetainfo(base: Metainfo, values: { transient?: Pairs; persistent?: Pairs }): Metainfo {
  return { transient: merge(base.transient, values.transient), persistent: merge(base.persistent, values.persistent) };
}

function merge(base: ReadonlyMap<string, string>, over: Pairs | undefined): ReadonlyMap<string, string> {
  if (over === undefined) return base;
  const merged = new Map(base);
  for (const [name, value] of entriesOf(over)) {
    checkPair(name, value);
    if (name !== "" && value !== "") merged.set(name, value);
  }
  return merged;
}

/** The names and values of pairs in either form. */
export function entriesOf(pairs: Pairs): Iterable<readonly [string, string]> {
  return pairs instanceof Map
    ? (pairs as ReadonlyMap<string, string>)
    : Object.entries(pairs as Record<string, string>);
}

/** What a header of HTTP could not carry, to which a gateway may have to copy it. */
const BREAKS = /[\r\n\0]/;

/** @throws RangeError on what is no text, or holds a line break or NUL. */
export function checkPair(name: unknown, value: unknown): void {
  if (typeof name !== "string" || typeof value !== "string") {
    throw new RangeError("names and values of headers must be strings");
  }
  if (BREAKS.test(name) || BREAKS.test(value)) {
    throw new RangeError("names and values of headers must be without line breaks and NUL");
  }
}

/** Adds values to the string pairs of a TTHeader. */
export function writeMetainfo({ transient, persistent }: Metainfo, strings: Map<string, string>): void {
  for (const [name, value] of transient) strings.set(TRANSIENT_PREFIX + name, value);
  for (const [name, value] of persistent) strings.set(PERSISTENT_PREFIX + name, value);
}

/** Takes the values out of the string pairs of a received TTHeader. */
export function readMetainfo(strings: ReadonlyMap<string, string>): Metainfo {
  let transient: Map<string, string> | undefined;
  let persistent: Map<string, string> | undefined;
  for (const [key, value] of strings) {
    if (value === "" || key.length <= TRANSIENT_PREFIX.length) continue;
    if (key.startsWith(PERSISTENT_PREFIX)) {
      (persistent ??= new Map()).set(key.slice(PERSISTENT_PREFIX.length), value);
    } else if (key.startsWith(TRANSIENT_PREFIX) && !key.startsWith(STALE_PREFIX)) {
      (transient ??= new Map()).set(key.slice(TRANSIENT_PREFIX.length), value);
    }
  }
  if (transient === undefined && persistent === undefined) return NO_METAINFO;
  return { transient: transient ?? NO_PAIRS, persistent: persistent ?? NO_PAIRS };
}
