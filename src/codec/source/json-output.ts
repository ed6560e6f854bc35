/** Text and binary in JSON, for generated encoders of TJSON and of plain JSON. They leave SLACK bytes free and may move the buffer. */

import { base64Room, jsonStringRoom, writeJsonString } from "../../protocol/json/printer.js";
import { toBytes } from "../accept.js";
import type { WriteBlock } from "./dialect.js";
import { fail } from "./failure.js";
import { grow, output } from "./output.js";

const QUOTE = 0x22;

export function writeJsonText(text: unknown, position: number): number {
  if (typeof text !== "string") fail();
  const room = position + jsonStringRoom(text);
  if (room > output.limit) grow(room);
  return writeJsonString(text, output.bytes, position);
}

/** @param write what writes base64, padded or not. */
export function base64Writer(write: (source: Uint8Array, bytes: Uint8Array, position: number) => number): WriteBlock {
  return (value, position) => {
    const source = toBytes(value);
    const room = position + 2 + base64Room(source.length);
    if (room > output.limit) grow(room);
    const { bytes } = output;
    bytes[position] = QUOTE;
    const end = write(source, bytes, position + 1);
    bytes[end] = QUOTE;
    return end + 1;
  };
}
