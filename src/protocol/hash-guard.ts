/**
 * Watches for keys that were chosen to collide.
 *
 * V8 hashes numbers and bigints that are keys of a Map or Set with a fixed mix, no seed: anyone can compute keys that
 * all land in one bucket, and 65,536 of them, 328 KB on the wire, keep an unguarded Map busy for seconds. The guard
 * computes the same hash, counts keys by bucket, and speaks up when one bucket holds far more than chance gives it.
 * Timing is not involved, so the same input always gives the same outcome.
 */

/**
 * Collections up to this size need no guard. Measured: 1,024 colliding bigints take 8 ms, 850 ns a byte, and a message
 * may hold many such maps; 128 take less than 100 ns a byte.
 */
const UNGUARDED_SIZE = 128;

/**
 * A bucket is never called flooded below this many keys. Random keys do not fill one beyond 13; of 3,000 families of
 * regular ones (strides, timestamps, fractions, swapped halves, up to 200,000 keys) the worst filled one with 19.
 */
const MIN_FLOOD = 32;

/** A bucket is flooded when it holds this many times what an even spread would give it. Matters beyond 2^22 keys. */
const FLOOD_FACTOR = 8;

/** The histogram takes 2 bytes a bucket: 2 MiB for a million keys, whose Map takes 50. */
const MAX_BUCKET_BITS = 20;

/** @returns a guard for a collection of `size` keys, undefined when it is too small to need one. */
export function guardFor(size: number): CollisionGuard | undefined {
  return size <= UNGUARDED_SIZE ? undefined : new CollisionGuard(size);
}

/** Counts the keys of one Map or Set by the buckets that V8 puts them into. */
export class CollisionGuard {
  readonly #counts: Uint16Array;
  readonly #mask: number;
  readonly #flood: number;
  #size = -1;
  #bucket = 0;

  /** @param size how many keys will come at most. */
  constructor(size: number) {
    // V8's tables hold two keys a bucket when full.
    const bits = Math.min(MAX_BUCKET_BITS, Math.max(1, Math.ceil(Math.log2(size)) - 1));
    const buckets = 1 << bits;
    this.#counts = new Uint16Array(buckets);
    this.#mask = buckets - 1;
    this.#flood = Math.min(0xffff, Math.max(MIN_FLOOD, (FLOOD_FACTOR * size) / buckets));
  }

  /**
   * To be called before each insertion.
   *
   * @param size of the collection so far. When it did not grow since the last call, the last key was there already;
   * duplicates cost nothing and are taken out of the count again.
   * @returns true when the keys collide too often to be an accident.
   */
  add(key: number | bigint | string, size: number): boolean {
    if (size === this.#size) this.#counts[this.#bucket]--;
    if (typeof key === "string") {
      // The name of an enum member among numbers that have none: V8 hashes text with a seed.
      this.#size = -1;
      return false;
    }
    this.#size = size;
    this.#bucket = (typeof key === "number" ? hashNumber(key) : hashBigInt(key)) & this.#mask;
    return ++this.#counts[this.#bucket] >= this.#flood;
  }
}

/**
 * A guard for keys whose number nobody knows beforehand: plain JSON declares none. It is made anew whenever the collection
 * has doubled, as the table of V8 is, and looks at all keys again then.
 */
export class GrowingGuard {
  #guard: CollisionGuard | undefined;
  #capacity = UNGUARDED_SIZE;

  /** To be called before each insertion. @returns true when the keys collide too often to be an accident. */
  add(key: unknown, collection: ReadonlySet<unknown> | ReadonlyMap<unknown, unknown>): boolean {
    const { size } = collection;
    if (size < UNGUARDED_SIZE) return false;
    let isFlood = false;
    if (size >= this.#capacity) {
      this.#capacity *= 2;
      const guard = new CollisionGuard(this.#capacity);
      let known = 0;
      for (const earlier of collection.keys()) isFlood = guard.add(earlier as number, known++) || isFlood;
      this.#guard = guard;
    }
    return this.#guard!.add(key as number, size) || isFlood;
  }
}

/** V8's ComputeUnseededHash: Thomas Wang's 32-bit mix. Serves every number that is a 32-bit integer, -0 among them. */
function hashInt32(key: number): number {
  let hash = (~key + (key << 15)) | 0;
  hash ^= hash >>> 12;
  hash = (hash + (hash << 2)) | 0;
  hash ^= hash >>> 4;
  hash = Math.imul(hash, 2057);
  return hash ^ (hash >>> 16);
}

const scratch = new DataView(new ArrayBuffer(8));

function hashNumber(key: number): number {
  if ((key | 0) === key) return hashInt32(key);
  scratch.setFloat64(0, key);
  return hashLong(scratch.getUint32(0), scratch.getUint32(4));
}

/** V8 keeps a bigint as sign and magnitude and hashes the lowest 64 bits of the magnitude. */
function hashBigInt(key: bigint): number {
  scratch.setBigInt64(0, key);
  let high = scratch.getInt32(0);
  let low = scratch.getInt32(4);
  if (high < 0) {
    low = -low | 0;
    high = low === 0 ? -high | 0 : ~high;
  }
  return hashLong(high, low);
}

/**
 * V8's ComputeLongHash, Thomas Wang's mix of 64 bits to 32, in halves:
 *
 *     hash = ~hash + (hash << 18);  hash ^= hash >>> 31;  hash *= 21;
 *     hash ^= hash >>> 11;          hash += hash << 6;    hash ^= hash >>> 22;
 */
function hashLong(highHalf: number, lowHalf: number): number {
  let low = (~lowHalf >>> 0) + ((lowHalf << 18) >>> 0);
  let high = (~highHalf + ((highHalf << 18) | (lowHalf >>> 14)) + carry(low)) | 0;
  low |= 0;

  low ^= (low >>> 31) | (high << 1);
  high ^= high >>> 31;

  const product = (low >>> 0) * 21;
  high = (Math.imul(high, 21) + carry(product)) | 0;
  low = product | 0;

  low ^= (low >>> 11) | (high << 21);
  high ^= high >>> 11;

  const sum = (low >>> 0) + ((low << 6) >>> 0);
  high = (high + ((high << 6) | (low >>> 26)) + carry(sum)) | 0;
  low = sum | 0;

  return low ^ ((low >>> 22) | (high << 10));
}

/** What a sum or small product of unsigned halves carries into the upper half. */
function carry(sum: number): number {
  return Math.floor(sum / 0x1_0000_0000);
}
