/** `scrimp call IDL SERVICE.METHOD JSON`: calls a method. */

import type { Command } from "commander";
import { createClient } from "../rpc/client/client.js";
import { resultOf } from "./call-failure.js";
import { indentOption } from "./decode.js";
import { quote, toJson } from "./json.js";
import { loadMethod, type MethodTarget, withMethod } from "./method.js";
import { callOptions, clientOptions, type PeerOptions, withPeer } from "./peer.js";
import type { Shell } from "./shell.js";
import { inUsage } from "./usage.js";

const EXAMPLE = `
Examples:
  $ scrimp call idl/shop.thrift Shop.search '{"words": "tea"}' --address 127.0.0.1:9090
  $ echo '["tea", []]' | scrimp call idl/shop.thrift Shop.search - -a shop:9090 -t ttheader --persistent tenant=blue

The result goes to standard output as JSON, as scrimp decode prints it; what else there is to tell to standard error.`;

interface CallCommandOptions extends PeerOptions {
  include: string[];
  indent: number;
}

/** Adds the command. */
export function addCall(program: Command, shell: Shell): void {
  withPeer(withMethod(program.command("call")))
    .description("call a method and print its result as JSON")
    .addOption(indentOption())
    .addHelpText("after", EXAMPLE)
    .action(async (...[idl, name, json, options, command]: [string, string, string, CallCommandOptions, Command]) => {
      const target = await loadMethod([idl, name, json], options.include, shell);
      await inUsage(command, () => call(target, options, shell));
    });
}

async function call({ service, method, args }: MethodTarget, options: CallCommandOptions, shell: Shell): Promise<void> {
  const client = createClient(service, await clientOptions(options, shell));
  try {
    // So that the time is that of the call alone. What is wrong will show in the call.
    await client.warmUp({ onFailure: "ignore" });
    const backward = options.transport.startsWith("ttheader") ? new Map<string, string>() : undefined;
    const given = { ...callOptions(options), ...(backward === undefined ? {} : { backward }) };
    const start = performance.now();
    const result = await resultOf(client.call(method.name, args, given)).finally(() => {
      shell.tell(shell.paintError("dim", `${(performance.now() - start).toFixed(2)} ms`));
      for (const [key, value] of backward ?? []) shell.tell(shell.paintError("dim", `${quote(key)}: ${quote(value)}`));
    });
    if (method.returnType !== undefined) await shell.print(`${toJson(result, method.returnType, options.indent)}\n`);
  } finally {
    await client.close();
  }
}
