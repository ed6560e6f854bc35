/** The public face of calls, `scrimp/rpc`: clients, servers, and what stands between them. */

export { createClient, type AnyMethods, type Client, type ClientControls } from "./client/client.js";
export type { CallOptions, ClientOptions, ConnectionsOption, WarmUpOptions } from "./client/options.js";

export { closeOnSignals, type Closable } from "./server/signals.js";
export { createServer, type Server, type ServerState } from "./server/server.js";
export type { CallContext, CallPeer } from "./server/context.js";
export type { CloseOptions, CloseResult } from "./server/drain.js";
export type { Handlers } from "./server/endpoint.js";
export type { ServerLog, ServerLogEvent } from "./server/log.js";
export type { ServerOptions } from "./server/options.js";

export { compose, type Call, type Middleware, type Next } from "./call.js";
export {
  access,
  accessRules,
  type AccessRequest,
  type AccessRule,
  type Authorize,
  type Match,
} from "./middleware/access.js";
export {
  breakerOutcomeOf,
  circuitBreaker,
  type BreakerOutcome,
  type CircuitBreakerOptions,
} from "./middleware/breaker.js";
export { concurrencyLimit, type ConcurrencyLimitOptions } from "./middleware/concurrency-limit.js";
export { fallback, isTimeoutOrBreaker, type FallbackOptions } from "./middleware/fallback.js";
export { forMethods } from "./middleware/for-methods.js";
export type { CallKey } from "./middleware/keyed.js";
export { rateLimit, type RateLimitOptions } from "./middleware/rate-limit.js";
export type { Backoff } from "./middleware/retry/backoff.js";
export type { RetryBudgetOptions } from "./middleware/retry/budget.js";
export type { IdempotentOption } from "./middleware/retry/idempotent.js";
export { retryPolicyFromKitex, type KitexPolicyRest } from "./middleware/retry/kitex.js";
export type {
  AttemptsPolicy,
  BackupPolicy,
  FailureRetryPolicy,
  MixedRetryPolicy,
  RetryPolicy,
} from "./middleware/retry/policy.js";
export { retry } from "./middleware/retry/retry.js";
export type { RetryOn } from "./middleware/retry/retryable.js";

export { Deadline } from "./deadline.js";
export * from "./events.js";
export { executedOf } from "./executed.js";
export type { RpcLimits, RpcLimitsOption, ServerLimits } from "./limits.js";
export { currentMetainfo, withMetainfo, type Metainfo, type Pairs } from "./metainfo.js";

export type { TransportName } from "./transport-name.js";
export type { WireProtocol } from "../transport/detect.js";
export type { TTHeader } from "../transport/ttheader.js";
export type { Address, TcpAddress, UnixAddress } from "../transport/address.js";
export type { ListenAddress, ListeningAddress } from "../transport/listener.js";
export { createLoopback, type Loopback } from "../transport/loopback.js";
export type { MuxOptions } from "../transport/mux.js";
export type { PoolOptions } from "../transport/pool.js";
export type { ClientTlsOptions, Pem, ServerTlsOptions, TlsIdentity } from "../transport/tls.js";
