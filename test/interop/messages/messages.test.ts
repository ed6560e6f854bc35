/** Calls and replies with Apache Thrift's own libraries and the code that its compiler generates: as client, and as server. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileService, type Message, type ServiceCodec } from "../../../src/codec/message/service.js";
import { ApplicationError } from "../../../src/errors.js";
import { PROTOCOLS, type ProtocolName } from "../../../src/protocol/protocols.js";
import { parseSchema } from "../../../src/schema/parse.js";
import { describeWithPeer } from "../../support/peers.js";
import { npmPeer } from "./npm.js";
import { IDL, type Peer } from "./peer.js";
import { pythonPeer } from "./python.js";

const schema = parseSchema({ "shop.thrift": IDL });
const NotFound = schema.exception("NotFound");

/** The server that both peers' servers are, in terms of messages. */
function answer(messages: ServiceCodec, bytes: Uint8Array): Uint8Array {
  const header = messages.readHeader(bytes);
  expect(header).toMatchObject({ type: "call", name: "find" });
  const find = messages.methods.get(header.name)!;
  const { name, count } = find.decodeArgs(bytes, header);
  if (name === "lost") return find.encodeException(new NotFound({ reason: "é" }), header.seqid);
  if (name === "broken") return messages.encodeError(header, new ApplicationError(6, "broken"));
  return find.encodeReply({ name, count }, header.seqid);
}

/** What a peer's server makes of a call, as far as all peers agree. */
const SERVED: [what: string, call: Message, reply: object][] = [
  [
    "a result",
    { type: "call", name: "find", seqid: 7, args: { name: "é", count: -3 } },
    { success: { name: "é", count: -3 } },
  ],
  [
    "a declared exception",
    { type: "call", name: "find", seqid: -1, args: { name: "lost" } },
    { exception: { reason: "é" } },
  ],
  ["a failure", { type: "call", name: "find", seqid: 2 ** 31 - 1, args: { name: "broken" } }, { type: "exception" }],
  ["a void reply", { type: "call", name: "ping", seqid: 1000, args: {} }, { type: "reply", success: undefined }],
];

/** What a peer's client makes of our reply. */
const FOUND: [args: [name: string, count: number], found: object][] = [
  [["é\u{1d11e}", 2 ** 31 - 1], { item: { name: "é\u{1d11e}", count: 2 ** 31 - 1 } }],
  [["x".repeat(1000), 0], { item: { name: "x".repeat(1000), count: 0 } }],
  [["lost", 1], { missing: "é" }],
  [["broken", 1], { failed: 6 }],
];

function testPeer(start: () => Peer): void {
  let peer: Peer;
  beforeAll(() => {
    peer = start();
  });
  afterAll(() => peer.close());

  describe.each(Object.keys(PROTOCOLS) as ProtocolName[])("in %s", (protocol) => {
    const messages = compileService(schema.service("Shop"), { protocol });

    it.each(SERVED)("its server answers our call with %s", async (_what, call, reply) => {
      const bytes = await peer.serve(protocol, messages.encodeMessage(call));
      expect(messages.decodeMessage(bytes!)).toMatchObject({ name: call.name, seqid: call.seqid, ...reply });
    });

    it("its server says that it does not know a method", async () => {
      const other = compileService(parseSchema({ "a.thrift": "service T { void vanish(1: i32 x) }" }).service("T"), {
        protocol,
      });
      const call = other.encodeMessage({ type: "call", name: "vanish", seqid: 5, args: { x: 1 } });
      expect(messages.decodeMessage((await peer.serve(protocol, call))!)).toMatchObject({
        type: "exception",
        name: "vanish",
        seqid: 5,
        error: { typeId: peer.unknownMethod },
      });
    });

    it("its server does not answer our oneway message", async () => {
      const bytes = messages.encodeMessage({ type: "oneway", name: "forget", seqid: 1, args: { name: "x" } });
      expect(await peer.serve(protocol, bytes)).toBeUndefined();
    });

    it.each(FOUND)("its client reads what we answer (%#)", async (args, found) => {
      expect(await peer.find(protocol, args, (call) => answer(messages, call))).toEqual(found);
    });

    it("its client sends a oneway message", async () => {
      expect(messages.decodeMessage(await peer.forget(protocol, "é"))).toMatchObject({
        type: "oneway",
        name: "forget",
        args: { name: "é" },
      });
    });
  });
}

describeWithPeer("thrift", () => {
  describe("and the npm package", () => {
    testPeer(npmPeer);
  });

  describeWithPeer("python3-thrift", () => {
    testPeer(pythonPeer);
  });
});
