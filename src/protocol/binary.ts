/**
 * TBinaryProtocol, big-endian throughout:
 *
 *     field    | type 1 | id 2       | value ... |        STOP is a type of 0, alone
 *     list     | type 1 | size 4                 | elements ... |        set alike
 *     map      | key type 1 | value type 1 | size 4 | key value key value ... |
 *     string   | length 4                        | bytes ... |           binary alike
 *     uuid     | 16 bytes |
 *
 *     message  | 0x8001 2 | unused 1 | message type 1 | name length 4 | name ... | seqid 4 | struct ... |
 *     old      | name length 4 | name ... | message type 1 | seqid 4 | struct ... |
 *
 * The two headers of a message differ in the sign of the first 32 bits. Only the first is written.
 *
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-binary-protocol.md
 */

import { ByteReader, ByteWriter, truncated } from "./bytes.js";
import { badVersion, checkMessageType, checkName, MAX_NAME_BYTES } from "./message.js";
import {
  type MessageHeader,
  type MessageOptions,
  ProtocolError,
  type ProtocolReader,
  type ProtocolWriter,
} from "./protocol.js";
import { skip } from "./skip.js";
import { writeUtf8 } from "./text.js";
import { BINARY_FIXED, BINARY_MINIMUM, isValueTType, TType, ttypeName, type ValueTType } from "./ttype.js";

const VERSION_MASK = 0xffff_0000 | 0;
const VERSION_1 = 0x8001_0000 | 0;

/** Reads TBinaryProtocol. One reader serves any number of messages, one after the other. */
export class BinaryReader extends ByteReader implements ProtocolReader {
  readonly minimumBytes = BINARY_MINIMUM;
  readonly fixedBytes = BINARY_FIXED;

  readMessageBegin({ strictRead = true, maxNameBytes = MAX_NAME_BYTES }: MessageOptions = {}): MessageHeader {
    const start = this.position;
    const first = this.readI32();
    if (first < 0) {
      if ((first & VERSION_MASK) !== VERSION_1) throw badVersion(start, "another one");
      const type = checkMessageType(first & 0xff, start + 3);
      return { name: this.readName(maxNameBytes), type, seqid: this.readI32() };
    }
    if (strictRead) throw badVersion(start, "a header without version");
    this.position = start;
    const name = this.readName(maxNameBytes);
    const typeOffset = this.position;
    const type = checkMessageType(this.readI8(), typeOffset);
    return { name, type, seqid: this.readI32() };
  }

  readStructBegin(): void {
    // Field ids are absolute in this protocol: nothing to save.
  }

  readStructEnd(): void {
    // See readStructBegin.
  }

  readFieldBegin(): boolean {
    const start = this.position;
    if (start >= this.end) throw truncated(start, "a field header");
    const type = this.bytes[start];
    this.position = start + 1;
    if (type === TType.STOP) return false;
    if (!isValueTType(type)) {
      const found = `expected a field of a known type, found ${ttypeName(type)}`;
      throw new ProtocolError("ERR_THRIFT_INVALID_DATA", start, found);
    }
    this.fieldType = type;
    this.fieldId = this.view.getInt16(this.take(2, "a field id"));
    return true;
  }

  readListBegin(): void {
    this.elementType = this.bytes[this.take(1, "a list")];
    this.readSize("a list");
  }

  readSetBegin(): void {
    this.elementType = this.bytes[this.take(1, "a set")];
    this.readSize("a set");
  }

  readMapBegin(): void {
    this.keyType = this.bytes[this.take(1, "a map")];
    this.elementType = this.bytes[this.take(1, "a map")];
    this.readSize("a map");
  }

  readBool(): boolean {
    // Peers write 1 for true; what else is not 1 is false, as in Apache's Go and Java.
    return this.bytes[this.take(1, "bool")] === 1;
  }

  readI16(): number {
    return this.view.getInt16(this.take(2, "i16"));
  }

  readI32(): number {
    return this.view.getInt32(this.take(4, "i32"));
  }

  readI64(): bigint {
    return this.view.getBigInt64(this.take(8, "i64"));
  }

  readDouble(): number {
    return this.view.getFloat64(this.take(8, "double"));
  }

  readRaw(type: ValueTType, maxDepth: number): Uint8Array {
    const start = this.position;
    skip(this, type, maxDepth);
    return this.since(start);
  }

  skipScalar(type: ValueTType): void {
    if (type === TType.STRING) this.advance(this.readLength());
    else this.advance(BINARY_FIXED[type]);
  }

  protected override readCount(expected: string): number {
    return this.view.getInt32(this.take(4, expected));
  }
}

/** Writes TBinaryProtocol. One writer serves any number of messages, one after the other, in one buffer. */
export class BinaryWriter extends ByteWriter implements ProtocolWriter {
  writeMessageBegin({ name, type, seqid }: MessageHeader): void {
    checkName(name);
    this.writeI32(VERSION_1 | type);
    this.writeString(name);
    this.writeI32(seqid);
  }

  writeStructBegin(): void {
    // Nothing on the wire.
  }

  writeStructEnd(): void {
    // Nothing on the wire.
  }

  writeFieldBegin(type: ValueTType, id: number): void {
    const start = this.reserve(3);
    this.bytes[start] = type;
    this.view.setInt16(start + 1, id);
  }

  writeFieldStop(): void {
    const start = this.reserve(1);
    this.bytes[start] = TType.STOP;
  }

  writeListBegin(elementType: ValueTType, size: number): void {
    const start = this.reserve(5);
    this.bytes[start] = elementType;
    this.view.setInt32(start + 1, size);
  }

  writeSetBegin(elementType: ValueTType, size: number): void {
    this.writeListBegin(elementType, size);
  }

  writeMapBegin(keyType: ValueTType, valueType: ValueTType, size: number): void {
    const start = this.reserve(6);
    this.bytes[start] = keyType;
    this.bytes[start + 1] = valueType;
    this.view.setInt32(start + 2, size);
  }

  writeBool(value: boolean): void {
    const start = this.reserve(1);
    this.bytes[start] = value ? 1 : 0;
  }

  writeI16(value: number): void {
    const start = this.reserve(2);
    this.view.setInt16(start, value);
  }

  writeI32(value: number): void {
    const start = this.reserve(4);
    this.view.setInt32(start, value);
  }

  writeI64(value: bigint): void {
    const start = this.reserve(8);
    this.view.setBigInt64(start, value);
  }

  writeDouble(value: number): void {
    const start = this.reserve(8);
    this.view.setFloat64(start, value);
  }

  writeString(value: string): void {
    this.checkText(value);
    // Room for the worst case, 3 bytes a UTF-16 unit, so that nothing is measured; the length is filled in afterwards.
    const start = this.reserve(4 + 3 * value.length);
    const end = writeUtf8(value, this.bytes, this.view, start + 4);
    this.view.setInt32(start, end - start - 4);
    this.written = end;
  }

  writeBinary(value: Uint8Array): void {
    this.checkLength(value);
    const start = this.reserve(4 + value.length);
    this.view.setInt32(start, value.length);
    this.bytes.set(value, start + 4);
  }
}
