/** `scrimp explain IDL TYPE`: what the codec of a type does. */

import type { Command } from "commander";
import { resolveOptions } from "../codec/options.js";
import { planStruct } from "../codec/plan.js";
import { printPlan } from "../codec/print.js";
import { generatedSource } from "../codec/source/unit.js";
import type { Shell } from "./shell.js";
import { codecOptions, loadTarget, withTarget, type TargetOptions } from "./target.js";

const EXAMPLE = `
Example:
  $ scrimp explain idl/base.thrift Point
  $ scrimp explain --source idl/base.thrift Point | less

Columns of the plan: bytes is the fewest a value takes; absent, what a field that is not in the message decodes to;
unset, what encoding does with one that is undefined.`;

/** Adds the command. */
export function addExplain(program: Command, shell: Shell): void {
  withTarget(program.command("explain"))
    .description("print the plan by which a type is encoded and decoded")
    .option("--source", "print the generated JavaScript instead")
    .addHelpText("after", EXAMPLE)
    .action(async (idl: string, type: string, options: TargetOptions & { source?: boolean }) => {
      const descriptor = await loadTarget(idl, type, options);
      const plan = planStruct(descriptor, resolveOptions(codecOptions(options)));
      if (options.source !== true) return shell.print(printPlan(plan));
      const { encode, decode } = generatedSource(plan);
      return shell.print(`// encode\n${encode}\n\n// decode\n${decode}\n`);
    });
}
