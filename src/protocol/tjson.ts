/**
 * TJSONProtocol. Types go by short names, the fields of a struct by their ids:
 *
 *     struct   {"1":{"i32":5},"2":{"str":"x"}}
 *     list     ["i32",3,1,2,3]                       element type, size, elements; set alike
 *     map      ["str","i32",1,{"k":5}]               key type, value type, size, entries
 *     bool     1 or 0
 *     double   1.5, or "NaN", "Infinity", "-Infinity"
 *     string   "x"                                   uuid alike, as text
 *     binary   "AAE"                                 base64 without padding
 *     message  [1,"name",1,7,{"1":{"i32":5}}]        version, method, message type, seqid, struct
 *
 * A number in the place of a key is a JSON string, `{"1":...}`. A struct or container there stands as it is, so that the
 * text is no JSON any more; that is what Apache's libraries write and read.
 *
 * What they write differs, and all of it is read: padded base64 and control characters without escape (Python,
 * Node.js), `inf`, `nan` and `Infinity` without quotes (Python, Node.js), zeros before the digits of an i64 (Node.js),
 * blanks anywhere between the tokens.
 */

import { readMessageHeader } from "./json/message.js";
import { isKeyPlace, NEXT, Place, SEPARATORS } from "./json/place.js";
import { JsonScanner } from "./json/scanner.js";
import {
  type MessageHeader,
  type MessageOptions,
  ProtocolError,
  type ProtocolReader,
  type ReaderOptions,
} from "./protocol.js";
import { skip } from "./skip.js";
import { TJSON_FIXED, TJSON_MINIMUM, TJSON_NAMES, TType, type ValueTType } from "./ttype.js";
import { formatUuid, parseUuid } from "./uuid.js";

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Bytes of the longest name of a type with its quotes: `"i32"`. */
const NAME_BYTES = 5;

/** Wire types by the packed bytes of their names. */
const TTYPES_BY_NAME = new Map(
  Object.entries(TJSON_NAMES).map(([ttype, name]) => [packed(name), Number(ttype) as ValueTType]),
);

function packed(name: string): number {
  return new TextEncoder().encode(name).reduce((bits, byte) => (bits << 8) | byte, 0);
}

/** How the libraries spell the doubles that JSON has no numbers for. What another one begins with comes later. */
const SPECIAL_DOUBLES: readonly (readonly [spelling: string, value: number])[] = [
  ["NaN", NaN],
  ["nan", NaN],
  ["Infinity", Infinity],
  ["inf", Infinity],
  ["-Infinity", -Infinity],
  ["-inf", -Infinity],
];

/** Sizes beyond this are no integers that a double holds; all of them are far beyond any input. */
const MAX_SIZE = 999_999_999_999_999;

/**
 * Reads TJSONProtocol. One reader serves any number of messages, one after the other.
 *
 * `maxStringBytes` bounds the UTF-8 of a string without its escapes, and the bytes that base64 stands for. Numbers with
 * a fraction where an integer is expected, and integers that the type cannot hold, are INVALID_DATA. As in Java and
 * Python every integer but 0 is true.
 */
export class TJsonReader implements ProtocolReader {
  fieldType: ValueTType = TType.BOOL;
  fieldId = 0;
  size = 0;
  keyType = 0;
  elementType = 0;
  readonly minimumBytes = TJSON_MINIMUM;
  readonly fixedBytes = TJSON_FIXED;
  protected readonly scanner: JsonScanner;
  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;
  #place: Place = Place.OUTSIDE;
  /** The places around this one, innermost last. */
  readonly #around: Place[] = [];
  #sizeOffset = 0;
  readonly #uuid = new Uint8Array(16);

  constructor(options: ReaderOptions) {
    this.scanner = new JsonScanner({
      ...options,
      takesControls: true,
      takesLeadingZeros: true,
      outOfRange: "ERR_THRIFT_INVALID_DATA",
    });
  }

  get position(): number {
    return this.scanner.position;
  }

  set position(position: number) {
    this.scanner.position = position;
  }

  reset(bytes: Uint8Array, view?: DataView, end: number = bytes.length): void {
    this.#bytes = bytes;
    this.#end = end;
    this.scanner.reset(bytes, 0, end, view);
    this.#place = Place.OUTSIDE;
    this.#around.length = 0;
  }

  release(): void {
    this.#bytes = new Uint8Array(0);
    this.#end = 0;
    this.scanner.release();
  }

  readMessageBegin(options?: MessageOptions): MessageHeader {
    return readMessageHeader(this.scanner, options);
  }

