/** The memory in which outputs stand: who else has it, and for how long. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import { parseSchema } from "../../src/schema/parse.js";
import { outcomeOf } from "../support/outcome.js";
import { Random } from "../support/random-value.js";
import { forEachTranscoderBackend, programIn } from "../support/transcoders.js";

const descriptor = parseSchema({ "a.thrift": "struct P { 1: string text, 2: list<i64> numbers }" }).struct("P");
const numbers = Array.from({ length: 30 }, (_, i) => BigInt(i));

/** Sizes of which outputs are short, long, too long for the rest of a slab, and longer than one. */
const SIZES = [0, 1, 2000, 8000, 9000, 17_000, 50_000, 120_000, 300_000, 1_000_000];

forEachTranscoderBackend((tested) => {
  const to = tested.name === "source" ? "compact" : "json";
  const backend = programIn(tested, descriptor, { from: "binary", to });
  const messages = SIZES.map((size) => {
    const value = { text: "x".repeat(size), numbers };
    return { bytes: compile(descriptor).encode(value), expected: compile(descriptor, { protocol: to }).encode(value) };
  });

  it("gives outputs that stay as they are while others are made", () => {
    const random = new Random(1);
    const made = Array.from({ length: 2000 }, (_, i) => {
      const { bytes, expected } = random.pick(i % 100 === 0 ? messages : messages.slice(0, 7));
      // What is refused has been written, too, as far as it went.
      if (random.chance(0.2)) expect(backend.convert(bytes.subarray(0, -1))).toBeUndefined();
      return { output: backend.convert(bytes)!, expected };
    });
    expect(made.every(({ output, expected }) => Buffer.compare(output, expected) === 0)).toBe(true);
  });

  it("gives outputs that keep no more alive than Buffer's pool, or 32 times their size", () => {
    for (const { bytes } of messages) {
      const output = backend.convert(bytes)!;
      expect(output).toBeInstanceOf(Buffer);
      expect(output.buffer.byteLength).toBeLessThanOrEqual(Math.max(Buffer.poolSize, 32 * output.length));
    }
  });

  it("gives outputs that cannot be taken from others by a transfer", () => {
    const { bytes, expected } = messages[5];
    const [first, second] = [backend.convert(bytes)!, backend.convert(bytes)!];
    // Node.js 20 ignores the transfer of what is untransferable, later ones refuse it.
    outcomeOf(() => structuredClone(first, { transfer: [first.buffer as ArrayBuffer] }));
    for (const output of [first, second, backend.convert(bytes)!]) expect(Buffer.compare(output, expected)).toBe(0);
  });

  it("converts on when the memory of an output has been detached all the same", () => {
    // Node.js 20 has the method behind a flag, which contexts that are made later look at.
    setFlagsFromString("--harmony-rab-gsab-transfer");
    const detach = runInNewContext("ArrayBuffer.prototype.transfer") as (this: ArrayBufferLike) => ArrayBuffer;
    // Short outputs stand in Buffer's own pool, which Node.js needs.
    for (const { bytes, expected } of messages.filter((message) => message.expected.length > Buffer.poolSize)) {
      const output = backend.convert(bytes)!;
      const taken = detach.call(output.buffer);
      expect(output).toHaveLength(0);
      const copy = taken.slice(0);
      for (const message of messages) expect(Buffer.compare(backend.convert(message.bytes)!, message.expected)).toBe(0);
      // Nothing was written there any more.
      expect(Buffer.compare(new Uint8Array(taken), new Uint8Array(copy))).toBe(0);
      expect(Buffer.compare(backend.convert(bytes)!, expected)).toBe(0);
    }
  });
});
