/** What every contender of the RPC benchmark echoes. */
struct Message {
  1: i64 id
  2: i32 kind
  3: bool urgent
  4: string action
  /** Sized so that the struct takes 100 or 1,024 bytes in binary. */
  5: string text
}

service Echo {
  Message echo(1: Message message)
}
