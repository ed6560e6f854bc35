/** Access rules: who may call what. */

import { BlockList, isIP } from "node:net";
import { ThriftError } from "../../errors.js";
import type { TlsIdentity } from "../../transport/tls.js";
import type { Call, Middleware } from "../call.js";
import { checkNumber } from "./number-option.js";

/** What is known of a call before its arguments are decoded. */
export interface AccessRequest extends Pick<Call, "service" | "method" | "address" | "headers" | "metainfo"> {
  /** Whom the peer has proved to be by its certificate; undefined without TLS. */
  readonly tls?: TlsIdentity | undefined;
}

/** Says at once whether a call may go on: true, and nothing else. What it throws counts as no. */
export type Authorize = (request: AccessRequest) => boolean;

/** A text, one of several, or what a pattern matches somewhere. */
export type Match = string | readonly string[] | RegExp;

/** Applies to calls that fit all of what it says. */
export interface AccessRule {
  /** What the rule does with a call that it fits. */
  effect: "allow" | "deny";
  /** Addresses of peers: `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`, or `unix:/run/a.sock`. An address is no proof of who calls. */
  peers?: readonly string[];
  /** Names of the peer's certificate, any of which will do: `URI:spiffe://shop/orders`, `DNS:orders.internal`. Without mutual TLS it has none. */
  identity?: Match;
  /** Names of services, as the IDL has them. */
  service?: Match;
  /** Names of methods. */
  method?: Match;
  /** Values of metainfo, persistent before transient. A call without the value does not fit. Anyone can send any. */
  metainfo?: Readonly<Record<string, Match>>;
}

/**
 * The first rule that fits a call decides; where none does, `otherwise`.
 *
 * For a server's `authorize`, which asks before arguments are decoded, or for {@link access} anywhere.
 *
 * @param otherwise default `"deny"`.
 * @throws RangeError on effects and addresses that are none.
 */
export function accessRules(rules: readonly AccessRule[], otherwise: AccessRule["effect"] = "deny"): Authorize {
  checkEffect(otherwise);
  const compiled = rules.map(compileRule);
  return (request) => (compiled.find(({ fits }) => fits(request))?.effect ?? otherwise) === "allow";
}

/** Rejects calls that are not allowed with ERR_THRIFT_FORBIDDEN; a server answers FORBIDDEN, and the handler does not run. */
export function access(authorize: Authorize): Middleware {
  return (next) => async (call) => {
    // Not what is like true: a promise is.
    if ((authorize(call) as unknown) === true) return next(call);
    throw new ThriftError("ERR_THRIFT_FORBIDDEN", `${call.service.name}.${call.method.name}: not allowed`);
  };
}

type Condition = (request: AccessRequest) => boolean;

function compileRule(rule: AccessRule): { effect: AccessRule["effect"]; fits: Condition } {
  const { effect, peers, identity, service, method, metainfo = {} } = rule;
  checkEffect(effect);
  const conditions: Condition[] = Object.entries(metainfo).map(([name, match]) => metainfoMatches(name, match));
  if (peers !== undefined) conditions.push(peerIsAmong(peers));
  if (identity !== undefined) conditions.push(identityMatches(identity));
  if (service !== undefined) conditions.push(nameMatches("service", service));
  if (method !== undefined) conditions.push(nameMatches("method", method));
  return { effect, fits: (request) => conditions.every((condition) => condition(request)) };
}

function checkEffect(effect: string): void {
  if (effect !== "allow" && effect !== "deny") throw new RangeError("effect must be allow or deny");
}

function matcher(match: Match): (text: string) => boolean {
  if (typeof match === "string") return (text) => text === match;
  // Unlike test(), search() does not go on from where a global pattern was last.
  if (match instanceof RegExp) return (text) => text.search(match) !== -1;
  return (text) => match.includes(text);
}

function nameMatches(what: "service" | "method", match: Match): Condition {
  const matches = matcher(match);
  return (request) => matches(request[what].name);
}

function identityMatches(match: Match): Condition {
  const matches = matcher(match);
  return ({ tls }) => tls?.authorized === true && tls.san.some(matches);
}

function metainfoMatches(name: string, match: Match): Condition {
  const matches = matcher(match);
  return ({ metainfo: { persistent, transient } }) => {
    const value = persistent.get(name) ?? transient.get(name);
    return value !== undefined && matches(value);
  };
}

const FAMILIES = { 4: "ipv4", 6: "ipv6" } as const;

function peerIsAmong(peers: readonly string[]): Condition {
  const paths = new Set(peers.filter((peer) => peer.startsWith("unix:")));
  const list = new BlockList();
  for (const peer of peers) if (!paths.has(peer)) addAddress(list, peer);
  return ({ address }) => {
    if (paths.has(address)) return true;
    const host = hostOf(address);
    const version = isIP(host) as 0 | 4 | 6;
    return version !== 0 && list.check(host, FAMILIES[version]);
  };
}

function addAddress(list: BlockList, text: string): void {
  const [host, prefix, ...rest] = text.split("/");
  const version = isIP(host) as 0 | 4 | 6;
  if (version === 0 || rest.length > 0) throw new RangeError("a peer must be an IP address, a subnet or unix:/path");
  const bits = version === 4 ? 32 : 128;
  const length = checkNumber("the prefix of a subnet", Number(prefix ?? bits), { min: 0, max: bits, integer: true });
  list.addSubnet(host, length, FAMILIES[version]);
}

/** `[::1]:9090` ▸ `::1`, `10.0.0.7:9090` ▸ `10.0.0.7`. Addresses of IPv4 in IPv6 are found in subnets of either. */
function hostOf(address: string): string {
  const end = address.lastIndexOf(":");
  return (end === -1 ? address : address.slice(0, end)).replace(/^\[(.*)\]$/, "$1");
}
