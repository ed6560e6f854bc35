import { describe, expect, it } from "vitest";
import { NO_METAINFO } from "../../../src/rpc/metainfo.js";
import {
  access,
  accessRules,
  type AccessRequest,
  type AccessRule,
  type Authorize,
} from "../../../src/rpc/middleware/access.js";
import { answering, makeCall, methodOf } from "./calls.js";

const tls = { authorized: true, san: ["DNS:orders.internal", "URI:spiffe://shop/orders"], fingerprint256: "" };

describe("a rule fits", () => {
  it.each<[Omit<AccessRule, "effect">, Partial<AccessRequest>, boolean]>([
    [{}, {}, true],
    [{ peers: ["10.0.0.1"] }, { address: "10.0.0.1:5000" }, true],
    [{ peers: ["10.0.0.1"] }, { address: "10.0.0.2:5000" }, false],
    [{ peers: ["10.0.0.0/8"] }, { address: "10.9.9.9:5000" }, true],
    [{ peers: ["10.0.0.0/8"] }, { address: "[::ffff:10.9.9.9]:5000" }, true],
    [{ peers: ["10.0.0.0/8"] }, { address: "11.0.0.1:5000" }, false],
    [{ peers: ["192.0.2.1", "fd00::/8"] }, { address: "[fd12::1]:5000" }, true],
    [{ peers: ["fd00::/8"] }, { address: "[fe80::1]:5000" }, false],
    [{ peers: ["fd00::/8"] }, { address: "orders.internal:5000" }, false],
    [{ peers: ["unix:/run/a.sock"] }, { address: "unix:/run/a.sock" }, true],
    [{ peers: ["unix:/run/a.sock"] }, { address: "unix:/run/b.sock" }, false],
    [{ identity: "URI:spiffe://shop/orders" }, { tls }, true],
    [{ identity: /^URI:spiffe:\/\/shop\// }, { tls }, true],
    [{ identity: "URI:spiffe://shop/orders" }, { tls: { ...tls, authorized: false } }, false],
    [{ identity: "URI:spiffe://shop/orders" }, {}, false],
    [{ service: "Stock" }, {}, true],
    [{ service: ["Orders", "Billing"] }, {}, false],
    [{ method: "take" }, {}, true],
    [{ method: ["take", "count"] }, { method: methodOf("count") }, true],
    [{ method: /^co/ }, {}, false],
    [{ method: /t/g }, {}, true],
    [{ metainfo: { tenant: "a" } }, { metainfo: { ...NO_METAINFO, persistent: new Map([["tenant", "a"]]) } }, true],
    [{ metainfo: { tenant: "a" } }, { metainfo: { ...NO_METAINFO, transient: new Map([["tenant", "b"]]) } }, false],
    [{ metainfo: { tenant: /.*/ } }, {}, false],
    [{ metainfo: { toString: /.*/ } }, {}, false],
    [{ method: "take", service: "Orders" }, {}, false],
  ])("%j, %j: %j", (rule, changes, fits) => {
    const authorize = accessRules([{ effect: "allow", ...rule }]);
    const request = { ...makeCall(), ...changes };
    // Twice: a pattern with the flag g must not remember where it was.
    expect([authorize(request), authorize(request)]).toEqual([fits, fits]);
  });
});

it("the first rule that fits decides", () => {
  const authorize = accessRules([
    { effect: "deny", method: "take", peers: ["10.0.0.13"] },
    { effect: "allow", method: "take" },
  ]);
  expect(authorize(makeCall({ address: "10.0.0.13:1" }))).toBe(false);
  expect(authorize(makeCall({ address: "10.0.0.14:1" }))).toBe(true);
});

it("where none fits: no, unless it is said otherwise", () => {
  expect(accessRules([])(makeCall())).toBe(false);
  expect(accessRules([], "allow")(makeCall())).toBe(true);
});

it.each<[string, readonly AccessRule[]]>([
  ["effect", [{ effect: "permit" as "allow" }]],
  ["a peer", [{ effect: "allow", peers: ["orders.internal"] }]],
  ["a peer", [{ effect: "allow", peers: ["10.0.0.0/8/8"] }]],
  ["prefix", [{ effect: "allow", peers: ["10.0.0.0/33"] }]],
  ["prefix", [{ effect: "allow", peers: ["10.0.0.0/x"] }]],
])("%s of %j is refused", (name, rules) => {
  expect(() => accessRules(rules)).toThrow(RangeError);
  expect(() => accessRules(rules)).toThrow(name);
});

it("middleware: what is not allowed goes no further", async () => {
  const { next, calls } = answering(1);
  const run = access(({ method }) => method.name === "count")(next);
  await expect(run(makeCall())).rejects.toMatchObject({
    code: "ERR_THRIFT_FORBIDDEN",
    message: "Stock.take: not allowed",
  });
  expect(await run(makeCall({ method: methodOf("count") }))).toBe(1);
  expect(calls).toHaveLength(1);
});

it("middleware: only true allows, not what is like it", async () => {
  const { next, calls } = answering(1);
  const later = (() => Promise.resolve(true)) as unknown as Authorize;
  await expect(access(later)(next)(makeCall())).rejects.toMatchObject({ code: "ERR_THRIFT_FORBIDDEN" });
  expect(calls).toHaveLength(0);
});
