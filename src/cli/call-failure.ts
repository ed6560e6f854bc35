/** A call that was made and did not give a result: what a person is told, and what a script. */

import {
  ApplicationError,
  BizStatusError,
  DeadlineError,
  type Executed,
  ThriftException,
  TransportError,
} from "../errors.js";
import type { ExceptionClass } from "../schema/exception.js";
import { quote, toJson } from "./json.js";
import type { Paint } from "./shell.js";

/** How a call fails that has nothing wrong with what the user gave. */
type Reason = ThriftException | BizStatusError | ApplicationError | TransportError | DeadlineError;

/** Ends the command with exit code 3 where the server answered, else with 4. */
export class CallFailure extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason.message, { cause: reason });
    this.reason = reason;
  }

  get isAnswer(): boolean {
    return !(this.reason instanceof TransportError || this.reason instanceof DeadlineError);
  }
}

/** Waits for a call. @throws CallFailure when the server did not answer with a result; anything else as it is. */
export async function resultOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    throw isReason(error) ? new CallFailure(error) : error;
  }
}

function isReason(error: unknown): error is Reason {
  return [ThriftException, BizStatusError, ApplicationError, TransportError, DeadlineError].some(
    (reason) => error instanceof reason,
  );
}

/** What became of a call that was not answered. */
const FATES: Readonly<Record<Executed, string>> = {
  no: "The call was not run.",
  maybe: "Whether the call was run is not known.",
  yes: "The call was run.",
};

/** Texts of the peer are quoted: they must not steer a terminal. */
export function callFailureText({ reason }: CallFailure, paint: Paint): string {
  if (reason instanceof ThriftException) {
    const { descriptor } = reason.constructor as unknown as ExceptionClass;
    return `${paint("red", "exception:")} ${descriptor.qualifiedName} ${toJson(reason, descriptor, 2)}`;
  }
  if (reason instanceof BizStatusError) {
    const extra = Array.from(reason.extra, ([name, value]) => `\n  ${quote(name)}: ${quote(value)}`);
    const { statusCode, statusMessage } = reason;
    return `${paint("red", "business status:")} ${statusCode} ${quote(statusMessage)}${extra.join("")}`;
  }
  if (reason instanceof ApplicationError) {
    const type = paint("dim", `[type ${reason.typeId}]`);
    return `${paint("red", "error:")} the server answered ${quote(reason.message)} ${type}`;
  }
  return `${paint("red", "error:")} ${reason.message} ${paint("dim", `[${reason.code}]`)}\n${FATES[reason.executed]}`;
}
