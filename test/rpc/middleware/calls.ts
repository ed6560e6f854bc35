/** Calls and answers for middleware, without clients, servers and sockets. */

import { TransportError } from "../../../src/errors.js";
import type { Call, Next } from "../../../src/rpc/call.js";
import { NO_METAINFO } from "../../../src/rpc/metainfo.js";
import { parseSchema } from "../../../src/schema/parse.js";

const IDL = `
exception Busy { 1: string why }
exception Gone { 1: string why }
service Stock {
  i32 take(1: i32 id) throws (1: Busy busy, 2: Gone gone)
  i32 count(1: i32 id) (scrimp.idempotent = "true")
  oneway void seen(1: i32 id)
}`;

const schema = parseSchema({ "stock.thrift": IDL }, { entry: "stock.thrift" });
const service = schema.service("Stock");

export const Busy = schema.exception("Busy");
export const Gone = schema.exception("Gone");

/** A method of the service. */
export function methodOf(name: "take" | "count" | "seen"): Call["method"] {
  return service.methods.find((method) => method.name === name)!;
}

/** A call to `take`, which is not idempotent, unless said otherwise. */
export function makeCall(changes: Partial<Call> = {}): Call {
  return {
    side: "client",
    id: 1,
    service,
    method: methodOf("take"),
    args: [7],
    address: "10.0.0.1:9090",
    alternatives: [],
    deadline: undefined,
    signal: undefined,
    headers: new Map(),
    metainfo: NO_METAINFO,
    attempt: 0,
    idempotent: false,
    ...changes,
  };
}

/** The peer is gone, before or after it may have run the call. */
export function lost(executed: "no" | "maybe"): TransportError {
  return new TransportError({ address: "10.0.0.1:9090", executed }, "connection lost");
}

/** What is thrown when it is an error, and returned when not; one after the other, and the last for good. */
export function answering(...answers: unknown[]): { next: Next; calls: Call[] } {
  const calls: Call[] = [];
  const next: Next = async (call) => {
    const answer = answers[Math.min(calls.length, answers.length - 1)];
    calls.push(call);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { next, calls };
}
