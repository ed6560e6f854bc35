/** What goes back to a caller for what became of its call. */

import { BizStatusError, EncodeError, ThriftException } from "../../errors.js";
import { badOutput, type Peer } from "../../transport/peer.js";
import { checkOutgoingLength } from "../../transport/framed.js";
import { writeBizStatus } from "../biz-status.js";
import { checkPair } from "../metainfo.js";
import type { RequestContext } from "./context.js";
import { type Failure, refusedBy, thrown } from "./failure.js";
import type { ResolvedServerOptions } from "./options.js";
import { encodeEmptyReply, type Outgoing, wrapReply } from "./reply.js";
import type { Routes } from "./routes.js";
import type { Way } from "./way.js";

/** What an exception answers. */
export interface Destination {
  readonly way: Way;
  /** The method, as the reply is to name it. */
  readonly name: string;
  readonly seqid: number;
}

/** Makes the answers of one server. */
export class Answers {
  /** Whether the server is about to close its connections, which answers by TTHeader say. */
  willReset = false;
  /** Calls whose handlers have answered, well or not. */
  answered = 0;
  readonly #options: ResolvedServerOptions;
  readonly #routes: Routes;

  constructor(options: ResolvedServerOptions, routes: Routes) {
    this.#options = options;
    this.#routes = routes;
  }

  /** The answer to a call whose handler has returned; an exception where that cannot be encoded or sent. */
  result(context: RequestContext, result: unknown, peer: Peer): Outgoing {
    const { way, seqid, endpoint } = context;
    this.answered++;
    try {
      const message = endpoint.codecs[way.protocol].encodeReply(result, seqid);
      return this.#wrap(message, context, context.sentHeaders, peer);
    } catch (error) {
      return this.#unsendable(context, error, peer);
    }
  }

  /** The answer to a call that has thrown, in its handler or before. What was thrown may be anything, and fail when looked at. */
  error(context: RequestContext, error: unknown, peer: Peer): Outgoing {
    this.answered++;
    try {
      return this.#declared(context, error, peer) ?? this.exception(context, this.#failure(context, error), peer);
    } catch (reason) {
      return this.#unsendable(context, reason, peer);
    }
  }

  /** @returns the reply to what the IDL or Kitex has a place for; undefined for all else. */
  #declared(context: RequestContext, error: unknown, peer: Peer): Outgoing | undefined {
    const { way, seqid, endpoint } = context;
    const codec = endpoint.codecs[way.protocol];
    if (error instanceof ThriftException && codec.declares(error)) {
      return this.#wrap(codec.encodeException(error, seqid), context, context.sentHeaders, peer);
    }
    if (!(error instanceof BizStatusError) || way.header === undefined) return undefined;
    const strings = new Map(context.sentHeaders);
    writeBizStatus(error, strings);
    return this.#wrap(encodeEmptyReply(context.name, seqid, way.protocol), context, strings, peer);
  }

  #failure(context: RequestContext, error: unknown): Failure {
    if (!context.hasStarted) return refusedBy(error, this.#options);
    this.#options.log({ level: "error", message: "a handler failed", method: context.endpoint.path, error });
    return thrown(error, this.#options);
  }

  /** @throws TransportError or EncodeError when not even that can be sent. */
  exception({ way, name, seqid }: Destination, { typeId, message, strings }: Failure, peer: Peer): Outgoing {
    const encoded = this.#routes.codecs[way.protocol].encodeError({ name, seqid }, { typeId, message });
    return wrapReply(encoded, way, { isException: true, strings, willReset: this.willReset }, peer);
  }

  #wrap(message: Uint8Array, { way }: RequestContext, strings: Failure["strings"], peer: Peer): Outgoing {
    if (way.transport === "framed") checkOutgoingLength(message.length, peer);
    else if (message.length > peer.limits.maxMessageBytes)
      throw badOutput(peer, "ERR_THRIFT_SIZE_LIMIT", "expected a reply of at most maxMessageBytes, found a longer one");
    if (strings !== undefined) for (const [name, value] of strings) checkPair(name, value);
    return wrapReply(message, way, { isException: false, strings, willReset: this.willReset }, peer);
  }

  /** The handler has answered, but with something that its method does not return, or that is too long. */
  #unsendable(context: RequestContext, error: unknown, peer: Peer): Outgoing {
    const { path } = context.endpoint;
    this.#options.log({ level: "error", message: "a handler's answer cannot be sent", method: path, error });
    // What an encoder finds wrong it says without values.
    const failure = thrown(
      error,
      error instanceof EncodeError ? { ...this.#options, exposeErrors: true } : this.#options,
    );
    return this.exception(context, failure, peer);
  }
}
