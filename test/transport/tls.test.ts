import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { TransportError } from "../../src/errors.js";
import { parseAddress } from "../../src/transport/address.js";
import { Connection } from "../../src/transport/connection.js";
import { resolveTransportLimits, type TransportLimits } from "../../src/transport/limits.js";
import { type ListenAddress, Listener, type PeerInfo } from "../../src/transport/listener.js";
import { connectSocket } from "../../src/transport/socket.js";
import type { ClientTlsOptions, ServerTlsOptions } from "../../src/transport/tls.js";
import { Authority, type Certificate, hasOpenssl } from "./certificates.js";
import { type End, endOf, messageOf, Places, until } from "./connected.js";

describe.skipIf(!hasOpenssl)("TLS", () => {
  let authority: Authority;
  let stranger: Authority;
  let server: Certificate;
  let client: Certificate;
  const listeners: Listener[] = [];
  const places = new Places();

  beforeAll(() => {
    authority = new Authority("ours");
    stranger = new Authority("theirs");
    server = authority.sign("DNS:localhost,IP:127.0.0.1");
    client = authority.sign("URI:spiffe://example/caller,DNS:caller.example");
  });

  afterAll(() => {
    authority.remove();
    stranger.remove();
  });

  afterEach(async () => {
    await Promise.all(listeners.splice(0).map((listener) => listener.close()));
    await places.close();
  });

  /** A server that answers each frame with itself. */
  async function serve(
    tls: ServerTlsOptions | undefined,
    limits: Partial<TransportLimits> = {},
    where: ListenAddress = { port: 0 },
  ) {
    const peers: PeerInfo[] = [];
    const errors: TransportError[] = [];
    const all = resolveTransportLimits(limits);
    const listener = new Listener({
      limits: all,
      tls,
      onConnection(socket, peer) {
        peers.push(peer);
        new Connection(
          socket,
          { address: peer.address, limits: all },
          { onFrame: (frame, connection) => connection.sendFramed(frame.bytes), onClose: () => undefined },
        );
      },
      onError: (error) => errors.push(error),
    });
    listeners.push(listener);
    const { port } = await listener.listen(where);
    return { listener, peers, errors, port };
  }

  async function call(port: number, tls: ClientTlsOptions, host = "127.0.0.1"): Promise<End> {
    const socket = await connectSocket(parseAddress({ host, port }), { tls: { ca: authority.cert, ...tls } });
    const end = endOf(socket);
    end.connection.sendFramed(messageOf(1, 100_000));
    await until(() => end.frames.length === 1 || end.closed !== undefined);
    return end;
  }

  it.each(["127.0.0.1", "localhost"])("carries messages to %s, whose certificate is for it", async (host) => {
    const { port, peers, listener } = await serve(server);
    const end = await call(port, {}, host);
    expect(end.frames[0]).toHaveLength(100_017);
    expect(peers[0].tls).toEqual({ authorized: false, san: [], fingerprint256: "" });
    end.connection.end();
    expect(await end.whenClosed()).toBeNull();
    await until(() => listener.connectionCount === 0);
  });

  it.each<[string, () => Certificate, ClientTlsOptions | ((own: Certificate) => ClientTlsOptions), string]>([
    ["is for another name", () => authority.sign("DNS:other.example"), {}, "ERR_TLS_CERT_ALTNAME_INVALID"],
    [
      "has the name only as its common name",
      () => authority.sign("DNS:x"),
      { servername: "not.used" },
      "ERR_TLS_CERT_ALTNAME_INVALID",
    ],
    ["has expired", () => authority.sign("IP:127.0.0.1", { days: -1 }), {}, "CERT_HAS_EXPIRED"],
    ["is signed by somebody else", () => stranger.sign("IP:127.0.0.1"), {}, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    [
      "does not please the caller",
      () => server,
      { checkServerIdentity: () => Object.assign(new Error("no"), { code: "MINE" }) },
      "MINE",
    ],
  ])("is refused when the certificate of the server %s", async (_, certificate, tls, reason) => {
    const { port, errors, listener } = await serve(certificate());
    const calling = call(port, tls as ClientTlsOptions);
    await expect(calling).rejects.toMatchObject({ executed: "no", message: expect.stringContaining(reason) as string });
    await until(() => listener.connectionCount === 0);
    expect(errors.every(({ code }) => code === "ERR_THRIFT_TRANSPORT")).toBe(true);
  });

  it("talks to anyone only when it is told to, and warns about it", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    const { port } = await serve(stranger.sign("DNS:other.example"));
    for (let i = 0; i < 2; i++) {
      const end = await call(port, { insecureSkipVerify: true });
      expect(end.frames).toHaveLength(1);
      end.connection.destroy();
    }
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  it("stands over the path of a socket as well", async () => {
    const where = places.address("unix") as { path: string };
    const { peers } = await serve(server, {}, where);
    const socket = await connectSocket(parseAddress(where), { tls: { ca: authority.cert } });
    const end = endOf(socket);
    end.connection.sendFramed(messageOf(1));
    await until(() => end.frames.length === 1);
    expect(peers).toMatchObject([{ address: `unix:${where.path}`, transport: "unix" }]);
    end.connection.destroy();
  });

  it("answers a client that has sent its last byte", async () => {
    const { port } = await serve(server);
    const socket = connectTls({ port, host: "127.0.0.1", ca: authority.cert, allowHalfOpen: true } as object);
    await once(socket, "secureConnect");
    socket.end(Buffer.concat([Buffer.from([0, 0, 0, 17]), messageOf(1)]));
    const [reply] = (await once(socket, "data")) as [Buffer];
    expect(reply).toHaveLength(21);
    socket.destroy();
  });

  describe("mutual", () => {
    it("tells the server who calls", async () => {
      const { port, peers } = await serve({ ...server, clientCa: authority.cert });
      const end = await call(port, { ...client });
      expect(end.frames).toHaveLength(1);
      expect(peers[0].tls).toEqual({
        authorized: true,
        san: ["URI:spiffe://example/caller", "DNS:caller.example"],
        fingerprint256: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/) as string,
      });
      end.connection.destroy();
    });

    it.each<[string, () => ClientTlsOptions]>([
      ["no certificate", () => ({})],
      ["one of another authority", () => stranger.sign("DNS:caller.example")],
      ["one that has expired", () => authority.sign("DNS:caller.example", { days: -1 })],
    ])("lets nobody in with %s", async (_, tls) => {
      const { port, peers, errors, listener } = await serve({ ...server, clientCa: authority.cert });
      for (const minVersion of ["TLSv1.2", "TLSv1.3"] as const) {
        // With TLS 1.3 a client is connected before the server has looked at its certificate.
        const end = await call(port, { ...tls(), minVersion }).catch((error: unknown) => error as TransportError);
        expect("frames" in end ? end.frames : []).toEqual([]);
      }
      await until(() => listener.connectionCount === 0);
      expect([peers, errors.length]).toEqual([[], 2]);
    });
  });

  it("ends a connection in plain text at a port with TLS", async () => {
    const { port, errors, listener } = await serve(server);
    const end = endOf(await connectSocket(parseAddress({ host: "127.0.0.1", port })));
    end.connection.sendFramed(messageOf(1));
    await end.whenClosed();
    await until(() => listener.connectionCount === 0);
    expect(errors).toMatchObject([{ message: expect.stringContaining("the TLS handshake failed") as string }]);
  });

  it("fails at a port without TLS", async () => {
    const { port } = await serve(undefined);
    await expect(call(port, {})).rejects.toMatchObject({ code: "ERR_THRIFT_TRANSPORT", executed: "no" });
  });

  it("has a handshake done in time, and not too many at once", async () => {
    const { port, errors, listener } = await serve(server, { tlsHandshakeTimeoutMs: 100, maxHandshakes: 1 });
    const silent = connect(port, "127.0.0.1").on("error", () => undefined);
    await once(silent, "connect");
    const second = connect(port, "127.0.0.1").on("error", () => undefined);
    await Promise.all([once(silent, "close"), once(second, "close")]);
    await until(() => listener.connectionCount === 0);
    expect(errors.map(({ message }) => message.slice(message.indexOf(": ") + 2))).toEqual([
      "expected connections within maxHandshakes, found one more",
      "the TLS handshake failed (ERR_TLS_HANDSHAKE_TIMEOUT)",
    ]);
    const end = await call(port, {});
    expect(end.frames).toHaveLength(1);
    end.connection.destroy();
  });

  it("is closed while handshakes are under way", async () => {
    const { port, listener } = await serve(server);
    const silent = connect(port, "127.0.0.1").on("error", () => undefined);
    await once(silent, "connect");
    await until(() => listener.connectionCount === 1);
    await listener.close();
    expect(listener.connectionCount).toBe(0);
  });

  it("speaks no version before 1.2", async () => {
    const { port } = await serve(server);
    const old = connectTls({
      port,
      host: "127.0.0.1",
      maxVersion: "TLSv1.1",
      minVersion: "TLSv1",
      rejectUnauthorized: false,
    });
    const [error] = (await once(old, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/^ERR_SSL/);
  });

  it("goes over to new certificates for those who come, and lets nobody resume a session of before", async () => {
    const { port, listener } = await serve(server);
    const before = await call(port, {});
    let session: Buffer | undefined;
    const resuming = async (): Promise<boolean> => {
      const ca = [authority.cert, stranger.cert];
      const socket = connectTls({ port, host: "127.0.0.1", ca, ...(session === undefined ? {} : { session }) });
      socket.on("session", (ticket: Buffer) => (session = ticket));
      await once(socket, "secureConnect");
      await wait(20);
      const isReused = socket.isSessionReused();
      socket.destroy();
      return isReused;
    };
    expect([await resuming(), await resuming()]).toEqual([false, true]);
    listener.setSecureContext(stranger.sign("IP:127.0.0.1"));
    expect(await resuming()).toBe(false);
    await expect(call(port, {})).rejects.toMatchObject({ executed: "no" });
    const after = await call(port, { ca: stranger.cert });
    expect(after.frames).toHaveLength(1);
    before.connection.sendFramed(messageOf(2));
    await until(() => before.frames.length === 2);
    expect(() => listener.setSecureContext({ cert: "nonsense", key: "nonsense" })).toThrow();
    expect((await call(port, { ca: stranger.cert })).frames).toHaveLength(1);
  });

  it("needs a certificate and a key that belong together", () => {
    const limits = resolveTransportLimits();
    const tls = { cert: server.cert, key: client.key };
    expect(() => new Listener({ limits, tls, onConnection: () => undefined })).toThrow();
  });
});
