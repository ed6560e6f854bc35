/** IDL TYPE: what encode, decode and explain work on, and the options that they share. */

import { Option, type Command } from "commander";
import { CODEC_PROTOCOLS, type CodecOptions, type CodecProtocol } from "../codec/options.js";
import { PROTOCOLS } from "../protocol/protocols.js";
import type { StructDescriptor } from "../schema/descriptor.js";
import { loadSchema } from "../schema/load.js";

/** Options of every command that names a type. */
export interface TargetOptions {
  include: string[];
  protocol: CodecProtocol;
}

/** `-I DIR`, any number of times. */
export function includeOption(): Option {
  return new Option("-I, --include <dir>", "search a folder for included files (repeatable)")
    .default([], "none")
    .argParser((dir: string, dirs: string[]) => [...dirs, dir]);
}

/** `--protocol NAME`, for messages: those of Apache Thrift alone have an envelope. */
export function protocolOption(): Option {
  return new Option("--protocol <name>", "wire protocol").choices(Object.keys(PROTOCOLS)).default("binary");
}

/** Adds the arguments IDL and TYPE and their options. */
export function withTarget(command: Command): Command {
  return command
    .argument("<idl>", "IDL file; its includes are followed")
    .argument("<type>", "struct, union or exception: Tree, or base.Point for an included file")
    .addOption(includeOption())
    .addOption(
      new Option("--protocol <name>", "wire protocol, or plain JSON").choices(CODEC_PROTOCOLS).default("binary"),
    );
}

/** Options of a codec for the protocol. A person at a shell who has NaN in a value wants to see it. */
export function codecOptions({ protocol }: { protocol: CodecProtocol }): CodecOptions {
  return protocol === "json" ? { protocol, json: { nonFinite: "string" } } : { protocol };
}

/** Finds the type. @throws IdlError or SchemaError. */
export async function loadTarget(idl: string, type: string, options: TargetOptions): Promise<StructDescriptor> {
  const schema = await loadSchema(idl, { includeDirs: options.include });
  return schema.struct(type);
}
