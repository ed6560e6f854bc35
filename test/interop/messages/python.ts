/** Apache Thrift's Python library as a peer: one process that answers a line for a line. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { PYTHON } from "../../support/peers.js";
import { codeFolder, generateCode } from "../../support/thrift-code.js";
import { IDL, type Found, type Peer } from "./peer.js";

const PROGRAM = fileURLToPath(new URL("python-peer.py", import.meta.url));

export function pythonPeer(): Peer {
  const folder = codeFolder("python");
  generateCode("python", folder, "shop", IDL);
  const child = spawn(PYTHON, [PROGRAM, folder], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  const ask = async (request: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error("the Python peer ended early");
    return JSON.parse(value);
  };
  const askBytes = async (request: object): Promise<Uint8Array> => {
    const { bytes } = (await ask(request)) as { bytes: string };
    return Buffer.from(bytes, "hex");
  };
  const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

  return {
    unknownMethod: 1,

    async serve(protocol, call) {
      const reply = await askBytes({ do: "serve", protocol, bytes: hexOf(call) });
      return reply.length === 0 ? undefined : reply;
    },

    async find(protocol, args, send) {
      const reply = send(await askBytes({ do: "find", protocol, args }));
      return (await ask({ do: "receive", protocol, bytes: hexOf(reply) })) as Found;
    },

    forget: (protocol, name) => askBytes({ do: "forget", protocol, args: [name] }),

    async close() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}
