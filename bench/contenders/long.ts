/** i64 for the rivals that spell it with the `long` package. */

import Long from "long";

export function toLong(value: bigint): Long {
  return Long.fromBits(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
}

export function fromLong(value: Long | string): bigint {
  return typeof value === "string" ? BigInt(value) : (BigInt(value.high) << 32n) | BigInt(value.low >>> 0);
}
