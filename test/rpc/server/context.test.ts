import { describe, expect, it } from "vitest";
import type { Call, Middleware } from "../../../src/rpc/call.js";
import { currentMetainfo, currentScope, withMetainfo } from "../../../src/rpc/metainfo.js";
import type { CallContext } from "../../../src/rpc/server/context.js";
import { checksumOf } from "../../../src/transport/checksum.js";
import { INTERNAL_TRANSPORT_LIMITS } from "../../../src/transport/limits.js";
import { IntKey } from "../../../src/transport/ttheader-keys.js";
import { CAPTURES, VECTORS } from "../../transport/kitex.js";
import { parseSchema } from "../../../src/schema/parse.js";
import { createServer } from "../../../src/rpc/server/server.js";
import { afterTest, caller, closeAfterEach, connect, settle, start } from "./fixture.js";
import { wrap, TRANSPORTS, WAYS } from "./peer.js";

closeAfterEach();

const pairs = (strings: Record<string, string>) => ({ strings: new Map(Object.entries(strings)) });

/** Has the handler of `echo` tell what it is given, for each call. */
async function watched(look: (context: CallContext) => unknown, header = {}) {
  const seen: unknown[] = [];
  const { port } = await start({
    echo: (_text: string, context: CallContext) => {
      seen.push(look(context));
      return "";
    },
  });
  const peer = await caller(port, "ttheader");
  const { header: answered } = await peer.call("echo", { text: "" }, 1, header);
  return { seen: seen[0], answered: answered! };
}

describe("the context of a handler", () => {
  it.each(WAYS)("says who calls and what, over %s in %s", async (transport, protocol) => {
    let context!: CallContext;
    const { port } = await start({ inherited: (value: number, given: CallContext) => ((context = given), value) });
    await (await caller(port, transport, protocol)).call("inherited", { value: 1 });
    expect(context.peer).toMatchObject({ transport, protocol, tls: undefined });
    expect(context.peer.address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect([context.service.name, context.method.name, context.attempt]).toEqual(["Echo", "inherited", 0]);
    expect(context.ttheader === undefined).toBe(!transport.startsWith("ttheader"));
    expect([context.headers.size, context.metainfo.transient.size, context.deadline]).toEqual([0, 0, undefined]);
  });

  it("has the headers of the program, without those that mean something to others", async () => {
    const header = pairs({ isn: "Echo", crc32x: "1", mine: "2", RPC_PERSIST_A: "3", RPC_TRANSIT_B: "4", rip: "5" });
    const { seen } = await watched((context) => Object.fromEntries(context.headers), header);
    expect(seen).toEqual({ crc32x: "1", mine: "2" });
  });

  it("has metainfo, of which persistent values travel on and transient ones do not", async () => {
    const header = pairs({ RPC_PERSIST_P: "1", RPC_TRANSIT_T: "2", RPC_PERSIST_RetryReq: "1" });
    const { seen } = await watched((context) => {
      const { transient, persistent } = currentMetainfo();
      return [context.metainfo, Object.fromEntries(transient), Object.fromEntries(persistent), context.attempt];
    }, header);
    const received = {
      transient: new Map([["T", "2"]]),
      persistent: new Map([
        ["P", "1"],
        ["RetryReq", "1"],
      ]),
    };
    expect(seen).toEqual([received, {}, { P: "1", RetryReq: "1" }, 1]);
  });

  it("has a TTHeader of its own, whatever handlers before did to theirs", async () => {
    const seen: unknown[] = [];
    const { port } = await start({
      echo: (_text: string, { ttheader, headers }: CallContext) => {
        seen.push(ttheader!.strings.get("mine"), headers.get("mine"));
        (ttheader!.strings as Map<string, string>).set("mine", "2");
        return "";
      },
    });
    const peer = await caller(port, "ttheader");
    for (const seqid of [1, 2]) await peer.call("echo", { text: "" }, seqid, pairs({ mine: "1" }));
    expect(seen).toEqual(["1", "1", "1", "1"]);
  });

  it("sends values back under their own names", async () => {
    const { answered } = await watched((context) => {
      context.sendBackward("K", "v");
      context.sendBackward("", "ignored");
      context.sendBackward("ignored", "");
      context.replyHeaders.set("other", "ü");
    });
    expect(Object.fromEntries(answered.strings)).toEqual({ K: "v", other: "ü" });
  });

  it("has the deadline of the caller, which calls made on the way keep to", async () => {
    const header = { ints: new Map([[IntKey.RPC_TIMEOUT, "500"]]) };
    const { seen } = await watched(
      (context) => [
        context.deadline?.timeoutMs,
        currentScope().deadline === context.deadline,
        withMetainfo({}, () => currentScope().deadline === context.deadline),
      ],
      header,
    );
    expect(seen).toEqual([500, true, true]);
  });

  it.each(["0", "-5", "1e9", "x", ""])("takes %j for no deadline", async (text) => {
    const { seen } = await watched((context) => context.deadline, { ints: new Map([[IntKey.RPC_TIMEOUT, text]]) });
    expect(seen).toBeUndefined();
  });
});

describe("the signal of a handler", () => {
  it("is aborted when the deadline is over, and the call is answered with what may have happened", async () => {
    const reasons: unknown[] = [];
    const { port } = await start({
      echo: (_text: string, { signal }: CallContext) =>
        new Promise(() => signal.addEventListener("abort", () => reasons.push(signal.reason))),
    });
    const peer = await caller(port, "ttheader");
    const { content, header } = await peer.call("echo", { text: "" }, 1, {
      ints: new Map([[IntKey.RPC_TIMEOUT, "20"]]),
    });
    expect(content).toMatchObject({
      type: "exception",
      error: { typeId: 6, message: expect.stringMatching(/^TIMEOUT: /) },
    });
    expect(Object.fromEntries(header!.strings)).toEqual({ "x-err": "timeout", "x-exec": "maybe" });
    expect(reasons).toMatchObject([{ code: "ERR_THRIFT_DEADLINE", timeoutMs: 20 }]);
  });

  it("is aborted when the handler has taken its own time, and what it answers then is dropped", async () => {
    let late!: (value: string) => void;
    let context!: CallContext;
    const { port } = await start(
      { echo: (_text: string, given: CallContext) => ((context = given), new Promise((resolve) => (late = resolve))) },
      { handlerTimeoutMs: 20 },
    );
    const peer = await caller(port);
    expect((await peer.call("echo", { text: "" })).content).toMatchObject({ error: { typeId: 6 } });
    expect(context.signal.aborted).toBe(true);
    late("too late");
    await settle();
    expect((await peer.call("nothing", {}, 2)).content.seqid).toBe(2);
    expect(peer.raw.waiting).toBe(0);
  });

  it("is aborted when the caller is gone", async () => {
    let aborted!: Promise<unknown>;
    const { port, server } = await start({
      echo: (_text: string, { signal }: CallContext) => {
        aborted = new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason)));
        return aborted;
      },
    });
    const peer = await caller(port);
    peer.raw.send(peer.encode("echo", { text: "" }, 1));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(server.inFlight).toBe(1);
    peer.raw.socket.resetAndDestroy();
    await settle();
    expect(await aborted).toMatchObject({ code: "ERR_THRIFT_TRANSPORT" });
    await settle();
    expect(server.inFlight).toBe(0);
  });
});

