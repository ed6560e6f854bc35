/** Handlers and hooks that do what they should not: one answer each, and the process and the connection go on. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ServerLogEvent } from "../../../src/rpc/server/log.js";
import { caller, closeAfterEach, settle, start } from "./fixture.js";
import { WAYS } from "./peer.js";

closeAfterEach();

const uncaught: unknown[] = [];
const onUncaught = (error: unknown): void => void uncaught.push(error);
beforeEach(() => {
  uncaught.length = 0;
  process.on("uncaughtException", onUncaught).on("unhandledRejection", onUncaught);
});
afterEach(async () => {
  await settle();
  process.off("uncaughtException", onUncaught).off("unhandledRejection", onUncaught);
  expect(uncaught).toEqual([]);
});

const hostileError = Object.defineProperty(new Error("x"), "message", {
  get() {
    throw new Error("no message");
  },
});
const noType = new Proxy(
  {},
  {
    get() {
      throw new Error("no get");
    },
    getPrototypeOf() {
      throw new Error("no prototype");
    },
  },
);

const THROWN: [string, unknown][] = [
  ["an error", new Error("secret")],
  ["undefined", undefined],
  ["null", null],
  ["a string", "secret"],
  ["a frozen error", Object.freeze(new Error("secret"))],
  ["an error whose message throws", hostileError],
  ["an object that cannot be looked at", noType],
  ["a symbol", Symbol("secret")],
];

const HOW: [string, (error: unknown) => unknown][] = [
  [
    "throws",
    (error) => {
      throw error;
    },
  ],
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- that is the case
  ["rejects with", (error) => Promise.reject(error)],
  [
    "rejects later with",
    async (error) => {
      await settle(1);
      throw error;
    },
  ],
  [
    "settles twice, first with",
    (error) => ({
      then(resolve: (value: string) => void, reject: (reason: unknown) => void) {
        reject(error);
        resolve("second");
        throw new Error("third");
      },
    }),
  ],
];

describe.each(HOW)("a handler that %s", (_how, fail) => {
  it.each(THROWN)("%s is answered with an internal error, once, whoever listens", async (_what, error) => {
    for (const exposeErrors of [false, true]) {
      const { port } = await start({ echo: () => fail(error) }, { exposeErrors });
      const peer = await caller(port);
      const { content } = await peer.call("echo", { text: "" }, 5);
      expect(content).toMatchObject({ type: "exception", seqid: 5, error: { typeId: 6 } });
      if (!exposeErrors) expect(content).toMatchObject({ error: { message: "internal error" } });
      expect((await peer.call("nothing", {}, 6)).content).toMatchObject({ type: "reply", seqid: 6 });
      expect(peer.raw.waiting).toBe(0);
    }
  });
});

describe("a handler", () => {
  it("that returns a promise whose `then` throws, or is a getter that does, is answered once", async () => {
    for (const result of [
      {
        then() {
          throw new Error("x");
        },
      },
      {
        get then(): unknown {
          throw new Error("x");
        },
      },
    ]) {
      const { port } = await start({ echo: () => result });
      const peer = await caller(port);
      expect((await peer.call("echo", { text: "" })).content).toMatchObject({ error: { typeId: 6 } });
      expect((await peer.call("nothing", {}, 6)).content.seqid).toBe(6);
    }
  });

  it.each(WAYS)("whose result does not fit is answered with the reason, over %s in %s", async (transport, protocol) => {
    const results: [unknown, RegExp][] = [
      [undefined, /expected a result, found none/],
      [5, /Echo.echo result.success: expected string, found number/],
    ];
    for (const [result, message] of results) {
      const { port } = await start({ echo: () => result });
      const { content } = await (await caller(port, transport, protocol)).call("echo", { text: "" });
      expect(content).toMatchObject({
        type: "exception",
        error: { typeId: 6, message: expect.stringMatching(message) },
      });
    }
  });

  it.each(WAYS)(
    "whose result is too long is answered with an exception, over %s in %s",
    async (transport, protocol) => {
      const limits = { maxFrameBytes: 1000, maxMessageBytes: 1000 };
      const { port } = await start({ echo: () => "x".repeat(2000) }, { limits });
      const peer = await caller(port, transport, protocol);
      expect((await peer.call("echo", { text: "" })).content).toMatchObject({
        type: "exception",
        error: { typeId: 6 },
      });
      expect((await peer.call("nothing", {}, 2)).content.seqid).toBe(2);
    },
  );

  it("that throws long text has it cut between characters where it is exposed", async () => {
    const options = { exposeErrors: true, limits: { maxErrorTextBytes: 10 } };
    const { port } = await start(
      {
        echo: () => {
          throw new Error("ääääääääää");
        },
      },
      options,
    );
    const { content } = await (await caller(port)).call("echo", { text: "" });
    expect(content).toMatchObject({ error: { message: "äääää" } });
  });

  it("that sends back header values with line breaks is answered with an exception", async () => {
    const { port } = await start({
      echo: (_text: string, context: { replyHeaders: Map<string, string> }) => {
        context.replyHeaders.set("a", "x\r\ny");
        return "";
      },
    });
    const { content } = await (await caller(port, "ttheader")).call("echo", { text: "" });
    expect(content).toMatchObject({ type: "exception", error: { typeId: 6 } });
  });

  it("of a oneway method that fails is not answered but logged", async () => {
    const logged: ServerLogEvent[] = [];
    const error = new Error("x");
    const { port } = await start({ fire: () => Promise.reject(error) }, { log: (event) => logged.push(event) });
    const peer = await caller(port);
    peer.raw.send(peer.encode("fire", { text: "" }, 1));
    expect((await peer.call("nothing", {}, 2)).content.seqid).toBe(2);
    await settle();
    expect(logged).toEqual([{ level: "error", message: "a handler failed", method: "Echo.fire", error }]);
  });
});

describe("a hook that throws", () => {
  it("is ignored where it logs, at once or by a promise", async () => {
    const logs: (() => any)[] = [
      () => {
        throw new Error("x");
      },
      () => Promise.reject(new Error("x")),
    ];
    const echo = (): void => {
      throw new Error("y");
    };
    for (const log of logs) {
      const { port } = await start({ echo }, { log });
      expect((await (await caller(port)).call("echo", { text: "" })).content).toMatchObject({ error: { typeId: 6 } });
    }
  });

  it("fails the call where it is middleware, whether it throws at once or rejects", async () => {
    for (const middleware of [
      () => {
        throw new Error("x");
      },
      () => () => {
        throw new Error("x");
      },
      () => () => Promise.reject(new Error("x")),
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- that is the case
      () => () => Promise.reject(noType),
    ]) {
      const { port } = await start({}, { middleware: [middleware] });
      const peer = await caller(port);
      const { content } = await peer.call("echo", { text: "" });
      expect(content).toMatchObject({ type: "exception", error: { typeId: 6, message: "internal error" } });
    }
  });
});
