import { describe, expect, it } from "vitest";
import { INTERNAL_LIMITS, resolveLimits } from "../../src/protocol/limits.js";
import { messageEndFinder } from "../../src/protocol/message-end.js";
import { ProtocolError } from "../../src/protocol/protocol.js";
import { PROTOCOLS, type ProtocolName } from "../../src/protocol/protocols.js";
import { CANONICAL } from "../transport/canonical.js";
import { VECTORS } from "../transport/kitex.js";
import { goldenVectors } from "../support/golden.js";
import { hex } from "../support/hex.js";

const PROTOCOL_NAMES = Object.keys(PROTOCOLS) as ProtocolName[];
const finder = (options = {}) => messageEndFinder({ limits: INTERNAL_LIMITS, ...options });
const text = (source: string): Uint8Array => new TextEncoder().encode(source);

function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** A call around a struct. */
function message(protocol: ProtocolName, struct: Uint8Array): Uint8Array {
  switch (protocol) {
    case "binary":
      return join(hex`80010001 00000004 6563686f 00000007`, struct);
    case "compact":
      return join(hex`82 21 07 04 6563686f`, struct);
    case "tjson":
      return join(text('[1,"echo",1,7,'), struct, text("]"));
  }
}

/** Feeds a message in pieces, then all of it with more behind it. @returns the lengths found, by bytes shown. */
function findEnds(protocol: ProtocolName, bytes: Uint8Array, step: number): (number | undefined)[] {
  const find = finder();
  const found: (number | undefined)[] = [];
  for (let seen = 0; seen < bytes.length; seen += step) {
    found.push(find(bytes.subarray(0, Math.min(seen + step, bytes.length)), seen, protocol));
  }
  return found;
}

