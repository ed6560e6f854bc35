/** Bounds that every decoder, of every protocol and back end, holds its input to. */

export interface Limits {
  /** Structs inside structs, on decode and encode. Default 64, untrusted 32. */
  maxDepth: number;
  /** Structs and containers inside each other within an unknown field that is skipped. Default 64, untrusted 32. */
  maxSkipDepth: number;
  /** Bytes of one message. Default 100 MiB, untrusted 1 MiB. */
  maxMessageBytes: number;
  /** Bytes of one string or binary. Default: as many as the message has, untrusted 256 KiB. */
  maxStringBytes: number;
  /** Bytes of the name of a method in the header of a message. Default 512, untrusted 128. */
  maxNameBytes: number;
  /** Elements of one list. Default 4,194,304, untrusted 65,536. */
  maxContainerLength: number;
  /** Elements of one set. Default 1,048,576, untrusted 16,384. */
  maxSetLength: number;
  /** Entries of one map. Default 1,048,576, untrusted 16,384. */
  maxMapLength: number;
  /**
   * Estimated bytes of JavaScript heap that one message may become, default 128 MiB, untrusted 16 MiB. A byte limit is
   * no memory limit: an empty map takes 6 bytes on the wire and 188 in memory.
   */
  maxHeapBytes: number;
}

const MIB = 1024 * 1024;

/** Limits for peers inside one's own systems: the default. */
export const INTERNAL_LIMITS: Readonly<Limits> = {
  maxDepth: 64,
  maxSkipDepth: 64,
  maxMessageBytes: 100 * MIB,
  maxStringBytes: Infinity,
  maxNameBytes: 512,
  maxContainerLength: 4_194_304,
  maxSetLength: 1_048_576,
  maxMapLength: 1_048_576,
  maxHeapBytes: 128 * MIB,
};

/** Limits for bytes from anyone. */
export const UNTRUSTED_LIMITS: Readonly<Limits> = {
  maxDepth: 32,
  maxSkipDepth: 32,
  maxMessageBytes: MIB,
  maxStringBytes: 256 * 1024,
  maxNameBytes: 128,
  maxContainerLength: 65_536,
  maxSetLength: 16_384,
  maxMapLength: 16_384,
  maxHeapBytes: 16 * MIB,
};

/** What callers may give: a preset by name, or some limits by value over the `internal` preset. `Infinity` turns a limit off. */
export type LimitsOption = "internal" | "untrusted" | Partial<Limits>;

/** @throws RangeError when a limit is not a positive integer or `Infinity`. */
export function resolveLimits(option: LimitsOption = "internal"): Readonly<Limits> {
  if (option === "internal") return INTERNAL_LIMITS;
  if (option === "untrusted") return UNTRUSTED_LIMITS;
  const limits: Limits = { ...INTERNAL_LIMITS };
  for (const [name, value] of Object.entries(option)) {
    if (!Object.hasOwn(limits, name)) throw new RangeError(`unknown limit ${name}`);
    if (!(value > 0 && (Number.isInteger(value) || value === Infinity))) {
      throw new RangeError(`limit ${name} must be a positive integer or Infinity`);
    }
    limits[name as keyof Limits] = value;
  }
  return limits;
}

/**
 * Estimated heap bytes of what decoders make, measured on V8: own size of the object, without its elements.
 * A container charges its own cost and {@link HEAP_BYTES.slot} with the cost of its leaf elements when its header is
 * read; a struct charges when it begins.
 */
export const HEAP_BYTES = {
  /** One reference in an array, a property, a map entry. */
  slot: 8,
  struct: 24,
  list: 36,
  set: 156,
  map: 188,
  /** A Uint8Array over the input. */
  view: 100,
  bigint: 28,
  string: 28,
  number: 4,
} as const;
