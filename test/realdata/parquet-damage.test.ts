/** Footers of real Parquet files, cut and damaged: what is refused is refused with an error of ours, and back ends agree. */

import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import { ERROR_CODES } from "../../src/errors.js";
import { mutateBytes } from "../fuzz/mutate.js";
import { backends } from "../support/backends.js";
import { difference, outcomeOf } from "../support/outcome.js";
import { forEachSeed } from "../support/random-value.js";
import { GENERATIONS, parquetFooters } from "./parquet.js";

const SEEDS = 150;

const footers = (await parquetFooters()).map(({ writer, metadata }) => [writer, metadata] as const);
const [, newest] = GENERATIONS.at(-1)!;
const codecs = backends.map((backend) => compile(newest.struct("FileMetaData"), { protocol: "compact", backend }));

/** Decodes by every back end. @returns true for bytes that are refused. */
function isRefused(bytes: Uint8Array): boolean {
  const [outcome, ...others] = codecs.map((codec) => outcomeOf(() => codec.decode(bytes)));
  for (const other of others) {
    const found = difference(outcome, other, "outcome");
    if (found !== undefined) throw new Error(`back ends differ: ${found}`);
  }
  if ("value" in outcome) return false;
  const { error, code = "", offset = -1 } = outcome;
  const isOurs = error === "DecodeError" && code in ERROR_CODES && code !== "ERR_THRIFT_INTERNAL";
  if (!isOurs || offset < 0 || offset > bytes.length)
    throw new Error(`not an error of ours: ${JSON.stringify(outcome)}`);
  return true;
}

describe.each(footers)("a footer of %s", (_, metadata) => {
  it("is refused when it is cut anywhere", () => {
    for (let end = 0; end < metadata.length; end += 1 + Math.floor(metadata.length / 250)) {
      expect(isRefused(metadata.slice(0, end)), `cut to ${String(end)} bytes`).toBe(true);
    }
  });

  it("is read or refused alike by all back ends when it is damaged", () => {
    let refused = 0;
    forEachSeed(SEEDS, (random) => {
      const [, other] = random.pick(footers);
      if (isRefused(mutateBytes(metadata, other, { random, protocol: "compact" }))) refused++;
    });
    expect(refused).toBeGreaterThan(0);
  });
});
