/**
 * Makes calls.
 *
 *     call ──▶ retry ▸ middleware ▸ attempt ──▶ dispatcher
 *
 * A call without options, middleware or listeners takes no detour: it is one promise and one attempt, and what the rest
 * needs to know about it is put together only when that fails.
 */

import { DeadlineError, ThriftError, TransportError } from "../../errors.js";
import type { ServiceDescriptor } from "../../schema/descriptor.js";
import type { Endpoint } from "../../transport/address.js";
import { type Call, compose, type Next } from "../call.js";
import { eventChannel } from "../events.js";
import { executedOf } from "../executed.js";
import { messageLimits } from "../limits.js";
import { currentScope, NO_METAINFO, NO_SCOPE } from "../metainfo.js";
import { cancelled } from "../middleware/cancelled.js";
import { FailureRetry } from "../middleware/retry/failure.js";
import { type RetryPolicy, resolvePolicy } from "../middleware/retry/policy.js";
import { retry } from "../middleware/retry/retry.js";
import { Attempt, type AttemptOwner } from "./attempt.js";
import { type ClientCall, ClientCalls, endpointsOf, NO_OPTIONS } from "./client-call.js";
import { Dispatcher } from "./dispatcher.js";
import { ClientCodecs, ClientMethod } from "./method.js";
import type { CallOptions, ResolvedClientOptions, WarmUpOptions } from "./options.js";

const starts = eventChannel("client.start");
const finishes = eventChannel("client.finish");

/** The stages whose events describe the call. */
const STAGES = [
  starts,
  finishes,
  eventChannel("client.write"),
  eventChannel("client.read"),
  eventChannel("client.decode"),
];

/** An attempt whose call somebody else looks after. */
const PASSING_ON: AttemptOwner = {
  onSuccess: (attempt, result) => attempt.resolve(result),
  onFailure: (attempt, error) => attempt.reject(error),
};

/** How the promise of a caller is settled. */
interface Settle {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The calls of one client. */
export class Caller implements AttemptOwner {
  readonly methods: ReadonlyMap<string, ClientMethod>;
  readonly #service: ServiceDescriptor;
  readonly #options: ResolvedClientOptions;
  readonly #codecs: ClientCodecs;
  readonly #dispatcher: Dispatcher;
  readonly #calls: ClientCalls;
  /** What stands around attempts; undefined where that is nothing but the recovery. */
  readonly #chain: Next | undefined;
  readonly #chains = new WeakMap<RetryPolicy, Next>();
  /** Failure retry without anything else is done in steps, which cost nothing where calls succeed. */
  readonly #recovery: FailureRetry | undefined;
  #state: "open" | "closing" | "destroyed" = "open";
  /** Calls that are not over. */
  #pending = 0;
  /** Those of them that may be between two attempts, or in middleware: how to end them. */
  readonly #detours = new Set<() => void>();
  #onIdle: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  constructor(service: ServiceDescriptor, options: ResolvedClientOptions) {
    const { protocol, limits, codec, multiplexed, middleware, retry: policy } = options;
    this.#service = service;
    this.#options = options;
    this.#codecs = new ClientCodecs(service, { ...codec, multiplexed, limits: messageLimits(limits) });
    this.methods = new Map(
      Array.from(this.#codecs.for(protocol).methods, ([name, method]) => [
        name,
        new ClientMethod(this.#codecs, method),
      ]),
    );
    this.#dispatcher = new Dispatcher(options, this.#codecs);
    this.#calls = new ClientCalls(service, options);
    if (middleware.length > 0 || (policy !== false && !isDoneInSteps(policy))) this.#chain = this.#chainWith(policy);
    else if (policy !== false) this.#recovery = new FailureRetry(resolvePolicy(policy));
  }

