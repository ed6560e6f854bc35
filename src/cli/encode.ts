/** `scrimp encode IDL TYPE`: JSON to bytes. */

import { Option, type Command } from "commander";
import { compile } from "../codec/codec.js";
import { formatBytes, formOf } from "./bytes.js";
import { fromJson } from "./json.js";
import { parseJson } from "./json-text.js";
import type { Shell } from "./shell.js";
import { codecOptions, loadTarget, withTarget, type TargetOptions } from "./target.js";

const EXAMPLE = `
Example:
  $ echo '{"x": 1, "y": 2}' | scrimp encode --hex idl/base.thrift Point
  080001000000010800020000000200

JSON: i64 as number or decimal string, binary as base64, enums as name or number, sets as arrays, maps as objects or as
arrays of [key, value], doubles also as "NaN", "Infinity", "-Infinity". To a terminal, bytes are printed as hex.`;

interface EncodeOptions extends TargetOptions {
  hex?: boolean;
  base64?: boolean;
}

/** Adds the command. */
export function addEncode(program: Command, shell: Shell): void {
  withTarget(program.command("encode"))
    .description("turn JSON into bytes")
    .argument("[file]", "JSON to read; standard input when left out or -")
    .addOption(new Option("--hex", "print hex digits").conflicts("base64"))
    .option("--base64", "print base64")
    .addHelpText("after", EXAMPLE)
    .action(async (idl: string, type: string, file: string | undefined, options: EncodeOptions) => {
      const descriptor = await loadTarget(idl, type, options);
      const name = file === undefined || file === "-" ? "standard input" : file;
      const json = parseJson(new TextDecoder().decode(await shell.read(file)), name);
      const bytes = compile(descriptor, codecOptions(options)).encode(fromJson(json, descriptor));
      const asked = formOf(options);
      await shell.print(formatBytes(bytes, asked === "raw" && shell.isTerminal ? "hex" : asked));
    });
}
