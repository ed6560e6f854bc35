/**
 * Finds where messages end that come without a length: the only way is to walk through them.
 *
 *     chunk   | header | struct: field, field, li          walks as far as the next thing is all there
 *     chunk   st ... field, STOP | next mess               goes on from there: no byte is walked over twice
 *
 * A stack holds what is open, so that nothing in the bytes decides how deep JavaScript calls itself. What could make the
 * walk go on for ever, or for longer than the limits allow, is refused as `skip` does; the rest is left to the decoder.
 */

import type { Limits } from "./limits.js";
import { badVersion, checkMessageType, checkNameLength } from "./message.js";
import { ProtocolError } from "./protocol.js";
import type { ProtocolName } from "./protocols.js";
import {
  BINARY_FIXED,
  BINARY_MINIMUM,
  COMPACT_FIXED,
  COMPACT_MINIMUM,
  COMPACT_TTYPES,
  type FixedBytes,
  isValueTType,
  type MinimumBytes,
  TType,
  ttypeName,
  type ValueTType,
} from "./ttype.js";

/** What a finder holds messages to. */
export interface MessageEndOptions {
  readonly limits: Readonly<
    Pick<Limits, "maxDepth" | "maxSkipDepth" | "maxMessageBytes" | "maxStringBytes" | "maxNameBytes">
  >;
  /** Refuse the binary header that Thrift had before 2008. Default true. */
  readonly strictRead?: boolean;
}

/** A walk through one message after the other. */
interface Walk {
  /** Starts on another message. */
  reset(): void;
  /** @returns the length of the message, undefined while `message`, all that has arrived since its start, does not hold it. */
  find(message: Uint8Array): number | undefined;
}

/**
 * Makes a finder for one connection.
 *
 * `message` is what has arrived since the start of a message, the first `seen` bytes of which were shown before: 0 for
 * a message that is new. The finder returns its length, or undefined while it is not all there.
 *
 * It throws a ProtocolError: BAD_VERSION, INVALID_DATA, NEGATIVE_SIZE, SIZE_LIMIT, DEPTH_LIMIT.
 */
export function messageEndFinder(
  options: MessageEndOptions,
): (message: Uint8Array, seen: number, protocol: ProtocolName) => number | undefined {
  const walks: Partial<Record<ProtocolName, Walk>> = {};
  return (message, seen, protocol) => {
    const walk = (walks[protocol] ??= newWalk(protocol, options));
    if (seen === 0) walk.reset();
    return walk.find(message);
  };
}

function newWalk(protocol: ProtocolName, options: MessageEndOptions): Walk {
  switch (protocol) {
    case "binary":
      return new BinaryWalk(options);
    case "compact":
      return new CompactWalk(options);
    case "tjson":
      return new TJsonWalk(options);
  }
}

/** Instead of a type, size or length: not all of it is there. */
const CUT = -1;
/** Instead of the type of a field whose header is all of it: a bool in compact. */
const FOLDED = -2;
/** Instead of the values left of a container: this is a struct. */
const STRUCT = -1;

/** What the protocols of bytes have in common. */
abstract class ByteWalk implements Walk {
  protected bytes = new Uint8Array(0);
  /** Where the next thing starts that is not yet walked over. May be beyond what has arrived, for a string or a run of numbers. */
  protected position = 0;
  protected readonly options: MessageEndOptions;
  readonly #minimum: MinimumBytes;
  readonly #fixed: FixedBytes;
  readonly #maxStructs: number;
  #hasHeader = false;
  #structs = 0;
  /** How many are open: the index of the innermost in the four arrays is one less. */
  #open = 0;
  /** Values left of a container, keys counted as well; {@link STRUCT} for a struct. */
  readonly #left: number[] = [];
  /** The type of the next value while an even number of them is left, and while an odd one is: those of keys and values. */
  readonly #even: ValueTType[] = [];
  readonly #odd: ValueTType[] = [];
  /** Containers inside each other with no struct between them, up to this one. */
  readonly #run: number[] = [];

  constructor(options: MessageEndOptions, minimum: MinimumBytes, fixed: FixedBytes) {
    this.options = options;
    this.#minimum = minimum;
    this.#fixed = fixed;
    // What decoders take: as many known structs, and in the innermost an unknown field.
    this.#maxStructs = options.limits.maxDepth + options.limits.maxSkipDepth;
  }

