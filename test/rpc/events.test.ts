import { channel } from "node:diagnostics_channel";
import { expect, it } from "vitest";
import { eventChannel, onEvent } from "../../src/rpc/events.js";

it("hands an event to those who listen, until they no longer do", () => {
  const heard: string[] = [];
  const published = eventChannel("client.breaker");
  const event = (key: string) => ({ key, from: "closed", to: "open" }) as const;
  const stop = onEvent("client.breaker", ({ key }) => heard.push(key));
  published.publish(event("one"));
  stop();
  published.publish(event("two"));
  expect(heard).toEqual(["one"]);
});

it("says that nobody listens, so that nothing need be built", () => {
  const published = eventChannel("client.pool");
  expect(published.hasSubscribers).toBe(false);
  const stop = onEvent("client.pool", () => undefined);
  expect(published.hasSubscribers).toBe(true);
  stop();
  expect(published.hasSubscribers).toBe(false);
});

it("has a channel by the name that is documented", () => {
  expect(eventChannel("server.finish")).toBe(channel("scrimp.rpc.server.finish"));
});
