/** Inputs in plain JSON: the mapping of codec/json/closure-decode.ts, by names that stand in a program. */

import { memoryOf } from "../../protocol/buffer.js";
import { JsonScanner } from "../../protocol/json/scanner.js";
import { parseUuid } from "../../protocol/uuid.js";
import {
  EnumWord,
  Field,
  hashName,
  Header,
  Member,
  type Program,
  ProgramFlag,
  Struct,
  TypeFlag,
  TypeWord,
} from "../program.js";
import { replaceInvalid, validUtf8End } from "../../protocol/utf8.js";
import { refuse, type Input } from "./input.js";

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const CLOSE_BRACE = 0x7d;

const I32_MIN = -0x8000_0000;
const I32_MAX = 0x7fff_ffff;

const uuidBytes = new Uint8Array(16);
const uuidView = new DataView(uuidBytes.buffer);

export class JsonInput extends JsonScanner implements Input {
  readonly #program: Program;
  readonly #maxSkipDepth: number;
  readonly #refusesUnknown: boolean;
  readonly #hasTextBinary: boolean;
  readonly #hasUnsignedI8: boolean;
  readonly #hasNonFiniteText: boolean;
  /** A key of a map is being read: every scalar is text there. */
  #inKey = false;

  constructor(program: Program) {
    const strictUtf8 = program.has(ProgramFlag.STRICT_UTF8);
    super({ maxStringBytes: program.limit(Header.MAX_STRING_BYTES), strictUtf8 });
    this.#program = program;
    this.#maxSkipDepth = program.limit(Header.MAX_SKIP_DEPTH);
    this.#refusesUnknown = program.has(ProgramFlag.REFUSE_UNKNOWN);
    this.#hasTextBinary = program.has(ProgramFlag.TEXT_BINARY);
    this.#hasUnsignedI8 = program.has(ProgramFlag.UNSIGNED_I8);
    this.#hasNonFiniteText = program.has(ProgramFlag.NON_FINITE_TEXT);
  }

  start(bytes: Uint8Array): void {
    const { byteOffset, byteLength } = bytes;
    const memory = memoryOf(bytes.buffer);
    this.reset(memory.bytes, byteOffset, byteOffset + byteLength, memory.view);
    this.#inKey = false;
  }

  skipEnd(): void {
    this.skipSpace();
  }

  /**
   * Moves on to a member that is a field, behind its colon.
   *
   * @param isFirst no member of the struct was read yet.
   * @returns the word at which the field starts, its complement where `null` unsets it, 0 at the end of the struct.
   */
  nextField(struct: number, expected: number, isFirst: boolean): number {
    if (isFirst && this.take(CLOSE_BRACE)) return 0;
    let separates = !isFirst;
    for (;;) {
      if (separates && !this.take(COMMA)) {
        this.expect(CLOSE_BRACE, '"," or "}"');
        return 0;
      }
      separates = true;
      this.skipSpace();
      const field = this.#isNext(expected) ? expected : this.#findField(struct);
      this.expect(COLON, '":"');
      if (field !== 0) return this.takeNull() ? ~field : field;
      if (this.#refusesUnknown) refuse();
      this.skipValue(this.#maxSkipDepth);
    }
  }

  /** Steps over the name of the field where it stands right at the position, spelled as usual. */
  #isNext(field: number): boolean {
    if (field === 0) return false;
    const { words, blobView } = this.#program;
    const { view, position } = this;
    const start = words[field + Field.KEY];
    const length = words[field + Field.KEY + 1];
    if (length > this.end - position) return false;
    let i = 0;
    for (; i + 4 <= length; i += 4) if (view.getInt32(position + i) !== blobView.getInt32(start + i)) return false;
    for (; i < length; i++) if (view.getInt8(position + i) !== blobView.getInt8(start + i)) return false;
    this.position = position + length;
    return true;
  }

  #findField(struct: number): number {
    const { words } = this.#program;
    this.readNameContent();
    this.#makeValid();
    return this.#find(words[struct + Struct.BY_NAME], words[struct + Struct.MASK], Field.NAME);
  }

  /** @returns the record whose name was read, by way of a hash table; 0 where there is none. */
  #find(table: number, mask: number, nameAt: number): number {
    const { words } = this.#program;
    const { text, textStart, textEnd } = this;
    let slot = hashName(text, textStart, textEnd) & mask;
    for (;;) {
      const record = words[table + slot];
      if (record === 0) return 0;
      if (words[record + nameAt + 1] === textEnd - textStart && this.#isTextAt(words[record + nameAt])) return record;
      slot = (slot + 1) & mask;
    }
  }

