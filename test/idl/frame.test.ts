import { describe, expect, it } from "vitest";
import { LineTable, codeFrame, nearest } from "../../src/idl/frame.js";

describe("LineTable", () => {
  it("counts lines and columns from 1, in UTF-16 units", () => {
    const lines = new LineTable("ab\n\r\n\tc😀d\n");
    const at = (offset: number): string => Object.values(lines.at(offset)).join(":");
    expect([0, 2, 3, 5, 6, 9, 10].map(at)).toEqual(["1:1", "1:3", "2:1", "3:1", "3:2", "3:5", "3:6"]);
    expect(at(11)).toBe("4:1");
  });
});

describe("codeFrame", () => {
  it("marks a stretch and shows two lines around it", () => {
    expect(codeFrame("a\nb\nc\nlong line\ne\nf\ng", 4, 6, 10)).toBe(
      "  2 | b\n  3 | c\n> 4 | long line\n    |      ^^^^\n  5 | e\n  6 | f",
    );
  });

  it("does not mark beyond the end of the line", () => {
    expect(codeFrame("ab\nc", 1, 2, 1000)).toBe("> 1 | ab\n    |  ^\n  2 | c");
    expect(codeFrame("", 1, 1)).toBe("> 1 |\n    | ^");
  });

  it("cuts long lines around the marker", () => {
    const frame = codeFrame(`${"x".repeat(100_000)}HERE${"y".repeat(100_000)}`, 1, 100_001, 100_005);
    expect(frame).toContain("HERE");
    expect(frame.length).toBeLessThan(300);
  });

  it("keeps one line a line, whatever it holds", () => {
    expect(codeFrame("a\u2028b\rc\u0007\nd", 2, 1).split("\n")).toHaveLength(3);
    expect(codeFrame("a\u001b[31mb", 1, 1)).not.toContain("\u001b");
  });
});

describe("nearest", () => {
  const CASES: [name: string, candidates: string[], expected: string | undefined][] = [
    ["strcut", ["struct", "union"], "struct"],
    ["Usr", ["User", "Us"], "User"],
    ["user", ["User"], "User"],
    ["User", ["User"], undefined],
    ["x", ["yy", "zzz"], undefined],
    ["cat", ["dog"], undefined],
    ["ResponseHeadr", ["RequestHeader", "ResponseHeader"], "ResponseHeader"],
    ["", ["a"], undefined],
    ["a".repeat(65), ["a".repeat(64)], undefined],
  ];
  it.each(CASES)("of %j among %j is %j", (name, candidates, expected) => {
    expect(nearest(name, candidates)).toBe(expected);
  });

  it("stays quick among many", () => {
    const many = Array.from({ length: 200_000 }, (_, i) => `SomeRatherLongTypeName${i}`);
    const start = performance.now();
    nearest("SomeRatherLongTpyeName", many);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
