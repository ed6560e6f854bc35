import { describe, expect, it } from "vitest";

import { hasStructKeys } from "../../bench/workload/shape.js";
import { referenceBytes } from "../../bench/workload/reference.js";
import { workloadNamed, workloads } from "../../bench/workload/workload.js";
import { texts } from "../../bench/workload/frugal.js";

function sizes(name: string): number[] {
  const { shape, values } = workloadNamed(name);
  return values.map((value) => referenceBytes(shape, value).length);
}

describe("the workload", () => {
  // Frugal publishes these sizes: they are a complete check of the types and the values.
  it.each([
    ["frugal-small-chinese", 583],
    ["frugal-small-ascii", 583],
    ["frugal-medium-chinese", 17_518],
    ["frugal-medium-ascii", 17_518],
    ["frugal-large-chinese", 303_652],
    ["frugal-large-ascii", 303_652],
  ])("%s is %i bytes", (name, size) => {
    expect(sizes(name)).toEqual([size]);
  });

  it("has Chinese and ASCII text of the same number of bytes", () => {
    expect(Buffer.byteLength(texts.chinese)).toBe(272);
    expect(Buffer.byteLength(texts.ascii)).toBe(272);
    expect(texts.chinese.length).toBe(144);
  });

  it("has everyday messages of 76 bytes, about 3.3 KB and about 270 KB", () => {
    expect(new Set(sizes("small"))).toEqual(new Set([76]));
    expect(mean(sizes("medium"))).toBeCloseTo(3349, -1);
    expect(mean(sizes("large"))).toBe(271_724);
  });

  it("has struct keys only in Frugal's large messages", () => {
    const withStructKeys = workloads.filter(({ shape }) => hasStructKeys(shape)).map(({ name }) => name);
    expect(withStructKeys).toEqual(["frugal-large-chinese", "frugal-large-ascii"]);
  });
});

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
