/** A peer of a server that says exactly what a test wants it to, byte by byte, and tells what comes back. */

import { connect, type Socket } from "node:net";
import { compileService, type Message, type ServiceCodec } from "../../../src/codec/message/service.js";
import type { ProtocolName } from "../../../src/protocol/protocols.js";
import type { ServiceDescriptor } from "../../../src/schema/descriptor.js";
import { INTERNAL_TRANSPORT_LIMITS } from "../../../src/transport/limits.js";
import { openPayload } from "../../../src/transport/payload.js";
import { type Frame, Reassembly } from "../../../src/transport/reassembly.js";
import type { TTHeader } from "../../../src/transport/ttheader.js";
import { decodeTTHeader } from "../../../src/transport/ttheader-read.js";
import { encodeTTHeader, type TTHeaderFields } from "../../../src/transport/ttheader-write.js";
import { findEnd } from "../../transport/find-end.js";

export const TRANSPORTS = ["framed", "buffered", "ttheader", "ttheader-framed"] as const;
export type TransportName = (typeof TRANSPORTS)[number];
export const PROTOCOLS = ["binary", "compact", "tjson"] as const;

/** Every way that a request can come. */
export const WAYS: readonly (readonly [TransportName, ProtocolName])[] = TRANSPORTS.flatMap((transport) =>
  PROTOCOLS.map((protocol) => [transport, protocol] as const),
);

const PEER = { address: "server", limits: INTERNAL_TRANSPORT_LIMITS };

/** Puts in front of a message what its transport has there. */
export function wrap(message: Uint8Array, transport: TransportName, header: Partial<TTHeaderFields> = {}): Uint8Array {
  if (transport === "buffered") return message;
  if (transport === "framed") {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(message.length);
    return Buffer.concat([length, message]);
  }
  const framed = transport === "ttheader-framed";
  const prefix = encodeTTHeader({ seqid: 1, ...header }, { bytes: message.length, framed }, PEER);
  return Buffer.concat([prefix, message]);
}

/** A reply as it came. */
export interface ReceivedReply {
  readonly transport: TransportName;
  readonly protocol: ProtocolName;
  readonly header: TTHeader | undefined;
  readonly message: Uint8Array;
}

function open(frame: Frame): ReceivedReply {
  if (frame.transport !== "ttheader") {
    return { transport: frame.transport, protocol: frame.protocol!, header: undefined, message: frame.bytes };
  }
  const { header, payload } = decodeTTHeader(frame.bytes, PEER);
  const { framed, protocol, message } = openPayload(payload, PEER);
  return { transport: framed ? "ttheader-framed" : "ttheader", protocol, header, message };
}

/** One connection to a server. */
export class RawPeer {
  readonly socket: Socket;
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<void>;
  readonly #reassembly = new Reassembly(PEER, findEnd);
  readonly #replies: ReceivedReply[] = [];
  #isClosed = false;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk) => {
      this.#reassembly.push(new Uint8Array(chunk));
      for (let frame = this.#reassembly.next(); frame !== undefined; frame = this.#reassembly.next()) {
        this.#replies.push(open(frame));
      }
      this.#wake?.();
    });
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      const onClose = (): void => {
        this.#isClosed = true;
        this.#wake?.();
        resolve();
      };
      socket.on("end", onClose);
      socket.on("close", onClose);
    });
  }

  static async connect(port: number): Promise<RawPeer> {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new RawPeer(socket.setNoDelay(true));
  }

  send(...pieces: Uint8Array[]): this {
    this.socket.write(Buffer.concat(pieces));
    return this;
  }

  /** The next reply; undefined when the server closed the connection instead. */
  async reply(): Promise<ReceivedReply | undefined> {
    while (this.#replies.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#replies.shift();
  }

  /** Replies that came and were not asked for. */
  get waiting(): number {
    return this.#replies.length;
  }
}

/** A peer that speaks one protocol over one transport about one service. */
export class CallingPeer {
  readonly raw: RawPeer;
  readonly transport: TransportName;
  readonly codec: ServiceCodec;

  constructor(raw: RawPeer, service: ServiceDescriptor, [transport, protocol]: readonly [TransportName, ProtocolName]) {
    this.raw = raw;
    this.transport = transport;
    this.codec = compileService(service, { protocol });
  }

  encode(name: string, args: Record<string, unknown>, seqid: number, header: Partial<TTHeaderFields> = {}): Uint8Array {
    const type =
      this.codec.descriptor.methods.find((method) => method.name === name)?.oneway === true ? "oneway" : "call";
    const message = this.codec.encodeMessage({ type, name, seqid, args });
    return wrap(message, this.transport, { seqid, ...header });
  }

  async call(
    name: string,
    args: Record<string, unknown>,
    seqid = 1,
    header: Partial<TTHeaderFields> = {},
  ): Promise<Answer> {
    this.raw.send(this.encode(name, args, seqid, header));
    return this.answer();
  }

  async answer(): Promise<Answer> {
    const reply = await this.raw.reply();
    if (reply === undefined) throw new Error("the server closed the connection");
    const { codec } = this;
    return {
      ...reply,
      get content() {
        return codec.decodeMessage(reply.message);
      },
    };
  }
}

/** A reply and what it says. */
export interface Answer extends ReceivedReply {
  readonly content: Message;
}
