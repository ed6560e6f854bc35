import type { Value } from "../workload/value.js";
import { readIdl } from "../workload/workload.js";
import { type Contender, prepared } from "./contender.js";

/** The part of scrimp that is timed, as `dist/` has it; `SCRIMP_DIST` names another build to compare with. */
export async function importBuilt(): Promise<typeof import("../../src/index.js")> {
  const dist = process.env.SCRIMP_DIST ?? new URL("../../dist/", import.meta.url).href;
  return (await import(new URL("index.js", dist).href)) as typeof import("../../src/index.js");
}

export function scrimpContender(backend: "source" | "closure"): Contender {
  return {
    title: `scrimp (${backend})`,
    note: "i64 bigint; every value checked on encode, every size on decode",
    async prepare(workload) {
      const { compile, parseSchema } = await importBuilt();
      const entry = `${workload.family}.thrift`;
      const schema = parseSchema({ [entry]: readIdl(workload.family, "thrift") }, { entry });
      const codec = compile(schema.struct(workload.shape.name), { protocol: "binary", backend });
      return prepared<Value>(workload, {
        spelled: (_, value) => value,
        encode: (value) => codec.encode(value),
        decode: (bytes) => codec.decode(bytes),
        readBack: (_, decoded) => decoded as Value,
      });
    },
  };
}
