/** `scrimp check FILES`: reads, links and validates IDL, and lists what is wrong. */

import type { Command } from "commander";
import { IdlError, SchemaError, type Problem } from "../errors.js";
import { loadSchema } from "../schema/load.js";
import { problemText } from "./failure.js";
import { InputError } from "./input-error.js";
import type { Shell } from "./shell.js";
import { includeOption } from "./target.js";

const EXAMPLE = `
Example:
  $ scrimp check -I idl idl/*.thrift
  idl/user.thrift:12:3: error: field id 2 is already used on line 10

Findings go to standard output, the summary to standard error. Exit code 1 when there is an error; warnings do not count.`;

/** Adds the command. */
export function addCheck(program: Command, shell: Shell): void {
  program
    .command("check")
    .description("read IDL files and report mistakes with the lines around them")
    .argument("<files...>", "IDL files; their includes are followed")
    .addOption(includeOption())
    .addHelpText("after", EXAMPLE)
    .action((files: string[], { include }: { include: string[] }) => check(files, include, shell));
}

interface Finding {
  problem: Problem;
  severity: "error" | "warning";
}

async function check(files: readonly string[], includeDirs: string[], shell: Shell): Promise<void> {
  // By place and text: files that are checked together may include the same one.
  const findings = new Map<string, Finding>();
  for (const file of files) {
    for (const finding of await findingsOf(file, includeDirs)) {
      const { message, location } = finding.problem;
      const key = [location.file, location.line, location.column, message].join("\0");
      if (findings.has(key)) continue;
      findings.set(key, finding);
      await shell.print(`${problemText(finding.problem, finding.severity, shell.paint)}\n\n`);
    }
  }
  const count = (severity: Finding["severity"]): number =>
    [...findings.values()].filter((finding) => finding.severity === severity).length;
  const summary = `found ${plural(count("error"), "error")} and ${plural(count("warning"), "warning")} in ${plural(files.length, "file")}`;
  if (count("error") > 0) throw new InputError(summary);
  shell.tell(summary);
}

async function findingsOf(file: string, includeDirs: string[]): Promise<Finding[]> {
  try {
    const { warnings } = await loadSchema(file, { includeDirs });
    return warnings.map((problem) => ({ problem, severity: "warning" }));
  } catch (error) {
    if (!(error instanceof IdlError || error instanceof SchemaError)) throw error;
    return error.problems.map((problem) => ({ problem, severity: "error" }));
  }
}

function plural(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}
