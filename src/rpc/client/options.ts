/** Options of clients and of single calls, and their defaults. */

import type { ServiceOptions } from "../../codec/message/service.js";
import type { ProtocolName } from "../../protocol/protocols.js";
import { parseAddress, type Address, type Endpoint } from "../../transport/address.js";
import type { MuxOptions } from "../../transport/mux.js";
import type { PoolOptions } from "../../transport/pool.js";
import type { ClientTlsOptions } from "../../transport/tls.js";
import type { Middleware } from "../call.js";
import { resolveRpcLimits, type RpcLimits, type RpcLimitsOption } from "../limits.js";
import { checkPair, type Pairs } from "../metainfo.js";
import type { IdempotentOption } from "../middleware/retry/idempotent.js";
import type { RetryPolicy } from "../middleware/retry/policy.js";
import { DEFAULT_RETRY } from "../middleware/retry/retry.js";
import type { TransportName } from "../transport-name.js";

/** Options of `createClient()`. Only the address must be given. */
export interface ClientOptions {
  /** Where the service is. Several are taken in turn; one that cannot be reached is passed over for a while. */
  address: Address | readonly Address[];
  /** What stands in front of messages. Default `"framed"`; only the two with TTHeader carry headers, metainfo and business statuses. */
  transport?: TransportName;
  /** Default `"binary"`. Kitex speaks no other. */
  protocol?: ProtocolName;
  /**
   * How connections are used. Default `"pool"`: one call at a time on each. `"mux"`: many at a time on few, which is the
   * fastest where the server answers calls as they are done; one that answers them in turn lets slow ones hold up others.
   * `"short"`: a connection for each call.
   */
  connections?: ConnectionsOption;
  /** Calls a server with several services the way Apache's TMultiplexedProtocol does, by `Service:method`: true for the name of the service in the IDL, or another name. */
  multiplexed?: boolean | string;
  /** Encrypts connections. Default false; true for the secure defaults. */
  tls?: boolean | ClientTlsOptions;
  /** Milliseconds for a call as a whole, all attempts together. Default 5,000; 0 for no bound. */
  timeoutMs?: number;
  /** Milliseconds for a connection, TLS included. Default 1,000, with TLS 3,000. */
  connectTimeoutMs?: number;
  /** Name of this program, which servers read in the TTHeader. Default none. */
  caller?: string;
  /** Name of the service that is called, in the TTHeader. Default the name of the service in the IDL. */
  callee?: string;
  /** String pairs of every TTHeader. */
  headers?: Pairs;
  /** Sends a CRC-32C of each request in the TTHeader, and has the server do so. Default false. One in a reply is checked in any case. */
  checksum?: boolean;
  /** Methods that may be run twice: true for all, or their names. Default those with the annotation `scrimp.idempotent = "true"`. */
  idempotent?: IdempotentOption;
  /** How calls that failed are made again. Default: twice, where the server did not run them, or may run them twice. */
  retry?: RetryPolicy | false;
  /** Stands around each attempt to call; the first is outermost. */
  middleware?: readonly Middleware[];
  /** How values look, as for `compileService()`. */
  codec?: Omit<ServiceOptions, "protocol" | "limits" | "multiplexed">;
  /** Default `"internal"`. */
  limits?: RpcLimitsOption;
  /** Connects and compiles as soon as the client is made, instead of when the first call is. Default false. */
  warmUp?: boolean | WarmUpOptions;
}

/** Whether and how connections are kept. */
export type ConnectionsOption =
  "pool" | "mux" | "short" | ({ kind: "pool" } & PoolOptions) | ({ kind: "mux" } & MuxOptions) | { kind: "short" };

/** What a client does before its first call. */
export interface WarmUpOptions {
  /** Connections to each address. Default 1. */
  connections?: number;
  /** What an address that cannot be reached means: nothing, a warning of the process, or that `warmUp()` rejects. Default `"throw"`, for the option of a client `"warn"`. */
  onFailure?: "ignore" | "warn" | "throw";
}

