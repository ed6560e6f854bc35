/** Outputs in plain JSON: the mapping of codec/json/closure-encode.ts, by names that stand in a program. */

import { JsonByteWriter, type TextSource } from "../../protocol/json/byte-writer.js";
import {
  base64Room,
  JSON_DOUBLE_BYTES,
  JSON_INTEGER_BYTES,
  writeJsonDouble,
  writeJsonInteger,
  writeJsonWords,
  writePaddedBase64,
} from "../../protocol/json/printer.js";
import { validUtf8End } from "../../protocol/utf8.js";
import { formatUuid } from "../../protocol/uuid.js";
import { HIGH_WORD, LOW_WORD, words64 } from "../../protocol/varint.js";
import { refuse } from "../input/input.js";
import { EnumWord, Field, Member, MEMBER_WORDS, type Program, ProgramFlag, TypeFlag, TypeWord } from "../program.js";
import type { Output, Segments } from "./output.js";

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

export class JsonOutput extends JsonByteWriter implements Output {
  readonly #program: Program;
  readonly #words: Int32Array;
  readonly #hasTextBinary: boolean;
  readonly #hasUnsignedI8: boolean;
  readonly #hasNonFiniteText: boolean;
  readonly #hasNonFiniteNull: boolean;
  readonly #hasEnumNames: boolean;
  /** A key of a map is being written: every scalar is text there. */
  #inKey = false;

  constructor(program: Program) {
    super({ strictUtf8: false });
    this.#program = program;
    this.#words = program.words;
    this.#hasTextBinary = program.has(ProgramFlag.TEXT_BINARY);
    this.#hasUnsignedI8 = program.has(ProgramFlag.UNSIGNED_I8);
    this.#hasNonFiniteText = program.has(ProgramFlag.NON_FINITE_TEXT);
    this.#hasNonFiniteNull = program.has(ProgramFlag.NON_FINITE_NULL);
    this.#hasEnumNames = program.has(ProgramFlag.ENUM_NAMES);
  }

  override reset(): void {
    super.reset();
    this.#inKey = false;
  }

  beginStruct(): void {
    this.put(OPEN_BRACE);
  }

  endStruct(): void {
    this.put(CLOSE_BRACE);
  }

  beginField(field: number): number {
    this.#separate(OPEN_BRACE);
    const start = this.written;
    const head = this.#words[field + Field.HEAD];
    this.writeRange(this.#program.blobView, head, head + this.#words[field + Field.HEAD + 1]);
    return start;
  }

  /** Writes a comma, unless the bracket was just opened: no value ends with one. */
  #separate(open: number): void {
    if (this.bytes[this.written - 1] !== open) this.put(COMMA);
  }

  endField(): void {
    // The value is the end.
  }

