/** Bounds that a client or a server of calls holds its peers and itself to: those of messages, of frames, and its own. */

import {
  INTERNAL_LIMITS as INTERNAL_MESSAGE_LIMITS,
  UNTRUSTED_LIMITS as UNTRUSTED_MESSAGE_LIMITS,
  type Limits,
} from "../protocol/limits.js";
import { INTERNAL_TRANSPORT_LIMITS, type TransportLimits, UNTRUSTED_TRANSPORT_LIMITS } from "../transport/limits.js";

/** What a server bounds beside messages and frames. */
export interface ServerLimits {
  /** Calls of all connections that are running or waiting; more are answered with OVERLOADED. Default 4,096, untrusted 1,024. */
  maxInFlight: number;
  /** Calls of one connection; beyond them nothing more is read from it. Default 256, untrusted 64. */
  maxInFlightPerConnection: number;
  /** Milliseconds that the event loop may lag for more than a second on end before calls are answered with OVERLOADED. Default 200, untrusted 100. */
  maxLoopDelayMs: number;
  /** Messages of one connection in a minute that cannot be decoded; one more ends it. Default 8, untrusted 1. */
  maxMalformedPerMinute: number;
  /** Calls of one connection in a minute to methods that there are not; one more ends it. Default 100, untrusted 10. */
  maxUnknownMethodsPerMinute: number;
  /** Bytes of the text of an application exception; longer text is cut. Default 4,096, untrusted 256. */
  maxErrorTextBytes: number;
}

/** All limits of a client or server. */
export interface RpcLimits extends Limits, TransportLimits, ServerLimits {}

/** Limits for peers inside one's own systems: the default. */
export const INTERNAL_RPC_LIMITS: Readonly<RpcLimits> = {
  ...INTERNAL_MESSAGE_LIMITS,
  ...INTERNAL_TRANSPORT_LIMITS,
  maxInFlight: 4096,
  maxInFlightPerConnection: 256,
  maxLoopDelayMs: 200,
  maxMalformedPerMinute: 8,
  maxUnknownMethodsPerMinute: 100,
  maxErrorTextBytes: 4096,
};

/** Limits for peers that may be anyone. */
export const UNTRUSTED_RPC_LIMITS: Readonly<RpcLimits> = {
  ...UNTRUSTED_MESSAGE_LIMITS,
  ...UNTRUSTED_TRANSPORT_LIMITS,
  maxInFlight: 1024,
  maxInFlightPerConnection: 64,
  maxLoopDelayMs: 100,
  maxMalformedPerMinute: 1,
  maxUnknownMethodsPerMinute: 10,
  maxErrorTextBytes: 256,
};

/** What callers may give: a preset by name, or some limits by value over the `internal` preset. `Infinity` turns a limit off. */
export type RpcLimitsOption = "internal" | "untrusted" | Partial<RpcLimits>;

/** @throws RangeError when a limit is unknown, or not a positive integer or `Infinity`. */
export function resolveRpcLimits(option: RpcLimitsOption = "internal"): Readonly<RpcLimits> {
  if (option === "internal") return INTERNAL_RPC_LIMITS;
  if (option === "untrusted") return UNTRUSTED_RPC_LIMITS;
  const limits: RpcLimits = { ...INTERNAL_RPC_LIMITS };
  for (const [name, value] of Object.entries(option)) {
    if (!Object.hasOwn(limits, name)) throw new RangeError(`unknown limit ${name}`);
    if (!(value > 0 && (Number.isInteger(value) || value === Infinity))) {
      throw new RangeError(`limit ${name} must be a positive integer or Infinity`);
    }
    limits[name as keyof RpcLimits] = value;
  }
  return limits;
}

/** Those of the limits that a codec takes. */
export function messageLimits(limits: Readonly<RpcLimits>): Limits {
  const names = Object.keys(INTERNAL_MESSAGE_LIMITS) as (keyof Limits)[];
  return Object.fromEntries(names.map((name) => [name, limits[name]])) as unknown as Limits;
}
