/**
 * Bounds that frames and connections are held to. Sizes of frames are checked, coming and going, before anything is
 * allocated for them.
 */

export interface TransportLimits {
  /** Bytes of one frame, its length word not counted, TTHeader included. Default 16,384,000, as Apache Thrift has it; untrusted 1 MiB. */
  maxFrameBytes: number;
  /** Bytes of one message that comes without a frame. Default 100 MiB, untrusted 1 MiB. */
  maxMessageBytes: number;
  /** Bytes of the part of a TTHeader whose size it declares. Default 64 KiB, untrusted 8 KiB; the wire allows 262,140. */
  maxHeaderBytes: number;
  /** Key-value pairs of one TTHeader, strings and integers together. Default 1,024, untrusted 128. */
  maxHeaderPairs: number;
  /** Bytes that wait to be sent on one connection, above which its owner should make no more. Default 1 MiB, untrusted 256 KiB. */
  writeHighWaterBytes: number;
  /** Bytes that wait to be sent on one connection; the message that comes on top of more ends it. Default 16 MiB, untrusted 2 MiB. */
  maxUnsentBytes: number;
  /**
   * Milliseconds in which a peer must take some of what waits for it. Default 30,000, untrusted 10,000. The operating system
   * keeps some megabytes of its own, so that only peers are sure to pass that take those within the time.
   */
  drainStallMs: number;
  /** Milliseconds from the first byte of a frame to its last. Default 30,000, untrusted 10,000. */
  frameTimeoutMs: number;
  /** Bytes a second that a frame must make after its first five seconds. Default 16 KiB, untrusted 64 KiB. */
  minFrameBytesPerSecond: number;
  /** Milliseconds without a byte either way after which a server ends a connection. Default 10 minutes, untrusted one. */
  idleTimeoutMs: number;
  /** Milliseconds that a peer has for a TLS handshake. Default 10,000, untrusted 5,000. */
  tlsHandshakeTimeoutMs: number;
  /** TLS handshakes that a listener runs at once; more connections are closed. Default 256. */
  maxHandshakes: number;
  /** Connections that a listener holds; more are closed. Default 10,000, and never more than 80 % of the files that may be open. */
  maxConnections: number;
  /** Connections from one IP address. Default no limit, untrusted 256. */
  maxConnectionsPerIp: number;
  /** Bytes that all connections of a listener hold of frames that are not all there. Default 256 MiB, untrusted 64 MiB. */
  globalBufferedBytes: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1000;

/** Limits for peers inside one's own systems: the default. */
export const INTERNAL_TRANSPORT_LIMITS: Readonly<TransportLimits> = {
  maxFrameBytes: 16_384_000,
  maxMessageBytes: 100 * MIB,
  maxHeaderBytes: 64 * KIB,
  maxHeaderPairs: 1024,
  writeHighWaterBytes: MIB,
  maxUnsentBytes: 16 * MIB,
  drainStallMs: 30 * SECOND,
  frameTimeoutMs: 30 * SECOND,
  minFrameBytesPerSecond: 16 * KIB,
  idleTimeoutMs: 600 * SECOND,
  tlsHandshakeTimeoutMs: 10 * SECOND,
  maxHandshakes: 256,
  maxConnections: 10_000,
  maxConnectionsPerIp: Infinity,
  globalBufferedBytes: 256 * MIB,
};

/** Limits for bytes from anyone. */
export const UNTRUSTED_TRANSPORT_LIMITS: Readonly<TransportLimits> = {
  maxFrameBytes: MIB,
  maxMessageBytes: MIB,
  maxHeaderBytes: 8 * KIB,
  maxHeaderPairs: 128,
  writeHighWaterBytes: 256 * KIB,
  maxUnsentBytes: 2 * MIB,
  drainStallMs: 10 * SECOND,
  frameTimeoutMs: 10 * SECOND,
  minFrameBytesPerSecond: 64 * KIB,
  idleTimeoutMs: 60 * SECOND,
  tlsHandshakeTimeoutMs: 5 * SECOND,
  maxHandshakes: 256,
  maxConnections: 10_000,
  maxConnectionsPerIp: 256,
  globalBufferedBytes: 64 * MIB,
};

/** What callers may give: a preset by name, or some limits by value over the `internal` preset. `Infinity` turns a limit off. */
export type TransportLimitsOption = "internal" | "untrusted" | Partial<TransportLimits>;

/** @throws RangeError when a limit is unknown, or not a positive integer or `Infinity`. */
export function resolveTransportLimits(option: TransportLimitsOption = "internal"): Readonly<TransportLimits> {
  if (option === "internal") return INTERNAL_TRANSPORT_LIMITS;
  if (option === "untrusted") return UNTRUSTED_TRANSPORT_LIMITS;
  const limits: TransportLimits = { ...INTERNAL_TRANSPORT_LIMITS };
  for (const [name, value] of Object.entries(option)) {
    if (!Object.hasOwn(limits, name)) throw new RangeError(`unknown limit ${name}`);
    if (!(value > 0 && (Number.isInteger(value) || value === Infinity))) {
      throw new RangeError(`limit ${name} must be a positive integer or Infinity`);
    }
    limits[name as keyof TransportLimits] = value;
  }
  return limits;
}
