/** What a handler is given beside its arguments. Made for every call, so it costs nothing until somebody asks. */

import type { MethodDescriptor, ServiceDescriptor } from "../../schema/descriptor.js";
import type { PeerInfo } from "../../transport/listener.js";
import type { WireProtocol } from "../../transport/detect.js";
import type { TTHeader } from "../../transport/ttheader.js";
import { IntKey, PERSISTENT_PREFIX, StringKey, TRANSIENT_PREFIX } from "../../transport/ttheader-keys.js";
import { type Call, nextCallId } from "../call.js";
import { Deadline } from "../deadline.js";
import { checkPair, type Metainfo, NO_METAINFO, readMetainfo, RETRY_KEY } from "../metainfo.js";
import type { AccessRequest } from "../middleware/access.js";
import { RefusalKey } from "../refusal.js";
import type { Endpoint } from "./endpoint.js";
import type { TransportName } from "../transport-name.js";
import type { Way } from "./way.js";

/** Who called. */
export interface CallPeer {
  /** `host:port`, the path of a socket or the name of a loopback. */
  readonly address: string;
  /** How the request came. */
  readonly transport: TransportName;
  /** What it was encoded in. */
  readonly protocol: WireProtocol;
  /** Who the peer has proved to be by TLS; undefined without it. */
  readonly tls: PeerInfo["tls"];
}

/** The last argument of every handler. */
export interface CallContext {
  /** The service that is called. */
  readonly service: ServiceDescriptor;
  /** The method of it. */
  readonly method: MethodDescriptor;
  /** Who calls. */
  readonly peer: CallPeer;
  /** Pairs of the TTHeader that belong to no one but the program. Empty without TTHeader. */
  readonly headers: ReadonlyMap<string, string>;
  /** All of the TTHeader, the ACL token included; undefined where the request came without. */
  readonly ttheader: TTHeader | undefined;
  /** What came with the call. Persistent values are passed on by themselves. */
  readonly metainfo: Metainfo;
  /** When the caller stops waiting; undefined where it does not say. Calls to others keep to it by themselves. */
  readonly deadline: Deadline | undefined;
  /** Aborted when nobody waits for the result anymore: by deadline, timeout, lost connection or the end of the server. */
  readonly signal: AbortSignal;
  /** 0 for the first attempt of a caller, then 1 and so on, as far as it says so. */
  readonly attempt: number;
  /** Pairs for the TTHeader of the reply; lost without TTHeader. */
  readonly replyHeaders: Map<string, string>;
  /**
   * Sends a value back, as Kitex's `SendBackwardValue` does.
   *
   * @throws RangeError on a line break or NUL. Empty names and values are ignored.
   */
  sendBackward(name: string, value: string): void;
}

/** Keys that mean something to the transport or to clients and servers. */
const OWN_KEYS: ReadonlySet<string> = new Set([...Object.values(StringKey), ...Object.values(RefusalKey)]);

const NO_HEADERS: ReadonlyMap<string, string> = new Map();

/** The context of one call. */
export class RequestContext implements CallContext {
  readonly endpoint: Endpoint;
  readonly way: Way;
  readonly seqid: number;
  readonly deadline: Deadline | undefined;
  /** Whether the handler was called: before that, a call may be refused as if it had never come. */
  hasStarted = false;
  readonly #from: PeerInfo;
  #headers: ReadonlyMap<string, string> | undefined;
  #metainfo: Metainfo | undefined;
  #replyHeaders: Map<string, string> | undefined;
  #controller: AbortController | undefined;
  #abortReason: Error | undefined;
  #callId = 0;

  constructor(endpoint: Endpoint, way: Way, seqid: number, from: PeerInfo) {
    this.endpoint = endpoint;
    this.way = way;
    this.seqid = seqid;
    this.deadline = way.header === undefined ? undefined : deadlineOf(way.header);
    this.#from = from;
  }

  get service(): ServiceDescriptor {
    return this.endpoint.service;
  }

  get method(): MethodDescriptor {
    return this.endpoint.method;
  }

  /** As a reply names it. */
  get name(): string {
    return this.endpoint.method.name;
  }

  /** Whether calls of the handler are to take something over. */
  get hasScope(): boolean {
    return this.way.header !== undefined && (this.deadline !== undefined || this.metainfo.persistent.size > 0);
  }

  get peer(): CallPeer {
    const { transport, protocol } = this.way;
    return { address: this.#from.address, transport, protocol, tls: this.#from.tls };
  }

  /** A copy: requests with the same pairs share them, and a handler in JavaScript may write to its own. */
  get ttheader(): TTHeader | undefined {
    const { header } = this.way;
    return header && { ...header, ints: new Map(header.ints), strings: new Map(header.strings) };
  }

  get headers(): ReadonlyMap<string, string> {
    return (this.#headers ??= this.way.header === undefined ? NO_HEADERS : ownHeaders(this.way.header.strings));
  }

  get metainfo(): Metainfo {
    return (this.#metainfo ??= this.way.header === undefined ? NO_METAINFO : readMetainfo(this.way.header.strings));
  }

  get attempt(): number {
    const attempt = Number(this.metainfo.persistent.get(RETRY_KEY) ?? 0);
    return Number.isSafeInteger(attempt) && attempt > 0 ? attempt : 0;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  get replyHeaders(): Map<string, string> {
    return (this.#replyHeaders ??= new Map());
  }

  /** What there is to send back; undefined where nobody has asked for the map. */
  get sentHeaders(): ReadonlyMap<string, string> | undefined {
    return this.#replyHeaders;
  }

  sendBackward(name: string, value: string): void {
    checkPair(name, value);
    if (name !== "" && value !== "") this.replyHeaders.set(name, value);
  }

  /** Ends the call early. What its listeners throw becomes an uncaught exception, as with every event target. */
  abort(reason: Error): void {
    if (this.#abortReason !== undefined) return;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
  }

  /** The call as it is judged before it is decoded. */
  toAccessRequest(): AccessRequest {
    const { service, method, headers, metainfo } = this;
    return { service, method, address: this.#from.address, tls: this.#from.tls, headers, metainfo };
  }

  /** The call as middleware and events see it. */
  toCall(args: readonly unknown[]): Call {
    if (this.#callId === 0) this.#callId = nextCallId();
    return {
      side: "server",
      id: this.#callId,
      service: this.service,
      method: this.method,
      args,
      address: this.#from.address,
      alternatives: [],
      deadline: this.deadline,
      signal: this.signal,
      headers: this.headers,
      metainfo: this.metainfo,
      attempt: this.attempt,
      idempotent: this.endpoint.idempotent,
    };
  }
}

/** Decimal and positive; Kitex takes 0 for no timeout, and ignores what is no number. */
const TIMEOUT = /^[1-9]\d{0,9}$/;

function deadlineOf(header: TTHeader): Deadline | undefined {
  const text = header.ints.get(IntKey.RPC_TIMEOUT);
  return text === undefined || !TIMEOUT.test(text) ? undefined : new Deadline(Number(text));
}

function ownHeaders(strings: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const own = new Map<string, string>();
  for (const [key, value] of strings) {
    if (OWN_KEYS.has(key) || key.startsWith(PERSISTENT_PREFIX) || key.startsWith(TRANSIENT_PREFIX)) continue;
    own.set(key, value);
  }
  return own;
}
