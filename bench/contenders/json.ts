import { isStruct, read, spell } from "../workload/shape.js";
import { type Contender, prepared } from "./contender.js";

export const contender: Contender = {
  title: "JSON",
  note: "to and from a Buffer; i64 as number where safe, else decimal text; binary as base64; both converted outside the timing, in its favour",
  prepare(workload) {
    return prepared<object>(workload, {
      spelled: (shape, value) =>
        spell(shape, value, {
          i64: workload.safeIntegers ? Number : String,
          binary: (bytes) => Buffer.from(bytes).toString("base64"),
          map: (entries, { key }) => (isStruct(key) ? entries : Object.fromEntries(entries)),
        }),
      encode: (input) => Buffer.from(JSON.stringify(input)),
      decode: (bytes) => JSON.parse(bytes.toString()) as unknown,
      readBack: (shape, decoded) => read(shape, decoded, { binary: (text: string) => Buffer.from(text, "base64") }),
    });
  },
};
