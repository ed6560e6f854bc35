/** What the reply to a call says, once it is known which call it belongs to. */

import { ApplicationError, DecodeError, type ErrorCode, type Executed } from "../../errors.js";
import type { ReceivedHeader, ServiceCodec } from "../../codec/message/service.js";
import { ApplicationErrorType } from "../../protocol/message.js";
import { connectionWillReset } from "../../transport/control.js";
import type { TTHeader } from "../../transport/ttheader.js";
import { StringKey } from "../../transport/ttheader-keys.js";
import { readBizStatus } from "../biz-status.js";
import { refusalOf, RefusalKey, REFUSALS } from "../refusal.js";
import type { AttemptTask } from "./attempt.js";

/** A message from a server whose header is read. */
export interface ReceivedReply {
  readonly codec: ServiceCodec;
  /** The TTHeader in front of it; undefined where there is none. */
  readonly pairs: TTHeader | undefined;
  readonly header: ReceivedHeader;
  readonly message: Uint8Array;
  /** Whether other calls wait on the same connection. */
  readonly isShared: boolean;
}

/** How a call ends, and what becomes of the connection. */
export interface Outcome {
  readonly result?: unknown;
  readonly error?: Error;
  /**
   * `"keep"`: more calls may follow. `"retire"`: no more, as the server is about to close it. `"destroy"`: the peer cannot
   * be trusted to know where it is.
   */
  readonly then: "keep" | "retire" | "destroy";
}

/** Types of exceptions that Kitex alone has: no such service, no service name. */
const KITEX_UNKNOWN_SERVICE = 20;
const KITEX_NO_SERVICE_NAME = 21;

/** Exceptions which mean that the handler did not run. */
const NOT_EXECUTED: ReadonlySet<number> = new Set([
  ApplicationErrorType.UNKNOWN_METHOD,
  KITEX_UNKNOWN_SERVICE,
  KITEX_NO_SERVICE_NAME,
]);

/** Exceptions after which a Kitex server closes a connection that takes one call at a time, though it does not say so. */
const CLOSES_AFTER: ReadonlySet<number> = new Set([...NOT_EXECUTED, ApplicationErrorType.PROTOCOL_ERROR]);

/** Bytes of ours that are at fault, not the peer's: a value that an option excludes, a field that the other version has not. */
const HARMLESS: ReadonlySet<ErrorCode> = new Set([
  "ERR_THRIFT_REQUIRED_MISSING",
  "ERR_THRIFT_OUT_OF_RANGE",
  "ERR_THRIFT_INVALID_UTF8",
]);

/** Pairs that belong to the transport and not to the handler. */
const OWN_KEYS: ReadonlySet<string> = new Set([...Object.values(StringKey), ...Object.values(RefusalKey)]);

/** Reads a reply to a call. */
export function readReply(task: AttemptTask, reply: ReceivedReply): Outcome {
  const { pairs, header } = reply;
  if (pairs !== undefined && task.details?.backward !== undefined) takeBackward(pairs, task.details.backward);
  const mismatch = checkHeader(task, reply);
  if (mismatch !== undefined) return { error: mismatch, then: "destroy" };
  const then = pairs !== undefined && connectionWillReset(pairs) ? "retire" : "keep";
  try {
    return header.type === "exception" ? readException(reply, then) : readResult(task, reply, then);
  } catch (error) {
    if (error instanceof DecodeError && !HARMLESS.has(error.code)) return { error, then: "destroy" };
    return { error: error as Error, then };
  }
}

/** Proxies answer with exceptions of whatever name. */
function checkHeader({ method, protocol }: AttemptTask, { codec, header }: ReceivedReply): Error | undefined {
  const { type, name } = header;
  if (codec.protocol !== protocol) {
    const found = `expected a reply in ${protocol}, found one in ${codec.protocol}`;
    return mismatched(ApplicationErrorType.PROTOCOL_ERROR, found);
  }
  if (type === "exception") return undefined;
  if (type !== "reply") {
    return mismatched(ApplicationErrorType.INVALID_MESSAGE_TYPE, `expected a reply, found a ${type}`);
  }
  if (name === method.descriptor.name) return undefined;
  return mismatched(ApplicationErrorType.WRONG_METHOD_NAME, `expected a reply of ${method.path}, found another name`);
}

/** A reply that is not to the call. Whether the call was run is open. */
export function mismatched(typeId: number, message: string): ApplicationError {
  return new ApplicationError(typeId, message, { executed: "maybe" });
}

function readException({ codec, pairs, header, message, isShared }: ReceivedReply, then: "keep" | "retire"): Outcome {
  const { typeId, message: text } = codec.decodeError(message, header);
  const error = new ApplicationError(typeId, text, { executed: executedBy(typeId, text, pairs) });
  const isOver = refusalOf(text) === "draining" || (CLOSES_AFTER.has(typeId) && !isShared);
  return { error, then: isOver ? "retire" : then };
}

/** Whether the handler ran, as far as the server says so: with a pair, or with the words that servers of scrimp use. */
function executedBy(typeId: number, text: string, pairs: TTHeader | undefined): Executed {
  if (NOT_EXECUTED.has(typeId)) return "no";
  const said = pairs?.strings.get(RefusalKey.EXECUTED);
  if (said === "no" || said === "maybe") return said;
  const refusal = typeId === ApplicationErrorType.INTERNAL_ERROR ? refusalOf(text) : undefined;
  return refusal === undefined ? "yes" : REFUSALS[refusal];
}

function readResult(task: AttemptTask, { pairs, header, message }: ReceivedReply, then: "keep" | "retire"): Outcome {
  // The message behind a business status has no result.
  const status = pairs && readBizStatus(pairs.strings, task.method.path);
  if (status !== undefined) return { error: status, then };
  const { success, exception } = task.codec.decodeReply(message, header);
  return exception === undefined ? { result: success, then } : { error: exception, then };
}

function takeBackward({ strings }: TTHeader, backward: Map<string, string>): void {
  for (const [key, value] of strings) if (!OWN_KEYS.has(key)) backward.set(key, value);
}
