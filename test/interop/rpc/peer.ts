/**
 * Peers of the RPC tests: programs in other languages that serve and call service.thrift, driven by lines of JSON.
 *
 * A server prints `{"port"}` and serves until its input ends. A client is given a call in a line, `{"id", "service",
 * "method", "args"}`, and answers with a line `{"id"}` and one of
 *
 *     "result"        the struct of the result, which also has the declared exceptions; empty for a oneway method
 *     "application"   {"type", "message"}: an exception message
 *     "biz"           {"code", "message", "extra"}: a business status error (Kitex)
 *     "error"         text of any other failure
 *
 * Structs of arguments and results travel in these lines in the binary protocol and base64, so that each program uses
 * the code that was generated for it, and none has to spell values of every type. A Kitex client also takes "timeoutMs",
 * "persistent" and "transient", and adds "backward".
 */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { compile } from "../../../src/codec/codec.js";
import type { ProtocolName } from "../../../src/protocol/protocols.js";
import type { MethodDescriptor, ServiceDescriptor } from "../../../src/schema/descriptor.js";
import type { ThriftException } from "../../../src/errors.js";
import { loadSchema } from "../../../src/schema/load.js";

export const IDL = fileURLToPath(new URL("service.thrift", import.meta.url));

export const schema = await loadSchema(IDL);

export type Transport = "framed" | "buffered" | "ttheader" | "ttheader-framed";

/** What both ends of a connection must agree upon. */
export interface Wiring {
  transport: Transport;
  protocol: ProtocolName;
  /** Apache's TMultiplexedProtocol. */
  multiplexed?: boolean;
  /** Kitex: several calls at once on a connection. */
  mux?: boolean;
  /** Kitex: CRC-32C of payloads. */
  checksum?: boolean;
  /** Kitex: its generic server, of one service with the method `check` of Everything, which does nothing. */
  generic?: boolean;
  /** Our client may run calls again, however many fail at once, when it cannot know whether they were run. */
  idempotent?: boolean;
}

export interface Request {
  service: string;
  method: string;
  /** In the order of the IDL. */
  args: readonly unknown[];
  timeoutMs?: number;
  persistent?: Record<string, string>;
  transient?: Record<string, string>;
}

/** What became of a call, and the backward values that came with it. */
export type Outcome = (
  | { returned: unknown }
  /** The name of a declared exception, and its fields. */
  | { threw: string; fields: object }
  /** Type of the TApplicationException. */
  | { refused: number }
  | { business: { code: number; message: string; extra: Record<string, string> } }
  | { failed: string }
) & { backward?: Record<string, string> };

/** A client, whoever wrote it. */
export interface Caller {
  call(request: Request): Promise<Outcome>;
  close(): Promise<void>;
  /** Ends at once, whatever is under way. */
  kill(): void;
}

export interface Server {
  readonly port: number;
  /** Lets running calls end. */
  close(): Promise<void>;
  /** Ends at once, whatever is under way. */
  kill(): void;
}

/** A library that speaks Thrift, as server and as client: theirs, or ours. */
export interface Peer {
  readonly name: "kitex" | "npm" | "python" | "scrimp";
  serve(wiring: Wiring): Promise<Server>;
  /** @param address HOST:PORT; for Kitex several, with commas between. */
  connect(address: string, wiring: Wiring): Caller;
  /** Takes away what was generated for it. */
  remove(): void;
}

/** What a line of a client says. */
type Answer = { id: number; backward?: Record<string, string> } & (
  | { result: string }
  | { application: { type: number } }
  | { biz: { code: number; message: string; extra: Record<string, string> | null } }
  | { error: string }
);

/** A peer whose program is started with a role and options. */
export function peerOf(name: Peer["name"], command: readonly string[], remove: () => void): Peer {
  const start = (words: readonly string[]): ChildProcess =>
    spawn(command[0], [...command.slice(1), ...words], { stdio: ["pipe", "pipe", "inherit"] });
  return {
    name,
    remove,
    async serve(wiring) {
      const child = start(["serve", ...flagsOf(wiring)]);
      const line = await createInterface({ input: child.stdout! })[Symbol.asyncIterator]().next();
      if (line.done === true) throw new Error(`the server of ${name} has ended`);
      const { port } = JSON.parse(line.value) as { port: number };
      return { port, close: () => end(child), kill: () => child.kill("SIGKILL") };
    },
    connect: (address, wiring) => new PeerCaller(start(["call", "--address", address, ...flagsOf(wiring)])),
  };
}

function flagsOf({ transport, protocol, multiplexed, mux, checksum, generic }: Wiring): string[] {
  return [
    ...["--transport", transport],
    // Kitex has one protocol.
    ...(protocol === "binary" ? [] : ["--protocol", protocol]),
    ...(multiplexed === true ? ["--multiplexed"] : []),
    ...(mux === true ? ["--mux"] : []),
    ...(checksum === true ? ["--checksum"] : []),
    ...(generic === true ? ["--generic"] : []),
  ];
}

async function end(child: ChildProcess): Promise<void> {
  child.stdin!.end();
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

const ENDED = "the program of the peer has ended";

class PeerCaller implements Caller {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, (answer: Answer) => void>();
  #calls = 0;
  #hasEnded = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    createInterface({ input: child.stdout! })
      .on("line", (line) => this.#settle(JSON.parse(line) as Answer))
      .on("close", () => {
        this.#hasEnded = true;
        for (const id of this.#pending.keys()) this.#settle({ id, error: ENDED });
      });
  }

  async call({ service, method: name, args, ...rest }: Request): Promise<Outcome> {
    if (this.#hasEnded) return { failed: ENDED };
    const method = methodOf(schema.service(service), name);
    const named = Object.fromEntries(method.args.fields.map((field, i) => [field.name, args[i]]));
    const bytes = compile(method.args).encode(named);
    const id = ++this.#calls;
    const line = { id, service, method: name, args: Buffer.from(bytes).toString("base64"), ...rest };
    const answer = await new Promise<Answer>((resolve) => {
      this.#pending.set(id, resolve);
      this.#child.stdin!.write(`${JSON.stringify(line)}\n`);
    });
    const { backward } = answer;
    return { ...outcomeOf(method, answer), ...(backward === undefined ? {} : { backward }) };
  }

  close(): Promise<void> {
    return end(this.#child);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #settle(answer: Answer): void {
    this.#pending.get(answer.id)?.(answer);
    this.#pending.delete(answer.id);
  }
}

function outcomeOf(method: MethodDescriptor, answer: Answer): Outcome {
  if ("application" in answer) return { refused: answer.application.type };
  if ("biz" in answer) return { business: { ...answer.biz, extra: answer.biz.extra ?? {} } };
  if ("error" in answer) return { failed: answer.error };
  if (method.result === undefined) return { returned: undefined };
  const result = compile(method.result).decode(Buffer.from(answer.result, "base64")) as Record<string, unknown>;
  const thrown = method.throws.map((field) => result[field.name]).find((each) => each !== undefined);
  return thrown === undefined ? { returned: result.success } : threw(thrown as ThriftException);
}

/** A declared exception that arrived. */
export function threw(exception: ThriftException): Outcome {
  return { threw: exception.name, fields: Object.fromEntries(Object.entries(exception)) };
}

/** A method of a service or of one that it extends. */
export function methodOf(service: ServiceDescriptor | undefined, name: string): MethodDescriptor {
  for (let each = service; each !== undefined; each = each.extends) {
    const method = each.methods.find((own) => own.name === name);
    if (method !== undefined) return method;
  }
  throw new Error(`no method ${name}`);
}
