import { describe, expect, it } from "vitest";
import {
  base64Room,
  JSON_DOUBLE_BYTES,
  JSON_INTEGER_BYTES,
  JSON_UNIT_BYTES,
  jsonStringRoom,
  writeBase64,
  writeJsonDouble,
  writeJsonI64,
  writeJsonInteger,
  writeJsonString,
  writePaddedBase64,
} from "../../src/protocol/json/printer.js";

const START = 3;
const GUARD = 0xee;

/** What was printed into exactly `room` bytes; anything written outside of them is a failure. */
function printed(room: number, write: (bytes: Uint8Array, position: number) => number): string {
  const bytes = new Uint8Array(START + room + 8).fill(GUARD);
  const end = write(bytes, START);
  expect(end - START).toBeLessThanOrEqual(room);
  expect(bytes.subarray(0, START).every((byte) => byte === GUARD)).toBe(true);
  return Buffer.from(bytes.subarray(START, end)).toString("utf8");
}

function printedString(text: string): string {
  return printed(jsonStringRoom(text), (bytes, p) => writeJsonString(text, bytes, p));
}

const CONTROL = Array.from({ length: 0x20 }, (_, i) => String.fromCharCode(i)).join("");

describe("writeJsonString", () => {
  const texts = ["", "a", "plain", '"', "\\", 'a\\"b', CONTROL, "\x7f\x80é߿ࠀ你\uffff", "😀", "\u2028\u2029", "a/b"];

  it.each(texts)("prints %j as JSON.stringify does, alone and amid text of any length", (text) => {
    for (const around of ["", "x", "y".repeat(31), "z".repeat(32), "ä".repeat(20), "你".repeat(400)]) {
      for (const whole of [text + around, around + text, around + text + around]) {
        expect(printedString(whole)).toBe(JSON.stringify(whole));
      }
    }
  });

  it.each(["\ud800", "a\udc00b", "\ud800\ud800", "\udc00\ud800", "\ud83d\n"])(
    "replaces the lone surrogates of %j",
    (text) => {
      for (const whole of [text, text + "x".repeat(40), text + '"']) {
        expect(printedString(whole)).toBe(JSON.stringify(Buffer.from(whole).toString()));
      }
    },
  );
});

const POWERS = Array.from({ length: 64 }, (_, i) => 2n ** BigInt(i));
const TENS = Array.from({ length: 19 }, (_, i) => 10n ** BigInt(i));
const MANY = [...POWERS, ...TENS, ...TENS.map((ten) => 9n * ten), ...TENS.map((ten) => 999_999_999n * ten)]
  .flatMap((n) => [n - 1n, n, n + 1n])
  .flatMap((n) => [n, -n])
  .filter((n) => BigInt.asIntN(64, n) === n);

describe("jsonStringRoom", () => {
  it.each([
    ["short text", "a", 2 + JSON_UNIT_BYTES],
    ["long text of characters that need no escape", "你".repeat(20_000), 60_002],
    ["long text with an escape", "a".repeat(20_000) + "\n", 2 + 20_001 * JSON_UNIT_BYTES],
  ])("is for the worst case of %s", (_name, text, room) => {
    expect(jsonStringRoom(text)).toBe(room);
    expect(printedString(text)).toBe(JSON.stringify(text));
  });
});

describe("integers", () => {
  it("prints every i64 around powers of 2 and 10 exactly", () => {
    for (const value of MANY) {
      expect(printed(JSON_INTEGER_BYTES, (bytes, p) => writeJsonI64(value, bytes, p))).toBe(String(value));
    }
  });

  it("prints the smallest i64 in all the room that it takes", () => {
    const smallest = printed(JSON_INTEGER_BYTES, (bytes, p) => writeJsonI64(-(2n ** 63n), bytes, p));
    expect(smallest).toBe("-9223372036854775808");
    expect(smallest).toHaveLength(JSON_INTEGER_BYTES);
  });

  it("prints safe integers as numbers", () => {
    const safe = MANY.map(Number).filter(Number.isSafeInteger);
    expect(safe.length).toBeGreaterThan(100);
    for (const value of safe) {
      expect(printed(JSON_INTEGER_BYTES, (bytes, p) => writeJsonInteger(value, bytes, p))).toBe(String(value));
    }
  });
});

describe("writeJsonDouble", () => {
  it.each([
    [0, "0"],
    [-0, "-0"],
    [1, "1"],
    [-1.5, "-1.5"],
    [0.1, "0.1"],
    [5e-324, "5e-324"],
    [-Number.MAX_VALUE, "-1.7976931348623157e+308"],
    [-2.2250738585072014e-308, "-2.2250738585072014e-308"],
    [2 ** 53, "9007199254740992"],
    [-(2 ** 53), "-9007199254740992"],
    [1e20, "100000000000000000000"],
    [1e21, "1e+21"],
    [-0.0000012345678901234567, "-0.0000012345678901234567"],
    [123456789.125, "123456789.125"],
  ])("prints %d as %s, which gives it back", (value, text) => {
    const result = printed(JSON_DOUBLE_BYTES, (bytes, p) => writeJsonDouble(value, bytes, p));
    expect(result).toBe(text);
    expect(Object.is(Number(result), value)).toBe(true);
  });
});

describe("base64", () => {
  it.each([0, 1, 2, 3, 4, 5, 190, 191, 192, 193, 194, 1000])("prints %d bytes as Buffer does", (length) => {
    const source = Uint8Array.from({ length }, (_, i) => (i * 89 + 255) & 0xff);
    const expected = Buffer.from(source).toString("base64");
    const room = base64Room(length);
    expect(printed(room, (bytes, p) => writePaddedBase64(source, bytes, p))).toBe(expected);
    expect(printed(room, (bytes, p) => writeBase64(source, bytes, p))).toBe(expected.replace(/=+$/, ""));
  });
});
