/** One round of the differential fuzzer: a random schema, and on it random values, wrong values, wrong messages, wrong bytes. */

import type { StructDescriptor } from "../../src/schema/descriptor.js";
import { toHex } from "../support/hex.js";
import { difference, outcomeOf, sameBytes, type Outcome } from "../support/outcome.js";
import { randomStruct, type Random } from "../support/random-value.js";
import { nodeOf, type Struct } from "../support/wire/node.js";
import { spell } from "../support/wire/spell.js";
import { changeMessage, fits } from "./message.js";
import { mutateBytes, spoil } from "./mutate.js";
import { subjectsOf, type Finding, type Subject } from "./subject.js";

const VALUES = 5;
const SPOILT_VALUES = 5;
const CHANGED_MESSAGES = 15;
const MUTATIONS = 15;

/** Long containers in deep values would take for ever. Compact has another form for those of 15 elements and more. */
const DEEP = { maxDepth: 3, maxLength: 4 };
const LONG = { maxDepth: 0, maxLength: 16 };

/** Values that take this many bytes are enough: larger ones are only slower. */
const ENOUGH_BYTES = 4000;

/** @returns what was found, and how many calls of each back end that took. */
export function fuzzRound(seed: number): { findings: Finding[]; calls: number } {
  const { subjects, random } = subjectsOf(seed);
  const checkers = subjects.map((subject) => new Checker(subject));
  for (const checker of checkers) checkValues(checker, random);
  return {
    findings: checkers.flatMap((checker) => checker.findings),
    calls: checkers.reduce((sum, { calls }) => sum + calls, 0),
  };
}

function checkValues(checker: Checker, random: Random): void {
  const { options, codecs } = checker.subject;
  const { protocol } = options;
  const { descriptor } = codecs[0];
  const messages: Uint8Array[] = [];
  for (let i = 0; i < VALUES; i++) {
    const value = randomStruct(descriptor, random, random.chance(0.05) ? LONG : DEEP);
    const message = nodeOf(descriptor, value) as Struct;
    const bytes = checker.value(value, message, random);
    if (bytes !== undefined && bytes.length <= ENOUGH_BYTES) {
      messages.push(bytes);
      for (let n = 0; n < CHANGED_MESSAGES; n++) checker.changed(message, random);
    }
    for (let n = 0; n < SPOILT_VALUES; n++) checker.spoilt(spoil(value, random));
  }
  for (const bytes of messages) {
    for (let n = 0; n < MUTATIONS; n++) {
      checker.bytes(mutateBytes(bytes, random.pick(messages), { random, protocol }));
    }
  }
}

/** Decodes the bytes with one subject of the seed. */
export function replay(seed: number, subject: number, bytes: Uint8Array): { findings: Finding[]; outcome: Outcome } {
  const checker = new Checker(subjectsOf(seed).subjects[subject]);
  const outcome = checker.bytes(bytes);
  return { findings: checker.findings, outcome };
}

class Checker {
  readonly findings: Finding[] = [];
  readonly subject: Subject;
  calls = 0;

  constructor(subject: Subject) {
    this.subject = subject;
  }

