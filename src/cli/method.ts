/** IDL SERVICE.METHOD JSON: what call and bench-rpc work on. */

import type { Command } from "commander";
import type { MethodDescriptor, ServiceDescriptor } from "../schema/descriptor.js";
import { loadSchema } from "../schema/load.js";
import { didYouMean } from "../schema/problems.js";
import { InputError } from "./input-error.js";
import { fromJson } from "./json.js";
import { type Json, parseJson } from "./json-text.js";
import type { Shell } from "./shell.js";
import { includeOption } from "./target.js";

/** A method to be called, and with what. */
export interface MethodTarget {
  readonly service: ServiceDescriptor;
  readonly method: MethodDescriptor;
  /** In the order of the IDL. */
  readonly args: readonly unknown[];
}

/** Adds the arguments IDL, SERVICE.METHOD and JSON. */
export function withMethod(command: Command): Command {
  return command
    .argument("<idl>", "IDL file; its includes are followed")
    .argument("<method>", "method: Shop.place, or base.Base.ping for a service of an included file")
    .argument(
      "[json]",
      "arguments: an object by name, or an array in the order of the IDL; - reads standard input",
      "{}",
    )
    .addOption(includeOption());
}

/** The methods of a service by name, those of the services that it extends included. */
export function methodsOf(service: ServiceDescriptor): ReadonlyMap<string, MethodDescriptor> {
  const inherited = service.extends === undefined ? [] : methodsOf(service.extends);
  return new Map([...inherited, ...service.methods.map((method) => [method.name, method] as const)]);
}

/** Finds the method and reads its arguments. @throws IdlError, SchemaError, InputError or EncodeError. */
export async function loadMethod(
  [idl, name, json]: readonly [idl: string, name: string, json: string],
  includeDirs: string[],
  shell: Shell,
): Promise<MethodTarget> {
  const dot = name.lastIndexOf(".");
  if (dot === -1) throw new InputError(`expected SERVICE.METHOD, found "${name}"`);
  const service = (await loadSchema(idl, { includeDirs })).service(name.slice(0, dot));
  const methods = methodsOf(service);
  const method = methods.get(name.slice(dot + 1));
  if (method === undefined) {
    const found = name.slice(dot + 1);
    throw new InputError(`${service.name} has no method "${found}"${didYouMean(found, methods.keys())}`);
  }
  const text = json === "-" ? new TextDecoder().decode(await shell.read()) : json;
  return {
    service,
    method,
    args: argsFromJson(parseJson(text, json === "-" ? "standard input" : "arguments"), method),
  };
}

function argsFromJson(json: Json, { name, args }: MethodDescriptor): unknown[] {
  const { fields } = args;
  if (Array.isArray(json) && json.length > fields.length) {
    throw new InputError(`expected at most ${fields.length} arguments of ${name}, found ${json.length}`);
  }
  const named = Array.isArray(json) ? new Map(json.map((item, i) => [fields[i].name, item])) : json;
  if (!(named instanceof Map)) throw new InputError("expected an object or an array of arguments, found another value");
  const values = fromJson(named, args) as Record<string, unknown>;
  return fields.map((field) => values[field.name]);
}
