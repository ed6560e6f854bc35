/**
 * JSON (RFC 8259) out of bytes, a token at a time: what the plain JSON codec and TJSONProtocol have in common. It knows no
 * schema and makes no values but those asked for, so nothing in the input decides how deep or how big they become.
 */

import type { ErrorCode } from "../../errors.js";
import { ProtocolError, type ReaderOptions } from "../protocol.js";
import { isValidUtf8, readUtf8 } from "../text.js";
import { base64Length, decodeBase64, decodeFours, decodeRest } from "./base64.js";
import { doubleOf, newToken, putI64, scanNumber, type NumberToken } from "./number.js";
import { integer64 } from "../varint.js";
import { releaseUnescaped, unescape, unescaped } from "./unescape.js";
import { lowestByte, NOT_ASCII, specialBytes } from "./words.js";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const NO_BYTES = new Uint8Array(0);
const NO_VIEW: DataView = new DataView(NO_BYTES.buffer);

/** Bytes that stood as base64, until others are read; longer ones get memory of their own. */
const decodedBytes = new Uint8Array(4096);
const decodedView: DataView = new DataView(decodedBytes.buffer);

/** Characters of base64 that are decoded while the end is looked for; the engine is faster at more. */
const LONGEST_PLAIN_BASE64 = 536;

/** What a scanner holds its input to, and where it deviates from RFC 8259. */
export interface ScannerOptions extends ReaderOptions {
  /** Take control characters that stand in a string unescaped, as Apache's Python and Node.js libraries write them. */
  takesControls?: boolean;
  /** Take zeros before the first digit of a number: Apache's Node.js library writes -1 of an i64 as -000000000001. */
  takesLeadingZeros?: boolean;
  /** What a number that does not fit is refused with. Default OUT_OF_RANGE. */
  outOfRange?: ErrorCode;
}

/**
 * Reads JSON. One scanner serves any number of messages, one after the other.
 *
 * Every method that reads skips blanks first, but for the numbers, which may stand inside quotes. All throw a
 * ProtocolError with the offset at which the token starts: TRUNCATED where the input ends before the token does,
 * INVALID_DATA where something else stands there.
 */
export class JsonScanner {
  /** Offset of the next byte, from the start of the bytes. May be set, to read from somewhere else. */
  position = 0;
  protected bytes: Uint8Array = NO_BYTES;
  protected view = NO_VIEW;
  protected end = 0;
  readonly #maxStringBytes: number;
  readonly #strictUtf8: boolean;
  /** The lowest byte that may stand in a string unescaped. */
  readonly #lowest: number;
  readonly #takesLeadingZeros: boolean;
  readonly #outOfRangeCode: ErrorCode;
  readonly #token = newToken();
  /** The content of the string read last, without quotes and escapes: `text[textStart, textEnd)`. Valid until the next one is read. */
  text: Uint8Array = NO_BYTES;
  /** Over the memory of `text`. */
  textView = NO_VIEW;
  textStart = 0;
  textEnd = 0;
  /** The content is known to be ASCII. */
  protected isAsciiText = false;
  #hasLoneSurrogate = false;

  constructor(options: ScannerOptions) {
    this.#maxStringBytes = options.maxStringBytes;
    this.#strictUtf8 = options.strictUtf8;
    this.#lowest = options.takesControls === true ? 0 : 0x20;
    this.#takesLeadingZeros = options.takesLeadingZeros === true;
    this.#outOfRangeCode = options.outOfRange ?? "ERR_THRIFT_OUT_OF_RANGE";
  }

  /** Starts on a message that stands in `bytes[start, end)`, by default all of them. The view, when the caller has one, covers the same memory. */
  reset(
    bytes: Uint8Array,
    start = 0,
    end = bytes.length,
    view: DataView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  ): void {
    this.bytes = bytes;
    this.view = view;
    this.end = end;
    this.position = start;
  }

  /** Lets go of the message, which a scanner at rest would otherwise keep alive. */
  release(): void {
    this.bytes = NO_BYTES;
    this.view = NO_VIEW;
    this.text = NO_BYTES;
    this.textView = NO_VIEW;
    this.end = 0;
  }

  /** Steps over blanks, tabs and ends of lines. */
  skipSpace(): void {
    const bytes = this.bytes;
    let p = this.position;
    while (p < this.end && isBlank(bytes[p])) p++;
    this.position = p;
  }

  /** The first byte that is no blank, which is then at `position`; -1 at the end of the input. */
  peek(): number {
    const byte = this.next();
    if (byte > 0x20) return byte;
    this.skipSpace();
    return this.next();
  }

