/** What only Kitex has beside calls: headers, business statuses, deadlines, replies out of order, telling callers of the end. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient, createServer, type CallContext } from "../../../src/rpc/index.js";
import { describeWhenRequired, describeWithPeer } from "../../support/peers.js";
import { schema, type Caller, type Outcome, type Peer, type Server, type Wiring } from "./peer.js";
import { kitexPeer } from "./programs.js";
import { callsOf } from "./scenarios.js";
import { scrimp } from "./scrimp.js";

const POOL: Wiring = { transport: "ttheader", protocol: "binary" };
const FRAMED_POOL: Wiring = { transport: "ttheader-framed", protocol: "binary" };
const MUX: Wiring = { transport: "ttheader", protocol: "binary", mux: true };
const FRAMED: Wiring = { transport: "framed", protocol: "binary" };

const WIRINGS: readonly [string, Wiring][] = [
  ["pool, TTHeader", POOL],
  ["pool, TTHeader and frames", FRAMED_POOL],
  ["mux", MUX],
];

let kitex: Peer;

const DIRECTIONS: readonly [string, () => { server: Peer; client: Peer }][] = [
  ["our client, their server", () => ({ server: kitex, client: scrimp })],
  ["their client, our server", () => ({ server: scrimp, client: kitex })],
];

function addressOf({ port }: Server): string {
  return `127.0.0.1:${port}`;
}

/** What the handler of `seen` saw. */
function seenIn(outcome: Outcome): Map<string, string> {
  expect(outcome).toHaveProperty("returned");
  return (outcome as unknown as { returned: Map<string, string> }).returned;
}

function seen(caller: Caller, options: Partial<Parameters<Caller["call"]>[0]> = {}): Promise<Outcome> {
  return caller.call({ service: "Meta", method: "seen", args: [], ...options });
}

function testHeaders(wiring: Wiring, ends: () => { server: Peer; client: Peer }): void {
  let server: Server;
  let caller: Caller;

  beforeAll(async () => {
    const { server: serving, client } = ends();
    server = await serving.serve(wiring);
    caller = client.connect(addressOf(server), wiring);
  });

  afterAll(async () => {
    await caller.close();
    await server.close();
  });

  it("values travel forward and back", async () => {
    const values = { persistent: { USER: "é 漢字", DAY: "1" }, transient: { TRACE: "t" } };
    const outcome = await seen(caller, values);
    expect(seenIn(outcome)).toEqual(expect.any(Map));
    expect([...seenIn(outcome)].filter(([name]) => name !== "deadline").sort()).toEqual([
      ["persistent DAY", "1"],
      ["persistent USER", "é 漢字"],
      ["transient TRACE", "t"],
    ]);
    expect(outcome.backward).toEqual({ "answered-by": "meta" });
  });

  it("values of one call are not those of the next", async () => {
    await seen(caller, { persistent: { A: "a" }, transient: { B: "b" } });
    expect([...seenIn(await seen(caller)).keys()].filter((name) => name !== "deadline")).toEqual([]);
  });

  it("a business status, with and without more about it", async () => {
    const refuse = (...args: unknown[]): Promise<Outcome> => callsOf(caller, "Meta")("refuse", ...args);
    expect(await refuse(404, "é: no user", new Map([["k", "v"]]))).toEqual({
      business: { code: 404, message: "é: no user", extra: { k: "v" } },
    });
    expect(await refuse(-1, "", new Map())).toEqual({ business: { code: -1, message: "", extra: {} } });
    expect(await callsOf(caller, "Counter")("name")).toEqual({ returned: "Counter" });
  });

  it("the server knows how long the caller waits", async () => {
    const left = Number(seenIn(await seen(caller, { timeoutMs: 5000 })).get("deadline"));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(5000);
  });

  it("a call that takes too long fails, the next one gets its own answer", async () => {
    const slow = await caller.call({ service: "Everything", method: "wait", args: [400], timeoutMs: 100 });
    expect(slow).toHaveProperty("failed", expect.stringMatching(/timeout|DeadlineError/));
    for (let i = 0; i < 10; i++) expect(await callsOf(caller, "Everything")("echoI32", i)).toEqual({ returned: i });
  });

  it.runIf(wiring.mux === true)("replies come as they are ready, over one connection", async () => {
    const wait = callsOf(caller, "Everything");
    const order: number[] = [];
    const waits = [600, 300, 0];
    await Promise.all(waits.map((ms) => wait("wait", ms).then(() => order.push(ms))));
    expect(order).toEqual([0, 300, 600]);
  });
}

const CONCURRENCY = 16;

/** Calls from several loops at once, until told to stop. */
class Load {
  readonly #wrong: Outcome[] = [];
  readonly #loops: Promise<void>[];
  #isOver = false;
  calls = 0;

  constructor(caller: Caller, concurrency: number) {
    this.#loops = Array.from({ length: concurrency }, (_, i) => this.#run(caller, i));
  }

