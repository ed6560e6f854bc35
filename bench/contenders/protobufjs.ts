import protobuf from "protobufjs";

import { read, spell } from "../workload/shape.js";
import { readIdl } from "../workload/workload.js";
import { type Contender, prepared } from "./contender.js";
import { fromLong, toLong } from "./long.js";
import { protobufMap } from "./protobuf-map.js";

export const contender: Contender = {
  title: "protobufjs",
  note: "reflection, code made at run time; i64 as Long; messages made outside the timing; zero and false are not written",
  prepare(workload) {
    const { root } = protobuf.parse(readIdl(workload.family, "proto"), { keepCase: true });
    const types = root.lookup(workload.family) as protobuf.Namespace;
    const type = types.lookupType(workload.shape.name);
    return prepared<protobuf.Message>(workload, {
      spelled: (shape, value) =>
        spell(shape, value, {
          i64: toLong,
          map: protobufMap((entry) => types.lookupType("Entry").create(entry)),
          struct: (fields, { name }) => types.lookupType(name).create(fields),
        }),
      encode: (message) => type.encode(message).finish(),
      decode: (bytes) => type.decode(bytes),
      readBack: (shape, decoded) => read(shape, decoded, { i64: readLong }),
    });
  },
};

/** Where the key of a map is an i64, the property's name is its eight bytes, as protobufjs has it. */
function readLong(foreign: protobuf.Long | string): bigint {
  if (typeof foreign === "string" && foreign.length === 8)
    return fromLong(protobuf.util.longFromHash(foreign) as never);
  return fromLong(foreign as never);
}
