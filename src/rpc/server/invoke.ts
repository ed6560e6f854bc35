/** Runs a call: through middleware, where there is any, to its handler. */

import { DeadlineError } from "../../errors.js";
import { type Call, compose, type Middleware } from "../call.js";
import { runInScope } from "../metainfo.js";
import type { RequestContext } from "./context.js";

/** @returns what the handler returns, which is a promise where there is middleware. @throws what the handler throws at once. */
export function invoke(
  context: RequestContext,
  args: Readonly<Record<string, unknown>>,
  middleware: readonly Middleware[],
): unknown {
  if (middleware.length > 0) return invokeThrough(middleware, context, args);
  context.hasStarted = true;
  const { endpoint } = context;
  return context.hasScope ? runInScope(context, () => endpoint.invoke(args, context)) : endpoint.invoke(args, context);
}

function invokeThrough(
  middleware: readonly Middleware[],
  context: RequestContext,
  args: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const { handler, argNames } = context.endpoint;
  const last = async (call: Call): Promise<unknown> => {
    const { deadline } = context;
    if (deadline?.remainingMs() === 0) {
      throw new DeadlineError({ timeoutMs: deadline.timeoutMs, executed: "no" }, "no time is left to run the call");
    }
    context.hasStarted = true;
    return await handler(...call.args, context);
  };
  const call = context.toCall(argNames.map((name) => args[name]));
  const run = compose(middleware, last);
  return context.hasScope ? runInScope(context, () => run(call)) : run(call);
}
