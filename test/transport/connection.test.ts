import type { Duplex } from "node:stream";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { BufferBudget } from "../../src/transport/budget.js";
import { endOf, messageOf, Places, PLACES, seqidOf, until } from "./connected.js";
import { findEnd } from "./find-end.js";

const places = new Places();

afterEach(() => places.close());

/** A message in a frame. */
function frameOf(seqid: number, padding = 0): Buffer {
  const message = messageOf(seqid, padding);
  const frame = Buffer.alloc(4 + message.length);
  frame.writeUInt32BE(message.length);
  frame.set(message, 4);
  return frame;
}

describe.each(PLACES)("connection over %s", (kind) => {
  it("carries messages both ways, in order, small and large", async () => {
    const { client, server } = await places.pair(kind);
    const sizes = [0, 1, 100, 16_000, 17_000, 300_000, 5, 1_000_000, 0];
    for (const [i, size] of sizes.entries()) client.connection.sendFramed(messageOf(i, size));
    await until(() => server.frames.length === sizes.length);
    expect(server.frames.map((message) => [seqidOf(message), message.length - 17])).toEqual([...sizes.entries()]);
    server.connection.send(messageOf(7), Buffer.from([0, 0, 0, 17]));
    await until(() => client.frames.length === 1);
    expect(client.seqids).toEqual([7]);
    const { queuedBytes, writtenBytes, unsentBytes } = client.connection;
    expect([writtenBytes, unsentBytes]).toEqual([queuedBytes, 0]);
  });

  it("ends in order: what waits is sent, both ends are told once", async () => {
    const { client, server } = await places.pair(kind);
    for (let i = 0; i < 100; i++) client.connection.sendFramed(messageOf(i, 10_000));
    client.connection.end();
    expect(client.connection.isOpen).toBe(false);
    client.connection.sendFramed(messageOf(100));
    expect(await Promise.all([client.whenClosed(), server.whenClosed()])).toEqual([null, null]);
    expect(server.seqids).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it("is told when it is cut off", async () => {
    const { client, server } = await places.pair(kind);
    client.connection.destroy();
    client.connection.destroy();
    expect(client.closed).toBeUndefined();
    client.connection.sendFramed(messageOf(1));
    expect(await client.whenClosed()).toBeNull();
    await server.whenClosed();
    expect([server.connection.isOpen, server.frames]).toEqual([false, []]);
  });

  it("answers a peer that has sent its last byte", async () => {
    const { client, server } = await places.pair(kind, { server: { handler: { onEnd: () => undefined } } });
    client.connection.sendFramed(messageOf(1));
    client.connection.end();
    await until(() => server.frames.length === 1 && !server.connection.isOpen);
    server.connection.sendFramed(messageOf(1, 100_000));
    server.connection.end();
    expect(await Promise.all([client.whenClosed(), server.whenClosed()])).toEqual([null, null]);
    // It is thrown away by this client, which wants no more, but it arrived.
    expect(client.connection.receivedBytes).toBe(100_021);
  });

  it("tells once that the peer has sent its last byte, also when it is paused meanwhile", async () => {
    let ends = 0;
    const { client, server } = await places.pair(kind, { server: { handler: { onEnd: () => ends++ } } });
    server.connection.pause();
    client.connection.sendFramed(messageOf(1));
    client.connection.end();
    await wait(20);
    expect(ends).toBe(0);
    for (let i = 0; i < 2; i++) {
      server.connection.resume();
      await wait(5);
      server.connection.pause();
    }
    expect([ends, server.seqids]).toEqual([1, [1]]);
    server.connection.end();
    await Promise.all([client.whenClosed(), server.whenClosed()]);
  });

  it("that ends within a frame is lost", async () => {
    const [raw, socket] = await places.sockets(kind);
    const server = endOf(socket);
    raw.end(frameOf(1).subarray(0, 9));
    expect(await server.whenClosed()).toMatchObject({ code: "ERR_THRIFT_TRUNCATED", executed: "maybe" });
  });

  it("hands out nothing while it is paused, and goes on where it was", async () => {
    const { client, server } = await places.pair(kind, {
      server: {
        handler: {
          onFrame(frame, connection) {
            server.frames.push(frame.bytes);
            if (server.frames.length === 2) connection.pause();
          },
        },
      },
    });
    for (let i = 0; i < 5; i++) client.connection.sendFramed(messageOf(i));
    await wait(20);
    client.connection.sendFramed(messageOf(5));
    client.connection.end();
    await wait(20);
    expect(server.seqids).toEqual([0, 1]);
    server.connection.resume();
    expect(server.seqids).toEqual([0, 1]);
    await server.whenClosed();
    expect(server.seqids).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("makes a peer wait that is not read from, without losing anything", async () => {
    let drains = 0;
    const { client, server } = await places.pair(kind, { client: { handler: { onDrain: () => drains++ } } });
    server.connection.pause();
    for (let i = 0; i < 60; i++) client.connection.sendFramed(messageOf(i, 200_000));
    await wait(30);
    expect(client.connection.unsentBytes).toBeGreaterThan(1_048_576);
    expect(drains).toBe(0);
    server.connection.resume();
    await until(() => server.frames.length === 60);
    await until(() => client.connection.unsentBytes === 0);
    expect(drains).toBe(1);
  });
});

describe("connection", () => {
  it("sends all of one turn in one write", async () => {
    const [raw, socket] = await places.sockets("loopback");
    const client = endOf(socket);
    const chunks: Buffer[] = [];
    raw.on("data", (chunk: Buffer) => chunks.push(chunk));
    for (let i = 0; i < 3; i++) client.connection.sendFramed(messageOf(i));
    await Promise.resolve().then(() => client.connection.sendFramed(messageOf(3)));
    await until(() => chunks.length > 0);
    expect(chunks.map(({ length }) => length)).toEqual([4 * 21]);
  });

  it("gives others a turn when its frames have taken their time, however many are left", async () => {
    const [raw, socket] = await places.sockets("loopback");
    const frames: unknown[] = [];
    endOf(socket, {
      handler: {
        onFrame(frame) {
          frames.push(frame);
          for (const end = performance.now() + 1; performance.now() < end;);
        },
      },
    });
    raw.write(Buffer.concat(Array.from({ length: 20 }, (_, i) => frameOf(i))));
    let mostAtOnce = 0;
    for (let before = 0; before < 20; before = frames.length) {
      await turn();
      mostAtOnce = Math.max(mostAtOnce, frames.length - before);
    }
    expect(mostAtOnce).toBeGreaterThan(0);
    expect(mostAtOnce).toBeLessThanOrEqual(3);
  });

  it("reads messages without frames when it can find their end", async () => {
    const [raw, socket] = await places.sockets("tcp");
    const server = endOf(socket, { findEnd });
    for (const byte of [...messageOf(1), ...messageOf(2)]) raw.write(Buffer.from([byte]));
    await until(() => server.frames.length === 2);
    expect(server.seqids).toEqual([1, 2]);
  });

  it.each<[string, Buffer, string]>([
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\n\r\n"), "ERR_THRIFT_NOT_THRIFT"],
    ["a length of 0", Buffer.alloc(8), "ERR_THRIFT_BAD_FRAME"],
    ["a length beyond the limit", Buffer.from("7fffffff80010001", "hex"), "ERR_THRIFT_SIZE_LIMIT"],
  ])("ends on %s", async (_, bytes, code) => {
    const [raw, socket] = await places.sockets("tcp");
    const server = endOf(socket);
    raw.write(bytes);
    expect(await server.whenClosed()).toMatchObject({ code });
  });

  it.each(["onFrame", "onEnd", "onClose"] as const)("ends when %s throws, and nothing else does", async (name) => {
    const bug = new Error("bug");
    const { client, server } = await places.pair("tcp", {
      server: {
        handler: {
          [name](_frame: unknown) {
            if (name === "onClose") server.closed = null;
            throw bug;
          },
        },
      },
    });
    client.connection.sendFramed(messageOf(1));
    client.connection.end();
    const error = await server.whenClosed();
    if (name !== "onClose") expect(error).toMatchObject({ code: "ERR_THRIFT_TRANSPORT", cause: bug });
  });

  it("reports a reset as the reason", async () => {
    const [raw, socket] = await places.sockets("tcp");
    const server = endOf(socket);
    Object.assign(raw, { resetAndClosing: true }).destroy();
    expect(await server.whenClosed()).toMatchObject({
      code: "ERR_THRIFT_TRANSPORT",
      message: "peer:1: the connection broke (ECONNRESET)",
      executed: "maybe",
    });
  });

  it("tells which of what was sent the peer cannot have seen", async () => {
    const { client, server } = await places.pair("tcp");
    server.connection.pause();
    for (let i = 0; i < 100; i++) client.connection.sendFramed(messageOf(i, 300_000));
    await wait(30);
    const { queuedBytes, writtenBytes, sentBytes } = client.connection;
    expect(sentBytes).toBeLessThanOrEqual(writtenBytes);
    expect(writtenBytes).toBeLessThan(queuedBytes);
    client.connection.destroy();
    await client.whenClosed();
    expect(client.connection.writtenBytes).toBe(writtenBytes);
  });

  it("refuses to send what is too long or empty, before any of it is sent", async () => {
    const { client } = await places.pair("loopback", { client: { limits: { maxFrameBytes: 50 } } });
    expect(() => client.connection.sendFramed(messageOf(1, 34))).toThrow("maxFrameBytes");
    expect(() => client.connection.sendFramed(new Uint8Array(0))).toThrow("no bytes");
    expect(client.connection.queuedBytes).toBe(0);
  });

  it("cuts a peer off that does not close after the end", async () => {
    const [raw, socket] = await places.sockets("tcp");
    raw.resume();
    const server = endOf(socket, { graceMs: 30 });
    server.connection.end();
    expect(await server.whenClosed()).toBeNull();
  });

  it("throws away what comes after its end, so that the end of the peer is seen", async () => {
    const [raw, socket] = await places.sockets("tcp");
    const server = endOf(socket, { graceMs: 10_000 });
    server.connection.end();
    raw.write(Buffer.concat(Array.from({ length: 1000 }, (_, i) => frameOf(i, 1000))));
    raw.resume().end();
    expect(await server.whenClosed()).toBeNull();
    expect(server.frames).toEqual([]);
  });
});

describe("limits of a connection", () => {
  it.each<[string, object, (raw: Duplex) => void, object]>([
    [
      "whose frame stops half way",
      { frameTimeoutMs: 60 },
      (raw) => raw.write(frameOf(1, 5000).subarray(0, 1000)),
      { message: expect.stringContaining("frameTimeoutMs") },
    ],
    [
      "whose frame drips",
      { frameTimeoutMs: 60 },
      (raw) => {
        const frame = frameOf(1, 5000);
        let i = 0;
        const drip = setInterval(() => raw.write(frame.subarray(i, ++i)), 5);
        raw.once("close", () => clearInterval(drip));
      },
      { message: expect.stringContaining("frameTimeoutMs") },
    ],
  ])("cut a peer off %s", async (_, limits, misbehave, expected) => {
    const [raw, socket] = await places.sockets("tcp");
    const server = endOf(socket, { limits });
    misbehave(raw);
    expect(await server.whenClosed()).toMatchObject({ code: "ERR_THRIFT_TRANSPORT", ...expected });
  });

  it("cut a peer off that does not read, by time", async () => {
    const { client, server } = await places.pair("tcp", { client: { limits: { drainStallMs: 80 } } });
    server.connection.pause();
    for (let i = 0; i < 50; i++) client.connection.sendFramed(messageOf(i, 300_000));
    expect(await client.whenClosed()).toMatchObject({ message: expect.stringContaining("drainStallMs") as string });
  });

  it("cut a peer off that does not read, by bytes", async () => {
    const { client, server } = await places.pair("tcp", { client: { limits: { maxUnsentBytes: 5_000_000 } } });
    server.connection.pause();
    for (let i = 0; i < 10; i++) client.connection.sendFramed(messageOf(i, 10_000_000));
    expect(client.connection.unsentBytes).toBeLessThan(16_000_000);
    expect(await client.whenClosed()).toMatchObject({ code: "ERR_THRIFT_SIZE_LIMIT" });
  });

  it("let a slow peer be that takes something all the time", async () => {
    const [raw, socket] = await places.sockets("tcp");
    const server = endOf(socket, { limits: { drainStallMs: 800 } });
    server.connection.sendFramed(messageOf(1, 12_000_000));
    let read = 0;
    raw.on("data", (chunk: Buffer) => {
      read += chunk.length;
      raw.pause();
    });
    while (read < 12_000_021 && server.closed === undefined) {
      raw.resume();
      await wait(5);
    }
    expect([server.closed, read]).toEqual([undefined, 12_000_021]);
  });

  it("say when nothing came or went, again and again", async () => {
    let idle = 0;
    const { client, server } = await places.pair("tcp", {
      server: { limits: { idleTimeoutMs: 80 }, handler: { onIdle: () => idle++ } },
    });
    for (let i = 0; i < 10; i++) {
      client.connection.sendFramed(messageOf(i));
      await wait(20);
    }
    expect(idle).toBe(0);
    await until(() => idle === 2);
    expect(server.closed).toBeUndefined();
  });

  it("do not blame a peer for what this end does not read", async () => {
    const [raw, socket] = await places.sockets("tcp");
    const server = endOf(socket, { limits: { frameTimeoutMs: 50 } });
    raw.write(frameOf(1, 100).subarray(0, 60));
    await until(() => server.connection.partialBytes > 0);
    server.connection.pause();
    await wait(150);
    server.connection.resume();
    raw.write(frameOf(1, 100).subarray(60));
    await until(() => server.frames.length === 1);
    expect(server.closed).toBeUndefined();
  });
});

describe("budget of partial frames", () => {
  it("makes the newest wait, and lets the oldest go on until there is room", async () => {
    const budget = new BufferBudget(150_000);
    const ends = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const [raw, socket] = await places.sockets("tcp");
        return { raw, server: endOf(socket, { budget }) };
      }),
    );
    const frame = frameOf(1, 100_000);
    for (const { raw, server } of ends) {
      raw.write(frame.subarray(0, 60_000));
      await until(() => server.connection.partialBytes === 60_000 || server.connection.isHeldBack);
    }
    expect(ends.map(({ server }) => server.connection.isHeldBack)).toEqual([false, false, true]);
    for (const { raw } of ends) raw.write(frame.subarray(60_000));
    await until(() => ends.every(({ server }) => server.frames.length === 1));
    expect([budget.usedBytes, ends.map(({ server }) => server.closed)]).toEqual([0, [undefined, undefined, undefined]]);
  });

  it("cuts the slowest off once it is clear which that is", async () => {
    const budget = new BufferBudget(150_000);
    const [slowRaw, slowSocket] = await places.sockets("tcp");
    const slow = endOf(slowSocket, { budget });
    slowRaw.write(frameOf(1, 100_000).subarray(0, 20_000));
    await wait(1100);
    const [fastRaw, fastSocket] = await places.sockets("tcp");
    const fast = endOf(fastSocket, { budget });
    fastRaw.write(frameOf(2, 200_000).subarray(0, 190_000));
    expect(await slow.whenClosed()).toMatchObject({
      message: expect.stringContaining("globalBufferedBytes") as string,
    });
    fastRaw.write(frameOf(2, 200_000).subarray(190_000));
    await until(() => fast.frames.length === 1);
    fast.connection.destroy();
    await fast.whenClosed();
    expect(budget.usedBytes).toBe(0);
  });
});
