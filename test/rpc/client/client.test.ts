import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BizStatusError, EncodeError, SchemaError, ThriftError, TransportError } from "../../../src/errors.js";
import { createClient, type Client } from "../../../src/rpc/client/client.js";
import type { CallOptions, ClientOptions } from "../../../src/rpc/client/options.js";
import { withMetainfo } from "../../../src/rpc/metainfo.js";
import { parseSchema } from "../../../src/schema/parse.js";
import { framePrefix } from "../../../src/transport/framed.js";
import { Flag, IntKey } from "../../../src/transport/ttheader-keys.js";
import { PEER, VECTORS } from "../../transport/kitex.js";
import { Echo } from "../server/echo.js";
import { TRANSPORTS } from "../server/peer.js";
import { type Request, type ScriptedConnection, ScriptedServer } from "./scripted-server.js";

let server: ScriptedServer;
const clients: Client[] = [];

/** Every call that came, over whatever connection. */
let requests: Request[];
/** Answers calls, by default with what they say. */
let answer: (request: Request, connection: ScriptedConnection) => unknown;

beforeEach(async () => {
  requests = [];
  answer = (request, connection) => connection.answer(request, request.args[0]);
  server = await ScriptedServer.listen(async (connection) => {
    for (let request = await connection.request(); request !== undefined; request = await connection.request()) {
      requests.push(request);
      await answer(request, connection);
    }
  });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await server.close();
});

function connect(options: Partial<ClientOptions> = {}): Client {
  const client = createClient(Echo, { address: server.address, timeoutMs: 2000, retry: false, ...options });
  clients.push(client);
  return client;
}

describe("a client", () => {
  const hostile = parseSchema(
    {
      "h.thrift":
        "service H { string then(1: string a), string constructor(), string close(), string toJSON(), string call() }",
    },
    { entry: "h.thrift" },
  );

  it("has the methods of its service and of those it extends, and nothing that an object has", () => {
    const client = connect();
    expect(Object.getPrototypeOf(client)).toBeNull();
    expect(Object.keys(client).sort()).toEqual(
      [
        "add",
        "call",
        "choose",
        "close",
        "destroy",
        "echo",
        "fail",
        "fire",
        "inherited",
        "nothing",
        "numbers",
        "same",
        "warmUp",
      ].sort(),
    );
  });

  it("is what a promise resolves to, whatever methods its service has", async () => {
    const client = createClient(hostile.service("H"), { address: server.address });
    clients.push(client);
    expect(client.then).toBeUndefined();
    expect(await Promise.resolve(client)).toBe(client);
    expect(Object.keys(client).sort()).toEqual(["call", "close", "destroy", "warmUp"]);
  });

  it("calls methods of any name by that name", async () => {
    answer = (request, connection) => connection.answer(request, "pong");
    const client = connect();
    expect(await client.call("echo", ["x"])).toBe("pong");
    expect(await client.call("echo", ["x"], { timeoutMs: 500 })).toBe("pong");
    await expect(client.call("toString")).rejects.toMatchObject({ code: "ERR_THRIFT_UNKNOWN_NAME" });
  });

  it("passes arguments in the order of the IDL; those left out are not sent", async () => {
    answer = (request, connection) => connection.answer(request, 0);
    await connect().add(1, 2, undefined, 4);
    await connect().add(1);
    expect(requests.map(({ args }) => args)).toEqual([
      [1, 2, undefined, 4],
      [1, undefined, undefined, undefined],
    ]);
  });

  it("rejects a call whose arguments do not fit, sends nothing of it, and uses the connection for the next", async () => {
    const client = connect();
    await client.echo("x");
    await expect(client.echo(7)).rejects.toThrow(EncodeError);
    expect(await client.echo("y")).toBe("y");
    expect(requests.map(({ args }) => args)).toEqual([["x"], ["y"]]);
    expect(server.connections).toHaveLength(1);
  });

  it.each<[string, unknown[]]>([
    ["more arguments than there are, and options", ["x", {}, 1]],
    ["options that do not exist", ["x", { timeout: 1 }]],
    ["a time that is none", ["x", { timeoutMs: -1 }]],
    ["headers where no header is", ["x", { headers: { a: "b" } }]],
    ["an address that is none", ["x", { address: "nowhere" }]],
    ["options that are none", ["x", "y"]],
  ])("rejects %s", async (_, args) => {
    await expect(
      connect()
        .call("echo", [args[0]], args[1] as CallOptions)
        .then(() => connect().echo(...args)),
    ).rejects.toThrow(RangeError);
  });

  it.each<[string, Partial<ClientOptions>]>([
    ["an unknown option", { timeout: 1 } as object],
    ["an unknown transport", { transport: "http" as "framed" }],
    ["an unknown protocol", { protocol: "json" as "binary" }],
    ["no address", { address: [] }],
    ["an address that is none", { address: "nowhere" }],
    ["headers where no header is", { headers: { a: "b" } }],
    ["a header with a line break", { transport: "ttheader", headers: { a: "b\r\nc: d" } }],
    ["a warm-up whose failure nobody could catch", { warmUp: { onFailure: "throw" } }],
    ["a pool without connections", { connections: { kind: "pool", maxPerAddress: 0 } }],
    ["an unknown limit", { limits: { maxFrame: 1 } as object }],
    ["an empty name to multiplex by", { multiplexed: "" }],
  ])("is not made with %s", (_, options) => {
    expect(() => connect(options)).toThrow(RangeError);
  });
});

