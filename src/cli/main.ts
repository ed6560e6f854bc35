#!/usr/bin/env node
import { isClosedPipe, run } from "./run.js";

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error) => {
    if (isClosedPipe(error)) process.exit();
    throw error;
  });
}

const { stdin: input, stdout: output, stderr: errors, env } = process;
process.exitCode = await run(process.argv.slice(2), { input, output, errors, env });
