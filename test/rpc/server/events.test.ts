import { afterEach, describe, expect, it } from "vitest";
import { onEvent, type RpcEventName, type RpcEvents } from "../../../src/rpc/events.js";
import { NotFound } from "./echo.js";
import { caller, closeAfterEach, settle, start } from "./fixture.js";

closeAfterEach();

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const STAGES = ["connect", "read", "start", "decode", "handler", "write", "finish"] as const;

/** Hears all events of servers, in their order. */
function hear(): [stage: string, event: any][] {
  const heard: [string, any][] = [];
  for (const stage of STAGES) {
    const name: RpcEventName = `server.${stage}`;
    stops.push(onEvent(name, (event: RpcEvents[typeof name]) => heard.push([stage, event])));
  }
  return heard;
}

describe("events of a server", () => {
  it.each([
    ["at once", (text: string) => text],
    ["by a promise", async (text: string) => text],
  ])("tell each stage of a call that is answered %s", async (_how, echo) => {
    const { port } = await start({ echo });
    const heard = hear();
    const peer = await caller(port);
    await peer.call("echo", { text: "hi" }, 7);
    expect(heard.map(([stage]) => stage)).toEqual(STAGES);
    const events = Object.fromEntries(heard);
    expect(events.connect.address).toMatch(/^127\.0\.0\.1:/);
    expect(events.read).toEqual({
      address: events.connect.address,
      bytes: peer.encode("echo", { text: "hi" }, 7).length - 4,
    });
    expect(events.start.call).toMatchObject({ side: "server", args: [], address: events.connect.address });
    expect(events.write).toMatchObject({ seqid: 7, bytes: expect.any(Number) });
    for (const stage of ["decode", "handler", "write", "finish"])
      expect(events[stage].call.id).toBe(events.start.call.id);
    for (const stage of ["handler", "finish"]) {
      expect(events[stage]).toMatchObject({ executed: "yes", durationMs: expect.any(Number) });
      expect(events[stage]).not.toHaveProperty("error");
    }
  });

  it("tell what handlers throw, even nothing", async () => {
    const missing = new NotFound({ message: "x" });
    const { port } = await start({
      same: () => Promise.reject(missing),
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- that is the case
      echo: () => Promise.reject(undefined),
    });
    const heard = hear();
    const peer = await caller(port);
    await peer.call("same", { req: { number: 1 } });
    await peer.call("echo", { text: "" });
    const errors = heard.filter(([stage]) => stage === "finish").map(([, { error }]) => error);
    expect(errors).toEqual([missing, expect.any(Error)]);
  });

  it("tell arguments that cannot be decoded, which no handler sees", async () => {
    const { port } = await start();
    const heard = hear();
    const peer = await caller(port);
    // A request without its required field.
    const { messageOf } = await import("./messages.js");
    const { wrap } = await import("./peer.js");
    peer.raw.send(wrap(messageOf("binary", { name: "same" }, Buffer.from("0c00010000", "hex")), "framed"));
    await peer.answer();
    expect(heard.map(([stage]) => stage)).toEqual(["connect", "read", "start", "decode", "finish"]);
    expect(heard.at(-1)![1]).toMatchObject({ error: { code: "ERR_THRIFT_REQUIRED_MISSING" }, executed: "no" });
  });

  it("tell one end of a call that takes too long", async () => {
    let answer!: (text: string) => void;
    const { port } = await start(
      { echo: () => new Promise((resolve) => (answer = resolve)) },
      { handlerTimeoutMs: 20 },
    );
    const heard = hear();
    const peer = await caller(port);
    await peer.call("echo", { text: "" });
    answer("late");
    await settle();
    expect(heard.filter(([stage]) => stage === "finish")).toMatchObject([
      ["finish", { error: { code: "ERR_THRIFT_DEADLINE" } }],
    ]);
  });
});
