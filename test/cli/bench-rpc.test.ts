import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Latencies } from "../../src/cli/load/latencies.js";
import { Load } from "../../src/cli/load/load.js";
import type { reportJson } from "../../src/cli/load/report.js";
import { reportLines } from "../../src/cli/load/report.js";
import { ThriftError } from "../../src/errors.js";
import { createServer, type Server } from "../../src/rpc/index.js";
import { parseSchema } from "../../src/schema/parse.js";
import { idlFolder, scrimp } from "./scrimp.js";

const IDL =
  "exception Busy { 1: string why } service Stock { i32 count(1: i32 id) throws (1: Busy busy) string stall() }";
const at = idlFolder({ "stock.thrift": IDL });
const FILE = at("stock.thrift");
const schema = parseSchema({ "stock.thrift": IDL }, { entry: "stock.thrift" });
const Busy = schema.exception("Busy");

let server: Server;
let address: string;
let calls = 0;
let running = 0;
let mostRunning = 0;
const handlers = {
  count: async (id: number) => {
    const turn = ++calls;
    mostRunning = Math.max(mostRunning, ++running);
    await new Promise(setImmediate);
    running--;
    // Every other one fails, when asked to.
    if (id === 2 && turn % 2 === 0) throw new Busy({ why: "x" });
    return id;
  },
  stall: () => new Promise(() => undefined),
};
beforeAll(async () => {
  server = createServer(schema.service("Stock"), handlers);
  ({ address } = await server.listen({ port: 0 }));
});
afterAll(() => server.close({ drainMs: 0 }));

const plain = (_: unknown, text: string): string => text;

describe("latencies", () => {
  it("are kept at three figures", () => {
    const latencies = new Latencies();
    for (let ms = 1; ms <= 1000; ms++) latencies.record(ms);
    expect(latencies.count).toBe(1000);
    expect(latencies.percentileMs(50) / 500).toBeCloseTo(1, 2);
    expect(latencies.percentileMs(99) / 990).toBeCloseTo(1, 2);
    expect(latencies.maxMs / 1000).toBeCloseTo(1, 2);
    expect(latencies.meanMs / 500.5).toBeCloseTo(1, 2);
  });

  it("fall into bars, from the first that has any to the last", () => {
    const latencies = new Latencies();
    for (const ms of [0.9, 1, 1.1, 90]) latencies.record(ms);
    const bars = latencies.bars();
    expect(bars.map(({ count }) => count)).toEqual([2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(bars[0].toMs).toBeCloseTo(1);
    expect(bars.at(-1)!.toMs).toBeCloseTo(100);
  });

  it("of nothing are none", () => {
    const latencies = new Latencies();
    expect([latencies.count, latencies.meanMs, latencies.percentileMs(99), latencies.bars()]).toEqual([0, 0, 0, []]);
  });

  it("of no time at all are counted too", () => {
    const latencies = new Latencies();
    latencies.record(0);
    expect(latencies.bars()).toEqual([{ toMs: 0.01, count: 1 }]);
  });
});

describe("load", () => {
  function load(call: () => Promise<unknown>, signal = new AbortController().signal): Load {
    return new Load({ call, concurrency: 3, durationMs: 40, signal });
  }

  it("keeps so many calls going at a time", async () => {
    let now = 0;
    let most = 0;
    const run = load(async () => {
      most = Math.max(most, ++now);
      await new Promise(setImmediate);
      now--;
    });
    await run.run();
    expect(most).toBe(3);
    expect(run.latencies.count).toBeGreaterThan(3);
  });

  it("counts failures by code, apart from latencies", async () => {
    let turn = 0;
    const run = load(async () => {
      turn++;
      if (turn === 1) throw new Error("mine");
      if (turn <= 3) throw new ThriftError("ERR_THRIFT_CLOSED", "");
    });
    await run.run();
    expect([...run.failures]).toEqual([
      ["Error: mine", 1],
      ["ERR_THRIFT_CLOSED", 2],
    ]);
    expect(run.latencies.count).toBe(turn - 3);
  });

  it("ends early when it is told to", async () => {
    const run = load(async () => undefined, AbortSignal.abort());
    await run.run();
    expect(run.latencies.count).toBe(0);
  });

  it("of calls that all fail reports no latency", async () => {
    const run = load(() => Promise.reject(new Error("mine")));
    await run.run();
    expect([...reportLines(run, plain)]).toHaveLength(2);
  });
});

describe("scrimp bench-rpc", () => {
  const quick = ["--duration", "0.2", "--warm-up", "0.05"];

  async function bench(method: string, json: string, ...args: string[]) {
    return scrimp(["bench-rpc", FILE, method, json, "-a", address, ...quick, ...args]);
  }

  it.each(["pool", "mux", "short"])("prints what came of the load, with connections of %s", async (mode) => {
    const { code, output, errors } = await bench("Stock.count", "[1]", "--mode", mode, "-t", "ttheader");
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    expect(output).toMatch(/^ {2}calls {4}[\d,]+ in 0\.\d s, [\d,]+ a second\n {2}latency {2}p50 [\d.]+ ms /);
    expect(output).toMatch(/\n +[\d.]+ m?s █{40} [\d,]+\n/);
  });

  it("has as many calls running at a time as it is told", async () => {
    mostRunning = 0;
    await bench("Stock.count", "[1]", "--concurrency", "5");
    expect(mostRunning).toBe(5);
  });

  it("prints the figures for programs", async () => {
    const { output } = await bench("Stock.count", "[1]", "--json");
    const figures = JSON.parse(output) as ReturnType<typeof reportJson>;
    expect(figures).toMatchObject({
      failures: {},
      latencyMs: { p50: expect.any(Number), "p99.9": expect.any(Number) },
    });
    const bars = figures["histogram"] as { count: number }[];
    expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(figures["calls"]);
  });

  it("counts calls that fail", async () => {
    calls = 0;
    const { code, output } = await bench("Stock.count", "[2]");
    expect(code).toBe(0);
    expect(output).toMatch(/\n {2}failed {3}[\d,]+ ERR_THRIFT_DECLARED\n/);
  });

  it("draws how it goes for a person at a terminal, and takes it away again", async () => {
    const args = ["bench-rpc", FILE, "Stock.count", "[1]", "-a", address, "--duration", "0.5", "--warm-up", "0"];
    const { code, errors } = await scrimp(args, { isTerminal: true });
    expect(code).toBe(0);
    expect(errors).toMatch(/\d(\.\d)? of 0\.5 s {3}[\d,]+ calls {3}[\d,]+ a second {3}0 failed/);
  });

  it("starts no load where the first call is not answered", async () => {
    const { code, output, errors } = await bench("Stock.stall", "{}", "--timeout", "50");
    expect({ code, output }).toEqual({ code: 4, output: "" });
    expect(errors).toContain("[ERR_THRIFT_DEADLINE]");
  });

  it.each([
    [["--concurrency", "0"], "expected a number from 1 to 999999"],
    [["--duration", "long"], "expected a number of seconds"],
    [["--mode", "many"], "argument 'many' is invalid"],
  ])("with %j is a mistake of the command line", async (args, message) => {
    const { code, errors } = await bench("Stock.count", "[1]", ...args);
    expect(code).toBe(2);
    expect(errors).toContain(message);
  });
});