  async atLeast(calls: number): Promise<void> {
    await expect.poll(() => this.calls, { timeout: 10_000 }).toBeGreaterThan(calls);
  }

  /** @returns what did not come back as it was sent. */
  async stop(): Promise<Outcome[]> {
    this.#isOver = true;
    await Promise.all(this.#loops);
    return this.#wrong;
  }

  async #run(caller: Caller, loop: number): Promise<void> {
    for (let i = 0; !this.#isOver; i++) {
      const value = loop * 1_000_000 + i;
      // One call in ten is being handled for a while, so that some are when the server is told to end.
      const [method, sent] = i % 10 === 0 ? ["wait", 20] : ["echoI32", value];
      const outcome = await caller.call({ service: "Everything", method, args: [sent] });
      this.calls++;
      if (!("returned" in outcome) || outcome.returned !== sent) this.#wrong.push(outcome);
    }
  }
}

/** Of two servers under load, one ends. @returns what did not come back as it was sent. */
async function shutDownOneOfTwo(
  wiring: Wiring,
  { server, client }: { server: Peer; client: Peer },
): Promise<Outcome[]> {
  const servers = [await server.serve(wiring), await server.serve(wiring)];
  const caller = client.connect(servers.map(addressOf).join(","), wiring);
  const load = new Load(caller, CONCURRENCY);
  await load.atLeast(500);
  await servers[0].close();
  await load.atLeast(load.calls + 500);
  const wrong = await load.stop();
  await caller.close();
  await servers[1].close();
  return wrong;
}

describeWhenRequired("what only Kitex has", () => {
  describeWithPeer("go", () => {
    beforeAll(() => {
      kitex = kitexPeer();
    }, 600_000);

    describe.each(DIRECTIONS)("%s", (_title, ends) => {
      describe.each(WIRINGS)("%s", (_name, wiring) => {
        testHeaders(wiring, ends);
      });

      it.each(WIRINGS.slice(0, 2))("no call is lost when one of two servers ends: %s", async (_name, wiring) => {
        expect(await shutDownOneOfTwo(wiring, ends())).toEqual([]);
      });
    });

    it("our client loses no call when one of two multiplexing servers ends, if it may run calls twice", async () => {
      // What a client sends before it reads the control frame, Kitex runs, and then drops the reply.
      expect(await shutDownOneOfTwo({ ...MUX, idempotent: true }, { server: kitex, client: scrimp })).toEqual([]);
    });

    it("their multiplexing client loses no more than what is under way when our server ends", async () => {
      // It panics when it reads the control frame, its own server's as well, and closes the connection.
      const wrong = await shutDownOneOfTwo(MUX, { server: scrimp, client: kitex });
      expect(wrong.length).toBeLessThanOrEqual(CONCURRENCY);
      for (const outcome of wrong) expect(outcome).toHaveProperty("failed", expect.stringContaining("network error"));
    });

    it.each(["framed", "buffered", "ttheader", "ttheader-framed"] as const)(
      "our client understands void replies of generic servers: %s",
      async (transport) => {
        const server = await kitex.serve({ transport, protocol: "binary", generic: true });
        const caller = scrimp.connect(addressOf(server), { transport, protocol: "binary" });
        for (let i = 0; i < 3; i++) {
          expect(await callsOf(caller, "Everything")("check", "")).toEqual({ returned: undefined });
        }
        await caller.close();
        await server.close();
      },
    );

    it("our client: a business status that frames could not carry is a missing result", async () => {
      const server = await kitex.serve(FRAMED);
      const caller = scrimp.connect(addressOf(server), FRAMED);
      expect(await callsOf(caller, "Meta")("refuse", 404, "no", new Map())).toEqual({ refused: 5 });
      await caller.close();
      await server.close();
    });

    it("our server: a business status that frames cannot carry is an internal error", async () => {
      const server = await scrimp.serve(FRAMED);
      const caller = kitex.connect(addressOf(server), FRAMED);
      expect(await callsOf(caller, "Meta")("refuse", 404, "no", new Map())).toEqual({ refused: 6 });
      await caller.close();
      await server.close();
    });

    it("on the way over our server persistent values go on, transient ones end, time runs", async () => {
      const last = await kitex.serve(POOL);
      const downstream = createClient(schema.service("Meta"), { address: addressOf(last), transport: "ttheader" });
      const middle = createServer(schema.service("Meta"), {
        seen: async (_context: CallContext) => downstream.call("seen", []),
        refuse: () => "",
      });
      const { port } = await middle.listen({ port: 0 });
      const caller = kitex.connect(`127.0.0.1:${port}`, POOL);
      const options = { persistent: { P: "1" }, transient: { T: "2" }, timeoutMs: 3000 };
      const { deadline, ...values } = Object.fromEntries(seenIn(await seen(caller, options)));
      expect(values).toEqual({ "persistent P": "1" });
      expect(Number(deadline)).toBeLessThanOrEqual(3000);
      await caller.close();
      await middle.close();
      await downstream.close();
      await last.close();
    });
  });
});
