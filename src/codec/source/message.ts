/** The source back end for structs that stand in messages: the same functions, with a header before the struct. */

import { memoryOf } from "../../protocol/buffer.js";
import { Envelope } from "../../protocol/envelope.js";
import type { MessageHeader } from "../../protocol/protocol.js";
import { PROTOCOLS, type ProtocolName } from "../../protocol/protocols.js";
import type { MessageBackend } from "../backend.js";
import type { Plan } from "../plan.js";
import { FAILED } from "./failure.js";
import { decodeFrom, input } from "./input.js";
import { collect, output } from "./output.js";
import { compileDecoder, compileEncoder, type DecodeFunction, type EncodeFunction } from "./unit.js";

export function sourceMessageBackend(plan: Plan, protocol: ProtocolName): MessageBackend {
  const { limits, trailingBytes } = plan.options;
  const refuseTrailing = trailingBytes === "refuse";
  const endOf = protocol === "tjson" ? endReader() : endOfStruct;
  let envelope: Envelope | undefined;
  let write: EncodeFunction = (value, position) => (write = compileEncoder(plan))(value, position);
  let read: DecodeFunction = (position) => (read = compileDecoder(plan))(position);

  const envelopeOf = (header: MessageHeader): Envelope => {
    if (envelope?.name !== header.name || envelope.type !== header.type) envelope = new Envelope(protocol, header);
    return envelope;
  };

  return {
    encode(value, header) {
      const around = envelopeOf(header);
      return collect((struct, position) => {
        // The buffer never starts out smaller than a header may be; behind the struct, SLACK bytes are free.
        const end = write(struct, around.begin(output.bytes, position, header.seqid));
        return around.end(output.bytes, end);
      }, value);
    },
    decode(bytes, bodyOffset) {
      if (bytes.length > limits.maxMessageBytes) throw FAILED;
      const value = decodeFrom((position) => read(position + bodyOffset), bytes, limits.maxHeapBytes);
      const end = endOf(bytes, input.position);
      if (refuseTrailing ? end !== input.end : end > input.end) throw FAILED;
      return value;
    },
    warm() {
      write = compileEncoder(plan);
      read = compileDecoder(plan);
    },
  };
}

/** In the protocols of bytes nothing follows the struct. */
function endOfStruct(_bytes: Uint8Array, position: number): number {
  return position;
}

/** Makes the function that reads what ends a message. @returns the position behind it. */
function endReader(): (bytes: Uint8Array, position: number) => number {
  const reader = PROTOCOLS.tjson.createReader({ maxStringBytes: 0, strictUtf8: false });
  return (bytes, position) => {
    const memory = memoryOf(bytes.buffer);
    reader.reset(memory.bytes, memory.view, bytes.byteOffset + bytes.length);
    reader.position = position;
    reader.readMessageEnd();
    reader.release();
    return reader.position;
  };
}
