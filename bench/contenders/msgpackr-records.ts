import { Packr } from "msgpackr";

import { type Contender, prepared } from "./contender.js";
import { readPlain, spellPlain } from "./plain.js";

export const contender: Contender = {
  title: "msgpackr (records)",
  note: "field names live in a table both peers share and are not sent; i64 as number where safe, else bigint",
  prepare(workload) {
    const packr = new Packr({ structures: [] });
    return prepared<object>(workload, {
      // Objects are records: what is a map has to stay a Map, or its keys would leave the wire.
      spelled: spellPlain(workload, { keepMaps: true }),
      encode: (input) => packr.pack(input),
      decode: (bytes) => packr.unpack(bytes) as unknown,
      readBack: readPlain,
    });
  },
};
