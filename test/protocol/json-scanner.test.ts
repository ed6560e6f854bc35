import { describe, expect, it } from "vitest";
import { JsonScanner, type ScannerOptions } from "../../src/protocol/json/scanner.js";
import { unescaped } from "../../src/protocol/json/unescape.js";
import { ProtocolError } from "../../src/protocol/protocol.js";
import { forEachSeed, type Random } from "../support/random-value.js";

const OPTIONS: ScannerOptions = { maxStringBytes: Infinity, strictUtf8: false };

function scannerOf(text: string | Uint8Array, options = OPTIONS): JsonScanner {
  const scanner = new JsonScanner(options);
  scanner.reset(typeof text === "string" ? Buffer.from(text) : text);
  return scanner;
}

/** `code@offset` of the failure, or what was read. */
function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return `${error.code.replace("ERR_THRIFT_", "")}@${String(error.offset)}`;
  }
}

function base64Content(scanner: JsonScanner): Uint8Array {
  scanner.readBase64Content();
  return scanner.text.slice(scanner.textStart, scanner.textEnd);
}

describe("strings", () => {
  it.each([
    [String.raw`""`, ""],
    [String.raw`  "plain"`, "plain"],
    [String.raw`"\"\\\/\b\f\n\r\t"`, '"\\/\b\f\n\r\t'],
    [String.raw`"\u00e9\u4e2d\u4E2D\u0000"`, "é中中\0"],
    [String.raw`"\ud83d\ude00"`, "😀"],
    [String.raw`"a\ud83dz"`, "a\ufffdz"],
    [String.raw`"\ude00\ud83d"`, "\ufffd\ufffd"],
    [String.raw`"\ud83d\ud83d\ude00"`, "\ufffd😀"],
    [String.raw`"\ud83d\n"`, "\ufffd\n"],
    ['"中文 😀 é \x7f"', "中文 😀 é \x7f"],
    ['"a', "TRUNCATED@0"],
    [' "', "TRUNCATED@1"],
    ['"\\', "TRUNCATED@0"],
    ['"\\u12', "TRUNCATED@0"],
    ['"\\ud83d\\u', "TRUNCATED@0"],
    ['"ab\\', "TRUNCATED@0"],
    [String.raw`"ab\x"`, "INVALID_DATA@3"],
    [String.raw`"\u12g4"`, "INVALID_DATA@1"],
    [String.raw`"\u123"`, "INVALID_DATA@1"],
    [String.raw`"\ud83d\u12g4"`, "INVALID_DATA@7"],
    ['"a\nb"', "INVALID_DATA@2"],
    ['"\\na\u0000"', "INVALID_DATA@4"],
    ["5", "INVALID_DATA@0"],
    ["", "TRUNCATED@0"],
  ])("%j", (text, expected) => {
    expect(attempt(() => scannerOf(text).readString())).toBe(expected);
  });

  it("replaces invalid UTF-8 beside escapes as it does without them", () => {
    const bytes = Buffer.concat([Buffer.from('"\\n'), Buffer.from([0xe4, 0xbd]), Buffer.from('\\n"')]);
    expect(scannerOf(bytes).readString()).toBe("\n\ufffd\n");
  });

  it.each([
    ["invalid bytes", Buffer.from([0x20, 0x22, 0xff, 0x22]), "INVALID_UTF8@1"],
    ["a lone surrogate", Buffer.from(String.raw`"\ud800"`), "INVALID_UTF8@0"],
    ["a pair", Buffer.from(String.raw`"\ud83d\ude00"`), "😀"],
  ])("in strict mode: %s", (_, bytes, expected) => {
    expect(attempt(() => scannerOf(bytes, { maxStringBytes: Infinity, strictUtf8: true }).readString())).toBe(expected);
  });

  it("counts unescaped bytes against maxStringBytes", () => {
    const options = { maxStringBytes: 3, strictUtf8: false };
    expect(attempt(() => scannerOf('"abc"', options).readString())).toBe("abc");
    expect(attempt(() => scannerOf(String.raw`"\u4e2d"`, options).readString())).toBe("中");
    expect(attempt(() => scannerOf('"abcd"', options).readString())).toBe("SIZE_LIMIT@0");
    expect(attempt(() => scannerOf(String.raw`"\n\n\n\n"`, options).readString())).toBe("SIZE_LIMIT@0");
  });

  it("unescapes text longer than the memory kept for it", () => {
    const long = `${"x\n".repeat(40_000)}é`;
    expect(scannerOf(JSON.stringify(long)).readString()).toBe(long);
  });

  it.each(["n", "x", "u12"])("keeps no memory of a long string that ends in \\%s", (letter) => {
    attempt(() => scannerOf(`"${"x\\n".repeat(40_000)}\\${letter}"`).readString());
    expect(unescaped.bytes).toHaveLength(16 * 1024);
  });

  // Wherever the memory kept for it (16 KiB) is full: room for one byte more is not room for an escape that becomes four.
  it.each(["\\n", "\\n\\t", "\\u00e9", "\\u4e2d", "\\ud83d\\ude00", "plain", "é"])("makes room before %s", (piece) => {
    for (let length = 16 * 1024 - 9; length <= 16 * 1024 + 1; length++) {
      for (const before of [1, length]) {
        const text = `"${"x".repeat(length - before)}\\n${"y".repeat(before - 1)}${piece}${piece}z"`;
        expect(scannerOf(text).readString()).toBe(JSON.parse(text));
      }
    }
  });
});

