import { describe, expect, it } from "vitest";

import { type ContenderResult, type Figure, ratio } from "../../bench/harness/rounds.js";
import { median, spread } from "../../bench/harness/statistics.js";
import { chart } from "../../bench/report/chart.js";
import { resultText } from "../../bench/report/text.js";

function figure(...visits: number[]): Figure {
  return { ns: median(visits), best: Math.min(...visits), visits, spread: spread(visits) };
}

function contender(label: string, figures: Record<string, Figure>): ContenderResult {
  return { label, title: label, note: "none", clock: "none", bytes: { small: 76 }, absent: {}, figures };
}

describe("the figures", () => {
  it("are medians, with the middle half as their spread", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(spread([80, 90, 100, 110, 120])).toBeCloseTo(0.2);
  });

  it("compare neighbours in time: a machine that slows down for both changes no ratio", () => {
    expect(ratio(figure(10, 100, 10), figure(50, 500, 50))).toBe(5);
  });
});

describe("the report", () => {
  const contenders = [
    contender("scrimp", { "small/encode": figure(100) }),
    contender("thrift", { "small/encode": figure(2000) }),
    { label: "go-frugal", cannotRun: "no go on PATH", figures: {} },
  ];

  it("shows each contender beside the baseline and names those that could not run", () => {
    const text = resultText({ contenders }, ["small/encode"]);
    expect(text).toMatch(/scrimp +100 +100 +760 +20\.0x +0%/);
    expect(text).toContain("go-frugal did not run: no go on PATH");
  });

  it("has a column for each baseline of a case", () => {
    const compact = ["scrimp", "scrimp-compact", "thrift-compact"].map((label, index) =>
      contender(label, { "compact/small/encode": figure([10, 15, 200][index]) }),
    );
    const text = resultText({ contenders: compact }, ["compact/small/encode"]);
    expect(text).toMatch(/MB\/s +thrift-compact = 1 +scrimp = 1 +spread/);
    expect(text).toMatch(/scrimp-compact +15 +15 +5,067 +13\.3x +0\.67x +0%/);
  });

  it("draws the fastest first, with text escaped", () => {
    const svg = chart({ contenders }, [{ caseName: "small/encode", heading: "a < b" }], "x & y");
    expect(svg.indexOf(">scrimp<")).toBeLessThan(svg.indexOf(">thrift<"));
    expect(svg).toContain("a &lt; b");
    expect(svg).toContain("x &amp; y");
  });
});
