/** What a client does about each kind of wrong or odd reply, the same over every transport, in every protocol, alone on a connection or not. */

import { afterEach, describe, expect, it } from "vitest";
import { TransportError } from "../../../src/errors.js";
import { createClient, type Client } from "../../../src/rpc/client/client.js";
import { executedOf } from "../../../src/rpc/executed.js";
import type { ProtocolName } from "../../../src/protocol/protocols.js";
import { TType } from "../../../src/protocol/ttype.js";
import { field, i32, list, map, type Field, type Node, struct, text } from "../../support/wire/node.js";
import { spell } from "../../support/wire/spell.js";
import { Echo, NotFound } from "../server/echo.js";
import { messageOf } from "../server/messages.js";
import { WAYS } from "../server/peer.js";
import { type ReplyHeader, type Request, ScriptedServer } from "./scripted-server.js";

const allMethods = [...Echo.methods, ...Echo.extends!.methods];
const method = (name: string) => allMethods.find((each) => each.name === name)!;

/** What comes back for a call. */
type Reply = (request: Request) => Uint8Array;

/** The connection goes on; takes no more calls; is cut off, and other calls on it fail. */
type Then = "keep" | "retire" | "destroy";

interface Expected {
  /** Absent when the call fails. */
  readonly result?: unknown;
  /** The code of the error, or what it is like, or the type of an application exception. */
  readonly error?: string | RegExp | number;
  readonly executed?: string;
  readonly then: Then;
}

interface Row {
  readonly name: string;
  readonly call?: readonly [method: string, ...args: unknown[]];
  readonly reply: Reply;
  /** In front of the reply, over TTHeader. */
  readonly header?: ReplyHeader;
  readonly expected: Expected;
  /** Where the end of the message cannot be told without understanding it. */
  readonly buffered?: Expected | "not there";
  /** On a connection that is shared. */
  readonly shared?: Expected;
  readonly protocols?: readonly ProtocolName[];
}

/** A reply by its fields. */
function fields(
  fieldList: Field[],
  parts: { name?: string; type?: number; seqid?: number; version?: number } = {},
): Reply {
  return ({ protocol, name, seqid }) => {
    const { bytes } = spell(protocol, struct(fieldList), method(name).result!);
    return messageOf(protocol, { name, type: 2, seqid, ...parts }, bytes);
  };
}

const success = (value: Node, lies: Partial<Field> = {}): Reply => fields([field(0, value, lies)]);

/** An exception by its type. */
const exception =
  (typeId: number, parts: { name?: string; seqid?: number } = {}): Reply =>
  ({ protocol, name, seqid }) => {
    const { bytes } = spell(protocol, struct([field(1, text("why")), field(2, i32(typeId))]), method("echo").args);
    return messageOf(protocol, { name, type: 3, seqid, ...parts }, bytes);
  };

const nested = (levels: number): Node => (levels === 0 ? i32(1) : struct([field(1, nested(levels - 1))]));
const BINARY: readonly ProtocolName[] = ["binary", "compact"];

const malformed = (code: string | RegExp, executed = "yes"): Expected => ({ error: code, executed, then: "destroy" });
/** Where frames end is known without reading them; without frames the reader that looks for the end finds the mistake. */
const CANNOT_END = malformed("ERR_THRIFT_INVALID_DATA", "maybe");

