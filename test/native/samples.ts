/** Conversions to run native code with: every pair of protocols that it takes, with a message that has everything. */

import { nesting, texts } from "../../bench/workload/frugal.js";
import { compile } from "../../src/codec/codec.js";
import { loadSchema } from "../../src/schema/load.js";
import { lower } from "../../src/transcode/lower.js";
import { resolvePair } from "../../src/transcode/options.js";
import { parsePath, type Step } from "../../src/transcode/path.js";

const PROTOCOLS = ["binary", "compact", "json"] as const;
const IDL = new URL("../../bench/workload/frugal.thrift", import.meta.url).pathname;

export interface SampleConversion {
  readonly program: ArrayBuffer;
  /** The input. */
  readonly bytes: Uint8Array;
  /** The way to a value in it. */
  readonly steps: readonly Step[];
}

/** One for each pair. */
export async function sampleConversions(): Promise<SampleConversion[]> {
  const descriptor = (await loadSchema(IDL)).struct("Nesting");
  const steps = parsePath(descriptor, 'MapStringSimple["7"].I32Field');
  return PROTOCOLS.flatMap((from) => {
    const bytes = compile(descriptor, { protocol: from }).encode(nesting(texts.chinese));
    return PROTOCOLS.map((to) => ({ program: lower(descriptor, resolvePair({ from, to })), bytes, steps }));
  });
}