/** Options of one call, behind its arguments. */
export interface CallOptions {
  /** Milliseconds for the call as a whole; 0 for no bound. Default that of the client; never more than what is left of the call that is being handled. */
  timeoutMs?: number;
  /** Ends the call early. */
  signal?: AbortSignal;
  /** String pairs of the TTHeader, over those of the client. */
  headers?: Pairs;
  /** Values that travel with the call, over those that it inherits. */
  metainfo?: { transient?: Pairs; persistent?: Pairs };
  /** Is filled with the values that the handler sends back. */
  backward?: Map<string, string>;
  /** Instead of that of the client. */
  retry?: RetryPolicy | false;
  /** Instead of those of the client. */
  address?: Address;
  /** Instead of that of the client. */
  protocol?: ProtocolName;
  /** Whether running the call twice does no more than running it once. Default what the client says of the method. */
  idempotent?: boolean;
}

/** Options with every default filled in. */
export interface ResolvedClientOptions {
  readonly endpoints: readonly Endpoint[];
  readonly transport: TransportName;
  readonly protocol: ProtocolName;
  readonly connections: Exclude<ConnectionsOption, string>;
  /** The name in front of methods; undefined where there is none. */
  readonly multiplexed: string | undefined;
  readonly tls: boolean | ClientTlsOptions;
  /** `Infinity` for no bound. */
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number | undefined;
  readonly caller: string | undefined;
  readonly callee: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly checksum: boolean;
  readonly idempotent: IdempotentOption;
  readonly retry: RetryPolicy | false;
  readonly middleware: readonly Middleware[];
  readonly codec: Omit<ServiceOptions, "protocol" | "limits">;
  readonly limits: Readonly<RpcLimits>;
  readonly warmUp: WarmUpOptions | undefined;
}

const CHOICES = {
  transport: ["framed", "buffered", "ttheader", "ttheader-framed"],
  protocol: ["binary", "compact", "tjson"],
} as const;

const CONNECTION_KINDS = ["pool", "mux", "short"] as const;

const NAMES: ReadonlySet<string> = new Set<keyof ClientOptions>([
  "address",
  "transport",
  "protocol",
  "connections",
  "multiplexed",
  "tls",
  "timeoutMs",
  "connectTimeoutMs",
  "caller",
  "callee",
  "headers",
  "checksum",
  "idempotent",
  "retry",
  "middleware",
  "codec",
  "limits",
  "warmUp",
]);

/** What only a TTHeader can carry. */
const NEEDS_HEADER = ["caller", "callee", "headers", "checksum"] as const satisfies readonly (keyof ClientOptions)[];

const CALL_NAMES: ReadonlySet<string> = new Set<keyof CallOptions>([
  "timeoutMs",
  "signal",
  "headers",
  "metainfo",
  "backward",
  "retry",
  "address",
  "protocol",
  "idempotent",
]);

const CALL_NEEDS_HEADER = ["headers", "metainfo", "backward"] as const satisfies readonly (keyof CallOptions)[];

const DEFAULT_TIMEOUT_MS = 5000;

/** @throws RangeError on an option or value that does not exist, or that would change nothing. */
export function resolveClientOptions(serviceName: string, options: ClientOptions): ResolvedClientOptions {
  checkNames(options, NAMES, "option");
  const { connectTimeoutMs, multiplexed = false, middleware = [], retry = DEFAULT_RETRY } = options;
  const transport = choose("transport", options.transport);
  if (!hasHeader(transport)) refuse(options, NEEDS_HEADER, transport);
  if (connectTimeoutMs !== undefined && !(connectTimeoutMs > 0)) {
    throw new RangeError("option connectTimeoutMs must be more than 0");
  }
  return {
    endpoints: resolveEndpoints(options.address),
    transport,
    protocol: choose("protocol", options.protocol),
    connections: resolveConnections(options.connections),
    multiplexed: multiplexed === true ? serviceName : multiplexed === false ? undefined : multiplexed,
    tls: options.tls ?? false,
    timeoutMs: resolveTimeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    connectTimeoutMs,
    caller: options.caller,
    callee: options.callee ?? serviceName,
    headers: resolvePairs(options.headers),
    checksum: options.checksum === true,
    idempotent: options.idempotent,
    retry,
    middleware,
    codec: options.codec ?? {},
    limits: resolveRpcLimits(options.limits),
    warmUp: resolveWarmUp(options.warmUp),
  };
}

