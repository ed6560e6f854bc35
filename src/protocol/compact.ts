/**
 * TCompactProtocol. Integers are zigzag varints, sizes and lengths plain ones, doubles little-endian:
 *
 *     field    | id delta 4 bits, type 4 bits | value ... |      a delta of 1 to 15 from the id before
 *              | 0, type 4 bits | zigzag id   | value ... |      any other id; STOP is a type of 0
 *              a bool is all header: its type is 1 for true, 2 for false
 *     list     | size 4 bits, type 4 bits     | elements ... |   up to 14 elements; set alike
 *              | 15, type 4 bits | size       | elements ... |   a bool takes a byte: 1 is true
 *     map      | size | key type 4 bits, value type 4 bits | key value key value ... |    a size of 0 stands alone
 *     string   | length | bytes ... |                            binary alike
 *     uuid     | 16 bytes |
 *
 *     message  | 0x82 1 | message type 3 bits, version 1 5 bits | seqid | name length | name ... | struct ... |
 *
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */

import { ByteReader, ByteWriter, truncated } from "./bytes.js";
import { skip } from "./skip.js";
import { badVersion, checkMessageType, checkName, MAX_NAME_BYTES } from "./message.js";
import {
  type MessageHeader,
  type MessageOptions,
  ProtocolError,
  type ProtocolReader,
  type ProtocolWriter,
} from "./protocol.js";
import { writeUtf8 } from "./text.js";
import {
  COMPACT_CODES,
  COMPACT_FALSE,
  COMPACT_FIXED,
  COMPACT_MINIMUM,
  COMPACT_TRUE,
  COMPACT_TTYPES,
  isValueTType,
  TType,
  ttypeName,
  type ValueTType,
} from "./ttype.js";
import {
  CUT_SHORT,
  HIGH_WORD,
  integer64,
  LOW_WORD,
  MAX_VARINT32,
  MAX_VARINT64,
  readVarint64,
  unzigzag32,
  unzigzag64,
  varint32Length,
  words64,
  writeVarint32,
  writeZigzag64,
  zigzag32,
} from "./varint.js";

/** Sizes from this one on follow the header of a list or set instead of standing in it. */
export const LONG_SIZE = 15;

const MAX_ID = 0x7fff;

/** The first byte of a message. */
const PROTOCOL_ID = 0x82;
const VERSION = 1;
/** The bits of the second byte that are the version; the others are the message type. */
const VERSION_BITS = 5;
const VERSION_MASK = 0x1f;

/** What the header of a bool field said, until the value is asked for. */
type FoldedBool = typeof COMPACT_TRUE | typeof COMPACT_FALSE | 0;

/** Reads TCompactProtocol. One reader serves any number of messages, one after the other. */
export class CompactReader extends ByteReader implements ProtocolReader {
  readonly minimumBytes = COMPACT_MINIMUM;
  readonly fixedBytes = COMPACT_FIXED;
  /** Id of the last field of the struct being read, and of those around it. */
  #lastId = 0;
  readonly #outerIds: number[] = [];
  #folded: FoldedBool = 0;

