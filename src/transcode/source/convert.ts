/** Program → JavaScript source of a conversion: one function a struct, in the dialects of what is read and what is written. */

import { join, js, Names, NOTHING, type Code } from "../../codec/source/code.js";
import type { FieldType, ScalarKind, ValueType } from "../../codec/source/dialect.js";
import type { ValueTType } from "../../protocol/ttype.js";
import {
  Absent,
  Field,
  FIELD_WORDS,
  Header,
  HEADER_WORDS,
  Kind,
  KINDS,
  type Program,
  ProgramFlag,
  Struct,
  STRUCT_WORDS,
  StructFlag,
  TypeWord,
} from "../program.js";
import type { ReadSpelling, WriteSpelling } from "./wire.js";

/** Structs of up to so many fields are read by a chain of comparisons; longer ones switch on the id. As in codec/source/decode.ts. */
const LONGEST_CHAIN = 32;

const NO_LIMIT = 0xffff_ffff;

/** How input and output are spelled; the latter is absent where nothing is written. */
export interface Spellings {
  readonly read: ReadSpelling;
  readonly write: WriteSpelling | undefined;
}

/** The words at which the structs of a program start. */
export function structsOf({ words }: Program): number[] {
  return Array.from({ length: words[Header.STRUCTS + 1] }, (_, i) => words[Header.STRUCTS] + i * STRUCT_WORDS);
}

/** The name of the function that converts a struct. */
export function functionName(struct: number): Code {
  return js`convert${(struct - HEADER_WORDS) / STRUCT_WORDS}`;
}

/**
 * `function convert3(p, o)`: converts the struct at p, writes at o and returns the position behind it; `input.position` is
 * then behind what was read.
 *
 * It takes fields that come in order, each once, as all libraries write them. It fails at anything else, right or wrong.
 */
export function convertFunction(program: Program, struct: number, spellings: Spellings): Code {
  return new StructConversion(program, struct, spellings).emit();
}

class StructConversion {
  readonly #names = new Names();
  readonly #program: Program;
  readonly #words: Int32Array;
  readonly #struct: number;
  readonly #read: ReadSpelling;
  readonly #write: WriteSpelling | undefined;
  readonly #isUnion: boolean;
  readonly #counts: boolean;
  readonly #isChain: boolean;
  readonly #fields: readonly number[];

  constructor(program: Program, struct: number, { read, write }: Spellings) {
    this.#program = program;
    this.#words = program.words;
    this.#struct = struct;
    this.#read = read;
    this.#write = write;
    this.#isUnion = (this.#words[struct + Struct.FLAGS] & StructFlag.UNION) !== 0;
    this.#counts = (this.#words[struct + Struct.FLAGS] & StructFlag.COUNTS_DEPTH) !== 0;
    this.#isChain = this.#words[struct + Struct.COUNT] <= LONGEST_CHAIN;
    const first = this.#words[struct + Struct.FIELDS];
    this.#fields = Array.from({ length: this.#words[struct + Struct.COUNT] }, (_, i) => first + i * FIELD_WORDS);
  }

  emit(): Code {
    const { readHeader, isStop, structEnd, locals } = this.#read.dialect;
    const words = this.#words;
    const counts = this.#counts;
    return js`function ${functionName(this.#struct)}(p, o) {
  if (p >= input.end || (input.heap -= ${words[this.#struct + Struct.HEAP]}) < 0) fail();
${counts ? js`  if (++input.depth > maxDepth) fail();\n` : NOTHING}  var view = input.view, end = input.end, out = output.view, place = 0, needed = 0, v, hi = 0, lo = 0${locals}${this.#write?.dialect.locals ?? NOTHING};
  ${readHeader}
  for (;;) {
${this.#isChain ? this.#chain() : this.#switch()}    if (${isStop}) break;
    p = skipField(p, h);
    // A truncated message must not make the loop run on through the memory behind it.
    if (p >= end) fail();
    ${readHeader}
  }
${this.#end()}${counts ? js`  input.depth--;\n` : NOTHING}  input.position = ${structEnd};
  return o;
}`;
  }

