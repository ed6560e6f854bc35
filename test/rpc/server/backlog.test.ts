/** A connection that the kernel has taken and the process has not yet accepted, when the server begins to close. */

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { compileService } from "../../../src/codec/message/service.js";
import { Echo } from "./echo.js";
import { closeAfterEach, start } from "./fixture.js";
import { wrap } from "./peer.js";

closeAfterEach();

/** Connects, says so, calls, and gives what comes back, or why nothing does. */
const CALLER = `
const { connect } = require("node:net");
const { parentPort, workerData: { port, request, isConnected } } = require("node:worker_threads");
const socket = connect(port, "127.0.0.1", () => {
  Atomics.store(isConnected, 0, 1);
  Atomics.notify(isConnected, 0);
});
socket.write(request);
socket.on("data", (bytes) => { parentPort.postMessage(new Uint8Array(bytes)); socket.end(); });
socket.on("error", ({ code }) => parentPort.postMessage(code));
`;

it("is served, not reset", async () => {
  const { server, port } = await start({ echo: async (text: string) => text });
  const codec = compileService(Echo);
  const request = wrap(codec.methods.get("echo")!.encodeCall({ text: "hello" }, 1), "framed");
  const isConnected = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(CALLER, { eval: true, workerData: { port, request, isConnected } });
  const answered = once(worker, "message") as Promise<[Uint8Array | string]>;
  // The event loop stands still until the kernel has taken the connection.
  Atomics.wait(isConnected, 0, 0, 10_000);
  await server.close();
  const [reply] = await answered;
  expect(codec.decodeMessage((reply as Uint8Array).subarray(4))).toMatchObject({ type: "reply", success: "hello" });
  await worker.terminate();
});
