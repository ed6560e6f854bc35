import { describe, expect, it } from "vitest";
import { BizStatusError } from "../../../src/errors.js";
import { IntKey } from "../../../src/transport/ttheader-keys.js";
import { type Handlers, NotFound } from "./echo.js";
import { caller, closeAfterEach, start } from "./fixture.js";
import { WAYS } from "./peer.js";

closeAfterEach();

describe.each(WAYS)("a server, over %s in %s", (transport, protocol) => {
  const startCaller = async (over: Handlers = {}) => caller((await start(over)).port, transport, protocol);
  const isTTHeader = transport.startsWith("ttheader");

  it("answers the way the request came, with its seqid and method", async () => {
    const reply = await (await startCaller()).call("echo", { text: "hi" }, 7);
    expect(reply.transport).toBe(transport);
    expect(reply.protocol).toBe(protocol);
    expect(reply.content).toEqual({ type: "reply", name: "echo", seqid: 7, success: "hi" });
    if (isTTHeader) {
      expect(reply.header!.seqid).toBe(7);
      expect([...reply.header!.ints]).toEqual([[IntKey.MESSAGE_TYPE, "2"]]);
    }
  });

  it("calls handlers of every kind of method", async () => {
    const fired: string[] = [];
    const peer = await startCaller({ fire: (text: string) => fired.push(text) });
    const call = async (name: string, args: Record<string, unknown>) => (await peer.call(name, args)).content;
    expect(await call("inherited", { value: 1 })).toMatchObject({ success: 2 });
    expect(await call("add", { a: 1, b: 2, c: 3, d: 4 })).toMatchObject({ success: 10 });
    expect(await call("same", { req: { message: "x", number: 5 } })).toMatchObject({
      success: { message: "x", number: 5 },
    });
    expect(await call("numbers", { numbers: [1, 2] })).toMatchObject({ success: [1, 2] });
    expect(await call("nothing", {})).toMatchObject({ type: "reply", success: undefined });
    peer.raw.send(peer.encode("fire", { text: "away" }, 3));
    // Nothing comes back for it: the next reply is that of the next call.
    expect(await call("echo", { text: "after" })).toMatchObject({ seqid: 1, success: "after" });
    expect(fired).toEqual(["away"]);
  });

  it("sends back declared exceptions as such, others as application exceptions that say nothing", async () => {
    const peer = await startCaller({
      same: async () => {
        throw new NotFound({ message: "gone", code: 1 });
      },
      echo: () => {
        throw new Error("a secret");
      },
      // Declared, but by another method.
      numbers: () => {
        throw new NotFound({ message: "gone", code: 1 });
      },
    });
    const declared = await peer.call("same", { req: { message: "", number: 1 } });
    expect(declared.content).toMatchObject({ type: "reply", exception: { message: "gone", code: 1 } });
    for (const [name, args] of [
      ["echo", { text: "" }],
      ["numbers", { numbers: [] }],
    ] as const) {
      const { content } = await peer.call(name, args);
      expect(content).toMatchObject({ type: "exception", error: { typeId: 6, message: "internal error" } });
    }
  });

  it("carries a business status by TTHeader, and as exception otherwise", async () => {
    const peer = await startCaller({
      echo: () => {
        throw new BizStatusError(404, "no user", { k: "v" });
      },
    });
    const answer = await peer.call("echo", { text: "" });
    if (isTTHeader) {
      const { header, message } = answer;
      expect(Object.fromEntries(header!.strings)).toEqual({
        "biz-status": "404",
        "biz-message": "no user",
        "biz-extra": `{"k":"v"}`,
      });
      expect(peer.codec.skipBody(message, peer.codec.readHeader(message))).toBe(message.length);
    } else {
      expect(answer.content).toMatchObject({
        type: "exception",
        error: { typeId: 6, message: "business status 404: no user" },
      });
    }
  });
});
