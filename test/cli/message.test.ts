import { describe, expect, it } from "vitest";
import { idlFolder, scrimp } from "./scrimp.js";

const at = idlFolder({
  "base.thrift": "exception Gone { 1: string why } service Base { void ping() }",
  "shop.thrift": `include "base.thrift"
    struct Item { 1: required string name, 2: i64 price }
    service Shop extends base.Base { Item find(1: Item like) throws (1: base.Gone gone) oneway void forget() }`,
});
const SHOP = at("shop.thrift");

const CALL = "80010001 00000004 66696e64 00000007 0c0001 0b0001 00000001 78 00 00";

describe("scrimp message", () => {
  it.each([
    ["a call", CALL, '{"type":"call","name":"find","seqid":7,"args":{"like":{"name":"x"}}}'],
    [
      "a reply",
      "80010002 00000004 66696e64 ffffffff 0c0000 0b0001 00000001 78 0a0002 7fffffffffffffff 00 00",
      '{"type":"reply","name":"find","seqid":-1,"success":{"name":"x","price":"9223372036854775807"}}',
    ],
    [
      "a declared exception",
      "80010002 00000004 66696e64 00000007 0c0001 0b0001 00000001 79 00 00",
      '{"type":"reply","name":"find","seqid":7,"exception":{"why":"y"}}',
    ],
    [
      "a void reply of a base service",
      "80010002 00000004 70696e67 00000007 00",
      '{"type":"reply","name":"ping","seqid":7}',
    ],
    [
      "a oneway message",
      "80010004 00000006 666f72676574 00000007 00",
      '{"type":"oneway","name":"forget","seqid":7,"args":{}}',
    ],
    [
      "an exception",
      "80010003 00000001 78 00000007 0b0001 00000002 6e6f 080002 00000001 00",
      '{"type":"exception","name":"x","seqid":7,"error":{"typeId":1,"message":"no"}}',
    ],
  ])("prints %s as JSON", async (_what, input, json) => {
    const { code, output, errors } = await scrimp(["message", SHOP, "Shop", "--hex", "--indent", "0"], { input });
    expect({ code, output, errors }).toEqual({ code: 0, output: `${json}\n`, errors: "" });
  });

  it.each([
    ["compact", Buffer.from("8221070466696e641c1801780000", "hex")],
    ["tjson", '[1,"find",1,7,{"1":{"rec":{"1":{"str":"x"}}}}]'],
  ])("reads %s", async (protocol, input) => {
    const { output } = await scrimp(["message", SHOP, "Shop", "--protocol", protocol, "--indent", "0"], { input });
    expect(output).toBe('{"type":"call","name":"find","seqid":7,"args":{"like":{"name":"x"}}}\n');
  });

  it("reads headers without version when asked to", async () => {
    const old = { input: "00000004 70696e67 01 00000007 00" };
    expect((await scrimp(["message", SHOP, "Shop", "--hex"], old)).errors).toContain("ERR_THRIFT_BAD_VERSION");
    const { output } = await scrimp(["message", SHOP, "Shop", "--hex", "--old-headers", "--indent", "0"], old);
    expect(output).toBe('{"type":"call","name":"ping","seqid":7,"args":{}}\n');
  });

  it.each([
    [["Shop"], CALL.slice(0, -3), "cannot decode Shop.find args: expected a field header, found the end of the input"],
    [["Shop"], "80010001 00000001 78 00000007 00", "service Shop has no method of that name"],
    [["Shop"], "80010002 00000004 66696e64 00000007 00", "the reply holds neither a result nor an exception"],
    [["Shop"], "", "cannot decode Shop header: "],
    [["Sop"], CALL, 'no service is called "Sop"'],
    [
      ["Shop", "--limits", "untrusted"],
      `80010001 00000081 ${"78".repeat(129)} 00000007 00`,
      "a method name of 1 to 128 bytes",
    ],
  ])("of %j and %s says what is wrong", async (target, input, message) => {
    const { code, output, errors } = await scrimp(["message", SHOP, ...target, "--hex"], { input });
    expect({ code, output }).toEqual({ code: 1, output: "" });
    expect(errors).toContain(message);
    expect(errors).not.toContain("    at ");
  });
});
