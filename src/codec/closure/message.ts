/** The closure back end for structs that stand in messages: the same functions, with a header before the struct. */

import type { MessageHeader } from "../../protocol/protocol.js";
import type { ProtocolName } from "../../protocol/protocols.js";
import type { MessageBackend } from "../backend.js";
import type { Plan } from "../plan.js";
import { ClosureBackend, thriftFormat } from "./backend.js";

/** What is encoded: a struct and the header before it. */
interface Outgoing {
  readonly header: MessageHeader;
  readonly value: unknown;
}

/** Fails as {@link closureBackend} does; offsets count from the start of the message. */
export function closureMessageBackend(plan: Plan, protocol: ProtocolName): MessageBackend {
  const format = thriftFormat(protocol);
  let offset = 0;
  const backend = new ClosureBackend(plan, {
    ...format,
    compileEncoder(root) {
      const write = format.compileEncoder(root);
      return (context, message) => {
        const { header, value } = message as Outgoing;
        context.writer.writeMessageBegin(header);
        write(context, value);
        context.writer.writeMessageEnd();
      };
    },
    compileDecoder(root) {
      const read = format.compileDecoder(root);
      return (context) => {
        context.reader.position += offset;
        const value = read(context);
        context.reader.readMessageEnd();
        return value;
      };
    },
  });
  return {
    encode: (value, header) => backend.encode({ header, value } satisfies Outgoing),
    decode(bytes, bodyOffset) {
      offset = bodyOffset;
      return backend.decode(bytes);
    },
    warm: () => {
      backend.warm();
    },
  };
}