  readMessageEnd(): void {
    this.scanner.expect(CLOSE_BRACKET, '"]"');
    // Blanks behind a message belong to it.
    this.scanner.skipSpace();
  }

  readStructBegin(): void {
    this.separate();
    this.#open(OPEN_BRACE, "a struct", Place.FIRST_FIELD);
  }

  readStructEnd(): void {
    this.#close(CLOSE_BRACE, '"}"');
  }

  readFieldBegin(): boolean {
    const scanner = this.scanner;
    if (scanner.peek() === CLOSE_BRACE) return false;
    this.separate('"," or "}"');
    scanner.expect(QUOTE, "a field id");
    this.fieldId = scanner.readInteger(-0x8000, 0x7fff);
    this.#closeQuote();
    scanner.expect(COLON, '":"');
    this.#open(OPEN_BRACE, '"{"', Place.FIELD_VALUE);
    this.fieldType = this.#readType();
    scanner.expect(COLON, '":"');
    return true;
  }

  readFieldEnd(): void {
    this.#close(CLOSE_BRACE, '"}"');
  }

  readListBegin(): void {
    this.#beginArray("a list");
    this.elementType = this.#readElementType();
    this.#readSize();
  }

  readListEnd(): void {
    this.#close(CLOSE_BRACKET, '"]"');
  }

  readSetBegin(): void {
    this.#beginArray("a set");
    this.elementType = this.#readElementType();
    this.#readSize();
  }

  readSetEnd(): void {
    this.#close(CLOSE_BRACKET, '"]"');
  }

  readMapBegin(): void {
    this.#beginArray("a map");
    this.keyType = this.#readElementType();
    this.elementType = this.#readElementType();
    this.#readSize();
    this.separate();
    this.#open(OPEN_BRACE, "the entries of a map", Place.FIRST_KEY);
  }

  readMapEnd(): void {
    this.#close(CLOSE_BRACE, '"}"');
    this.#close(CLOSE_BRACKET, '"]"');
  }

  /**
   * Prepares for what does not begin a message, for those who read the rest without the calls around it: the next value is
   * a key, or one is in a field, before its value or behind it.
   */
  resume(place: "key" | "field"): void {
    this.#around.length = 0;
    if (place === "key") {
      this.#place = Place.FIRST_KEY;
    } else {
      this.#around.push(Place.OUTSIDE, Place.FIELD);
      this.#place = Place.FIELD_VALUE;
    }
  }

  checkSize(minBytes: number, maxLength: number): void {
    if (this.size <= maxLength && this.size <= Math.floor((this.#end - this.position) / minBytes)) return;
    const reason = this.size > maxLength ? "the limit allows" : "the rest of the input can hold";
    throw new ProtocolError(
      "ERR_THRIFT_SIZE_LIMIT",
      this.#sizeOffset,
      `expected no more elements than ${reason}, found a greater count`,
    );
  }

  readBool(): boolean {
    return this.readI32() !== 0;
  }

  readI8(): number {
    return this.#readInteger(-0x80, 0x7f);
  }

  readI16(): number {
    return this.#readInteger(-0x8000, 0x7fff);
  }

  readI32(): number {
    return this.#readInteger(-0x8000_0000, 0x7fff_ffff);
  }

  readI64(): bigint {
    const isKey = this.#beginNumber();
    const value = this.scanner.readI64();
    if (isKey) this.#closeQuote();
    return value;
  }

  readDouble(): number {
    const isKey = this.separate();
    const isQuoted = this.scanner.take(QUOTE);
    const special = this.#readSpecialDouble();
    if (special === undefined && isQuoted !== isKey) {
      throw this.scanner.unexpected(isKey ? "a number in quotes" : '"NaN", "Infinity" or "-Infinity"');
    }
    const value = special ?? this.scanner.readDouble();
    if (isQuoted) this.#closeQuote();
    return value;
  }

  readString(): string {
    this.separate();
    return this.scanner.readString();
  }

  /** As {@link readString}, which makes a string of the content that this leaves as bytes in the scanner; invalid UTF-8 stays. */
  readContent(): void {
    this.separate();
    this.scanner.readContent();
  }

  /** Bytes of their own. */
  readBinary(): Uint8Array {
    this.separate();
    return this.scanner.readBase64();
  }

  readUuid(): string {
    this.separate();
    this.scanner.skipSpace();
    const start = this.position;
    if (!parseUuid(this.scanner.readString(), this.#uuid, 0)) {
      throw new ProtocolError("ERR_THRIFT_INVALID_DATA", start, "expected uuid, found other text");
    }
    return formatUuid(this.#uuid, 0);
  }

  advance(count: number): void {
    if (count > this.#end - this.position) {
      const found = "expected the rest of a value, found the end of the input";
      throw new ProtocolError("ERR_THRIFT_TRUNCATED", this.position, found);
    }
    this.position += count;
  }

  readRaw(type: ValueTType, maxDepth: number): Uint8Array {
    const start = this.position;
    skip(this, type, maxDepth);
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, this.position - start);
  }

  skipScalar(type: ValueTType): void {
    if (type === TType.STRING) this.#skipText();
    // Containers count on its length, so other text is no more a uuid here than where it is read.
    else if (type === TType.UUID) this.readUuid();
    else if (type === TType.DOUBLE) this.readDouble();
    else this.readI64();
  }

  #skipText(): void {
    this.separate();
    if (this.scanner.peek() !== QUOTE) throw this.scanner.unexpected("a string");
    this.scanner.skipValue(0);
  }

  #readInteger(min: number, max: number): number {
    const isKey = this.#beginNumber();
    const value = this.scanner.readInteger(min, max);
    if (isKey) this.#closeQuote();
    return value;
  }

  /** Moves to the first byte of a number. @returns true for one in quotes, as a key. */
  #beginNumber(): boolean {
    const isKey = this.separate();
    if (isKey) this.scanner.expect(QUOTE, "a number in quotes");
    else this.scanner.skipSpace();
    return isKey;
  }

  #closeQuote(): void {
    // Not by the scanner, which would skip blanks.
    if (this.position >= this.#end || this.#bytes[this.position] !== QUOTE) {
      throw this.scanner.unexpected("the end of a number in quotes");
    }
    this.position++;
  }

