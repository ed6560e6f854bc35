/** `scrimp serve IDL --mock`: a server that makes up its answers, or has them from a file. */

import { type Command, InvalidArgumentError } from "commander";
import { setTimeout as sleep } from "node:timers/promises";
import { TransportError } from "../errors.js";
import { createServer, type Server } from "../rpc/server/server.js";
import type { CloseOptions, CloseResult } from "../rpc/server/drain.js";
import { closeOnSignals } from "../rpc/server/signals.js";
import type { CallContext } from "../rpc/server/context.js";
import type { MethodDescriptor, ServiceDescriptor } from "../schema/descriptor.js";
import { loadSchema } from "../schema/load.js";
import type { Schema } from "../schema/schema.js";
import { InputError } from "./input-error.js";
import { toJson } from "./json.js";
import { parseJson } from "./json-text.js";
import { methodsOf } from "./method.js";
import { type Answer, GivenAnswers, madeUpAnswer } from "./mock/answers.js";
import { milliseconds } from "./peer.js";
import type { Shell } from "./shell.js";
import { includeOption } from "./target.js";
import { inUsage } from "./usage.js";

const EXAMPLE = `
Examples:
  $ scrimp serve idl/shop.thrift --mock --port 9090
  listening on 127.0.0.1:9090
  $ scrimp serve idl/shop.thrift --mock --answers answers.json --verbose

Any transport and protocol is answered the way it comes. Answers are made up, the same for the same --seed, unless a file
has them by Service.method or method; an array of them is gone through in turn. A declared exception goes by its name in
the throws clause:
  { "Shop.place": [{ "success": { "id": 7, "lines": [] } }, { "soldOut": { "sku": "tea" } }], "search": { "success": [] } }

Ctrl-C closes the server once its calls are answered, a second one at once.`;

interface ServeOptions {
  include: string[];
  mock?: true;
  service: string[];
  host: string;
  port: number;
  answers?: string;
  seed: number;
  delay: number;
  plaintext?: true;
  verbose?: true;
}

/** Adds the command. */
export function addServe(program: Command, shell: Shell): void {
  program
    .command("serve")
    .description("answer calls in place of a service")
    .argument("<idl>", "IDL file; its includes are followed")
    .addOption(includeOption())
    .option("--mock", "make up the answers: there is no other way yet")
    .option("--service <name>", "serve this one instead of all that the file defines (repeatable)", collect, [])
    .option("--host <host>", "where to listen", "127.0.0.1")
    .option("--port <port>", "port to listen on; 0 for any that is free", portNumber, 9090)
    .option("--answers <file>", "JSON with answers; - for standard input")
    .option("--seed <number>", "for answers that are made up", integer, 1)
    .option("--delay <ms>", "milliseconds before each answer", milliseconds, 0)
    .option("--plaintext", "allow hosts that other machines can reach")
    .option("--verbose", "print the calls that come in")
    .addHelpText("after", EXAMPLE)
    .action(async (idl: string, options: ServeOptions, command: Command) => {
      if (options.mock !== true) command.error("error: expected --mock: handlers of your own need a program");
      const services = servicesOf(await loadSchema(idl, { includeDirs: options.include }), options.service);
      const given = await givenAnswers(options, shell);
      const answerFor: AnswerFor = (service, method) =>
        given?.for(service, method) ?? madeUpAnswer(method, options.seed);
      await inUsage(command, async () => {
        const server = mockServer(services, { answerFor, options, shell });
        given?.checkUsed();
        await serve(server, options, shell);
      });
    });
}

async function serve(server: Server, { host, port }: ServeOptions, shell: Shell): Promise<void> {
  const { address } = await server.listen({ host, port }).catch(cannotListen);
  const closed = closedOnSignal(server);
  await shell.print(`listening on ${address}\n`);
  const { completed, aborted } = await closed;
  shell.tell(`closed: ${completed} calls completed while closing, ${aborted} aborted`);
}

function cannotListen(error: unknown): never {
  throw error instanceof TransportError ? new InputError(error.message) : error;
}

/** @returns when the server is closed, which a signal makes it do. */
function closedOnSignal(server: Server): Promise<CloseResult> {
  return new Promise((resolve, reject) => {
    const close = (options?: CloseOptions): Promise<CloseResult> => {
      const closing = server.close(options);
      closing.then(resolve, reject);
      return closing;
    };
    closeOnSignals({ close });
  });
}

/** @throws SchemaError on an unknown name, InputError when there is no service. */
function servicesOf(schema: Schema, names: readonly string[]): readonly ServiceDescriptor[] {
  if (names.length > 0) return names.map((name) => schema.service(name));
  const services = schema.entry.definitions.filter((definition) => definition.kind === "service");
  if (services.length === 0) throw new InputError("expected a service in the IDL, found none");
  return services;
}

type AnswerFor = (service: ServiceDescriptor, method: MethodDescriptor) => Answer;

async function givenAnswers({ answers }: ServeOptions, shell: Shell): Promise<GivenAnswers | undefined> {
  if (answers === undefined) return undefined;
  const name = answers === "-" ? "standard input" : answers;
  return new GivenAnswers(parseJson(new TextDecoder().decode(await shell.read(answers)), name));
}

interface Mock {
  readonly answerFor: AnswerFor;
  readonly options: ServeOptions;
  readonly shell: Shell;
}

function mockServer(services: readonly ServiceDescriptor[], mock: Mock): Server {
  const { plaintext, verbose } = mock.options;
  const [first, ...others] = services;
  const server = createServer(first, mockHandlers(first, mock), {
    plaintext: plaintext === true,
    ...(verbose === true ? { log: ({ message, address = "" }) => mock.shell.tell(`${address} ${message}`) } : {}),
  });
  for (const service of others) {
    // It has the methods of the other as well: calls that name no service can only mean this one.
    const fallback = service.extends !== undefined && services.includes(service.extends);
    server.add(service, mockHandlers(service, mock), { fallback });
  }
  return server;
}

function mockHandlers(service: ServiceDescriptor, { answerFor, options, shell }: Mock): object {
  const { delay, verbose } = options;
  const handlers = Array.from(methodsOf(service), ([name, method]) => {
    const answer = answerFor(service, method);
    const handler = async (...args: unknown[]): Promise<unknown> => {
      if (verbose === true) shell.tell(callText(service, method, args));
      if (delay > 0) await sleep(delay);
      return answer();
    };
    return [name, handler] as const;
  });
  // fromEntries defines own properties, also for a method called __proto__.
  return Object.fromEntries(handlers);
}

/** `127.0.0.1:5000 Shop.search {"words":"tea"}` */
function callText(
  service: ServiceDescriptor,
  { name, args: { fields }, args: descriptor }: MethodDescriptor,
  given: unknown[],
): string {
  const { peer } = given[fields.length] as CallContext;
  const args = Object.fromEntries(fields.map((field, i) => [field.name, given[i]]));
  return `${peer.address} ${service.name}.${name} ${toJson(args, descriptor, 0)}`;
}

function collect(name: string, names: string[]): string[] {
  return [...names, name];
}

function portNumber(text: string): number {
  const port = integer(text);
  if (port > 65_535) throw new InvalidArgumentError("expected 0 to 65535");
  return port;
}

function integer(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError("expected digits");
  return Number(text);
}
