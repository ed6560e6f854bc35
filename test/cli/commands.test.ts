import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { idlFolder, scrimp } from "./scrimp.js";

const at = idlFolder({
  "base.thrift": "struct Point { 1: required i32 x, 2: i32 y = 7 }\ntypedef Point Corner",
  "shape.thrift": 'include "base.thrift"\nunion Shape { 1: base.Point dot, 2: list<base.Point> line }',
});
const BASE = at("base.thrift");
const POINT_HEX = "080001000000010800020000000200";

describe("scrimp encode", () => {
  it.each([
    [["--hex"], `${POINT_HEX}\n`],
    [["--base64"], "CAABAAAAAQgAAgAAAAIA\n"],
    [[], Buffer.from(POINT_HEX, "hex").toString("latin1")],
  ])("with %j prints the bytes", async (options, output) => {
    expect(await scrimp(["encode", BASE, "Point", ...options], { input: '{"x": 1, "y": 2}' })).toEqual({
      code: 0,
      output,
      errors: "",
    });
  });

  it("prints hex to a terminal, where raw bytes would do harm", async () => {
    const { output } = await scrimp(["encode", BASE, "Point"], { input: '{"x": 1, "y": 2}', isTerminal: true });
    expect(output).toBe(`${POINT_HEX}\n`);
  });

  it("reads a file, and types of included files", async () => {
    writeFileSync(at("value.json"), '\uFEFF{"x": 1, "y": 2}');
    const { output } = await scrimp(["encode", at("shape.thrift"), "base.Point", at("value.json"), "--hex"]);
    expect(output).toBe(`${POINT_HEX}\n`);
  });

  it.each([
    [
      '{"x": 1,',
      'error: standard input:1:9: expected a property name in double quotes, found the end of the text\n> 1 | {"x": 1,\n    |         ^',
    ],
    ['{"y": 1}', "error: cannot encode Point.x: "],
    ['{"x": 1, "z": 1}', 'error: cannot encode Point: Point has no field "z" [ERR_THRIFT_UNKNOWN_NAME]'],
    ["7", "error: cannot encode Point: expected an object, found number"],
  ])("of %s says what is wrong", async (input, message) => {
    const { code, output, errors } = await scrimp(["encode", BASE, "Point", "--hex"], { input });
    expect({ code, output }).toEqual({ code: 1, output: "" });
    expect(errors).toContain(message);
  });
});

describe("scrimp decode", () => {
  it.each([
    [["--hex"], POINT_HEX],
    [["--hex"], "0x08 00 01 00 00 00 01\n08 00 02 00 00 00 02 00\n"],
    [["--base64"], "CAABAAAAAQgAAgAAAAIA\n"],
    [[], Buffer.from(POINT_HEX, "hex")],
    [["-"], Buffer.from(POINT_HEX, "hex")],
  ])("with %j prints JSON", async (options, input) => {
    const { code, output } = await scrimp(["decode", BASE, "Point", ...options], { input });
    expect({ code, output }).toEqual({ code: 0, output: '{\n  "x": 1,\n  "y": 2\n}\n' });
  });

  it("shows path, offset and the bytes around a mistake", async () => {
    const bytes = `${"0b0063000000203030".padEnd(14 + 64, "30")}0800010000`;
    const { code, output, errors } = await scrimp(["decode", BASE, "Point", "--hex"], { input: bytes });
    expect({ code, output }).toEqual({ code: 1, output: "" });
    expect(errors)
      .toBe(`error: cannot decode Point.x: expected i32, found the end of the input (byte 42) [ERR_THRIFT_TRUNCATED]
000010  30 30 30 30 30 30 30 30  30 30 30 30 30 30 30 30 |0000000000000000|
000020  30 30 30 30 30 30 30 08  00 01 00 00             |0000000.....|
                                       ^^ byte 42
`);
  });

  it("points behind the last byte when the input ends too early, also where a row would begin", async () => {
    const { errors } = await scrimp(["decode", BASE, "Point", "--hex"], { input: "0b006300000009".padEnd(32, "30") });
    expect(errors).toContain("found the end of the input (byte 16)");
    expect(errors).toMatch(/\n000010 {51}\|\|\n {8}\^\^ byte 16, the end\n$/);
  });

  it("with --tree prints the dump, of broken bytes too", async () => {
    const whole = await scrimp(["decode", BASE, "Point", "--hex", "--tree"], { input: POINT_HEX });
    expect(whole.code).toBe(0);
    expect(whole.output.split("\n").map((line) => line.replaceAll(/ {2,}/g, "  "))).toEqual([
      "offset  bytes  field  type  value",
      "000000  Point  struct",
      "000000  08 00 01 00 00 00 01  1 x  i32  1",
      "000007  08 00 02 00 00 00 02  2 y  i32  2",
      "00000e  00  STOP",
      "",
    ]);
    const cut = await scrimp(["decode", BASE, "Point", "--hex", "--tree"], { input: POINT_HEX.slice(0, 20) });
    expect(cut.code).toBe(1);
    expect(cut.output).toMatch(/1 x +i32 +1\n000007 .*found the end of the input\n$/);
    expect(cut.errors).toContain("cannot decode Point.y");
  });

  it.each([
    [["--hex"], "0g", "error: expected hex digits, found another character (digit 2)"],
    [["--hex"], "000", "error: expected two hex digits a byte, found 3 digits"],
    [["--base64"], "????", "error: expected base64, found other text"],
    [["--hex"], "00", "ERR_THRIFT_REQUIRED_MISSING"],
    [["--hex"], `${POINT_HEX}00`, "ERR_THRIFT_INVALID_DATA"],
    [["--hex", "--limits", "untrusted"], "0b0063000400010000", "ERR_THRIFT_SIZE_LIMIT"],
    [["no-such-file"], "", "error: cannot read no-such-file: no such file"],
    [["."], "", "error: cannot read .: it is a directory"],
  ])("with %j of %s says what is wrong", async (options, input, message) => {
    const { code, output, errors } = await scrimp(["decode", BASE, "Point", ...options], { input });
    expect({ code, output }).toEqual({ code: 1, output: "" });
    expect(errors).toContain(message);
    expect(errors).not.toContain("    at ");
  });
});