  #chain(): Code {
    const { dialect } = this.#read;
    const tests = this.#fields.map(
      (field, i) =>
        js`    if (${dialect.isHeader(this.#fieldType(field))}) {\n${this.#field(field, i)}    }${this.#absent(field, i)}\n`,
    );
    // A field that follows an unknown one, or comes out of order, starts the chain anew; only when nothing matched is it unknown.
    return js`    var start = p;\n${join(tests, "")}    if (p !== start && !(${dialect.isStop}) && p < end) continue;\n`;
  }

  #switch(): Code {
    const { dialect } = this.#read;
    const cases = this.#fields.map((field, i) => {
      const type = this.#fieldType(field);
      return js`    case ${dialect.idBits(type)}: if (${dialect.isHeader(type)}) {\n${this.#field(field, i)}      if (!(${dialect.isStop}) && p >= end) fail();\n      continue; } break;\n`;
    });
    return js`    switch (h & 65535) {\n${join(cases, "")}    }\n`;
  }

  /** Converts the field whose header is h, and reads the next header. */
  #field(field: number, index: number): Code {
    const { enterField, readHeader } = this.#read.dialect;
    const counted = this.#isNeeded(field) ? js` needed++;` : NOTHING;
    return js`      if (place > ${index}) fail(); place = ${index + 1};${counted}\n      ${enterField}\n${this.#fieldValue(field)}      ${readHeader}\n`;
  }

  #fieldValue(field: number): Code {
    const type = this.#words[field + Field.TYPE];
    const fieldType = this.#fieldType(field);
    const header = this.#write?.dialect.header(fieldType, undefined, js`v`) ?? NOTHING;
    if (this.#words[type + TypeWord.KIND] !== Kind.bool) return js`${this.#put(header)}${this.#value(type)}`;
    // Of a bool the header may be all.
    const v = js`v`;
    const read = this.#read.dialect.fieldValue(fieldType, v) ?? this.#read.dialect.scalars.bool(v);
    const value = this.#write?.dialect.fieldValue(fieldType) ?? this.#write?.dialect.scalars.bool(v) ?? NOTHING;
    return js`${read}${this.#put(js`${header}${value}`)}`;
  }

  /** Behind a field in the chain: what is written where one that belongs behind it comes. Should it come after all, it is out of order. */
  #absent(field: number, index: number): Code {
    if (this.#words[field + Field.ABSENT] !== Absent.WRITE) return NOTHING;
    const depth = this.#words[field + Field.DEFAULT_DEPTH];
    const check = this.#counts && depth > 0 ? js` if (input.depth + ${depth} > maxDepth) fail();` : NOTHING;
    const { dialect } = this.#read;
    const isPast = js`${dialect.isStop} || (h & 65535) > ${dialect.idBits(this.#fieldType(field))}`;
    return js` else if (place <= ${index} && (${isPast})) { place = ${index + 1};${check}\n${this.#default(field)}    }`;
  }

  #default(field: number): Code {
    const start = this.#words[field + Field.DEFAULT];
    const fieldType = this.#fieldType(field);
    const { dialect } = this.#write!;
    const isTrue = this.#program.blob[start] === 1;
    const head = this.#put(dialect.header(fieldType, undefined, isTrue ? js`true` : js`false`));
    if (dialect.fieldValue(fieldType) !== undefined) return head;
    return js`${head}      o = putDefault(${start}, ${this.#words[field + Field.DEFAULT + 1]}, o); out = output.view;\n`;
  }

  /** A field that must be there; of a union one must. */
  #isNeeded(field: number): boolean {
    const absent = this.#words[field + Field.ABSENT];
    return this.#isUnion || (absent !== Absent.SKIP && !(absent === Absent.WRITE && this.#isChain));
  }

  #end(): Code {
    const needed = this.#isUnion ? 1 : this.#fields.filter((field) => this.#isNeeded(field)).length;
    const check = needed > 0 ? js`  if (needed !== ${needed}) fail();\n` : NOTHING;
    return js`${check}${this.#put(this.#write?.dialect.stop ?? NOTHING)}`;
  }

  #value(type: number): Code {
    const words = this.#words;
    const kind = words[type + TypeWord.KIND];
    const v = js`v`;
    switch (kind) {
      case Kind.i64:
        return js`${this.#read.i64}${this.#put(this.#write?.i64 ?? NOTHING)}`;
      case Kind.string:
      case Kind.binary:
        return this.#text(kind === Kind.string);
      case Kind.uuid:
        return js`      if (end - p < 16) fail();\n${this.#copy(js`16`)}`;
      case Kind.list:
      case Kind.set:
        return this.#elements(type);
      case Kind.map:
        return this.#map(type);
      case Kind.struct:
        return js`      o = ${functionName(words[type + TypeWord.REF])}(p, o); p = input.position; out = output.view;\n`;
      default: {
        const scalar = kind === Kind.enum ? "i32" : (KINDS[kind] as ScalarKind);
        return js`${this.#read.dialect.scalars[scalar](v)}${this.#put(this.#write?.dialect.scalars[scalar](v) ?? NOTHING)}`;
      }
    }
  }

  /** Statements that write less than SLACK, in a scope where p and view are those of the output. */
  #put(statements: Code): Code {
    if (this.#write === undefined || statements === NOTHING) return NOTHING;
    return js`      if (o > output.limit) { grow(o); out = output.view; }
      { let p = o, view = out;\n${statements}      o = p; }\n`;
  }

  #text(isText: boolean): Code {
    const n = this.#names.fresh`n`;
    const most = this.#program.limit(Header.MAX_STRING_BYTES);
    const limit = most === Infinity ? NOTHING : js` || ${n} > ${most}`;
    const check = isText && this.#program.has(ProgramFlag.STRICT_UTF8) ? js` checkUtf8(p, ${n});` : NOTHING;
    const put = this.#write === undefined ? NOTHING : js` o = putText(p, ${n}, o); out = output.view;`;
    return js`${this.#read.dialect.length(n)} if (${n} < 0 || ${n} > end - p${limit}) fail();${check}${put} p += ${n};\n`;
  }

  /** Values that both protocols spell alike, in one piece: the input was found to hold them. */
  #copy(bytes: Code): Code {
    const put = this.#write === undefined ? NOTHING : js` o = putBytes(p, ${bytes}, o); out = output.view;`;
    return js`     ${put} p += ${bytes};\n`;
  }

  #elements(type: number): Code {
    const element = this.#words[type + TypeWord.REF];
    const [count, code, i] = [this.#names.fresh`n`, this.#names.fresh`t`, this.#names.fresh`i`];
    const { read, isOther } = this.#read.dialect.listHeader({ count, type: code }, this.#valueType(element));
    const head = this.#put(this.#write?.dialect.listHeader(this.#valueType(element), count) ?? NOTHING);
    const width = this.#words[element + TypeWord.COPIED];
    const body =
      width > 0
        ? this.#copy(js`${count} * ${width}`)
        : js`      for (var ${i} = 0; ${i} < ${count}; ${i}++) {\n${this.#value(element)}      }\n`;
    return js`${read}${this.#checkCount(type, count, isOther)}${head}${body}`;
  }

  /** A count is checked by division against what is left of the message. */
  #checkCount(type: number, count: Code, isOther: Code): Code {
    const words = this.#words;
    const most = words[type + TypeWord.MAX_LENGTH] >>> 0;
    const limit = most === NO_LIMIT ? NOTHING : js` || ${count} > ${most}`;
    const minimum = words[type + TypeWord.MIN_BYTES];
    return js`      if (${count} !== 0 && (${isOther} || ${count} < 0${limit} || ${count} > (end - p) / ${minimum})) fail();
      if ((input.heap -= ${words[type + TypeWord.COST_OWN]} + ${count} * ${words[type + TypeWord.COST_EACH]}) < 0) fail();\n`;
  }

  #map(type: number): Code {
    const [key, value] = [this.#words[type + TypeWord.REF], this.#words[type + TypeWord.VALUE]];
    const types = [this.#valueType(key), this.#valueType(value)] as const;
    const names = this.#names;
    const [count, code, i, spare] = [names.fresh`n`, names.fresh`t`, names.fresh`i`, names.fresh`s`];
    const { read, isOther } = this.#read.dialect.mapHeader({ count, type: code }, ...types);
    const output = { entries: count, count, spare };
    const begin = this.#put(this.#write?.dialect.mapBegin(output, ...types) ?? NOTHING);
    const end = this.#put(this.#write?.dialect.mapEnd(output) ?? NOTHING);
    const loop = js`      for (var ${i} = 0; ${i} < ${count}; ${i}++) {\n${this.#value(key)}${this.#value(value)}      }\n`;
    return js`${read}${this.#checkCount(type, count, isOther)}${begin}${loop}${end}`;
  }

  #fieldType(field: number): FieldType {
    return { id: this.#words[field + Field.ID], value: this.#valueType(this.#words[field + Field.TYPE]) };
  }

  #valueType(type: number): ValueType {
    return { kind: KINDS[this.#words[type + TypeWord.KIND]], ttype: this.#words[type + TypeWord.TTYPE] as ValueTType };
  }
}
