/**
 * What a Kitex client and a Kitex server once sent each other: our server answers the one, our client understands the
 * other. Kitex wrote fields in random order, so that messages are compared by what they say, and by their lengths.
 */

import { once } from "node:events";
import { connect, createServer as listen, type AddressInfo, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { compileService } from "../../../src/codec/message/service.js";
import { createClient, createServer, type CallContext, type TransportName } from "../../../src/rpc/index.js";
import { parseSchema } from "../../../src/schema/parse.js";
import { CAPTURES } from "../../transport/kitex.js";

const IDL = `
struct In { 1: required i32 id, 2: optional string name }
struct All { 1: bool b, 5: i64 l, 7: string str, 9: list<i32> li, 11: map<string, In> m }
service Echo { All echo(1: All a) }`;

const service = parseSchema({ "echo.thrift": IDL }).service("Echo");

/** Kitex wrote zeros for what its caller had left out. */
const SENT = {
  b: false,
  l: 4611686018427387904n,
  str: "hello",
  li: [1, -2],
  m: new Map([["k", { id: 7, name: undefined }]]),
};
const METAINFO = { transient: new Map([["trans", "t1"]]), persistent: new Map([["persist", "p1"]]) };
const NO_METAINFO = { transient: new Map(), persistent: new Map() };
const ANSWERED = { b: false, l: 4611686018427387904n, str: "from-kitex", li: [1, 2], m: new Map() };

/** Captures, and what our client speaks in the place of theirs. */
const ROWS: readonly [capture: string, transport: TransportName][] = [
  ["framed", "framed"],
  ["buffered", "framed"],
  ["ttheader", "ttheader-framed"],
];

const codec = compileService(service);

const MESSAGE_START = Buffer.from("8001", "hex");

/** The Thrift message in a frame, of the same memory. */
function messageIn(bytes: Buffer): Buffer {
  return bytes.subarray(bytes.indexOf(MESSAGE_START));
}

/** What a frame says. */
function contentOf(bytes: Uint8Array): object {
  const message = messageIn(Buffer.from(bytes));
  return { ...codec.decodeMessage(message), length: message.length };
}

/** The seqid of a message behind the name `echo`, which is also that of a TTHeader. */
const SEQID_AT = 12;

function withSeqid(bytes: Uint8Array, seqid: number): Buffer {
  const copy = Buffer.from(bytes);
  messageIn(copy).writeInt32BE(seqid, SEQID_AT);
  if (copy.readUInt16BE(4) === 0x1000) copy.writeInt32BE(seqid, 8);
  return copy;
}

async function firstChunk(socket: Socket): Promise<Buffer> {
  const [chunk] = (await once(socket, "data")) as [Buffer];
  return chunk;
}

describe.each(ROWS)("%s", (capture, transport) => {
  it("our server answers the client's bytes as the server did", async () => {
    const received: unknown[] = [];
    const server = createServer(service, {
      echo(value: unknown, { metainfo }: CallContext) {
        received.push({ value, ...metainfo });
        return ANSWERED;
      },
    });
    const { port } = await server.listen({ port: 0 });
    const socket = connect(port, "127.0.0.1");
    socket.write(CAPTURES[`${capture} C>S`]);
    const reply = await firstChunk(socket);
    socket.destroy();
    await server.close();
    expect(received).toEqual([{ value: SENT, ...(capture === "ttheader" ? METAINFO : NO_METAINFO) }]);
    expect(contentOf(reply)).toEqual(contentOf(CAPTURES[`${capture} S>C`]));
  });

  it("our client sends the client's message and understands the server's bytes", async () => {
    let request!: Buffer;
    const server = listen((socket) => {
      void firstChunk(socket).then((chunk) => {
        request = chunk;
        const seqid = messageIn(chunk).readInt32BE(SEQID_AT);
        socket.write(withSeqid(CAPTURES[`${capture} S>C`], seqid));
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const client = createClient(service, { address: `127.0.0.1:${port}`, transport });
    expect(await client.call("echo", [SENT])).toEqual(ANSWERED);
    await client.close();
    server.close();
    const { seqid } = codec.readHeader(messageIn(request));
    expect(contentOf(request)).toEqual(contentOf(withSeqid(CAPTURES[`${capture} C>S`], seqid)));
  });
});