describe("scrimp explain", () => {
  it("prints the plan", async () => {
    const { code, output } = await scrimp(["explain", at("shape.thrift"), "Shape"]);
    expect(code).toBe(0);
    expect(output).toContain("options: protocol binary, int64 bigint");
    expect(output).toMatch(/0: union shape\.Shape, .*depth bounded by the schema/);
    expect(output).toMatch(/ 2 {2}line +list<Point> +list +>= 5 +undefined +skip +heap 36 \+ 8 each/);
    expect(output).toMatch(/1: struct base\.Point/);
    expect(output).toMatch(/ 1 {2}x +i32 +i32 +>= 4 +error +error\n/);
    expect(output).toMatch(/ 2 {2}y +i32 +i32 +>= 4 +default +default\n/);
  });

  it("prints the program of a conversion with --program", async () => {
    const { code, output } = await scrimp(["explain", "--program", "json", BASE, "Point"]);
    expect(code).toBe(0);
    expect(output).toMatch(/^program: version \d+, binary to json, \d+ bytes, root @32\n/);
    expect(output).toMatch(/ x +i32 +i32 +@\d+ +refuse +"x":\n/);
  });

  it("prints the generated source", async () => {
    const { output } = await scrimp(["explain", "--source", BASE, "Point"]);
    expect(output).toMatch(
      /^\/\/ encode\n[^]*sourceURL=scrimp\/Point\.encode\.js\n\n\/\/ decode\n[^]*sourceURL=scrimp\/Point\.decode\.js\n$/,
    );
  });
});

describe("every command", () => {
  it.each([
    [[], 2, "Usage: scrimp"],
    [["--help"], 0, "Exit codes: 0"],
    [["--version"], 0, "0."],
    [["check", "--help"], 0, "$ scrimp check"],
    [["encode", "--help"], 0, '$ echo \'{"x": 1, "y": 2}\' | scrimp encode'],
    [["decode", "--help"], 0, "| scrimp decode"],
    [["explain", "--help"], 0, "$ scrimp explain"],
    [["info", "--help"], 0, "$ scrimp info"],
    [["check"], 2, "error: missing required argument 'files'"],
    [["decod"], 2, "(Did you mean decode?)"],
    [["decode", BASE], 2, "error: missing required argument 'type'"],
    [["decode", BASE, "Point", "--hex", "--base64"], 2, "cannot be used with option '--base64'"],
    [["decode", BASE, "Point", "--indent", "many"], 2, "expected 0 to 8"],
    [["decode", BASE, "Point", "--protocol", "morse"], 2, "Allowed choices are binary, compact"],
    [["decode", BASE, "Pont"], 1, 'error: no struct is called "Pont"; did you mean "Point"?'],
    [["decode", BASE, "Corner"], 1, 'error: "Corner" is a typedef, not a struct'],
    [["encode", at("nowhere.thrift"), "Point"], 1, "cannot find"],
  ])("scrimp %j exits with %i and says %s", async (args, exitCode, text) => {
    const { code, output, errors } = await scrimp(args);
    expect(code).toBe(exitCode);
    expect(exitCode === 0 ? output : errors).toContain(text);
  });

  it("shows examples that are true", async () => {
    const { output } = await scrimp(["encode", "--help"]);
    expect(output).toContain(POINT_HEX);
    expect((await scrimp(["decode", "--help"])).output).toContain(`echo ${POINT_HEX} |`);
  });

  it.each([
    [{ isTerminal: true, env: {} }, true],
    [{ isTerminal: false, env: {} }, false],
    [{ isTerminal: true, env: { NO_COLOR: "1" } }, false],
    [{ isTerminal: true, env: { NO_COLOR: "" } }, true],
    [{ isTerminal: true, env: { TERM: "dumb" } }, false],
    [{ isTerminal: false, env: { FORCE_COLOR: "1" } }, true],
    [{ isTerminal: true, env: { FORCE_COLOR: "0" } }, false],
    [{ isTerminal: false, env: { FORCE_COLOR: "1", NO_COLOR: "1" } }, true],
  ])("with %j is coloured: %s", async (options, isColoured) => {
    const dump = await scrimp(["decode", BASE, "Point", "--hex", "--tree"], { input: POINT_HEX, ...options });
    expect(dump.output.includes("\u001b[")).toBe(isColoured);
    for (const args of [["decode", BASE, "Point", "--hex"], ["check", at("missing.thrift")], ["decode"]]) {
      const { output, errors } = await scrimp(args, { input: "00", ...options });
      expect((output + errors).includes("\u001b["), args.join(" ")).toBe(isColoured);
    }
  });
});
