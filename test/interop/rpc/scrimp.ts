/** Our own server and client of service.thrift, in this process. */

import { setTimeout as after } from "node:timers/promises";
import { ApplicationError, BizStatusError, ThriftException } from "../../../src/errors.js";
import {
  createClient,
  createServer,
  type CallContext,
  type CallOptions,
  type Client,
  type ClientOptions,
} from "../../../src/rpc/index.js";
import { schema, threw, type Caller, type Outcome, type Peer, type Wiring } from "./peer.js";

const NotFound = schema.exception("NotFound");
const Forbidden = schema.exception("Forbidden");

export const scrimp: Peer = {
  name: "scrimp",
  // It takes whichever transport and protocol arrives.
  async serve() {
    const server = createServer(schema.service("Counter"), counterHandlers());
    // Both have `ping` and `name`: where the caller names no service, the fallback answers.
    server.add(schema.service("Everything"), everythingHandlers(), { fallback: true });
    server.add(schema.service("Meta"), metaHandlers);
    const { port } = await server.listen({ port: 0 });
    const close = async (drainMs?: number): Promise<void> => {
      await server.close(drainMs === undefined ? {} : { drainMs });
    };
    return { port: port, close: () => close(), kill: () => void close(0) };
  },
  connect: (address, wiring) => new OurCaller(address.split(","), wiring),
  remove: () => undefined,
};

class OurCaller implements Caller {
  readonly #clients = new Map<string, Client>();
  readonly #options: ClientOptions;
  readonly #multiplexed: boolean;
  readonly #hasHeader: boolean;

  constructor(address: readonly string[], { transport, protocol, multiplexed, mux, checksum, idempotent }: Wiring) {
    this.#multiplexed = multiplexed ?? false;
    this.#hasHeader = transport.startsWith("ttheader");
    this.#options = {
      address,
      transport,
      protocol,
      connections: mux === true ? { kind: "mux", connectionsPerAddress: 1 } : "pool",
      ...(checksum === true ? { checksum } : {}),
      ...(idempotent === true ? { idempotent, retry: { budget: false as const } } : {}),
    };
  }

  async call({
    service,
    method,
    args,
    timeoutMs,
    persistent,
    transient,
  }: Parameters<Caller["call"]>[0]): Promise<Outcome> {
    const backward = new Map<string, string>();
    const options: CallOptions = timeoutMs === undefined ? {} : { timeoutMs };
    if (this.#hasHeader) {
      options.backward = backward;
      options.metainfo = { ...(persistent && { persistent }), ...(transient && { transient }) };
    }
    const outcome = await outcomeOf(this.#clientOf(service).call(method, args, options));
    return backward.size === 0 ? outcome : { ...outcome, backward: Object.fromEntries(backward) };
  }

  async close(): Promise<void> {
    for (const client of this.#clients.values()) await client.close();
  }

  kill(): void {
    for (const client of this.#clients.values()) client.destroy();
  }

  #clientOf(name: string): Client {
    const found = this.#clients.get(name);
    if (found !== undefined) return found;
    // What is newer than a server calls it by the name that it knows.
    const multiplexed = this.#multiplexed && (name === "Newer" ? "Everything" : name);
    const client = createClient(schema.service(name), { ...this.#options, multiplexed });
    this.#clients.set(name, client);
    return client;
  }
}

async function outcomeOf(called: Promise<unknown>): Promise<Outcome> {
  try {
    return { returned: await called };
  } catch (error) {
    if (error instanceof ThriftException) return threw(error);
    if (error instanceof ApplicationError) return { refused: error.typeId };
    if (error instanceof BizStatusError) {
      return {
        business: { code: error.statusCode, message: error.statusMessage, extra: Object.fromEntries(error.extra) },
      };
    }
    return { failed: String(error) };
  }
}

function counterHandlers(): object {
  let total = 0n;
  return {
    ping: () => undefined,
    name: () => "Counter",
    add: (amount: bigint) => (total += amount),
  };
}

function everythingHandlers(): object {
  let texts: string[] = [];
  const echoes = schema.service("Everything").methods.filter(({ name }) => name.startsWith("echo"));
  return {
    ...Object.fromEntries(echoes.map(({ name }) => [name, (value: unknown) => value])),
    ping: () => undefined,
    name: () => "Everything",
    join: (words: string[], glue: string, times: number) => words.join(glue).repeat(times),
    find(key: string) {
      refuse(key);
      if (key === "denied") throw new Forbidden({ who: "nobody" });
      return { x: key.length, y: 0 };
    },
    check: refuse,
    note(text: string) {
      if (text === "broken") throw new Error("broken");
      texts.push(text);
    },
    notes() {
      const kept = texts;
      texts = [];
      return kept;
    },
    wait: (ms: number) => after(ms, ms),
  };
}

function refuse(key: string): void {
  if (key === "lost") throw new NotFound({ message: "é", code: 404, near: { x: 1, y: -1 } });
  if (key === "broken") throw new Error("broken");
}

const metaHandlers = {
  seen(context: CallContext) {
    const { metainfo, deadline } = context;
    const seen = new Map<string, string>();
    for (const [name, value] of metainfo.persistent) seen.set(`persistent ${name}`, value);
    for (const [name, value] of metainfo.transient) seen.set(`transient ${name}`, value);
    if (deadline !== undefined) seen.set("deadline", String(deadline.remainingMs()));
    context.sendBackward("answered-by", "meta");
    return seen;
  },
  refuse(code: number, message: string, extra: ReadonlyMap<string, string>) {
    throw new BizStatusError(code, message, Object.fromEntries(extra));
  },
};
