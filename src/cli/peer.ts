/** The options that say where a service is and what it speaks. */

import { type Command, InvalidArgumentError, Option } from "commander";
import type { CallOptions, ClientOptions } from "../rpc/client/options.js";
import type { ClientTlsOptions } from "../transport/tls.js";
import { protocolOption } from "./target.js";
import type { Shell } from "./shell.js";

/** A name and a value of the command line. */
type Pair = readonly [name: string, value: string];

/** What {@link withPeer} adds. */
export interface PeerOptions {
  address: string[];
  transport: NonNullable<ClientOptions["transport"]>;
  protocol: NonNullable<ClientOptions["protocol"]>;
  multiplexed?: string | true;
  timeout: number;
  caller?: string;
  header: Pair[];
  transient: Pair[];
  persistent: Pair[];
  tls?: true;
  ca?: string;
  insecure?: true;
}

/** Adds the options. */
export function withPeer(command: Command): Command {
  return command
    .addOption(
      new Option("-a, --address <address>", "HOST:PORT, [IPV6]:PORT or unix:PATH (repeatable)")
        .argParser((address: string, others: string[] | undefined) => [...(others ?? []), address])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option("-t, --transport <name>", "what stands in front of messages")
        .choices(["framed", "buffered", "ttheader", "ttheader-framed"])
        .default("framed"),
    )
    .addOption(protocolOption())
    .option("--multiplexed [name]", "call as Apache's TMultiplexedProtocol does; by the name of the service")
    .option("--timeout <ms>", "milliseconds for a call; 0 for no bound", milliseconds, 5000)
    .option("--caller <name>", "name of this program, for the server (TTHeader)")
    .addOption(pairOption("-H, --header <name=value>", "pair of the TTHeader"))
    .addOption(pairOption("--transient <name=value>", "metainfo for the server that is called (TTHeader)"))
    .addOption(pairOption("--persistent <name=value>", "metainfo for all servers on the way (TTHeader)"))
    .option("--tls", "encrypt")
    .option("--ca <file>", "trust the authorities of a file, instead of those of Node.js; encrypts")
    .option("--insecure", "encrypt, and talk to whoever answers");
}

/** What a client of the peer is made with. @throws InputError on a file that cannot be read. */
export async function clientOptions(options: PeerOptions, shell: Shell): Promise<ClientOptions> {
  const { address, transport, protocol, multiplexed = false, timeout, caller, header } = options;
  return {
    address,
    transport,
    protocol,
    multiplexed,
    timeoutMs: timeout,
    tls: await tlsOptions(options, shell),
    ...(caller === undefined ? {} : { caller }),
    ...(header.length === 0 ? {} : { headers: new Map(header) }),
  };
}

async function tlsOptions({ tls, ca, insecure }: PeerOptions, shell: Shell): Promise<boolean | ClientTlsOptions> {
  if (ca === undefined && insecure === undefined) return tls === true;
  const authorities = ca === undefined ? {} : { ca: new TextDecoder().decode(await shell.read(ca)) };
  return { ...authorities, insecureSkipVerify: insecure === true };
}

/** What each call takes with it. */
export function callOptions({ transient, persistent }: PeerOptions): CallOptions {
  if (transient.length === 0 && persistent.length === 0) return {};
  return { metainfo: { transient: new Map(transient), persistent: new Map(persistent) } };
}

function pairOption(flags: string, description: string): Option {
  return new Option(flags, `${description} (repeatable)`)
    .default([], "none")
    .argParser((text: string, pairs: Pair[]) => {
      const sign = text.indexOf("=");
      if (sign <= 0) throw new InvalidArgumentError("expected NAME=VALUE");
      return [...pairs, [text.slice(0, sign), text.slice(sign + 1)] as const];
    });
}

/** A number of milliseconds, 0 or more. */
export function milliseconds(text: string): number {
  if (!/^[0-9]{1,9}(\.[0-9]+)?$/.test(text)) throw new InvalidArgumentError("expected a number of milliseconds");
  return Number(text);
}