describe("requests", () => {
  const kitex = parseSchema(
    {
      "k.thrift":
        "struct Req { 1: string message } struct Resp { 1: string message } service Echo { Resp echo(1: Req req) }",
    },
    { entry: "k.thrift" },
  ).service("Echo");

  it.each([
    ["framed", Buffer.concat([framePrefix(VECTORS.CALL.length, PEER), VECTORS.CALL])],
    ["buffered", VECTORS.CALL],
  ] as const)("over %s have the bytes of Kitex", async (transport, bytes) => {
    const received = new Promise<Buffer>((resolve) => {
      void ScriptedServer.listen(({ raw }) => raw.socket.once("data", resolve)).then((plain) => {
        const client = createClient(kitex, { address: plain.address, transport, retry: false });
        client.echo({ message: "hi" }).catch(() => undefined);
        void received.then(() => (client.destroy(), plain.close()));
      });
    });
    expect((await received).equals(bytes)).toBe(true);
  });

  it("over TTHeader say what those of Kitex say", async () => {
    const client = connect({
      transport: "ttheader-framed",
      caller: "cli",
      callee: "srv",
      headers: { h: "1" },
      timeoutMs: 500,
    });
    await client.warmUp();
    await client.echo("x");
    const { header, seqid } = requests[0];
    expect(header!.seqid).toBe(seqid);
    expect(header!.flags).toBe(0);
    expect(header!.protocolId).toBe(0);
    expect(Object.fromEntries(header!.ints)).toEqual({
      [IntKey.TRANSPORT_TYPE]: "framed",
      [IntKey.FROM_SERVICE]: "cli",
      [IntKey.TO_SERVICE]: "srv",
      [IntKey.TO_METHOD]: "echo",
      [IntKey.RPC_TIMEOUT]: "500",
      [IntKey.FROM_METHOD]: "",
      [IntKey.MESSAGE_TYPE]: "1",
    });
    expect(Object.fromEntries(header!.strings)).toEqual({ isn: "Echo", h: "1" });
  });

  it("say nothing of a time that has no bound, and of what has no name", async () => {
    await connect({ transport: "ttheader", timeoutMs: 0 }).echo("x");
    const { ints } = requests[0].header!;
    expect([...ints.keys()].sort((a, b) => a - b)).toEqual([1, 6, 9, 20, 22]);
    expect(ints.get(IntKey.TRANSPORT_TYPE)).toBe("unframed");
    expect(ints.get(IntKey.TO_SERVICE)).toBe("Echo");
  });

  it("of many calls have the same header but for the id, whatever their length", async () => {
    const client = connect({ transport: "ttheader" });
    await client.warmUp();
    for (const text of ["a", "bb", "ccc"]) expect(await client.echo(text)).toBe(text);
    const [first, ...rest] = requests.map(({ header }) => header!);
    expect(new Set(requests.map(({ seqid }) => seqid)).size).toBe(3);
    for (const { ints, strings } of rest) expect([ints, strings]).toEqual([first.ints, first.strings]);
  });

  it("say when replies may come in any order", async () => {
    await connect({ transport: "ttheader", connections: "mux" }).echo("x");
    expect(requests[0].header!.flags).toBe(Flag.OUT_OF_ORDER);
  });

  it("carry metainfo of the call and of what is around it", async () => {
    const client = connect({ transport: "ttheader", headers: { h: "client", i: "client" } });
    await withMetainfo({ persistent: { P: "1" }, transient: { T: "1" } }, () =>
      client.echo("x", { metainfo: { transient: { U: "2" }, persistent: { P: "3" } }, headers: { h: "call" } }),
    );
    expect(Object.fromEntries(requests[0].header!.strings)).toEqual({
      isn: "Echo",
      h: "call",
      i: "client",
      RPC_TRANSIT_T: "1",
      RPC_TRANSIT_U: "2",
      RPC_PERSIST_P: "3",
    });
    await client.echo("x");
    expect(Object.fromEntries(requests[1].header!.strings)).toEqual({ isn: "Echo", h: "client", i: "client" });
  });

  it("over a transport without header go without metainfo", async () => {
    const client = connect();
    expect(await withMetainfo({ persistent: { P: "1" } }, () => client.echo("x"))).toBe("x");
  });

  it.each(["ttheader", "ttheader-framed"] as const)(
    "over %s carry a checksum that the server can check",
    async (transport) => {
      await connect({ transport, checksum: true }).echo("x");
      expect(requests[0].header!.strings.get("crc32c")).toMatch(/^[0-9a-f]{8}$/);
    },
  );

  it.each([
    [true, "Echo:echo"],
    ["Other", "Other:echo"],
  ] as const)("are multiplexed by name: %s", async (multiplexed, name) => {
    expect(await connect({ multiplexed }).echo("x")).toBe("x");
    expect(requests[0].name).toBe(name);
  });

  it("may be in another protocol than those of the client", async () => {
    const client = connect({ connections: { kind: "mux", connectionsPerAddress: 1 } });
    const both = [client.echo("a"), client.echo("b", { protocol: "compact" }), client.echo("c", { protocol: "tjson" })];
    expect(await Promise.all(both)).toEqual(["a", "b", "c"]);
    expect(requests.map(({ protocol }) => protocol).sort()).toEqual(["binary", "compact", "tjson"]);
  });

  it("that are too long for a frame are not sent", async () => {
    const client = connect({ limits: { maxFrameBytes: 1000 } });
    await expect(client.echo("x".repeat(2000))).rejects.toMatchObject({
      code: "ERR_THRIFT_SIZE_LIMIT",
      executed: "no",
    });
    expect(await client.echo("y")).toBe("y");
    expect(server.connections).toHaveLength(1);
  });
});

