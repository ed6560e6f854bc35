/** scrimp as built, in all its protocols. */

import type { CodecOptions } from "../../src/index.js";
import { read, type Scalar, spell } from "../workload/shape.js";
import type { Value } from "../workload/value.js";
import { readIdl, type Workload } from "../workload/workload.js";
import { type Contender, prepared } from "./contender.js";
import { spellPlain } from "./plain.js";

export interface ScrimpVariant {
  readonly options?: CodecOptions;
  /** What is encoded: scrimp's own form (default), plain objects as JSON has them but for binary, or lists as typed arrays. */
  readonly form?: keyof typeof forms;
}

/** The part of scrimp that is timed, as `dist/` has it; `SCRIMP_DIST` names another build to compare with. */
export async function importBuilt(): Promise<typeof import("../../src/index.js")> {
  const dist = process.env.SCRIMP_DIST ?? new URL("../../dist/", import.meta.url).href;
  return (await import(new URL("index.js", dist).href)) as typeof import("../../src/index.js");
}

export function scrimpContender(title: string, { options = {}, form = "exact" }: ScrimpVariant = {}): Contender {
  return {
    title,
    note: `${forms[form].note}; every value checked on encode, every size on decode`,
    async prepare(workload) {
      const { compile, parseSchema } = await importBuilt();
      const entry = `${workload.family}.thrift`;
      const schema = parseSchema({ [entry]: readIdl(workload.family, "thrift") }, { entry });
      const codec = compile(schema.struct(workload.shape.name), { backend: "source", ...options });
      return prepared<Value>(workload, {
        spelled: forms[form].spelled(workload),
        encode: (value) => codec.encode(value),
        decode: (bytes) => codec.decode(bytes),
        readBack: (shape, decoded) => read(shape, decoded, {}),
      });
    },
  };
}

type Spelled = Parameters<typeof prepared>[1]["spelled"];

const typedArrays: Partial<Record<Scalar, { from: (values: never) => unknown }>> = {
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  i64: BigInt64Array,
  double: Float64Array,
};

const forms = {
  exact: { note: "i64 bigint, maps as Map", spelled: (): Spelled => (_, value) => value },
  plain: {
    note: "i64 as number and maps as objects both ways; base64 from and to bytes inside the timing",
    spelled: (workload: Workload): Spelled => spellPlain(workload),
  },
  typed: {
    note: "typed arrays both ways",
    spelled: (): Spelled => (shape, value) =>
      spell(shape, value, {
        list: (elements, { element }) => typedArrays[element as Scalar]?.from(elements as never) ?? elements,
      }),
  },
};