  /** The byte at `position`, blank or not; -1 at the end of the input. */
  next(): number {
    return this.byteAt(this.position);
  }

  /** The byte at an offset from `position` on; -1 beyond the end of the input. */
  byteAt(offset: number): number {
    return offset < this.end ? this.bytes[offset] : -1;
  }

  /** Steps over one character of punctuation. @param what it is called in the message of a failure: `","`. */
  expect(character: number, what: string): void {
    if (this.peek() !== character) throw this.unexpected(what);
    this.position++;
  }

  /** Steps over a character where it comes next. @returns whether it did. */
  take(character: number): boolean {
    if (this.peek() !== character) return false;
    this.position++;
    return true;
  }

  /** Steps over `null` where it comes next. @returns whether it did. */
  takeNull(): boolean {
    if (this.peek() !== 0x6e) return false;
    this.#word("null");
    return true;
  }

  readBool(): boolean {
    const isTrue = this.peek() === 0x74;
    if (isTrue) this.#word("true");
    else if (this.peek() === 0x66) this.#word("false");
    else throw this.unexpected("a boolean");
    return isTrue;
  }

  /** Reads an integer right at `position`: no blanks before, no fraction, no exponent. Throws OUT_OF_RANGE beyond min and max. */
  readInteger(min: number, max: number): number {
    const { digits, mantissa } = this.#integer();
    const value = this.bytes[this.position] === 0x2d ? -mantissa : mantissa;
    if (digits > 15 || value < min || value > max) throw this.#outOfRange(`an integer from ${min} to ${max}`);
    this.position = this.#token.end;
    // There is no integer -0.
    return value + 0;
  }

  /** As {@link readInteger}, for the 64-bit integers. */
  readI64(): bigint {
    this.readI64Words();
    return integer64[0];
  }

