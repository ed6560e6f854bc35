/** Messages checked, read and changed as bytes, against decoding and encoding them. */

import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import type { CodecProtocol } from "../../src/codec/options.js";
import type { StructDescriptor } from "../../src/schema/descriptor.js";
import { parseSchema } from "../../src/schema/parse.js";
import { makeRawCodec, type RawCodec } from "../../src/transcode/raw.js";
import { randomIdl } from "../fuzz/schema.js";
import { protocolsAndJson } from "../support/backends.js";
import { hex } from "../support/hex.js";
import { failureFrom, outcomeOf } from "../support/outcome.js";
import { pathText, randomPath } from "../support/random-path.js";
import { forEachSeed, randomStruct } from "../support/random-value.js";
import { forEachTranscoderBackend } from "../support/transcoders.js";

const schema = parseSchema({
  "s.thrift": `enum Color { RED = 1 BLUE = 5 }
    union Choice { 1: i32 number 2: string text 3: bool flag }
    struct Inner { 1: i32 n 2: bool yes 3: string s }
    struct Outer {
      1: bool first  2: Inner inner  3: list<Inner> inners  4: map<string, i32> scores  5: map<i32, Inner> byNumber
      6: map<Color, string> colors  7: set<i64> ids  8: list<bool> flags  9: Choice choice  10: map<i64, bool> truths
      200: optional binary blob  40: optional string late  11: double d = 1.5
    }`,
});
const outer = schema.struct("Outer");

const VALUE = {
  first: true,
  inner: { n: 7, yes: false, s: "a" },
  inners: [{ n: 1 }, { n: 2, yes: true, s: "你好" }],
  scores: new Map([
    ["ann", 3],
    ['b"ob', 4],
  ]),
  byNumber: new Map([[-5, { n: 50, yes: true }]]),
  colors: new Map([[1, "r"]]),
  ids: new Set([1n, -(2n ** 63n)]),
  flags: [true, false],
  choice: { text: "x" },
  truths: new Map([[9n, false]]),
  d: 2.5,
};

/** A path, what it gives in VALUE, and what to put there. */
const PATHS: readonly (readonly [path: string, found: unknown, other: unknown])[] = [
  ["first", true, false],
  ["inner.n", 7, -8],
  ["inner.yes", false, true],
  ["inners[1].s", "你好", "longer than it was before"],
  ["inners[0].s", undefined, "new"],
  ["inners[0].yes", undefined, true],
  ['scores["ann"]', 3, 1000],
  [String.raw`scores["b\"ob"]`, 4, 5],
  ['scores["carl"]', undefined, 6],
  ["byNumber[-5].n", 50, 51],
  ["byNumber[-5].yes", true, false],
  ["byNumber[6]", undefined, { n: 60, yes: undefined, s: undefined }],
  ["colors[RED]", "r", "rr"],
  ["colors[5]", undefined, "blue"],
  ["ids[0]", 1n, 3n],
  ["flags[1]", false, true],
  ["choice.text", "x", "y"],
  ["choice.number", undefined, 4],
  ["choice.flag", undefined, true],
  ["truths[9]", false, true],
  ["truths[-9]", undefined, true],
  ["blob", undefined, Uint8Array.of(1, 2, 255)],
  ["late", undefined, "late"],
  ["d", 2.5, 0.1],
  ["inner", { n: 7, yes: false, s: "a" }, { n: 1, yes: undefined, s: "b" }],
];

/** Reads and writes what a path leads to in a decoded value. */
function reach(value: unknown, path: string, put?: unknown): unknown {
  const parts = path.match(/\["(?:[^"\\]|\\.)*"\]|\[[^\]]+\]|[^.[\]]+/g)!;
  let at = value;
  parts.forEach((part, i) => {
    const isLast = i === parts.length - 1;
    const inside = part.startsWith("[") ? part.slice(1, -1) : undefined;
    if (at instanceof Map) {
      const key = [...at.keys()].find((each) => String(each) === keyText(inside!)) ?? newKey(at, inside!);
      if (isLast && put !== undefined) at.set(key, put);
      at = at.get(key) as unknown;
    } else if (at instanceof Set) {
      const members = [...(at as Set<unknown>)];
      if (isLast && put !== undefined) {
        members[Number(inside)] = put;
        at.clear();
        members.forEach((member) => (at as Set<unknown>).add(member));
      }
      at = members[Number(inside)];
    } else {
      const object = at as Record<string, unknown>;
      const name = inside ?? part;
      if (isLast && put !== undefined) {
        if (path.startsWith("choice.")) for (const other of Object.keys(object)) object[other] = undefined;
        object[name] = put;
      }
      at = object[name];
    }
  });
  return at;
}

function keyText(inside: string): string {
  if (inside.startsWith('"')) return JSON.parse(inside) as string;
  return inside === "RED" ? "1" : inside;
}

function newKey(map: Map<unknown, unknown>, inside: string): unknown {
  const [sample] = map.keys();
  if (typeof sample === "string") return keyText(inside);
  return typeof sample === "bigint" ? BigInt(inside) : Number(inside);
}

