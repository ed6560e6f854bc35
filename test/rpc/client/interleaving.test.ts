/** Calls whose every event comes in every order: each is settled once, by its own reply or by a reason that is true. */

import { Duplex } from "node:stream";
import fc from "fast-check";
import { expect, it } from "vitest";
import { compileService } from "../../../src/codec/message/service.js";
import { ThriftError } from "../../../src/errors.js";
import { createClient } from "../../../src/rpc/client/client.js";
import { executedOf } from "../../../src/rpc/executed.js";
import type { Loopback } from "../../../src/transport/loopback.js";
import { Reassembly } from "../../../src/transport/reassembly.js";
import { Echo } from "../server/echo.js";
import { wrap } from "../server/peer.js";
import { PEER } from "../../transport/kitex.js";

const codec = compileService(Echo);

/** The server's end of a connection: what it does is up to the schedule. */
class ScheduledSocket extends Duplex {
  readonly #reassembly = new Reassembly(PEER);
  readonly #schedule: (name: string, act: () => void) => void;
  readonly #seen: Set<unknown>;
  readonly #pieces: Uint8Array[] = [];

  constructor(schedule: (name: string, act: () => void) => void, seen: Set<unknown>) {
    super();
    this.#schedule = schedule;
    this.#seen = seen;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, written: () => void): void {
    this.#schedule("the bytes leave", () => {
      this.#reassembly.push(new Uint8Array(chunk));
      for (let frame = this.#reassembly.next(); frame !== undefined; frame = this.#reassembly.next()) {
        this.#receive(frame.bytes);
      }
      written();
    });
  }

  #receive(message: Uint8Array): void {
    const call = codec.decodeMessage(message);
    if (call.type !== "call") return;
    const text = call.args.text;
    this.#seen.add(text);
    const reply = wrap(codec.methods.get("echo")!.encodeReply(text, call.seqid), "framed");
    // In any order, but one after the other, and each in two pieces.
    this.#schedule(`the reply to ${String(text)}`, () => {
      this.#pieces.push(reply.subarray(0, reply.length >> 1), reply.subarray(reply.length >> 1));
      for (let piece = 0; piece < 2; piece++) this.#schedule("a piece arrives", () => this.#arrive());
    });
  }

  #arrive(): void {
    const piece = this.#pieces.shift()!;
    if (!this.destroyed && !this.readableEnded) this.push(Buffer.from(piece));
  }
}

const CASES = fc.record({
  connections: fc.constantFrom("pool" as const, "mux" as const, "short" as const),
  calls: fc.integer({ min: 1, max: 4 }),
  /** Which calls have a signal. */
  aborted: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  ending: fc.constantFrom("none" as const, "reset" as const, "end" as const, "destroy" as const, "close" as const),
});

it("each call settles once, whatever comes when", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), CASES, async (scheduler, { connections, calls, aborted, ending }) => {
      const seen = new Set<unknown>();
      const sockets: ScheduledSocket[] = [];
      const schedule = (name: string, act: () => void): void => {
        void scheduler.schedule(Promise.resolve(), name).then(act);
      };
      const address: Loopback = {
        kind: "loopback",
        text: "scheduled",
        connect() {
          const socket = new ScheduledSocket(schedule, seen);
          sockets.push(socket);
          return socket;
        },
        listen: () => () => undefined,
      };
      const client = createClient(Echo, { address, connections, retry: false, timeoutMs: 0 });

      const settled: string[] = [];
      const outcomes = Array.from({ length: calls }, async (_, i) => {
        const text = `call ${String(i)}`;
        const abort = new AbortController();
        if (aborted[i]) schedule(`${text} is aborted`, () => abort.abort());
        if (i > 0) await scheduler.schedule(Promise.resolve(), `${text} is made`);
        try {
          const result = await client.echo(text, aborted[i] ? { signal: abort.signal } : {});
          settled.push(text);
          expect(result).toBe(text);
        } catch (error) {
          settled.push(text);
          // What becomes of one call is no reason for another to fail.
          expect(aborted[i] || ending !== "none").toBe(true);
          expect(error).toBeInstanceOf(ThriftError);
          expect(executedOf(error)).not.toBe("yes");
          if (executedOf(error) === "no") expect(seen).not.toContain(text);
        }
      });
      const ENDINGS = {
        none: () => undefined,
        reset: () => sockets.at(-1)?.destroy(new Error("reset")),
        end: () => sockets.at(-1)?.push(null),
        destroy: () => client.destroy(),
        close: () => void client.close(),
      };
      schedule(ending, ENDINGS[ending]);

      await scheduler.waitFor(Promise.all(outcomes));
      expect(settled.sort()).toEqual(Array.from({ length: calls }, (_, i) => `call ${String(i)}`));
      client.destroy();
      await scheduler.waitIdle();
    }),
    { numRuns: process.env.SCRIMP_LONG === "1" ? 5000 : 500 },
  );
}, 300_000);
