/** Random values of random schemas go to Apache Thrift's own libraries and back. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile, type Codec } from "../../../src/codec/codec.js";
import type { ProtocolName } from "../../../src/protocol/protocols.js";
import type { StructDescriptor } from "../../../src/schema/descriptor.js";
import { backends, type BackendName } from "../../support/backends.js";
import { toHex } from "../../support/hex.js";
import { difference, outcomeOf, sameBytes } from "../../support/outcome.js";
import { describeWithPeer } from "../../support/peers.js";
import { randomPeerIdl } from "../../support/random-schema.js";
import { Random } from "../../support/random-value.js";
import { bugsIn, KNOWN_BUGS, type KnownBug } from "./known-bugs.js";
import { npmPeer } from "./npm.js";
import { PROTOCOLS, shareSchema, type Answer, type Peer, type SharedSchema } from "./peer.js";
import { pythonPeer } from "./python.js";
import { hasOneSpelling } from "./spelling.js";
import { ordered, randomDecoded, withoutDefaults } from "./value.js";

const SEED = process.env["SCRIMP_SEED"];
const FIRST_SEED = Number(SEED ?? 1);
const SCHEMAS = SEED === undefined ? 40 : 1;
const STRUCTS = 6;
const VALUES = 10;

/** Lists of maps of sets of structs can be large, which would show nothing new. */
const MOST_BYTES = 4000;

/** A value on its way. */
interface Case {
  /** Of the schema and its values; undefined for the example of a known bug. */
  seed: number | undefined;
  from: SharedSchema;
  type: StructDescriptor;
  /** The type as a program knows it that has not heard of some fields. */
  narrow: StructDescriptor;
  /** What must arrive. */
  value: Record<string, unknown>;
  /** What is encoded: fields that hold their defaults may be left out. */
  sent: Record<string, unknown>;
}

const codecs = new WeakMap<StructDescriptor, Map<string, Codec>>();

function codecOf(
  type: StructDescriptor,
  protocol: ProtocolName,
  backend: BackendName,
  unknownFields: "skip" | "keep" = "skip",
): Codec {
  const ofType = codecs.get(type) ?? new Map<string, Codec>();
  codecs.set(type, ofType);
  const key = `${protocol} ${backend} ${unknownFields}`;
  const codec = ofType.get(key) ?? compile(type, { protocol, backend, unknownFields });
  ofType.set(key, codec);
  return codec;
}

let everyCase: Case[] | undefined;

function cases(): readonly Case[] {
  return (everyCase ??= Array.from({ length: SCHEMAS }, (_, i) => casesOf(FIRST_SEED + i)).flat());
}

function casesOf(seed: number): Case[] {
  const random = new Random(seed);
  const from = shareSchema(`cross${seed}`, randomPeerIdl(random, STRUCTS));
  const fewer = shareSchema(from.name, withFewerFields(from.idl, random)).schema;
  return from.schema.structs.flatMap((type) =>
    Array.from({ length: VALUES }, () => {
      const value = boundedValue(type, random);
      return { seed, from, type, narrow: fewer.struct(type.name), value, sent: withoutDefaults(type, value) };
    }),
  );
}

/** A union has one field only, and without a required one there is no value. */
function withFewerFields(idl: string, random: Random): string {
  return idl.replaceAll(/^(?:struct|exception) S\d+ \{[^]*?\n\}/gm, (definition) =>
    definition.replaceAll(/^ {2}\d+: (?!required).*\n/gm, (field) => (random.chance(0.4) ? "" : field)),
  );
}

function boundedValue(type: StructDescriptor, random: Random): Record<string, unknown> {
  for (;;) {
    const value = randomDecoded(type, random);
    if (codecOf(type, "binary", backends[0]).encodedSize(value) <= MOST_BYTES) return value;
  }
}

/** The bytes, which must be the same from each back end. */
function encoded({ type, sent, seed }: Case, protocol: ProtocolName): Uint8Array {
  const outcomes = backends.map((backend) => outcomeOf(() => codecOf(type, protocol, backend).encode(sent)));
  const where = `${protocol}, SCRIMP_SEED=${seed}, ${type.name}`;
  for (const outcome of outcomes) expect(difference(outcome, outcomes[0]), where).toBeUndefined();
  expect(outcomes[0], where).toHaveProperty("value");
  return (outcomes[0] as { value: Uint8Array }).value;
}

/** What the peer read wrongly; undefined when nothing. */
function readWrongly({ type, value }: Case, answer: Answer): string | undefined {
  if ("error" in answer) return `the peer fails: ${answer.error}`;
  return difference(ordered(type, answer.value), value, "read by the peer");
}

/** What is wrong with an answer; undefined when nothing is. */
function complaint(peer: Peer, each: Case, protocol: ProtocolName, answer: Answer): string | undefined {
  const read = readWrongly(each, answer);
  if (read !== undefined || "error" in answer) return read;
  const { type, value } = each;
  for (const backend of backends) {
    const codec = codecOf(type, protocol, backend);
    const outcome = outcomeOf(() => ordered(type, codec.decode(answer.bytes)));
    if (!("value" in outcome)) return `${backend} cannot read what the peer wrote: ${outcome.message}`;
    const found = difference(outcome.value, value, `read from the peer by ${backend}`);
    if (found !== undefined) return found;
    if (hasOneSpelling(peer.name, protocol, type, value) && !sameBytes(codec.encode(value), answer.bytes))
      return `the peer writes other bytes than ${backend}: ${toHex(answer.bytes)}`;
  }
  return undefined;
}

