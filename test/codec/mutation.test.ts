import { describe, expect, it } from "vitest";
import { compile, type Codec } from "../../src/codec/codec.js";
import { ERROR_CODES } from "../../src/errors.js";
import { backends } from "../support/backends.js";
import { goldenSchema, goldenStruct, goldenVectors } from "../support/golden.js";
import { toHex } from "../support/hex.js";
import { difference, outcomeOf } from "../support/outcome.js";
import { Random } from "../support/random-value.js";
import { INTERESTING_BYTES } from "../fuzz/mutate.js";

/** The long mode tries everything; otherwise so many mutations of each kind, chosen by a fixed seed. */
const isLong = process.env["SCRIMP_LONG"] === "1";
const SAMPLE = 4_000;
const TIMEOUT = isLong ? 1_800_000 : 60_000;

const schema = goldenSchema();
const codecs = new Map<string, Codec[]>(
  schema.structs.map(({ name }) => [name, backends.map((backend) => compile(goldenStruct(schema, name), { backend }))]),
);

/** Decodes by every back end under test: all agree, in a value or in a failure that is ours and says where. */
function check(struct: string, bytes: Uint8Array): void {
  const [first, ...others] = codecs.get(struct)!;
  const outcome = outcomeOf(() => first.decode(bytes));
  for (const other of others) {
    const found = difference(
      outcome,
      outcomeOf(() => other.decode(bytes)),
      "outcome",
    );
    if (found !== undefined) throw new Error(`back ends differ on ${struct} ${toHex(bytes)}: ${found}`);
  }
  if ("value" in outcome) return;
  const { error, code = "", path = "", offset = -1 } = outcome;
  const isOurs = error === "DecodeError" && code in ERROR_CODES && code !== "ERR_THRIFT_INTERNAL";
  if (!isOurs || !path.startsWith(struct) || offset < 0 || offset > bytes.length) {
    throw new Error(`${struct} ${toHex(bytes)} ends in ${JSON.stringify(outcome)}`);
  }
}

/** A mutation: which vector, where, and what. Made lazily: all of them together are millions. */
interface Mutation {
  vector: number;
  at: number;
  value: number;
}

/** Runs all mutations in the long mode, else a sample. `apply` gives the bytes. */
function run(
  count: number,
  nth: (index: number) => Mutation,
  apply: (bytes: Uint8Array, mutation: Mutation) => Uint8Array,
): number {
  const random = new Random(1);
  const all = isLong || count <= SAMPLE;
  const cases = all ? count : SAMPLE;
  for (let i = 0; i < cases; i++) {
    const mutation = nth(all ? i : random.below(count));
    const { struct, binary } = goldenVectors[mutation.vector];
    check(struct, apply(binary, mutation));
  }
  return cases;
}

/** Numbers every byte of every vector. */
const starts: number[] = [0];
for (const { binary } of goldenVectors) starts.push(starts.at(-1)! + binary.length);

function byteAt(index: number): { vector: number; at: number } {
  let [low, high] = [0, goldenVectors.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= index) low = middle;
    else high = middle;
  }
  return { vector: low, at: index - starts[low] };
}

/** Positions of every length and count of a struct, found by walking the wire types alone. */
function countPositions(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const fixed: Record<number, number> = { 2: 1, 3: 1, 4: 8, 6: 2, 8: 4, 10: 8, 16: 16 };
  const found: number[] = [];
  let p = 0;
  const count = (): number => {
    found.push(p);
    p += 4;
    return view.getInt32(p - 4);
  };
  const walk = (type: number): void => {
    const size = fixed[type];
    if (size !== undefined) p += size;
    // Not p += count(): that would add to where p was before.
    else if (type === 11) p = count() + p;
    else if (type === 12) walkStruct();
    else walkElements(type === 13 ? [bytes[p++], bytes[p++]] : [bytes[p++]]);
  };
  const walkElements = (types: number[]): void => {
    for (let left = count(); left > 0; left--) types.forEach(walk);
  };
  const walkStruct = (): void => {
    for (let type = bytes[p++]; type !== 0; type = bytes[p++]!) {
      p += 2;
      walk(type);
    }
  };
  walkStruct();
  return found;
}

const positions: readonly { vector: number; at: number }[] = goldenVectors.flatMap(({ binary }, vector) =>
  countPositions(binary).map((at) => ({ vector, at })),
);

function withCount(bytes: Uint8Array, { at, value }: Mutation): Uint8Array {
  const copy = bytes.slice();
  const left = bytes.length - at - 4;
  new DataView(copy.buffer).setInt32(at, [0, -1, 2 ** 31 - 1, left, left + 1, left - 1, 2 ** 30][value]);
  return copy;
}

describe("golden vectors, damaged: every outcome is a value, or a failure that says where, alike in all back ends", () => {
  it("cut off at any byte", { timeout: TIMEOUT }, () => {
    const ran = run(
      starts.at(-1)!,
      (index) => ({ ...byteAt(index), value: 0 }),
      (bytes, { at }) => bytes.subarray(0, at),
    );
    expect(ran).toBeGreaterThanOrEqual(SAMPLE);
  });

  it("any byte set to one that means much", { timeout: TIMEOUT }, () => {
    const kinds = INTERESTING_BYTES.length;
    const ran = run(
      starts.at(-1)! * kinds,
      (index) => ({ ...byteAt(Math.floor(index / kinds)), value: INTERESTING_BYTES[index % kinds] }),
      (bytes, { at, value }) => bytes.with(at, value),
    );
    expect(ran).toBeGreaterThanOrEqual(SAMPLE);
  });

  it(
    "any length and count set to 0, -1, 2^31 - 1, what is left, one more, one less, 2^30",
    { timeout: TIMEOUT },
    () => {
      expect(positions.length).toBeGreaterThan(1000);
      run(positions.length * 7, (index) => ({ ...positions[Math.floor(index / 7)], value: index % 7 }), withCount);
    },
  );

  it("no prefix of a message is a message", () => {
    for (const { struct, binary } of goldenVectors.slice(0, 24)) {
      for (let end = 0; end < Math.min(binary.length, 400); end++) {
        expect(outcomeOf(() => codecs.get(struct)![0].decode(binary.subarray(0, end)))).toHaveProperty("code");
      }
    }
  });
});
