/** Conversions against decoding and encoding: random schemas, options, values, spellings, and damage of every kind. */

import { isDeepStrictEqual } from "node:util";
import { expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import type { CodecOptions, CodecProtocol } from "../../src/codec/options.js";
import type { StructDescriptor } from "../../src/schema/descriptor.js";
import { parseSchema } from "../../src/schema/parse.js";
import type { TranscoderOptions } from "../../src/transcode/options.js";
import { changeMessage } from "../fuzz/message.js";
import { mutateBytes } from "../fuzz/mutate.js";
import { randomIdl, randomOptions } from "../fuzz/schema.js";
import { toHex } from "../support/hex.js";
import { outcomeOf, sameBytes, type Outcome } from "../support/outcome.js";
import { forEachSeed, randomStruct, type Random } from "../support/random-value.js";
import { forEachTranscoderBackend, meaningOf, programIn, referenceFor, transcoderIn } from "../support/transcoders.js";
import { nodeOf, type Struct } from "../support/wire/node.js";
import { spell } from "../support/wire/spell.js";

const isLong = process.env["SCRIMP_LONG"] === "1";
const SEEDS = isLong ? 20_000 : 60;
const VALUES = 4;
const DAMAGED = 10;
const ENOUGH_BYTES = 4000;

/** Random options of a conversion: those of a codec, as far as they mean something. */
function randomConversion(random: Random, protocols: readonly CodecProtocol[]): TranscoderOptions {
  const { int64, enums, utf8, trailingBytes, limits } = randomOptions(random);
  const [from, to] = [random.pick(protocols), random.pick(protocols)];
  const choices = [
    "skip",
    "skip",
    ...(from === to && from !== "json" ? ["keep"] : []),
    ...(from === "json" ? ["refuse"] : []),
  ];
  const withJson = from === "json" || to === "json";
  const json = withJson ? randomJson(random) : undefined;
  return {
    from,
    to,
    unknownFields: random.pick(choices) as CodecOptions["unknownFields"] & {},
    ...(int64 === "bigint" || int64 === "string" ? { int64 } : {}),
    ...(enums === undefined ? {} : { enums }),
    ...(utf8 === undefined ? {} : { utf8 }),
    ...(trailingBytes === undefined ? {} : { trailingBytes }),
    ...(limits === undefined ? {} : { limits }),
    ...(json === undefined ? {} : { json }),
  };
}

function randomJson(random: Random): TranscoderOptions["json"] {
  for (;;) {
    const { json } = randomOptions(random);
    if (json !== undefined) return json;
  }
}

interface Messages {
  readonly right: readonly Uint8Array[];
  /** Spelled oddly, wrong or damaged. */
  readonly odd: readonly Uint8Array[];
}

/** Messages of a type. */
function messagesOf(descriptor: StructDescriptor, { from, json }: TranscoderOptions, random: Random): Messages {
  const codec = compile(descriptor, { protocol: from, ...(from === "json" && json ? { json } : {}) });
  const right: Uint8Array[] = [];
  const odd: Uint8Array[] = [];
  for (let i = 0; i < VALUES; i++) {
    const value = randomStruct(
      descriptor,
      random,
      random.chance(0.05) ? { maxDepth: 0, maxLength: 16 } : { maxDepth: 3, maxLength: 4 },
    );
    const encoded = outcomeOf(() => codec.encode(value));
    if (!("value" in encoded)) continue;
    const bytes = encoded.value as Uint8Array;
    if (bytes.length > ENOUGH_BYTES) continue;
    right.push(bytes);
    const message = nodeOf(descriptor, value) as Struct;
    odd.push(spell(from, message, descriptor, random).bytes);
    for (let n = 0; n < DAMAGED; n++) {
      const { message: changed } = changeMessage(message, descriptor, random);
      odd.push(spell(from, changed, descriptor, random.chance(0.3) ? random : undefined).bytes);
    }
  }
  for (const bytes of right) {
    for (let n = 0; n < DAMAGED; n++) odd.push(mutateBytes(bytes, random.pick(right), { random, protocol: from }));
  }
  return { right, odd };
}

/** What differs between two outcomes; undefined where nothing does. */
function disagreement(found: Outcome, expected: Outcome, isSame: typeof sameBytes): string | undefined {
  if ("value" in found && "value" in expected) {
    const [a, b] = [found.value as Uint8Array, expected.value as Uint8Array];
    return isSame(a, b) ? undefined : `gives ${shown(a)} instead of ${shown(b)}`;
  }
  const [a, b] = [found, expected].map((outcome) => ("value" in outcome ? `no error` : JSON.stringify(outcome)));
  return a === b ? undefined : `gives ${a} instead of ${b}`;
}

function shown(bytes: Uint8Array): string {
  return `${toHex(bytes)} (${Buffer.from(bytes).toString("latin1")})`;
}

forEachTranscoderBackend((backend) => {
  it(`converts as codecs decode and encode, and fails as they do, for ${String(SEEDS)} seeds`, () => {
    forEachSeed(SEEDS, (random) => {
      const { text, structs } = randomIdl(random);
      const schema = parseSchema({ "fuzz.thrift": text }, { keepNegativeIds: true });
      const descriptor = schema.struct(`S${String(random.below(structs))}`);
      const options = randomConversion(random, backend.protocols);
      const transcoder = transcoderIn(backend, descriptor, options);
      const program = programIn(backend, descriptor, options);
      const reference = referenceFor(descriptor, options);
      // A signalling NaN is copied by one and made a quiet one by the other: it is NaN all the same.
      const meaning = meaningOf(descriptor, options.to);
      const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
        sameBytes(a, b) || (options.to !== "json" && isDeepStrictEqual(meaning(a), meaning(b)));
      const check = (bytes: Uint8Array, isRight: boolean): void => {
        const expected = outcomeOf(() => reference(bytes));
        const found = disagreement(
          outcomeOf(() => transcoder.convert(bytes)),
          expected,
          isSame,
        );
        const declines = isRight && "value" in expected && program.convert(bytes) === undefined;
        if (found === undefined && !declines) return;
        throw new Error(`${JSON.stringify(options)} of ${shown(bytes)} ${found ?? "is left to codecs"}\n${text}`);
      };
      const { right, odd } = messagesOf(descriptor, options, random);
      for (const bytes of right) check(bytes, true);
      for (const bytes of odd) check(bytes, false);
      // Unknown fields are kept by the interpreter.
      const isKept = options.unknownFields === "keep" && backend.name === "source";
      expect(transcoder.backend).toBe(isKept ? "interpreter" : backend.name);
    });
  }, 7_200_000);
});
