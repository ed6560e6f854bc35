/**
 * What happens to calls, for metrics, traces and logs: one channel of node:diagnostics_channel for each stage, by the
 * name `scrimp.rpc.<side>.<stage>`.
 *
 *     client   start ▸ pool ▸ connect ▸ write ▸ read ▸ decode ▸ finish        and between attempts: retry, breaker
 *     server   connect ▸ read ▸ start ▸ decode ▸ handler ▸ write ▸ finish
 *
 * Whoever publishes asks `hasSubscribers` first, so that no event is built that nobody hears.
 */

import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Executed } from "../errors.js";
import type { Call } from "./call.js";

/** The events of a program, by side and stage. Every one is plain data: to be read, not changed. */
export interface RpcEvents {
  /** A call was made. Middleware has not seen it yet. */
  "client.start": CallEvent;
  /** An attempt to call asks for a connection. */
  "client.pool": PoolEvent;
  /** A connection was made, or could not be. */
  "client.connect": ConnectEvent;
  /** A request was encoded and queued to be written. */
  "client.write": MessageEvent;
  /** A reply has arrived, whole and not decoded. */
  "client.read": MessageEvent;
  /** A reply was decoded, into a result or into what the call rejects with. */
  "client.decode": OutcomeEvent;
  /** A call that failed is about to be made again. */
  "client.retry": RetryEvent;
  /** A circuit breaker changed its state. */
  "client.breaker": BreakerEvent;
  /** A call is over, all of its attempts included. */
  "client.finish": FinishEvent;
  /** A connection was accepted, or refused. */
  "server.connect": ConnectEvent;
  /** A request has arrived, whole and not decoded. Its call is known by its method only when `server.start` comes. */
  "server.read": ReadEvent;
  /** A request has been given to its method. Middleware has not seen it yet, and its arguments are not decoded: `args` is empty. */
  "server.start": CallEvent;
  /** The arguments of a call were decoded, or could not be. */
  "server.decode": OutcomeEvent;
  /** A handler has answered, or failed. */
  "server.handler": FinishEvent;
  /** A reply was encoded and queued to be written. */
  "server.write": MessageEvent;
  /** A call is over: its reply is queued, or there is none. */
  "server.finish": FinishEvent;
}

/** The name of an event: side and stage. */
export type RpcEventName = keyof RpcEvents;

/** Something happened to a call. */
export interface CallEvent {
  /** The call. Middleware may pass on another object for the same call; `id` stays. */
  readonly call: Call;
}

/** A message of a call went out or came in. */
export interface MessageEvent extends CallEvent {
  /** What request and reply share. */
  readonly seqid: number;
  /** Bytes of the message, without what its transport puts in front. */
  readonly bytes: number;
}

/** A step of a call went well or failed. */
export interface OutcomeEvent extends CallEvent {
  /** Why it failed; absent when it went well. */
  readonly error?: unknown;
}

/** A call, or the work of its handler, is over. */
export interface FinishEvent extends OutcomeEvent {
  /** Since its start, in milliseconds with a fraction. */
  readonly durationMs: number;
  /** Whether the handler ran, as `executedOf` says it. */
  readonly executed: Executed;
}

/** A frame came in. */
export interface ReadEvent {
  /** The peer, as `host:port` or the path of a socket. */
  readonly address: string;
  /** Bytes of the frame, without the length in front. */
  readonly bytes: number;
}

/** A connection was made, or not. */
export interface ConnectEvent {
  /** The peer, as `host:port` or the path of a socket. */
  readonly address: string;
  /** Milliseconds that it took, the handshake of TLS included; 0 on a server, which is given connections that are made. */
  readonly durationMs: number;
  /** Why there is no connection; absent when there is one. */
  readonly error?: unknown;
}

/** How an attempt to call came by a connection. */
export interface PoolEvent {
  /** The peer, as `host:port` or the path of a socket. */
  readonly address: string;
  /** There was one, or it has to wait: for a new one, or for one that others use. */
  readonly action: "reuse" | "wait";
}

/** A call is made again. */
export interface RetryEvent extends CallEvent {
  /** What the attempt before ended with; undefined for a backup request, which waits for no end. */
  readonly error: unknown;
  /** Milliseconds until the attempt starts. */
  readonly delayMs: number;
}

/** A circuit breaker changed its state. */
export interface BreakerEvent {
  /** What the breaker guards, as it was configured: a service, a method, an address. */
  readonly key: string;
  /** The state before. */
  readonly from: BreakerState;
  /** The state from now on. */
  readonly to: BreakerState;
}

/** `"closed"` lets calls through, `"open"` none, `"half-open"` a few to try. */
export type BreakerState = "closed" | "open" | "half-open";

/** A channel that takes events of one type. */
export interface EventChannel<E> {
  /** False: nobody listens, so nothing need be built. */
  readonly hasSubscribers: boolean;
  /** Tells all who listen. */
  publish(event: E): void;
}

const PREFIX = "scrimp.rpc.";

/** @returns the channel of an event. Callers keep it: a look-up takes longer than the rest. */
export function eventChannel<N extends RpcEventName>(name: N): EventChannel<RpcEvents[N]> {
  return channel(PREFIX + name);
}

/**
 * Listens to an event. Listeners are called synchronously, in the middle of the call: they should be quick. What one
 * throws does not reach the call; as with every diagnostics channel it becomes an uncaught exception of the process.
 *
 * @returns a function that ends it.
 */
export function onEvent<N extends RpcEventName>(name: N, listener: (event: RpcEvents[N]) => void): () => void {
  const subscriber = (event: unknown): void => listener(event as RpcEvents[N]);
  subscribe(PREFIX + name, subscriber);
  return () => void unsubscribe(PREFIX + name, subscriber);
}
