/** The proof of equal work: before anything is timed, every message has made the round trip to the same canonical value. */

import { isDeepStrictEqual } from "node:util";

import type { Prepared } from "../contenders/contender.js";
import type { Workload } from "../workload/workload.js";

/** Encodes all inputs, decodes all messages and compares. Gives the messages; throws when one differs or was overwritten. */
export function verify(workload: Workload, { inputs, encode, decode, toValue }: Prepared): Buffer[] {
  const encoded = inputs.map((input) => encode(input as never));
  const messages = inputs.map((input) => Buffer.from(encode(input as never)));
  for (const [index, value] of workload.values.entries()) {
    if (!isDeepStrictEqual(toValue(decode(messages[index])), value)) {
      throw new Error(`${workload.name}: message ${index} did not come back as it went in`);
    }
    if (Buffer.compare(encoded[index], messages[index]) !== 0) {
      throw new Error(`${workload.name}: message ${index} was overwritten by a later one`);
    }
  }
  return messages;
}
