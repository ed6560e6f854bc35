/** Rivals that do in Go what transcoders do here, each in a process of its own (`bench/go`). */

import { readFileSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

import type * as Scrimp from "../../src/index.js";
import { goFolder, goProgram } from "../contenders/go-frugal.js";
import { Session } from "../harness/session.js";
import type { TranscodeMessage } from "./messages.js";
import type { Operation } from "./ways.js";

export interface GoRival {
  readonly label: string;
  readonly session: Session;
  /** What the program calls the message and the operation. */
  readonly case: string;
  /** Size of the input; JSON is the rival's own. */
  readonly bytes: number;
}

const RIVALS = [
  { label: "dynamicgo, in Go", program: "dynamicgo" },
  { label: "Kitex generic, in Go", program: "kitex" },
] as const;

/**
 * Starts them for one message and operation. @returns none where there is no Go, and for what they do not do.
 * @throws Error when a rival does not start, or makes something else of the message.
 */
export async function startGoRivals(
  scrimp: typeof Scrimp,
  { name, idl, struct, value }: TranscodeMessage,
  operation: Operation,
): Promise<GoRival[]> {
  if (operation !== "to-json" && operation !== "from-json") return [];
  const workload = `transcode-${name}`;
  const type = scrimp.parseSchema({ "m.thrift": idl }, { entry: "m.thrift" }).struct(struct);
  const binary = scrimp.compile(type);
  const output = operation === "to-json" ? scrimp.compile(type, { protocol: "json" }) : binary;
  const message = binary.encode(value);
  writeFileSync(`${goFolder}${workload}.0.bin`, message);
  writeFileSync(`${goFolder}${workload}.thrift`, idl + methodTaking(struct));

  const rivals: GoRival[] = [];
  for (const { label, program } of RIVALS) {
    const launch = await goProgram(program);
    if ("absent" in launch) continue;
    const goCase = `${workload}/${operation}`;
    const session = await Session.launch({ ...launch, arguments: [goFolder, goCase] });
    if ("absent" in session) throw new Error(`${label}: ${session.absent}`);
    if (!isDeepStrictEqual(output.decode(readFileSync(`${goFolder}${workload}.out`)), binary.decode(message))) {
      throw new Error(`${label}: ${goCase}: the message did not come out as it went in`);
    }
    rivals.push({ label, session, case: goCase, bytes: session.ready.bytes[workload] });
  }
  return rivals;
}

/** Rivals find the struct by way of it. Methods of streams have no struct of arguments around their messages. */
function methodTaking(struct: string): string {
  return `\nservice Bench { void take(1: ${struct} value) (streaming.mode = "client") }\n`;
}
