/**
 * One try of a call, from the moment it asks for a connection. What ends it comes from one place at a time, so that it
 * is settled once:
 *
 *     waiting for a connection    the pool: a connection, a failure, the end of its time, its signal
 *     waiting for a reply         the connection: a reply, a failure, the end of its time, its signal
 */

import type { MethodCodec } from "../../codec/message/method.js";
import type { ProtocolName } from "../../protocol/protocols.js";
import type { Endpoint } from "../../transport/address.js";
import type { Timer } from "../../transport/timer-wheel.js";
import type { Call } from "../call.js";
import type { Metainfo } from "../metainfo.js";
import type { ClientMethod } from "./method.js";

/** What travels in the TTHeader of a call beside what travels with all of them. */
export interface AttemptPairs {
  /** The method in which the call is made; "" where it is made in none. */
  readonly fromMethod: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly metainfo: Metainfo;
}

/** What tells attempts from the plainest ones. */
export interface AttemptDetails {
  /** For events. */
  readonly call: Call;
  /** Undefined where they are those of all calls. */
  readonly pairs: AttemptPairs | undefined;
  /** To be filled with the backward values of the reply. */
  readonly backward: Map<string, string> | undefined;
}

/** What an attempt is to do. */
export interface AttemptTask {
  readonly method: ClientMethod;
  readonly codec: MethodCodec;
  readonly protocol: ProtocolName;
  /** In the order of the IDL; what is beyond the arguments of the method means nothing. */
  readonly args: readonly unknown[];
  /** Milliseconds that the call was given, for messages; `Infinity` for no bound. */
  readonly givenMs: number;
  /** Those that are left of them at the start. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Undefined for the plainest: all that an attempt costs should be what it needs. */
  readonly details: AttemptDetails | undefined;
}

/** Whom an attempt tells, once, how it went. */
export interface AttemptOwner {
  onSuccess(attempt: Attempt, result: unknown): void;
  onFailure(attempt: Attempt, error: unknown): void;
}

const NOWHERE: readonly Endpoint[] = [];

/** A task on its way. */
export class Attempt {
  readonly task: AttemptTask;
  readonly owner: AttemptOwner;
  /** The promise of the caller: for the owner. */
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Where it goes: the first, or another where that cannot be reached. */
  endpoints: readonly Endpoint[] = NOWHERE;
  /** On the clock of `performance.now()`. */
  readonly startedAt = performance.now();
  /** What is left of the time when the request is sent. */
  remainingMs: number;
  /** On the connection: the id of the request, its turn among all requests, and how many bytes were queued up to its end. */
  seqid = 0;
  turn = 0;
  end = 0;
  timer: Timer | undefined = undefined;
  onAbort: (() => void) | undefined = undefined;

  constructor(
    task: AttemptTask,
    owner: AttemptOwner,
    resolve: (result: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.task = task;
    this.owner = owner;
    this.resolve = resolve;
    this.reject = reject;
    this.remainingMs = task.timeoutMs;
  }

  succeed(result: unknown): void {
    this.owner.onSuccess(this, result);
  }

  fail(error: unknown): void {
    this.owner.onFailure(this, error);
  }
}
