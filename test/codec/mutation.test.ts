import { describe, expect, it } from "vitest";
import { compile, type Codec } from "../../src/codec/codec.js";
import { ERROR_CODES } from "../../src/errors.js";
import { backendsOf, protocols, type ProtocolUnderTest } from "../support/backends.js";
import { goldenSchema, goldenStruct, goldenVectors, spelledOut } from "../support/golden.js";
import { toHex } from "../support/hex.js";
import { difference, outcomeOf } from "../support/outcome.js";
import { Random } from "../support/random-value.js";
import { nodeOf, type Struct } from "../support/wire/node.js";
import { spell } from "../support/wire/spell.js";
import { concat, INTERESTING_BYTES, interestingSizes, JSON_BYTES } from "../fuzz/mutate.js";

/** The long mode tries everything up to a number that takes a minute; the short one few of each kind, chosen by a fixed seed. */
const isLong = process.env["SCRIMP_LONG"] === "1";
const SAMPLE = isLong ? 400_000 : 2_000;
const SEED = Number(process.env["SCRIMP_SEED"] ?? 1);
const TIMEOUT = isLong ? 900_000 : 60_000;

const schema = goldenSchema();

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

function truncated(protocol: ProtocolUnderTest): Damages {
  const parts = goldenVectors.map(({ struct, [protocol]: bytes }): Damages => {
    return { count: bytes.length, nth: (end) => ({ struct, bytes: bytes.subarray(0, end) }) };
  });
  return together(parts);
}

function withOtherBytes(protocol: ProtocolUnderTest): Damages {
  const others = protocol === "tjson" ? JSON_BYTES : INTERESTING_BYTES;
  const parts = goldenVectors.map(({ struct, [protocol]: bytes }): Damages => {
    const nth = (index: number): Damage => {
      const other = others[index % others.length];
      return { struct, bytes: bytes.with(Math.floor(index / others.length), other) };
    };
    return { count: bytes.length * others.length, nth };
  });
  return together(parts);
}

function withOtherSizes(protocol: ProtocolUnderTest): Damages {
  const parts = goldenVectors.flatMap((vector): Damages[] => {
    const { struct } = vector;
    const type = goldenStruct(schema, struct);
    const { bytes, sizes } = spell(protocol, nodeOf(type, spelledOut(type, vector.value)) as Struct);
    return sizes.map(({ start, end, spell: respell }): Damages => {
      const others = interestingSizes(bytes.length - end);
      const nth = (index: number): Damage => {
        return { struct, bytes: concat(bytes.subarray(0, start), respell(others[index]), bytes.subarray(end)) };
      };
      return { count: others.length, nth };
    });
  });
  return together(parts);
}

describe.each(protocols)(
  "golden vectors in %s, damaged: a value or a failure that says where, alike in all back ends",
  (protocol) => {
    const codecs = new Map(
      schema.structs.map(({ name }): [string, Codec[]] => [
        name,
        backendsOf(protocol).map((backend) => compile(goldenStruct(schema, name), { protocol, backend })),
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
      checkAll(truncated(protocol));
    });

    it(`any byte set to one that means much (seed ${String(SEED)})`, { timeout: TIMEOUT }, () => {
      checkAll(withOtherBytes(protocol));
    });

    it(`any length and count set to a wrong one (seed ${String(SEED)})`, { timeout: TIMEOUT }, () => {
      const damages = withOtherSizes(protocol);
      expect(damages.count).toBeGreaterThan(5000);
      checkAll(damages);
    });

    it("no prefix of a message is a message", () => {
      for (const { struct, [protocol]: bytes } of goldenVectors.slice(0, 24)) {
        for (let end = 0; end < Math.min(bytes.length, 400); end++) {
          expect(outcomeOf(() => codecs.get(struct)![0].decode(bytes.subarray(0, end)))).toHaveProperty("code");
        }
      }
    });
  },
);
