/**
 * The npm package `thrift` as a peer: a server and a client of service.thrift. peer.ts says what the lines are.
 *
 * usage: npm-peer.ts serve|call --code FOLDER [options]        FOLDER is what npmPeer() of programs.ts made
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    code: { type: "string", default: "" },
    address: { type: "string", default: "" },
    transport: { type: "string", default: "framed" },
    protocol: { type: "string", default: "binary" },
    multiplexed: { type: "boolean", default: false },
  },
});

// The package has no types of its own, and generated code has none either.
const require = createRequire(join(options.code, "package.json"));
const thrift = require("thrift");
const [Base, Counter, Everything, Newer] = ["Base", "Counter", "Everything", "Newer"].map((name) =>
  require(`./${name}.js`),
);
const { NotFound, Forbidden, Point } = require("./service_types.js");

/** A connection has one client for each name. What is newer than a server calls it by the name that it knows. */
const CLIENTS: Record<string, { registered: string; service: any; family: any[] }> = {
  Counter: { registered: "Counter", service: Counter, family: [Counter, Base] },
  Everything: { registered: "Everything", service: Newer, family: [Newer, Everything, Base] },
};
CLIENTS.Newer = CLIENTS.Everything;

const TRANSPORTS: Record<string, unknown> = { framed: thrift.TFramedTransport, buffered: thrift.TBufferedTransport };
const PROTOCOLS: Record<string, unknown> = {
  binary: thrift.TBinaryProtocol,
  compact: thrift.TCompactProtocol,
  tjson: thrift.TJSONProtocol,
};
const setup = { transport: TRANSPORTS[options.transport], protocol: PROTOCOLS[options.protocol] };

// Generated code takes what a promise is rejected with for the exception; what is thrown ends the connection.
function base(name: string): object {
  return { ping: async () => undefined, name: async () => name };
}

let total = 0n;
const counter = {
  ...base("Counter"),
  add: async ({ buffer, offset }: { buffer: Buffer; offset: number }) => {
    total += buffer.readBigInt64BE(offset);
    return Number(total);
  },
};

async function check(key: string): Promise<void> {
  if (key === "lost") throw new NotFound({ message: "é", code: 404, near: new Point({ x: 1, y: -1 }) });
  if (key === "broken") throw new Error("broken");
}

let texts: string[] = [];
const everything: Record<string, unknown> = {
  ...base("Everything"),
  join: async (words: string[], glue: string, times: number) => words.join(glue).repeat(times),
  find: async (key: string) => {
    await check(key);
    if (key === "denied") throw new Forbidden({ who: "nobody" });
    return new Point({ x: key.length, y: 0 });
  },
  check,
  note: (text: string) => {
    // It has no way to fail: what is thrown ends the connection, a rejected promise the process.
    if (text !== "broken") texts.push(text);
  },
  notes: async () => {
    const kept = texts;
    texts = [];
    return kept;
  },
  wait: async (ms: number) => new Promise((resolve) => setTimeout(() => resolve(ms), ms)),
};
for (const struct of Object.keys(Everything.structs as object)) {
  const [, echo] = /^Everything_(echo\w*)_args$/.exec(struct) ?? [];
  if (echo !== undefined) everything[echo] = async (value: unknown) => value;
}

function serve(): void {
  const several = new thrift.MultiplexedProcessor();
  several.registerProcessor("Counter", new Counter.Processor(counter));
  several.registerProcessor("Everything", new Everything.Processor(everything));
  const server = options.multiplexed
    ? thrift.createMultiplexServer(several, setup)
    : thrift.createServer(Everything, everything, setup);
  // Without a listener, a reset connection ends the process.
  server.on("error", () => undefined);
  server.listen(0, "127.0.0.1", () => printLine({ port: server.address().port }));
  process.stdin.resume().on("end", () => process.exit());
}

function call(): void {
  const [host, port] = options.address.split(":");
  const connection = thrift.createConnection(host, Number(port), setup);
  const multiplexer = new thrift.Multiplexer();
  const clients = new Map<string, any>();
  const clientOf = (name: string): any => {
    const { registered, service } = CLIENTS[name];
    const found = clients.get(registered);
    if (found !== undefined) return found;
    const made = options.multiplexed
      ? multiplexer.createClient(registered, service, connection)
      : thrift.createClient(service, connection);
    clients.set(registered, made);
    return made;
  };
  createInterface({ input: process.stdin })
    .on("line", (line) => {
      const { id, service, method, args } = JSON.parse(line);
      const called = outcome(clientOf(service), service, method, Buffer.from(args, "base64"));
      void called.then((answer) => printLine({ id, ...answer }));
    })
    .on("close", () => process.exit());
}

async function outcome(client: any, service: string, method: string, bytes: Buffer): Promise<object> {
  const args = new (structOf(service, `${method}_args`))();
  args.read(new thrift.TBinaryProtocol(new thrift.TFramedTransport(bytes)));
  const Result = structOf(service, `${method}_result`);
  const pending = client[method](...Object.values(args as object));
  // The promise of a oneway method never settles.
  if (Result === undefined) return { result: "" };
  try {
    return { result: written(new Result({ success: await pending })) };
  } catch (error: any) {
    if (error instanceof NotFound || error instanceof Forbidden) return { result: written(new Result(error)) };
    if (error instanceof thrift.Thrift.TApplicationException)
      return { application: { type: error.type, message: error.message } };
    return { error: String(error) };
  }
}

function structOf(service: string, name: string): any {
  for (const { serviceName, structs } of CLIENTS[service].family) {
    const found = structs[`${serviceName}_${name}`];
    if (found !== undefined) return found;
  }
  return undefined;
}

function written(struct: any): string {
  let bytes!: Buffer;
  const transport = new thrift.TBufferedTransport(undefined, (given: Buffer) => (bytes = given));
  struct.write(new thrift.TBinaryProtocol(transport));
  transport.flush();
  return bytes.toString("base64");
}

function printLine(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

if (positionals[0] === "serve") serve();
else call();
