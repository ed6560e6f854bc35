import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { TransportError } from "../../src/errors.js";
import { parseAddress } from "../../src/transport/address.js";
import { resolveTransportLimits } from "../../src/transport/limits.js";
import { Listener, type ListenerOptions, type PeerInfo } from "../../src/transport/listener.js";
import { createLoopback } from "../../src/transport/loopback.js";
import { connectSocket } from "../../src/transport/socket.js";
import { Connection } from "../../src/transport/connection.js";
import { endOf, messageOf, Places, PLACES, until } from "./connected.js";

const places = new Places();
const listeners: Listener[] = [];

afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close()));
  await places.close();
});

/** A listener that answers each frame with itself, and what it was told. */
function listenerWith(options: Partial<ListenerOptions> = {}) {
  const peers: PeerInfo[] = [];
  const errors: TransportError[] = [];
  const limits = options.limits ?? resolveTransportLimits();
  const listener = new Listener({
    limits,
    onConnection(socket, peer) {
      peers.push(peer);
      new Connection(
        socket,
        { address: peer.address, limits },
        { onFrame: (frame, connection) => connection.sendFramed(frame.bytes), onClose: () => undefined },
      );
    },
    onError: (error) => errors.push(error),
    ...options,
  });
  listeners.push(listener);
  return { listener, peers, errors };
}

async function closedAtOnce(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1").on("error", () => undefined);
  await once(socket, "close");
  return socket.bytesRead === 0;
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

describe("listener", () => {
  it.each(PLACES)("takes connections over %s, and says from whom", async (kind) => {
    const { listener, peers } = listenerWith();
    const where = places.address(kind);
    const { port, address } = await listener.listen(where);
    const client = endOf(await connectSocket(parseAddress("connect" in where ? where : address)));
    client.connection.sendFramed(messageOf(1));
    await until(() => client.frames.length === 1);
    expect(peers).toEqual([{ address: expect.any(String) as string, transport: kind, tls: undefined }]);
    expect([port > 0, peers[0].address.startsWith("127.0.0.1:")]).toEqual([kind === "tcp", kind === "tcp"]);
    if (kind !== "tcp") expect(peers[0].address).toBe(address);
    client.connection.end();
    await client.whenClosed();
    await until(() => listener.connectionCount === 0);
  });

  it("closes connections beyond what it may hold, and takes others when some are gone", async () => {
    const { listener, peers, errors } = listenerWith({ limits: resolveTransportLimits({ maxConnections: 2 }) });
    const { port } = await listener.listen({ port: 0 });
    const [first] = [await open(port), await open(port)];
    expect(await closedAtOnce(port)).toBe(true);
    expect(errors).toMatchObject([
      { code: "ERR_THRIFT_OVERLOADED", message: expect.stringContaining("maxConnections") },
    ]);
    first.destroy();
    await until(() => listener.connectionCount === 1);
    await open(port);
    await until(() => peers.length === 3);
  });

  it("closes connections beyond what one IP address may hold", async () => {
    const { listener, peers, errors } = listenerWith({ limits: resolveTransportLimits({ maxConnectionsPerIp: 1 }) });
    const { port } = await listener.listen({ port: 0 });
    const first = await open(port);
    expect(await closedAtOnce(port)).toBe(true);
    expect(errors).toMatchObject([{ message: expect.stringContaining("maxConnectionsPerIp") }]);
    first.destroy();
    await until(() => listener.connectionCount === 0);
    await open(port);
    await until(() => peers.length === 2);
  });

  it("stops taking connections and keeps those that there are; then cuts them off", async () => {
    const { listener } = listenerWith();
    const { address } = await listener.listen({ port: 0 });
    const client = endOf(await connectSocket(parseAddress(address)));
    client.connection.sendFramed(messageOf(1));
    await until(() => client.frames.length === 1);
    listener.stopAccepting();
    await expect(connectSocket(parseAddress(address))).rejects.toMatchObject({ executed: "no" });
    client.connection.sendFramed(messageOf(2));
    await until(() => client.frames.length === 2);
    await listener.close();
    await client.whenClosed();
    expect(listener.connectionCount).toBe(0);
    await listener.close();
  });

  it("says where it cannot listen", async () => {
    const { port } = await listenerWith().listener.listen({ port: 0 });
    const { listener } = listenerWith();
    await expect(listener.listen({ port })).rejects.toMatchObject({
      code: "ERR_THRIFT_TRANSPORT",
      message: `127.0.0.1:${String(port)}: cannot listen (EADDRINUSE)`,
    });
    const loopback = createLoopback();
    await listener.listen(loopback);
    await expect(listener.listen(loopback)).rejects.toThrow(TypeError);
    await expect(listenerWith().listener.listen(loopback)).rejects.toThrow("is listened on already");
  });

  it("takes over the socket that a dead server left in the file system, and removes its own", async () => {
    const where = places.address("unix") as { path: string };
    const dead = fork(new URL("dead-server.mjs", import.meta.url), [where.path], { execArgv: [] });
    await once(dead, "exit");
    expect(existsSync(where.path)).toBe(true);
    const { listener } = listenerWith();
    await listener.listen(where);
    await expect(listenerWith().listener.listen(where)).rejects.toThrow("EADDRINUSE");
    await listener.close();
    expect(existsSync(where.path)).toBe(false);
  });

  it("leaves a file alone that is no socket", async () => {
    const where = places.address("unix") as { path: string };
    writeFileSync(where.path, "precious");
    await expect(listenerWith().listener.listen(where)).rejects.toThrow("EADDRINUSE");
    expect(existsSync(where.path)).toBe(true);
  });

  it("survives owners that throw", async () => {
    const bug = new Error("bug");
    const errors: TransportError[] = [];
    const { listener } = listenerWith({
      onConnection() {
        throw bug;
      },
      onError(error) {
        errors.push(error);
        throw bug;
      },
    });
    const { port } = await listener.listen({ port: 0 });
    expect(await closedAtOnce(port)).toBe(true);
    expect(await closedAtOnce(port)).toBe(true);
    expect(errors.map(({ cause }) => cause)).toEqual([bug, bug]);
  });
});

describe("socket of a client", () => {
  it.each<[string, () => Promise<unknown>, object]>([
    [
      "nobody listens",
      () => connectSocket(parseAddress("127.0.0.1:1")),
      { code: "ERR_THRIFT_TRANSPORT", message: "127.0.0.1:1: cannot connect (ECONNREFUSED)" },
    ],
    [
      "there is no such socket",
      () => connectSocket(parseAddress("unix:/nowhere/x")),
      { message: "unix:/nowhere/x: cannot connect (ENOENT)" },
    ],
    [
      "nobody listens in the process",
      () => connectSocket(parseAddress(createLoopback())),
      { code: "ERR_THRIFT_TRANSPORT" },
    ],
    [
      "the name is unknown",
      () => connectSocket(parseAddress("no-such-host.invalid:1"), { connectTimeoutMs: 10_000 }),
      { message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) as string },
    ],
    [
      "the signal has ended",
      () => connectSocket(parseAddress("127.0.0.1:1"), { signal: AbortSignal.abort("why") }),
      { code: "ERR_THRIFT_CANCELLED", cause: "why" },
    ],
  ])("is not opened when %s", async (_, connecting, expected) => {
    await expect(connecting()).rejects.toMatchObject({ executed: "no", ...expected });
    await expect(connecting()).rejects.toBeInstanceOf(TransportError);
  });

  it("is given up in time, and when the signal says so", async () => {
    // A handshake that stalls: the server takes the connection and says nothing.
    const { listener } = listenerWith({
      onConnection: (socket) => socket.resume().once("end", () => socket.destroy()),
    });
    const { address } = await listener.listen({ port: 0 });
    const endpoint = parseAddress(address);
    await expect(connectSocket(endpoint, { tls: true, connectTimeoutMs: 40 })).rejects.toMatchObject({
      code: "ERR_THRIFT_DEADLINE",
      executed: "no",
    });
    const signal = AbortSignal.timeout(20);
    await expect(connectSocket(endpoint, { tls: true, signal })).rejects.toMatchObject({
      code: "ERR_THRIFT_CANCELLED",
      executed: "no",
    });
    await until(() => listener.connectionCount === 0);
  });
});

