import { Encoder } from "cbor-x";

import { type Contender, prepared } from "./contender.js";
import { readPlain, spellPlain } from "./plain.js";

export const contender: Contender = {
  title: "cbor-x",
  note: "no schema: field names travel; i64 as number where safe, else bigint; maps are objects; native text reader where installed",
  prepare(workload) {
    const encoder = new Encoder({ useRecords: false, mapsAsObjects: true });
    return prepared<object>(workload, {
      spelled: spellPlain(workload),
      encode: (input) => encoder.encode(input),
      decode: (bytes) => encoder.decode(bytes) as unknown,
      readBack: readPlain,
    });
  },
};
