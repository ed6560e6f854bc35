/** Requests in pieces, and bytes that are none. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Random } from "../../support/random-value.js";
import { CANONICAL } from "../../transport/canonical.js";
import { Echo, type Running, startEcho } from "./echo.js";
import { closeAfterEach, connect, settle } from "./fixture.js";
import { CallingPeer, RawPeer, WAYS } from "./peer.js";

closeAfterEach();

let running: Running;
beforeAll(async () => {
  running = await startEcho({}, { limits: { maxMalformedPerMinute: Infinity, maxUnknownMethodsPerMinute: Infinity } });
});
afterAll(() => running.server.close({ drainMs: 0 }));

describe.each(WAYS)("a request over %s in %s", (transport, protocol) => {
  it("is answered wherever it is cut, and whatever comes with its pieces", async () => {
    const peer = new CallingPeer(await connect(running.port), Echo, [transport, protocol]);
    const request = peer.encode("echo", { text: "hello" }, 1);
    for (let cut = 1; cut < request.length; cut++) {
      peer.raw.send(request.subarray(0, cut));
      await settle(2);
      // The rest comes with a whole request and the start of another behind it.
      peer.raw.send(request.subarray(cut), request, request.subarray(0, cut));
      await settle(2);
      peer.raw.send(request.subarray(cut));
      for (let i = 0; i < 3; i++) expect((await peer.answer()).content).toMatchObject({ seqid: 1, success: "hello" });
    }
    expect(peer.raw.waiting).toBe(0);
  });

  it("is answered when it comes a byte at a time", async () => {
    const peer = new CallingPeer(await connect(running.port), Echo, [transport, protocol]);
    for (const byte of peer.encode("echo", { text: "hello" }, 1)) {
      peer.raw.send(Buffer.from([byte]));
      await settle(1);
    }
    expect((await peer.answer()).content).toMatchObject({ success: "hello" });
  });
});

describe("bytes that nobody should send", () => {
  const seed = Number(process.env.SEED ?? 20_261_128);

  it(`end their own connection at most (SEED=${String(seed)})`, async () => {
    const random = new Random(seed);
    const uncaught: unknown[] = [];
    const onUncaught = (error: unknown): void => void uncaught.push(error);
    process.on("uncaughtException", onUncaught).on("unhandledRejection", onUncaught);
    for (let round = 0; round < 300; round++) {
      const { wire } = CANONICAL[random.below(CANONICAL.length)];
      const bytes = Uint8Array.from(wire);
      for (let changes = random.below(4); changes > 0; changes--) bytes[random.below(bytes.length)] = random.below(256);
      const raw = await RawPeer.connect(running.port);
      raw.send(bytes.subarray(0, random.chance(0.3) ? random.below(bytes.length) : bytes.length));
      if (random.chance(0.5)) raw.socket.end();
      await settle(2);
      if (random.chance(0.5)) raw.socket.resetAndDestroy();
      else raw.socket.destroy();
    }
    await settle();
    process.off("uncaughtException", onUncaught).off("unhandledRejection", onUncaught);
    expect(uncaught).toEqual([]);
    const peer = new CallingPeer(await connect(running.port), Echo, ["framed", "binary"]);
    expect((await peer.call("echo", { text: "x" })).content).toMatchObject({ success: "x" });
  });
});
