/**
 * Walks a program and an input together, and writes: what the back ends of the codec do in two steps, decode and encode,
 * in one. Nothing here knows protocols: inputs and outputs do.
 *
 * What is refused is refused in whatever order it is found: the codecs will say what comes first.
 */

import { FieldLog, type LoggedStruct } from "./field-log.js";
import { refuse, type Input } from "./input/input.js";
import type { Output } from "./output/output.js";
import {
  Absent,
  Field,
  FIELD_WORDS,
  Header,
  Kind,
  ProtocolCode,
  type Program,
  Struct,
  StructFlag,
  TypeWord,
} from "./program.js";

/** A struct whose fields are being written. */
export interface OpenStruct extends LoggedStruct {
  /** Where its first field starts in the output; -1 before there is one. */
  start: number;
  /** Place of the field that comes next in the output. */
  next: number;
  /** Fields came in another order than that of the output, or twice. */
  isUnordered: boolean;
  /** A default was left out since it would nest too deep. */
  lacksDefault: boolean;
}

export abstract class Walker {
  protected readonly words: Int32Array;
  protected readonly output: Output;
  protected readonly log: FieldLog;
  readonly #input: Input;
  readonly #maxDepth: number;
  readonly #maxHeap: number;
  readonly #root: number;
  readonly #writes: boolean;
  #depth = 0;
  #heap = 0;

  constructor(program: Program, input: Input, output: Output) {
    this.words = program.words;
    this.output = output;
    this.log = new FieldLog(program.words);
    this.#input = input;
    this.#maxDepth = program.limit(Header.MAX_DEPTH);
    this.#maxHeap = program.limit(Header.MAX_HEAP_BYTES);
    this.#root = program.words[Header.ROOT];
    this.#writes = program.words[Header.TO] !== ProtocolCode.none;
  }

  /** Converts what the input stands at. @throws ProtocolError where input or output are refused. */
  walk(): void {
    this.#depth = 0;
    this.#heap = this.#maxHeap;
    this.log.reset();
    this.output.reset();
    this.#struct(this.#root);
  }

  protected abstract beginStruct(): void;
  protected abstract endStruct(): void;
  /** Reads the fields of a struct and hands each to {@link field} or {@link unset}. */
  protected abstract fields(struct: OpenStruct): void;
  /** A list or set. */
  protected abstract elements(type: number): void;
  protected abstract map(type: number): void;

