/** What a server does about each kind of wrong or odd input, the same over every transport and in every protocol. */

import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from "vitest";
import { TType, type ValueTType } from "../../../src/protocol/ttype.js";
import type { ProtocolName } from "../../../src/protocol/protocols.js";
import { field, i32, list, map, type Node, struct, text } from "../../support/wire/node.js";
import { Echo, startEcho, type Running } from "./echo.js";
import { callOf, messageOf } from "./messages.js";
import { CallingPeer, PROTOCOLS, RawPeer, TRANSPORTS, type TransportName, WAYS, wrap } from "./peer.js";

let running: Running;
let echoed: unknown[] = [];

beforeAll(async () => {
  running = await startEcho(
    {
      echo: (value: unknown) => {
        echoed.push(value);
        return "done";
      },
      same: (value: unknown) => {
        echoed.push(value);
        return { number: 1 };
      },
      choose: (value: unknown) => {
        echoed.push(value);
        return { left: 1 };
      },
      numbers: (value: unknown) => {
        echoed.push(value);
        return [];
      },
    },
    {
      limits: {
        maxMalformedPerMinute: 3,
        maxUnknownMethodsPerMinute: 3,
        maxFrameBytes: 100_000,
        maxStringBytes: 50_000,
      },
    },
  );
});
afterAll(() => running.server.close({ drainMs: 0 }));

let raw: RawPeer;
beforeEach(async () => {
  echoed = [];
  raw = await RawPeer.connect(running.port);
});
afterEach(() => {
  raw.socket.destroy();
});

const method = (name: string) => Echo.methods.find((each) => each.name === name)!;

/** A decision; another for messages without frame whose end cannot be told, which that of TJSON always can. */
interface Row {
  readonly name: string;
  readonly message: (protocol: ProtocolName) => Uint8Array;
  readonly expected: Expected;
  readonly buffered?: Expected | "not there";
  readonly protocols?: readonly ProtocolName[];
}

/** `"close"`: no reply. A number: an exception of that type. Else the reply, and what the handler was given. */
type Expected = "close" | number | { readonly given: unknown } | "silence";

function call(name: string, args: readonly [id: number, value: Node, type?: ValueTType][], extra = {}) {
  return (protocol: ProtocolName) =>
    callOf(
      protocol,
      { name, ...extra },
      struct(args.map(([id, value, type]) => field(id, value, type === undefined ? {} : { type }))),
      method(name).args,
    );
}

const EMPTY = { binary: Buffer.from([0]), compact: Buffer.from([0]), tjson: Buffer.from("{}") };
const UNKNOWN_TYPE = {
  binary: Buffer.from("0500010000", "hex"),
  compact: Buffer.from("1e00", "hex"),
  tjson: Buffer.from('{"1":{"xyz":1}}'),
};
const header = (parts: Parameters<typeof messageOf>[1]) => (protocol: ProtocolName) =>
  messageOf(protocol, parts, EMPTY[protocol]);

const nested = (levels: number): Node => (levels === 0 ? i32(1) : struct([field(1, nested(levels - 1))]));
const BINARY: readonly ProtocolName[] = ["binary", "compact"];