describe("checksums", () => {
  const peerOf = { address: "", limits: INTERNAL_TRANSPORT_LIMITS };

  it.each(TRANSPORTS.filter((transport) => transport.startsWith("ttheader")))(
    "are checked and answered over %s",
    async (transport) => {
      const { port } = await start();
      const peer = await caller(port, transport);
      const framed = transport === "ttheader-framed";
      const message = peer.codec.encodeMessage({ type: "call", name: "echo", seqid: 1, args: { text: "x" } });
      peer.raw.send(wrap(message, transport, pairs({ crc32c: checksumOf(message, framed, peerOf) })));
      const good = await peer.answer();
      expect(good.content).toMatchObject({ success: "x" });
      expect(good.header!.strings.get("crc32c")).toBe(checksumOf(good.message, framed, peerOf));
      peer.raw.send(wrap(message, transport, pairs({ crc32c: "00000000" })));
      const bad = await peer.answer();
      expect(bad.content).toMatchObject({ type: "exception", error: { typeId: 7 } });
      expect(bad.header!.strings.get("x-exec")).toBe("no");
    },
  );
});

describe("middleware of a server", () => {
  it("sees the call, may change what it takes and gives, and runs from the outside in", async () => {
    const order: string[] = [];
    const calls: Call[] = [];
    const named =
      (name: string): Middleware =>
      (next) =>
      async (call) => {
        order.push(name);
        calls.push(call);
        const result = await next({ ...call, args: [`${String(call.args[0])}${name}`] });
        return `${String(result)}!`;
      };
    const { port } = await start({}, { middleware: [named("a"), named("b")] });
    const peer = await caller(port, "ttheader");
    const header = pairs({ mine: "1", RPC_PERSIST_P: "2" });
    expect((await peer.call("echo", { text: "x" }, 1, header)).content).toMatchObject({ success: "xab!!" });
    expect(order).toEqual(["a", "b"]);
    expect(calls[0]).toMatchObject({ side: "server", args: ["x"], attempt: 0, idempotent: false });
    expect([calls[0].headers.get("mine"), calls[0].metainfo.persistent.get("P")]).toEqual(["1", "2"]);
    expect(calls[0].id).toBe(calls[1].id);
  });
});

describe("bytes of Kitex", () => {
  const schema = parseSchema(
    { "k.thrift": "struct Req { 1: string message } service Echo { Req echo(1: Req req), void ping() }" },
    { entry: "k.thrift" },
  );

  it.each([
    ["CALL", VECTORS.CALL],
    ["FRAMED", VECTORS.FRAMED],
    ["TTH_MIN", VECTORS.TTH_MIN],
    ["TTH_FULL", VECTORS.TTH_FULL],
    ["TTH_ACL", VECTORS.TTH_ACL],
    ["MUX_REQ", VECTORS.MUX_REQ],
    ["captured framed", CAPTURES["framed C>S"]],
    ["captured ttheader", CAPTURES["ttheader C>S"]],
  ])("%s are answered", async (_name, bytes) => {
    const methods = new Map<string, unknown>();
    const server = createServer(schema.service("Echo"), {
      echo: (req: unknown) => (methods.set("echo", req), req),
      ping: () => undefined,
    });
    const { port } = await server.listen({ port: 0 });
    afterTest(() => server.close({ drainMs: 0 }));
    const raw = await connect(port);
    const reply = await raw.send(bytes).reply();
    expect(reply).toBeDefined();
    expect(methods.get("echo")).toBeDefined();
  });
});
