/** A message of the benchmark in scrimp's own form: i64 are bigints, maps are Maps, binary is Uint8Array, enums are numbers. */
export type Value =
  boolean | number | bigint | string | Uint8Array | Value[] | Map<Value, Value> | { [field: string]: Value };

/** The text as one flat string, as it comes from a socket or a database; `+` and `repeat` leave trees of pieces behind. */
export function flat(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}