  /** As {@link readI64}, into `words64` of varint.ts. */
  readI64Words(): void {
    if (!putI64(this.bytes, this.position, this.#integer())) throw this.#outOfRange("an i64");
    this.position = this.#token.end;
  }

  /** Reads a number right at `position` as the double nearest to it. Throws OUT_OF_RANGE for one beyond all doubles. */
  readDouble(): number {
    const start = this.position;
    const value = doubleOf(this.bytes, start, this.#number("a number"));
    if (value === Infinity || value === -Infinity) throw this.#outOfRange("a number that a double can hold");
    this.position = this.#token.end;
    return value;
  }

  /**
   * Reads a string with its quotes. Throws SIZE_LIMIT beyond `maxStringBytes` of unescaped UTF-8. Invalid UTF-8 and lone
   * surrogates (`\ud800`) become U+FFFD; in strict mode they throw INVALID_UTF8.
   */
  readString(): string {
    this.readContent();
    return readUtf8(this.text, this.textStart, this.textEnd);
  }

  /** As {@link readString}, which makes a string of the content that this leaves as bytes; invalid UTF-8 stays. */
  readContent(): void {
    const start = this.#content(false);
    this.#checkUtf8(start);
  }

  #checkUtf8(start: number): void {
    if (!this.#strictUtf8) return;
    if (this.#hasLoneSurrogate || !isValidUtf8(this.text, this.textStart, this.textEnd)) {
      throw failure("ERR_THRIFT_INVALID_UTF8", start, "expected UTF-8, found bytes or escapes that are not");
    }
  }

  /** Reads the name of a member, which is no value: no limit but that of the message. Invalid UTF-8 becomes U+FFFD. */
  readName(): string {
    this.readNameContent();
    return readUtf8(this.text, this.textStart, this.textEnd);
  }

  /** As {@link readName}, the name left as bytes; invalid UTF-8 stays. */
  readNameContent(): void {
    this.#content(true);
  }

  /** Reads a string as the bytes of its UTF-8, in memory of their own. Limits and strict mode as for {@link readString}. */
  readTextBytes(): Uint8Array {
    this.readContent();
    // Not slice() of the text: what is decoded must not depend on the input being a Buffer.
    return new Uint8Array(this.text.subarray(this.textStart, this.textEnd));
  }

  /** Reads a string of base64, of either alphabet, padded or not, into memory of its own. `maxStringBytes` bounds the bytes that it stands for. */
  readBase64(): Uint8Array {
    const start = this.#content(true);
    const decoded = new Uint8Array(this.#base64Length(start));
    this.#decodeBase64(start, decoded);
    return decoded;
  }

  /** As {@link readBase64}, the bytes left as content. */
  readBase64Content(): void {
    if (this.#takePlainBase64()) return;
    const start = this.#content(true);
    const length = this.#base64Length(start);
    const isLong = length > decodedBytes.length;
    const decoded = isLong ? new Uint8Array(length) : decodedBytes;
    this.#decodeBase64(start, decoded);
    this.text = decoded;
    this.textView = isLong ? new DataView(decoded.buffer) : decodedView;
    this.textStart = 0;
    this.textEnd = length;
  }

  /** Reads base64 of usual length without escapes while looking for its end. @returns false, having read nothing, at anything else. */
  #takePlainBase64(): boolean {
    if (this.peek() !== QUOTE) return false;
    const { view, end, position } = this;
    const start = position + 1;
    const fours = decodeFours(view, start, Math.min(end, start + LONGEST_PLAIN_BASE64), decodedBytes);
    let stop = fours;
    while (stop < end && stop < fours + 4 && this.bytes[stop] !== QUOTE) stop++;
    const at = ((fours - start) / 4) * 3;
    const rest = base64Length(view, fours, stop);
    if (this.byteAt(stop) !== QUOTE || rest < 0 || rest > 2 || at + rest > this.#maxStringBytes) return false;
    // One byte more is two digits more, two are three.
    const digits = rest === 0 ? 0 : rest + 1;
    if (!decodeRest(view, fours, fours + digits, { bytes: decodedBytes, at })) return false;
    this.text = decodedBytes;
    this.textView = decodedView;
    this.textStart = 0;
    this.textEnd = at + rest;
    this.position = stop + 1;
    return true;
  }

  /** How many bytes the base64 that was read stands for. */
  #base64Length(start: number): number {
    const length = base64Length(this.textView, this.textStart, this.textEnd);
    if (length > this.#maxStringBytes) throw tooLong(start);
    return length < 0 ? this.#failAtBase64(start) : length;
  }

  #decodeBase64(start: number, decoded: Uint8Array): void {
    if (!decodeBase64(this.textView, this.textStart, this.textEnd, decoded)) this.#failAtBase64(start);
  }

  #failAtBase64(start: number): never {
    throw failure("ERR_THRIFT_INVALID_DATA", start, "expected base64, found other text");
  }

  /**
   * Steps over one value of any kind, which must be well formed.
   *
   * @param maxDepth objects and arrays that may stand inside each other, the value itself included; scalars are free.
   * Throws DEPTH_LIMIT beyond it.
   */
  skipValue(maxDepth: number): void {
    // An explicit stack of closing brackets: nothing but the limit bounds the nesting of what nobody asked for.
    const open: number[] = [];
    do {
      const first = this.peek();
      if (first === OPEN_BRACE || first === OPEN_BRACKET) {
        if (open.length >= maxDepth) {
          throw failure("ERR_THRIFT_DEPTH_LIMIT", this.position, "an unknown value is nested deeper than maxSkipDepth");
        }
        this.position++;
        const close = first + 2;
        if (!this.take(close)) {
          open.push(close);
          if (close === CLOSE_BRACE) this.#skipName();
          continue;
        }
      } else {
        this.#skipScalar(first);
      }
      this.#skipClosing(open);
    } while (open.length > 0);
  }

  /** Behind a value: closes what ends here, or steps to the next value. */
  #skipClosing(open: number[]): void {
    while (open.length > 0) {
      const close = open[open.length - 1];
      if (this.take(COMMA)) {
        if (close === CLOSE_BRACE) this.#skipName();
        return;
      }
      this.expect(close, close === CLOSE_BRACE ? '"," or "}"' : '"," or "]"');
      open.pop();
    }
  }

  #skipName(): void {
    this.#content(true);
    this.expect(COLON, '":"');
  }

  #skipScalar(first: number): void {
    if (first === QUOTE) this.#content(false);
    else if (first === 0x74 || first === 0x66) this.readBool();
    else if (first === 0x6e) this.#word("null");
    else this.position = this.#number("a value").end;
  }

  /** The error for something else than what is expected at `position`: TRUNCATED at the end of the input. */
  unexpected(expected: string): ProtocolError {
    const at = this.position;
    if (at >= this.end) {
      return failure("ERR_THRIFT_TRUNCATED", at, `expected ${expected}, found the end of the input`);
    }
    return failure("ERR_THRIFT_INVALID_DATA", at, `expected ${expected}, found ${describe(this.bytes[at])}`);
  }

