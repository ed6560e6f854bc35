/**
 * Which method a call is for, by the rules of Kitex and of Apache's TMultiplexedProcessor:
 *
 *     name "Service:method"        the service of that name, as Apache's clients multiplex
 *     isn of a TTHeader            the service of that name; a name nobody has counts only where one service alone has the method
 *     neither                      the first service that has the method: fallbacks, then in the order they were added
 */

import type { ServiceCodec } from "../../codec/message/service.js";
import type { ServiceDescriptor } from "../../schema/descriptor.js";
import { type Codecs, type Endpoint, endpointsOf, type Handlers, serviceCodecs } from "./endpoint.js";
import type { ResolvedServerOptions } from "./options.js";

/** Stands between service and method in the names of Apache's TMultiplexedProtocol. */
const SEPARATOR = ":";

/** A call for which there is no method. */
export interface NoRoute {
  /** Whether a TTHeader named a service that there is not: Kitex has a type of exception for that. */
  readonly isServiceUnknown: boolean;
  /** What a reply is to be named. */
  readonly methodName: string;
}

interface Registered {
  readonly service: ServiceDescriptor;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly isFallback: boolean;
}

/** All methods of a server. */
export class Routes {
  readonly #options: ResolvedServerOptions;
  readonly #services = new Map<string, Registered>();
  /** By method, for calls that name no service. */
  readonly #methods = new Map<string, Endpoint>();
  /** Methods that more than one service has. */
  readonly #shared = new Set<string>();
  #codecs: Codecs<ServiceCodec> | undefined;

  constructor(options: ResolvedServerOptions) {
    this.#options = options;
  }

  /** Codecs of any one service, for what does not depend on the service: headers and exceptions. */
  get codecs(): Codecs<ServiceCodec> {
    return this.#codecs!;
  }

  /**
   * @throws TypeError when a method has no handler; RangeError when there is a service of that name, or one that shares a
   * method with it and neither is a fallback.
   */
  add(service: ServiceDescriptor, handlers: Handlers, isFallback: boolean): void {
    const { name } = service;
    if (this.#services.has(name)) throw new RangeError(`there is a service ${name} already`);
    const codecs = serviceCodecs(service, this.#options);
    const added = { service, endpoints: endpointsOf(service, handlers, codecs), isFallback };
    for (const other of this.#services.values()) checkShared(added, other);
    this.#codecs ??= codecs;
    this.#services.set(name, added);
    for (const [methodName, endpoint] of added.endpoints) {
      if (this.#methods.has(methodName)) this.#shared.add(methodName);
      if (isFallback || !this.#methods.has(methodName)) this.#methods.set(methodName, endpoint);
    }
  }

  /** @param idlServiceName what a TTHeader says; empty or undefined where it says nothing. */
  find(name: string, idlServiceName: string | undefined): Endpoint | NoRoute {
    if (idlServiceName !== undefined && idlServiceName !== "") return this.#findNamed(name, idlServiceName);
    return this.#methods.get(name) ?? this.#findMultiplexed(name);
  }

  #findNamed(name: string, serviceName: string): Endpoint | NoRoute {
    const service = this.#services.get(serviceName);
    if (service !== undefined) {
      return service.endpoints.get(name) ?? { isServiceUnknown: false, methodName: name };
    }
    const only = this.#shared.has(name) ? undefined : this.#methods.get(name);
    return only ?? { isServiceUnknown: true, methodName: name };
  }

  /** Peers that multiplex expect the reply under the name of the method alone. */
  #findMultiplexed(name: string): Endpoint | NoRoute {
    const at = name.indexOf(SEPARATOR);
    if (at < 0) return { isServiceUnknown: false, methodName: name };
    const methodName = name.slice(at + 1);
    const service = this.#services.get(name.slice(0, at));
    return service?.endpoints.get(methodName) ?? { isServiceUnknown: false, methodName };
  }
}

/** As in Kitex: which of two services is meant must not depend on the order of two lines of a program. */
function checkShared(added: Registered, other: Registered): void {
  if (added.isFallback !== other.isFallback) return;
  for (const name of added.endpoints.keys()) {
    if (!other.endpoints.has(name)) continue;
    const services = `${other.service.name} and ${added.service.name}`;
    throw new RangeError(`${services} both have a method ${name}: make one of them the fallback`);
  }
}