  #readSpecialDouble(): number | undefined {
    for (const [spelling, value] of SPECIAL_DOUBLES) {
      if (!this.#startsWith(spelling)) continue;
      this.position += spelling.length;
      return value;
    }
    return undefined;
  }

  #startsWith(word: string): boolean {
    const start = this.position;
    if (word.length > this.#end - start) return false;
    for (let i = 0; i < word.length; i++) if (this.#bytes[start + i] !== word.charCodeAt(i)) return false;
    return true;
  }

  #readSize(): void {
    this.separate();
    this.scanner.skipSpace();
    const start = this.position;
    const size = this.scanner.readInteger(-MAX_SIZE, MAX_SIZE);
    if (size < 0) {
      const found = "expected the size of a container, found a negative one";
      throw new ProtocolError("ERR_THRIFT_NEGATIVE_SIZE", start, found);
    }
    this.size = size;
    this.#sizeOffset = start;
  }

  #beginArray(expected: string): void {
    this.separate();
    this.#open(OPEN_BRACKET, expected, Place.FIRST_ELEMENT);
  }

  #readElementType(): ValueTType {
    this.separate();
    return this.#readType();
  }

  /** Reads the name of a type. One that Thrift does not have is refused even for an empty container: no library writes it. */
  #readType(): ValueTType {
    if (this.scanner.peek() !== QUOTE) throw this.scanner.unexpected("the name of a type");
    const start = this.position;
    let bits = 0;
    let p = start + 1;
    while (p < this.#end && p < start + NAME_BYTES - 1 && this.#bytes[p] !== QUOTE) {
      bits = (bits << 8) | this.#bytes[p++];
    }
    if (p >= this.#end) {
      throw new ProtocolError("ERR_THRIFT_TRUNCATED", start, "expected the name of a type, found the end of the input");
    }
    const type = this.#bytes[p] === QUOTE ? TTYPES_BY_NAME.get(bits) : undefined;
    if (type === undefined) {
      throw new ProtocolError("ERR_THRIFT_INVALID_DATA", start, "expected the name of a type, found another string");
    }
    this.position = p + 1;
    return type;
  }

  /** Reads what stands before a value or field. @param comma how messages call a comma. @returns true in the place of a key. */
  protected separate(comma = '","'): boolean {
    const place = this.#place;
    const separator = SEPARATORS[place];
    if (separator !== 0) this.scanner.expect(separator, separator === COMMA ? comma : '":"');
    this.#place = NEXT[place];
    return isKeyPlace(place);
  }

  #open(bracket: number, expected: string, place: Place): void {
    this.scanner.expect(bracket, expected);
    this.#around.push(this.#place);
    this.#place = place;
  }

  #close(bracket: number, expected: string): void {
    this.scanner.expect(bracket, expected);
    this.#place = this.#around.pop() ?? Place.OUTSIDE;
    // Blanks behind a message belong to it.
    if (this.#place === Place.OUTSIDE) this.scanner.skipSpace();
  }
}