  /** @param args those of the method, and possibly options behind them. Rejects with whatever is wrong. */
  call(method: ClientMethod, args: readonly unknown[]): Promise<unknown> {
    if (this.#state !== "open") return Promise.reject(closed());
    const isPlain = args.length <= method.arity && this.#chain === undefined && !hasScope() && !hasListeners();
    return new Promise((resolve, reject) => {
      if (!isPlain) return this.#callInFull(method, args, { resolve, reject });
      this.#pending++;
      const attempt = new Attempt(this.#calls.plainTask(method, args), this, resolve, reject);
      this.#dispatcher.dispatch(attempt, this.#dispatcher.addresses.next());
    });
  }

  /** Compiles and connects. @throws what connecting failed with, unless the options say otherwise. */
  async warmUp({ connections = 1, onFailure = "throw" }: WarmUpOptions = {}): Promise<void> {
    try {
      for (const { codec } of this.methods.values()) codec.warm();
      await this.#dispatcher.warm(connections, this.#options.timeoutMs);
    } catch (error) {
      if (onFailure === "throw") throw error;
      if (onFailure === "warn") {
        process.emitWarning(`${this.#service.name}: ${(error as Error).message}`, { code: "SCRIMP_WARM_UP" });
      }
    }
  }

  /** Takes no more calls, and ends all connections once those that were made are over. */
  close(): Promise<void> {
    return (this.#closed ??= this.#closeWhenIdle());
  }

  /** Ends all calls and connections. */
  destroy(): void {
    this.#state = "destroyed";
    this.#dispatcher.destroy();
    for (const end of this.#detours) end();
  }

  onSuccess(attempt: Attempt, result: unknown): void {
    const { method, details } = attempt.task;
    this.#recovery?.succeeded(method.descriptor);
    if (details !== undefined) publishFinish(details.call, attempt.startedAt);
    attempt.resolve(result);
    this.#over();
  }

  onFailure(attempt: Attempt, error: unknown): void {
    const { method, args, details } = attempt.task;
    const { startedAt } = attempt;
    if (this.#recovery !== undefined && this.#state !== "destroyed" && !this.#isFinal(error)) {
      const request = { method, args, options: NO_OPTIONS, scope: NO_SCOPE, startedAt };
      const call = details?.call ?? this.#calls.describe(request, attempt.endpoints);
      return this.#follow(call, startedAt, attempt, this.#recovery.recover(call, startedAt, error, this.#attempt));
    }
    if (details !== undefined) publishFinish(details.call, startedAt, error);
    attempt.reject(error);
    this.#over();
  }

  /** With a description of the call, and whatever is to stand around its attempts. @throws RangeError on options that cannot be. */
  #callInFull(method: ClientMethod, args: readonly unknown[], settle: Settle): void {
    const startedAt = performance.now();
    if (args.length > method.arity + 1) {
      throw new RangeError(`${method.path}: expected ${String(method.arity)} arguments and options, found more`);
    }
    const options = (args[method.arity] as CallOptions | undefined) ?? NO_OPTIONS;
    const request = { method, args, options, scope: currentScope(), startedAt };
    const call = this.#calls.describe(request, this.#dispatcher.addresses.next());
    const chain = options.retry === undefined ? this.#chain : this.#chainOf(options.retry);
    if (starts.hasSubscribers) starts.publish({ call });
    this.#pending++;
    if (chain !== undefined) return this.#follow(call, startedAt, settle, run(chain, call));
    this.#start(new Attempt(this.#calls.task(call), this, settle.resolve, settle.reject), endpointsOf(call));
  }

  /** For a policy that a call brings. All calls that bring the same object share its budget. */
  #chainOf(policy: RetryPolicy | false): Next {
    if (policy === false) return this.#chainWith(policy);
    let chain = this.#chains.get(policy);
    if (chain === undefined) this.#chains.set(policy, (chain = this.#chainWith(policy)));
    return chain;
  }

  /** What stands around the attempts of a call by a policy. */
  #chainWith(policy: RetryPolicy | false): Next {
    const { middleware } = this.#options;
    return compose(policy === false ? middleware : [retry(policy), ...middleware], this.#attempt);
  }

  readonly #attempt: Next = (passedOn) =>
    new Promise((resolve, reject) => {
      const call = passedOn as ClientCall;
      this.#start(new Attempt(this.#calls.task(call), PASSING_ON, resolve, reject), endpointsOf(call));
    });

  #start(attempt: Attempt, endpoints: readonly Endpoint[]): void {
    const { method, signal, givenMs, timeoutMs } = attempt.task;
    if (this.#state === "destroyed") return attempt.fail(closed());
    if (signal?.aborted === true) {
      return attempt.fail(cancelled({ address: endpoints[0].text, executed: "no" }, signal));
    }
    if (timeoutMs <= 0) {
      const message = `${method.path}: expected time to make the call in, found none left`;
      return attempt.fail(new DeadlineError({ timeoutMs: givenMs, executed: "no" }, message));
    }
    this.#dispatcher.dispatch(attempt, endpoints);
  }

  /** Settles a call by what middleware and retries make of it; before that, when the client is destroyed. */
  #follow(call: Call, startedAt: number, { resolve, reject }: Settle, outcome: Promise<unknown>): void {
    const end = (): void => fail(destroyed(call));
    const fail = (error: unknown): void => {
      if (!this.#detours.delete(end)) return;
      publishFinish(call, startedAt, error);
      reject(error);
      this.#over();
    };
    this.#detours.add(end);
    outcome.then((result) => {
      if (!this.#detours.delete(end)) return;
      publishFinish(call, startedAt);
      resolve(result);
      this.#over();
    }, fail);
  }

  /** An answer of the handler is what the caller asked for, unless the program has chosen to ask again. */
  #isFinal(error: unknown): boolean {
    const { retry: policy } = this.#options;
    return policy === false || (policy.on === undefined && executedOf(error) === "yes");
  }

  #over(): void {
    if (--this.#pending === 0) this.#onIdle?.();
  }

  async #closeWhenIdle(): Promise<void> {
    if (this.#state === "open") this.#state = "closing";
    if (this.#pending > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    await this.#dispatcher.close();
  }
}

function isDoneInSteps({ kind = "failure", attemptTimeoutMs }: RetryPolicy): boolean {
  return kind === "failure" && attemptTimeoutMs === undefined;
}

/** Middleware may throw where it should reject. */
async function run(chain: Next, call: Call): Promise<unknown> {
  return chain(call);
}

function hasScope(): boolean {
  const { metainfo, deadline } = currentScope();
  return deadline !== undefined || metainfo !== NO_METAINFO;
}

function hasListeners(): boolean {
  for (const stage of STAGES) if (stage.hasSubscribers) return true;
  return false;
}

function publishFinish(call: Call, startedAt: number, error?: unknown): void {
  if (!finishes.hasSubscribers) return;
  const event = { call, durationMs: performance.now() - startedAt };
  finishes.publish(
    error === undefined ? { ...event, executed: "yes" } : { ...event, error, executed: executedOf(error) },
  );
}

function closed(): ThriftError {
  return new ThriftError("ERR_THRIFT_CLOSED", "the client is closed");
}

function destroyed({ address }: Call): TransportError {
  return new TransportError({ address, executed: "maybe", code: "ERR_THRIFT_CLOSED" }, "the client was destroyed");
}