describe("files", () => {
  it.skipIf(process.platform === "win32")(
    "that run out stop no server: it serves again when files may be opened",
    async () => {
      const program = fileURLToPath(new URL("few-files.ts", import.meta.url));
      const command = `ulimit -n 128 && exec "${process.execPath}" --import tsx "${program}" 70`;
      const child = spawn("sh", ["-c", command], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
      const [port] = (await once(child, "message")) as [number];
      const serve = async (): Promise<"served" | "refused"> => {
        const socket = connect(port, "127.0.0.1").on("error", () => undefined);
        sockets.push(socket);
        socket.write(Buffer.concat([Buffer.from([0, 0, 0, 17]), messageOf(1)]));
        return Promise.race([
          once(socket, "data").then(() => "served" as const),
          once(socket, "close").then(() => "refused" as const),
        ]).catch(() => "refused" as const);
      };
      const sockets: Socket[] = [];
      const outcomes = await Promise.all(Array.from({ length: 100 }, serve));
      expect(new Set(outcomes)).toEqual(new Set(["served", "refused"]));
      for (const socket of sockets) socket.destroy();
      await until(() => sockets.every(({ closed }) => closed));
      while ((await serve()) !== "served");
      sockets.at(-1)?.destroy();
      child.disconnect();
      expect(await once(child, "exit")).toEqual([0, null]);
    },
  );
});
