/** Two plans, of the decoder and of the encoder that a conversion stands for, become one program. program.ts draws it. */

import { isScalar, takesText } from "../codec/json/value.js";
import type { ResolvedOptions } from "../codec/options.js";
import { planStruct, type FieldPlan, type Plan, type StructPlan, type ValuePlan } from "../codec/plan.js";
import {
  BINARY_FIXED,
  COMPACT_FIXED,
  TJSON_FIXED,
  TType,
  type FixedBytes,
  type ValueTType,
} from "../protocol/ttype.js";
import type { EnumDescriptor, EnumMemberDescriptor, FieldDescriptor, StructDescriptor } from "../schema/descriptor.js";
import { Blob } from "./blob.js";
import { absentField, type AbsentField } from "./absent.js";
import { fieldHead, jsonText } from "./field-head.js";
import type { CodecPair } from "./options.js";
import * as P from "./program.js";

/** Stands for limits that a word cannot hold, and which no input reaches. */
const NO_LIMIT = 0xffff_ffff;

const FIXED: Readonly<Record<P.Output, FixedBytes>> = {
  binary: BINARY_FIXED,
  compact: COMPACT_FIXED,
  tjson: TJSON_FIXED,
  // Nothing has a fixed width there either.
  json: TJSON_FIXED,
  none: TJSON_FIXED,
};

/**
 * Lowers a type.
 *
 * @param output what is written: the protocol of the encoder, or `none` for a program that only checks its input.
 */
export function lower(descriptor: StructDescriptor, pair: CodecPair, output: P.Output = pair.to.protocol): ArrayBuffer {
  return new Lowering(planStruct(descriptor, pair.from), planStruct(descriptor, pair.to), output).emit();
}

/** A type, with indices in place of the words at which what it refers to starts. */
type TypeRecord = readonly number[];

/** A struct as the decoder and the encoder see it, with the words at which its fields start. */
interface StructPair {
  readonly from: StructPlan;
  readonly to: StructPlan;
  /** In the order of the output. */
  readonly fields: readonly FieldPair[];
  readonly firstField: number;
}

interface FieldPair {
  readonly descriptor: FieldDescriptor;
  readonly from: FieldPlan;
  readonly to: FieldPlan;
  readonly type: number;
}

/** What a field is among those of its struct. */
interface FieldLink {
  readonly place: number;
  /** The word at which the field starts that follows in the input. */
  readonly next: number;
  readonly absent: AbsentField;
}

/** Where the kinds of records start, in words. */
interface Sections {
  readonly fields: number;
  readonly types: number;
  readonly enums: number;
  readonly members: number;
  readonly tables: number;
}

class Lowering {
  readonly #from: ResolvedOptions;
  readonly #to: ResolvedOptions;
  readonly #output: P.Output;
  readonly #root: number;
  readonly #structs: readonly StructPair[];
  readonly #types: TypeRecord[] = [];
  readonly #typeIndex = new Map<string, number>();
  readonly #enums: EnumDescriptor[] = [];
  readonly #sections: Sections;
  readonly #words: number[];
  readonly #tables: number[] = [];
  readonly #blob = new Blob();

  constructor(from: Plan, to: Plan, output: P.Output) {
    this.#from = from.options;
    this.#to = to.options;
    this.#output = output;
    this.#root = from.root.index;
    this.#structs = this.#pairStructs(from.structs, to.structs);
    this.#sections = this.#measure();
    this.#words = new Array<number>(this.#sections.tables).fill(0);
  }

