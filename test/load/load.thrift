/** What the load tests call. */

struct Ping {
  /** Names the call: no two are the same. */
  1: required i64 nonce
  /** CRC-32C of the payload. */
  2: required i32 checksum
  3: required binary payload
}

/** What the server has seen. */
struct Ledger {
  /** Calls whose handler ran. */
  1: i64 executed
  /** Calls whose handler ran more than once. */
  2: i64 repeated
  3: i64 rssBytes
}

service Load {
  Ping echo(1: Ping ping)
  /** Keeps the processor busy, as a handler does that computes. */
  Ping work(1: Ping ping, 2: i32 busyUs)
  Ledger ledger()
}