  protected charge(bytes: number): void {
    this.#heap -= bytes;
    if (this.#heap < 0) refuse();
  }

  protected value(type: number): void {
    const { output } = this;
    const input = this.#input;
    switch (this.words[type + TypeWord.KIND]) {
      case Kind.bool:
        return output.writeBool(input.readBool(type));
      case Kind.i8:
        return output.writeI8(input.readI8(type), type);
      case Kind.i16:
        return output.writeI16(input.readI16(type), type);
      case Kind.i32:
        return output.writeI32(input.readI32(type), type);
      case Kind.i64:
        input.readI64Words(type);
        return output.writeI64Words(type);
      case Kind.double:
        return output.writeDouble(input.readDouble(type), type);
      case Kind.string:
        input.readText();
        return output.writeText(input);
      case Kind.binary:
        input.readBytes();
        return output.writeBytes(input);
      case Kind.uuid:
        input.readUuidBytes();
        return output.writeUuidBytes(input);
      case Kind.enum:
        return output.writeEnum(input.readEnum(type), type);
      case Kind.map:
        return this.map(type);
      case Kind.struct:
        return this.#struct(this.words[type + TypeWord.REF]);
      default:
        return this.elements(type);
    }
  }

  #struct(at: number): void {
    const { words, output, log } = this;
    const counts = (words[at + Struct.FLAGS] & StructFlag.COUNTS_DEPTH) !== 0;
    if (counts && ++this.#depth > this.#maxDepth) refuse();
    this.charge(words[at + Struct.HEAP]);
    const { setsTop: sets, spansTop: spans } = log;
    const struct = { at, sets, spans, start: -1, next: 0, isUnordered: false, lacksDefault: false };
    log.open(at);
    this.beginStruct();
    output.beginStruct();
    this.fields(struct);
    output.endStruct();
    this.endStruct();
    log.close(struct);
    if (counts) this.#depth--;
  }

  /** Converts a field that the input stands at. */
  protected field(struct: OpenStruct, field: number): void {
    const { output, words, log } = this;
    const place = words[field + Field.PLACE];
    if (place >= struct.next) this.#fillUpTo(struct, place);
    else struct.isUnordered = true;
    log.see(struct, place);
    const start = output.beginField(field);
    if (struct.start < 0) struct.start = start;
    this.value(words[field + Field.TYPE]);
    output.endField();
    if (this.#writes) log.wrote(struct, place, start, output.position);
  }

  /** A field that the input says to be absent, whatever it said before. */
  protected unset(struct: OpenStruct, field: number): void {
    const place = this.words[field + Field.PLACE];
    if (!this.log.hasSeen(struct, place)) return;
    this.log.forget(struct, place);
    this.log.unwrite(struct, place);
    struct.isUnordered = true;
    this.#fill(struct, field);
  }

  /** Ends a struct, whose fields were all read. */
  protected finish(struct: OpenStruct): void {
    const { words, log, output } = this;
    this.#fillUpTo(struct, words[struct.at + Struct.COUNT]);
    if (!log.isComplete(struct)) refuse();
    if (struct.lacksDefault) this.#checkDefaults(struct);
    if (struct.isUnordered) output.arrange(struct.start, log.segments(struct));
  }

  /** How many fields of a union are set, up to two; 1 for other structs. @throws where a union has two. */
  protected countUnion(struct: OpenStruct): number {
    if ((this.words[struct.at + Struct.FLAGS] & StructFlag.UNION) === 0) return 1;
    const count = this.log.countSeen(struct);
    return count > 1 ? refuse() : count;
  }

  /** A union of which nothing is set can be read, not written. */
  protected checkUnion(count: number): void {
    if (count === 0 && this.#writes) refuse();
  }

  /** Writes what absent fields are to be, up to a place in the order; they may come later all the same. */
  #fillUpTo(struct: OpenStruct, place: number): void {
    const { words } = this;
    let field = words[struct.at + Struct.FIELDS] + struct.next * FIELD_WORDS;
    for (let at = struct.next; at < place; at++, field += FIELD_WORDS) this.#fill(struct, field);
    struct.next = place + 1;
  }

  /** Writes what an absent field is to be, if anything. */
  #fill(struct: OpenStruct, field: number): void {
    const { words, output } = this;
    if (words[field + Field.ABSENT] !== Absent.WRITE) return;
    if (this.#nestsTooDeep(struct, field)) {
      struct.lacksDefault = true;
      return;
    }
    const start = output.writeAbsent(field);
    if (struct.start < 0) struct.start = start;
    this.log.wrote(struct, words[field + Field.PLACE], start, output.position);
  }

  #nestsTooDeep({ at }: OpenStruct, field: number): boolean {
    const { words } = this;
    const counts = (words[at + Struct.FLAGS] & StructFlag.COUNTS_DEPTH) !== 0;
    return counts && this.#depth + words[field + Field.DEFAULT_DEPTH] > this.#maxDepth;
  }

  #checkDefaults(struct: OpenStruct): void {
    const { words, log } = this;
    const first = words[struct.at + Struct.FIELDS];
    for (let place = 0; place < words[struct.at + Struct.COUNT]; place++) {
      const field = first + place * FIELD_WORDS;
      if (words[field + Field.ABSENT] !== Absent.WRITE || log.hasSeen(struct, place)) continue;
      if (this.#nestsTooDeep(struct, field)) refuse();
    }
  }
}
