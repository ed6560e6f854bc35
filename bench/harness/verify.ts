/** The proof of equal work: before anything is timed, every message has made the round trip to the same canonical value. */

import { isDeepStrictEqual } from "node:util";

import type { Prepared } from "../contenders/contender.js";
import type { Value } from "../workload/value.js";
import type { Workload } from "../workload/workload.js";

/** Encodes all inputs, decodes all messages and compares. Gives the messages; throws when one differs or was overwritten. */
export function verify(workload: Workload, contender: Prepared): readonly Buffer[] {
  const given = contender.messages ?? workload.messages;
  if (given) {
    for (const [index, message] of given.entries())
      prove(workload, index, contender.toValue(contender.decode(message)));
    return given;
  }
  const { inputs, encode, decode, toValue } = contender;
  const encoded = inputs.map((input) => encode(input as never));
  const messages = inputs.map((input) => Buffer.from(encode(input as never)));
  for (const [index, message] of messages.entries()) {
    prove(workload, index, toValue(decode(message)));
    if (Buffer.compare(encoded[index], message) !== 0) {
      throw new Error(`${workload.name}: message ${index} was overwritten by a later one`);
    }
  }
  return messages;
}

function prove({ name, values }: Workload, index: number, value: Value): void {
  if (isDeepStrictEqual(value, values[index])) return;
  throw new Error(`${name}: message ${index} did not come back as it went in`);
}
