/** `scrimp decode IDL TYPE`: bytes to JSON, or to an annotated dump. */

import { InvalidArgumentError, Option, type Command } from "commander";
import { compile } from "../codec/codec.js";
import { resolveOptions, type CodecOptions } from "../codec/options.js";
import { planStruct } from "../codec/plan.js";
import { DecodeError } from "../errors.js";
import type { StructDescriptor } from "../schema/descriptor.js";
import { formOf, hexWindow, parseBytes } from "./bytes.js";
import { codedMessage } from "./failure.js";
import { InputError } from "./input-error.js";
import { toJson } from "./json.js";
import type { Shell } from "./shell.js";
import { codecOptions, loadTarget, withTarget, type TargetOptions } from "./target.js";
import { treeLines } from "./tree.js";

const EXAMPLE = `
Examples:
  $ echo 080001000000010800020000000200 | scrimp decode --hex --indent 0 idl/base.thrift Point
  {"x":1,"y":2}
  $ scrimp decode --tree idl/base.thrift Point point.bin

JSON: i64 as string where a number would round, binary as base64, enums by name, sets as arrays, maps as objects, or as
arrays of [key, value] where keys are structs, containers or binary. Fields that are not set are left out.
--tree shows offset, bytes, field, type and value, unknown fields too; of broken bytes, all up to the mistake.`;

interface DecodeOptions extends TargetOptions {
  hex?: boolean;
  base64?: boolean;
  tree?: boolean;
  indent: number;
  limits: "internal" | "untrusted";
}

/** Adds the command. */
export function addDecode(program: Command, shell: Shell): void {
  withTarget(program.command("decode"))
    .description("turn bytes into JSON or an annotated dump")
    .argument("[file]", "bytes to read; standard input when left out or -")
    .addOption(new Option("--hex", "read hex digits").conflicts("base64"))
    .option("--base64", "read base64")
    .option("--tree", "print an annotated dump instead of JSON")
    .addOption(indentOption())
    .addOption(limitsOption())
    .addHelpText("after", EXAMPLE)
    .action(async (idl: string, type: string, file: string | undefined, options: DecodeOptions) => {
      const descriptor = await loadTarget(idl, type, options);
      const bytes = parseBytes(await shell.read(file), formOf(options));
      if (options.tree === true && options.protocol === "json") {
        throw new InputError("plain JSON has no field ids and wire types for --tree to show");
      }
      const given = { ...codecOptions(options), limits: options.limits };
      if (options.tree === true) await printTree(bytes, { descriptor, given }, shell);
      const codec = compile(descriptor, given);
      const value = explained(bytes, shell, (input) => codec.decode(input));
      if (options.tree !== true) await shell.print(`${toJson(value, descriptor, options.indent)}\n`);
    });
}

/** `--indent BLANKS` */
export function indentOption(): Option {
  return new Option("--indent <blanks>", "blanks a level of JSON; 0 for one line").argParser(blanks).default(2);
}

/** `--limits PRESET` */
export function limitsOption(): Option {
  return new Option("--limits <preset>", "how much is decoded before it is refused")
    .choices(["internal", "untrusted"])
    .default("internal");
}

function blanks(text: string): number {
  if (!/^[0-8]$/.test(text)) throw new InvalidArgumentError("expected 0 to 8");
  return Number(text);
}

interface Target {
  descriptor: StructDescriptor;
  given: CodecOptions;
}

async function printTree(bytes: Uint8Array, { descriptor, given }: Target, shell: Shell): Promise<void> {
  const plan = planStruct(descriptor, resolveOptions(given));
  await shell.printLines(treeLines(bytes, plan, shell.paint));
}

/** Runs a decoder over the bytes. @throws InputError with those around a mistake. */
export function explained<T>(bytes: Uint8Array, shell: Shell, decode: (bytes: Uint8Array) => T): T {
  try {
    return decode(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new InputError(codedMessage(error, shell.paintError), hexWindow(bytes, error.offset, shell.paintError));
  }
}
