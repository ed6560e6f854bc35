import { setTimeout as wait } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { parseAddress } from "../../src/transport/address.js";
import { Connection } from "../../src/transport/connection.js";
import { resolveTransportLimits } from "../../src/transport/limits.js";
import { type ListenAddress, Listener } from "../../src/transport/listener.js";
import { ConnectionPool } from "../../src/transport/pool.js";
import { connectSocket } from "../../src/transport/socket.js";
import { timers } from "../../src/transport/timer-wheel.js";
import { messageOf, Places, PLACES, until } from "./connected.js";

const places = new Places();

afterEach(() => places.close());

/** A pool of connections to a server: some lent and given back, some cut off, some idle when all is closed. */
async function useAndClose(where: ListenAddress): Promise<void> {
  const limits = resolveTransportLimits();
  const listener = new Listener({
    limits,
    onConnection: (socket, { address }) => {
      new Connection(
        socket,
        { address, limits },
        {
          onFrame: (frame, connection) => connection.sendFramed(frame.bytes),
          onIdle: (connection) => connection.end(),
          onClose: () => undefined,
        },
      );
    },
  });
  const { address } = await listener.listen(where);
  const endpoint = parseAddress("connect" in where ? where : address);
  let replies = 0;
  let closed = 0;
  const pool = new ConnectionPool(
    async (to, signal) => {
      const socket = await connectSocket(to, { signal });
      const connection = new Connection(
        socket,
        { address, limits },
        { onFrame: () => replies++, onClose: () => closed++ },
      );
      return {
        connection,
        close: () => connection.end(),
        get isUsable() {
          return connection.isOpen;
        },
      };
    },
    { minIdlePerAddress: 1 },
  );
  const lent = await Promise.all(Array.from({ length: 5 }, async () => pool.acquire(endpoint)));
  for (const { connection } of lent) connection.sendFramed(messageOf(1, 100_000));
  await until(() => replies === lent.length);
  lent[0].connection.destroy();
  pool.discard(lent[0]);
  for (const each of lent.slice(1)) pool.release(each);
  await until(() => pool.stats.connecting === 0);
  pool.close();
  await until(() => closed >= lent.length && listener.connectionCount === 0);
  await listener.close();
}

/** What there is more of than before. The test runner has some of its own, which come and go. */
function addedTo(before: readonly string[], now: readonly string[]): string[] {
  const count = (all: readonly string[], kind: string): number => all.filter((each) => each === kind).length;
  return [...new Set(now)].filter((kind) => count(now, kind) > count(before, kind));
}

it.each(PLACES)("over %s everything is given back: no socket, server, timer or listener is left", async (kind) => {
  await useAndClose(places.address(kind));
  // The operating system takes a moment to close what was closed.
  await wait(50);
  const before = process.getActiveResourcesInfo();
  const listeners = process.eventNames().map((name) => process.listenerCount(name));
  await useAndClose(places.address(kind));
  await wait(50);
  expect(addedTo(before, process.getActiveResourcesInfo())).toEqual([]);
  expect(process.eventNames().map((name) => process.listenerCount(name))).toEqual(listeners);
  expect(timers.size).toBe(0);
});
