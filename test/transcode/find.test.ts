/** Values found by native code, and where JavaScript finds them: random schemas, paths and messages, damage of every kind. */

import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import { resolveLimits, type LimitsOption } from "../../src/protocol/limits.js";
import { ProtocolError } from "../../src/protocol/protocol.js";
import type { StructDescriptor } from "../../src/schema/descriptor.js";
import { parseSchema } from "../../src/schema/parse.js";
import { REFUSED, type TranscodeBackend } from "../../src/transcode/backend.js";
import type { Found } from "../../src/transcode/find.js";
import { ThriftFinder } from "../../src/transcode/find-thrift.js";
import { lower } from "../../src/transcode/lower.js";
import { nativeBackend, nativeStatus } from "../../src/transcode/native.js";
import { resolvePair } from "../../src/transcode/options.js";
import { parsePath, type Step } from "../../src/transcode/path.js";
import { changeMessage } from "../fuzz/message.js";
import { mutateBytes } from "../fuzz/mutate.js";
import { randomIdl } from "../fuzz/schema.js";
import { toHex } from "../support/hex.js";
import { outcomeOf } from "../support/outcome.js";
import { randomPath } from "../support/random-path.js";
import { forEachSeed, randomStruct, type Random } from "../support/random-value.js";
import { nodeOf, type Struct } from "../support/wire/node.js";
import { spell } from "../support/wire/spell.js";

type Protocol = "binary" | "compact";

const isLong = process.env["SCRIMP_LONG"] === "1";
const SEEDS = isLong ? 20_000 : 150;
const DAMAGED = 10;
const ENOUGH_BYTES = 1500;

/** A way in native code and the same in JavaScript; undefined where they refuse. */
class Twins {
  readonly #native: TranscodeBackend;
  readonly #script: ThriftFinder;
  readonly #limits: LimitsOption;

  constructor(descriptor: StructDescriptor, protocol: Protocol, limits: LimitsOption = "internal") {
    const pair = resolvePair({ from: protocol, to: protocol, limits });
    this.#native = nativeBackend(lower(descriptor, pair, "none"))!;
    this.#script = new ThriftFinder(protocol, resolveLimits(limits));
    this.#limits = limits;
  }

