/** A finder for small messages: reads them from the start each time. */

import { ProtocolError } from "../../src/protocol/protocol.js";
import { PROTOCOLS } from "../../src/protocol/protocols.js";
import { skip } from "../../src/protocol/skip.js";
import { TType } from "../../src/protocol/ttype.js";
import type { FindEnd } from "../../src/transport/reassembly.js";

/** A reader that lacks bytes says that the input ends, or that a size is beyond what is left of it. */
const LACKING = ["ERR_THRIFT_TRUNCATED", "ERR_THRIFT_SIZE_LIMIT"];

export const findEnd: FindEnd = (message, _seen, protocol) => {
  const reader = PROTOCOLS[protocol].createReader({ maxStringBytes: Infinity, strictUtf8: false });
  reader.reset(message);
  try {
    reader.readMessageBegin({});
    skip(reader, TType.STRUCT, 64);
    reader.readMessageEnd();
    return reader.position;
  } catch (error) {
    if (error instanceof ProtocolError && LACKING.includes(error.code)) return undefined;
    throw error;
  }
};
