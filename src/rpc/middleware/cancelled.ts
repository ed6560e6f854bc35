import { type Executed, TransportError } from "../../errors.js";

/** @returns what a call rejects with that its signal has ended. */
export function cancelled(peer: { address: string; executed: Executed }, signal: AbortSignal): TransportError {
  const cause: unknown = signal.reason;
  return new TransportError({ ...peer, code: "ERR_THRIFT_CANCELLED" }, "the call was cancelled by its signal", {
    cause,
  });
}
