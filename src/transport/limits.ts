/** Bounds that frames are held to, coming and going, before anything is allocated for them. */

export interface TransportLimits {
  /** Bytes of one frame, its length word not counted, TTHeader included. Default 16,384,000, as Apache Thrift has it; untrusted 1 MiB. */
  maxFrameBytes: number;
  /** Bytes of one message that comes without a frame. Default 100 MiB, untrusted 1 MiB. */
  maxMessageBytes: number;
  /** Bytes of the part of a TTHeader whose size it declares. Default 64 KiB, untrusted 8 KiB; the wire allows 262,140. */
  maxHeaderBytes: number;
  /** Key-value pairs of one TTHeader, strings and integers together. Default 1,024, untrusted 128. */
  maxHeaderPairs: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** Limits for peers inside one's own systems: the default. */
export const INTERNAL_TRANSPORT_LIMITS: Readonly<TransportLimits> = {
  maxFrameBytes: 16_384_000,
  maxMessageBytes: 100 * MIB,
  maxHeaderBytes: 64 * KIB,
  maxHeaderPairs: 1024,
};

/** Limits for bytes from anyone. */
export const UNTRUSTED_TRANSPORT_LIMITS: Readonly<TransportLimits> = {
  maxFrameBytes: MIB,
  maxMessageBytes: MIB,
  maxHeaderBytes: 8 * KIB,
  maxHeaderPairs: 128,
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