  override reset(bytes: Uint8Array, view?: DataView, end?: number): void {
    super.reset(bytes, view, end);
    this.#lastId = 0;
    // Setting it costs more than reading a small struct, even where it is 0.
    if (this.#outerIds.length > 0) this.#outerIds.length = 0;
    this.#folded = 0;
  }

  readMessageBegin({ maxNameBytes = MAX_NAME_BYTES }: MessageOptions = {}): MessageHeader {
    const start = this.take(1, "a message");
    if (this.bytes[start] !== PROTOCOL_ID) throw badVersion(start, "another protocol");
    const second = this.bytes[this.take(1, "a message")];
    if ((second & VERSION_MASK) !== VERSION) throw badVersion(start + 1, "another one");
    const type = checkMessageType(second >> VERSION_BITS, start + 1);
    const seqid = this.#readVarint32("a sequence id");
    return { name: this.readName(maxNameBytes), type, seqid };
  }

  readStructBegin(): void {
    this.#outerIds.push(this.#lastId);
    this.#lastId = 0;
  }

  readStructEnd(): void {
    this.#lastId = this.#outerIds.pop() ?? 0;
  }

  readFieldBegin(): boolean {
    const start = this.position;
    if (start >= this.end) throw truncated(start, "a field header");
    const header = this.bytes[start];
    this.position = start + 1;
    const code = header & 0x0f;
    // Peers do not look at the delta of a STOP.
    if (code === TType.STOP) return false;
    const type = COMPACT_TTYPES[code];
    if (!isValueTType(type)) {
      const found = `expected a field of a known type, found ${ttypeName(type)}`;
      throw new ProtocolError("ERR_THRIFT_INVALID_DATA", start, found);
    }
    const delta = header >> 4;
    const id = delta === 0 ? this.#readInt16("a field id") : this.#lastId + delta;
    if (id > MAX_ID) throw outOfRange(start, "a field id", 16);
    this.#folded = type === TType.BOOL ? (code as FoldedBool) : 0;
    this.#lastId = id;
    this.fieldType = type;
    this.fieldId = id;
    return true;
  }

  readListBegin(): void {
    this.#readElementsBegin("a list");
  }

  readSetBegin(): void {
    this.#readElementsBegin("a set");
  }

  readMapBegin(): void {
    this.readSize("a map");
    const types = this.size === 0 ? 0 : this.bytes[this.take(1, "a map")];
    this.keyType = COMPACT_TTYPES[types >> 4];
    this.elementType = COMPACT_TTYPES[types & 0x0f];
  }

  readBool(): boolean {
    const code = this.#takeFolded() || this.bytes[this.take(1, "bool")];
    return code === COMPACT_TRUE;
  }

  readI16(): number {
    return this.#readInt16("i16");
  }

  readI32(): number {
    return unzigzag32(this.#readVarint32("i32"));
  }

  readI64(): bigint {
    this.readI64Words();
    return integer64[0];
  }

  /** Reads an i64 into {@link words64}. */
  readI64Words(): void {
    this.#readVarint64("i64");
    unzigzag64();
  }

  readDouble(): number {
    return this.view.getFloat64(this.take(8, "double"), true);
  }

  readRaw(type: ValueTType, maxDepth: number): Uint8Array {
    if (type === TType.BOOL) return Uint8Array.of(this.#takeFolded());
    const start = this.position;
    skip(this, type, maxDepth);
    return this.since(start);
  }

  skipScalar(type: ValueTType): void {
    if (type === TType.BOOL && this.#takeFolded() !== 0) return;
    if (type === TType.STRING) this.advance(this.readLength());
    else if (type === TType.I16) this.readI16();
    else if (type === TType.I32) this.readI32();
    else if (type === TType.I64) this.#readVarint64("i64");
    else this.advance(COMPACT_FIXED[type]);
  }

  protected override readCount(expected: string): number {
    return this.#readVarint32(expected);
  }

  #readElementsBegin(expected: string): void {
    const start = this.take(1, expected);
    const header = this.bytes[start];
    this.elementType = COMPACT_TTYPES[header & 0x0f];
    this.size = header >> 4;
    this.sizeOffset = start;
    if (this.size === LONG_SIZE) this.readSize(expected);
  }

  #takeFolded(): FoldedBool {
    const code = this.#folded;
    this.#folded = 0;
    return code;
  }

  #readInt16(expected: string): number {
    const start = this.position;
    const value = unzigzag32(this.#readVarint32(expected));
    if ((value << 16) >> 16 !== value) throw outOfRange(start, expected, 16);
    return value;
  }

  /** @returns 32 bits, as a signed integer. */
  #readVarint32(expected: string): number {
    const { bytes, position } = this;
    if (position < this.end && bytes[position] < 0x80) {
      this.position = position + 1;
      return bytes[position];
    }
    const end = Math.min(this.end, position + MAX_VARINT32);
    const behind = readVarint64(this.view, position, end);
    // The fifth byte holds four bits of the 32; a sixth byte none.
    if (behind < 0 && this.end - position < MAX_VARINT32) throw truncated(position, expected);
    if (behind < 0 || words64[HIGH_WORD] !== 0) throw outOfRange(position, expected, 32);
    this.position = behind;
    return words64[LOW_WORD];
  }

  /** Reads into {@link words64}. */
  #readVarint64(expected: string): void {
    const start = this.position;
    const behind = readVarint64(this.view, start, this.end);
    if (behind < 0) throw behind === CUT_SHORT ? truncated(start, expected) : outOfRange(start, expected, 64);
    this.position = behind;
  }
}

function outOfRange(offset: number, expected: string, bits: number): ProtocolError {
  return new ProtocolError(
    "ERR_THRIFT_INVALID_DATA",
    offset,
    `expected ${expected}, found a number of more than ${String(bits)} bits`,
  );
}

