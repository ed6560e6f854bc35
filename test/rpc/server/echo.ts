/** The service that servers are tested with. */

import { parseSchema } from "../../../src/schema/parse.js";
import { createServer, type Server } from "../../../src/rpc/server/server.js";
import type { ServerOptions } from "../../../src/rpc/server/options.js";

export const schema = parseSchema(
  {
    "echo.thrift": `
      exception NotFound { 1: string message, 2: i32 code }
      struct Req { 1: string message, 2: required i32 number }
      union Either { 1: i32 left, 2: string right }
      service Base { i32 inherited(1: i32 value) }
      service Echo extends Base {
        string echo(1: string text)
        Req same(1: Req req) throws (1: NotFound missing)
        Either choose(1: Either either)
        list<i32> numbers(1: list<i32> numbers)
        i32 add(1: i32 a, 2: i32 b, 3: i32 c, 4: i32 d)
        void nothing()
        oneway void fire(1: string text)
        string fail(1: string how) throws (1: NotFound missing)
      }
      service Other { string only(1: string text), string echo(1: string text) }
    `,
  },
  { entry: "echo.thrift" },
);

export const Echo = schema.service("Echo");
export const Other = schema.service("Other");
export const NotFound = schema.exception("NotFound");

type Handler = (...args: any[]) => unknown;
export type Handlers = Record<string, Handler>;

/** Handlers that answer what they are given, at once or by a promise. */
export function echoHandlers(over: Handlers = {}): Handlers {
  return {
    inherited: (value: number) => value + 1,
    echo: (text: string) => text,
    same: (req: unknown) => Promise.resolve(req),
    choose: (either: unknown) => either,
    numbers: async (numbers: number[]) => numbers,
    add: (a: number, b: number, c: number, d: number) => a + b + c + d,
    nothing: () => undefined,
    fire: () => undefined,
    fail: () => {
      throw new NotFound({ message: "none", code: 404 });
    },
    ...over,
  };
}

export interface Running {
  readonly server: Server;
  readonly port: number;
}

/** Starts an echo server on a free port. */
export async function startEcho(over: Handlers = {}, options: ServerOptions = {}): Promise<Running> {
  const server = createServer(Echo, echoHandlers(over), options);
  const { port } = await server.listen({ port: 0 });
  return { server, port };
}
