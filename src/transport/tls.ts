/** TLS with secure defaults: what is left out is safe, and what is unsafe has a name that says so. */

import { isIP } from "node:net";
import {
  checkServerIdentity,
  type ConnectionOptions as NodeClientOptions,
  type PeerCertificate,
  type SecureContextOptions,
  type TLSSocket,
} from "node:tls";

/** Certificates or a key in PEM, as text or bytes. */
export type Pem = string | Uint8Array | readonly (string | Uint8Array)[];

/** What both ends may have. */
interface CommonTlsOptions {
  /** Certificate chain of this end. */
  readonly cert?: Pem | undefined;
  /** Private key of this end. */
  readonly key?: Pem | undefined;
  /** Of the private key. */
  readonly passphrase?: string | undefined;
  /** Default `"TLSv1.2"`. */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3" | undefined;
}

/** TLS of a client. With a certificate and a key it is mutual. */
export interface ClientTlsOptions extends CommonTlsOptions {
  /** Authorities that may have signed the server's certificate. Default those that Node.js trusts. */
  readonly ca?: Pem | undefined;
  /** Name or IP address that the certificate must be for. Default the host of the address, `"localhost"` for the path of a socket. */
  readonly servername?: string | undefined;
  /** Refuses certificates that are otherwise good, by returning why. */
  readonly checkServerIdentity?: ((servername: string, certificate: PeerCertificate) => Error | undefined) | undefined;
  /** Talks to whoever answers, and so to whoever sits in between. For tests. Default false. */
  readonly insecureSkipVerify?: boolean | undefined;
}

/** TLS of a server. */
export interface ServerTlsOptions extends CommonTlsOptions {
  readonly cert: Pem;
  readonly key: Pem;
  /** Makes TLS mutual: clients need a certificate that one of these authorities has signed. */
  readonly clientCa?: Pem | undefined;
}

/** Who the other end has proved to be. */
export interface TlsIdentity {
  /** Whether it has shown a certificate that is trusted. */
  readonly authorized: boolean;
  /** Its names as in the certificate: `DNS:a.example`, `URI:spiffe://...`, `IP Address:127.0.0.1`. The common name is none. */
  readonly san: readonly string[];
  /** SHA-256 of its certificate, in hex with colons; "" without one. */
  readonly fingerprint256: string;
}

const MIN_VERSION = "TLSv1.2";

/** What tls.connect takes beside the address. */
export function clientTlsOptions(tls: true | ClientTlsOptions, host: string): NodeClientOptions {
  const options: ClientTlsOptions = tls === true ? {} : tls;
  const servername = options.servername ?? host;
  if (options.insecureSkipVerify === true) warnOnce();
  return {
    ...contextOptions(options, options.ca),
    // An IP address is no name to ask a server for.
    ...(isIP(servername) === 0 ? { servername } : {}),
    rejectUnauthorized: options.insecureSkipVerify !== true,
    checkServerIdentity: (_host, certificate) =>
      checkServerIdentity(servername, certificate) ?? options.checkServerIdentity?.(servername, certificate),
  };
}

/** What a server needs to make its secure context, at the start and when certificates are replaced. */
export function serverContextOptions(tls: ServerTlsOptions): SecureContextOptions {
  return { ...contextOptions(tls, tls.clientCa), honorCipherOrder: true };
}

function contextOptions(options: CommonTlsOptions, ca: Pem | undefined): SecureContextOptions {
  const { cert, key, passphrase, minVersion = MIN_VERSION } = options;
  return {
    minVersion,
    // Node.js takes any bytes; its types say Buffer.
    ...(ca === undefined ? {} : { ca: ca as Buffer }),
    ...(cert === undefined ? {} : { cert: cert as Buffer }),
    ...(key === undefined ? {} : { key: key as Buffer }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
}

/** Reads the identity of the peer, once the handshake is done. */
export function tlsIdentity(socket: TLSSocket): TlsIdentity {
  const certificate = socket.getPeerCertificate() as Partial<PeerCertificate> | null;
  return {
    authorized: socket.authorized,
    san: splitNames(certificate?.subjectaltname ?? ""),
    fingerprint256: certificate?.fingerprint256 ?? "",
  };
}

/** Names are joined by commas; those that have a comma or a quote in them are quoted as in JSON. */
function splitNames(text: string): string[] {
  const names = text.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  return names.map((name) => name.trim().replace(/"(?:[^"\\]|\\.)*"/, (quoted) => String(JSON.parse(quoted))));
}

let hasWarned = false;

function warnOnce(): void {
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning("insecureSkipVerify is on: TLS does not tell who answers", { code: "SCRIMP_INSECURE_TLS" });
}
