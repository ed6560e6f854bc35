import { describe, expect, it } from "vitest";
import { accessRules, type Authorize } from "../../../src/rpc/middleware/access.js";
import { caller, closeAfterEach, start } from "./fixture.js";
import { messageOf } from "./messages.js";
import { WAYS, wrap } from "./peer.js";

closeAfterEach();

const RULES = accessRules([{ effect: "allow", method: "nothing" }]);

const AUTHORIZE: [string, Authorize][] = [
  ["says no", RULES],
  [
    "throws",
    (request) => {
      if (request.method.name === "nothing") return true;
      throw new Error("x");
    },
  ],
  ["gives a promise", (request) => request.method.name === "nothing" || (Promise.resolve(true) as unknown as boolean)],
];

describe.each(AUTHORIZE)("a call for which a rule %s", (_what, authorize) => {
  it.each(WAYS)("is refused before its arguments are decoded, over %s in %s", async (transport, protocol) => {
    const called: unknown[] = [];
    const handler = (text: string) => (called.push(text), text);
    const { port } = await start({ echo: handler, same: handler, fire: handler }, { authorize });
    const peer = await caller(port, transport, protocol);
    peer.raw.send(peer.encode("fire", { text: "" }, 1));
    // Without its required field.
    const args = {
      binary: Buffer.from("0c00010000", "hex"),
      compact: Buffer.from("1c0000", "hex"),
      tjson: Buffer.from(`{"1":{"rec":{}}}`),
    };
    peer.raw.send(wrap(messageOf(protocol, { name: "same", seqid: 2 }, args[protocol]), transport));
    const { content, header } = await peer.answer();
    const message = expect.stringMatching(/^FORBIDDEN: /);
    expect(content).toMatchObject({ type: "exception", seqid: 2, error: { typeId: 6, message } });
    if (header !== undefined)
      expect(Object.fromEntries(header.strings)).toEqual({ "x-err": "forbidden", "x-exec": "no" });
    expect((await peer.call("nothing", {}, 3)).content).toMatchObject({ type: "reply", seqid: 3 });
    expect(called).toEqual([]);
  });
});

it("a rule sees the service, the method and what came with the call", async () => {
  const seen: unknown[] = [];
  const { port } = await start({}, { authorize: (request) => (seen.push(request), true) });
  const peer = await caller(port, "ttheader");
  const strings = new Map([
    ["mine", "1"],
    ["RPC_PERSIST_P", "2"],
  ]);
  await peer.call("inherited", { value: 1 }, 1, { strings });
  expect(seen).toMatchObject([{ service: { name: "Echo" }, method: { name: "inherited" }, tls: undefined }]);
  const [{ headers, metainfo }] = seen as [
    { headers: Map<string, string>; metainfo: { persistent: Map<string, string> } },
  ];
  expect([[...headers], [...metainfo.persistent]]).toEqual([[["mine", "1"]], [["P", "2"]]]);
});