describe("replies over TTHeader", () => {
  const options = { transport: "ttheader" } as const;

  it("give the values that the handler sent back to those who ask", async () => {
    answer = (request, connection) =>
      connection.answer(request, "x", {
        strings: new Map([
          ["k", "v"],
          ["__proto__", "w"],
          ["x-exec", "no"],
          ["rip", "::1"],
        ]),
      });
    const backward = new Map<string, string>();
    await connect(options).echo("x", { backward });
    expect(backward).toEqual(
      new Map([
        ["k", "v"],
        ["__proto__", "w"],
      ]),
    );
  });

  it("with a business status reject, and the connection goes on", async () => {
    answer = (request, connection) => {
      const strings = new Map([
        ["biz-status", "404"],
        ["biz-message", "no user"],
        ["biz-extra", '{"k":"v"}'],
      ]);
      connection.send(request, VECTORS.VOID, { strings });
    };
    const client = connect(options);
    answer = (request, connection) => {
      const strings = new Map([
        ["biz-status", "404"],
        ["biz-message", "no user"],
        ["biz-extra", '{"k":"v"}'],
      ]);
      connection.answer({ ...request, name: "echo" }, "", { strings });
    };
    const error = await client.echo("x").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BizStatusError);
    expect(error).toMatchObject({ statusCode: 404, statusMessage: "no user", extra: new Map([["k", "v"]]) });
    await client.echo("y").catch(() => undefined);
    expect(server.connections).toHaveLength(1);
  });

  it("that say that the handler did not run are known by that", async () => {
    answer = (request, connection) =>
      connection.refuse(request, 6, "OVERLOADED: too many", { strings: new Map([["x-exec", "no"]]) });
    await expect(connect(options).echo("x")).rejects.toMatchObject({ typeId: 6, executed: "no" });
    answer = (request, connection) => connection.refuse(request, 6, "DRAINING: soon gone");
    await expect(connect().echo("x")).rejects.toMatchObject({ typeId: 6, executed: "no" });
    answer = (request, connection) => connection.refuse(request, 6, "internal error");
    await expect(connect(options).echo("x")).rejects.toMatchObject({ typeId: 6, executed: "yes" });
  });

  it("whose checksum is wrong end the connection", async () => {
    answer = (request, connection) => connection.answer(request, "x", { strings: new Map([["crc32c", "00000000"]]) });
    await expect(connect(options).echo("x")).rejects.toMatchObject({
      code: "ERR_THRIFT_BAD_CHECKSUM",
      executed: "maybe",
    });
    await server.connections[0].raw.closed;
  });

  it("whose message has another id than their header end the connection", async () => {
    answer = (request, connection) => connection.answer(request, "x", { seqid: 99 });
    await expect(connect(options).echo("x")).rejects.toMatchObject({
      code: "ERR_THRIFT_INVALID_DATA",
      executed: "maybe",
    });
    await server.connections[0].raw.closed;
  });

  it.each(TRANSPORTS)("or over %s without any id are taken when they are exceptions", async (transport) => {
    answer = (request, connection) =>
      connection.refuse({ ...request, seqid: 0 }, 6, "a proxy", { seqid: request.seqid });
    for (const connections of ["pool", "mux"] as const) {
      const client = connect({ transport, connections });
      await expect(client.echo("x")).rejects.toMatchObject({ typeId: 6, message: "a proxy" });
    }
  });

  it("that say that the connection will be reset are good, and the last on it", async () => {
    answer = (request, connection) =>
      connection.answer(request, request.args[0], { strings: new Map([["crrst", "1"]]) });
    for (const connections of ["pool", "mux"] as const) {
      const client = connect({ ...options, connections });
      const before = server.connections.length;
      expect(await client.echo("a")).toBe("a");
      expect(await client.echo("b")).toBe("b");
      expect(server.connections).toHaveLength(before + 2);
      await server.connections[before].raw.closed;
    }
  });

  it("go on after a control frame, which has new calls go elsewhere at once", async () => {
    const client = connect({ ...options, connections: { kind: "mux", connectionsPerAddress: 1 } });
    const held: Request[] = [];
    answer = (request, connection) => {
      if (connection.index > 0) return connection.answer(request, request.args[0]);
      held.push(request);
      connection.raw.send(VECTORS.MUX_CTL);
    };
    const pending = client.echo("first");
    await vi.waitFor(() => {
      expect(server.connections).toHaveLength(2);
    });
    expect(await client.echo("second")).toBe("second");
    server.connections[0].answer(held[0], "late but good");
    expect(await pending).toBe("late but good");
    await server.connections[0].raw.closed;
  });
});

