/** A real jaeger-client sends spans to sockets of the test, over UDP and over HTTP; scrimp decodes them with the IDL that the package ships. */

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { beforeAll, expect, it } from "vitest";
import { compile } from "../../src/codec/codec.js";
import { compileService } from "../../src/codec/message/service.js";
import { loadSchema } from "../../src/schema/load.js";
import type { Schema } from "../../src/schema/schema.js";
import { forEachBackend } from "../support/backends.js";
import { toHex } from "../support/hex.js";

const AGENT_IDL = "node_modules/jaeger-client/dist/src/jaeger-idl/thrift/agent.thrift";

/** What is used of the package, which comes without types. */
interface JaegerClient {
  initTracer: (config: object, options: object) => Tracer;
  SpanContext: { fromString: (text: string) => SpanContext };
  opentracing: { childOf: (context: SpanContext) => object; followsFrom: (context: SpanContext) => object };
}

interface Tracer {
  startSpan: (name: string, options: object) => Span;
  close: (done: () => void) => void;
}

interface Span {
  log: (fields: object, milliseconds: number) => void;
  finish: (milliseconds: number) => void;
  context: () => SpanContext;
}

interface SpanContext {
  spanId: Buffer;
}

const jaeger = createRequire(import.meta.url)("jaeger-client") as JaegerClient;

const START = 1_700_000_000_000;
/** Ids whose signs and low bits a double would lose: trace id in 128 bits, span id, parent, flags. */
const PARENT = jaeger.SpanContext.fromString("fedcba98765432107fffffffffffffff:8000000000000001:0:1");
const LINKED = jaeger.SpanContext.fromString("8000000000000000:20000000000001:0:1");

const PARENT_IDS = { traceIdLow: 0x7fffffffffffffffn, traceIdHigh: -0x123456789abcdf0n };

/** Sends two spans. @returns their ids, which the client draws at random. */
async function sendSpans(reporter: object): Promise<{ buy: bigint; pay: bigint }> {
  const tracer = jaeger.initTracer(
    { serviceName: "shop", sampler: { type: "const", param: 1 }, reporter: { flushIntervalMs: 60_000, ...reporter } },
    { tags: { zone: "Zürich" } },
  );
  const buy = tracer.startSpan("buy 书", {
    startTime: START,
    references: [jaeger.opentracing.childOf(PARENT), jaeger.opentracing.followsFrom(LINKED)],
    tags: { price: 12.75, gift: true, card: Buffer.from([0, 255, 1]), basket: { size: 2 } },
  });
  buy.log({ event: "retry", attempt: 2 }, START + 5);
  const pay = tracer.startSpan("pay", { startTime: START + 1, childOf: buy });
  pay.finish(START + 3);
  buy.finish(START + 250);
  await new Promise<void>((resolve) => {
    tracer.close(resolve);
  });
  return { buy: buy.context().spanId.readBigInt64BE(), pay: pay.context().spanId.readBigInt64BE() };
}

/** The client writes every field of a tag, with zeros in those that its type does not use. */
function tag(key: string, vType: number, held: object): object {
  const zeros = { vStr: "", vDouble: 0, vBool: false, vLong: 0n, vBinary: new Uint8Array(8) };
  return { key, vType, ...zeros, ...held };
}

const TagType = { STRING: 0, DOUBLE: 1, BOOL: 2, BINARY: 4 };

