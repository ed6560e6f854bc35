/**
 * One call as middleware sees it: the same shape on both sides.
 *
 *     client   retry ▸ middleware ▸ connection          server   connection ▸ middleware ▸ handler
 */

import type { MethodDescriptor, ServiceDescriptor } from "../schema/descriptor.js";
import type { Deadline } from "./deadline.js";
import type { Metainfo } from "./metainfo.js";

/** A call on its way to a handler. */
export interface Call {
  /** Which end of the connection this is. */
  readonly side: "client" | "server";
  /** Counts the calls of a process on both sides: the same for all attempts of a call, and in all events about it. */
  readonly id: number;
  /** The service that is called. */
  readonly service: ServiceDescriptor;
  /** The method of it. */
  readonly method: MethodDescriptor;
  /** In the order of the IDL. Middleware may replace them by passing on another call. */
  readonly args: readonly unknown[];
  /** The peer, as `host:port` or the path of a socket. */
  readonly address: string;
  /** Other addresses that a retry may go to, in this order; none on a server. */
  readonly alternatives: readonly string[];
  /** When the call must be over; undefined when it may take as long as it likes. */
  readonly deadline: Deadline | undefined;
  /** Ends the call early: the caller's own on a client, the server's end of it on a server. */
  readonly signal: AbortSignal | undefined;
  /** Pairs of the TTHeader that belong to no one but the program: to be sent on a client, received on a server. */
  readonly headers: ReadonlyMap<string, string>;
  /** To be sent on a client, received on a server. */
  readonly metainfo: Metainfo;
  /** 0 for the first attempt, then 1 and so on. On a server what the peer says, 0 where it says nothing. */
  readonly attempt: number;
  /** Whether running it twice does no more than running it once: by options of the client or call, or the annotation `scrimp.idempotent` of the method. */
  readonly idempotent: boolean;
}

let calls = 0;

/** @returns an id for a new call. */
export function nextCallId(): number {
  return ++calls;
}

/** What runs a call further: the next middleware, at last the connection or the handler. Rejects with what a caller is to catch. */
export type Next = (call: Call) => Promise<unknown>;

/** Stands around calls. It may pass the call on as it is or changed, more than once or not at all, and change or replace the outcome. */
export type Middleware = (next: Next) => Next;

/** Puts middleware around a call; the first is outermost. */
export function compose(middleware: readonly Middleware[], last: Next): Next {
  return middleware.reduceRight<Next>((next, each) => each(next), last);
}