const ROWS: readonly Row[] = [
  { name: "version 2", message: header({ name: "echo", version: 2 }), expected: "close" },
  { name: "a reply", message: header({ name: "echo", type: 2 }), expected: "close" },
  { name: "an exception", message: header({ name: "echo", type: 3 }), expected: "close" },
  { name: "message type 5", message: header({ name: "echo", type: 5 }), expected: "close" },
  { name: "no method name", message: header({ name: "" }), expected: 7, buffered: "close" },
  { name: "a method name of 513 bytes", message: header({ name: "x".repeat(513) }), expected: 7, buffered: "close" },
  { name: "an unknown method", message: header({ name: "unknown" }), expected: 1 },
  { name: "a method that every object has", message: header({ name: "constructor" }), expected: 1 },
  { name: "an unknown multiplexed service", message: header({ name: "__proto__:echo" }), expected: 1 },
  { name: "an unknown method, oneway", message: header({ name: "unknown", type: 4 }), expected: "silence" },
  {
    name: "arguments that are cut short",
    message: (protocol) =>
      callOf(protocol, { name: "echo" }, struct([field(1, text("abc"))]), method("echo").args).subarray(0, -3),
    expected: 7,
    buffered: "not there",
  },
  {
    name: "bytes behind the arguments",
    message: (protocol) => Buffer.concat([header({ name: "echo" })(protocol), Buffer.from("xxxxxxxx")]),
    expected: 7,
    buffered: "not there",
  },
  {
    name: "an unknown field",
    message: call("echo", [
      [9, list(TType.I32, [i32(1)])],
      [1, text("x")],
    ]),
    expected: { given: "x" },
  },
  { name: "a known field of another type", message: call("echo", [[1, i32(5)]]), expected: { given: undefined } },
  {
    name: "a field of an unknown type",
    message: (protocol) => messageOf(protocol, { name: "echo" }, UNKNOWN_TYPE[protocol]),
    expected: 7,
    buffered: "close",
  },
  {
    name: "an empty list of another type",
    message: call("numbers", [[1, list(TType.STRING, [])]]),
    expected: { given: [] },
  },
  { name: "a list of another type", message: call("numbers", [[1, list(TType.STRING, [text("x")])]]), expected: 7 },
  {
    name: "a list that claims a negative size",
    message: call("numbers", [[1, list(TType.I32, [i32(1)], { size: -1 })]]),
    expected: 7,
    buffered: "close",
    protocols: BINARY,
  },
  {
    name: "a list that claims more than there is",
    message: call("numbers", [[1, list(TType.I32, [i32(1)], { size: 0x7fff_ffff })]]),
    expected: 7,
    buffered: "close",
    protocols: BINARY,
  },
  {
    name: "a string that claims more than there is",
    message: call("echo", [[1, text("x", { size: 0x7fff_ffff })]]),
    expected: 7,
    buffered: "close",
    protocols: BINARY,
  },
  {
    name: "a string over its limit",
    message: call("echo", [[1, text("x".repeat(50_001))]]),
    expected: 7,
    buffered: "close",
    protocols: BINARY,
  },
  {
    name: "a field twice: the last counts",
    message: call("echo", [
      [1, text("a")],
      [1, text("b")],
    ]),
    expected: { given: "b" },
  },
  {
    name: "a union with two fields",
    message: call("choose", [[1, struct([field(1, i32(1)), field(2, text("x"))])]]),
    expected: 7,
  },
  {
    name: "a union with no known field",
    message: call("choose", [[1, struct([field(3, i32(1))])]]),
    expected: { given: { left: undefined, right: undefined } },
  },
  { name: "a required field that is missing", message: call("same", [[1, struct()]]), expected: 7 },
  {
    name: "an unknown field within the depth",
    message: call("echo", [[9, nested(60)]]),
    expected: { given: undefined },
  },
  { name: "an unknown field beyond the depth", message: call("echo", [[9, nested(70)]]), expected: 7 },
  {
    name: "a map with a container as key",
    message: call("echo", [[9, map([TType.LIST, TType.I32], [[list(TType.I32, [i32(1)]), i32(2)]])]]),
    expected: { given: undefined },
  },
];

/** Rows with the ways that they can come by. */
const CASES = ROWS.flatMap((row) =>
  WAYS.filter(([, protocol]) => row.protocols?.includes(protocol) ?? true)
    .map(([transport, protocol]) => {
      const isEndless = transport === "buffered" && (protocol !== "tjson" || row.buffered === "not there");
      const expected = isEndless ? (row.buffered ?? row.expected) : row.expected;
      return { ...row, transport, protocol, expected };
    })
    .filter(({ expected }) => expected !== "not there"),
);