/** The batch that the spans must become; tags that the client adds by itself are left out of it. */
function expectedSpans(ids: { buy: bigint; pay: bigint }): object[] {
  const buy = {
    ...PARENT_IDS,
    spanId: ids.buy,
    parentSpanId: -0x7fffffffffffffffn,
    operationName: "buy 书",
    references: [
      { refType: 0, ...PARENT_IDS, spanId: -0x7fffffffffffffffn },
      { refType: 1, traceIdLow: -0x8000000000000000n, traceIdHigh: 0n, spanId: 0x20000000000001n },
    ],
    flags: 1,
    startTime: BigInt(START) * 1000n,
    duration: 250_000n,
    tags: [
      tag("price", TagType.DOUBLE, { vDouble: 12.75 }),
      tag("gift", TagType.BOOL, { vBool: true }),
      tag("card", TagType.BINARY, { vBinary: Uint8Array.of(0, 255, 1) }),
      tag("basket", TagType.STRING, { vStr: '{"size":2}' }),
    ],
    logs: [
      {
        timestamp: BigInt(START + 5) * 1000n,
        fields: [tag("event", TagType.STRING, { vStr: "retry" }), tag("attempt", TagType.DOUBLE, { vDouble: 2 })],
      },
    ],
  };
  const pay = {
    ...PARENT_IDS,
    spanId: ids.pay,
    parentSpanId: ids.buy,
    operationName: "pay",
    references: [],
    flags: 1,
    startTime: BigInt(START + 1) * 1000n,
    duration: 2000n,
    tags: [],
    logs: [],
  };
  return [pay, buy];
}

interface Batch {
  process: { serviceName: string; tags: { key: string }[] };
  spans: { tags: { key: string }[] }[];
}

const AUTOMATIC_TAGS = new Set(["internal.span.format", "sampler.type", "sampler.param"]);

function expectBatch(batch: Batch, ids: { buy: bigint; pay: bigint }): void {
  expect(batch.process.serviceName).toBe("shop");
  expect(batch.process.tags).toContainEqual(tag("zone", TagType.STRING, { vStr: "Zürich" }));
  const spans = batch.spans.map((span) => ({ ...span, tags: span.tags.filter(({ key }) => !AUTOMATIC_TAGS.has(key)) }));
  expect(spans).toStrictEqual(expectedSpans(ids));
}

/** The first datagram that the client sends. */
async function overUdp(): Promise<{ bytes: Uint8Array; ids: { buy: bigint; pay: bigint } }> {
  const socket = createSocket("udp4");
  try {
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    const received = once(socket, "message");
    const ids = await sendSpans({ agentHost: "127.0.0.1", agentPort: socket.address().port });
    const [bytes] = (await received) as [Buffer];
    return { bytes, ids };
  } finally {
    socket.close();
  }
}

interface Posted {
  path: string | undefined;
  type: string | undefined;
  bytes: Uint8Array;
}

/** The first body that the client posts. */
async function overHttp(): Promise<Posted & { ids: { buy: bigint; pay: bigint } }> {
  let posted: Posted | undefined;
  const server = createServer((request, response) => {
    void buffer(request).then((bytes) => {
      posted ??= { path: request.url, type: request.headers["content-type"], bytes };
      response.writeHead(202).end();
    });
  });
  try {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const ids = await sendSpans({ collectorEndpoint: `http://127.0.0.1:${String(port)}/api/traces` });
    return { ...posted!, ids };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

let schema: Schema;
let datagram: Awaited<ReturnType<typeof overUdp>>;
let post: Awaited<ReturnType<typeof overHttp>>;

beforeAll(async () => {
  [schema, datagram, post] = await Promise.all([loadSchema(AGENT_IDL), overUdp(), overHttp()]);
});

forEachBackend((backend) => {
  it("reads the oneway call emitBatch out of a datagram, and writes the same bytes", () => {
    const { bytes, ids } = datagram;
    const codec = compileService(schema.service("Agent"), { backend });
    const message = codec.decodeMessage(bytes);
    expect(message).toMatchObject({ type: "oneway", name: "emitBatch", seqid: 0 });
    const { args } = message as { args: Record<string, unknown> };
    expectBatch(args["batch"] as Batch, ids);
    expect(toHex(codec.encodeMessage(message))).toBe(toHex(bytes));
  });

  it("reads the bare Batch that is posted over HTTP, and writes the same bytes", () => {
    const { path, type, bytes, ids } = post;
    expect({ path, type }).toEqual({ path: "/api/traces", type: "application/x-thrift" });
    const codec = compile<Batch>(schema.struct("jaeger.Batch"), { backend });
    const batch = codec.decode(bytes);
    expectBatch(batch, ids);
    expect(toHex(codec.encode(batch))).toBe(toHex(bytes));
  });
});