  emit(): ArrayBuffer {
    for (const struct of this.#structs) this.#putStruct(struct);
    this.#types.forEach((type, i) => this.#putType(type, this.#sections.types + i * P.TYPE_WORDS));
    this.#putEnums();
    const bytes = this.#blob.finish();
    const wordCount = this.#sections.tables + this.#tables.length;
    this.#putHeader(wordCount * 4, bytes.length);
    const program = new ArrayBuffer(8 * Math.ceil((wordCount * 4 + bytes.length) / 8));
    new Uint32Array(program).set([...this.#words, ...this.#tables].map((word) => word >>> 0));
    new Uint8Array(program).set(bytes, wordCount * 4);
    putLimits(new Float64Array(program), this.#from);
    return program;
  }

  /** Both plans number structs alike: both were made of one descriptor. */
  #pairStructs(from: readonly StructPlan[], to: readonly StructPlan[]): StructPair[] {
    let firstField = P.HEADER_WORDS + from.length * P.STRUCT_WORDS;
    return from.map((struct, i) => {
      const pair = { from: struct, to: to[i], fields: this.#pairFields(struct, to[i]), firstField };
      firstField += pair.fields.length * P.FIELD_WORDS;
      return pair;
    });
  }

  #pairFields(from: StructPlan, to: StructPlan): FieldPair[] {
    const declared = from.properties.map((field, i): FieldPair => {
      const other = to.properties[i];
      const type = this.#internType(field.value, other.value);
      return { descriptor: from.descriptor.fields[i], from: field, to: other, type };
    });
    return this.#output === "json" ? declared : declared.toSorted((a, b) => a.from.id - b.from.id);
  }

  /** @returns the index of the type: what looks alike is one. */
  #internType(from: ValuePlan, to: ValuePlan): number {
    const record = this.#typeRecord(from, to);
    const key = record.join();
    const known = this.#typeIndex.get(key);
    if (known !== undefined) return known;
    this.#types.push(record);
    this.#typeIndex.set(key, this.#types.length - 1);
    return this.#types.length - 1;
  }

  #typeRecord(from: ValuePlan, to: ValuePlan): TypeRecord {
    const record = new Array<number>(P.TYPE_WORDS).fill(0);
    record[P.TypeWord.KIND] = P.Kind[from.kind];
    record[P.TypeWord.TTYPE] = from.ttype;
    record[P.TypeWord.FLAGS] =
      (takesText(from, this.#from.json) || from.kind === "i64" ? P.TypeFlag.READS_TEXT : 0) |
      (to.asText ? P.TypeFlag.WRITES_TEXT : 0) |
      (from.kind === "map" && isScalar(from.key) ? P.TypeFlag.OBJECT : 0);
    if (from.kind === "list" || from.kind === "set") {
      record[P.TypeWord.REF] = this.#internType(from.element, (to as typeof from).element);
      record[P.TypeWord.MIN_BYTES] = from.element.minBytes;
    } else if (from.kind === "map") {
      record[P.TypeWord.REF] = this.#internType(from.key, (to as typeof from).key);
      record[P.TypeWord.VALUE] = this.#internType(from.value, (to as typeof from).value);
      record[P.TypeWord.MIN_BYTES] = from.key.minBytes + from.value.minBytes;
    } else if (from.kind === "struct") {
      record[P.TypeWord.REF] = from.struct.index;
    } else if (from.kind === "enum") {
      record[P.TypeWord.REF] = this.#enumIndex(from.descriptor);
    }
    if ("cost" in from) {
      record[P.TypeWord.MAX_LENGTH] = Math.min(from.maxLength, NO_LIMIT);
      record[P.TypeWord.COST_OWN] = from.cost.own;
      record[P.TypeWord.COST_EACH] = from.cost.each;
    }
    record[P.TypeWord.FIXED] = FIXED[this.#from.protocol][from.ttype];
    record[P.TypeWord.COPIED] = this.#copiedBytes(from.ttype);
    return record;
  }

  /** A bool is not copied: what is neither 0 nor 1 becomes false. */
  #copiedBytes(ttype: ValueTType): number {
    const fixed = FIXED[this.#from.protocol][ttype];
    if (this.#output === "none") return fixed;
    if (ttype === TType.BOOL) return 0;
    if (this.#output === this.#from.protocol) return fixed;
    return (ttype === TType.I8 || ttype === TType.UUID) && FIXED[this.#output][ttype] > 0 ? fixed : 0;
  }

  #enumIndex(descriptor: EnumDescriptor): number {
    const known = this.#enums.indexOf(descriptor);
    return known >= 0 ? known : this.#enums.push(descriptor) - 1;
  }

  #measure(): Sections {
    const fields = P.HEADER_WORDS + this.#structs.length * P.STRUCT_WORDS;
    const count = this.#structs.reduce((sum, struct) => sum + struct.fields.length, 0);
    const types = fields + count * P.FIELD_WORDS;
    const enums = types + this.#types.length * P.TYPE_WORDS;
    const members = enums + this.#enums.length * P.ENUM_WORDS;
    const memberCount = this.#enums.reduce((sum, { members: { length } }) => sum + length, 0);
    return { fields, types, enums, members, tables: members + memberCount * P.MEMBER_WORDS };
  }

  #putStruct(struct: StructPair): void {
    const { from, fields, firstField } = struct;
    const at = P.HEADER_WORDS + from.index * P.STRUCT_WORDS;
    const addressOf = (field: FieldPair): number => firstField + fields.indexOf(field) * P.FIELD_WORDS;
    const isJson = this.#from.protocol === "json";
    const byId = fields.toSorted((a, b) => a.from.id - b.from.id);
    // Members come in the order of declaration, fields in that of ids.
    const input = isJson ? from.properties.map((plan) => fields.find((field) => field.from === plan)!) : byId;
    const absent = fields.map((field) => absentField(this.#output, field, from.descriptor, this.#to));
    const required = absent.flatMap((field, i) => (refuses(field) ? [i] : []));
    const setWords = Math.max(1, Math.ceil(fields.length / 32));
    this.#put(at + P.Struct.FLAGS, [
      (from.descriptor.variant === "union" ? P.StructFlag.UNION : 0) |
        (from.countsDepth ? P.StructFlag.COUNTS_DEPTH : 0),
      firstField,
      fields.length,
      from.heapBytes,
      input.length > 0 ? addressOf(input[0]) : 0,
      isJson ? 0 : this.#table(byId.map(addressOf)),
      ...(isJson ? this.#nameTable(fields.map((field) => [field.from.member, addressOf(field)])) : [0, 0]),
      setWords,
      this.#table(bitSet(required, setWords)),
      ...this.#blob.addText(from.descriptor.name),
    ]);
    fields.forEach((field, place) => {
      const next = input[input.indexOf(field) + 1];
      const link = { place, next: next === undefined ? 0 : addressOf(next), absent: absent[place] };
      this.#putField(firstField + place * P.FIELD_WORDS, field, link);
    });
  }

  #putField(at: number, field: FieldPair, { place, next, absent }: FieldLink): void {
    const { from, to } = field;
    const { member } = this.#from.protocol === "json" ? from : to;
    this.#put(at, [
      from.id,
      this.#sections.types + field.type * P.TYPE_WORDS,
      place,
      next,
      absent.absent,
      ...this.#blob.addText(member),
      ...this.#blob.add(jsonText(member)),
      ...this.#blob.add(fieldHead(this.#output, to)),
      ...this.#blob.add(absent.bytes),
      absent.depth,
      from.value.ttype,
    ]);
  }

  #putType(record: TypeRecord, at: number): void {
    this.#put(at, record);
    const { types, enums } = this.#sections;
    const ref = record[P.TypeWord.REF];
    const value = record[P.TypeWord.VALUE];
    switch (record[P.TypeWord.KIND]) {
      case P.Kind.map:
        this.#words[at + P.TypeWord.VALUE] = types + value * P.TYPE_WORDS;
        this.#words[at + P.TypeWord.REF] = types + ref * P.TYPE_WORDS;
        break;
      case P.Kind.list:
      case P.Kind.set:
        this.#words[at + P.TypeWord.REF] = types + ref * P.TYPE_WORDS;
        break;
      case P.Kind.struct:
        this.#words[at + P.TypeWord.REF] = P.HEADER_WORDS + ref * P.STRUCT_WORDS;
        break;
      case P.Kind.enum:
        this.#words[at + P.TypeWord.REF] = enums + ref * P.ENUM_WORDS;
        break;
    }
  }

  #putEnums(): void {
    let at = this.#sections.members;
    this.#enums.forEach((descriptor, i) => {
      // Sorting is stable: of those that share a number the first declared stays the first.
      const members = descriptor.members.toSorted((a, b) => a.value - b.value);
      const first = at;
      const addresses = members.map(({ name }, k): [string, number] => [name, first + k * P.MEMBER_WORDS]);
      this.#put(this.#sections.enums + i * P.ENUM_WORDS, [
        ...this.#blob.addText(descriptor.name),
        first,
        members.length,
        ...this.#nameTable(addresses),
      ]);
      for (const member of members) {
        this.#putMember(member, at);
        at += P.MEMBER_WORDS;
      }
    });
  }

  #putMember({ name, value }: EnumMemberDescriptor, at: number): void {
    this.#put(at, [value, ...this.#blob.addText(name), ...this.#blob.add(jsonText(name))]);
  }

  #putHeader(blobOffset: number, blobBytes: number): void {
    const { fields, types, enums, members, tables } = this.#sections;
    const counts = { fields: (types - fields) / P.FIELD_WORDS, members: (tables - members) / P.MEMBER_WORDS };
    this.#put(0, [
      P.MAGIC,
      P.VERSION,
      P.ProtocolCode[this.#from.protocol],
      P.ProtocolCode[this.#output],
      flagsOf(this.#from, this.#to),
      P.HEADER_WORDS + this.#root * P.STRUCT_WORDS,
      P.HEADER_WORDS,
      this.#structs.length,
      fields,
      counts.fields,
      types,
      this.#types.length,
      enums,
      this.#enums.length,
      members,
      counts.members,
      tables,
      this.#tables.length,
      blobOffset,
      blobBytes,
    ]);
  }

  #put(at: number, words: readonly number[]): void {
    for (let i = 0; i < words.length; i++) this.#words[at + i] = words[i];
  }

  /** @returns the word at which the table starts. */
  #table(words: readonly number[]): number {
    const at = this.#sections.tables + this.#tables.length;
    // Not spread into a call: the stack would be the limit.
    for (const word of words) this.#tables.push(word);
    return at;
  }

  /** @returns the word at which a hash table starts, and its slots - 1. */
  #nameTable(entries: readonly (readonly [name: string, address: number])[]): [number, number] {
    const mask = 2 ** Math.ceil(Math.log2(Math.max(1, entries.length) * 2)) - 1;
    const slots = new Array<number>(mask + 1).fill(0);
    for (const [name, address] of entries) {
      const bytes = encoder.encode(name);
      let slot = P.hashName(bytes, 0, bytes.length) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = address;
    }
    return [this.#table(slots), mask];
  }
}

