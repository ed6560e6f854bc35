/** Calls over TLS and mutual TLS, from `createClient` to a handler that asks who calls. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createClient,
  createServer,
  executedOf,
  type CallContext,
  type ClientTlsOptions,
} from "../../src/rpc/index.js";
import { parseSchema } from "../../src/schema/parse.js";
import { Authority, type Certificate, hasOpenssl } from "../transport/certificates.js";

const Who = parseSchema({ "who.thrift": "service Who { list<string> am_i() }" }).service("Who");
const WAYS = ["pool", "mux", "short"] as const;

describe.skipIf(!hasOpenssl)("calls over TLS", () => {
  let authority: Authority;
  let server: Certificate;
  let client: Certificate;

  beforeAll(() => {
    authority = new Authority("ours");
    server = authority.sign("DNS:localhost,IP:127.0.0.1");
    client = authority.sign("URI:spiffe://example/caller");
  });

  afterAll(() => {
    authority.remove();
  });

  async function callOver(connections: (typeof WAYS)[number], tls: ClientTlsOptions): Promise<unknown> {
    await using running = createServer(
      Who,
      { am_i: (context: CallContext) => context.peer.tls?.san ?? [] },
      { tls: { key: server.key, cert: server.cert, clientCa: authority.cert } },
    );
    const { address } = await running.listen({ port: 0 });
    await using caller = createClient(Who, { address, connections, tls, timeoutMs: 5000 });
    return await caller.call("am_i", []);
  }

  it.each(WAYS)("%s: the handler sees the names in the certificate of its caller", async (connections) => {
    const { key, cert } = client;
    expect(await callOver(connections, { ca: authority.cert, key, cert })).toEqual(["URI:spiffe://example/caller"]);
  });

  it.each(WAYS)("%s: a caller without a certificate is refused before its call is run", async (connections) => {
    const error: unknown = await callOver(connections, { ca: authority.cert }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "TransportError" });
  });

  it.each(WAYS)("%s: a server that cannot be verified gets no call", async (connections) => {
    const { key, cert } = client;
    const error: unknown = await callOver(connections, { key, cert }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "TransportError" });
    expect(executedOf(error)).toBe("no");
  });
});
