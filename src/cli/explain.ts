/** `scrimp explain IDL TYPE`: what the codec of a type does, or a conversion to another protocol. */

import { Option, type Command } from "commander";
import { CODEC_PROTOCOLS, resolveOptions, type CodecProtocol } from "../codec/options.js";
import { planStruct } from "../codec/plan.js";
import { printPlan } from "../codec/print.js";
import { generatedSource } from "../codec/source/unit.js";
import { lower } from "../transcode/lower.js";
import { resolvePair } from "../transcode/options.js";
import { printProgram } from "../transcode/print.js";
import type { Shell } from "./shell.js";
import { codecOptions, loadTarget, withTarget, type TargetOptions } from "./target.js";

const EXAMPLE = `
Example:
  $ scrimp explain idl/base.thrift Point
  $ scrimp explain --source idl/base.thrift Point | less
  $ scrimp explain --program json idl/base.thrift Point

Columns of the plan: bytes is the fewest a value takes; absent, what a field that is not in the message decodes to;
unset, what encoding does with one that is undefined.
Columns of a program: @ is the word at which a record starts; then, the field that follows in the input as a rule; head,
what the output has before a value.`;

interface ExplainOptions extends TargetOptions {
  source?: boolean;
  program?: CodecProtocol;
}

/** Adds the command. */
export function addExplain(program: Command, shell: Shell): void {
  withTarget(program.command("explain"))
    .description("print the plan by which a type is encoded and decoded")
    .addOption(new Option("--source", "print the generated JavaScript instead").conflicts("program"))
    .addOption(new Option("--program <to>", "print the program that converts to a protocol").choices(CODEC_PROTOCOLS))
    .addHelpText("after", EXAMPLE)
    .action(async (idl: string, type: string, options: ExplainOptions) => {
      const descriptor = await loadTarget(idl, type, options);
      if (options.program !== undefined) {
        const pair = resolvePair({ from: options.protocol, to: options.program });
        return shell.print(printProgram(lower(descriptor, pair)));
      }
      const plan = planStruct(descriptor, resolveOptions(codecOptions(options)));
      if (options.source !== true) return shell.print(printPlan(plan));
      const { encode, decode } = generatedSource(plan);
      return shell.print(`// encode\n${encode}\n\n// decode\n${decode}\n`);
    });
}
