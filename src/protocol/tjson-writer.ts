/** Writes TJSONProtocol. tjson.ts draws the layouts. */

import { JsonByteWriter } from "./json/byte-writer.js";
import { MESSAGE_VERSION } from "./json/message.js";
import {
  base64Room,
  JSON_DOUBLE_BYTES,
  JSON_INTEGER_BYTES,
  jsonStringRoom,
  writeBase64,
  writeJsonDouble,
  writeJsonI64,
  writeJsonInteger,
  writeJsonString,
} from "./json/printer.js";
import { isKeyPlace, NEXT, Place, SEPARATORS } from "./json/place.js";
import { checkName } from "./message.js";
import { type MessageHeader, ProtocolError, type ProtocolWriter } from "./protocol.js";
import { TJSON_NAMES, TType, type ValueTType } from "./ttype.js";
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

/** The names of wire types in quotes, as bytes. */
const QUOTED_NAMES: readonly Uint8Array[] = Array.from({ length: TType.UUID + 1 }, (_, ttype) =>
  new TextEncoder().encode(`"${(TJSON_NAMES as Readonly<Record<number, string>>)[ttype] ?? ""}"`),
);

/** Writes TJSONProtocol. One writer serves any number of messages, one after the other, in one buffer. */
export class TJsonWriter extends JsonByteWriter implements ProtocolWriter {
  #place: Place = Place.OUTSIDE;
  readonly #around: Place[] = [];
  readonly #uuid = new Uint8Array(16);

  override reset(): void {
    super.reset();
    this.#place = Place.OUTSIDE;
    this.#around.length = 0;
  }

  writeMessageBegin({ name, type, seqid }: MessageHeader): void {
    checkName(name);
    this.put(OPEN_BRACKET);
    this.#putInteger(MESSAGE_VERSION);
    this.put(COMMA);
    this.writeString(name);
    this.put(COMMA);
    this.#putInteger(type);
    this.put(COMMA);
    this.#putInteger(seqid);
    this.put(COMMA);
  }

  override writeMessageEnd(): void {
    this.put(CLOSE_BRACKET);
  }

  writeStructBegin(): void {
    this.separate();
    this.#open(OPEN_BRACE, Place.FIRST_FIELD);
  }

  writeStructEnd(): void {
    this.#close(CLOSE_BRACE);
  }

  writeFieldBegin(type: ValueTType, id: number): void {
    this.separate();
    this.put(QUOTE);
    this.#putInteger(id);
    this.put(QUOTE);
    this.put(COLON);
    this.#open(OPEN_BRACE, Place.FIELD_VALUE);
    this.#putName(type);
    this.put(COLON);
  }

  override writeFieldEnd(): void {
    this.#close(CLOSE_BRACE);
  }

  writeFieldStop(): void {
    // The brace that ends the struct says it.
  }

  writeListBegin(elementType: ValueTType, size: number): void {
    this.separate();
    this.#open(OPEN_BRACKET, Place.FIRST_ELEMENT);
    this.#writeType(elementType);
    this.writeI32(size);
  }

  override writeListEnd(): void {
    this.#close(CLOSE_BRACKET);
  }

  writeSetBegin(elementType: ValueTType, size: number): void {
    this.writeListBegin(elementType, size);
  }

  override writeSetEnd(): void {
    this.#close(CLOSE_BRACKET);
  }

  writeMapBegin(keyType: ValueTType, valueType: ValueTType, size: number): void {
    this.separate();
    this.#open(OPEN_BRACKET, Place.FIRST_ELEMENT);
    this.#writeType(keyType);
    this.#writeType(valueType);
    this.writeI32(size);
    this.separate();
    this.#open(OPEN_BRACE, Place.FIRST_KEY);
  }

  override writeMapEnd(): void {
    this.#close(CLOSE_BRACE);
    this.#close(CLOSE_BRACKET);
  }

  writeBool(value: boolean): void {
    this.writeI32(value ? 1 : 0);
  }

  override writeI8(value: number): void {
    this.writeI32(value);
  }

  writeI16(value: number): void {
    this.writeI32(value);
  }

  writeI32(value: number): void {
    const isKey = this.separate();
    if (isKey) this.put(QUOTE);
    this.#putInteger(value);
    if (isKey) this.put(QUOTE);
  }

  writeI64(value: bigint): void {
    const isKey = this.separate();
    if (isKey) this.put(QUOTE);
    const start = this.reserve(JSON_INTEGER_BYTES);
    this.written = writeJsonI64(value, this.bytes, start);
    if (isKey) this.put(QUOTE);
  }

  writeDouble(value: number): void {
    const isQuoted = this.separate() || !Number.isFinite(value);
    if (isQuoted) this.put(QUOTE);
    const start = this.reserve(JSON_DOUBLE_BYTES);
    this.written = writeJsonDouble(value, this.bytes, start);
    if (isQuoted) this.put(QUOTE);
  }

  writeString(value: string): void {
    this.checkText(value);
    this.separate();
    const start = this.reserve(jsonStringRoom(value));
    this.written = writeJsonString(value, this.bytes, start);
  }

  writeBinary(value: Uint8Array): void {
    this.checkLength(value);
    this.separate();
    this.put(QUOTE);
    const start = this.reserve(base64Room(value.length));
    this.written = writeBase64(value, this.bytes, start);
    this.put(QUOTE);
  }

  override writeUuid(value: string): void {
    if (!parseUuid(value, this.#uuid, 0)) {
      throw new ProtocolError("ERR_THRIFT_WRONG_TYPE", -1, "expected uuid, found other text");
    }
    this.writeString(formatUuid(this.#uuid, 0));
  }

  override writeRaw(type: ValueTType, bytes: Uint8Array): void {
    this.separate();
    super.writeRaw(type, bytes);
  }

  #writeType(type: ValueTType): void {
    this.separate();
    this.#putName(type);
  }

  #putInteger(value: number): void {
    const start = this.reserve(JSON_INTEGER_BYTES);
    this.written = writeJsonInteger(value, this.bytes, start);
  }

  #putName(type: ValueTType): void {
    const name = QUOTED_NAMES[type];
    const start = this.reserve(NAME_BYTES);
    this.bytes.set(name, start);
    this.written = start + name.length;
  }

  /** Writes what stands before a value or field. @returns true in the place of a key. */
  protected separate(): boolean {
    const place = this.#place;
    const separator = SEPARATORS[place];
    if (separator !== 0) this.put(separator);
    this.#place = NEXT[place];
    return isKeyPlace(place);
  }

  #open(bracket: number, place: Place): void {
    this.put(bracket);
    this.#around.push(this.#place);
    this.#place = place;
  }

  #close(bracket: number): void {
    this.put(bracket);
    this.#place = this.#around.pop() ?? Place.OUTSIDE;
  }
}
