import { ThriftError } from "../../errors.js";

/** @returns what a call rejects with that its signal ended while middleware had it. */
export function cancelled(signal: AbortSignal): ThriftError {
  return new ThriftError("ERR_THRIFT_CANCELLED", "the call was cancelled by its signal", { cause: signal.reason });
}
