import { describe, expect, it } from "vitest";
import { resolveTransportLimits } from "../../src/transport/limits.js";

describe("limits of frames", () => {
  it("come as presets, of which untrusted is the tighter in everything", () => {
    const internal = resolveTransportLimits();
    expect(resolveTransportLimits("internal")).toBe(internal);
    const untrusted = resolveTransportLimits("untrusted");
    expect(untrusted.maxFrameBytes).toBe(1_048_576);
    expect(internal.maxFrameBytes).toBe(16_384_000);
    const looser = Object.entries(internal).filter(([name, value]) =>
      name === "minFrameBytesPerSecond" ? value > untrusted[name] : value < untrusted[name as keyof typeof untrusted],
    );
    expect(looser).toEqual([]);
  });

  it("come one by one over the internal preset", () => {
    expect(resolveTransportLimits({ maxFrameBytes: 5, maxHeaderPairs: Infinity })).toEqual({
      ...resolveTransportLimits(),
      maxFrameBytes: 5,
      maxHeaderPairs: Infinity,
    });
  });

  it.each([0, -1, 1.5, Number.NaN, "7" as unknown as number])("refuse %s", (value) => {
    expect(() => resolveTransportLimits({ maxFrameBytes: value })).toThrow(RangeError);
  });

  it("refuse names that are no limit", () => {
    expect(() => resolveTransportLimits({ maxFrames: 1 } as object)).toThrow("unknown limit maxFrames");
    expect(() => resolveTransportLimits(JSON.parse(`{"__proto__": 1}`) as object)).toThrow("unknown limit __proto__");
  });
});