  #word(word: "true" | "false" | "null"): void {
    const start = this.position;
    for (let i = 0; i < word.length; i++) {
      if (start + i >= this.end) {
        throw failure("ERR_THRIFT_TRUNCATED", start, `expected ${word}, found the end of the input`);
      }
      if (this.bytes[start + i] !== word.charCodeAt(i)) {
        throw failure("ERR_THRIFT_INVALID_DATA", start, "expected a value, found another word");
      }
    }
    this.position = start + word.length;
  }

  #integer(): NumberToken {
    const token = this.#number("an integer");
    if (!token.isInteger) {
      const found = "expected an integer, found a number with a fraction or exponent";
      throw failure("ERR_THRIFT_INVALID_DATA", this.position, found);
    }
    return token;
  }

  #number(expected: string): NumberToken {
    const start = this.position;
    const token = this.#token;
    scanNumber(this.bytes, start, this.end, token);
    if (token.end >= 0 && (!token.hasLeadingZero || this.#takesLeadingZeros)) return token;
    const first = start < this.end ? this.bytes[start] : 0;
    if (first !== 0x2d && (first < 0x30 || first > 0x39)) throw this.unexpected(expected);
    if (~token.end >= this.end) {
      throw failure("ERR_THRIFT_TRUNCATED", start, `expected ${expected}, found the end of the input`);
    }
    throw failure("ERR_THRIFT_INVALID_DATA", start, `expected ${expected}, found a number that is not well formed`);
  }

  #outOfRange(expected: string): ProtocolError {
    return failure(this.#outOfRangeCode, this.position, `expected ${expected}, found a number out of its range`);
  }

  /** Reads a string and finds its content. @returns the offset of its first quote. */
  #content(isUnlimited: boolean): number {
    if (this.peek() !== QUOTE) throw this.unexpected("a string");
    const start = this.position;
    const { bytes, view, end } = this;
    let p = start + 1;
    let seen = 0;
    for (; p + 8 <= end; p += 8) {
      const low = view.getInt32(p, true);
      const high = view.getInt32(p + 4, true);
      if ((specialBytes(low) | specialBytes(high)) !== 0) break;
      seen |= low | high;
    }
    while (p + 4 <= end) {
      const word = view.getInt32(p, true);
      const special = specialBytes(word);
      seen |= word;
      p += special === 0 ? 4 : lowestByte(special);
      if (special !== 0) break;
    }
    for (; p < end && isPlain(bytes[p], this.#lowest); p++) seen |= bytes[p];
    this.isAsciiText = (seen & NOT_ASCII) === 0;
    this.text = bytes;
    this.textView = view;
    this.textStart = start + 1;
    this.textEnd = p;
    this.#hasLoneSurrogate = false;
    if (p < this.end && bytes[p] === BACKSLASH) p = this.#unescape(start, p);
    if (p >= this.end) {
      throw failure("ERR_THRIFT_TRUNCATED", start, "expected a string, found the end of the input");
    }
    if (bytes[p] !== QUOTE) {
      throw failure("ERR_THRIFT_INVALID_DATA", p, "expected a string, found a control character in it");
    }
    if (!isUnlimited && this.textEnd - this.textStart > this.#maxStringBytes) throw tooLong(start);
    this.position = p + 1;
    return start;
  }

  /** @returns where the string stops that starts at `start` and whose first backslash stands at `escape`. */
  #unescape(start: number, escape: number): number {
    const { bytes, view, end } = this;
    const stops = unescape({ bytes, view }, { start, escape, stop: end, lowest: this.#lowest });
    this.isAsciiText = unescaped.isAscii;
    this.text = unescaped.bytes;
    this.textView = unescaped.view;
    this.textStart = 0;
    this.textEnd = unescaped.length;
    this.#hasLoneSurrogate = unescaped.hasLoneSurrogate;
    releaseUnescaped();
    return stops;
  }
}

function isBlank(byte: number): boolean {
  // One comparison for most bytes.
  return byte <= 0x20 && (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09);
}

/** What stands for itself in a string. */
function isPlain(byte: number, lowest: number): boolean {
  return byte >= lowest && byte !== QUOTE && byte !== BACKSLASH;
}

/** What begins with a byte, in words: messages never quote the input. */
function describe(byte: number): string {
  switch (byte) {
    case QUOTE:
      return "a string";
    case OPEN_BRACE:
      return "an object";
    case OPEN_BRACKET:
      return "an array";
    case 0x74:
    case 0x66:
      return "a boolean";
    case 0x6e:
      return "null";
    default:
      return byte === 0x2d || (byte >= 0x30 && byte <= 0x39) ? "a number" : "another character";
  }
}

function tooLong(offset: number): ProtocolError {
  return failure(
    "ERR_THRIFT_SIZE_LIMIT",
    offset,
    "expected a string no longer than maxStringBytes, found a longer one",
  );
}

function failure(code: ErrorCode, offset: number, message: string): ProtocolError {
  return new ProtocolError(code, offset, message);
}
