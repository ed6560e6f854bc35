/** dynamicgo, which does in Go what transcoders do here, in a process of its own (`bench/go`). */

import { writeFileSync } from "node:fs";

import type * as Scrimp from "../../src/index.js";
import { goFolder, goProgram } from "../contenders/go-frugal.js";
import { Session } from "../harness/session.js";
import type { TranscodeMessage } from "./messages.js";
import type { Operation } from "./ways.js";

/** Starts it for one message and operation. @returns undefined where there is no Go, and for what dynamicgo does not do. */
export async function startDynamicgo(
  scrimp: typeof Scrimp,
  { name, idl, struct, value }: TranscodeMessage,
  operation: Operation,
): Promise<Session | undefined> {
  if (operation !== "to-json" && operation !== "from-json") return undefined;
  const program = await goProgram();
  if ("absent" in program) return undefined;
  const file = `transcode-${name}`;
  const type = scrimp.parseSchema({ "m.thrift": idl }, { entry: "m.thrift" }).struct(struct);
  writeFileSync(`${goFolder}${file}.0.bin`, scrimp.compile(type).encode(value));
  writeFileSync(`${goFolder}${file}.thrift`, idl);
  writeFileSync(`${goFolder}${file}.type`, struct);
  const session = await Session.launch({ ...program, arguments: [goFolder, goCase(name, operation)] });
  return "absent" in session ? undefined : session;
}

/** What the program calls it. */
export function goCase(name: string, operation: Operation): string {
  return `transcode-${name}/${operation}`;
}
