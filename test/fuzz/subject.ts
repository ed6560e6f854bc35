/** What the fuzzer works on, and what it finds. */

import { compile, type Codec } from "../../src/codec/codec.js";
import type { CodecOptions, CodecProtocol } from "../../src/codec/options.js";
import { canGenerate } from "../../src/codec/source/unit.js";
import { parseSchema } from "../../src/schema/parse.js";
import { backends, protocolsAndJson } from "../support/backends.js";
import { Random } from "../support/random-value.js";
import { PLAIN_JSON, randomIdl, randomOptions } from "./schema.js";

/** Something that must not be. */
export interface Finding {
  /** Seed of the round: gives the schema and the options again. */
  seed: number;
  /** Which of the subjects of the seed. */
  subject: number;
  what: string;
  options: CodecOptions;
  idl: string;
  struct: string;
  /** The bytes whose decoding shows it; undefined when it takes the whole round. */
  bytes: Uint8Array | undefined;
}

/** One struct with one set of options, compiled by every back end of the protocol. */
export interface Subject {
  seed: number;
  index: number;
  idl: string;
  struct: string;
  options: CodecOptions & { protocol: CodecProtocol };
  /** By back end; at least one. */
  codecs: Codec[];
  /** Its options of plain JSON are those under which that holds every value, or it is none. */
  isPlain: boolean;
  /**
   * The same in the other protocols. None where the outcome depends on the protocol: on the number of bytes, on unknown
   * fields, on options of plain JSON.
   */
  others: ReadonlyMap<CodecProtocol, Codec>;
}

const SUBJECTS = 3;

/** The subjects of a seed, and the numbers that come after. */
export function subjectsOf(seed: number): { subjects: Subject[]; random: Random } {
  const random = new Random(seed);
  const { text, structs } = randomIdl(random);
  const schema = parseSchema({ "fuzz.thrift": text }, { keepNegativeIds: true });
  const subjects = Array.from({ length: SUBJECTS }, (_, index): Subject => {
    const struct = `S${String(random.below(structs))}`;
    const options = randomOptions(random);
    const descriptor = schema.struct(struct);
    const { protocol, limits, unknownFields = "skip", json = PLAIN_JSON } = options;
    const codecs = backends.map((backend) => compile(descriptor, { ...options, backend }));
    const isPlain = json === PLAIN_JSON;
    const isComparable = isPlain && limits === undefined && unknownFields === "skip";
    const rest = isComparable ? protocolsAndJson.filter((name) => name !== protocol) : [];
    const others = new Map(rest.map((name) => [name, compile(descriptor, inProtocol(options, name))]));
    return { seed, index, idl: text, struct, options, codecs, isPlain, others };
  });
  return { subjects, random };
}

function inProtocol({ json: _, ...options }: CodecOptions, protocol: CodecProtocol): CodecOptions {
  return protocol === "json" ? { ...options, protocol, json: PLAIN_JSON } : { ...options, protocol };
}

/** The fuzzer compares back ends: it says little where there is one only. */
export const canCompare = canGenerate && backends.length > 1;