  /** Steps over the header, with the name. @returns false, and does not, while it is not all there. */
  protected abstract readHeader(): boolean;
  /** Steps over the header of a field. @returns its type, {@link TType.STOP}, {@link CUT} or {@link FOLDED}. */
  protected abstract readField(): number;
  /** Steps over a number of variable size. @returns false while it is not all there. */
  protected abstract readNumber(type: ValueTType): boolean;
  /** Steps over a size or length. @returns it; {@link CUT} while it is not all there. */
  protected abstract readSize(): number;
  /** Steps over the header of a list or set into `size` and `elementType`. @returns false while it is not all there. */
  protected abstract readElements(): boolean;
  /** Steps over the header of a map into `size`, `keyType` and `elementType`. @returns false while it is not all there. */
  protected abstract readEntries(): boolean;
  protected size = 0;
  protected keyType = 0;
  protected elementType = 0;

  reset(): void {
    this.position = 0;
    this.#hasHeader = false;
    this.#structs = 0;
    this.#open = 0;
  }

  find(message: Uint8Array): number | undefined {
    this.bytes = message as Uint8Array<ArrayBuffer>;
    const end = this.#walk();
    this.bytes = NO_BYTES;
    return end;
  }

  #walk(): number | undefined {
    if (!this.#hasHeader) {
      if (!this.readHeader()) return undefined;
      this.#hasHeader = true;
      this.#openStruct();
    }
    while (this.#open > 0) {
      if (this.position > this.bytes.length) return undefined;
      const start = this.position;
      if (this.#left[this.#open - 1] === STRUCT ? this.#walkField() : this.#walkValue()) continue;
      // A field whose header is there and the head of whose value is not starts anew.
      this.position = start;
      return undefined;
    }
    return this.position;
  }

  #walkField(): boolean {
    const type = this.readField();
    if (type === TType.STOP) {
      this.#open--;
      this.#structs--;
      return true;
    }
    if (type === FOLDED) return true;
    return type !== CUT && this.#begin(this.#checkType(type));
  }

  #walkValue(): boolean {
    const top = this.#open - 1;
    const left = this.#left[top];
    if (left === 0) {
      this.#open--;
      return true;
    }
    if (!this.#begin((left & 1) === 0 ? this.#even[top] : this.#odd[top])) return false;
    this.#left[top] = left - 1;
    return true;
  }

  /** Steps over a value, or into it. @returns false while the head of it is not all there. */
  #begin(type: ValueTType): boolean {
    const fixed = this.#fixed[type];
    if (fixed > 0) {
      this.position += fixed;
      return true;
    }
    switch (type) {
      case TType.STRUCT:
        this.#openStruct();
        return true;
      case TType.STRING:
        return this.#beginString();
      case TType.LIST:
      case TType.SET:
        return this.readElements() && this.#beginValues(this.size, this.elementType, this.elementType);
      case TType.MAP:
        // As many keys as values: with an even number left, a key comes next.
        return this.readEntries() && this.#beginValues(2 * this.size, this.keyType, this.elementType);
      default:
        return this.readNumber(type);
    }
  }

  #beginString(): boolean {
    const start = this.position;
    const length = this.readSize();
    if (length === CUT) return false;
    const { maxStringBytes, maxMessageBytes } = this.options.limits;
    if (length > Math.min(maxStringBytes, maxMessageBytes - this.position)) {
      throw new ProtocolError(
        "ERR_THRIFT_SIZE_LIMIT",
        start,
        "expected a string within the limits, found a longer one",
      );
    }
    this.position += length;
    return true;
  }

  #beginValues(count: number, even: number, odd: number): boolean {
    if (count === 0) return true;
    const evenType = this.#checkType(even);
    const oddType = this.#checkType(odd);
    const half = count / 2;
    const least = half * (this.#minimum[evenType] + this.#minimum[oddType]);
    if (least > this.options.limits.maxMessageBytes - this.position) {
      const found = "expected no more elements than a message can hold, found a greater count";
      throw new ProtocolError("ERR_THRIFT_SIZE_LIMIT", this.position, found);
    }
    if (this.#fixed[evenType] > 0 && this.#fixed[oddType] > 0) {
      this.position += half * (this.#fixed[evenType] + this.#fixed[oddType]);
      return true;
    }
    const around = this.#open - 1;
    const run = this.#left[around] === STRUCT ? 1 : this.#run[around] + 1;
    if (run > this.options.limits.maxSkipDepth) throw this.#tooDeep();
    const top = this.#open++;
    this.#left[top] = count;
    this.#even[top] = evenType;
    this.#odd[top] = oddType;
    this.#run[top] = run;
    return true;
  }

  #openStruct(): void {
    if (++this.#structs > this.#maxStructs) throw this.#tooDeep();
    this.#left[this.#open++] = STRUCT;
  }

  #tooDeep(): ProtocolError {
    const found = "structs or containers are nested deeper than maxDepth and maxSkipDepth allow";
    return new ProtocolError("ERR_THRIFT_DEPTH_LIMIT", this.position, found);
  }

  #checkType(type: number): ValueTType {
    if (isValueTType(type)) return type;
    const found = `expected a value of a known type, found ${ttypeName(type)}`;
    throw new ProtocolError("ERR_THRIFT_INVALID_DATA", this.position, found);
  }

  /** @returns whether the next `count` bytes are there. */
  protected has(count: number): boolean {
    return count <= this.bytes.length - this.position;
  }
}

