/** Walks inputs in the protocols of Apache Thrift: fields go by ids, and the input says types and counts. */

import { UNKNOWN_FIELD_COST, type UnknownField } from "../codec/unknown.js";
import { skip } from "../protocol/skip.js";
import { refuse, type ThriftInput } from "./input/input.js";
import type { Output } from "./output/output.js";
import { Field, Header, Kind, type Program, ProgramFlag, Struct, StructFlag, TypeWord } from "./program.js";
import { Walker, type OpenStruct } from "./walk.js";

const NONE: readonly UnknownField[] = [];

export class ThriftWalker extends Walker {
  readonly #input: ThriftInput;
  readonly #maxSkipDepth: number;
  readonly #keeps: boolean;

  constructor(program: Program, input: ThriftInput, output: Output) {
    super(program, input, output);
    this.#input = input;
    this.#maxSkipDepth = program.limit(Header.MAX_SKIP_DEPTH);
    this.#keeps = program.has(ProgramFlag.KEEP_UNKNOWN);
  }

  protected override beginStruct(): void {
    this.#input.readStructBegin();
  }

  protected override endStruct(): void {
    this.#input.readStructEnd();
  }

  protected override fields(struct: OpenStruct): void {
    const { words } = this;
    const input = this.#input;
    let expected = words[struct.at + Struct.FIRST];
    let unknown: UnknownField[] | undefined;
    while (input.readFieldBegin()) {
      const id = input.fieldId;
      const field = expected !== 0 && words[expected + Field.ID] === id ? expected : this.#findField(struct.at, id);
      if (field !== 0 && words[field + Field.TTYPE] === input.fieldType) {
        expected = words[field + Field.NEXT];
        this.field(struct, field);
      } else if (this.#keeps) {
        (unknown ??= []).push(this.#readUnknown());
      } else {
        skip(input, input.fieldType, this.#maxSkipDepth);
      }
      input.readFieldEnd();
    }
    this.finish(struct);
    this.#endFields(struct, unknown ?? NONE);
  }

  /** @returns the word at which the field starts, 0 where there is none. */
  #findField(struct: number, id: number): number {
    const { words } = this;
    const table = words[struct + Struct.BY_ID];
    let low = 0;
    let high = words[struct + Struct.COUNT];
    while (low < high) {
      const middle = (low + high) >> 1;
      const field = words[table + middle];
      const found = words[field + Field.ID];
      if (found === id) return field;
      if (found < id) low = middle + 1;
      else high = middle;
    }
    return 0;
  }

  #readUnknown(): UnknownField {
    const input = this.#input;
    const { fieldId: id, fieldType: type } = input;
    this.charge(UNKNOWN_FIELD_COST.own);
    return { id, type, bytes: input.readRaw(type, this.#maxSkipDepth) };
  }

  /** Unknown fields follow the known ones; in a union a known one has replaced them. */
  #endFields(struct: OpenStruct, unknown: readonly UnknownField[]): void {
    const isUnion = (this.words[struct.at + Struct.FLAGS] & StructFlag.UNION) !== 0;
    if (isUnion) {
      const count = this.countUnion(struct);
      if (count === 1) return;
      if (unknown.length !== 1) return this.checkUnion(count);
    }
    for (const { type, id, bytes } of unknown) this.output.writeUnknown(type, id, bytes);
  }

  protected override elements(type: number): void {
    const { words, output } = this;
    const input = this.#input;
    const isSet = words[type + TypeWord.KIND] === Kind.set;
    if (isSet) input.readSetBegin();
    else input.readListBegin();
    const { size, elementType } = input;
    const element = words[type + TypeWord.REF];
    if (size > 0) {
      if (elementType !== words[element + TypeWord.TTYPE]) refuse();
      input.checkSize(words[type + TypeWord.MIN_BYTES], words[type + TypeWord.MAX_LENGTH] >>> 0);
    }
    this.charge(words[type + TypeWord.COST_OWN] + size * words[type + TypeWord.COST_EACH]);
    const start = output.beginElements(type, size);
    const width = words[element + TypeWord.COPIED];
    if (width > 0) {
      this.#copy(size * width);
    } else {
      for (let i = 0; i < size; i++) {
        output.nextElement();
        this.value(element);
      }
    }
    output.endElements(start, size);
    if (isSet) input.readSetEnd();
    else input.readListEnd();
  }

  #copy(count: number): void {
    const input = this.#input;
    input.readFixedContent(count);
    this.output.writeRange(input.textView, input.textStart, input.textEnd);
  }

  protected override map(type: number): void {
    const { words, output } = this;
    const input = this.#input;
    const key = words[type + TypeWord.REF];
    const value = words[type + TypeWord.VALUE];
    input.readMapBegin();
    const { size, keyType, elementType } = input;
    if (size > 0) {
      if (keyType !== words[key + TypeWord.TTYPE] || elementType !== words[value + TypeWord.TTYPE]) refuse();
      input.checkSize(words[type + TypeWord.MIN_BYTES], words[type + TypeWord.MAX_LENGTH] >>> 0);
    }
    this.charge(words[type + TypeWord.COST_OWN] + size * words[type + TypeWord.COST_EACH]);
    const start = output.beginEntries(type, size);
    const isCopied = words[key + TypeWord.COPIED] > 0 && words[value + TypeWord.COPIED] > 0;
    if (isCopied) {
      this.#copy(size * (words[key + TypeWord.COPIED] + words[value + TypeWord.COPIED]));
    } else {
      for (let i = 0; i < size; i++) {
        output.beginKey(type);
        this.value(key);
        output.beginValue(type);
        this.value(value);
        output.endEntry(type);
      }
    }
    output.endEntries(type, start, size);
    input.readMapEnd();
  }
}
