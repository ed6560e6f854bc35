/** A method and its handler: what a call is given to once it is known which it is for. */

import type { MethodCodec } from "../../codec/message/method.js";
import { compileService, type ServiceCodec } from "../../codec/message/service.js";
import type { ProtocolName } from "../../protocol/protocols.js";
import type { MethodDescriptor, ServiceDescriptor } from "../../schema/descriptor.js";
import { messageLimits } from "../limits.js";
import { idempotence } from "../middleware/retry/idempotent.js";
import type { CallContext } from "./context.js";
import type { ResolvedServerOptions } from "./options.js";

/** Functions by the names of methods: arguments in the order of the IDL, then the context; a result or a promise of one. */
export type Handlers = object;

type Handler = (...args: unknown[]) => unknown;

/** Codecs by protocol. */
export type Codecs<T> = Readonly<Record<ProtocolName, T>>;

/** One method of a server. */
export interface Endpoint {
  readonly service: ServiceDescriptor;
  readonly method: MethodDescriptor;
  /** `Everything.grow`, for logs. */
  readonly path: string;
  readonly codecs: Codecs<MethodCodec>;
  /** Names of the arguments in the order of the IDL. */
  readonly argNames: readonly string[];
  /** Whether running it twice does no more than running it once. */
  readonly idempotent: boolean;
  /** Calls the handler with decoded arguments. It may throw, return a result or a promise. */
  readonly invoke: (args: Readonly<Record<string, unknown>>, context: CallContext) => unknown;
  /** The same with arguments in order. */
  readonly handler: Handler;
}

/** By what the IDL says: on a server there are no options for it. */
const isIdempotent = idempotence(undefined);

/** Compiles a service for all protocols, which costs little before methods are used. */
export function serviceCodecs(service: ServiceDescriptor, options: ResolvedServerOptions): Codecs<ServiceCodec> {
  const compile = (protocol: ProtocolName): ServiceCodec =>
    compileService(service, { ...options.codec, limits: messageLimits(options.limits), protocol });
  return { binary: compile("binary"), compact: compile("compact"), tjson: compile("tjson") };
}

/**
 * Puts the methods of a service and their handlers together. Handlers are bound now: no name from the wire ever looks
 * one up on the object of the program.
 *
 * @throws TypeError when a method has no handler.
 */
export function endpointsOf(
  service: ServiceDescriptor,
  handlers: Handlers,
  codecs: Codecs<ServiceCodec>,
): ReadonlyMap<string, Endpoint> {
  return new Map(
    Array.from(codecs.binary.methods, ([name, { descriptor }]) => {
      const path = `${service.name}.${name}`;
      const handler = bindHandler(handlers, name, path);
      const argNames = descriptor.args.fields.map((field) => field.name);
      const endpoint: Endpoint = {
        service,
        method: descriptor,
        path,
        codecs: {
          binary: codecs.binary.methods.get(name)!,
          compact: codecs.compact.methods.get(name)!,
          tjson: codecs.tjson.methods.get(name)!,
        },
        argNames,
        idempotent: isIdempotent(descriptor),
        invoke: invoker(handler, argNames),
        handler,
      };
      return [name, endpoint];
    }),
  );
}

/** What every object has is no handler, whatever the method is called. */
function bindHandler(handlers: Handlers, name: string, path: string): Handler {
  const found: unknown = Reflect.get(handlers, name);
  const isOwn = Object.hasOwn(handlers, name);
  const isEverywhere = name === "constructor" || found === Reflect.get(Object.prototype, name);
  if (typeof found !== "function" || (isEverywhere && !isOwn)) {
    throw new TypeError(`expected a handler for ${path}, found none`);
  }
  return (found as Handler).bind(handlers);
}

/** Spelled out for few arguments: spreading them takes longer than decoding them. */
function invoker(handler: Handler, names: readonly string[]): Endpoint["invoke"] {
  const [first, second, third] = names;
  switch (names.length) {
    case 0:
      return (_args, context) => handler(context);
    case 1:
      return (args, context) => handler(args[first], context);
    case 2:
      return (args, context) => handler(args[first], args[second], context);
    case 3:
      return (args, context) => handler(args[first], args[second], args[third], context);
    default:
      return (args, context) => handler(...names.map((name) => args[name]), context);
  }
}
