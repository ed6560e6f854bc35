/** The source back end: specialised JavaScript, made when a direction is first used. */

import type { Backend } from "../backend.js";
import type { Plan } from "../plan.js";
import { ProtocolError } from "../../protocol/protocol.js";
import { decodeFrom, input } from "./input.js";
import { collect, collectInto, measure } from "./output.js";
import { FAILED } from "./failure.js";
import { compileDecoder, compileEncoder, type DecodeFunction, type EncodeFunction } from "./unit.js";

export function sourceBackend(plan: Plan): Backend {
  const { limits, trailingBytes } = plan.options;
  const refuseTrailing = trailingBytes === "refuse";
  let write: EncodeFunction = (value, position) => (write = compileEncoder(plan))(value, position);
  let read: DecodeFunction = (position) => (read = compileDecoder(plan))(position);
  return {
    name: "source",
    encode: (value) => collect(write, value),
    encodeInto: (value, target, offset) => collectInto(write, value, { bytes: target, offset }),
    encodedSize: (value) => measure(write, value),
    decode(bytes) {
      if (bytes.length > limits.maxMessageBytes) throw FAILED;
      const value = decodeFrom(read, bytes, limits.maxHeapBytes);
      if (refuseTrailing ? input.position !== input.end : input.position > input.end) throw FAILED;
      return value;
    },
    warm() {
      write = compileEncoder(plan);
      read = compileDecoder(plan);
    },
  };
}

/** True for what says only that something is wrong: the signal, reads beyond the end, an exhausted stack, refusals. */
export function isMute(error: unknown): boolean {
  return error === FAILED || error instanceof RangeError || error instanceof ProtocolError;
}
