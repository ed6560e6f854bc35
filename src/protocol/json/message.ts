/** The header of a message of TJSONProtocol: `[1,"name",1,7,` up to the struct. */

import type { MessageHeader, MessageOptions } from "../protocol.js";
import { badVersion, checkMessageType, checkNameLength, MAX_NAME_BYTES, nameBytes } from "../message.js";
import { JSON_UNIT_BYTES } from "./printer.js";
import type { JsonScanner } from "./scanner.js";

export const MESSAGE_VERSION = 1;

const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;

/** Integers up to here are read, so that wrong ones can be told apart from what is no integer. */
const MAX_READ = 999_999_999_999_999;

/** Reads the header, the comma before the struct included. The bracket that ends the message is left to the caller. */
export function readMessageHeader(
  scanner: JsonScanner,
  { maxNameBytes = MAX_NAME_BYTES }: MessageOptions = {},
): MessageHeader {
  scanner.expect(OPEN_BRACKET, "a message");
  scanner.skipSpace();
  const start = scanner.position;
  if (scanner.readInteger(-MAX_READ, MAX_READ) !== MESSAGE_VERSION) throw badVersion(start, "another one");
  const name = readName(next(scanner), maxNameBytes);
  const typeOffset = next(scanner).position;
  const type = checkMessageType(scanner.readInteger(-MAX_READ, MAX_READ), typeOffset);
  const seqid = next(scanner).readInteger(-0x8000_0000, 0x7fff_ffff);
  scanner.expect(COMMA, '","');
  return { name, type, seqid };
}

/** Moves to the first byte of the next element. */
function next(scanner: JsonScanner): JsonScanner {
  scanner.expect(COMMA, '","');
  scanner.skipSpace();
  return scanner;
}

/** Looks at the length first: what is too long for a name is not worth its memory. */
function readName(scanner: JsonScanner, maxBytes: number): string {
  const start = scanner.position;
  if (scanner.peek() !== 0x22) throw scanner.unexpected("a method name");
  scanner.skipValue(0);
  // However it is escaped, a byte of the name takes no more than that.
  const least = Math.ceil((scanner.position - start - 2) / JSON_UNIT_BYTES);
  if (least > 0) checkNameLength(least, start, maxBytes);
  scanner.position = start;
  const name = scanner.readString();
  // A UTF-16 unit takes three bytes at most: most names need not be measured.
  if (name.length === 0 || 3 * name.length > maxBytes) checkNameLength(nameBytes(name), start, maxBytes);
  return name;
}
