import { describe, expect, it } from "vitest";
import { compile, type Codec } from "../../src/codec/codec.js";
import type { CodecOptions, CodecProtocol } from "../../src/codec/options.js";
import { ERROR_CODES } from "../../src/errors.js";
import { backends, protocolsAndJson } from "../support/backends.js";
import { goldenSchema, goldenStruct, goldenVectors, spelledOut, type GoldenVector } from "../support/golden.js";
import { toHex } from "../support/hex.js";
import { difference, outcomeOf } from "../support/outcome.js";
import { Random } from "../support/random-value.js";
import { nodeOf, type Struct } from "../support/wire/node.js";
import type { Spelling } from "../support/wire/speller.js";
import { spell } from "../support/wire/spell.js";
import { concat, INTERESTING_BYTES, interestingSizes, JSON_BYTES } from "../fuzz/mutate.js";

/** The long mode tries so many of each kind that all take four minutes, which is all but of bytes; the short one a few. */
const isLong = process.env["SCRIMP_LONG"] === "1";
const SAMPLE = isLong ? 150_000 : 1_000;
const SEED = Number(process.env["SCRIMP_SEED"] ?? 1);
const TIMEOUT = isLong ? 900_000 : 60_000;

const schema = goldenSchema();

/** Plain JSON has no infinities but by option. */
const NON_FINITE: Partial<Record<CodecProtocol, CodecOptions>> = { json: { json: { nonFinite: "string" } } };

/** A vector in one protocol. */
interface Vector {
  struct: string;
  /** What Apache's library wrote, where it knows the protocol. */
  bytes: Uint8Array;
  /** The same as we spell it: TJSON of Python has blanks and padding. */
  spelled: Spelling;
}

function vectorOf({ struct, value, ...golden }: GoldenVector, protocol: CodecProtocol): Vector {
  const type = goldenStruct(schema, struct);
  const spelled = spell(protocol, nodeOf(type, spelledOut(type, value)) as Struct, type);
  return { struct, bytes: protocol === "json" ? spelled.bytes : golden[protocol], spelled };
}

/** One message, damaged. Made when it is its turn: all of them together are millions. */
interface Damage {
  struct: string;
  bytes: Uint8Array;
}

/** So many ways to damage messages, each by its number. */
interface Damages {
  count: number;
  nth: (index: number) => Damage;
}

/** Numbers all of several parts one after the other. */
function together(parts: readonly Damages[]): Damages {
  const starts = [0];
  for (const { count } of parts) starts.push(starts.at(-1)! + count);
  const nth = (index: number): Damage => {
    let [low, high] = [0, parts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= index) low = middle;
      else high = middle;
    }
    return parts[low].nth(index - starts[low]);
  };
  return { count: starts.at(-1)!, nth };
}

function truncated(vectors: readonly Vector[]): Damages {
  return together(
    vectors.map(({ struct, bytes }): Damages => {
      return { count: bytes.length, nth: (end) => ({ struct, bytes: bytes.subarray(0, end) }) };
    }),
  );
}

function withOtherBytes(vectors: readonly Vector[], others: readonly number[]): Damages {
  return together(
    vectors.map(({ struct, bytes }): Damages => {
      const nth = (index: number): Damage => {
        const other = others[index % others.length];
        return { struct, bytes: bytes.with(Math.floor(index / others.length), other) };
      };
      return { count: bytes.length * others.length, nth };
    }),
  );
}

function withOtherSizes(vectors: readonly Vector[]): Damages {
  return together(
    vectors.flatMap(({ struct, spelled: { bytes, sizes } }) =>
      sizes.map(({ start, end, spell: respell }): Damages => {
        const others = interestingSizes(bytes.length - end);
        const nth = (index: number): Damage => {
          return { struct, bytes: concat(bytes.subarray(0, start), respell(others[index]), bytes.subarray(end)) };
        };
        return { count: others.length, nth };
      }),
    ),
  );
}

describe.each(protocolsAndJson)(
  "golden vectors in %s, damaged: a value or a failure that says where, alike in all back ends",
  (protocol) => {
    const vectors = goldenVectors.map((vector) => vectorOf(vector, protocol));
    const codecs = new Map(
      schema.structs.map(({ name }): [string, Codec[]] => [
        name,
        backends.map((backend) => compile(goldenStruct(schema, name), { protocol, backend, ...NON_FINITE[protocol] })),
      ]),
    );

    function check({ struct, bytes }: Damage): void {
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

    function checkAll({ count, nth }: Damages): void {
      const random = new Random(SEED);
      const takesAll = count <= SAMPLE;
      for (let i = 0; i < (takesAll ? count : SAMPLE); i++) check(nth(takesAll ? i : random.below(count)));
    }

    it("cut off at any byte", { timeout: TIMEOUT }, () => {
      checkAll(truncated(vectors));
    });

    it(`any byte set to one that means much (seed ${String(SEED)})`, { timeout: TIMEOUT }, () => {
      checkAll(withOtherBytes(vectors, protocol.endsWith("json") ? JSON_BYTES : INTERESTING_BYTES));
    });

    it.runIf(protocol !== "json")(
      `any length and count set to a wrong one (seed ${String(SEED)})`,
      { timeout: TIMEOUT },
      () => {
        const damages = withOtherSizes(vectors);
        expect(damages.count).toBeGreaterThan(5000);
        checkAll(damages);
      },
    );

    it("no prefix of a message is a message", () => {
      for (const { struct, bytes } of vectors.slice(0, 24)) {
        for (let end = 0; end < Math.min(bytes.length, 400); end++) {
          expect(outcomeOf(() => codecs.get(struct)![0].decode(bytes.subarray(0, end)))).toHaveProperty("code");
        }
      }
    });
  },
);
