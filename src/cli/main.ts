#!/usr/bin/env node
import { ExitCode, isClosedPipe, run } from "./run.js";

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: Error) => {
    if (isClosedPipe(error)) process.exit();
    // A full disk, say; on files it comes both here and to the writer.
    process.stderr.write(`error: ${error.message}\n`);
    process.exit(ExitCode.BAD_INPUT);
  });
}

const { stdin: input, stdout: output, stderr: errors, env } = process;
process.exitCode = await run(process.argv.slice(2), { input, output, errors, env });
