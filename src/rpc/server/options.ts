/** Options of a server, and their defaults. */

import type { ServiceOptions } from "../../codec/message/service.js";
import type { ServerTlsOptions } from "../../transport/tls.js";
import type { Middleware } from "../call.js";
import type { Authorize } from "../middleware/access.js";
import { resolveRpcLimits, type RpcLimits, type RpcLimitsOption } from "../limits.js";
import { guardLog, type ServerLog } from "./log.js";

/** Options of `createServer()`. All are optional. */
export interface ServerOptions {
  /** Stands around every handler; the first is outermost. */
  middleware?: readonly Middleware[];
  /** Asked of every call before its arguments are decoded; false, or a throw, and it is answered with FORBIDDEN. Default all are allowed. */
  authorize?: Authorize;
  /** Default `"internal"`. */
  limits?: RpcLimitsOption;
  /** Encrypts all connections. */
  tls?: ServerTlsOptions;
  /** Where `listen({ port })` listens. Default `"127.0.0.1"`, so that nothing is open to a network by accident. */
  host?: string;
  /** Allows hosts other than the loopback of this machine without TLS. Default false. */
  plaintext?: boolean;
  /** Sends the text of what handlers throw to callers, who else read "internal error". Default false. */
  exposeErrors?: boolean;
  /** Milliseconds that a handler has, where the caller gives it no less. Default 30,000; 0 for no bound. */
  handlerTimeoutMs?: number;
  /** Is told what goes wrong, at most a hundred times a second. What it throws is ignored. Default: nobody is told. */
  log?: ServerLog;
  /** Answers calls that come by TTHeader as soon as they are done, whether or not the peer says that it takes replies in any order. Default false. */
  outOfOrder?: boolean;
  /** How values look, as for `compileService()`. */
  codec?: Omit<ServiceOptions, "protocol" | "limits">;
}

/** Options with every default filled in. */
export interface ResolvedServerOptions {
  readonly middleware: readonly Middleware[];
  readonly authorize: Authorize | undefined;
  readonly limits: Readonly<RpcLimits>;
  readonly tls: ServerTlsOptions | undefined;
  readonly host: string;
  readonly plaintext: boolean;
  readonly exposeErrors: boolean;
  /** `Infinity` for no bound. */
  readonly handlerTimeoutMs: number;
  readonly log: ServerLog;
  readonly outOfOrder: boolean;
  readonly codec: Omit<ServiceOptions, "protocol" | "limits">;
}

const HANDLER_TIMEOUT_MS = 30_000;

const NAMES: ReadonlySet<string> = new Set<keyof ServerOptions>([
  "middleware",
  "authorize",
  "limits",
  "tls",
  "host",
  "plaintext",
  "exposeErrors",
  "handlerTimeoutMs",
  "log",
  "outOfOrder",
  "codec",
]);

/** @throws RangeError on an option or value that does not exist, so that a typing mistake is not a silent default. */
export function resolveServerOptions(options: ServerOptions): ResolvedServerOptions {
  for (const name of Object.keys(options)) if (!NAMES.has(name)) throw new RangeError(`unknown option ${name}`);
  const { handlerTimeoutMs = HANDLER_TIMEOUT_MS } = options;
  if (!(handlerTimeoutMs >= 0)) throw new RangeError("option handlerTimeoutMs must be 0 or more milliseconds");
  return {
    middleware: options.middleware ?? [],
    authorize: options.authorize,
    limits: resolveRpcLimits(options.limits),
    tls: options.tls,
    host: options.host ?? "127.0.0.1",
    plaintext: options.plaintext === true,
    exposeErrors: options.exposeErrors === true,
    handlerTimeoutMs: handlerTimeoutMs === 0 ? Infinity : handlerTimeoutMs,
    log: guardLog(options.log),
    outOfOrder: options.outOfOrder === true,
    codec: options.codec ?? {},
  };
}