describe("calls that share a connection", () => {
  it.each(TRANSPORTS)("over %s get their own replies, in whatever order these come, once", async (transport) => {
    const client = connect({ transport, connections: { kind: "mux", connectionsPerAddress: 1 } });
    const held: Request[] = [];
    answer = (request, connection) => {
      held.push(request);
      if (held.length < 50) return;
      for (const each of held.reverse()) connection.answer(each, each.args[0]);
      for (const each of held) connection.answer(each, "again");
    };
    const texts = Array.from({ length: 50 }, (_, i) => `call ${String(i)}`);
    expect(await Promise.all(texts.map((text) => client.echo(text)))).toEqual(texts);
    expect(server.connections).toHaveLength(1);
  });

  it("fail together when it is lost, but for those that were not sent", async () => {
    answer = (_request, connection) => connection.raw.socket.resetAndDestroy();
    const client = connect({ connections: { kind: "mux", connectionsPerAddress: 1 } });
    const errors = await Promise.all([1, 2, 3].map(() => client.echo("x").catch((error: unknown) => error)));
    for (const error of errors) {
      expect(error).toBeInstanceOf(TransportError);
      expect(error).toMatchObject({ executed: "maybe" });
    }
  });
});

describe("what is thrown", () => {
  it("is of the classes that are documented", async () => {
    await expect(connect().call("nothing at all")).rejects.toBeInstanceOf(ThriftError);
    expect(() => connect({ codec: { int64: "float" as "number" } })).toThrow(RangeError);
    expect(() => createClient(undefined as never, { address: "a:1" })).not.toThrow(SchemaError);
  });
});
