/** Wrong bytes and wrong values, made of right ones. */

import type { CodecProtocol } from "../../src/codec/options.js";
import type { Random } from "../support/random-value.js";

/** Bytes that mean much: small counts, signs, the wire types, the ends of ranges, UTF-8 leads. */
export const INTERESTING_BYTES = [0, 1, 2, 3, 4, 6, 8, 10, 11, 12, 13, 15, 16, 0x7f, 0x80, 0xff] as const;

/** The same for JSON: what opens, closes, separates, escapes, begins a number or a word, is blank, is no character. */
export const JSON_BYTES: readonly number[] = [...new TextEncoder().encode('"{}[],:\\-0e.tn \0'), 0xff];

/** Values of a length or count, where `left` bytes follow. */
export function interestingSizes(left: number): number[] {
  return [0, 1, -1, 127, 128, 2 ** 15, 2 ** 24, 2 ** 30, 2 ** 31 - 1, -(2 ** 31), left - 1, left, left + 1];
}

/** Applies 0 to 4 small changes, half of which know the protocol, or cuts the message, or crosses it with another. */
export function mutateBytes(
  bytes: Uint8Array,
  other: Uint8Array,
  { random, protocol }: { random: Random; protocol: CodecProtocol },
): Uint8Array {
  const kind = random.below(10);
  // Not bytes.slice(): that of a Buffer is a view.
  let result: Uint8Array = new Uint8Array(bytes);
  if (kind === 0) return result.slice(0, random.below(bytes.length + 1));
  if (kind === 1)
    return concat(result.slice(0, random.below(bytes.length + 1)), other.slice(random.below(other.length + 1)));
  for (let n = random.below(5); n > 0; n--) {
    const changes = random.chance(0.5) ? CHANGES : CHANGES_OF[protocol];
    result = random.pick(changes)(result, random);
  }
  return result;
}

type Change = (bytes: Uint8Array, random: Random) => Uint8Array;

const CHANGES: readonly Change[] = [
  (bytes, random) => withByte(bytes, random.below(bytes.length), random.pick(INTERESTING_BYTES)),
  (bytes, random) => withByte(bytes, random.below(bytes.length), random.below(256)),
  (bytes, random) => {
    const at = random.below(bytes.length);
    return withByte(bytes, at, (bytes[at] ?? 0) ^ (1 << random.below(8)));
  },
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    return concat(bytes.slice(0, at), Uint8Array.of(random.pick(INTERESTING_BYTES)), bytes.slice(at));
  },
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    return concat(bytes.slice(0, at), bytes.slice(at + 1 + random.below(8)));
  },
  (bytes, random) => {
    const from = random.below(bytes.length + 1);
    const at = random.below(bytes.length + 1);
    return concat(bytes.slice(0, at), bytes.slice(from, from + random.below(32)), bytes.slice(at));
  },
];

const BINARY_CHANGES: readonly Change[] = [
  (bytes, random) => {
    if (bytes.length < 4) return bytes;
    const at = random.below(bytes.length - 3);
    new DataView(bytes.buffer).setInt32(at, random.pick(interestingSizes(bytes.length - at - 4)));
    return bytes;
  },
];

const VARINTS: readonly number[][] = [
  [0x80, 0x00],
  [0x81, 0x80, 0x80, 0x80, 0x00],
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0x1f],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00],
  [0x80, 0x80, 0x04],
  [0xfe, 0xff, 0x03],
  [0xff, 0xff, 0x03],
];

const COMPACT_CHANGES: readonly Change[] = [
  // Another varint, in place of a byte or before it.
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    return concat(bytes.slice(0, at), Uint8Array.from(random.pick(VARINTS)), bytes.slice(at + random.below(2)));
  },
  // One byte more in a varint.
  (bytes, random) => {
    const at = random.below(bytes.length);
    const longer = Uint8Array.of((bytes[at] ?? 0) | 0x80, random.below(2));
    return concat(bytes.slice(0, at), longer, bytes.slice(at + 1));
  },
  // Another type, another delta or size.
  (bytes, random) => {
    const at = random.below(bytes.length);
    return withByte(bytes, at, ((bytes[at] ?? 0) & 0xf0) | random.below(16));
  },
  (bytes, random) => {
    const at = random.below(bytes.length);
    return withByte(bytes, at, ((bytes[at] ?? 0) & 0x0f) | (random.below(16) << 4));
  },
];

const TOKENS: readonly string[] = [
  ...[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    " ",
    "null",
    "true",
    "false",
    "{}",
    "[]",
    '""',
    '"x"',
    '"\\ud800"',
    '"\\u0041\\n"',
  ],
  ...["0", "-0", "1", "-1", "00", "1e999", "1.5", "1e2", "0.1", "-", "1.", "127", "128", "-129", "32768", "2147483648"],
  ...["9223372036854775807", "9223372036854775808", "-9223372036854775809", "99999999999999999999", "9007199254740993"],
  ...['"NaN"', '"-Infinity"', "NaN", "inf", '"1"', '"9007199254740993"', '"AAE="', '"A"', '"=="'],
  ...[
    '"tf"',
    '"i8"',
    '"i16"',
    '"i32"',
    '"i64"',
    '"dbl"',
    '"str"',
    '"rec"',
    '"map"',
    '"set"',
    '"lst"',
    '"uid"',
    '"xyz"',
  ],
];

