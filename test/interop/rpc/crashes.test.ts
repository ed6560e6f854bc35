/** Programs that die in the middle of calls. Where npm thrift's server would end and its client wait for ever, ours go on. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "node:net";
import { describeWhenRequired, describeWithPeer } from "../../support/peers.js";
import type { Caller, Outcome, Peer, Server, Wiring } from "./peer.js";
import { kitexPeer, npmPeer, pythonPeer } from "./programs.js";
import { callsOf } from "./scenarios.js";
import { scrimp } from "./scrimp.js";

const POOL: Wiring = { transport: "framed", protocol: "binary" };
const SHARED: Wiring = { ...POOL, mux: true };

const CALLS = 10;

function addressOf({ port }: Server): string {
  return `127.0.0.1:${port}`;
}

function waits(caller: Caller): Promise<Outcome>[] {
  return Array.from({ length: CALLS }, () => callsOf(caller, "Everything")("wait", 60_000));
}

/** A frame of 100 bytes that ends after eight. */
const PART_OF_A_FRAME = Buffer.from("0000006480010001", "hex");

/** Starts a frame, then resets the connection. */
async function resetWithinFrame(port: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined).on("close", () => resolve());
    socket.write(PART_OF_A_FRAME, () => setTimeout(() => socket.resetAndDestroy(), 5));
  });
}

function testPeer(make: () => Peer): void {
  let peer: Peer;
  beforeAll(() => {
    peer = make();
  }, 600_000);
  afterAll(() => peer.remove());

  it.each([
    ["each with a connection", POOL],
    ["all over one connection", SHARED],
  ])("our client's calls, %s, settle when its server dies", async (_title, wiring) => {
    const server = await peer.serve(POOL);
    const caller = scrimp.connect(addressOf(server), wiring);
    expect(await callsOf(caller, "Everything")("echoI32", 1)).toEqual({ returned: 1 });
    const pending = waits(caller);
    await new Promise((resolve) => setTimeout(resolve, 100));
    server.kill();
    for (const outcome of await Promise.all(pending)) {
      expect(outcome).toHaveProperty("failed", expect.stringContaining("TransportError"));
    }
    await caller.close();
  });

  it("our server goes on when its client dies, and when others reset their connections within a frame", async () => {
    const server = await scrimp.serve(POOL);
    const dying = peer.connect(addressOf(server), POOL);
    const staying = peer.connect(addressOf(server), POOL);
    expect(await callsOf(dying, "Everything")("echoI32", 1)).toEqual({ returned: 1 });
    const pending = waits(dying);
    const resets = Array.from({ length: 30 }, () => resetWithinFrame(server.port));
    dying.kill();
    for (let i = 0; i < 50; i++) expect(await callsOf(staying, "Everything")("echoI32", i)).toEqual({ returned: i });
    await Promise.all([...pending, ...resets]);
    expect(await callsOf(staying, "Everything")("ping")).toEqual({ returned: undefined });
    await staying.close();
    server.kill();
  });
}

describeWhenRequired("programs that die", () => {
  describeWithPeer("go", () => {
    testPeer(kitexPeer);
  });
  describeWithPeer("thrift", () => {
    describe("the npm package thrift", () => {
      testPeer(npmPeer);
    });
    describeWithPeer("python3-thrift", () => {
      testPeer(pythonPeer);
    });
  });
});
