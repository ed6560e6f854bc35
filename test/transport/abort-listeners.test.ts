import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { addAbortListener, removeAbortListener } from "../../src/transport/abort-listeners.js";

it("shows Node.js one listener for all, and none when all are gone", () => {
  const { signal } = new AbortController();
  const listeners = Array.from({ length: 50 }, () => () => undefined);
  for (const listener of listeners) addAbortListener(signal, listener);
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  for (const listener of listeners) removeAbortListener(signal, listener);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

it("calls each once, but those that were removed, by another listener too", () => {
  const controller = new AbortController();
  const { signal } = controller;
  const called: string[] = [];
  const removed = (): void => void called.push("removed");
  const late = (): void => void called.push("late");
  addAbortListener(signal, () => {
    called.push("first");
    removeAbortListener(signal, late);
  });
  addAbortListener(signal, removed);
  addAbortListener(signal, late);
  removeAbortListener(signal, removed);
  controller.abort();
  controller.abort();
  expect(called).toEqual(["first"]);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});