const ROWS: readonly Row[] = [
  { name: "a result", reply: success(text("y")), expected: { result: "y", then: "keep" } },
  {
    name: "version 2",
    reply: fields([], { version: 2 }),
    // Without the version that is known, the first bytes are like anything.
    expected: malformed(/BAD_VERSION|NOT_THRIFT|BAD_FRAME|SIZE_LIMIT/, "maybe"),
  },
  { name: "a call", reply: fields([], { type: 1 }), expected: { error: 2, executed: "maybe", then: "destroy" } },
  {
    name: "a oneway message",
    reply: fields([], { type: 4 }),
    expected: { error: 2, executed: "maybe", then: "destroy" },
  },
  { name: "message type 5", reply: fields([], { type: 5 }), expected: CANNOT_END },
  { name: "no method name", reply: fields([], { name: "" }), expected: CANNOT_END },
  { name: "a method name of 513 bytes", reply: fields([], { name: "x".repeat(513) }), expected: CANNOT_END },
  {
    name: "the name of another method",
    reply: fields([field(0, text("y"))], { name: "fail" }),
    expected: { error: 3, executed: "maybe", then: "destroy" },
  },
  {
    name: "an exception: unknown method",
    reply: exception(1),
    expected: { error: 1, executed: "no", then: "retire" },
    shared: { error: 1, executed: "no", then: "keep" },
  },
  {
    name: "an exception: unknown service, as Kitex has it",
    reply: exception(20),
    expected: { error: 20, executed: "no", then: "retire" },
    shared: { error: 20, executed: "no", then: "keep" },
  },
  {
    name: "an exception: protocol error",
    reply: exception(7),
    expected: { error: 7, executed: "yes", then: "retire" },
    shared: { error: 7, executed: "yes", then: "keep" },
  },
  { name: "an exception: internal error", reply: exception(6), expected: { error: 6, executed: "yes", then: "keep" } },
  {
    name: "an exception under another name",
    reply: exception(6, { name: "other" }),
    expected: { error: 6, executed: "yes", then: "keep" },
  },
  {
    name: "a result that is cut short",
    reply: (request) => success(text("abc"))(request).subarray(0, -3),
    expected: malformed("ERR_THRIFT_TRUNCATED"),
    buffered: "not there",
    protocols: ["tjson"],
  },
  {
    name: "a string that is cut short",
    reply: (request) => success(text("abc"))(request).subarray(0, -3),
    expected: malformed("ERR_THRIFT_SIZE_LIMIT"),
    buffered: "not there",
    protocols: BINARY,
  },
  {
    name: "bytes behind the result",
    reply: (request) => Buffer.concat([success(text("y"))(request), Buffer.from("xxxxxxxx")]),
    expected: malformed("ERR_THRIFT_INVALID_DATA"),
    buffered: { result: "y", then: "destroy" },
  },
  {
    name: "an unknown field",
    reply: fields([field(9, list(TType.I32, [i32(1)])), field(0, text("y"))]),
    expected: { result: "y", then: "keep" },
  },
  {
    name: "a result of another type: none",
    reply: success(i32(5)),
    expected: { error: 5, executed: "yes", then: "keep" },
  },
  {
    name: "a list of another type",
    call: ["numbers", [1]],
    reply: success(list(TType.STRING, [text("x")])),
    expected: malformed("ERR_THRIFT_INVALID_DATA"),
  },
  {
    name: "an empty list of another type",
    call: ["numbers", [1]],
    reply: success(list(TType.STRING, [])),
    expected: { result: [], then: "keep" },
  },
  {
    name: "a list that claims a negative size",
    call: ["numbers", [1]],
    reply: success(list(TType.I32, [i32(1)], { size: -1 })),
    expected: malformed("ERR_THRIFT_NEGATIVE_SIZE"),
    buffered: CANNOT_END,
    protocols: BINARY,
  },
  {
    name: "a list that claims more than there is",
    call: ["numbers", [1]],
    reply: success(list(TType.I32, [i32(1)], { size: 0x7fff_ffff })),
    expected: malformed("ERR_THRIFT_SIZE_LIMIT"),
    buffered: CANNOT_END,
    protocols: BINARY,
  },
  {
    name: "a string that claims more than there is",
    reply: success(text("x", { size: 0x7fff_ffff })),
    expected: malformed("ERR_THRIFT_SIZE_LIMIT"),
    buffered: CANNOT_END,
    protocols: BINARY,
  },
  {
    name: "a string over its limit",
    reply: success(text("x".repeat(50_001))),
    expected: malformed("ERR_THRIFT_SIZE_LIMIT"),
    buffered: CANNOT_END,
    protocols: BINARY,
  },
  {
    name: "a field twice: the last counts",
    reply: fields([field(0, text("a")), field(0, text("b"))]),
    expected: { result: "b", then: "keep" },
  },
  {
    name: "a union with two fields",
    call: ["choose", { left: 1 }],
    reply: success(struct([field(1, i32(1)), field(2, text("x"))])),
    expected: malformed("ERR_THRIFT_INVALID_DATA"),
  },
  {
    name: "a union with no known field",
    call: ["choose", { left: 1 }],
    reply: success(struct([field(3, i32(1))])),
    expected: { result: { left: undefined, right: undefined }, then: "keep" },
  },
  {
    name: "a required field that is missing",
    call: ["same", { number: 1 }],
    reply: success(struct([field(1, text("x"))])),
    expected: { error: "ERR_THRIFT_REQUIRED_MISSING", executed: "yes", then: "keep" },
  },
  {
    name: "an unknown field within the depth",
    reply: fields([field(9, nested(60)), field(0, text("y"))]),
    expected: { result: "y", then: "keep" },
  },
  {
    name: "an unknown field beyond the depth",
    reply: fields([field(9, nested(70)), field(0, text("y"))]),
    expected: malformed("ERR_THRIFT_DEPTH_LIMIT"),
  },
  {
    name: "a map with a container as key",
    reply: fields([field(9, map([TType.LIST, TType.I32], [[list(TType.I32, [i32(1)]), i32(2)]])), field(0, text("y"))]),
    expected: { result: "y", then: "keep" },
  },
  { name: "neither result nor exception", reply: fields([]), expected: { error: 5, executed: "yes", then: "keep" } },
  {
    name: "a declared exception",
    call: ["same", { number: 1 }],
    reply: fields([field(1, struct([field(2, i32(404))]))]),
    expected: { error: "ERR_THRIFT_DECLARED", executed: "yes", then: "keep" },
  },
  {
    name: "both a result and an exception: the exception wins",
    call: ["same", { number: 1 }],
    reply: fields([field(0, struct([field(2, i32(1))])), field(1, struct([field(1, text("no"))]))]),
    expected: { error: "ERR_THRIFT_DECLARED", executed: "yes", then: "keep" },
  },
  {
    name: "nothing, of a void method",
    call: ["nothing"],
    reply: fields([]),
    expected: { result: undefined, then: "keep" },
  },
  {
    name: "nothing, as generic servers of Kitex say it",
    call: ["nothing"],
    reply: ({ protocol, name, seqid }) =>
      messageOf(protocol, { name, type: 2, seqid }, Buffer.from("0100000000", "hex")),
    expected: { result: undefined, then: "keep" },
    buffered: "not there",
    protocols: ["binary"],
  },
  {
    name: "the id of another call",
    reply: fields([field(0, text("y"))], { seqid: 77 }),
    header: { seqid: 77 },
    expected: { error: 4, executed: "maybe", then: "destroy" },
    shared: { error: "ERR_THRIFT_DEADLINE", executed: "maybe", then: "keep" },
  },
];