describe.each<[how: string, read: (scanner: JsonScanner) => Uint8Array]>([
  ["in memory of its own", (scanner) => scanner.readBase64()],
  ["as content", base64Content],
])("base64 %s", (_how, readBase64) => {
  it.each([
    ['""', ""],
    ['"AA=="', "00"],
    ['"AA"', "00"],
    ['"AAE="', "0001"],
    ['"AAE"', "0001"],
    ['"AAEC"', "000102"],
    ['"-_+/"', "fbffbf"],
    [String.raw`"+\/8\u003d"`, "fbff"],
    ['"A"', "INVALID_DATA@0"],
    ['"AAAAA"', "INVALID_DATA@0"],
    ['"AA="', "INVALID_DATA@0"],
    ['"A==="', "INVALID_DATA@0"],
    ['"="', "INVALID_DATA@0"],
    ['"A A="', "INVALID_DATA@0"],
    ['"AÄ"', "INVALID_DATA@0"],
    ['"A!AA"', "INVALID_DATA@0"],
  ])("%s", (text, expected) => {
    const found = attempt(() => readBase64(scannerOf(text)));
    expect(found instanceof Uint8Array ? Buffer.from(found).toString("hex") : found).toBe(expected);
  });

  it("counts decoded bytes against maxStringBytes", () => {
    const options = { maxStringBytes: 3, strictUtf8: false };
    expect(attempt(() => readBase64(scannerOf('"AAAA"', options)))).toEqual(new Uint8Array(3));
    expect(attempt(() => readBase64(scannerOf('"AAAAAA=="', options)))).toBe("SIZE_LIMIT@0");
  });

  it("of any length is read whole, and the position is behind it", () => {
    for (const length of [...Array(20).keys(), 399, 400, 401, 402, 403, 404, 405, 5000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
      for (const encoding of ["base64", "base64url"] as const) {
        const text = `"${Buffer.from(bytes).toString(encoding)}"`;
        const scanner = scannerOf(`${text},`);
        expect(new Uint8Array(readBase64(scanner))).toEqual(bytes);
        expect(scanner.position).toBe(text.length);
        expect(attempt(() => readBase64(scannerOf(text.slice(0, -1))))).toBe("TRUNCATED@0");
      }
    }
  });
});

describe("integers", () => {
  it.each([
    ["0", 0],
    ["-0", 0],
    ["-128", -128],
    ["127", 127],
    ["128", "OUT_OF_RANGE@0"],
    ["-129", "OUT_OF_RANGE@0"],
    ["18446744073709551617", "OUT_OF_RANGE@0"],
    ["1.0", "INVALID_DATA@0"],
    ["1e2", "INVALID_DATA@0"],
    ["01", "INVALID_DATA@0"],
    ["+1", "INVALID_DATA@0"],
    ["-", "TRUNCATED@0"],
    ["-x", "INVALID_DATA@0"],
    ["1.", "TRUNCATED@0"],
    ["1.x", "INVALID_DATA@0"],
    ["true", "INVALID_DATA@0"],
    ["", "TRUNCATED@0"],
  ])("i8 of %j", (text, expected) => {
    expect(attempt(() => scannerOf(text).readInteger(-128, 127))).toBe(expected);
  });

  it.each([
    ["9223372036854775807", 9223372036854775807n],
    ["-9223372036854775808", -9223372036854775808n],
    ["9223372036854775808", "OUT_OF_RANGE@0"],
    ["-9223372036854775809", "OUT_OF_RANGE@0"],
    ["9007199254740993", 9007199254740993n],
    ["-0", 0n],
    ["1" + "0".repeat(100_000), "OUT_OF_RANGE@0"],
    ["1e3", "INVALID_DATA@0"],
  ])("i64 of %.30j", (text, expected) => {
    expect(attempt(() => scannerOf(text).readI64())).toBe(expected);
  });

  it("are exact for random i64", () => {
    forEachSeed(500, (random) => {
      const bits = random.below(64) + 1;
      const value = BigInt.asIntN(bits, (BigInt(random.uint32()) << 32n) | BigInt(random.uint32()));
      expect(scannerOf(String(value)).readI64()).toBe(value);
    });
  });
});

describe("doubles", () => {
  it.each([
    ["0", 0],
    ["-0", -0],
    ["-0.0", -0],
    ["1e3", 1000],
    ["1E+3", 1000],
    ["-1.5e-3", -0.0015],
    ["5e-324", 5e-324],
    ["1e-400", 0],
    ["1.7976931348623157e308", Number.MAX_VALUE],
    ["1e309", "OUT_OF_RANGE@0"],
    ["-1e309", "OUT_OF_RANGE@0"],
    [".5", "INVALID_DATA@0"],
    ["1.e5", "INVALID_DATA@0"],
    ["1e", "TRUNCATED@0"],
    ["1e+", "TRUNCATED@0"],
    ["00", "INVALID_DATA@0"],
    ["NaN", "INVALID_DATA@0"],
    ["Infinity", "INVALID_DATA@0"],
  ])("%s", (text, expected) => {
    expect(attempt(() => scannerOf(text).readDouble())).toBe(expected);
  });

  it("are those that JSON.parse gives", () => {
    forEachSeed(3000, (random) => {
      const text = numberText(random);
      expect(scannerOf(text).readDouble()).toBe(JSON.parse(text));
    });
  });
});

/** The grammar of numbers with digits at random, of magnitudes that doubles have. */
function numberText(random: Random): string {
  const digits = (most: number): string =>
    Array.from({ length: 1 + random.below(most) }, () => String(random.below(10))).join("");
  const integer = digits(19).replace(/^0+(?=.)/, "");
  const fraction = random.chance(0.6) ? `.${digits(24)}` : "";
  const exponent = random.chance(0.3) ? `${random.pick(["e", "E-", "e+", "e-"])}${String(random.below(280))}` : "";
  return `${random.chance(0.5) ? "-" : ""}${integer}${fraction}${exponent}`;
}

describe("skipping", () => {
  it.each([
    ["5", 1],
    ["-1.5e3 ", 6],
    [' "a\\n\\u1234" ', 12],
    ["true", 4],
    ["null", 4],
    ["[]", 2],
    ["{}", 2],
    [' { "a" : [ 1 , { } , "x" ] , "b" : null } ,', 41],
    ["[[[]]]", 6],
    ['{"a":{"b":{}}}', 14],
    ["[[[[]]]]", "DEPTH_LIMIT@3"],
    ["[1,]", "INVALID_DATA@3"],
    ["[1 2]", "INVALID_DATA@3"],
    ["[1}", "INVALID_DATA@2"],
    ['{"a":1]', "INVALID_DATA@6"],
    ['{"a":1,}', "INVALID_DATA@7"],
    ["{a:1}", "INVALID_DATA@1"],
    ['{"a" 1}', "INVALID_DATA@5"],
    ["[", "TRUNCATED@1"],
    ['{"a":', "TRUNCATED@5"],
    ["[1", "TRUNCATED@2"],
    ["nul", "TRUNCATED@0"],
    ["nulx", "INVALID_DATA@0"],
    ["tru ", "INVALID_DATA@0"],
    ["undefined", "INVALID_DATA@0"],
    ["", "TRUNCATED@0"],
  ])("%s", (text, expected) => {
    const scanner = scannerOf(text);
    const found = attempt(() => {
      scanner.skipValue(3);
      return scanner.position;
    });
    expect(found).toBe(expected);
  });

  it("needs no stack for depth", () => {
    const scanner = scannerOf("[".repeat(200_000) + "]".repeat(200_000));
    scanner.skipValue(Infinity);
    expect(scanner.peek()).toBe(-1);
  });

  it("agrees with JSON.parse on what is well formed", () => {
    forEachSeed(2000, (random) => {
      const text = damaged(JSON.stringify(randomJson(random, 0)), random);
      const scanner = scannerOf(text);
      const isAccepted = attempt(() => (scanner.skipValue(64), scanner.peek())) === -1;
      expect({ text, isAccepted }).toEqual({ text, isAccepted: isJson(text) });
    });
  });
});

describe("zeros before the digits of a number", () => {
  const rows = [
    ["-000000000001", -1n],
    ["007", 7n],
    ["00", 0n],
    [`000${String(2n ** 63n - 1n)}`, 2n ** 63n - 1n],
  ] as const;

  it.each(rows)("%s is %s where they are taken, and refused otherwise", (text, value) => {
    expect(attempt(() => scannerOf(text).readI64())).toBe("INVALID_DATA@0");
    const lenient = scannerOf(text, { ...OPTIONS, takesLeadingZeros: true });
    expect(attempt(() => lenient.readI64())).toBe(value);
    expect(lenient.peek()).toBe(-1);
  });
});

function randomJson(random: Random, depth: number): unknown {
  const kind = random.below(depth > 3 ? 5 : 7);
  const items = (): unknown[] => Array.from({ length: random.below(4) }, () => randomJson(random, depth + 1));
  if (kind === 5) return items();
  if (kind === 6) return Object.fromEntries(items().map((item, i) => [`k${String(i)}`, item]));
  return random.pick([null, true, false, 0, -1.5, 1e300, "", 'a"\\\n', "中😀"]);
}

/** One byte of it replaced, inserted or left out; as it is half of the time. */
function damaged(text: string, random: Random): string {
  if (random.chance(0.5)) return text;
  const at = random.below(text.length + 1);
  return (
    text.slice(0, at) +
    random.pick(["", "", ",", '"', "}", "]", "0", "-", "\\", " "]) +
    text.slice(at + random.below(2))
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
