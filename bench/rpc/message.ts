/** What is echoed. */

/** `Message` of echo.thrift. Numbers are small enough for every contender's form of an i64. */
export interface Message {
  id: number;
  kind: number;
  urgent: boolean;
  action: string;
  text: string;
}

/** Bytes of the struct in binary without its text: headers of 3 bytes, i64, i32, bool, two lengths, "echo", STOP. */
const BYTES_WITHOUT_TEXT = 5 * 3 + 8 + 4 + 1 + (4 + 4) + 4 + 1;

/** A message that takes so many bytes in the binary protocol. */
export function messageOf(bytes: number): Message {
  return { id: 81_985_529, kind: 7, urgent: true, action: "echo", text: "x".repeat(bytes - BYTES_WITHOUT_TEXT) };
}