forEachTranscoderBackend((backend) => {
  const rawIn = (descriptor: StructDescriptor, protocol: CodecProtocol): RawCodec =>
    makeRawCodec(descriptor, { protocol, ...backend.forced }, backend.factory);

  describe.each(protocolsAndJson)("%s", (protocol) => {
    const codec = compile<Record<string, unknown>>(outer, { protocol });
    const raw = rawIn(outer, protocol);
    const bytes = codec.encode(VALUE);

    it.each(PATHS)("reads and changes %s", (path, found, other) => {
      const way = raw.at(path);
      expect(way.get(bytes)).toEqual(found);
      const changed = way.set(bytes, other);
      const expected = codec.decode(bytes);
      reach(expected, path, other);
      expect(codec.decode(changed)).toEqual(expected);
      expect(way.get(changed)).toEqual(other);
      raw.validate(changed);
    });

    it("adds to a message that has nothing, and to empty maps", () => {
      const empty = codec.encode({ scores: new Map(), truths: new Map() });
      expect(codec.decode(raw.at('scores["x"]').set(empty, 1))["scores"]).toEqual(new Map([["x", 1]]));
      expect(codec.decode(raw.at("truths[1]").set(empty, true))["truths"]).toEqual(new Map([[1n, true]]));
      expect(codec.decode(raw.at("first").set(codec.encode({}), true))["first"]).toBe(true);
    });

    it("counts the sixteenth entry of a map, and the hundred and twenty-eighth", () => {
      for (const size of [9, 14, 15, 99, 127]) {
        const scores = new Map(Array.from({ length: size }, (_, i): [string, number] => [String(i), i]));
        const changed = raw.at('scores["more"]').set(codec.encode({ scores }), 1);
        expect(codec.decode(changed)["scores"]).toEqual(new Map([...scores, ["more", 1]]));
      }
    });

    it("has nothing to add to where an element or a struct is missing", () => {
      expect(failureFrom(() => raw.at("inners[2].n").set(bytes, 1))).toMatchObject({
        code: "ERR_THRIFT_REQUIRED_MISSING",
        path: "Outer.inners[2].n",
      });
      expect(failureFrom(() => raw.at("inner.n").set(codec.encode({}), 1)).code).toBe("ERR_THRIFT_REQUIRED_MISSING");
      expect(failureFrom(() => raw.at("inner.n").set(bytes, "x"))).toMatchObject({
        error: "EncodeError",
        path: "Outer.inner.n",
      });
    });

    it("fails at every cut as decoding does", () => {
      const way = raw.at("inners[1].s");
      for (let end = 0; end < bytes.length; end++) {
        const cut = bytes.subarray(0, end);
        const expected = failureFrom(() => codec.decode(cut));
        expect(failureFrom(() => way.get(cut))).toEqual(expected);
        expect(failureFrom(() => way.set(cut, ""))).toEqual(expected);
        expect(failureFrom(() => raw.validate(cut))).toEqual(expected);
        expect(outcomeOf(() => raw.skip(cut))).toHaveProperty("code");
      }
    });

    it("steps over one message after the other", () => {
      const two = Buffer.concat([bytes, codec.encode({})]);
      expect(raw.skip(two)).toBe(bytes.length);
      expect(raw.skip(two, bytes.length)).toBe(two.length);
    });
  });

  it.each(protocolsAndJson)("gives what decoding gives, in %s, at random places", (protocol) => {
    let values = 0;
    forEachSeed(40, (random) => {
      const { text, structs } = randomIdl(random);
      const descriptor = parseSchema({ "fuzz.thrift": text }).struct(`S${String(random.below(structs))}`);
      const { codec, raw } = { codec: compile(descriptor, { protocol }), raw: rawIn(descriptor, protocol) };
      const made = outcomeOf(() => randomStruct(descriptor, random, { maxDepth: 3, maxLength: 4 }));
      const bytes = outcomeOf(() => codec.encode("value" in made ? made.value : undefined));
      if (!("value" in made && "value" in bytes)) return;
      for (let i = 0; i < 10; i++) {
        const path = randomPath(descriptor, made.value, random);
        if (path === undefined) continue;
        expect(raw.at(pathText(path.steps)).get(bytes.value as Uint8Array), pathText(path.steps)).toEqual(path.value);
        if (path.value !== undefined) values++;
      }
    });
    expect(values).toBeGreaterThan(100);
  });

  it("takes the last of what comes twice, as decoders do", () => {
    const inner = schema.struct("Inner");
    const samples = {
      binary: hex`08 0001 00000001 08 0001 00000002 00`,
      json: Buffer.from('{"n":1,"n":2}'),
      tjson: Buffer.from('{"1":{"i32":1},"1":{"i32":2}}'),
      compact: hex`15 02 05 02 04 00`,
    };
    for (const protocol of protocolsAndJson) {
      const raw = rawIn(inner, protocol);
      expect(raw.at("n").get(samples[protocol])).toBe(2);
    }
  });

  it("takes a member of plain JSON that is null for absent", () => {
    const raw = rawIn(outer, "json");
    expect(raw.at("d").get(Buffer.from('{"d":null}'))).toBeUndefined();
    expect(raw.at("inner.n").get(Buffer.from('{ "inner" : null }'))).toBeUndefined();
    expect(Buffer.from(raw.at("d").set(Buffer.from('{ "d": null }'), 2)).toString()).toBe('{ "d": 2 }');
  });
});

it.each([
  "",
  "nothing",
  "inner.",
  ".inner",
  "inner..n",
  "inner[0]",
  "inners.n",
  "inners[-1]",
  "inners[x]",
  "scores[1]",
  'scores["x',
  "byNumber[2147483648]",
  "colors[GREEN]",
  "truths[9223372036854775808]",
  "first.x",
])("has no way %j", (path) => {
  expect(() => makeRawCodec(outer, { backend: "interpreter" }).at(path)).toThrow(RangeError);
});