  /** True where the text stands in the blob too. */
  #isTextAt(place: number): boolean {
    const { blob } = this.#program;
    const { text, textStart, textEnd } = this;
    for (let p = textStart; p < textEnd; p++) if (blob[place + p - textStart] !== text[p]) return false;
    return true;
  }

  /** Text that is not UTF-8 is taken with U+FFFD in the place of what is wrong. */
  #makeValid(): void {
    const { text, textStart, textEnd } = this;
    if (this.isAsciiText) return;
    if (validUtf8End(text, textStart, textEnd) === textEnd) return;
    this.#foundAll(replaceInvalid(text, textStart, textEnd));
  }

  #foundAll(bytes: Uint8Array, view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)): void {
    this.text = bytes;
    this.textView = view;
    this.textStart = 0;
    this.textEnd = bytes.length;
  }

  /** Until {@link endKey} every scalar is text. */
  beginKey(): void {
    if (this.peek() !== QUOTE) refuse();
    this.#inKey = true;
  }

  endKey(): void {
    this.#inKey = false;
    this.expect(COLON, '":"');
  }

  override readBool(): boolean {
    if (!this.#inKey) return super.readBool();
    this.readContent();
    const isTrue = this.#isText("true");
    if (!isTrue && !this.#isText("false")) refuse();
    return isTrue;
  }

  #isText(word: string): boolean {
    const { text, textStart, textEnd } = this;
    if (textEnd - textStart !== word.length) return false;
    for (let i = 0; i < word.length; i++) if (text[textStart + i] !== word.charCodeAt(i)) return false;
    return true;
  }

  readI8(type: number): number {
    if (!this.#hasUnsignedI8) return this.#readNumber(type, -0x80, 0x7f);
    return (this.#readNumber(type, -0x80, 0xff) << 24) >> 24;
  }

  readI16(type: number): number {
    return this.#readNumber(type, -0x8000, 0x7fff);
  }

  readI32(type: number): number {
    return this.#readNumber(type, I32_MIN, I32_MAX);
  }

  #readNumber(type: number, min: number, max: number): number {
    const isQuoted = this.#beginNumber(type);
    const value = this.readInteger(min, max);
    if (isQuoted) this.#endQuoted();
    return value;
  }

  override readI64Words(type = 0): void {
    const isQuoted = this.#beginNumber(type);
    super.readI64Words();
    if (isQuoted) this.#endQuoted();
  }

  override readDouble(type = 0): number {
    if (this.#hasNonFiniteText && this.peek() === QUOTE && !(this.#takesText(type) && this.#spellsDigits())) {
      return this.#readNonFinite();
    }
    const isQuoted = this.#beginNumber(type);
    const value = super.readDouble();
    if (isQuoted) this.#endQuoted();
    return value;
  }

  #takesText(type: number): boolean {
    return this.#inKey || (this.#program.words[type + TypeWord.FLAGS] & TypeFlag.READS_TEXT) !== 0;
  }

  /** Moves to the first digit. @returns true behind a quote that the type takes; where it takes none, it is no digit. */
  #beginNumber(type: number): boolean {
    if (this.peek() !== QUOTE || !this.#takesText(type)) return false;
    this.position++;
    return true;
  }

  #endQuoted(): void {
    if (this.next() !== QUOTE) refuse();
    this.position++;
  }

  #spellsDigits(): boolean {
    const first = this.byteAt(this.position + 1);
    const digit = first === MINUS ? this.byteAt(this.position + 2) : first;
    return digit >= 0x30 && digit <= 0x39;
  }

  #readNonFinite(): number {
    this.readNameContent();
    if (this.#isText("NaN")) return NaN;
    if (this.#isText("Infinity")) return Infinity;
    return this.#isText("-Infinity") ? -Infinity : refuse();
  }

  readText(): void {
    this.readContent();
    this.#makeValid();
  }

  readBytes(): void {
    if (this.#hasTextBinary) this.readContent();
    else this.readBase64Content();
  }

  readUuidBytes(): void {
    // Braces, capitals and missing dashes are read too, so the text is worth being one.
    if (!parseUuid(this.readString(), uuidBytes, 0)) refuse();
    this.#foundAll(uuidBytes, uuidView);
  }

  readEnum(type: number): number {
    if (this.peek() !== QUOTE) return this.readInteger(I32_MIN, I32_MAX);
    const { words } = this.#program;
    this.readText();
    const descriptor = words[type + TypeWord.REF];
    const member = this.#find(words[descriptor + EnumWord.BY_NAME], words[descriptor + EnumWord.MASK], Member.NAME);
    if (member !== 0) return words[member + Member.NUMBER];
    return this.#takesText(type) ? this.#i32InText() : refuse();
  }

  /** The text as an i32 in decimal: no plus sign, no leading zero, no minus zero. */
  #i32InText(): number {
    const { text, textStart, textEnd } = this;
    const isNegative = text[textStart] === MINUS;
    const first = isNegative ? textStart + 1 : textStart;
    const digits = textEnd - first;
    if (digits < 1 || digits > 10 || (text[first] === 0x30 && (digits > 1 || isNegative))) refuse();
    let value = 0;
    for (let p = first; p < textEnd; p++) {
      const digit = text[p] ^ 0x30;
      if (digit > 9) refuse();
      value = value * 10 + digit;
    }
    const number = isNegative ? -value : value;
    return (number | 0) === number ? number : refuse();
  }
}
