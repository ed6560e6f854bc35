/** What a caller reads when there is no result: which exception, with which text. */

import { ApplicationError, BizStatusError, type ErrorCode, ThriftError } from "../../errors.js";
import { ApplicationErrorType } from "../../protocol/message.js";
import { type Refusal, RefusalKey, REFUSALS, refusalText } from "../refusal.js";
import type { ResolvedServerOptions } from "./options.js";

/** An application exception, and the pairs of the TTHeader that go with it. */
export interface Failure {
  readonly typeId: number;
  readonly message: string;
  readonly strings?: ReadonlyMap<string, string> | undefined;
}

const INTERNAL = "internal error";

/** What middleware throws to refuse a call, and how it is said on the wire. */
const REFUSED_BY: ReadonlyMap<ErrorCode, Refusal> = new Map([
  ["ERR_THRIFT_OVERLOADED", "overloaded"],
  ["ERR_THRIFT_BREAKER_OPEN", "overloaded"],
  ["ERR_THRIFT_FORBIDDEN", "forbidden"],
  ["ERR_THRIFT_DEADLINE", "deadline"],
]);

/** A call that is refused, or given up. */
export function refused(refusal: Refusal, why: string): Failure {
  const strings = new Map([
    [RefusalKey.REASON, refusal],
    [RefusalKey.EXECUTED, REFUSALS[refusal]],
  ]);
  return { typeId: ApplicationErrorType.INTERNAL_ERROR, message: refusalText(refusal, why), strings };
}

/**
 * What was thrown before the handler was called, by middleware: scrimp's own errors say why, and that nothing was run. The
 * text of others stays here, as for {@link thrown}.
 */
export function refusedBy(error: unknown, options: ResolvedServerOptions): Failure {
  if (!(error instanceof ThriftError)) return thrown(error, options);
  const refusal = REFUSED_BY.get(error.code);
  if (refusal !== undefined) return refused(refusal, cut(error.message, options));
  if (!(error instanceof ApplicationError)) return thrown(error, options);
  const strings = new Map([[RefusalKey.EXECUTED, error.executed]]);
  return { typeId: error.typeId, message: cut(error.message, options), strings };
}

/** What a handler threw that the IDL does not declare. It may be anything, and may fail in turn when it is looked at. */
export function thrown(error: unknown, options: ResolvedServerOptions): Failure {
  const { exposeErrors } = options;
  const text = error instanceof BizStatusError || exposeErrors ? textOf(error) : INTERNAL;
  return { typeId: ApplicationErrorType.INTERNAL_ERROR, message: cut(text, options) };
}

/** A message of the peer that cannot be decoded, or not be told what it is for. */
export function malformed(reason: string, options: ResolvedServerOptions): Failure {
  const strings = new Map([[RefusalKey.EXECUTED, "no"]]);
  return { typeId: ApplicationErrorType.PROTOCOL_ERROR, message: cut(reason, options), strings };
}

function textOf(error: unknown): string {
  try {
    const text: unknown = error instanceof Error ? error.message : error;
    return typeof text === "string" && text !== "" ? text : INTERNAL;
  } catch {
    return INTERNAL;
  }
}

/** Cuts text to a number of bytes, between characters. */
function cut(text: string, { limits }: ResolvedServerOptions): string {
  const { maxErrorTextBytes } = limits;
  if (text.length * 3 <= maxErrorTextBytes) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= maxErrorTextBytes) return text;
  let end = maxErrorTextBytes;
  // A byte of 10xxxxxx continues a character.
  while (end > 0 && (bytes[end] & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}