let server: ScriptedServer;
let client: Client;
afterEach(async () => {
  client.destroy();
  await server.close();
});

/** Rows with the ways that they can come by. */
const CASES = ROWS.flatMap((row) =>
  WAYS.filter(([, protocol]) => row.protocols?.includes(protocol) ?? true).flatMap(([transport, protocol]) =>
    (["pool", "mux"] as const).flatMap((connections) => {
      const usual = connections === "mux" ? (row.shared ?? row.expected) : row.expected;
      const expected = transport === "buffered" ? (row.buffered ?? usual) : usual;
      return expected === "not there" ? [] : [{ ...row, transport, protocol, connections, expected }];
    }),
  ),
);

/** The first call of the first connection gets the reply, all others a good one. */
async function serve(reply: Reply, header?: ReplyHeader): Promise<void> {
  server = await ScriptedServer.listen(async (connection) => {
    if (connection.index > 0) return connection.echo();
    const first = (await connection.request())!;
    connection.send(first, reply(first), header);
    return connection.echo();
  });
}

describe("a client is given", () => {
  it.each(CASES)(
    "$name, over $transport in $protocol, $connections: $expected.then",
    async ({ call = ["echo", "x"], reply, header, transport, protocol, connections, expected }) => {
      await serve(reply, header);
      client = createClient(Echo, {
        address: server.address,
        transport,
        protocol,
        connections: connections === "mux" ? { kind: "mux", connectionsPerAddress: 1 } : connections,
        timeoutMs: 300,
        retry: false,
        limits: { maxStringBytes: 50_000 },
      });
      const [name, ...args] = call;
      const outcome = await client.call(name, args).then(
        (result) => ({ result }),
        (error: unknown) => ({ error }),
      );
      expectOutcome(outcome, expected);
      await expectConnection(expected.then);
    },
  );
});

