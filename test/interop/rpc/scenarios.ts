/** What is tried between every two ends, in every transport and protocol: the same for clients and for servers. */

import { expect } from "vitest";
import type { Caller, Outcome } from "./peer.js";

/** The two ends, as far as outcomes differ between libraries. */
export interface Ends {
  caller: Caller;
  /** Type of the TApplicationException for a method that the server does not know. */
  unknownMethod: number;
  /** Type of the TApplicationException for a handler that fails with what no method declares. */
  internalError: number;
}

export interface Scenario {
  title: string;
  /** Only where one port serves Everything and Counter. */
  needsSeveralServices?: boolean;
  run(call: Call, ends: Ends): Promise<void>;
}

type Call = (method: string, ...args: unknown[]) => Promise<Outcome>;

const LOST = { threw: "NotFound", fields: { message: "é", code: 404, near: { x: 1, y: -1 } } };
const DENIED = { threw: "Forbidden", fields: { who: "nobody" } };

export const SCENARIOS: readonly Scenario[] = [
  {
    title: "arguments keep their places, whatever their ids",
    async run(call) {
      expect(await call("join", ["a", "b", "c"], "-", 2)).toEqual({ returned: "a-b-ca-b-c" });
    },
  },
  {
    title: "a void method returns",
    async run(call) {
      expect(await call("ping")).toEqual({ returned: undefined });
      expect(await call("check", "found")).toEqual({ returned: undefined });
    },
  },
  {
    title: "a method of the service that this one extends",
    async run(call) {
      expect(await call("name")).toEqual({ returned: "Everything" });
    },
  },
  {
    title: "declared exceptions, also of a void method",
    async run(call) {
      expect(await call("find", "lost")).toEqual(LOST);
      expect(await call("find", "denied")).toEqual(DENIED);
      expect(await call("check", "lost")).toEqual(LOST);
      expect(await call("find", "four")).toEqual({ returned: { x: 4, y: 0 } });
    },
  },
  {
    title: "an exception that no method declares, and the next call",
    async run(call, { internalError }) {
      expect(await call("find", "broken")).toEqual({ refused: internalError });
      expect(await call("check", "broken")).toEqual({ refused: internalError });
      expect(await call("echoI32", 1)).toEqual({ returned: 1 });
    },
  },
  {
    title: "oneway: the calls that follow get their own answers",
    async run(call) {
      for (let i = 0; i < 5; i++) {
        expect(await call("note", `note ${i}`)).toEqual({ returned: undefined });
        expect(await call("echoI32", i)).toEqual({ returned: i });
        expect(await call("echoString", `text ${i}`)).toEqual({ returned: `text ${i}` });
      }
      expect(await takeNotes(call, 5)).toEqual(["note 0", "note 1", "note 2", "note 3", "note 4"]);
    },
  },
  {
    title: "oneway: nobody answers when the handler fails",
    async run(call) {
      expect(await call("note", "broken")).toEqual({ returned: undefined });
      expect(await call("echoI32", 7)).toEqual({ returned: 7 });
      expect(await call("echoI32", 8)).toEqual({ returned: 8 });
    },
  },
  {
    title: "a method that the server does not know, and the next call",
    async run(call, { caller, unknownMethod }) {
      const unknown = await caller.call({ service: "Newer", method: "vanish", args: [{}] });
      expect(unknown).toMatchObject({ refused: unknownMethod });
      expect(await call("echoI32", 1)).toEqual({ returned: 1 });
    },
  },
  {
    title: "calls at once get their own answers",
    async run(call) {
      const numbers = Array.from({ length: 40 }, (_, i) => i);
      const answers = await Promise.all(
        numbers.map((i) => (i % 2 === 0 ? call("echoI32", i) : call("echoString", `text ${i}`))),
      );
      expect(answers).toEqual(numbers.map((i) => ({ returned: i % 2 === 0 ? i : `text ${i}` })));
    },
  },
  {
    title: "a large message",
    async run(call) {
      const value = Buffer.alloc(300_000, "0123456789");
      const { returned } = (await call("echoBinary", value)) as { returned: Uint8Array };
      expect(value.equals(returned)).toBe(true);
    },
  },
  {
    title: "two services on one port",
    needsSeveralServices: true,
    async run(call, { caller }) {
      const counter = callsOf(caller, "Counter");
      const { returned: before } = (await counter("add", 0n)) as { returned: bigint };
      expect(await counter("add", 5n)).toEqual({ returned: before + 5n });
      expect(await counter("name")).toEqual({ returned: "Counter" });
      expect(await call("name")).toEqual({ returned: "Everything" });
    },
  },
];

/** Calls the methods of a service. Some clients give backward values with every outcome; they are not asked for here. */
export function callsOf(caller: Caller, service: string): Call {
  return async (method, ...args) => {
    const { backward: _, ...outcome } = await caller.call({ service, method, args });
    return outcome;
  };
}

/** So many notes. A oneway message may travel over a connection of its own, and be overtaken. */
async function takeNotes(call: Call, count: number): Promise<string[]> {
  const taken: string[] = [];
  await expect
    .poll(async () => {
      const { returned } = (await call("notes")) as { returned: string[] };
      taken.push(...returned);
      return taken.length;
    })
    .toBe(count);
  return taken.sort();
}
