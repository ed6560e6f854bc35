import { isStruct, read, type Reading, spell, type Spelling, type StructShape } from "../workload/shape.js";
import type { Value } from "../workload/value.js";
import type { Workload } from "../workload/workload.js";
import { type Contender, prepared } from "./contender.js";

/** What JSON can carry, as {@link spell} makes it. */
function spelling({ safeIntegers }: Workload): Spelling {
  return {
    i64: safeIntegers ? Number : String,
    binary: (bytes) => Buffer.from(bytes).toString("base64"),
    map: (entries, { key }) => (isStruct(key) ? entries : Object.fromEntries(entries)),
  };
}

const reading: Reading = { binary: (text: string) => Buffer.from(text, "base64") };

export const json: Contender = {
  title: "JSON",
  note: "to and from a Buffer; i64 as number where safe, else decimal text; binary as base64; both converted outside the timing, in its favour",
  prepare(workload) {
    return prepared<object>(workload, {
      spelled: (shape, value) => spell(shape, value, spelling(workload)),
      encode: (input) => Buffer.from(JSON.stringify(input)),
      decode: (bytes) => JSON.parse(bytes.toString()) as unknown,
      readBack: (shape, decoded) => read(shape, decoded, reading),
    });
  },
};

export const jsonExact: Contender = {
  title: "JSON, exact",
  note: "the same, with bigints, Maps and bytes converted inside the timing, by a walk over the shape",
  prepare(workload) {
    const spelled = spelling(workload);
    const { shape }: { shape: StructShape } = workload;
    return prepared<Value>(workload, {
      spelled: (_, value) => value,
      encode: (value) => Buffer.from(JSON.stringify(spell(shape, value, spelled))),
      decode: (bytes) => read(shape, JSON.parse(bytes.toString()), reading),
      readBack: (_, decoded) => decoded as Value,
    });
  },
};
