/** What every rival has to do: values in, a buffer ready to send out; bytes in, plain values out. */

import type { StructShape } from "../workload/shape.js";
import type { Value } from "../workload/value.js";
import type { Workload } from "../workload/workload.js";

export interface Contender {
  /** As the table shows it, with version where two are about. */
  readonly title: string;
  /** How i64 travels, and where the rival does less work than the others or is given an advantage. */
  readonly note: string;
  prepare(workload: Workload): Participation | Promise<Participation>;
}

type Participation = Prepared | Absent;

/** One workload, ready to be timed. */
export interface Prepared {
  /** The workload's values in the contender's own form, made before anything is timed. */
  readonly inputs: readonly unknown[];
  /** What is decoded in place of the contender's own messages. */
  readonly messages?: readonly Buffer[];
  /** Must give bytes that stay as they are while later messages are encoded. */
  readonly encode: (input: never) => Uint8Array;
  readonly decode: (bytes: Buffer) => unknown;
  /** What `decode` gave, as the canonical value. */
  readonly toValue: (decoded: unknown) => Value;
}

/** The workload asks for something that the rival cannot carry. */
interface Absent {
  readonly absent: string;
}

/** Pairs an encoder and decoder with a workload: `spelled` and `readBack` say how the rival writes and reads values. */
export function prepared<Input>(
  workload: Workload,
  codec: {
    spelled: (shape: StructShape, value: Value) => unknown;
    encode: (input: Input) => Uint8Array;
    decode: (bytes: Buffer) => unknown;
    readBack: (shape: StructShape, decoded: unknown) => Value;
  },
): Prepared {
  return {
    inputs: workload.values.map((value) => codec.spelled(workload.shape, value)),
    encode: codec.encode,
    decode: codec.decode,
    toValue: (decoded) => codec.readBack(workload.shape, decoded),
  };
}

/** For rivals that cannot encode, in workloads that do not ask for it. */
export function decoderOnly(
  workload: Workload,
  codec: {
    messages: readonly Buffer[];
    decode: (bytes: Buffer) => unknown;
    readBack: (shape: StructShape, decoded: unknown) => Value;
  },
): Prepared {
  const encode = (): never => {
    throw new Error("this contender only decodes");
  };
  const { messages } = codec;
  return { ...prepared(workload, { ...codec, spelled: () => undefined, encode }), messages };
}
