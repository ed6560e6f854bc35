/** Calls between scrimp and the libraries of others, in both directions, by one list of scenarios. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { difference } from "../../support/outcome.js";
import { describeWhenRequired, describeWithPeer } from "../../support/peers.js";
import { bugsIn } from "../cross/known-bugs.js";
import { ordered } from "../cross/value.js";
import { methodOf, schema, type Caller, type Peer, type Server, type Wiring } from "./peer.js";
import { kitexPeer, npmPeer, pythonPeer } from "./programs.js";
import { callsOf, SCENARIOS } from "./scenarios.js";
import { scrimp } from "./scrimp.js";
import { ECHOES } from "./values.js";

const APACHE: readonly Wiring[] = (["framed", "buffered"] as const).flatMap((transport) =>
  (["binary", "compact", "tjson"] as const).flatMap((protocol) =>
    [false, true].map((multiplexed) => ({ transport, protocol, multiplexed })),
  ),
);

const KITEX: readonly Wiring[] = [
  ...(["framed", "buffered", "ttheader", "ttheader-framed"] as const).map((transport) => ({ transport })),
  { transport: "ttheader", mux: true } as const,
  { transport: "ttheader", checksum: true } as const,
  { transport: "ttheader-framed", checksum: true } as const,
].map((wiring) => ({ ...wiring, protocol: "binary" }));

const isTTHeader = ({ transport }: Wiring): boolean => transport.startsWith("ttheader");

/** Types of TApplicationException that a server sends. npm's are in a field that it never sets. */
function applicationErrors(server: Peer["name"], wiring: Wiring): { unknownMethod: number; internalError: number } {
  if (server === "npm") return { unknownMethod: 0, internalError: 0 };
  // The caller names a service that the server does not know, or the server cannot tell which one is meant.
  const isServiceUnknown = server === "kitex" || (server === "scrimp" && isTTHeader(wiring));
  return { unknownMethod: isServiceUnknown ? 20 : 1, internalError: 6 };
}

function titleOf(wiring: Wiring): string {
  const { transport, protocol, ...switches } = wiring;
  return [transport, protocol, ...Object.entries(switches).flatMap(([name, isOn]) => (isOn ? [name] : []))].join(" ");
}

function testEnds(wiring: Wiring, ends: () => { server: Peer; client: Peer }): void {
  let server: Server;
  let caller: Caller;
  let names: { server: Peer["name"]; peer: Peer["name"] };

  beforeAll(async () => {
    const { server: serving, client: calling } = ends();
    names = { server: serving.name, peer: serving === scrimp ? calling.name : serving.name };
    server = await serving.serve(wiring);
    caller = calling.connect(`127.0.0.1:${server.port}`, wiring);
  });

  afterAll(async () => {
    await caller.close();
    await server.close();
  });

  // To multiplex changes a name, not the values.
  it.each(wiring.multiplexed === true ? [] : ECHOES)("echoes %s", async (_what, method, value) => {
    const { args } = methodOf(schema.service("Everything"), method);
    if (names.peer === "npm" && bugsIn("npm", wiring.protocol, args, { value }).length > 0) return;
    const echoed = await callsOf(caller, "Everything")(method, value);
    expect(echoed).toHaveProperty("returned");
    const { returned } = echoed as { returned: unknown };
    expect(difference(ordered(args, { value: returned }), ordered(args, { value }))).toBeUndefined();
  });

  const severalServices = wiring.multiplexed === true || isTTHeader(wiring);
  const scenarios = SCENARIOS.filter((each) => severalServices || each.needsSeveralServices !== true);
  it.each(scenarios.map((scenario) => [scenario.title, scenario] as const))("%s", async (_title, scenario) => {
    await scenario.run(callsOf(caller, "Everything"), { caller, ...applicationErrors(names.server, wiring) });
  });
}

function testPeer(make: () => Peer, wirings: readonly Wiring[]): void {
  let peer: Peer;
  beforeAll(() => {
    peer = make();
  }, 600_000);
  afterAll(() => peer.remove());

  const rows = wirings.map((wiring) => [titleOf(wiring), wiring] as const);
  describe.each(rows)("our client calls its server: %s", (_title, wiring) => {
    testEnds(wiring, () => ({ server: peer, client: scrimp }));
  });
  describe.each(rows)("its client calls our server: %s", (_title, wiring) => {
    testEnds(wiring, () => ({ server: scrimp, client: peer }));
  });
}

describeWhenRequired("calls between libraries", () => {
  describeWithPeer("go", () => {
    testPeer(kitexPeer, KITEX);
  });

  describeWithPeer("thrift", () => {
    describe("the npm package thrift", () => {
      testPeer(npmPeer, APACHE);
    });

    describeWithPeer("python3-thrift", () => {
      testPeer(pythonPeer, APACHE);
    });
  });
});
