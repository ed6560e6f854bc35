/** `scrimp message IDL SERVICE`: a call or reply, header and all, to JSON. */

import { Option, type Command } from "commander";
import type { MethodCodec } from "../codec/message/method.js";
import { compileService, type Message, type ServiceCodec } from "../codec/message/service.js";
import type { Annotations, StructDescriptor, Type } from "../schema/descriptor.js";
import type { ExceptionClass } from "../schema/exception.js";
import { loadSchema } from "../schema/load.js";
import { formOf, parseBytes } from "./bytes.js";
import { explained, indentOption, limitsOption } from "./decode.js";
import { toJson } from "./json.js";
import type { Shell } from "./shell.js";
import { includeOption, protocolOption, type TargetOptions } from "./target.js";

const EXAMPLE = `
Example:
  $ echo 8001000200000004 70696e67 00000007 00 | scrimp message --hex --indent 0 idl/base.thrift Base
  {"type":"reply","name":"ping","seqid":7}

A call has "args"; a reply has "success", unless the method is void, or an "exception" that the method declares; an
exception has an "error". The bytes are a message without the length that framed transports put before it.`;

interface MessageCommandOptions extends TargetOptions {
  hex?: boolean;
  base64?: boolean;
  indent: number;
  limits: "internal" | "untrusted";
  oldHeaders?: boolean;
}

/** Adds the command. */
export function addMessage(program: Command, shell: Shell): void {
  program
    .command("message")
    .description("turn a call or reply into JSON")
    .argument("<idl>", "IDL file; its includes are followed")
    .argument("<service>", "service: Everything, or base.Base for an included file")
    .argument("[file]", "bytes to read; standard input when left out or -")
    .addOption(includeOption())
    .addOption(protocolOption())
    .addOption(new Option("--hex", "read hex digits").conflicts("base64"))
    .option("--base64", "read base64")
    .option("--old-headers", "read binary headers without version too")
    .addOption(indentOption())
    .addOption(limitsOption())
    .addHelpText("after", EXAMPLE)
    .action(async (idl: string, name: string, file: string | undefined, options: MessageCommandOptions) => {
      const { protocol, limits, include, oldHeaders } = options;
      const service = (await loadSchema(idl, { includeDirs: include })).service(name);
      const codec = compileService(service, { protocol, limits, strictRead: oldHeaders !== true });
      const bytes = parseBytes(await shell.read(file), formOf(options));
      const message = explained(bytes, shell, (input) => codec.decodeMessage(input));
      await shell.print(`${toJson(message, descriptorOf(message, codec), options.indent)}\n`);
    });
}

const annotations: Annotations = new Map();
const STRING: Type = { kind: "string", annotations };
const I32: Type = { kind: "i32", annotations };

/** A message as a struct, so that it becomes JSON as every struct does. */
function descriptorOf(message: Message, { descriptor, methods }: ServiceCodec): StructDescriptor {
  const like: Like = { doc: undefined, annotations, location: descriptor.location, variant: "struct" };
  return struct(like, {
    type: STRING,
    name: STRING,
    seqid: I32,
    ...contentOf(message, methods.get(message.name), like),
  });
}

/** What the message has beside its header. */
function contentOf(message: Message, method: MethodCodec | undefined, like: Like): Record<string, Type> {
  if (message.type === "exception") return { error: struct(like, { typeId: I32, message: STRING }) };
  if (message.type !== "reply") return { args: method!.descriptor.args };
  if (message.exception !== undefined) {
    return { exception: (message.exception.constructor as unknown as ExceptionClass).descriptor };
  }
  const { returnType } = method!.descriptor;
  return returnType === undefined ? {} : { success: returnType };
}

type Like = Pick<StructDescriptor, "doc" | "annotations" | "location" | "variant">;

function struct(like: Like, types: Record<string, Type>): StructDescriptor {
  const fields = Object.entries(types).map(([name, type], id) => ({
    ...like,
    name,
    id,
    requiredness: "optional" as const,
    type,
    defaultValue: undefined,
  }));
  return { ...like, kind: "struct", name: "message", qualifiedName: "message", fields };
}
