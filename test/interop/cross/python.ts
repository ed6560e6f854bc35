/** Apache Thrift's Python library as a peer: one process that answers a line for a line. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { StructDescriptor } from "../../../src/schema/descriptor.js";
import { spelledOut, type Spelled } from "../../support/golden.js";
import { PYTHON } from "../../support/peers.js";
import { codeFolder, generateCode } from "../../support/thrift-code.js";
import type { Answer, Peer, Question, SharedSchema } from "./peer.js";

const PROGRAM = fileURLToPath(new URL("python-peer.py", import.meta.url));

type Reply = { value: Spelled; bytes: string } | { error: string };

export function pythonPeer(): Peer {
  const folder = codeFolder("python");
  const child = spawn(PYTHON, [PROGRAM, folder], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  const nextReply = async (): Promise<Reply> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error("the Python peer ended early");
    return JSON.parse(value) as Reply;
  };

  return {
    name: "python",
    dialects: { binary: ["binary", "binary (C)"], compact: ["compact", "compact (C)"], tjson: ["tjson"] },

    add({ name, idl }: SharedSchema) {
      generateCode("python", folder, name, idl);
    },

    async ask(questions) {
      for (const question of questions) child.stdin.write(`${JSON.stringify(requestOf(question))}\n`);
      const answers: Answer[] = [];
      for (const { type } of questions) {
        const reply = await nextReply();
        answers.push(
          "error" in reply
            ? reply
            : { value: spelledOut(type, reply.value), bytes: Buffer.from(reply.bytes, "base64") },
        );
      }
      return answers;
    },

    async close() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

function requestOf({ from, type, dialect, bytes }: Question): object {
  return {
    module: `${from.name}.${fileOf(from, type)}`,
    struct: type.name,
    protocol: dialect,
    bytes: Buffer.from(bytes).toString("base64"),
  };
}

/** The Python file of a type: arguments and results stand in that of their service. */
function fileOf({ schema }: SharedSchema, type: StructDescriptor): string {
  const service = schema.services.find(({ methods }) =>
    methods.some(({ args, result }) => args === type || result === type),
  );
  return service?.name ?? "ttypes";
}
