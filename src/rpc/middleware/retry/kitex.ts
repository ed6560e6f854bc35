/** Kitex's own form of a retry policy, as its configuration centres keep it. */

import type { Backoff } from "./backoff.js";
import type { AttemptsPolicy, RetryPolicy } from "./policy.js";

/** What the JSON cannot say: functions, and what Kitex leaves to the timeout of each attempt. */
export type KitexPolicyRest = Pick<AttemptsPolicy, "attemptTimeoutMs" | "stop" | "on">;

const KINDS = ["failure", "backup", "mixed"] as const;

/** Kitex takes this for error rates that it does not allow. */
const DEFAULT_ERROR_RATE = 0.1;
const MAX_ERROR_RATE = 0.3;

/**
 * Reads Kitex's policy: `{"enable":true,"type":0,"failure_policy":{"stop_policy":{"max_retry_times":2},…}}`.
 *
 * Its defaults hold: no backoff, and at most 10 % of retries; gRPC's token bucket is left out. `ddl_stop` asks `rest.stop`.
 * Kitex gives each attempt the whole timeout of the call: say `attemptTimeoutMs`, or time-outs end the call.
 *
 * @param json text, or what `JSON.parse` made of it. Members that Kitex does not have are ignored.
 * @returns the policy; false when it is switched off.
 * @throws RangeError when it is not JSON, or a member is not what it has to be.
 */
export function retryPolicyFromKitex(json: unknown, rest: KitexPolicyRest = {}): RetryPolicy | false {
  const policy = asMember("the policy", typeof json === "string" ? parse(json) : json);
  if (policy.boolean("enable") !== true) return false;
  const kind = KINDS[policy.number("type") ?? 0];
  if (kind === undefined) throw new RangeError("type must be 0, 1 or 2");
  const member = policy.object(`${kind}_policy`);
  const shared = { ...attemptsOf(member, rest), on: rest.on, attemptTimeoutMs: rest.attemptTimeoutMs };
  if (kind === "failure") return { kind, ...shared, backoff: backoffOf(member) };
  const delayMs = member.number("retry_delay_ms") ?? 0;
  return kind === "backup" ? { kind, ...shared, delayMs } : { kind, ...shared, delayMs, backoff: backoffOf(member) };
}

function attemptsOf(member: Member, { stop }: KitexPolicyRest): AttemptsPolicy {
  const bounds = member.object("stop_policy");
  const maxDurationMs = bounds.number("max_duration_ms") ?? 0;
  const rate = bounds.object("cb_policy").number("error_rate") ?? 0;
  const maxRetryRate = rate > 0 && rate <= MAX_ERROR_RATE ? rate : DEFAULT_ERROR_RATE;
  return {
    maxRetries: bounds.number("max_retry_times"),
    maxDurationMs: maxDurationMs === 0 ? undefined : maxDurationMs,
    budget: { maxTokens: Infinity, maxRetryRate },
    chainStop: bounds.boolean("disable_chain_stop") !== true,
    sameAddress: member.boolean("retry_same_node") === true,
    stop: bounds.boolean("ddl_stop") === true ? stop : undefined,
  };
}

function backoffOf(member: Member): Backoff {
  const backoff = member.object("backoff_policy");
  const items = backoff.object("cfg_items");
  const kind = backoff.text("backoff_type") ?? "none";
  switch (kind) {
    case "none":
      return { kind };
    case "fixed":
      return { kind, ms: items.number("fix_ms") ?? 0 };
    case "random":
      return { kind, minMs: items.number("min_ms") ?? 0, maxMs: items.number("max_ms") ?? 0 };
    default:
      throw new RangeError("backoff_type must be none, fixed or random");
  }
}

/** An object of the JSON, whose members are read by type. */
class Member {
  readonly #members: ReadonlyMap<string, unknown>;

  constructor(members: ReadonlyMap<string, unknown>) {
    this.#members = members;
  }

  number(name: string): number | undefined {
    return this.#read(name, "number") as number | undefined;
  }

  boolean(name: string): boolean | undefined {
    return this.#read(name, "boolean") as boolean | undefined;
  }

  text(name: string): string | undefined {
    return this.#read(name, "string") as string | undefined;
  }

  /** Empty where there is none. */
  object(name: string): Member {
    return asMember(name, this.#members.get(name) ?? {});
  }

  #read(name: string, type: "number" | "boolean" | "string"): unknown {
    const value = this.#members.get(name) ?? undefined;
    if (value !== undefined && typeof value !== type) throw new RangeError(`${name} must be a ${type}`);
    return value;
  }
}

function asMember(name: string, value: unknown): Member {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new RangeError(`${name} must be an object`);
  }
  return new Member(new Map(Object.entries(value)));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RangeError("the policy must be JSON", { cause });
  }
}