/** The tokens of JSON, or of what was JSON once. One character a byte. */
function tokensOf(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes).toString("latin1");
  return text.match(/"(?:[^"\\]|\\[^])*"|[-+.\w]+|[^]/g) ?? [];
}

const onTokens =
  (change: (tokens: string[], at: number, random: Random) => void): Change =>
  (bytes, random) => {
    const tokens = tokensOf(bytes);
    change(tokens, random.below(tokens.length), random);
    return Uint8Array.from(Buffer.from(tokens.join(""), "latin1"));
  };

const JSON_CHANGES: readonly Change[] = [
  onTokens((tokens, at, random) => {
    tokens[at] = random.pick(TOKENS);
  }),
  onTokens((tokens, at, random) => {
    tokens[at] = random.pick(tokens);
  }),
  onTokens((tokens, at, random) => {
    tokens.splice(at, 0, random.pick(TOKENS));
  }),
  onTokens((tokens, at, random) => {
    tokens.splice(at, 1 + random.below(4));
  }),
  onTokens((tokens, at, random) => {
    tokens.splice(at, 0, ...tokens.slice(at, at + 1 + random.below(12)));
  }),
];

const CHANGES_OF: Readonly<Record<CodecProtocol, readonly Change[]>> = {
  binary: BINARY_CHANGES,
  compact: COMPACT_CHANGES,
  tjson: JSON_CHANGES,
  json: JSON_CHANGES,
};

function withByte(bytes: Uint8Array, at: number, byte: number): Uint8Array {
  bytes[at] = byte;
  return bytes;
}

/** The parts, one behind the other. */
export function concat(...parts: Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

class Wrapper {
  valueOf(): number {
    return 5;
  }
}

/** A value of nearly every type that JavaScript has, made anew. */
const STRANGERS: readonly (() => unknown)[] = [
  ...[
    undefined,
    null,
    true,
    false,
    0,
    -0,
    -1,
    1.5,
    NaN,
    Infinity,
    127,
    128,
    -129,
    32768,
    2 ** 31,
    -(2 ** 31) - 1,
    2 ** 53,
    1e300,
  ],
  ...[5n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 64n],
  ...["", "x", "12", "-0", "+1", "01", "9223372036854775808", "99999999999999999999", "\ud800", "true", "__proto__"],
  ...["00112233-4455-6677-8899-aabbccddeeff", "{00112233445566778899AABBCCDDEEFF}"],
].map((value) => () => value);

const STRANGE_OBJECTS: readonly (() => unknown)[] = [
  () => [],
  () => ({}),
  () => [1, 2],
  () => [[1, 2]],
  () => [[1]],
  () => new Array(3),
  () => new Map(),
  () => new Map<unknown, unknown>([[1, 2]]),
  () => new Set(),
  () => new Set([1]),
  () => ({ a: 1 }),
  () => ({ 1: 2, true: false, x: 3 }),
  () => Object.create(null) as object,
  () => new Uint8Array(3),
  () => new Int32Array([1, 2]),
  () => new BigInt64Array(2),
  () => new Float64Array([1.5, NaN]),
  () => new DataView(new ArrayBuffer(4)),
  () => new ArrayBuffer(2),
  () => new Date(0),
  () => new Error("e"),
  () => new Wrapper(),
  () => Symbol("s"),
  () => () => 1,
  () => Object(5) as object,
  () => Object("text") as object,
  () => new Proxy({}, {}),
  () => new Proxy([1, 2], {}),
];

/** A copy of the value in which one part, anywhere inside, is another thing: mostly a wrong one, sometimes the whole value itself. */
export function spoil(value: unknown, random: Random): unknown {
  const chosen = random.below(countParts(value));
  let seen = 0;
  let root: unknown;
  const copy = (part: unknown): unknown => {
    if (seen++ === chosen)
      return random.chance(0.1) ? root : random.pick(random.chance(0.5) ? STRANGERS : STRANGE_OBJECTS)();
    if (Array.isArray(part)) return part.map(copy);
    if (part instanceof Set) return new Set(Array.from(part, copy));
    if (part instanceof Map) return new Map(Array.from(part, ([key, item]) => [copy(key), copy(item)]));
    if (typeof part !== "object" || part === null || part instanceof Uint8Array) return part;
    const object = {};
    root ??= object;
    for (const [name, item] of Object.entries(part)) {
      Object.defineProperty(object, name, { value: copy(item), enumerable: true, writable: true, configurable: true });
    }
    return object;
  };
  return copy(value);
}

function countParts(value: unknown): number {
  if (Array.isArray(value) || value instanceof Set)
    return 1 + [...value].reduce<number>((sum, item) => sum + countParts(item), 0);
  if (value instanceof Map) return 1 + [...value].flat(1).reduce<number>((sum, item) => sum + countParts(item), 0);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return 1;
  return 1 + Object.values(value).reduce<number>((sum, item) => sum + countParts(item), 0);
}
