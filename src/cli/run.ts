/** The command line as a function: arguments and streams in, exit code out. */

import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { addBenchRpc } from "./bench-rpc.js";
import { addCall } from "./call.js";
import { CallFailure } from "./call-failure.js";
import { addCheck } from "./check.js";
import { addDecode } from "./decode.js";
import { addEncode } from "./encode.js";
import { addExplain } from "./explain.js";
import { failureText } from "./failure.js";
import { addInfo } from "./info.js";
import { addMessage } from "./message.js";
import { addServe } from "./serve.js";
import { Shell, type ShellStreams } from "./shell.js";

/** What a shell sees. */
export const ExitCode = {
  OK: 0,
  /** The IDL, the JSON or the bytes are wrong, or cannot be read; or the output cannot be written. */
  BAD_INPUT: 1,
  /** The command line is wrong. */
  USAGE: 2,
  /** The server answered a call with an exception or a business status. */
  EXCEPTION: 3,
  /** The server did not answer a call. */
  NO_ANSWER: 4,
} as const;

const EXIT_CODES = `
Exit codes: 0 all is well, 1 the input is wrong, 2 the command line is wrong, 3 a call was answered with an exception or a
business status, 4 a call was not answered.
Colours: where a terminal is, unless NO_COLOR is set; everywhere with FORCE_COLOR=1.`;

/**
 * Runs one command.
 *
 * @returns the exit code. Rejects only on what is a bug of ours.
 */
export async function run(args: readonly string[], streams: ShellStreams): Promise<number> {
  const shell = new Shell(streams);
  try {
    await makeProgram(shell, streams).parseAsync(args, { from: "user" });
    return ExitCode.OK;
  } catch (error) {
    if (isClosedPipe(error)) return ExitCode.OK;
    // Commander has told what is wrong by then.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.OK : ExitCode.USAGE;
    const text = failureText(error, shell.paintError);
    if (text === undefined) throw error;
    shell.tell(text);
    return exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (!(error instanceof CallFailure)) return ExitCode.BAD_INPUT;
  return error.isAnswer ? ExitCode.EXCEPTION : ExitCode.NO_ANSWER;
}

/** The reader of our output has enough: `scrimp decode ... | head -1`. */
export function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "EPIPE";
}

function makeProgram(shell: Shell, { output, errors }: ShellStreams): Command {
  const program = new Command("scrimp")
    .description(
      "Thrift from a shell: check IDL, turn JSON into bytes and bytes into JSON, call services and stand in for them.",
    )
    .version(version())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.write(text),
      writeErr: (text) => errors.write(text),
      outputError: (text, write) => write(text.replace(/^error:/, shell.paintError("red", "error:"))),
    })
    .showHelpAfterError("(scrimp --help tells more)")
    .addHelpText("after", EXIT_CODES);
  for (const add of [addCheck, addEncode, addDecode, addMessage, addExplain, addCall, addServe, addBenchRpc, addInfo])
    add(program, shell);
  return program;
}

function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