const NO_BYTES = new Uint8Array(0);

class BinaryWalk extends ByteWalk {
  /** Where the struct of the message starts. */
  #body = 0;

  constructor(options: MessageEndOptions) {
    super(options, BINARY_MINIMUM, BINARY_FIXED);
  }

  protected readHeader(): boolean {
    const { limits, strictRead = true } = this.options;
    if (!this.has(8)) return false;
    const first = this.#int32(0);
    if (first >= 0) return this.#readOldHeader(first, strictRead);
    if (first >>> 16 !== 0x8001) throw badVersion(0, "another one");
    checkMessageType(first & 0xff, 3);
    const length = checkedLength(this.#int32(4), 4);
    checkNameLength(length, 4, limits.maxNameBytes);
    this.position = this.#body = 8 + length + 4;
    return true;
  }

  #readOldHeader(length: number, strictRead: boolean): boolean {
    if (strictRead) throw badVersion(0, "a header without version");
    checkNameLength(length, 0, this.options.limits.maxNameBytes);
    if (!this.has(4 + length + 1)) return false;
    checkMessageType(this.bytes[4 + length], 4 + length);
    this.position = this.#body = 4 + length + 1 + 4;
    return true;
  }

  protected readField(): number {
    if (!this.has(1)) return CUT;
    const start = this.position;
    const type = this.bytes[start];
    this.position += type === TType.STOP ? 1 : 3;
    if (this.position > this.bytes.length) return CUT;
    return type === TType.VOID && this.#isKitexVoid(start) ? TType.STRUCT : type;
  }

  protected readNumber(): boolean {
    // All numbers have a fixed size.
    return true;
  }

  protected readSize(): number {
    if (!this.has(4)) return CUT;
    const { position } = this;
    this.position += 4;
    return checkedLength(this.#int32(position), position);
  }

  protected readElements(): boolean {
    if (!this.has(5)) return false;
    this.elementType = this.bytes[this.position++];
    this.size = this.readSize();
    return true;
  }

  protected readEntries(): boolean {
    if (!this.has(6)) return false;
    this.keyType = this.bytes[this.position++];
    return this.readElements();
  }

  /** A void reply of Kitex's generic servers has one field, 0, of a type that no field can have; its value is a struct. */
  #isKitexVoid(start: number): boolean {
    return start === this.#body && this.bytes[start + 1] === 0 && this.bytes[start + 2] === 0;
  }

  #int32(offset: number): number {
    const { bytes } = this;
    return (bytes[offset] << 24) | (bytes[offset + 1] << 16) | (bytes[offset + 2] << 8) | bytes[offset + 3];
  }
}

class CompactWalk extends ByteWalk {
  constructor(options: MessageEndOptions) {
    super(options, COMPACT_MINIMUM, COMPACT_FIXED);
  }

  protected readHeader(): boolean {
    if (!this.has(4)) return false;
    if (this.bytes[0] !== 0x82) throw badVersion(0, "another protocol");
    if ((this.bytes[1] & 0x1f) !== 1) throw badVersion(1, "another one");
    checkMessageType(this.bytes[1] >> 5, 1);
    this.position = 2;
    const hasSeqid = this.#varint(MAX_VARINT32) !== CUT;
    const start = this.position;
    const length = hasSeqid ? this.readSize() : CUT;
    if (length === CUT) {
      this.position = 0;
      return false;
    }
    checkNameLength(length, start, this.options.limits.maxNameBytes);
    this.position += length;
    return true;
  }

