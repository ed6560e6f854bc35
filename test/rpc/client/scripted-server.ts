/** A server that says exactly what a test wants it to, byte by byte, and tells what came. */

import { createServer as listenTcp, type AddressInfo, type Server } from "node:net";
import { compileService } from "../../../src/codec/message/service.js";
import type { ProtocolName } from "../../../src/protocol/protocols.js";
import type { TTHeader } from "../../../src/transport/ttheader.js";
import type { TTHeaderFields } from "../../../src/transport/ttheader-write.js";
import { Echo } from "../server/echo.js";
import { RawPeer, wrap, type TransportName } from "../server/peer.js";

/** A call as it came. */
export interface Request {
  readonly transport: TransportName;
  readonly protocol: ProtocolName;
  readonly header: TTHeader | undefined;
  /** As in the message: behind the name of a service where calls are multiplexed. */
  readonly name: string;
  readonly seqid: number;
  readonly type: string;
  readonly message: Uint8Array;
  /** In the order of the IDL. */
  readonly args: unknown[];
}

/** What is put in front of a reply, where that is not the usual. */
export type ReplyHeader = Partial<TTHeaderFields>;

/** One connection of a client. */
export class ScriptedConnection {
  readonly raw: RawPeer;
  /** How many came before. */
  readonly index: number;

  constructor(raw: RawPeer, index: number) {
    this.raw = raw;
    this.index = index;
  }

  /** The next call; undefined when the client closed the connection instead. */
  async request(): Promise<Request | undefined> {
    const received = await this.raw.reply();
    if (received === undefined) return undefined;
    const { transport, protocol, header, message } = received;
    const codec = compileService(Echo, { protocol });
    const { name, seqid, type, bodyOffset } = codec.readHeader(message);
    const method = codec.methods.get(name.slice(name.indexOf(":") + 1))!;
    const args = Object.values(method.decodeArgs(message, { bodyOffset }));
    return { transport, protocol, header, name, seqid, type, message, args };
  }

  /** Sends a message the way a call came. */
  send(request: Request, message: Uint8Array, header: ReplyHeader = {}): void {
    this.raw.send(wrap(message, request.transport, { seqid: request.seqid, ...header }));
  }

  /** Answers a call with a result. */
  answer(request: Request, success: unknown, header: ReplyHeader = {}): void {
    const name = request.name.slice(request.name.indexOf(":") + 1);
    const codec = compileService(Echo, { protocol: request.protocol });
    this.send(request, codec.methods.get(name)!.encodeReply(success, request.seqid), header);
  }

  /** Answers a call with an exception of an application. */
  refuse(request: Request, typeId: number, message: string, header: ReplyHeader = {}): void {
    const { name, seqid, protocol } = request;
    this.send(request, compileService(Echo, { protocol }).encodeError({ name, seqid }, { typeId, message }), header);
  }

  /** Answers every call that comes by what it says: the first argument. */
  async echo(): Promise<void> {
    for (let request = await this.request(); request !== undefined; request = await this.request()) {
      this.answer(request, request.args[0]);
    }
  }
}

/** Listens on a free port. */
export class ScriptedServer {
  readonly connections: ScriptedConnection[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param script is run for each connection. */
  static async listen(script: (connection: ScriptedConnection) => unknown): Promise<ScriptedServer> {
    const listener = listenTcp({ allowHalfOpen: true });
    const server = new ScriptedServer(listener);
    listener.on("connection", (socket) => {
      const connection = new ScriptedConnection(new RawPeer(socket.setNoDelay(true)), server.connections.length);
      server.connections.push(connection);
      script(connection);
    });
    await new Promise<void>((resolve) => listener.listen({ port: 0, host: "127.0.0.1" }, resolve));
    return server;
  }

  get address(): string {
    return `127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async close(): Promise<void> {
    for (const { raw } of this.connections) raw.socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
