/** Encoders check for room once for a run of fields: no run may go on from where another one has used the room up. */

import { describe, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import { parseSchema } from "../../src/schema/parse.js";
import { canGenerate } from "../../src/codec/source/unit.js";
import { backends, protocols } from "../support/backends.js";
import { toHex } from "../support/hex.js";

const numbered = (count: number, type: string): string =>
  Array.from({ length: count }, (_, i) => `${i + 1}: required ${type} f${i + 1}`).join(" ");

const schema = parseSchema({
  "a.thrift": `struct Inner { ${numbered(11, "i64")} }
    struct Run { ${numbered(14, "i32")} 20: required Inner inner }
    struct Root { 1: binary front 2: optional Run run 3: optional map<i64, Inner> map 4: optional map<double, list<i32>> lists
      5: optional list<Inner> list 6: optional set<uuid> ids }`,
});

const values = <T>(count: number, value: T): Record<string, T> =>
  Object.fromEntries(Array.from({ length: count }, (_, i): [string, T] => [`f${i + 1}`, value]));

const inner = values(11, -(2n ** 63n));

const VALUES: [name: string, value: Record<string, unknown>][] = [
  ["a struct behind fields", { run: { ...values(14, -(2 ** 31)), inner } }],
  ["a struct behind a key", { map: new Map([[-(2n ** 63n), inner]]) }],
  ["a list behind a key", { lists: new Map([[-1.2345678901234566e-300, [-(2 ** 31), -(2 ** 31)]]]) }],
  ["a struct in a list", { list: [inner, inner] }],
  ["uuids", { ids: new Set(["00112233-4455-6677-8899-aabbccddeeff", "ffffffff-4455-6677-8899-aabbccddeeff"]) }],
];

/** What buffers of the source back end begin with, and what they are let go of at. */
const FIRST_BUFFER = 64 * 1024;
const KEPT_BUFFER = 1024 * 1024;

describe.skipIf(!canGenerate || !backends.includes("source")).each(protocols)("%s", (protocol) => {
  const huge = { front: new Uint8Array(KEPT_BUFFER) };

  it.each(VALUES)("%s may begin anywhere before the end of the buffer", (_name, value) => {
    const codec = compile(schema.struct("Root"), { protocol, backend: "source" });
    const empty = { front: new Uint8Array(0) };
    const wanted = toHex(codec.encode({ ...empty, ...value }).subarray(codec.encodedSize(empty) - 1));
    for (let left = 0; left < 600; left += 5) {
      codec.encode(huge);
      const bytes = FIRST_BUFFER - left;
      // Base64 in TJSON.
      const front = new Uint8Array(protocol === "tjson" ? Math.floor((bytes * 3) / 4) : bytes);
      const size = codec.encodedSize({ front });
      expect(toHex(codec.encode({ front, ...value }).subarray(size - 1))).toBe(wanted);
    }
  });
});
