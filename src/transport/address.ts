/** Where a server is, as users spell it and as sockets take it. */

import { isIPv6 } from "node:net";
import type { Loopback } from "./loopback.js";

/** Where a server is. As text: `"host:port"`, `"[::1]:9090"`, or `"unix:/run/service.sock"`. */
export type Address = string | TcpAddress | UnixAddress | Loopback;

/** A port of a machine. */
export interface TcpAddress {
  /** A name or an IP address. */
  readonly host: string;
  /** 1 to 65,535. */
  readonly port: number;
}

/** A socket in the file system. */
export interface UnixAddress {
  /** Of the socket. */
  readonly path: string;
}

/** An address that was read. `text` names it in messages, and is the same for the same place. */
export type Endpoint =
  | { readonly kind: "tcp"; readonly text: string; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly text: string; readonly path: string }
  | { readonly kind: "loopback"; readonly text: string; readonly loopback: Loopback };

const UNIX_PREFIX = "unix:";

/** @throws RangeError on what is no address. */
export function parseAddress(address: Address): Endpoint {
  if (typeof address === "string") return address.startsWith(UNIX_PREFIX) ? unix(address.slice(5)) : parseTcp(address);
  if (typeof address !== "object" || address === null) throw nonsense();
  if ("connect" in address) return { kind: "loopback", text: address.text, loopback: address };
  return "path" in address ? unix(address.path) : tcp(address.host, address.port);
}

/** What stands for a TCP address in messages. */
export function addressText(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}

/** A host in brackets, or one without colons; then the port. */
const TCP_TEXT = /^(?:\[([^\]]+)\]|([^:[\]/\s]+)):(\d{1,5})$/;

function parseTcp(text: string): Endpoint {
  const found = TCP_TEXT.exec(text);
  if (found === null || (found[1] !== undefined && !isIPv6(found[1]))) throw nonsense();
  return tcp(found[1] ?? found[2], Number(found[3]));
}

function tcp(host: string, port: number): Endpoint {
  if (typeof host !== "string" || host === "") throw nonsense();
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RangeError("expected a port of 1 to 65535");
  return { kind: "tcp", text: addressText(host, port), host, port };
}

function unix(path: string): Endpoint {
  if (typeof path !== "string" || path === "") throw nonsense();
  return { kind: "unix", text: UNIX_PREFIX + path, path };
}

function nonsense(): RangeError {
  return new RangeError(
    'expected an address: "host:port", "[ipv6]:port", "unix:/path", { host, port }, { path } or a loopback',
  );
}