/** Enough to see what happened, and to see it again. */
function explained(
  peer: Peer,
  dialect: string,
  { seed, from, type }: Case,
  what: string | undefined,
): string | undefined {
  if (what === undefined) return undefined;
  return `${peer.name}, ${dialect}, SCRIMP_SEED=${seed}, ${type.name}: ${what.slice(0, 1000)}\n${from.idl}`;
}

/** Decodes and encodes as a program that has not heard of some fields. */
function passOn({ seed, narrow, type, value }: Case, protocol: ProtocolName, backend: BackendName): Uint8Array {
  const middleman = codecOf(narrow, protocol, backend, "keep");
  const bytes = codecOf(type, protocol, backend).encode(value);
  const outcome = outcomeOf(() => middleman.encode(middleman.decode(bytes)));
  expect(outcome, `${protocol}, ${backend}, SCRIMP_SEED=${seed}, ${type.name}`).toHaveProperty("value");
  return (outcome as { value: Uint8Array }).value;
}

function exampleOf({ example }: KnownBug, name: string): Case {
  const from = shareSchema(name, `struct S { ${example.fields} }\n`);
  const type = from.schema.struct("S");
  return { seed: undefined, from, type, narrow: type, value: example.value, sent: example.value };
}

function crossTest(name: Peer["name"], start: () => Peer): void {
  let peer: Peer;

  beforeAll(() => {
    peer = start();
    for (const from of new Set(cases().map((each) => each.from))) peer.add(from);
  });

  afterAll(() => peer.close());

  const comparable = (protocol: ProtocolName): Case[] =>
    cases().filter(({ type, value }) => bugsIn(name, protocol, type, value).length === 0);

  // A single seed, which replays a failure, may have none.
  it.skipIf(SEED !== undefined).each(PROTOCOLS)(
    "%s: known bugs excuse few values, bytes are compared of many, many structs lose fields",
    (protocol) => {
      const clean = comparable(protocol);
      expect(clean.length).toBeGreaterThan(0.7 * cases().length);
      expect(clean.filter(({ type, value }) => hasOneSpelling(name, protocol, type, value)).length).toBeGreaterThan(
        0.3 * clean.length,
      );
      const narrowed = clean.filter(({ type, narrow }) => narrow.fields.length < type.fields.length);
      expect(narrowed.length).toBeGreaterThan(0.25 * clean.length);
    },
  );

  it.each(PROTOCOLS)("%s: values go there and back", { timeout: 120_000 }, async (protocol) => {
    const clean = comparable(protocol);
    const sent = clean.map((each) => encoded(each, protocol));
    for (const dialect of peer.dialects[protocol]) {
      const answers = await peer.ask(clean.map(({ from, type }, i) => ({ from, type, dialect, bytes: sent[i] })));
      const complaints = clean.map((each, i) =>
        explained(peer, dialect, each, complaint(peer, each, protocol, answers[i])),
      );
      expect(complaints.find((text) => text !== undefined) ?? "").toBe("");
    }
  });

  it.each(PROTOCOLS)("%s: what a middleman does not know is passed on", { timeout: 120_000 }, async (protocol) => {
    const clean = comparable(protocol);
    const [dialect] = peer.dialects[protocol];
    for (const backend of backends) {
      const passedOn = clean.map((each) => passOn(each, protocol, backend));
      const answers = await peer.ask(clean.map(({ from, type }, i) => ({ from, type, dialect, bytes: passedOn[i] })));
      const complaints = clean.map((each, i) => explained(peer, dialect, each, readWrongly(each, answers[i])));
      expect(complaints.find((text) => text !== undefined) ?? "").toBe("");
    }
  });

  const bugs = KNOWN_BUGS.filter((bug) => bug.peer === name);
  const rows = bugs.flatMap((bug, i) => bug.protocols.map((protocol) => [protocol, bug.reason, bug, i] as const));
  it.each(rows)("%s: known bug, still there: %s", async (protocol, _reason, bug, i) => {
    const example = exampleOf(bug, `bug${i}${protocol}`);
    expect(bugsIn(name, protocol, example.type, example.value)).toEqual([bug]);
    peer.add(example.from);
    const bytes = encoded(example, protocol);
    for (const dialect of peer.dialects[protocol]) {
      const [answer] = await peer.ask([{ from: example.from, type: example.type, dialect, bytes }]);
      expect(complaint(peer, example, protocol, answer), "the peer is right: take the row out").toBeDefined();
    }
  });
}

describeWithPeer("thrift 0.17", () => {
  describe("the npm package thrift", () => {
    crossTest("npm", npmPeer);
  });

  describeWithPeer("python3-thrift", () => {
    crossTest("python", pythonPeer);
  });
});