  /** A right value: encodes alike, to the bytes that the protocol asks for, and comes back, from every form of the bytes. */
  value(value: unknown, message: Struct, random: Random): Uint8Array | undefined {
    const bytes = this.encode(value);
    if (bytes === undefined) return undefined;
    const { protocol, maps = "map", limits, trailingBytes, enums, int64 } = this.subject.options;
    const decoded = this.bytes(bytes);
    if (!this.subject.isPlain) return bytes;
    // The speller knows neither names of members nor every i64 as text.
    if (protocol !== "json" || (enums !== "name" && int64 !== "string")) {
      const { bytes: expected } = spell(protocol, message, this.#descriptor);
      if (!sameBytes(bytes, expected)) this.#report("the bytes are not what they should be", bytes);
    }
    if (!("value" in decoded)) {
      if (limits === undefined && decoded.code !== "ERR_THRIFT_OUT_OF_RANGE")
        this.#report(`own bytes are refused: ${decoded.message}`, bytes);
      return bytes;
    }
    // Integer-like names of an object come first, whatever the order in which they were added.
    if (maps !== "object" && trailingBytes !== "ignore") {
      const again = outcomeOf(() => this.subject.codecs[0].encode(decoded.value));
      if (!("value" in again)) this.#report(`a decoded value is refused: ${again.message}`, bytes);
      else if (!sameBytes(again.value as Uint8Array, bytes)) this.#report("a round trip changes the bytes", bytes);
    }
    if (limits === undefined) this.#oddForm(message, decoded.value, random);
    return bytes;
  }

  /** Any value: encodes alike, and what is encoded decodes. */
  spoilt(value: unknown): void {
    const bytes = this.encode(value);
    if (bytes !== undefined) this.bytes(bytes);
  }

  /** A message that is wrong on purpose: decodes alike, and where it does not lie, alike in every protocol. */
  changed(message: Struct, random: Random): void {
    const { others, options } = this.subject;
    const { message: changed, isHonest } = changeMessage(message, this.#descriptor, random);
    const style = random.chance(0.3) ? random : undefined;
    const { bytes } = spell(options.protocol, changed, this.#descriptor, style);
    const outcome = this.bytes(bytes);
    if (!isHonest) return;
    for (const [protocol, codec] of others) {
      const withJson = protocol === "json" || options.protocol === "json";
      // Plain JSON has no types to be wrong.
      if (withJson && !fits(this.#descriptor, changed)) continue;
      const { bytes: otherBytes } = spell(protocol, changed, this.#descriptor);
      const other = outcomeOf(() => codec.decode(otherBytes));
      // Nor is a pair of plain JSON as deep as an entry of a map.
      if (withJson && [outcome, other].some((one) => "code" in one && one.code === "ERR_THRIFT_DEPTH_LIMIT")) continue;
      const found = difference(meaningOf(outcome, withJson), meaningOf(other, withJson), "outcome");
      if (found === undefined) continue;
      const messages = [outcome, other].map((one) => ("value" in one ? "no error" : one.message)).join(" / ");
      const what = `${options.protocol} and ${protocol} differ in ${found} (${messages}): ${toHex(bytes)} and ${toHex(otherBytes)}`;
      this.#report(what, undefined);
    }
  }

  /** Any value: all back ends encode it to the same bytes, or fail alike. */
  encode(value: unknown): Uint8Array | undefined {
    const outcome = this.#all((codec) => codec.encode(value));
    if ("value" in outcome) {
      const bytes = outcome.value as Uint8Array;
      if (this.subject.codecs[0].encodedSize(value) !== bytes.length)
        this.#report("encodedSize is not the size", bytes);
      return bytes;
    }
    if (outcome.error !== "EncodeError") this.#report(`encode throws ${outcome.error}: ${outcome.message}`, undefined);
    return undefined;
  }

  /** Any bytes: all back ends decode them to the same value, or fail alike; the value encodes again, in every protocol. */
  bytes(bytes: Uint8Array): Outcome {
    const { struct } = this.subject;
    const outcome = this.#all((codec) => codec.decode(bytes), bytes);
    if ("value" in outcome) {
      this.#again(outcome.value, bytes);
      return outcome;
    }
    const { error, code, path = "", offset = -1 } = outcome;
    if (error !== "DecodeError" || code === "ERR_THRIFT_INTERNAL")
      this.#report(`decode throws ${error}: ${outcome.message}`, bytes);
    if (offset < 0 || offset > bytes.length) this.#report(`offset ${String(offset)} is outside`, bytes);
    if (!path.startsWith(struct)) this.#report(`path ${path} does not start at the root`, bytes);
    return outcome;
  }

  /** A value that was decoded: encodes, and decodes to itself, in this protocol and by way of the others. */
  #again(value: unknown, bytes: Uint8Array): void {
    const { limits, json } = this.subject.options;
    const again = this.#all((codec) => codec.encode(value), bytes);
    if (!("value" in again)) {
      // A union of which only unknown fields came is a value, but none that can be written.
      // Binary that is text may have come as text that is none.
      const isText = json?.noBase64Binary === true && again.code === "ERR_THRIFT_INVALID_UTF8";
      if (again.code !== "ERR_THRIFT_UNION_NOT_ONE" && !isText)
        this.#report(`a decoded value is refused: ${again.message}`, bytes);
      return;
    }
    if (limits !== undefined || !this.subject.isPlain) return;
    const decoded = this.#all((codec) => codec.decode(again.value as Uint8Array), bytes);
    const found = this.#mayDrop ? undefined : difference({ value }, decoded, "outcome");
    if (found !== undefined) this.#report(`a round trip changes ${found}`, bytes);
    for (const [protocol, codec] of this.subject.others) {
      const other = outcomeOf(() => codec.decode(codec.encode(value)));
      const changed = difference({ value }, other, "outcome");
      if (changed !== undefined) this.#report(`the way through ${protocol} changes ${changed}`, bytes);
    }
  }

  /** A union is written with one field: unknown ones beside a known one are kept by decoders, and dropped by encoders. */
  get #mayDrop(): boolean {
    return this.subject.options.unknownFields === "keep" && /\bunion\b/.test(this.subject.idl);
  }

  /** The same message, spelled in another of the forms that peers may use. */
  #oddForm(message: Struct, value: unknown, random: Random): void {
    const { bytes } = spell(this.subject.options.protocol, message, this.#descriptor, random);
    const found = difference({ value }, this.bytes(bytes), "outcome");
    if (found !== undefined) this.#report(`another form of the same message differs in ${found}`, bytes);
  }

  get #descriptor(): StructDescriptor {
    return this.subject.codecs[0].descriptor;
  }

  #all(run: (codec: Subject["codecs"][number]) => unknown, bytes?: Uint8Array): Outcome {
    const [first, ...rest] = this.subject.codecs;
    this.calls++;
    const outcome = outcomeOf(() => run(first));
    for (const codec of rest) {
      const found = difference(
        outcome,
        outcomeOf(() => run(codec)),
        "outcome",
      );
      if (found !== undefined) this.#report(`${first.backend} and ${codec.backend} differ in ${found}`, bytes);
    }
    return outcome;
  }

  #report(what: string, bytes: Uint8Array | undefined): void {
    const { seed, index, options, idl, struct } = this.subject;
    this.findings.push({ seed, subject: index, what, options, idl, struct, bytes });
  }
}

/**
 * What of an outcome is the same in every protocol: offsets are not. Plain JSON finds a second field of a union when the
 * struct ends, after other mistakes.
 */
function meaningOf(outcome: Outcome, withJson: boolean): object {
  if ("value" in outcome) return outcome;
  if (withJson) return { error: outcome.error };
  const { error, code, path } = outcome;
  return { error, code, path };
}
