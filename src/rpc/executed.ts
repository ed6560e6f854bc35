/** Whether a call that failed was run: what decides if it may be made again. */

import {
  ApplicationError,
  BizStatusError,
  DeadlineError,
  DecodeError,
  EncodeError,
  type ErrorCode,
  type Executed,
  ThriftError,
  ThriftException,
  TransportError,
} from "../errors.js";

/** What this process refuses by itself, before anything is sent. */
const REFUSED: ReadonlySet<ErrorCode> = new Set([
  "ERR_THRIFT_CLOSED",
  "ERR_THRIFT_OVERLOADED",
  "ERR_THRIFT_BREAKER_OPEN",
  "ERR_THRIFT_FORBIDDEN",
]);

/**
 * Whether the handler of the peer ran, given what a call rejected with.
 *
 * - `"no"`: it did not and will not. The call may be made again, whatever it does.
 * - `"yes"`: it did, and answered.
 * - `"maybe"`: the request left and no answer came. Only calls that do no harm when run twice may be made again.
 *
 * What is no error of scrimp, such as what middleware throws, is `"maybe"`.
 */
export function executedOf(error: unknown): Executed {
  if (error instanceof ThriftException || error instanceof BizStatusError || error instanceof DecodeError) return "yes";
  if (error instanceof TransportError || error instanceof DeadlineError || error instanceof ApplicationError) {
    return error.executed;
  }
  if (error instanceof EncodeError) return "no";
  return error instanceof ThriftError && REFUSED.has(error.code) ? "no" : "maybe";
}
