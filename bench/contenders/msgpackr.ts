import { Packr } from "msgpackr";

import { type Contender, prepared } from "./contender.js";
import { readPlain, spellPlain } from "./plain.js";

export const contender: Contender = {
  title: "msgpackr",
  note: "no schema: field names travel; i64 as number where safe, else bigint; maps are objects; native text reader where installed",
  prepare(workload) {
    const packr = new Packr({ useRecords: false });
    return prepared<object>(workload, {
      spelled: spellPlain(workload),
      encode: (input) => packr.pack(input),
      decode: (bytes) => packr.unpack(bytes) as unknown,
      readBack: readPlain,
    });
  },
};