/** Writes TCompactProtocol. One writer serves any number of messages, one after the other, in one buffer. */
export class CompactWriter extends ByteWriter implements ProtocolWriter {
  /** Id of the last field of the struct being written, and of those around it. */
  #lastId = 0;
  readonly #outerIds: number[] = [];
  /** A bool field has begun: its header waits for the value. */
  #awaitsBool = false;
  #boolId = 0;

  override reset(): void {
    super.reset();
    this.#lastId = 0;
    if (this.#outerIds.length > 0) this.#outerIds.length = 0;
    this.#awaitsBool = false;
  }

  writeMessageBegin({ name, type, seqid }: MessageHeader): void {
    checkName(name);
    this.writeI8(PROTOCOL_ID);
    this.writeI8((type << VERSION_BITS) | VERSION);
    this.#writeVarint32(seqid);
    this.writeString(name);
  }

  writeStructBegin(): void {
    this.#outerIds.push(this.#lastId);
    this.#lastId = 0;
  }

  writeStructEnd(): void {
    this.#lastId = this.#outerIds.pop() ?? 0;
  }

  writeFieldBegin(type: ValueTType, id: number): void {
    if (type === TType.BOOL) {
      this.#awaitsBool = true;
      this.#boolId = id;
    } else {
      this.#writeHeader(COMPACT_CODES[type], id);
    }
  }

  writeFieldStop(): void {
    this.writeI8(TType.STOP);
  }

  writeListBegin(elementType: ValueTType, size: number): void {
    const code = COMPACT_CODES[elementType];
    if (size < LONG_SIZE) return this.writeI8((size << 4) | code);
    const start = this.reserve(1 + MAX_VARINT32);
    this.bytes[start] = (LONG_SIZE << 4) | code;
    this.written = writeVarint32(this.bytes, start + 1, size);
  }

  writeSetBegin(elementType: ValueTType, size: number): void {
    this.writeListBegin(elementType, size);
  }

  writeMapBegin(keyType: ValueTType, valueType: ValueTType, size: number): void {
    this.#writeVarint32(size);
    if (size > 0) this.writeI8((COMPACT_CODES[keyType] << 4) | COMPACT_CODES[valueType]);
  }

  writeBool(value: boolean): void {
    const code = value ? COMPACT_TRUE : COMPACT_FALSE;
    if (!this.#awaitsBool) return this.writeI8(code);
    this.#awaitsBool = false;
    this.#writeHeader(code, this.#boolId);
  }

  override writeRaw(type: ValueTType, bytes: Uint8Array): void {
    if (type === TType.BOOL) this.writeBool(bytes[0] === COMPACT_TRUE);
    else super.writeRaw(type, bytes);
  }

  writeI16(value: number): void {
    this.#writeVarint32(zigzag32(value));
  }

  writeI32(value: number): void {
    this.#writeVarint32(zigzag32(value));
  }

  writeI64(value: bigint): void {
    integer64[0] = value;
    this.writeI64Words();
  }

  /** Writes the i64 in {@link words64}. */
  writeI64Words(): void {
    const start = this.reserve(MAX_VARINT64);
    this.written = writeZigzag64(this.bytes, start, words64[LOW_WORD], words64[HIGH_WORD]);
  }

  writeDouble(value: number): void {
    const start = this.reserve(8);
    this.view.setFloat64(start, value, true);
  }

  writeString(value: string): void {
    this.checkText(value);
    // Room for the worst case, 3 bytes a UTF-16 unit, so that nothing is measured.
    const { length } = value;
    const start = this.reserve(MAX_VARINT32 + 3 * length);
    // The length of ASCII text is the guess; where the true one takes another byte, the text moves.
    const guess = start + varint32Length(length);
    const end = writeUtf8(value, this.bytes, this.view, guess);
    const body = start + varint32Length(end - guess);
    if (body !== guess) this.bytes.copyWithin(body, guess, end);
    writeVarint32(this.bytes, start, end - guess);
    this.written = end + body - guess;
  }

  writeBinary(value: Uint8Array): void {
    this.checkLength(value);
    this.#writeVarint32(value.length);
    const start = this.reserve(value.length);
    this.bytes.set(value, start);
  }

  #writeHeader(code: number, id: number): void {
    const delta = id - this.#lastId;
    this.#lastId = id;
    if (delta > 0 && delta <= 15) return this.writeI8((delta << 4) | code);
    this.writeI8(code);
    this.writeI16(id);
  }

  #writeVarint32(value: number): void {
    const start = this.reserve(MAX_VARINT32);
    this.written = writeVarint32(this.bytes, start, value);
  }
}
