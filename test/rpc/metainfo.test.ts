import { describe, expect, it } from "vitest";
import {
  currentMetainfo,
  currentScope,
  mergeMetainfo,
  NO_METAINFO,
  readMetainfo,
  runInScope,
  withMetainfo,
  writeMetainfo,
} from "../../src/rpc/metainfo.js";

const received = (pairs: Record<string, string>) => readMetainfo(new Map(Object.entries(pairs)));

describe("metainfo on the wire", () => {
  it("has Kitex's prefixes", () => {
    const strings = new Map([["isn", "Echo"]]);
    const metainfo = mergeMetainfo(NO_METAINFO, { transient: { K2: "v2" }, persistent: new Map([["K1", "v1"]]) });
    writeMetainfo(metainfo, strings);
    expect(Object.fromEntries(strings)).toEqual({ isn: "Echo", RPC_TRANSIT_K2: "v2", RPC_PERSIST_K1: "v1" });
    expect(readMetainfo(strings)).toEqual(metainfo);
  });

  it("is told from other pairs, and keeps names as they are", () => {
    const { transient, persistent } = received({ isn: "Echo", RPC_PERSIST___proto__: "x", rpc_transit_a: "y" });
    expect(transient.size).toBe(0);
    expect([...persistent]).toEqual([["__proto__", "x"]]);
  });

  it("ignores empty names and values, and what a caller's own caller had sent", () => {
    expect(received({ RPC_TRANSIT_: "x", RPC_PERSIST_a: "", RPC_TRANSIT_UPSTREAM_b: "y" })).toBe(NO_METAINFO);
    expect(mergeMetainfo(NO_METAINFO, { transient: { "": "x", a: "" } }).transient.size).toBe(0);
  });

  it.each(["a\r\nb", "a\nb", "a\0"])("refuses to send %j", (text) => {
    expect(() => mergeMetainfo(NO_METAINFO, { persistent: { [text]: "x" } })).toThrow(RangeError);
    expect(() => mergeMetainfo(NO_METAINFO, { persistent: { x: text } })).toThrow(RangeError);
  });
});

describe("metainfo on the way", () => {
  it("is nothing outside", () => {
    expect(currentMetainfo()).toBe(NO_METAINFO);
  });

  it("reaches what is awaited, adds up, and ends with the function", async () => {
    await withMetainfo({ persistent: { a: "1", b: "1" } }, async () => {
      await Promise.resolve();
      await withMetainfo({ persistent: { b: "2" }, transient: { c: "3" } }, async () => {
        await new Promise((done) => setImmediate(done));
        const { transient, persistent } = currentMetainfo();
        expect([Object.fromEntries(persistent), Object.fromEntries(transient)]).toEqual([
          { a: "1", b: "2" },
          { c: "3" },
        ]);
      });
      expect(currentMetainfo().transient.size).toBe(0);
    });
    expect(currentMetainfo()).toBe(NO_METAINFO);
  });

  it("takes persistent values and the deadline on from a handler, and leaves transient ones behind", () => {
    const deadline = { timeoutMs: 100, remainingMs: () => 50 };
    const metainfo = received({ RPC_TRANSIT_t: "1", RPC_PERSIST_p: "2" });
    runInScope({ metainfo, deadline: deadline as never, method: undefined }, () => {
      expect(currentScope().deadline).toBe(deadline);
      expect(currentMetainfo().transient.size).toBe(0);
      withMetainfo({ transient: { own: "3" } }, () => {
        expect(Object.fromEntries(currentMetainfo().transient)).toEqual({ own: "3" });
        expect(Object.fromEntries(currentMetainfo().persistent)).toEqual({ p: "2" });
        expect(currentScope().deadline).toBe(deadline);
      });
    });
  });
});
