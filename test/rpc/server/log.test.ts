import { afterEach, expect, it, vi } from "vitest";
import { guardLog, type ServerLogEvent } from "../../../src/rpc/server/log.js";

afterEach(() => {
  vi.restoreAllMocks();
});

it("a log is called a hundred times a second at most, and told how much was left out", () => {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const told: ServerLogEvent[] = [];
  const log = guardLog((event) => told.push(event));
  const event = { level: "warn", message: "x" } as const;
  for (let i = 0; i < 150; i++) log(event);
  expect(told).toHaveLength(100);
  now = 1000;
  log(event);
  log(event);
  expect(told.slice(100)).toEqual([{ ...event, suppressed: 50 }, event]);
});
