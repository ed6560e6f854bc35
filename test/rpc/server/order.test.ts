import { describe, expect, it } from "vitest";
import { Flag } from "../../../src/transport/ttheader-keys.js";
import { caller, closeAfterEach, gate, settle, start } from "./fixture.js";
import { WAYS } from "./peer.js";

closeAfterEach();

/** `echo` answers each text when its gate opens, "at once" at once. */
function gated() {
  const gates = new Map<string, ReturnType<typeof gate>>();
  const started: string[] = [];
  const echo = async (text: string): Promise<string> => {
    started.push(text);
    const each = gate();
    gates.set(text, each);
    await each.opened;
    return text;
  };
  return { echo, started, open: (text: string) => gates.get(text)!.open() };
}

const TEXTS = ["a", "b", "c"];

describe.each(WAYS)("calls that one peer sends without waiting, over %s in %s", (transport, protocol) => {
  it("run side by side and are answered in their order", async () => {
    const { echo, started, open } = gated();
    const { port } = await start({ echo });
    const peer = await caller(port, transport, protocol);
    peer.raw.send(...TEXTS.map((text, i) => peer.encode("echo", { text }, i + 1)));
    // One that is answered at once waits for its turn like all others, and so does one that is refused.
    peer.raw.send(peer.encode("nothing", {}, 4));
    while (started.length < 3) await settle(1);
    for (const text of ["c", "b"]) open(text);
    await settle(20);
    expect(peer.raw.waiting).toBe(0);
    open("a");
    for (const seqid of [1, 2, 3, 4]) expect((await peer.answer()).content.seqid).toBe(seqid);
  });

  if (!transport.startsWith("ttheader")) return;

  it.each([
    ["the peer", Flag.OUT_OF_ORDER, {}],
    ["the server", 0, { outOfOrder: true }],
  ])("are answered as they are done where %s allows it", async (_who, flags, options) => {
    const { echo, started, open } = gated();
    const { port } = await start({ echo }, options);
    const peer = await caller(port, transport, protocol);
    peer.raw.send(...TEXTS.map((text, i) => peer.encode("echo", { text }, i + 1, { flags })));
    while (started.length < 3) await settle(1);
    for (const [text, seqid] of [
      ["c", 3],
      ["a", 1],
      ["b", 2],
    ] as const) {
      open(text);
      const answer = await peer.answer();
      expect([answer.content.seqid, answer.header!.seqid]).toEqual([seqid, seqid]);
    }
  });
});

describe("a connection whose peer has sent its last byte", () => {
  it("is closed when the last answer has left", async () => {
    const { echo, started, open } = gated();
    const { port } = await start({ echo });
    const peer = await caller(port);
    peer.raw.socket.end(peer.encode("echo", { text: "a" }, 1));
    while (started.length < 1) await settle(1);
    await settle();
    open("a");
    expect((await peer.answer()).content).toMatchObject({ success: "a" });
    expect(await peer.raw.reply()).toBeUndefined();
  });
});

describe("a mixture of transports and protocols on one connection", () => {
  it("is answered each in its way", async () => {
    const { port } = await start();
    const first = await caller(port);
    const { CallingPeer } = await import("./peer.js");
    for (const [i, way] of WAYS.entries()) {
      const peer = new CallingPeer(first.raw, first.codec.descriptor, way);
      const answer = await peer.call("echo", { text: "x" }, i + 1);
      expect([answer.transport, answer.protocol, answer.content.seqid]).toEqual([...way, i + 1]);
    }
  });
});
