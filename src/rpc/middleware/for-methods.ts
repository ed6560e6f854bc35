/** Middleware for some methods only. */

import type { Middleware } from "../call.js";

/** Puts middleware around the methods of these names; all others pass it by. */
export function forMethods(names: readonly string[], middleware: Middleware): Middleware {
  const chosen = new Set(names);
  return (next) => {
    const around = middleware(next);
    return (call) => (chosen.has(call.method.name) ? around(call) : next(call));
  };
}