describe("a server is given", () => {
  it.each(CASES)(
    "$name, over $transport in $protocol: $expected",
    async ({ message, transport, protocol, expected }) => {
      const peer = new CallingPeer(raw, Echo, [transport, protocol]);
      raw.send(wrap(message(protocol), transport));
      if (expected === "close") {
        expect(await raw.reply()).toBeUndefined();
        return;
      }
      if (expected !== "silence") {
        const answer = await peer.answer();
        expect(answer.content.seqid).toBe(1);
        if (typeof expected === "number") {
          expect(answer.content).toMatchObject({ type: "exception", error: { typeId: expected } });
          expect(Buffer.byteLength(answer.content.name)).toBeLessThanOrEqual(128);
        } else {
          expect(answer.content.type).toBe("reply");
          expect(echoed).toEqual([(expected as { given: unknown }).given]);
        }
      }
      // The connection goes on, and nothing else comes first.
      expect((await peer.call("nothing", {}, 99)).content).toMatchObject({ type: "reply", seqid: 99 });
    },
  );
});

const FRAMES: readonly (readonly [string, string])[] = [
  ["a frame of length 0", "00000000"],
  ["a frame over the limit", "000186a1 80010001"],
  ["a negative length", "ffffffff 80010001"],
  ["a TTHeader with a header size of 0", "0000000e 1000 0000 00000001 0000 80010001"],
  ["a TTHeader whose header goes beyond the frame", "0000000e 1000 0000 00000001 0fff 00000000"],
  ["a TTHeader with transforms", "0000000e 1000 0000 00000001 0001 00010000"],
  ["a TTHeader with an unknown protocol id", "0000000e 1000 0000 00000001 0001 77000000"],
  ["a TTHeader with an unknown block", "0000000e 1000 0000 00000001 0001 00000200"],
  ["a TTHeader whose pairs go beyond it", "00000012 1000 0000 00000001 0002 0000 01 0001 0009 61"],
  ["a TTHeader without a message", "0000000e 1000 0000 00000001 0001 00000000"],
  ["HTTP", Buffer.from("GET / HTTP/1.1\r\n\r\n").toString("hex")],
  ["TLS", "16030100 c8010000 c4"],
  ["the header of before 2008, framed", "0000000e 00000004 6563686f 01 00000001 00"],
  ["the header of before 2008, without frame", "00000004 6563686f 01 00000001 00"],
];

describe("a server is given bytes that are no frame", () => {
  it.each(FRAMES)("%s: it closes", async (_name, hex) => {
    raw.send(Buffer.from(hex.replaceAll(" ", ""), "hex"));
    expect(await raw.reply()).toBeUndefined();
  });
});

describe.each(TRANSPORTS.filter((transport) => transport !== "buffered"))(
  "a peer over %s",
  (transport: TransportName) => {
    const REPEATED = [
      ["malformed calls", call("numbers", [[1, list(TType.STRING, [text("x")])]]), 7],
      ["calls of unknown methods", header({ name: "unknown" }), 1],
    ] as const;

    it.each(REPEATED)("is answered and then cut off after too many %s", async (_name, message, typeId) => {
      const peer = new CallingPeer(raw, Echo, [transport, "binary"]);
      for (let i = 0; i < 6; i++) raw.send(wrap(message("binary"), transport));
      for (let i = 0; i < 4; i++) expect((await peer.answer()).content).toMatchObject({ error: { typeId } });
      expect(await raw.reply()).toBeUndefined();
    });
  },
);

describe("a server whose IDL says otherwise than the message", () => {
  it.each(PROTOCOLS)(
    "answers a call that claims to be oneway, and no oneway that claims to be a call, in %s",
    async (protocol) => {
      const peer = new CallingPeer(raw, Echo, ["framed", protocol]);
      raw.send(wrap(callOf(protocol, { name: "fire", type: 1, seqid: 4 }, struct(), method("fire").args), "framed"));
      raw.send(wrap(callOf(protocol, { name: "echo", type: 4, seqid: 5 }, struct(), method("echo").args), "framed"));
      expect((await peer.answer()).content).toMatchObject({ type: "reply", seqid: 5 });
    },
  );
});
