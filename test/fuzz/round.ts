/** One round of the differential fuzzer: a random schema, and on it random values, wrong values and wrong bytes. */

import { compile, type Codec } from "../../src/codec/codec.js";
import type { CodecOptions } from "../../src/codec/options.js";
import { parseSchema } from "../../src/schema/parse.js";
import { difference, outcomeOf, sameBytes, type Outcome } from "../support/outcome.js";
import { Random, randomStruct } from "../support/random-value.js";
import { mutateBytes, spoil } from "./mutate.js";
import { randomIdl, randomOptions } from "./schema.js";

/** Something that must not be. */
export interface Finding {
  /** Seed of the round: gives the schema and the options again. */
  seed: number;
  what: string;
  options: CodecOptions;
  idl: string;
  struct: string;
  /** The bytes that were decoded; undefined when a value was encoded. */
  bytes: Uint8Array | undefined;
}

/** What a round works on: one struct, compiled by both back ends, for several sets of options. */
export interface Subject {
  seed: number;
  idl: string;
  struct: string;
  options: CodecOptions;
  source: Codec;
  closure: Codec;
}

const OPTION_SETS = 3;
const VALUES = 5;
const SPOILT_VALUES = 5;
const MUTATIONS = 30;

/** Values that take this many bytes are enough: larger ones are only slower. */
const ENOUGH_BYTES = 2000;

/** The subjects of a seed, and the numbers that come after. */
export function subjectsOf(seed: number): { subjects: Subject[]; random: Random } {
  const random = new Random(seed);
  const { text, structs } = randomIdl(random);
  const schema = parseSchema({ "fuzz.thrift": text }, { keepNegativeIds: true });
  const subjects = Array.from({ length: OPTION_SETS }, () => {
    const struct = `S${String(random.below(structs))}`;
    const options = randomOptions(random);
    const descriptor = schema.struct(struct);
    const source = compile(descriptor, { ...options, backend: "source" });
    const closure = compile(descriptor, { ...options, backend: "closure" });
    return { seed, idl: text, struct, options, source, closure };
  });
  return { subjects, random };
}

/** @returns what was found, and how many calls of each back end that took. */
export function fuzzRound(seed: number): { findings: Finding[]; calls: number } {
  const { subjects, random } = subjectsOf(seed);
  const checkers = subjects.map((subject) => new Checker(subject));
  for (const checker of checkers) {
    const messages: Uint8Array[] = [];
    for (let i = 0; i < VALUES; i++) {
      const value = randomStruct(checker.subject.source.descriptor, random, { maxDepth: 3, maxLength: 4 });
      const bytes = checker.value(value);
      if (bytes !== undefined && bytes.length <= ENOUGH_BYTES) messages.push(bytes);
      for (let n = 0; n < SPOILT_VALUES; n++) checker.encode(spoil(value, random));
    }
    for (const message of messages) {
      for (let n = 0; n < MUTATIONS; n++) checker.bytes(mutateBytes(message, random.pick(messages), random));
    }
  }
  return {
    findings: checkers.flatMap((checker) => checker.findings),
    calls: checkers.reduce((sum, { calls }) => sum + calls, 0),
  };
}

/** Decodes the bytes with every subject of the seed. */
export function replay(seed: number, bytes: Uint8Array): { findings: Finding[]; outcomes: Outcome[] } {
  const checkers = subjectsOf(seed).subjects.map((subject) => new Checker(subject));
  const outcomes = checkers.map((checker) => checker.bytes(bytes));
  return { findings: checkers.flatMap((checker) => checker.findings), outcomes };
}

class Checker {
  readonly findings: Finding[] = [];
  readonly subject: Subject;
  calls = 0;

  constructor(subject: Subject) {
    this.subject = subject;
  }

  /** A right value: encodes alike, and comes back. */
  value(value: unknown): Uint8Array | undefined {
    const bytes = this.encode(value);
    if (bytes === undefined) return undefined;
    const decoded = this.bytes(bytes);
    const { maps = "map", limits, trailingBytes } = this.subject.options;
    // Integer-like names of an object come first, whatever the order in which they were added.
    if (!("value" in decoded)) {
      if (limits === undefined && decoded.code !== "ERR_THRIFT_OUT_OF_RANGE")
        this.#report(`own bytes are refused: ${decoded.message}`, bytes);
    } else if (maps !== "object" && trailingBytes !== "ignore") {
      const again = outcomeOf(() => this.subject.source.encode(decoded.value));
      if (!("value" in again)) this.#report(`a decoded value is refused: ${again.message}`, bytes);
      else if (!sameBytes(again.value as Uint8Array, bytes)) this.#report("a round trip changes the bytes", bytes);
    }
    return bytes;
  }

  /** Any value: both encode it to the same bytes, or fail alike. */
  encode(value: unknown): Uint8Array | undefined {
    const { source, closure } = this.subject;
    const outcome = this.#both(
      () => source.encode(value),
      () => closure.encode(value),
    );
    if ("value" in outcome) {
      const bytes = outcome.value as Uint8Array;
      if (source.encodedSize(value) !== bytes.length) this.#report("encodedSize is not the size", bytes);
      return bytes;
    }
    if (outcome.error !== "EncodeError") this.#report(`encode throws ${outcome.error}: ${outcome.message}`, undefined);
    return undefined;
  }

  /** Any bytes: both decode them to the same value, or fail alike; the value encodes again. */
  bytes(bytes: Uint8Array): Outcome {
    const { source, closure, struct } = this.subject;
    const outcome = this.#both(
      () => source.decode(bytes),
      () => closure.decode(bytes),
      bytes,
    );
    if ("value" in outcome) {
      const again = this.#both(
        () => source.encode(outcome.value),
        () => closure.encode(outcome.value),
        bytes,
      );
      // A union of which only unknown fields came is a value, but none that can be written.
      if (!("value" in again) && again.code !== "ERR_THRIFT_UNION_NOT_ONE")
        this.#report(`a decoded value is refused: ${again.message}`, bytes);
      return outcome;
    }
    const { error, code, path = "", offset = -1 } = outcome;
    if (error !== "DecodeError" || code === "ERR_THRIFT_INTERNAL")
      this.#report(`decode throws ${error}: ${outcome.message}`, bytes);
    if (offset < 0 || offset > bytes.length) this.#report(`offset ${String(offset)} is outside`, bytes);
    if (!path.startsWith(struct)) this.#report(`path ${path} does not start at the root`, bytes);
    return outcome;
  }

  #both(bySource: () => unknown, byClosure: () => unknown, bytes?: Uint8Array): Outcome {
    this.calls++;
    const outcome = outcomeOf(bySource);
    const found = difference(outcome, outcomeOf(byClosure), "outcome");
    if (found !== undefined) this.#report(`source and closure differ in ${found}`, bytes);
    return outcome;
  }

  #report(what: string, bytes: Uint8Array | undefined): void {
    const { seed, options, idl, struct } = this.subject;
    this.findings.push({ seed, what, options, idl, struct, bytes });
  }
}