function failureOf(protocol: ProtocolName, bytes: Uint8Array, options = {}): string {
  try {
    return `found ${String(finder(options)(bytes, 0, protocol))}`;
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}

it.each([1, 2, 3])("the end of a void reply of Kitex's generic servers is found in pieces of %i bytes", (step) => {
  const found = findEnds("binary", VECTORS.VOIDQ, step);
  expect(found.pop()).toBe(VECTORS.VOIDQ.length);
  expect(found.filter((end) => end !== undefined)).toEqual([]);
});

it("a field of type void that is not the first one is refused", () => {
  expect(failureOf("binary", message("binary", hex`0200010101000000 00`))).toBe("ERR_THRIFT_INVALID_DATA");
});

describe.each(PROTOCOL_NAMES)("the end of a message in %s", (protocol) => {
  const messages = goldenVectors.map((vector) => message(protocol, vector[protocol]));

  it.each([1, 2, 3, 7])("is found in pieces of %i bytes, and not before it is there", (step) => {
    for (const bytes of messages) {
      const found = findEnds(protocol, bytes, step);
      expect(found.pop()).toBe(bytes.length);
      expect(found.filter((end) => end !== undefined)).toEqual([]);
    }
  });

  it("is found with more messages behind it, one after the other by the same finder", () => {
    const all = join(...messages);
    const find = finder();
    let start = 0;
    for (const { length } of messages) {
      expect(find(all.subarray(start), 0, protocol)).toBe(length);
      start += length;
    }
  });

  it("costs a bounded number of reads a byte, however it trickles in", () => {
    const longest = messages.reduce((a, b) => (b.length > a.length ? b : a));
    const find = finder();
    let reads = 0;
    for (let seen = 0; seen < longest.length; seen++) {
      const counted = new Proxy(longest.subarray(0, seen + 1), {
        get(target, key) {
          if (typeof key === "string" && /^\d+$/.test(key)) reads++;
          return Reflect.get(target, key, target) as unknown;
        },
      });
      find(counted, seen, protocol);
    }
    expect(reads).toBeLessThan(longest.length * 12);
  });
});

describe("messages of peers", () => {
  it.each(CANONICAL.filter(({ frame }) => frame.transport === "buffered").map((each) => [each.name, each] as const))(
    "%s",
    (_name, { frame, wire }) => {
      expect(findEnds(frame.protocol!, wire, 1).at(-1)).toBe(wire.length);
    },
  );

  it("go on after blanks behind TJSON", () => {
    expect(finder()(text('[1,"a",1,0,{}] \r\n[1,"b"'), 0, "tjson")).toBe(17);
  });

  it("may have brackets, quotes and escapes in strings of TJSON, cut anywhere", () => {
    const bytes = text(String.raw`[1,"a",1,0,{"1":{"str":"]}\"\\"},"2":{"map":["rec","i8",1,{{"1":{"tf":1}}:5}]}}]`);
    expect(findEnds("tjson", bytes, 1).filter((end) => end !== undefined)).toEqual([bytes.length]);
  });

  it("may have the header of before 2008 only when that is allowed", () => {
    const old = hex`00000004 6563686f 01 00000007 00`;
    expect(failureOf("binary", old)).toBe("ERR_THRIFT_BAD_VERSION");
    const find = finder({ strictRead: false });
    const found = Array.from(old, (_, seen) => find(old.subarray(0, seen + 1), seen, "binary"));
    expect(found.filter((end) => end !== undefined)).toEqual([old.length]);
  });
});

/** The start of a struct, up to what is wrong with it. */
const BAD: [name: string, code: string, rows: Partial<Record<ProtocolName, Uint8Array>>][] = [
  ["a field of type VOID", "INVALID_DATA", { binary: hex`01 0001 00` }],
  ["a field of an unknown type", "INVALID_DATA", { binary: hex`11 0001 00`, compact: hex`1e 00` }],
  ["a list of an unknown type", "INVALID_DATA", { binary: hex`0f 0001 05 00000001`, compact: hex`19 1e` }],
  ["a map of unknown types", "INVALID_DATA", { binary: hex`0d 0001 08 00 00000001`, compact: hex`1b 01 50` }],
  ["a negative length", "NEGATIVE_SIZE", { binary: hex`0b 0001 ffffffff`, compact: hex`18 ffffffff0f` }],
  ["a negative size", "NEGATIVE_SIZE", { binary: hex`0f 0001 08 80000000`, compact: hex`19 f5 ffffffff0f` }],
  ["a string longer than a message", "SIZE_LIMIT", { binary: hex`0b 0001 7fffffff`, compact: hex`18 ffffffff07` }],
  ["a list longer than a message", "SIZE_LIMIT", { binary: hex`0f 0001 0c 7fffffff`, compact: hex`19 fc ffffffff07` }],
  [
    "a map longer than a message",
    "SIZE_LIMIT",
    { binary: hex`0d 0001 03 03 7fffffff`, compact: hex`1b ffffffff07 33` },
  ],
  ["a varint without end", "INVALID_DATA", { compact: hex`15 ffffffffffff` }],
  ["a varint of 33 bits", "INVALID_DATA", { compact: hex`15 ffffffff1f` }],
  ["the wrong bracket", "INVALID_DATA", { tjson: text('{"1":{"i32":1]') }],
];

describe("bytes that are no message", () => {
  const rows = BAD.flatMap(([name, code, row]) =>
    Object.entries(row).map(([protocol, bytes]) => [name, protocol as ProtocolName, code, bytes] as const),
  );
  it.each(rows)("%s, %s: %s", (_name, protocol, code, bytes) => {
    const whole = message(protocol, bytes).subarray(
      0,
      message(protocol, bytes).length - (protocol === "tjson" ? 1 : 0),
    );
    expect(failureOf(protocol, whole)).toBe(`ERR_THRIFT_${code}`);
  });

  it.each([
    ["binary", hex`80020001 00000001 61 00000000`, "BAD_VERSION"],
    ["binary", hex`80010005 00000001 61 00000000`, "INVALID_DATA"],
    ["binary", hex`80010001 00000000 00000000`, "INVALID_DATA"],
    ["binary", hex`80010001 00000201`, "INVALID_DATA"],
    ["binary", hex`80010001 ffffffff`, "NEGATIVE_SIZE"],
    ["compact", hex`82 22 00 01`, "BAD_VERSION"],
    ["compact", hex`82 a1 00 01`, "INVALID_DATA"],
    ["compact", hex`82 21 00 00`, "INVALID_DATA"],
  ] as const)("a header of %s %#", (protocol, bytes, code) => {
    expect(failureOf(protocol, bytes)).toBe(`ERR_THRIFT_${code}`);
  });

  it("a string beyond maxStringBytes", () => {
    const limits = resolveLimits({ maxStringBytes: 2 });
    expect(failureOf("binary", message("binary", hex`0b 0001 00000003`), { limits })).toBe("ERR_THRIFT_SIZE_LIMIT");
    expect(failureOf("binary", message("binary", hex`0b 0001 00000002 4141 00`), { limits })).toBe("found 26");
  });

  const NESTED: [ProtocolName, (levels: number) => Uint8Array][] = [
    ["binary", (levels) => hex`${"0c0001".repeat(levels)}`],
    ["compact", (levels) => hex`${"1c".repeat(levels)}`],
    ["binary", (levels) => hex`0f0001 ${"0f00000001".repeat(levels)}`],
    ["compact", (levels) => hex`19 ${"19".repeat(levels)}`],
    ["tjson", (levels) => text("[".repeat(levels))],
  ];

  it.each(NESTED)("nesting without end in %s %#", (protocol, nest) => {
    expect(failureOf(protocol, message(protocol, nest(60)).subarray(0, 200))).toBe("found undefined");
    expect(failureOf(protocol, message(protocol, nest(70_000)))).toBe("ERR_THRIFT_DEPTH_LIMIT");
  });
});
