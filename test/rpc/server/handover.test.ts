/** A server is closed while clients call it: they go elsewhere, and no call is lost. */

import { describe, expect, it } from "vitest";
import { createClient } from "../../../src/rpc/client/client.js";
import type { ClientOptions } from "../../../src/rpc/client/options.js";
import { Echo } from "./echo.js";
import { afterTest, closeAfterEach, start, until } from "./fixture.js";

closeAfterEach();

const CLIENTS: readonly (readonly [string, Omit<ClientOptions, "address">])[] = [
  ["multiplexed TTHeader", { transport: "ttheader", connections: "mux" }],
  ["pooled TTHeader", { transport: "ttheader", connections: "pool" }],
  ["pooled framed", { transport: "framed", connections: "pool" }],
  ["pooled buffered", { transport: "buffered", connections: "pool" }],
];

describe("a server that is closed under load", () => {
  it.each(CLIENTS)("loses no call of a client that is %s", async (_name, options) => {
    const executed = new Map<string, number>();
    const echo = async (text: string): Promise<string> => {
      executed.set(text, (executed.get(text) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, 3));
      return text;
    };
    const [closing, staying] = [await start({ echo }), await start({ echo })];
    const client = createClient(Echo, {
      address: [`127.0.0.1:${String(closing.port)}`, `127.0.0.1:${String(staying.port)}`],
      ...options,
    });
    afterTest(() => client.close());
    const failures: unknown[] = [];
    let isOver = false;
    let calls = 0;
    const caller = async (): Promise<void> => {
      while (!isOver) {
        const text = String(++calls);
        const answer = await client.echo(text).catch((error: unknown) => failures.push(error));
        if (answer !== text) failures.push(answer);
      }
    };
    const callers = Array.from({ length: 16 }, caller);
    // By then all callers have connections to both: one that is not accepted yet is lost when a listener closes.
    await until(() => executed.size >= 200);
    const result = await closing.server.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    isOver = true;
    await Promise.all(callers);
    expect(failures).toEqual([]);
    expect(result).toMatchObject({ aborted: 0, dropped: 0 });
    expect([...executed.values()].filter((count) => count !== 1)).toEqual([]);
    expect(executed.size).toBe(calls);
  });
});
