/**
 * Bytes of Kitex, without Kitex: what a client and a server once sent each other, and the canonical messages. Our server
 * answers a client's, our client understands a server's.
 */

import { once } from "node:events";
import { connect, createServer as listen, type AddressInfo, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { compileService, type ServiceCodec } from "../../../src/codec/message/service.js";
import {
  createClient,
  createServer,
  type CallContext,
  type Handlers,
  type TransportName,
} from "../../../src/rpc/index.js";
import type { ServiceDescriptor } from "../../../src/schema/descriptor.js";
import { parseSchema } from "../../../src/schema/parse.js";
import { CAPTURES, VECTORS } from "../../transport/kitex.js";

const captured = parseSchema({
  "captured.thrift": `
    struct In { 1: required i32 id, 2: optional string name }
    struct All { 1: bool b, 5: i64 l, 7: string str, 9: list<i32> li, 11: map<string, In> m }
    service Echo { All echo(1: All a) }`,
}).service("Echo");

const canonical = parseSchema({
  "canonical.thrift": `
    struct Message { 1: string message }
    exception NotFound { 1: i32 code }
    service Echo {
      Message echo(1: Message req) throws (1: NotFound missing)
      void ping()
      void foo()
      oneway void fire()
    }`,
}).service("Echo");

const MESSAGE_START = Buffer.from("8001", "hex");
const TTHEADER_MAGIC = 0x1000;

/** The Thrift message in a frame, of the same memory. */
function messageIn(bytes: Buffer): Buffer {
  return bytes.subarray(bytes.indexOf(MESSAGE_START));
}

/** Where its seqid stands: behind a version, and a name with its length. */
function seqidAt(message: Buffer): number {
  return 8 + message.readInt32BE(4);
}

function withSeqid(bytes: Uint8Array, seqid: number): Buffer {
  const copy = Buffer.from(bytes);
  const message = messageIn(copy);
  message.writeInt32BE(seqid, seqidAt(message));
  if (copy.readUInt16BE(4) === TTHEADER_MAGIC) copy.writeInt32BE(seqid, 8);
  return copy;
}

async function firstChunk(socket: Socket): Promise<Buffer> {
  const [chunk] = (await once(socket, "data")) as [Buffer];
  return chunk;
}

/** What our server answers. */
async function answerTo(request: Uint8Array, service: ServiceDescriptor, handlers: Handlers): Promise<Buffer> {
  const server = createServer(service, handlers);
  const { port } = await server.listen({ port: 0 });
  const socket = connect(port, "127.0.0.1");
  socket.write(request);
  const answer = await firstChunk(socket);
  socket.destroy();
  await server.close();
  return answer;
}

interface Call {
  service: ServiceDescriptor;
  transport: TransportName;
  method: string;
  args: readonly unknown[];
}

/** What a call with our client gives or throws when a server answers with these bytes, and what it sent. */
async function callWith(reply: Uint8Array, { service, transport, method, args }: Call): Promise<[unknown, Buffer]> {
  let request!: Buffer;
  const server = listen((socket) => {
    void firstChunk(socket).then((chunk) => {
      request = chunk;
      const message = messageIn(chunk);
      socket.write(withSeqid(reply, message.readInt32BE(seqidAt(message))));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = createClient(service, { address: `127.0.0.1:${port}`, transport });
  const outcome = await client.call(method, args).catch((error: unknown) => error);
  client.destroy();
  server.close();
  return [outcome, request];
}

describe("captures", () => {
  /** Kitex wrote zeros for what its caller had left out. */
  const SENT = {
    b: false,
    l: 4611686018427387904n,
    str: "hello",
    li: [1, -2],
    m: new Map([["k", { id: 7, name: undefined }]]),
  };
  const ANSWERED = { b: false, l: 4611686018427387904n, str: "from-kitex", li: [1, 2], m: new Map() };
  const METAINFO = { transient: new Map([["trans", "t1"]]), persistent: new Map([["persist", "p1"]]) };
  const NO_METAINFO = { transient: new Map(), persistent: new Map() };

  /** Captures, and what our client speaks in the place of theirs. */
  const ROWS: readonly [capture: string, transport: TransportName][] = [
    ["framed", "framed"],
    ["buffered", "framed"],
    ["ttheader", "ttheader-framed"],
  ];

  const codec: ServiceCodec = compileService(captured);

  /** What a frame says, and how long its message is. Kitex wrote fields in random order. */
  const contentOf = (bytes: Uint8Array): object => {
    const message = messageIn(Buffer.from(bytes));
    return { ...codec.decodeMessage(message), length: message.length };
  };

  it.each(ROWS)("%s: our server answers the client's bytes as the server did", async (capture) => {
    const received: unknown[] = [];
    const reply = await answerTo(CAPTURES[`${capture} C>S`], captured, {
      echo(value: unknown, { metainfo }: CallContext) {
        received.push({ value, ...metainfo });
        return ANSWERED;
      },
    });
    expect(received).toEqual([{ value: SENT, ...(capture === "ttheader" ? METAINFO : NO_METAINFO) }]);
    expect(contentOf(reply)).toEqual(contentOf(CAPTURES[`${capture} S>C`]));
  });

  it.each(ROWS)(
    "%s: our client sends the client's message and understands the server's bytes",
    async (capture, transport) => {
      const call = { service: captured, transport, method: "echo", args: [SENT] };
      const [outcome, request] = await callWith(CAPTURES[`${capture} S>C`], call);
      expect(outcome).toEqual(ANSWERED);
      const { seqid } = codec.readHeader(messageIn(request));
      expect(contentOf(request)).toEqual(contentOf(withSeqid(CAPTURES[`${capture} C>S`], seqid)));
    },
  );
});

describe("canonical messages", () => {
  const handlers = {
    echo: (message: unknown) => message,
    ping: () => undefined,
    foo: () => undefined,
    fire: () => undefined,
  };
  const frame = (message: Uint8Array): Buffer => Buffer.concat([Buffer.from([0, 0, 0, message.length]), message]);

  it.each([
    ["a message", VECTORS.CALL, VECTORS.REPLY],
    ["a frame", VECTORS.FRAMED, frame(VECTORS.REPLY)],
    ["a frame behind a oneway message, which is not answered", [VECTORS.ONEWAY, VECTORS.FRAMED], frame(VECTORS.REPLY)],
  ])("our server answers %s byte for byte", async (_what, request, reply) => {
    const bytes = Array.isArray(request) ? Buffer.concat(request) : request;
    expect((await answerTo(bytes, canonical, handlers)).toString("hex")).toBe(Buffer.from(reply).toString("hex"));
  });

  it.each([
    ["TTH_MIN", VECTORS.REPLY],
    ["TTH_FULL", VECTORS.REPLY],
    ["TTH_ACL", VECTORS.REPLY],
    ["MUX_REQ", withSeqid(VECTORS.REPLY, 5)],
  ])("our server answers %s with the message, behind a TTHeader with its seqid", async (name, reply) => {
    const answer = await answerTo(VECTORS[name], canonical, handlers);
    const message = messageIn(answer);
    expect(message.toString("hex")).toBe(Buffer.from(reply).toString("hex"));
    expect(answer.readUInt16BE(4)).toBe(TTHEADER_MAGIC);
    expect(answer.readInt32BE(8)).toBe(message.readInt32BE(seqidAt(message)));
  });

  it.each<[string, TransportName, string, object | undefined]>([
    ["REPLY", "buffered", "echo", { message: "hi" }],
    ["DECL", "buffered", "echo", { name: "NotFound", code: 404 }],
    ["EXC", "buffered", "foo", { typeId: 1, message: "unknown method foo (service Echo)" }],
    ["VOID", "buffered", "ping", undefined],
    ["VOIDQ", "buffered", "ping", undefined],
    ["TTH_BIZ", "ttheader-framed", "echo", { statusCode: 404, statusMessage: "no user", extra: new Map([["k", "v"]]) }],
  ])("our client understands %s", async (name, transport, method, expected) => {
    const args = method === "echo" ? [{ message: "hi" }] : [];
    const [outcome] = await callWith(VECTORS[name], { service: canonical, transport, method, args });
    if (expected === undefined) expect(outcome).toBeUndefined();
    else expect(outcome).toMatchObject(expected);
  });
});
