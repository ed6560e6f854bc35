/**
 * Everyday messages (`bench.thrift`): a flat struct of numbers (76 B), a request with headers, items and attributes (3.3 KB)
 * and a thousand records (270 KB). Seeded, several of each, so that no contender learns one object by heart; every i64 is a safe
 * integer, so that rivals that know only doubles can carry it.
 */

import { list, map, struct } from "./shape.js";
import { flat, type Value } from "./value.js";

export const smallShape = struct("Small", {
  flag: "bool",
  tiny: "i8",
  shorty: "i16",
  count: "i32",
  ts: "i64",
  ratio: "double",
  seq: "i32",
  color: "enum",
  name: "string",
});

const headerShape = struct("Header", { host: "string", path: "string", ts: "i64", tags: list("string") });

const itemShape = struct("Item", {
  id: "i32",
  name: "string",
  descr: "string",
  price: "double",
  active: "bool",
  ts: "i64",
});

export const mediumShape = struct("Medium", {
  header: headerShape,
  items: list(itemShape),
  attrs: map("string", "string"),
  blob: "binary",
});

const recordShape = struct("Record", {
  id: "i64",
  name: "string",
  bio: "string",
  email: "string",
  score: "double",
  refs: list("i64"),
});

export const largeShape = struct("Large", { records: list(recordShape) });

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
const WORDS = "lorem ipsum dolor amet consectetur adipiscing elit sed eiusmod tempor magna aliqua".split(" ");
const WORLD = [
  "héllo wörld",
  "naïve café",
  "Größe übel",
  "日本語テキスト",
  "中文字符串测试",
  "Привет мир",
  "emoji 😀🚀 end",
  "한국어 문자열",
  "ñandú açaí",
  "zażółć gęślą",
];

/** The messages in the order the seed gives them: all small ones, all medium ones, all large ones. */
export function mixedMessages(): { small: Value[]; medium: Value[]; large: Value[] } {
  const random = new Random(42);
  return {
    small: Array.from({ length: 16 }, () => small(random)),
    medium: Array.from({ length: 16 }, () => medium(random)),
    large: Array.from({ length: 4 }, () => ({ records: Array.from({ length: 1000 }, () => record(random)) })),
  };
}

function small(random: Random): Value {
  return {
    flag: random.chance(0.5),
    tiny: random.integer(-128, 127),
    shorty: random.integer(-32768, 32767),
    count: random.integer(-2147483648, 2147483647),
    ts: random.timestamp(),
    ratio: random.next() * 1e6,
    seq: random.integer(0, 100000),
    color: random.integer(1, 3),
    name: random.word(12),
  };
}

function medium(random: Random): Value {
  const attrs = new Map<Value, Value>();
  for (let index = 0; index < 20; index++) {
    const key = flat(`attr_${index}_${random.word(3)}`);
    attrs.set(key, random.word(random.integer(12, 36)));
  }
  const blob = Uint8Array.from({ length: 256 }, () => random.integer(0, 255));
  const header = {
    host: flat(`svc-${random.word(8)}.example.com`),
    path: flat(`/api/v1/${random.word(20)}`),
    ts: random.timestamp(),
    tags: [6, 8, 5, 10].map((length) => random.word(length)),
  };
  return { header, items: Array.from({ length: 20 }, () => item(random)), attrs, blob };
}

function item(random: Random): Value {
  return {
    id: random.integer(0, 1e6),
    name: random.word(16),
    descr: random.prose(40),
    price: random.integer(1, 1e6) / 100,
    active: random.chance(0.5),
    ts: random.timestamp(),
  };
}

/** One name and one biography in four are not ASCII. */
function record(random: Random): Value {
  const foreignName = random.chance(0.25);
  return {
    id: random.safeInteger(),
    name: foreignName ? flat(`${random.foreign()} ${random.word(6)}`) : random.prose(20),
    bio: random.chance(0.25) ? flat(`${random.prose(40)} ${random.foreign()} ${random.prose(24)}`) : random.prose(80),
    email: flat(`${random.word(10)}@example.com`),
    score: random.next() * 100,
    refs: Array.from({ length: 12 }, () => (random.chance(0.5) ? random.timestamp() : random.safeInteger())),
  };
}

/** Mulberry32: thirty-two bits of state, the same sequence everywhere. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** At least 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  integer(lowest: number, highest: number): number {
    return lowest + Math.floor(this.next() * (highest - lowest + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  timestamp(): bigint {
    return BigInt(1700000000000 + this.integer(0, 99999999999));
  }

  safeInteger(): bigint {
    return BigInt(this.integer(0, 0x1fffff) * 2 ** 32 + this.integer(0, 2 ** 32 - 1));
  }

  word(length: number): string {
    let word = "";
    for (let index = 0; index < length; index++) word += ALPHABET[this.integer(0, ALPHABET.length - 1)];
    return flat(word);
  }

  prose(length: number): string {
    let prose = "";
    while (prose.length < length) prose += (prose ? " " : "") + this.#pick(WORDS);
    return flat(prose.slice(0, length));
  }

  foreign(): string {
    return this.#pick(WORLD);
  }

  #pick(words: readonly string[]): string {
    return words[this.integer(0, words.length - 1)];
  }
}
