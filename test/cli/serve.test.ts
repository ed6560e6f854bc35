import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Client, createClient } from "../../src/rpc/index.js";
import { parseSchema } from "../../src/schema/parse.js";
import { idlFolder, scrimp, spawnScrimp } from "./scrimp.js";

const FILES = {
  "stock.thrift": `
include "base.thrift"
enum Size { SMALL = 1, LARGE = 2 }
union Place { 1: string shelf, 2: i64 box }
struct Item { 1: required i64 id, 2: string name, 3: Size size, 4: Place place, 5: list<Item> parts, 6: set<i32> marks,
  7: map<string, double> prices, 8: binary image, 9: uuid key, 10: optional Item next, 11: bool sold, 12: base.Page page }
exception NotFound { 1: i64 id }
service Stock extends base.Base {
  Item get(1: i64 id) throws (1: NotFound missing)
  list<Item> find(1: string words)
  void put(1: Item item)
  oneway void seen(1: i64 id)
}
service Audit { i32 count() }`,
  "base.thrift": "struct Page { 1: i16 number, 2: i8 size }\nservice Base { string ping() }",
  "none.thrift": "struct A {}",
};
const at = idlFolder(FILES);
const IDL = at("stock.thrift");
const schema = parseSchema(FILES, { entry: "stock.thrift" });

/** One server for all tests that need nothing special of it: starting it takes longer than they do. */
let shared: { child: ChildProcess; address: string };
beforeAll(async () => {
  shared = await start();
});
afterAll(() => void shared.child.kill("SIGKILL"));

const children: ChildProcess[] = [];
const clients: Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** `scrimp serve stock.thrift --mock --port 0 ...` */
async function start(...args: string[]): Promise<{ child: ChildProcess; address: string }> {
  const child = spawnScrimp(["serve", IDL, "--mock", "--port", "0", ...args]);
  const [line] = (await once(createInterface(child.stdout!), "line")) as [string];
  const address = /^listening on (127\.0\.0\.1:\d+)$/.exec(line)?.[1];
  return { child, address: address! };
}

async function serve(...args: string[]): Promise<{ child: ChildProcess; address: string }> {
  const started = await start(...args);
  children.push(started.child);
  return started;
}

function clientOf(address: string, options: object = {}): Client {
  const client = createClient(schema.service("Stock"), { address, ...options });
  clients.push(client);
  return client;
}

describe("scrimp serve --mock", () => {
  it("answers every method with a value of its type, by any transport and protocol", async () => {
    for (const transport of ["framed", "buffered", "ttheader", "ttheader-framed"]) {
      for (const protocol of ["binary", "compact", "tjson"]) {
        const client = clientOf(shared.address, { transport, protocol });
        // What the server encodes and the client decodes is of the type that the IDL says.
        expect(await client.get(1n)).toMatchObject({
          name: expect.stringMatching(/^name-\d+$/),
          parts: expect.any(Array),
        });
        expect(await client.find("tea")).toEqual(expect.any(Array));
        expect(await client.put({ id: 1n })).toBeUndefined();
        expect(await client.ping()).toMatch(/^ping-\d+$/);
        await client.seen(1n);
      }
    }
  });

  it("serves all services of the file", async () => {
    const audit = createClient(schema.service("Audit"), { address: shared.address });
    expect(await audit.count()).toEqual(expect.any(Number));
    await audit.close();
  });

  it("answers from a file: results, in turn, and declared exceptions; only services that were chosen", async () => {
    writeFileSync(
      at("answers.json"),
      `{ "Stock.get": [{ "success": { "id": "9007199254740993", "size": "LARGE" } }, { "missing": { "id": 5 } }],
         "ping": { "success": "pong" } }`,
    );
    const { address } = await serve("--answers", at("answers.json"), "--service", "Stock");
    const client = clientOf(address);
    expect(await client.ping()).toBe("pong");
    for (let i = 0; i < 2; i++) {
      expect(await client.get(1n)).toMatchObject({ id: 9007199254740993n, size: 2 });
      const NotFound = schema.exception("NotFound");
      const error: unknown = await client.get(1n).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(NotFound);
      expect(error).toMatchObject({ id: 5n });
    }
    const audit = createClient(schema.service("Audit"), { address });
    await expect(audit.count()).rejects.toMatchObject({ typeId: 1 });
    await audit.close();
  });

  it("prints what it is asked, and waits before it answers", async () => {
    const { child, address } = await serve("--delay", "100000", "--verbose");
    const controller = new AbortController();
    const running = clientOf(address, { timeoutMs: 0 }).find("\u001b[31mtea", { signal: controller.signal });
    const [line] = (await once(createInterface(child.stderr!), "line")) as [string];
    expect(line).toMatch(/^127\.0\.0\.1:\d+ Stock\.find \{"words":"\\u001b\[31mtea"\}$/);
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: "ERR_THRIFT_CANCELLED" });
  });

  it.each(["SIGINT", "SIGTERM"] as const)("on %s answers the calls that it has, and ends", async (signal) => {
    const { child, address } = await serve("--delay", "300", "--verbose");
    const lines = createInterface(child.stderr!);
    const running = clientOf(address).ping();
    await once(lines, "line");
    const ended = once(child, "exit");
    const told = once(lines, "line");
    child.kill(signal);
    expect(await running).toMatch(/^ping-/);
    expect(await ended).toEqual([0, null]);
    expect(await told).toEqual(["closed: 1 calls completed while closing, 0 aborted"]);
  });
});

describe("scrimp serve", () => {
  it.each([
    [[IDL], 2, "expected --mock"],
    [[IDL, "--mock", "--port", "70000"], 2, "expected 0 to 65535"],
    [[IDL, "--mock", "--host", "0.0.0.0"], 2, "needs TLS, or the option plaintext: true"],
    [[IDL, "--mock", "--service", "Stok"], 1, 'no service is called "Stok"'],
    [[at("none.thrift"), "--mock"], 1, "expected a service in the IDL, found none"],
  ])("%j exits with %i", async (args, exitCode, message) => {
    const { code, errors } = await scrimp(["serve", ...args]);
    expect(code).toBe(exitCode);
    expect(errors).toContain(message);
  });

  it.each([
    ["[]", "expected an object of answers by method, found another value"],
    ['{"get": {"succes": {}}}', 'get_result has no field "succes"'],
    ['{"get": {"success": {"name": "x"}}}', "cannot encode"],
    ['{"get": {}}', 'expected "success" or a declared exception as answer of get, found neither'],
    ['{"get": []}', "expected an answer of get, found an empty list"],
    ['{"seen": {}}', "seen is oneway: it has no answers"],
    ['{"gte": {"success": 1}}', 'expected answers of methods that are served, found "gte"'],
  ])("with the answers %s says what is wrong before it listens", async (input, message) => {
    const { code, output, errors } = await scrimp(["serve", IDL, "--mock", "--answers", "-"], { input });
    expect({ code, output }).toEqual({ code: 1, output: "" });
    expect(errors).toContain(message);
  });

  it("says when the port is taken", async () => {
    const { address } = shared;
    const { code, errors } = await scrimp(["serve", IDL, "--mock", "--port", address.split(":")[1]]);
    expect(code).toBe(1);
    expect(errors).toContain(`error: ${address}: cannot listen (EADDRINUSE)`);
  });
});