const encoder = new TextEncoder();

function refuses({ absent }: AbsentField): boolean {
  return absent === P.Absent.REFUSE || absent === P.Absent.FAIL;
}

function bitSet(members: readonly number[], words: number): number[] {
  const set = new Array<number>(words).fill(0);
  for (const member of members) set[member >> 5] |= 1 << (member & 31);
  return set;
}

function flagsOf(from: ResolvedOptions, to: ResolvedOptions): number {
  const json = from.protocol === "json" ? from.json : to.json;
  const bits: readonly (readonly [boolean, number])[] = [
    [from.utf8 === "strict", P.ProgramFlag.STRICT_UTF8],
    [from.trailingBytes === "ignore", P.ProgramFlag.IGNORE_TRAILING],
    [from.unknownFields === "refuse", P.ProgramFlag.REFUSE_UNKNOWN],
    [from.unknownFields === "keep", P.ProgramFlag.KEEP_UNKNOWN],
    [json.noBase64Binary, P.ProgramFlag.TEXT_BINARY],
    [json.byteAsUint8, P.ProgramFlag.UNSIGNED_I8],
    [json.nonFinite === "string", P.ProgramFlag.NON_FINITE_TEXT],
    [json.nonFinite === "null", P.ProgramFlag.NON_FINITE_NULL],
    [to.enums === "name", P.ProgramFlag.ENUM_NAMES],
  ];
  return bits.reduce((flags, [isOn, bit]) => flags | (isOn ? bit : 0), 0);
}

function putLimits(doubles: Float64Array, { limits }: ResolvedOptions): void {
  doubles[P.Header.MAX_MESSAGE_BYTES / 2] = limits.maxMessageBytes;
  doubles[P.Header.MAX_DEPTH / 2] = limits.maxDepth;
  doubles[P.Header.MAX_SKIP_DEPTH / 2] = limits.maxSkipDepth;
  doubles[P.Header.MAX_STRING_BYTES / 2] = limits.maxStringBytes;
  doubles[P.Header.MAX_HEAP_BYTES / 2] = limits.maxHeapBytes;
}
