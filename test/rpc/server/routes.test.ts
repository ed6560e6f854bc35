import { describe, expect, it } from "vitest";
import { createServer } from "../../../src/rpc/server/server.js";
import { resolveServerOptions } from "../../../src/rpc/server/options.js";
import { Routes } from "../../../src/rpc/server/routes.js";
import { parseSchema } from "../../../src/schema/parse.js";
import { caller, closeAfterEach, afterTest } from "./fixture.js";
import { Echo, echoHandlers, Other } from "./echo.js";

closeAfterEach();

const otherHandlers = { only: () => "only", echo: () => "other" };

/** The service that a call would go to, or the exception that it would get. */
function routed(routes: Routes, name: string, idlServiceName?: string): string | number {
  const found = routes.find(name, idlServiceName);
  if ("handler" in found) return found.service.name;
  return found.isServiceUnknown ? 20 : 1;
}

function routesOf(fallback: "Echo" | "Other" | undefined) {
  const routes = new Routes(resolveServerOptions({}));
  routes.add(Echo, echoHandlers(), fallback === "Echo");
  routes.add(Other, otherHandlers, fallback === "Other");
  return routes;
}

describe("a call to one of several services", () => {
  it.each([
    ["echo", undefined, "Other"],
    ["echo", "", "Other"],
    ["add", undefined, "Echo"],
    ["inherited", undefined, "Echo"],
    ["only", undefined, "Other"],
    ["missing", undefined, 1],
    ["echo", "Echo", "Echo"],
    ["echo", "Other", "Other"],
    ["only", "Echo", 1],
    ["missing", "Echo", 1],
    ["only", "Renamed", "Other"],
    ["echo", "Renamed", 20],
    ["missing", "Renamed", 20],
    ["echo", "constructor", 20],
    ["Echo:echo", undefined, "Echo"],
    ["Other:echo", undefined, "Other"],
    ["Other:add", undefined, 1],
    ["Renamed:echo", undefined, 1],
    ["Echo:Other:echo", undefined, 1],
    ["__proto__", undefined, 1],
    ["toString:echo", undefined, 1],
  ])("of method %s with isn %s goes to %s", (name, isn, expected) => {
    expect(routed(routesOf("Other"), name, isn)).toBe(expected);
  });

  it("goes to the fallback first, whichever was added first", () => {
    expect(routed(routesOf("Echo"), "echo")).toBe("Echo");
  });

  it("must not be open to doubt", () => {
    expect(() => routesOf(undefined)).toThrow(/Echo and Other both have a method echo/);
    expect(() => createServer(Echo, echoHandlers()).add(Echo, echoHandlers())).toThrow(/a service Echo already/);
  });

  it.each([
    ["framed", "Other:echo", undefined],
    ["ttheader", "echo", new Map([["isn", "Other"]])],
    ["framed", "only", undefined],
  ] as const)("over %s is answered under the name of the method: %s", async (transport, name, strings) => {
    const server = createServer(Echo, echoHandlers()).add(
      Other,
      { ...otherHandlers, only: () => "other" },
      { fallback: true },
    );
    const { port } = await server.listen({ port: 0 });
    afterTest(() => server.close({ drainMs: 0 }));
    const peer = await caller(port, transport);
    const { wrap } = await import("./peer.js");
    const { messageOf } = await import("./messages.js");
    const message = messageOf("binary", { name, seqid: 3 }, Buffer.from([0]));
    peer.raw.send(wrap(message, transport, { seqid: 3, strings: strings ?? new Map() }));
    const reply = (await peer.raw.reply())!;
    expect(peer.codec.readHeader(reply.message)).toMatchObject({
      type: "reply",
      name: name.split(":").at(-1),
      seqid: 3,
    });
    expect(Buffer.from(reply.message).toString("latin1")).toContain("other");
  });
});

describe("handlers", () => {
  it("must be there for every method, those that are inherited included", () => {
    const { inherited: _, ...rest } = echoHandlers();
    expect(() => createServer(Echo, rest)).toThrow(/handler for Echo.inherited/);
  });

  it("may be methods of a class, bound to its instance, of any name but those that every object has", () => {
    const hostile = parseSchema(
      { "a.thrift": "service S { string toString(), string valueOf(), string then() }" },
      { entry: "a.thrift" },
    );
    class Handlers {
      #secret = "own";
      toString = () => this.#secret;
      valueOf() {
        return this.#secret as unknown as object;
      }
      then() {
        return this.#secret;
      }
    }
    const routes = new Routes(resolveServerOptions({}));
    routes.add(hostile.service("S"), new Handlers(), false);
    for (const name of ["toString", "valueOf", "then"]) {
      const found = routes.find(name, undefined);
      expect("handler" in found && found.handler()).toBe("own");
    }
    expect(() => createServer(hostile.service("S"), { then: () => "" })).toThrow(/handler for S.toString/);
  });
});
