import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BizStatusError } from "../../src/errors.js";
import { type CallContext, createServer, type Server } from "../../src/rpc/index.js";
import { parseSchema } from "../../src/schema/parse.js";
import { idlFolder, scrimp } from "./scrimp.js";

const IDL = `
enum Size { SMALL = 1, LARGE = 2 }
struct Item { 1: required i64 id, 2: string name, 3: Size size, 4: map<string, binary> parts }
exception NotFound { 1: i64 id, 2: string message }
service Base { string ping() }
service Stock extends Base {
  Item get(1: i64 id, 2: bool deep) throws (1: NotFound missing)
  void put(1: Item item)
  oneway void seen(1: i64 id)
  string fail(1: i32 how)
  string stall()
}`;
const at = idlFolder({ "stock.thrift": IDL });
const FILE = at("stock.thrift");
const schema = parseSchema({ "stock.thrift": IDL }, { entry: "stock.thrift" });
const NotFound = schema.exception("NotFound");

const seen: unknown[] = [];
const handlers = {
  ping: (context: CallContext) => `pong ${context.metainfo.persistent.get("tenant") ?? "nobody"}`,
  get: (id: bigint, deep: boolean | undefined, context: CallContext) => {
    if (id === 404n) throw new NotFound({ id, message: "no \u001b[31msuch item" });
    context.sendBackward("shard", "7");
    return { id, name: "tea", size: 2, parts: new Map([["a", Buffer.from("hi")]]), deep };
  },
  put: (item: unknown) => void seen.push(item),
  seen: (id: bigint) => void seen.push(id),
  fail: (how: number) => {
    if (how === 1) throw new BizStatusError(503, "later", { after: "5 s" });
    throw new Error("a secret");
  },
  stall: () => new Promise(() => undefined),
};

let server: Server;
let address: string;
beforeAll(async () => {
  server = createServer(schema.service("Stock"), handlers);
  ({ address } = await server.listen({ port: 0 }));
});
afterAll(() => server.close({ drainMs: 0 }));

/** `scrimp call stock.thrift Stock.<method> ...` */
async function call(method: string, ...args: string[]) {
  return scrimp(["call", FILE, method, ...args, "--address", address]);
}

const TEA = '{"id":1,"name":"tea","size":"LARGE","parts":{"a":"aGk="}}\n';

describe.each(["framed", "buffered", "ttheader", "ttheader-framed"])("scrimp call over %s", (transport) => {
  it.each(["binary", "compact", "tjson"])("in %s prints the result", async (protocol) => {
    const how = ["--transport", transport, "--protocol", protocol, "--indent", "0"];
    const { code, output, errors } = await call("Stock.get", '{"id": 1}', ...how);
    expect({ code, output }).toEqual({ code: 0, output: TEA });
    expect(errors).toMatch(/^\d+\.\d\d ms\n/);
  });
});

