import { afterEach, describe, expect, it, vi } from "vitest";
import { Deadline, timeoutWithin } from "../../src/rpc/deadline.js";

describe("a deadline", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("counts down on the monotonic clock, to 0 and no further", () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const deadline = new Deadline(100);
    expect(deadline.remainingMs()).toBe(100);
    vi.advanceTimersByTime(99.5);
    expect(deadline.remainingMs()).toBeCloseTo(0.5);
    vi.advanceTimersByTime(1000);
    expect(deadline.remainingMs()).toBe(0);
    expect(deadline.timeoutMs).toBe(100);
  });

  it("stays where it is when the wall clock is set", () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    const deadline = new Deadline(100);
    vi.setSystemTime(Date.now() + 3_600_000);
    expect(deadline.remainingMs()).toBe(100);
    vi.setSystemTime(Date.now() - 7_200_000);
    expect(deadline.remainingMs()).toBe(100);
  });

  it.each([
    { own: 50, left: undefined, given: 50 },
    { own: Infinity, left: undefined, given: Infinity },
    { own: 50, left: 200, given: 50 },
    { own: 50, left: 30, given: 28 },
    { own: Infinity, left: 30, given: 28 },
    { own: 50, left: 1, given: 0 },
    { own: 50, left: 0, given: 0 },
  ])("gives a call of $own ms within one that has $left ms left $given ms", ({ own, left, given }) => {
    vi.useFakeTimers({ toFake: ["performance"] });
    expect(timeoutWithin(own, left === undefined ? undefined : new Deadline(left))).toBe(given);
  });
});
