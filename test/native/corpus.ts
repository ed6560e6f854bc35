/** What the fuzzer of native code begins with: programs of known and of random schemas, and messages for each. */

import { compile } from "../../src/codec/codec.js";
import type { CodecProtocol } from "../../src/codec/options.js";
import type { StructDescriptor } from "../../src/schema/descriptor.js";
import { parseSchema } from "../../src/schema/parse.js";
import { lowerPath } from "../../src/transcode/lower-path.js";
import { lower } from "../../src/transcode/lower.js";
import { resolvePair, type TranscoderOptions } from "../../src/transcode/options.js";
import type { Output } from "../../src/transcode/program.js";
import { changeMessage } from "../fuzz/message.js";
import { randomIdl } from "../fuzz/schema.js";
import { goldenSchema } from "../support/golden.js";
import { outcomeOf } from "../support/outcome.js";
import { randomPath } from "../support/random-path.js";
import { Random, randomStruct } from "../support/random-value.js";
import { nodeOf, type Struct } from "../support/wire/node.js";
import { spell } from "../support/wire/spell.js";

const PROTOCOLS: readonly CodecProtocol[] = ["binary", "compact", "tjson", "json"];
const RANDOM_SCHEMAS = 24;
const MESSAGES = 3;

export interface FuzzCorpus {
  /** The file of programs that fuzz.cc reads. */
  readonly programs: Uint8Array;
  readonly inputs: readonly Uint8Array[];
}

/** The same for the same seed. */
export function fuzzCorpus(seed: number): FuzzCorpus {
  const random = new Random(seed);
  const programs: Uint8Array[] = [];
  const inputs: Uint8Array[] = [];
  for (const descriptor of descriptorsFor(random)) {
    for (const options of conversions(random)) {
      const index = programs.length;
      const output: Output = random.chance(0.1) ? "none" : options.to;
      programs.push(new Uint8Array(lower(descriptor, resolvePair(options), output)));
      for (const { value, messages } of messagesOf(descriptor, options.from, random)) {
        const path = pathInto(descriptor, value, random);
        for (const message of messages) {
          inputs.push(Buffer.concat([shortOf(index), message]));
          if (path !== undefined)
            inputs.push(Buffer.concat([shortOf(index | FIND), shortOf(path.length), path, message]));
        }
      }
    }
  }
  return { programs: joinSized(programs), inputs };
}

/** | size 4 | bytes ... | and so on, little-endian. */
export function joinSized(pieces: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(pieces.flatMap((piece) => [sizeOf(piece), piece]));
}

/** Asks fuzz.cc to find instead of converting. */
const FIND = 0x4000;

function shortOf(number: number): Uint8Array {
  return Buffer.of(number & 0xff, number >> 8);
}

function sizeOf({ length }: Uint8Array): Uint8Array {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(length);
  return size;
}

function descriptorsFor(random: Random): StructDescriptor[] {
  const descriptors = [...goldenSchema().structs];
  for (let i = 0; i < RANDOM_SCHEMAS; i++) {
    const { text, structs } = randomIdl(random);
    const schema = parseSchema({ "fuzz.thrift": text }, { keepNegativeIds: true });
    descriptors.push(schema.struct(`S${String(random.below(structs))}`));
  }
  return descriptors;
}

/** One of each pair of protocols, with options that change what is done. */
function conversions(random: Random): TranscoderOptions[] {
  return PROTOCOLS.flatMap((from) =>
    PROTOCOLS.map((to): TranscoderOptions => {
      const withJson = from === "json" || to === "json";
      const keeps = from === to && from !== "json" && random.chance(0.5);
      return {
        from,
        to,
        int64: random.pick(["bigint", "string"]),
        enums: random.pick(["number", "name"]),
        utf8: random.pick(["lossy", "strict"]),
        limits: random.pick(["internal", "untrusted"]),
        ...(keeps && { unknownFields: "keep" }),
        ...(withJson && {
          json: {
            unset: random.pick(["omit", "null", "default"]),
            nonFinite: random.pick(["refuse", "string", "null"]),
            string2Int64: random.chance(0.5),
            noBase64Binary: random.chance(0.5),
            byteAsUint8: random.chance(0.5),
          },
        }),
      };
    }),
  );
}

/** A value, and messages that mean it or something like it. */
interface Meaning {
  readonly value: object;
  readonly messages: readonly Uint8Array[];
}

function messagesOf(descriptor: StructDescriptor, from: CodecProtocol, random: Random): Meaning[] {
  const codec = compile(descriptor, { protocol: from });
  const meanings: Meaning[] = [];
  for (let i = 0; i < MESSAGES; i++) {
    const outcome = outcomeOf((): Meaning => {
      const value = randomStruct(descriptor, random, { maxDepth: 3, maxLength: 4 });
      const message = nodeOf(descriptor, value) as Struct;
      const { message: changed } = changeMessage(message, descriptor, random);
      return { value, messages: [codec.encode(value), spell(from, changed, descriptor, random).bytes] };
    });
    if ("value" in outcome) meanings.push(outcome.value as Meaning);
  }
  return meanings;
}

function pathInto(descriptor: StructDescriptor, value: object, random: Random): Uint8Array | undefined {
  const path = randomPath(descriptor, value, random);
  return path && lowerPath(path.steps);
}