describe("scrimp call", () => {
  it("takes arguments by position, and from standard input", async () => {
    expect((await call("Stock.get", "[1, true]", "--indent", "0")).output).toBe(TEA);
    const args = ["call", FILE, "Stock.get", "-", "-a", address, "--indent", "0"];
    expect((await scrimp(args, { input: '{"id": 1}' })).output).toBe(TEA);
  });

  it("keeps 64-bit numbers", async () => {
    const { output } = await call("Stock.get", '["9007199254740993"]', "--indent", "0");
    expect(output).toMatch(/^\{"id":"9007199254740993",/);
  });

  it("prints nothing for a method without result, and for one without reply", async () => {
    seen.length = 0;
    expect(await call("Stock.put", '[{"id": 5, "size": "SMALL"}]')).toMatchObject({ code: 0, output: "" });
    expect(await call("Stock.seen", "[6]")).toMatchObject({ code: 0, output: "" });
    await expect.poll(() => seen).toEqual([expect.objectContaining({ id: 5n, size: 1 }), 6n]);
  });

  it("finds methods that a service inherits, without arguments", async () => {
    expect(await call("Stock.ping")).toMatchObject({ code: 0, output: '"pong nobody"\n' });
  });

  it("as Apache's TMultiplexedProtocol does", async () => {
    expect(await call("Stock.ping", "--multiplexed")).toMatchObject({ code: 0 });
    expect(await call("Stock.ping", "--multiplexed", "Other")).toMatchObject({ code: 3 });
  });

  it("sends metainfo, and prints what comes back", async () => {
    const { output } = await call("Stock.ping", "{}", "-t", "ttheader", "--persistent", "tenant=blue=1");
    expect(output).toBe('"pong blue=1"\n');
    const { errors } = await call("Stock.get", "[1]", "-t", "ttheader");
    expect(errors).toMatch(/ms\n"shard": "7"\n$/);
  });

  it("prints a declared exception, and nothing that steers the terminal", async () => {
    const { code, output, errors } = await call("Stock.get", "[404]");
    expect({ code, output }).toEqual({ code: 3, output: "" });
    expect(errors).toContain('exception: stock.NotFound {\n  "id": 404,\n  "message": "no \\u001b[31msuch item"\n}\n');
  });

  it("prints a business status", async () => {
    const { code, errors } = await call("Stock.fail", "[1]", "-t", "ttheader");
    expect(code).toBe(3);
    expect(errors).toContain('business status: 503 "later"\n  "after": "5 s"\n');
  });

  it("prints an application exception", async () => {
    const { code, errors } = await call("Stock.fail", "[2]");
    expect(code).toBe(3);
    expect(errors).toContain('error: the server answered "internal error" [type 6]\n');
  });

  it("says when there is no answer, and whether the call was run", async () => {
    const late = await call("Stock.stall", "{}", "--timeout", "50");
    expect(late.code).toBe(4);
    expect(late.errors).toContain(
      "within 50 ms, found none [ERR_THRIFT_DEADLINE]\nWhether the call was run is not known.",
    );
    const nobody = await scrimp(["call", FILE, "Stock.ping", "-a", `unix:${at("nobody.sock")}`]);
    expect(nobody.code).toBe(4);
    expect(nobody.errors).toContain("[ERR_THRIFT_TRANSPORT]\nThe call was not run.\n");
  });

  it("goes to one address after the other", async () => {
    const args = ["call", FILE, "Stock.get", "[1]", "-a", `unix:${at("nobody.sock")}`, "-a", address, "--indent", "0"];
    expect(await scrimp(args)).toMatchObject({ code: 0, output: TEA });
  });

  it.each([
    ["Stock.gte", "[1]", 'Stock has no method "gte"; did you mean "get"?'],
    ["Stok.get", "[1]", 'no service is called "Stok"; did you mean "Stock"?'],
    ["get", "[1]", 'expected SERVICE.METHOD, found "get"'],
    ["Stock.get", "[1", 'arguments:1:3: expected "," or "]", found the end of the text\n> 1 | [1\n    |   ^'],
    ["Stock.get", "7", "expected an object or an array of arguments, found another value"],
    ["Stock.get", "[1, true, 2]", "expected at most 2 arguments of get, found 3"],
    ["Stock.get", '{"di": 1}', 'get_args has no field "di"'],
    ["Stock.get", '{"id": "x"}', "cannot encode Stock.get args.id: expected a bigint"],
  ])("of %s with %s says what is wrong", async (method, json, message) => {
    const { code, errors } = await call(method, json);
    expect(code).toBe(1);
    expect(errors).toContain(message);
  });

  it.each([
    [["--transport", "http"], "option '-t, --transport <name>' argument 'http' is invalid"],
    [["--persistent", "tenant=blue"], 'option metainfo needs a TTHeader, which transport "framed" does not have'],
    [["--header", "a=1"], 'option headers needs a TTHeader, which transport "framed" does not have'],
    [["--header", "=1"], "expected NAME=VALUE"],
    [["--timeout", "soon"], "expected a number of milliseconds"],
    [["--address", "nonsense"], "expected an address"],
  ])("with %j is a mistake of the command line", async (args, message) => {
    const { code, errors } = await call("Stock.ping", "{}", ...args);
    expect(code).toBe(2);
    expect(errors).toContain(message);
  });

  it("needs an address", async () => {
    const { code, errors } = await scrimp(["call", FILE, "Stock.ping"]);
    expect(code).toBe(2);
    expect(errors).toContain("required option '-a, --address <address>' not specified");
  });

  it("colours what goes to a terminal", async () => {
    const { errors } = await scrimp(["call", FILE, "Stock.fail", "[2]", "-a", address], { isTerminal: true });
    expect(errors).toContain("\u001b[31merror:\u001b[39m the server answered");
  });
});