/** @throws RangeError as {@link resolveClientOptions} does. */
export function checkCallOptions(options: CallOptions, transport: TransportName): void {
  if (typeof options !== "object" || options === null) throw new RangeError("options of a call must be an object");
  checkNames(options, CALL_NAMES, "option of a call");
  if (!hasHeader(transport)) refuse(options, CALL_NEEDS_HEADER, transport);
  if (options.protocol !== undefined) choose("protocol", options.protocol);
}

/** @returns milliseconds; `Infinity` for the 0 that means no bound. @throws RangeError on what is no time. */
export function resolveTimeout(timeoutMs: number): number {
  if (!(timeoutMs >= 0)) throw new RangeError("option timeoutMs must be 0 or more");
  return timeoutMs === 0 ? Infinity : timeoutMs;
}

/** @throws RangeError on pairs that no header can carry. */
export function resolvePairs(pairs: Pairs | undefined): ReadonlyMap<string, string> {
  if (pairs === undefined) return NO_PAIRS;
  const resolved = new Map<string, string>(pairs instanceof Map ? pairs : Object.entries(pairs));
  for (const [name, value] of resolved) checkPair(name, value);
  return resolved;
}

const NO_PAIRS: ReadonlyMap<string, string> = new Map();

export function hasHeader(transport: TransportName): boolean {
  return transport === "ttheader" || transport === "ttheader-framed";
}

function resolveEndpoints(address: ClientOptions["address"]): readonly Endpoint[] {
  const addresses = Array.isArray(address) ? (address as readonly Address[]) : [address as Address];
  if (addresses.length === 0) throw new RangeError("option address must have at least one address");
  const endpoints = new Map(addresses.map(parseAddress).map((endpoint) => [endpoint.text, endpoint]));
  return [...endpoints.values()];
}

function resolveConnections(option: ConnectionsOption = "pool"): Exclude<ConnectionsOption, string> {
  const connections = typeof option === "string" ? { kind: option } : option;
  if (!CONNECTION_KINDS.includes(connections.kind)) {
    throw new RangeError(`option connections must be one of ${CONNECTION_KINDS.join(", ")}`);
  }
  return connections;
}

function resolveWarmUp(option: ClientOptions["warmUp"]): WarmUpOptions | undefined {
  if (option === undefined || option === false) return undefined;
  const warmUp = option === true ? {} : option;
  if (warmUp.onFailure === "throw")
    throw new RangeError('onFailure "throw" is for client.warmUp(): nobody waits for the option');
  return { onFailure: "warn", ...warmUp };
}

function choose<N extends keyof typeof CHOICES>(name: N, value: string | undefined): (typeof CHOICES)[N][number] {
  const choices: readonly string[] = CHOICES[name];
  const chosen = value ?? choices[0];
  if (!choices.includes(chosen)) throw new RangeError(`option ${name} must be one of ${choices.join(", ")}`);
  return chosen as (typeof CHOICES)[N][number];
}

function checkNames(options: object, names: ReadonlySet<string>, what: string): void {
  for (const name of Object.keys(options)) if (!names.has(name)) throw new RangeError(`unknown ${what} ${name}`);
}

function refuse<O, N extends keyof O & string>(options: O, names: readonly N[], transport: TransportName): void {
  for (const name of names) {
    if (options[name] === undefined) continue;
    throw new RangeError(`option ${name} needs a TTHeader, which transport "${transport}" does not have`);
  }
}