function expectOutcome(outcome: { result?: unknown; error?: any }, { result, error, executed }: Expected): void {
  if (error === undefined) return expect(outcome).toEqual({ result });
  if (typeof error === "number") expect(outcome.error).toMatchObject({ typeId: error });
  // The exception of the IDL has a field called `code`.
  else if (error === "ERR_THRIFT_DECLARED") expect(outcome.error).toBeInstanceOf(NotFound);
  else expect(outcome.error.code).toMatch(error);
  expect(executedOf(outcome.error)).toBe(executed);
}

/** Another call goes over the connection of the first one, or over another. */
async function expectConnection(then: Then): Promise<void> {
  if (then !== "keep") await server.connections[0].raw.closed;
  expect(await client.call("echo", ["again"])).toBe("again");
  expect(server.connections).toHaveLength(then === "keep" ? 1 : 2);
}

const FRAMES: readonly (readonly [name: string, hex: string, code: RegExp])[] = [
  ["a frame of length 0", "00000000", /BAD_FRAME/],
  ["a frame over the limit", "000186a1 80010002", /SIZE_LIMIT/],
  ["a negative length", "ffffffff 80010002", /SIZE_LIMIT/],
  ["a TTHeader with a header size of 0", "0000000e 1000 0000 00000001 0000 80010002", /BAD_FRAME/],
  ["a TTHeader whose header goes beyond the frame", "0000000e 1000 0000 00000001 0fff 00000000", /BAD_FRAME/],
  ["a TTHeader with transforms", "0000000e 1000 0000 00000001 0001 00010000", /BAD_FRAME/],
  ["a TTHeader with an unknown protocol id", "0000000e 1000 0000 00000001 0001 77000000", /BAD_FRAME/],
  ["a TTHeader with an unknown block", "0000000e 1000 0000 00000001 0001 00000200", /BAD_FRAME/],
  ["a TTHeader whose pairs go beyond it", "00000012 1000 0000 00000001 0002 0000 01 0001 0009 61", /BAD_FRAME/],
  ["a TTHeader without a message", "0000000e 1000 0000 00000001 0001 00000000", /NOT_THRIFT/],
  ["HTTP", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n").toString("hex"), /NOT_THRIFT/],
  ["TLS", "15030100 02022800", /NOT_THRIFT/],
  ["the header of before 2008", "0000000e 00000004 6563686f 02 00000001 00", /BAD_VERSION/],
  ["a message without a frame", "80010002 00000004 6563686f 00000001 00", /BAD_FRAME/],
];

describe("a client is given, instead of a frame,", () => {
  it.each(FRAMES)("%s: all calls on the connection fail, and it is cut off", async (_name, hex, code) => {
    server = await ScriptedServer.listen(async (connection) => {
      if (connection.index > 0) return connection.echo();
      await connection.request();
      await connection.request();
      connection.raw.send(Buffer.from(hex.replaceAll(" ", ""), "hex"));
    });
    client = createClient(Echo, {
      address: server.address,
      transport: "ttheader",
      connections: { kind: "mux", connectionsPerAddress: 1 },
      retry: false,
      limits: { maxFrameBytes: 100_000 },
    });
    const errors = await Promise.all(
      [client.echo("a"), client.echo("b")].map((call) => call.catch((error: unknown) => error)),
    );
    for (const error of errors) {
      expect(error).toBeInstanceOf(TransportError);
      expect(error).toMatchObject({ code: expect.stringMatching(code), executed: "maybe" });
    }
    await expectConnection("destroy");
  });
});

describe("replies to no call, on a shared connection,", () => {
  it("are dropped up to a hundred a minute; then the connection is cut off", async () => {
    server = await ScriptedServer.listen(async (connection) => {
      if (connection.index > 0) return connection.echo();
      const first = (await connection.request())!;
      const stray = { ...first, seqid: 999 };
      for (let i = 0; i < 100; i++) connection.answer(stray, "stray");
      connection.answer(first, "mine");
      const second = (await connection.request())!;
      connection.answer(stray, "stray");
      connection.answer(second, "never read");
    });
    client = createClient(Echo, {
      address: server.address,
      connections: { kind: "mux", connectionsPerAddress: 1 },
      retry: false,
    });
    expect(await client.echo("x")).toBe("mine");
    await expect(client.echo("x")).rejects.toMatchObject({ executed: "maybe", code: "ERR_THRIFT_INVALID_DATA" });
    await expectConnection("destroy");
  });
});
