/** `createClient()`: an object with the methods of a service. */

import { ThriftError } from "../../errors.js";
import type { ServiceDescriptor } from "../../schema/descriptor.js";
import { Caller } from "./caller.js";
import { type CallOptions, type ClientOptions, resolveClientOptions, type WarmUpOptions } from "./options.js";

/** What every client has beside the methods of its service. */
export interface ClientControls {
  /**
   * Calls a method by its name, whatever that is: a service may have methods called `close`, `then` or `toString`, which
   * are no properties of the client.
   *
   * @param args in the order of the IDL.
   */
  call(name: string, args?: readonly unknown[], options?: CallOptions): Promise<unknown>;
  /**
   * Resolves names, opens connections and compiles, so that the first call need not.
   *
   * @throws TransportError when an address cannot be reached, unless `onFailure` says otherwise.
   */
  warmUp(options?: WarmUpOptions): Promise<void>;
  /** Takes no more calls, waits for those that were made, each within its own time, and ends all connections. */
  close(): Promise<void>;
  /** Ends all calls and connections at once: calls that wait reject with ERR_THRIFT_CLOSED. */
  destroy(): void;
  /** As `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
  /** Never there, so that a promise may resolve to a client. */
  readonly then?: undefined;
}

/** The methods of a service that the types do not know: arguments in the order of the IDL, then options of the call. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- only the IDL, which is read at run time, knows the types.
export type AnyMethods = Record<string, (...args: any[]) => Promise<any>>;

/** A client of a service. */
export type Client<Methods extends object = AnyMethods> = ClientControls & Methods;

/** Names that mean something to JavaScript on any object, or to clients: methods so called are reached by `client.call`. */
const RESERVED: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  "then",
  "toJSON",
  "call",
  "warmUp",
  "close",
  "destroy",
]);

/**
 * Makes a client. It connects when the first call is made, unless `warmUp` says otherwise.
 *
 *     const client = createClient(schema.service("Everything"), { address: "127.0.0.1:9090" });
 *     await client.grow({ name: "x" }, 3, { timeoutMs: 200 });
 *
 * A method resolves to its result and rejects with the declared exception that the handler threw, or with an error of
 * scrimp, from which `executedOf` tells whether the call was run. A oneway method resolves when its message has left.
 *
 * @typeParam Methods what the methods look like, for those who want types.
 * @throws RangeError on an option that does not exist or cannot be.
 */
export function createClient<Methods extends object = AnyMethods>(
  service: ServiceDescriptor,
  options: ClientOptions,
): Client<Methods> {
  const resolved = resolveClientOptions(service.name, options);
  const caller = new Caller(service, resolved);
  // Without a prototype: what is not a method of the service is not there.
  const client = Object.create(null) as Record<string, unknown>;
  for (const [name, method] of caller.methods) {
    if (!RESERVED.has(name)) client[name] = (...args: unknown[]) => caller.call(method, args);
  }
  if (resolved.warmUp !== undefined) void caller.warmUp(resolved.warmUp);
  return Object.assign(client, controls(service, caller)) as Client<Methods>;
}

function controls(service: ServiceDescriptor, caller: Caller): ClientControls {
  const close = (): Promise<void> => caller.close();
  return {
    call(name, args = [], options) {
      const method = caller.methods.get(name);
      if (method === undefined) {
        const message = `service ${service.name} has no method of that name`;
        return Promise.reject(new ThriftError("ERR_THRIFT_UNKNOWN_NAME", message));
      }
      if (options === undefined && args.length <= method.arity) return caller.call(method, args);
      const given = Array.from({ length: method.arity }, (_, i) => args[i]);
      return caller.call(method, [...given, options, ...args.slice(method.arity)]);
    },
    warmUp: (options) => caller.warmUp(options),
    close,
    destroy: () => caller.destroy(),
    [Symbol.asyncDispose]: close,
  };
}
