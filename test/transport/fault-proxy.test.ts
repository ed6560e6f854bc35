import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { type Faults, FaultProxy, type Plan } from "../support/fault-proxy.js";

const closing: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** An echo behind a proxy, and what came back at the client, piece by piece. */
async function echoThrough(plan: Plan) {
  const accepted: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(socket);
    socket.on("error", () => undefined);
    socket.pipe(socket);
  }).listen(0, "127.0.0.1");
  closing.push(() => void server.close());
  await once(server, "listening");
  const proxy = await FaultProxy.start((server.address() as AddressInfo).port, plan);
  closing.push(() => proxy.close());
  const client = connect({ port: proxy.port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  const pieces: string[] = [];
  const ends: string[] = [];
  client.on("data", (chunk) => pieces.push(chunk.toString()));
  client.on("end", () => ends.push("FIN"));
  client.on("error", (error: NodeJS.ErrnoException) => ends.push(error.code!));
  closing.push(() => void client.destroy());
  await once(client, "connect");
  return { proxy, client, pieces, ends, accepted };
}

describe("fault proxy", () => {
  it("passes bytes and ends as they are", async () => {
    const { client, pieces, ends } = await echoThrough({});
    client.end("hello");
    await once(client, "close");
    expect([pieces.join(""), ends]).toEqual(["hello", ["FIN"]]);
  });

  it.each<[string, Faults, string[]]>([
    ["at given bytes", { splitAt: [1, 3] }, ["h", "el", "lo"]],
    ["into drops", { pieceBytes: 1 }, ["h", "e", "l", "l", "o"]],
  ])("splits %s", async (_, toClient, expected) => {
    const { client, pieces } = await echoThrough({ toClient });
    client.end("hello");
    await once(client, "close");
    expect(pieces).toEqual(expected);
  });

  it("gathers what comes in pieces", async () => {
    const { client, pieces } = await echoThrough({ toServer: { pieceBytes: 1 }, toClient: { gatherMs: 100 } });
    client.end("hello");
    await once(client, "close");
    expect(pieces).toEqual(["hello"]);
  });

  it.each<[NonNullable<Faults["stop"]>, string]>([
    ["reset", "ECONNRESET"],
    ["close", "FIN"],
    ["half-close", "FIN"],
  ])("ends by %s at a byte", async (stop, expected) => {
    const { client, pieces, ends } = await echoThrough({ toClient: { stopAt: 3, stop } });
    client.write("hello");
    await Promise.race(["end", "close"].map((event) => once(client, event).catch(() => undefined)));
    expect([pieces.join(""), ends]).toEqual(["hel", [expected]]);
  });

  it.each(["blackhole", "stall"] as const)("loses all by %s, and says nothing", async (stop) => {
    const { client, pieces, ends } = await echoThrough({ toServer: { stopAt: 3, stop } });
    client.write("hello");
    await wait(50);
    expect([pieces.join(""), ends]).toEqual(["hel", []]);
  });

  it("does it to what is open when it is told", async () => {
    const { proxy, client, ends } = await echoThrough({});
    client.write("hello");
    await once(client, "data");
    proxy.injectToClients(Buffer.from("!"));
    const [extra] = (await once(client, "data")) as [Buffer];
    proxy.stopAll("reset");
    await once(client, "close").catch(() => undefined);
    expect([extra.toString(), ends]).toEqual(["!", ["ECONNRESET"]]);
  });
});
