/** A call whose handler has returned a promise: what there is to keep of it until that settles. */

import type { Timer } from "../../transport/timer-wheel.js";
import type { RequestContext } from "./context.js";
import type { Observation } from "./observation.js";
import type { Turn } from "./reply-order.js";

export class RunningCall {
  readonly context: RequestContext;
  /** The place of its reply; undefined where replies go out as they come, and for a call that has none. */
  readonly turn: Turn | undefined;
  readonly observation: Observation | undefined;
  /** Whether the peer has its answer, or is not to get one. */
  isAnswered: boolean;
  /** Whether the handler has settled, or was given up. */
  isOver = false;
  timer: Timer | undefined = undefined;

  constructor(context: RequestContext, turn: Turn | undefined, observation: Observation | undefined) {
    this.context = context;
    this.turn = turn;
    this.observation = observation;
    this.isAnswered = context.method.oneway;
  }
}