  find(steps: readonly Step[]): (bytes: Uint8Array) => { native: Found | undefined; script: Found | undefined } {
    const finder = this.#native.finder!(steps)!;
    return (bytes) => ({ native: finder(bytes), script: this.#inScript(bytes, steps) });
  }

  skip(bytes: Uint8Array, offset: number): { native: number; script: number } {
    const script = refusedAs(REFUSED, () => this.#script.skip(bytes, offset));
    return { native: this.#native.skip!(bytes, offset), script };
  }

  #inScript(bytes: Uint8Array, steps: readonly Step[]): Found | undefined {
    if (bytes.length > resolveLimits(this.#limits).maxMessageBytes) return undefined;
    return refusedAs(undefined, () => {
      const { found, end } = this.#script.find(bytes, steps);
      return end === bytes.length ? found : undefined;
    });
  }
}

function refusedAs<T>(refused: T, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof ProtocolError) return refused;
    throw error;
  }
}

/** Messages that mean a value, and such as are spelled oddly, wrong or damaged. */
function messagesOf(descriptor: StructDescriptor, value: object, protocol: Protocol, random: Random): Uint8Array[] {
  const right = compile(descriptor, { protocol }).encode(value);
  if (right.length > ENOUGH_BYTES) return [];
  const node = nodeOf(descriptor, value) as Struct;
  const messages = [right, spell(protocol, node, descriptor, random).bytes];
  for (let i = 0; i < DAMAGED; i++) {
    const { message } = changeMessage(node, descriptor, random);
    messages.push(spell(protocol, message, descriptor, random).bytes);
    messages.push(mutateBytes(right, messages[1], { random, protocol }));
  }
  return messages;
}

const status = nativeStatus();
const reason = status.isActive ? "" : ` (skipped: ${status.reason})`;

describe.skipIf(!status.isActive).each(["binary", "compact"] as const)(
  `native code finding in %s${reason}`,
  (protocol) => {
    it(`finds the same places and refuses the same messages, for ${String(SEEDS)} seeds`, () => {
      let values = 0;
      forEachSeed(SEEDS, (random) => {
        const { text, structs } = randomIdl(random);
        const schema = parseSchema({ "fuzz.thrift": text }, { keepNegativeIds: true });
        const descriptor = schema.struct(`S${String(random.below(structs))}`);
        const twins = new Twins(descriptor, protocol, random.chance(0.2) ? { maxStringBytes: 8, maxSkipDepth: 2 } : {});
        const made = outcomeOf(() => randomStruct(descriptor, random, { maxDepth: 3, maxLength: 4 }));
        if (!("value" in made)) return;
        const path = randomPath(descriptor, made.value, random);
        const find = path && twins.find(path.steps);
        for (const bytes of messagesOf(descriptor, made.value as object, protocol, random)) {
          const offset = random.chance(0.8) ? 0 : random.below(bytes.length + 1);
          const skipped = twins.skip(bytes, offset);
          expect(skipped.native, `skip ${toHex(bytes)} from ${String(offset)}`).toBe(skipped.script);
          if (find === undefined) continue;
          const { native, script } = find(bytes);
          expect(native, `find in ${toHex(bytes)} of\n${text}`).toEqual(script);
          if (native?.kind === "value") values++;
        }
      });
      expect(values).toBeGreaterThan(SEEDS);
    }, 600_000);

    const schema = parseSchema({
      "s.thrift": `struct Inner { 1: i32 n 2: bool yes 3: string s 4: map<string, bool> flags }
      struct Outer { 1: list<Inner> inners 2: map<string, Inner> named 3: map<uuid, i64> byId 16: bool last 17: Outer more }`,
    });
    const outer = schema.struct("Outer");
    const inner = { n: 7, yes: true, s: "a", flags: new Map([["f", true]]) };
    const value = {
      inners: [inner, { n: 2 }],
      named: new Map([["a", inner]]),
      byId: new Map([["00112233-4455-6677-8899-aabbccddeeff", 5n]]),
      last: true,
    };
    const bytes = compile(outer, { protocol }).encode(value);

    it("finds and refuses the same at every cut, and with every byte changed", () => {
      const paths = ["inners[1].yes", 'named["a"].yes', 'named["a"].flags["g"]', "last", "more.last", "inners[9]"];
      const twins = new Twins(outer, protocol);
      for (const find of paths.map((path) => twins.find(parsePath(outer, path)))) {
        for (let end = 0; end <= bytes.length; end++) {
          const { native, script } = find(bytes.subarray(0, end));
          expect(native).toEqual(script);
        }
        for (let at = 0; at < bytes.length * 8; at++) {
          const changed = new Uint8Array(bytes);
          changed[at >> 3] ^= 1 << (at & 7);
          const { native, script } = find(changed);
          expect(native).toEqual(script);
        }
      }
    });

    it("leaves to JavaScript what is nested deeper than the stack is sure to hold, and finds all the same", () => {
      const deep = (depth: number): Uint8Array =>
        protocol === "binary"
          ? Buffer.concat([Buffer.from("0c0011".repeat(depth), "hex"), Buffer.alloc(depth + 1)])
          : Buffer.concat([Buffer.from("0c22".repeat(depth), "hex"), Buffer.alloc(depth + 1)]);
      const find = new Twins(outer, protocol).find(parsePath(outer, "last"));
      for (const depth of [1, 800, 1024, 1025]) {
        const { native, script } = find(deep(depth));
        expect(script?.kind).toBe(depth <= 1024 ? "field" : undefined);
        expect(native ?? script).toEqual(script);
        expect(native === undefined).toBe(depth > 900);
      }
      const path = parsePath(outer, "more.".repeat(200) + "last");
      expect(nativeBackend(lower(outer, resolvePair({ from: protocol, to: protocol })))!.finder!(path)).toBeUndefined();
    });

    it("leaves keys to JavaScript that bytes do not tell apart", () => {
      const backend = nativeBackend(lower(outer, resolvePair({ from: protocol, to: protocol })))!;
      const known = ['named["\\ud83d\\ude00"]', 'byId["00112233-4455-6677-8899-aabbccddeeff"]'];
      const unknown = [
        'named["\\ud83d"]',
        'named["\\ufffd"]',
        'byId["00112233-4455-6677-8899-AABBCCDDEEFF"]',
        'byId["x"]',
      ];
      for (const path of known) expect(backend.finder!(parsePath(outer, path)), path).toBeDefined();
      for (const path of unknown) expect(backend.finder!(parsePath(outer, path)), path).toBeUndefined();
    });
  },
);

it.skipIf(!status.isActive)("native code finds in binary and compact alone", () => {
  const struct = parseSchema({ "s.thrift": "struct S { 1: i32 n }" }).struct("S");
  const finderOf = (from: "tjson" | "json"): unknown =>
    nativeBackend(lower(struct, resolvePair({ from, to: from })))!.finder!(parsePath(struct, "n"));
  expect(finderOf("tjson")).toBeUndefined();
  expect(finderOf("json")).toBeUndefined();
});