  protected readField(): number {
    if (!this.has(1)) return CUT;
    const header = this.bytes[this.position++];
    const code = header & 0x0f;
    if (code === TType.STOP) return TType.STOP;
    const type = COMPACT_TTYPES[code];
    if (header >> 4 === 0 && this.#varint(MAX_VARINT32) === CUT) return CUT;
    return type === TType.BOOL ? FOLDED : type;
  }

  protected readNumber(type: ValueTType): boolean {
    return this.#varint(type === TType.I64 ? MAX_VARINT64 : MAX_VARINT32) !== CUT;
  }

  protected readSize(): number {
    const start = this.position;
    const size = this.#varint(MAX_VARINT32);
    return size === CUT ? CUT : checkedLength(size | 0, start);
  }

  protected readElements(): boolean {
    if (!this.has(1)) return false;
    const header = this.bytes[this.position++];
    this.elementType = COMPACT_TTYPES[header & 0x0f];
    this.size = header >> 4;
    if (this.size === LONG_SIZE) this.size = this.readSize();
    return this.size !== CUT;
  }

  protected readEntries(): boolean {
    this.size = this.readSize();
    if (this.size === 0) return true;
    if (this.size === CUT || !this.has(1)) return false;
    const types = this.bytes[this.position++];
    this.keyType = COMPACT_TTYPES[types >> 4];
    this.elementType = COMPACT_TTYPES[types & 0x0f];
    return true;
  }

  /** @returns the lower 32 bits, as a number that is not negative; {@link CUT} while it is not all there. */
  #varint(maxBytes: number): number {
    const start = this.position;
    let value = 0;
    for (let i = 0; i < maxBytes; i++) {
      if (start + i >= this.bytes.length) return CUT;
      const byte = this.bytes[start + i];
      if (i < MAX_VARINT32) value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) {
        if (i === MAX_VARINT32 - 1 && maxBytes === MAX_VARINT32 && byte > 0x0f) break;
        this.position = start + i + 1;
        return value >>> 0;
      }
    }
    throw new ProtocolError("ERR_THRIFT_INVALID_DATA", start, "expected a varint, found one of too many bits");
  }
}

const LONG_SIZE = 15;
const MAX_VARINT32 = 5;
const MAX_VARINT64 = 10;

function checkedLength(length: number, offset: number): number {
  if (length >= 0) return length;
  throw new ProtocolError("ERR_THRIFT_NEGATIVE_SIZE", offset, "expected a size or length, found a negative one");
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Brackets by their codes: those that close are two above those that open. */
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;

/**
 * A message of TJSON ends where its first bracket is closed. Structs as keys make the text no JSON, but brackets and
 * strings stand as they do there.
 */
class TJsonWalk implements Walk {
  readonly #maxDepth: number;
  /** The brackets that are to come, innermost last. */
  readonly #closing: number[] = [];
  #position = 0;
  #inString = false;

  constructor({ limits }: MessageEndOptions) {
    // Every struct that a decoder takes may have a run of containers in it, each of them in two pairs of brackets.
    this.#maxDepth = 1 + 2 * (limits.maxDepth + limits.maxSkipDepth) * (1 + limits.maxSkipDepth);
  }

  reset(): void {
    this.#closing.length = 0;
    this.#position = 0;
    this.#inString = false;
  }

  find(message: Uint8Array): number | undefined {
    do {
      if (this.#inString && !this.#walkString(message)) return undefined;
      if (!this.#walkTokens(message)) return undefined;
    } while (this.#inString);
    return behindBlanks(message, this.#position);
  }

  /** Goes on to the end of a string. @returns whether it is there. */
  #walkString(message: Uint8Array): boolean {
    let p = this.#position;
    while (p < message.length && message[p] !== QUOTE) p += message[p] === BACKSLASH ? 2 : 1;
    this.#inString = p >= message.length;
    this.#position = this.#inString ? p : p + 1;
    return !this.#inString;
  }

  /** Goes on to the start of the next string or behind the last bracket. @returns whether one of them is there. */
  #walkTokens(message: Uint8Array): boolean {
    for (let p = this.#position; p < message.length; p++) {
      const byte = message[p];
      if (byte === QUOTE) {
        this.#inString = true;
      } else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
        this.#openBracket(byte, p);
        continue;
      } else if (byte === OPEN_BRACKET + 2 || byte === OPEN_BRACE + 2) {
        if (this.#closing.pop() !== byte) {
          throw new ProtocolError(
            "ERR_THRIFT_INVALID_DATA",
            p,
            "expected a bracket to be closed, found the other kind",
          );
        }
        if (this.#closing.length > 0) continue;
      } else {
        continue;
      }
      this.#position = p + 1;
      return true;
    }
    this.#position = message.length;
    return false;
  }

  #openBracket(byte: number, offset: number): void {
    if (this.#closing.length >= this.#maxDepth) {
      const found = "structs or containers are nested deeper than maxDepth and maxSkipDepth allow";
      throw new ProtocolError("ERR_THRIFT_DEPTH_LIMIT", offset, found);
    }
    this.#closing.push(byte + 2);
  }
}

const BLANKS = [0x20, 0x0a, 0x0d, 0x09];

/** Blanks behind a message belong to it. */
function behindBlanks(message: Uint8Array, end: number): number {
  let p = end;
  while (p < message.length && BLANKS.includes(message[p])) p++;
  return p;
}
