/** Calls of a client as middleware sees them, and what an attempt needs to know of them. */

import type { ProtocolName } from "../../protocol/protocols.js";
import type { MethodDescriptor, ServiceDescriptor } from "../../schema/descriptor.js";
import { type Endpoint, parseAddress } from "../../transport/address.js";
import { type Call, nextCallId } from "../call.js";
import { Deadline, timeoutWithin } from "../deadline.js";
import { type CallScope, mergeMetainfo } from "../metainfo.js";
import { idempotence } from "../middleware/retry/idempotent.js";
import type { AttemptPairs, AttemptTask } from "./attempt.js";
import type { ClientMethod } from "./method.js";
import {
  type CallOptions,
  checkCallOptions,
  hasHeader,
  type ResolvedClientOptions,
  resolvePairs,
  resolveTimeout,
} from "./options.js";

/** A call of a client. Middleware that passes on another object makes it from a copy of this one, so that the rest stays. */
export interface ClientCall extends Call {
  readonly client: CallDetails;
}

/** What only the client needs to know of a call. */
interface CallDetails {
  readonly method: ClientMethod;
  /** Where it may go: the address and its alternatives. */
  readonly endpoints: readonly Endpoint[];
  readonly protocol: ProtocolName;
  readonly backward: Map<string, string> | undefined;
  /** The method in which the call is made; "" where it is made in none. */
  readonly fromMethod: string;
}

/** What a caller asks for. */
export interface CallRequest {
  readonly method: ClientMethod;
  readonly args: readonly unknown[];
  readonly options: CallOptions;
  /** What is around the call. Not to be asked for later: what a socket calls runs in the scope of another call. */
  readonly scope: CallScope;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
}

export const NO_OPTIONS: CallOptions = {};

/** Puts together the calls of one client. */
export class ClientCalls {
  readonly #service: ServiceDescriptor;
  readonly #options: ResolvedClientOptions;
  readonly #hasHeader: boolean;
  readonly #isIdempotent: (method: MethodDescriptor) => boolean;

  constructor(service: ServiceDescriptor, options: ResolvedClientOptions) {
    this.#service = service;
    this.#options = options;
    this.#hasHeader = hasHeader(options.transport);
    this.#isIdempotent = idempotence(options.idempotent);
  }

  /** @throws RangeError on options that cannot be. */
  describe({ method, args, options, scope, startedAt }: CallRequest, endpoints: readonly Endpoint[]): ClientCall {
    const { descriptor, arity } = method;
    if (options !== NO_OPTIONS) checkCallOptions(options, this.#options.transport);
    const own = options.timeoutMs === undefined ? this.#options.timeoutMs : resolveTimeout(options.timeoutMs);
    const timeoutMs = timeoutWithin(own, scope.deadline);
    const places = options.address === undefined ? endpoints : [parseAddress(options.address)];
    const protocol = options.protocol ?? this.#options.protocol;
    return {
      side: "client",
      id: nextCallId(),
      service: this.#service,
      method: descriptor,
      args: args.length > arity ? args.slice(0, arity) : args,
      address: places[0].text,
      alternatives: places.slice(1).map(({ text }) => text),
      deadline: timeoutMs === Infinity ? undefined : new Deadline(timeoutMs, startedAt),
      signal: options.signal,
      headers: this.#headers(options),
      metainfo: options.metainfo === undefined ? scope.metainfo : mergeMetainfo(scope.metainfo, options.metainfo),
      attempt: 0,
      idempotent: options.idempotent ?? this.#isIdempotent(descriptor),
      client: { method, endpoints: places, protocol, backward: options.backward, fromMethod: scope.method?.name ?? "" },
    };
  }

  /** What an attempt does that a call without options comes down to. */
  plainTask(method: ClientMethod, args: readonly unknown[]): AttemptTask {
    const { protocol, timeoutMs } = this.#options;
    const { codec } = method;
    return { method, codec, protocol, args, givenMs: timeoutMs, timeoutMs, signal: undefined, details: undefined };
  }

  /** What an attempt does for a call as middleware passes it on. */
  task(call: ClientCall): AttemptTask {
    const { method, protocol, backward } = call.client;
    return {
      method,
      codec: protocol === this.#options.protocol ? method.codec : method.codecFor(protocol),
      protocol,
      args: call.args,
      givenMs: call.deadline?.timeoutMs ?? Infinity,
      timeoutMs: call.deadline?.remainingMs() ?? Infinity,
      signal: call.signal,
      details: { call, pairs: this.#pairs(call), backward },
    };
  }

  #pairs({ headers, metainfo, client }: ClientCall): AttemptPairs | undefined {
    if (!this.#hasHeader) return undefined;
    const { fromMethod } = client;
    const hasMetainfo = metainfo.transient.size + metainfo.persistent.size > 0;
    const isPlain = headers === this.#options.headers && !hasMetainfo && fromMethod === "";
    return isPlain ? undefined : { fromMethod, headers, metainfo };
  }

  #headers({ headers }: CallOptions): ReadonlyMap<string, string> {
    if (headers === undefined) return this.#options.headers;
    return new Map([...this.#options.headers, ...resolvePairs(headers)]);
  }
}

/** @returns the addresses to try for an attempt: that of the call, then its alternatives. */
export function endpointsOf({ address, alternatives, client }: ClientCall): readonly Endpoint[] {
  const { endpoints } = client;
  // Nothing but a retry, or middleware, changes the address.
  if (endpoints[0].text === address) return endpoints;
  return [address, ...alternatives].map((text) => endpoints.find((each) => each.text === text) ?? parseAddress(text));
}