  writeAbsent(field: number): number {
    const start = this.beginField(field);
    const value = this.#words[field + Field.DEFAULT];
    this.writeRange(this.#program.blobView, value, value + this.#words[field + Field.DEFAULT + 1]);
    return start;
  }

  /** Plain JSON keeps no unknown fields. */
  writeUnknown(): never {
    refuse();
  }

  arrange(start: number, segments: Segments): void {
    const fields = this.takeBack(start);
    for (let i = 0; i < segments.length; i += 3) {
      if (i > 0) this.put(COMMA);
      this.writeRange(fields, segments[i + 1] - start, segments[i + 2] - start);
    }
  }

  beginElements(): number {
    this.put(OPEN_BRACKET);
    return 0;
  }

  nextElement(): void {
    this.#separate(OPEN_BRACKET);
  }

  endElements(): void {
    this.put(CLOSE_BRACKET);
  }

  beginEntries(type: number): number {
    this.put(this.#isObject(type) ? OPEN_BRACE : OPEN_BRACKET);
    return 0;
  }

  #isObject(type: number): boolean {
    return (this.#words[type + TypeWord.FLAGS] & TypeFlag.OBJECT) !== 0;
  }

  beginKey(type: number): void {
    if (this.#isObject(type)) {
      this.#separate(OPEN_BRACE);
      this.#inKey = true;
    } else {
      this.#separate(OPEN_BRACKET);
      this.put(OPEN_BRACKET);
    }
  }

  beginValue(type: number): void {
    this.#inKey = false;
    this.put(this.#isObject(type) ? COLON : COMMA);
  }

  endEntry(type: number): void {
    if (!this.#isObject(type)) this.put(CLOSE_BRACKET);
  }

  endEntries(type: number): void {
    this.put(this.#isObject(type) ? CLOSE_BRACE : CLOSE_BRACKET);
  }

  writeBool(value: boolean): void {
    this.#putWord(value ? "true" : "false", this.#inKey);
  }

  override writeI8(value: number, type = 0): void {
    this.#putInteger(this.#hasUnsignedI8 ? value & 0xff : value, type);
  }

  writeI16(value: number, type: number): void {
    this.#putInteger(value, type);
  }

  writeI32(value: number, type: number): void {
    this.#putInteger(value, type);
  }

  #putInteger(value: number, type: number): void {
    const isText = this.#isText(type);
    if (isText) this.put(QUOTE);
    const start = this.reserve(JSON_INTEGER_BYTES);
    this.written = writeJsonInteger(value, this.bytes, start);
    if (isText) this.put(QUOTE);
  }

  #isText(type: number): boolean {
    return this.#inKey || (this.#words[type + TypeWord.FLAGS] & TypeFlag.WRITES_TEXT) !== 0;
  }

  writeI64Words(type: number): void {
    const rounded = words64[HIGH_WORD] * 0x1_0000_0000 + (words64[LOW_WORD] >>> 0);
    const isText = this.#isText(type) || !Number.isSafeInteger(rounded);
    if (isText) this.put(QUOTE);
    const start = this.reserve(JSON_INTEGER_BYTES);
    this.written = writeJsonWords(this.bytes, start);
    if (isText) this.put(QUOTE);
  }

  writeDouble(value: number, type: number): void {
    if (!Number.isFinite(value)) return this.#writeNonFinite(value);
    const isText = this.#isText(type);
    if (isText) this.put(QUOTE);
    const start = this.reserve(JSON_DOUBLE_BYTES);
    this.written = writeJsonDouble(value, this.bytes, start);
    if (isText) this.put(QUOTE);
  }

  #writeNonFinite(value: number): void {
    if (this.#hasNonFiniteText) this.#putWord(String(value), true);
    else if (this.#hasNonFiniteNull && !this.#inKey) this.#putWord("null", false);
    else refuse();
  }

  writeText(source: TextSource): void {
    this.putText(source);
  }

  writeBytes(source: TextSource): void {
    if (this.#hasTextBinary) return this.#writeTextBytes(source);
    const { text, textStart, textEnd } = source;
    this.put(QUOTE);
    const at = this.reserve(base64Room(textEnd - textStart));
    this.written = writePaddedBase64(text.subarray(textStart, textEnd), this.bytes, at);
    this.put(QUOTE);
  }

  #writeTextBytes(source: TextSource): void {
    const { text, textStart, textEnd } = source;
    if (validUtf8End(text, textStart, textEnd) < textEnd) refuse();
    this.putText(source);
  }

  writeUuidBytes(source: TextSource): void {
    this.#putWord(formatUuid(source.text, source.textStart), true);
  }

  writeEnum(value: number, type: number): void {
    const member = this.#hasEnumNames ? this.#findMember(this.#words[type + TypeWord.REF], value) : 0;
    if (member === 0) return this.#writeEnumNumber(value);
    const name = this.#words[member + Member.QUOTED];
    this.writeRange(this.#program.blobView, name, name + this.#words[member + Member.QUOTED + 1]);
  }

  /** Enums are written by name or as numbers; as text in a key alone. */
  #writeEnumNumber(value: number): void {
    if (this.#inKey) this.put(QUOTE);
    const start = this.reserve(JSON_INTEGER_BYTES);
    this.written = writeJsonInteger(value, this.bytes, start);
    if (this.#inKey) this.put(QUOTE);
  }

  /** @returns the first member of a number, 0 where there is none. */
  #findMember(descriptor: number, value: number): number {
    const words = this.#words;
    const first = words[descriptor + EnumWord.MEMBERS];
    const count = words[descriptor + EnumWord.COUNT];
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (words[first + middle * MEMBER_WORDS + Member.NUMBER] < value) low = middle + 1;
      else high = middle;
    }
    const member = first + low * MEMBER_WORDS;
    return low < count && words[member + Member.NUMBER] === value ? member : 0;
  }

  /** Writes ASCII that needs no escape. */
  #putWord(word: string, isText: boolean): void {
    if (isText) this.put(QUOTE);
    const start = this.reserve(word.length);
    for (let i = 0; i < word.length; i++) this.bytes[start + i] = word.charCodeAt(i);
    if (isText) this.put(QUOTE);
  }
}
