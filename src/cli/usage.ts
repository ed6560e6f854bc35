/** What only shows when the options are put to use. */

import type { Command } from "commander";

/** Runs what refuses options with a RangeError. @throws CommanderError then, as for any mistake of the command line. */
export async function inUsage<T>(command: Command, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return command.error(`error: ${error.message}`);
  }
}
